"""Measure strategies in named episodes of history."""
