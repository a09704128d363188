"""Evaluate one strategy at many points of its parameters."""
