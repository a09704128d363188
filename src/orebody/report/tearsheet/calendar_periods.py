"""What a bar is called on a tearsheet."""

from __future__ import annotations

__all__ = ["bar_adjective", "bar_name"]

_NAMES = {365.0: "day", 252.0: "day", 52.0: "week"}
_ADJECTIVES = {365.0: "daily", 252.0: "daily", 52.0: "weekly", 12.0: "monthly", 4.0: "quarterly", 1.0: "yearly"}


def bar_name(periods_per_year: float) -> str:
    """Return what a bar is called: day, week, or bar. A monthly bar is a bar, so that it is not taken for a calendar month."""
    return _NAMES.get(periods_per_year, "bar")


def bar_adjective(periods_per_year: float) -> str:
    """Return daily, weekly, monthly, quarterly or yearly, or nothing for bars at other distances."""
    return _ADJECTIVES.get(periods_per_year, "")
