"""Markets: aligned, validated bars of a metal and its miners."""
