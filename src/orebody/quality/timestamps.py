"""What can be wrong with the dates of rows: zones and times of day, order, repetition."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.quality.calendars import zone_of
from orebody.quality.finding import Finding, Fix

__all__ = ["daily", "find_disorder", "find_duplicates", "find_times_of_day", "session_days"]

_SAME = 1e-5  # relative: copies that differ less differ by the width of a number, not by a price
_UTC = ("UTC", "UTC+00:00", "Etc/UTC", "GMT")
_WEEKDAYS = 0.95
_NONE = np.timedelta64(0, "ns")
_DAILY = np.timedelta64(12, "h")  # rows usually farther apart than this stand for days


def session_days(ticker: str, index: pd.Index, calendar: str | None) -> pd.DatetimeIndex:
    """Return the local time of each row without a zone.

    Their own where all of it is midnight, or in another zone than UTC; otherwise that of the exchange, or of New York where neither
    code nor suffix names one.

    Raises
    ------
    DataError
        For rows that are not labelled by dates, or have none.
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise DataError(f"{ticker}: the rows are labelled by {type(index).__name__}, not by dates: give the frame a DatetimeIndex")
    if index.hasnans:
        raise DataError(f"{ticker}: row {int(np.flatnonzero(index.isna())[0]) + 1} has no date")
    if index.tz is None:
        return index
    own = index.tz_localize(None)
    if (own.to_numpy() == own.to_numpy().astype("datetime64[D]")).all() or calendar is None or str(index.tz) not in _UTC:
        return own
    return index.tz_convert(zone_of(calendar)).tz_localize(None)


def daily(local: pd.DatetimeIndex) -> bool:
    """Return whether rows stand for days, or for longer: a few times of day among them do not make bars of hours."""
    steps = np.diff(local.to_numpy())
    if not ((steps > _NONE).all() or (steps < _NONE).all()):
        steps = np.diff(np.unique(local.to_numpy()))
    return bool(2 * np.count_nonzero(np.abs(steps) > _DAILY) >= len(steps))


def find_times_of_day(ticker: str, index: pd.DatetimeIndex, local: pd.DatetimeIndex, *, by_day: bool) -> list[Finding]:
    """Find dates that carry a zone or, where rows stand for days, a time of day.

    Local dates that fall on weekends were taken in the wrong zone; no repair guesses another.
    """
    times = local.to_numpy()
    timed = times != times.astype("datetime64[D]")
    if index.tz is None and not (by_day and timed.any()):
        return []
    days = local.normalize()
    if index.tz is None:
        what = f"{int(timed.sum())} rows carry a time of day, the first {local[timed][0]}"
    else:
        what = f"the dates carry the time zone {index.tz}, the first {index[0]}"
    what += "; name each session by its local date"
    fix = None
    if np.is_busday(days.to_numpy().astype("datetime64[D]")).mean() < _WEEKDAYS:
        what += ", which cannot be told from these"
    else:
        fix = Fix("dates", dates=days if by_day else local)
    return [Finding(ticker, "stamps", days.min(), days.max(), len(index), True, what, fix)]


def find_duplicates(ticker: str, days: pd.DatetimeIndex, values: dict[str, np.ndarray]) -> list[Finding]:
    """Find days that stand more than once; the copies can be taken out where all of them agree."""
    if days.is_unique:
        return []
    again = np.asarray(days.duplicated())
    code, names = pd.factorize(days)
    first = np.flatnonzero(~again)[code]
    differs = np.zeros(len(days), dtype=bool)
    for column in values.values():
        there, here = column[first], column
        differs |= ~(np.isclose(here, there, rtol=_SAME, atol=0) | (np.isnan(here) & np.isnan(there)))
    twice = names[np.unique(code[again])]
    what = f"{int(again.sum())} rows repeat {len(twice)} dates, up to {int(np.bincount(code).max())} rows a date"
    fix = Fix("rows", np.flatnonzero(again))
    if differs.any():
        at = int(np.flatnonzero(differs)[0])
        odd = len(np.unique(code[differs]))
        closes = f"close {values['close'][first[at]]:.6g} and {values['close'][at]:.6g}"
        what += f"; the copies of {odd} of them disagree, first on {days[at].date()} ({closes}): which is right cannot be told"
        what += "; fetch the data again"
        return [Finding(ticker, "duplicates", twice.min(), twice.max(), int(again.sum()), True, what)]
    what += ", all alike; keep one of each"
    return [Finding(ticker, "duplicates", twice.min(), twice.max(), int(again.sum()), True, what, fix)]


def find_disorder(ticker: str, stamps: pd.DatetimeIndex) -> list[Finding]:
    """Find dates that neither ascend nor descend, once repeated ones are left out."""
    once = stamps if stamps.is_unique else stamps[~np.asarray(stamps.duplicated())]
    if once.is_monotonic_increasing or once.is_monotonic_decreasing:
        return []
    steps = np.diff(once.to_numpy()) < np.timedelta64(0, "ns")
    back = np.flatnonzero(steps if 2 * steps.sum() <= len(steps) else ~steps)
    at = int(back[0])
    what = f"the dates neither ascend nor descend: {once[at + 1].date()} follows {once[at].date()} ({len(back)} such places); sort the rows"
    return [Finding(ticker, "order", once.min().normalize(), once.max().normalize(), len(back), True, what, Fix("order"))]
