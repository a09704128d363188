"""Research: many runs at once, and what they say together."""
