"""Dated side series (rates, gauges) put on a market's bars, point in time; and what a date is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError, UnknownNameError, unknown_name
from orebody.market.bar_spacing import refusal_of_zone
from orebody.market.years import YEARS

__all__ = ["as_of", "check_gauges", "day", "no_gauge", "periods_per_year", "refuse_far", "ticks"]

_CONVENTIONS = (252.0, 52.0, 12.0, 4.0, 1.0)
_EVERY_DAY = 365.0
_NEAR = 0.04  # exchanges count 242 to 254 days a year, all weekdays are 261
_ENDS = 3.0  # calendar days by which the first and last bar make a short history longer or shorter


def as_of(value: float | pd.Series, dates: pd.DatetimeIndex, what: str, *, covered: bool) -> np.ndarray:
    """Return what was known at the close of each bar: the last value dated at or before it.

    Parameters
    ----------
    value
        A number that holds throughout, or a Series with a `DatetimeIndex`.
    dates
        The bars, ascending.
    what
        Name of the series, for messages.
    covered
        It is a rate that must be known throughout: refuse a series that begins after the first bar, and values that are no fractions.
        Otherwise those bars are NaN: nothing was known yet.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``, read-only.

    Raises
    ------
    DataError
        For values that are not finite numbers, dates that are repeated, not ascending or not in `YEARS`, or a series that starts too late.
    """
    if isinstance(value, pd.Series):
        out = _last_known_values(value, dates, what, covered=covered)
    else:
        try:
            if isinstance(value, bool):
                raise TypeError
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise DataError(f"{what} is {value!r}: give a number or a Series with a DatetimeIndex") from None
        if not np.isfinite(number):
            raise DataError(f"{what} is {number}: give a finite number")
        out = np.full(len(dates), number)
    if covered and len(out) and not (np.abs(out) < 1).all():
        raise DataError(f"{what} is {out[np.abs(out) >= 1][0]:g}: give it as a fraction, 4 % is 0.04")
    out.flags.writeable = False
    return out


def check_gauges(gauges: object) -> None:
    """Raise `ParameterError` unless gauges are a mapping of names, or None."""
    if gauges is not None and not (isinstance(gauges, Mapping) and all(isinstance(name, str) for name in gauges)):
        raise ParameterError("gauges must be a mapping of names to dated Series, such as {'dollar': series}")


def no_gauge(name: str, gauges: Mapping[str, np.ndarray]) -> UnknownNameError:
    """Return the error for a gauge that a market does not have, with how to get one."""
    lacks = str(unknown_name("gauge", name, gauges)).replace("unknown", "the market has no", 1)
    return UnknownNameError(
        f"{lacks}: give it as gauges={{{name!r}: series}}, or as the file gauges/{name}.csv (columns Date and Value) in the source folder"
    )


def _last_known_values(series: pd.Series, dates: pd.DatetimeIndex, what: str, *, covered: bool) -> np.ndarray:
    index = series.index
    if not isinstance(index, pd.DatetimeIndex) or not len(index):
        raise DataError(f"{what} is a Series of {len(series)} rows on a {type(index).__name__}: give at least one row, on a DatetimeIndex")
    if index.tz is not None:
        raise DataError(f"the dates of {what} {refusal_of_zone(index)}")
    refuse_far(index, what)
    if index.hasnans or not index.is_monotonic_increasing or index.has_duplicates:
        raise DataError(f"the dates of {what} must ascend without repeats or gaps in the index: sort them and drop the repeats")
    try:
        values = series.to_numpy(dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{what} holds values that are not numbers") from None
    bad = ~np.isfinite(values)
    if bad.any():
        raise DataError(f"{what} is {values[bad][0]} on {index[bad][0].date()}: drop such rows or fill them with what was known then")
    at = ticks(index).searchsorted(ticks(dates), side="right") - 1
    if covered and len(at) and at[0] < 0:
        raise DataError(
            f"{what} begins on {index[0].date()}, after the first bar of {dates[0].date()}: start the market later or extend the series"
        )
    return np.where(at >= 0, values[np.maximum(at, 0)], np.nan)


def refuse_far(dates: pd.DatetimeIndex, what: str) -> None:
    """Raise `DataError` for the first of some dates that is not in `YEARS`; NaT is left to others."""
    years = dates.year
    far = np.flatnonzero((years < YEARS[0]) | (years > YEARS[1]))
    if len(far):
        raise DataError(
            f"{what}, row {far[0] + 1}: the date is {dates[far[0]].date()}: it must lie between {YEARS[0]} and {YEARS[1]}; "
            "mend or drop that row"
        )


def day(when: object, what: str) -> pd.Timestamp:
    """Return a date given as an ISO text or as a date, or raise `ParameterError`: 05/06/2010 means two days, and 2010 none.

    So does one that is not in `YEARS`.
    """
    if isinstance(when, str):
        try:
            stamp = pd.Timestamp(dt.datetime.fromisoformat(when))
        except ValueError:
            raise ParameterError(f"{what} is {when!r}, not a date: write it as 2006-05-22") from None
    elif isinstance(when, dt.date | np.datetime64):
        try:
            stamp = pd.Timestamp(when)
        except (ValueError, OverflowError):  # of years that pandas cannot write
            raise ParameterError(f"{what} is {when!s}: it must lie between {YEARS[0]} and {YEARS[1]}") from None
    else:
        raise ParameterError(f"{what} is {when!r}, not a date: write it as '2006-05-22'")
    if pd.isna(stamp) or stamp.tz is not None:
        raise ParameterError(f"{what} is {when!r}, not a plain date: write it as 2006-05-22")
    if not YEARS[0] <= stamp.year <= YEARS[1]:
        raise ParameterError(f"{what} is {stamp.date()}: it must lie between {YEARS[0]} and {YEARS[1]}; leave out what has no end")
    return stamp


def ticks(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return the dates as nanoseconds since 1970, whatever resolution the index has."""
    stamps: np.ndarray = dates.to_numpy().astype("datetime64[ns]").astype(np.int64)
    return stamps


def periods_per_year(dates: pd.DatetimeIndex, *, stated: float | None = None) -> float:
    """Return how many bars make a year: as many as were counted, or the usual convention where that is near the count.

    The count is of the bars after the first over the calendar time from the first to the last. The conventions are 252 for days, 365
    where Saturdays and Sundays have bars too, 52 for weeks, 12 for months, 4 for quarters, and 1; near is within 4 %, and on a short
    history within another 3 days of its length. Fewer than three bars count as days. What is `stated` goes before.

    Raises
    ------
    ParameterError
        When what is stated is no positive number.
    """
    if stated is not None:
        if not (isinstance(stated, int | float) and np.isfinite(stated) and stated > 0):
            raise ParameterError(f"periods_per_year is {stated!r}: it must be a positive number")
        return float(stated)
    if len(dates) < 3:
        return 252.0
    span = (dates[-1] - dates[0]) / pd.Timedelta(days=1)
    count = float((len(dates) - 1) / span * 365.25)
    every_day = (_EVERY_DAY,) if np.isin([5, 6], dates.day_of_week).all() else ()
    nearest = min((*every_day, *_CONVENTIONS), key=lambda one: abs(np.log(count / one)))
    return nearest if abs(count / nearest - 1) <= _NEAR + _ENDS / span else count
