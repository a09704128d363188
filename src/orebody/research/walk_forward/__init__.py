"""Choose parameters on the past, trade them on the period that follows, and repeat."""
