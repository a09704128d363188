"""Weeks, months, quarters and years by number: which period a day belongs to, and on which days that begins and ends."""

from __future__ import annotations

import numpy as np

__all__ = ["LENGTHS", "last_weekdays", "period_bounds", "period_numbers", "period_text"]

LENGTHS = {"day": 1.0, "week": 7.0, "month": 30.4375, "quarter": 91.3125, "year": 365.25}
"""Calendar days in each period, on average."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONDAY = 3  # 1970-01-01 was a Thursday


def period_numbers(days: np.ndarray, period: str) -> np.ndarray:
    """Return the number of the period in which each day lies; weeks run from Monday (ISO 8601).

    Parameters
    ----------
    days
        Of any type of datetime64.
    period
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
    """
    whole = days.astype("datetime64[D]")
    if period in ("day", "week"):
        numbers: np.ndarray = whole.astype(np.int64)
        return numbers if period == "day" else (numbers + _MONDAY) // 7
    months: np.ndarray = whole.astype("datetime64[M]").astype(np.int64)
    return months // _MONTHS[period]


def period_bounds(numbers: np.ndarray, period: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last calendar day of each period, as datetime64[D]."""
    if period in ("day", "week"):
        length = 1 if period == "day" else 7
        first = (numbers * length - (_MONDAY if period == "week" else 0)).astype("datetime64[D]")
        return first, first + np.timedelta64(length - 1, "D")
    months = numbers * _MONTHS[period]
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    return first, (months + _MONTHS[period]).astype("datetime64[M]").astype("datetime64[D]") - np.timedelta64(1, "D")


def last_weekdays(numbers: np.ndarray, period: str) -> np.ndarray:
    """Return the last day of each period that is no Saturday or Sunday, as datetime64[D]."""
    last: np.ndarray = np.busday_offset(period_bounds(numbers, period)[1], 0, roll="backward")
    return last


def period_text(number: int, period: str) -> str:
    """Return a period as one reads it: ``2024-05``, ``2024 Q2``, ``2024``, ``the week from 2024-05-06``."""
    first = period_bounds(np.array([number]), period)[0][0]
    if period == "month":
        return str(first.astype("datetime64[M]"))
    year = str(first.astype("datetime64[Y]"))
    if period == "quarter":
        return f"{year} Q{number % 4 + 1}"
    return year if period == "year" else str(first) if period == "day" else f"the week from {first}"
