"""The windows of a walk-forward: where each training begins and ends, and the test that follows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market.market import Market
from orebody.market.schedule import PERIODS

__all__ = ["LEAST", "Length", "Window", "length", "windows"]

LEAST = 3  # bars to choose on: two returns, below which no figure of risk exists
WEEK = 7.0  # days after a period's beginning by which a market without bars before it has seen it begin
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Window:
    """One step, in bars of the market: parameters are chosen on ``[train, trained)`` and traded on ``[test, tested)``."""

    train: int
    trained: int
    test: int
    tested: int


@dataclass(frozen=True)
class Length:
    """So many bars, weeks, months, quarters or years; `unit` is ``"bar"`` or one of `orebody.market.schedule.PERIODS`."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count:,} {self.unit}{'s' if self.count > 1 else ''}"

    @property
    def offset(self) -> pd.DateOffset:
        """The calendar span; bars have none."""
        return pd.DateOffset(weeks=self.count) if self.unit == "week" else pd.DateOffset(months=self.count * _MONTHS[self.unit])


def length(value: object, name: str) -> Length:
    """Return how long a window is to be.

    Parameters
    ----------
    value
        A number of bars, or calendar periods as text: ``"3 years"``, ``"6 months"``, ``"quarter"``, ``"26 weeks"``.
    name
        ``"train"`` or ``"test"``, for messages.

    Raises
    ------
    ParameterError
        For anything else, or fewer than one.
    """
    count, unit = value, "bar"
    if isinstance(value, str):
        found = re.fullmatch(rf"\s*(\d{{1,6}})?\s*({'|'.join(PERIODS)})s?\s*", value.lower())
        count, unit = (int(found[1] or 1), found[2]) if found else (None, "")
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise ParameterError(
            f"{name} is {value!r}: give a number of bars, at least 1, or periods such as '3 years', '6 months' or '26 weeks'"
        )
    return Length(int(count), unit)


def windows(market: Market, train: Length, test: Length, purge: int, anchored: bool) -> list[Window]:
    """Return the windows of a market from its opening on, the last one as long as there are bars.

    Tests given in periods begin with the first bar of a calendar week, month, quarter or year; tests given in bars follow each other
    from the first bar that leaves room for the training. A training of N bars is the N bars before the gap of `purge` bars before its
    test; one given in periods reaches back so far from the test's beginning, and the gap comes off its end. Anchored trainings all
    begin where the first one does.

    Raises
    ------
    ParameterError
        For a purge that is negative or leaves no training.
    DataError
        When the market is too short for one training and a bar to test on, or has no bar in a test period.
    """
    if isinstance(purge, bool) or not isinstance(purge, int | np.integer) or purge < 0:
        raise ParameterError(f"purge is {purge!r}: it must be a number of bars, 0 for no gap between training and test")
    found: list[Window] = []
    for test_bar, tested, day in _tests(market, train, test, int(purge)):
        trained = test_bar - int(purge)
        begin = trained - train.count if train.unit == "bar" else int(market.dates.searchsorted(day - train.offset))
        begin = found[0].train if anchored and found else max(begin, market.opening)
        if trained - begin < LEAST:
            raise ParameterError(
                f"a training window of {train} less a purge of {purge} bars before the test from {market.dates[test_bar].date()} leaves "
                f"{max(0, trained - begin)} bars: at least {LEAST} are needed to choose on, so lengthen train or shorten purge"
            )
        found.append(Window(begin, trained, test_bar, tested))
    return found


def _tests(market: Market, train: Length, test: Length, purge: int) -> list[tuple[int, int, pd.Timestamp]]:
    """Return (first bar, bar after the last, day on which it begins) of each test."""
    dates, bars = market.dates, len(market)
    first = _first_test(market, train, test, purge)
    if test.unit == "bar":
        begins = [] if first is None else list(range(int(dates.searchsorted(first)), bars, test.count))
        days = [dates[bar] for bar in begins]
    else:
        days = [] if first is None else [first]
        while days and (day := days[-1] + test.offset) <= dates[-1]:
            days.append(day)
        begins = [int(dates.searchsorted(day)) for day in days]
    if not begins:
        raise DataError(
            f"a training of {train}{f', a gap of {purge} bars' if purge else ''} and a test of {test} need more bars than the "
            f"{bars - market.opening:,} from {dates[market.opening].date()}, when every point can decide, to {dates[-1].date()}: shorten "
            "them, or load a longer history"
        )
    ends = [*begins[1:], bars]
    for begin, end, day in zip(begins, ends, days, strict=True):
        if begin == end:
            raise DataError(
                f"the test of {test} from {day.date()} on has no bar before {dates[begin].date()}: lengthen test, or mend the prices"
            )
    return list(zip(begins, ends, days, strict=True))


def _first_test(market: Market, train: Length, test: Length, purge: int) -> pd.Timestamp | None:
    """Return the first day on which a test can begin, or None where the history ends before."""
    dates, opening, last = market.dates, market.opening, market.dates[-1]
    if train.unit == "bar":
        earliest = opening + train.count + purge
        if earliest >= len(market):
            return None
        if test.unit == "bar":
            return dates[earliest]
        day = _boundary(dates[earliest - 1].normalize() + pd.Timedelta(days=1), test.unit)
    elif test.unit == "bar":
        day = dates[opening] + train.offset
    else:
        day, step = _boundary(dates[opening].normalize(), test.unit), Length(1, test.unit).offset
        while day <= last and not _covered(market, day - train.offset):
            day += step
    return day if day <= last else None


def _covered(market: Market, day: pd.Timestamp) -> bool:
    """Whether the bars from the opening on reach back to a day on which a period begins.

    They do when a bar before the opening is earlier, or the first bar of all is at most a week, or one usual step of bars, after it.
    """
    bar, opening = int(market.dates.searchsorted(day)), market.opening
    if bar != opening or opening > 0:
        return bar >= opening
    return bool(market.dates[0] - day <= pd.Timedelta(days=max(WEEK, 366 / market.periods_per_year)))


def _boundary(day: pd.Timestamp, unit: str) -> pd.Timestamp:
    """Return the first day at or after `day` on which a week (a Monday), month, quarter or year begins."""
    if unit == "week":
        return day + pd.Timedelta(days=-day.weekday() % 7)
    size = _MONTHS[unit]
    month = 12 * day.year + day.month - 1 + (day.day > 1)
    month = -(-month // size) * size
    return pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1)
