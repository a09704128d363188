"""Markets: aligned, validated bars of a metal and its miners, and the sources they come from."""
