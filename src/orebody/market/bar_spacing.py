"""How far apart the bars of a series are, and whether the series of a market belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market.periods import LENGTHS, period_numbers

__all__ = ["FREQUENCIES", "LOCAL_DATES", "Spacing", "check_frequency", "check_spacings", "common_kind", "refusal_of_zone", "spacing_of"]

FREQUENCIES = ("day", "week", "month", "quarter", "year")
LOCAL_DATES = 'tz_convert(exchange).tz_localize(None).normalize(), where exchange is such as "America/New_York"'
"""How stamps with a time zone become the dates of sessions."""

_NESTED = {  # what may be made of what: weeks straddle the ends of months
    "intraday": FREQUENCIES,
    "day": FREQUENCIES,
    "week": ("week",),
    "month": ("month", "quarter", "year"),
    "quarter": ("quarter", "year"),
    "year": ("year",),
}
_LEAST = {"year": 330.0, "quarter": 80.0, "month": 25.0, "week": 6.0}  # median days between bars, the longest period first
_ONE_EACH = 0.02  # share of the periods in which a second bar may stand
_COVERED = 0.6  # share of the periods in which there must be a bar
_SEVERAL = 1.5  # bars a day from which on they are bars within days
_FEWEST, _FEW, _MANY = 3, 6, 24  # bars from which on a spacing can be told, a week, and an odd one: gaps can be even by chance
_LONGEST_STEP_OF_DAYS = 4.0  # a long weekend
_EVEN, _NEARLY_ALL = 0.25, 0.9
_WIDE, _WHOLLY_EVEN = 10.0, 0.1  # bars so far apart, and all so alike, lie so by no accident: half-years, months of 28 days
_WEEKLY, _SHORTEST_WEEK, _YEAR_OF_WEEKS = 0.8, 5.0, 50  # from a year on one row of a running week is let through, to be named later
_RUNS = {"quarter": (80.0, 100.0, 8), "month": (26.0, 36.0, 12), "week": (6.0, 8.0, 26)}  # so many such steps in a row are no accident
_NANOSECONDS = 86_400_000_000_000


class Spacing(NamedTuple):
    """How the bars of a series lie.

    Attributes
    ----------
    kind : str
        ``"intraday"``; one of `FREQUENCIES`; ``"other"`` for another even spacing, such as 14 days; empty where too few bars tell.
        Days may be missing, also most of them: a thinly traded instrument has days.
    step : float
        Median calendar days from bar to bar.
    first : pandas.Timestamp
        The first bar.
    """

    kind: str
    step: float
    first: pd.Timestamp

    def __str__(self) -> str:
        what = f"a bar each {self.step:g} days"
        if self.kind in FREQUENCIES or not self.kind:
            what = f"a bar a {self.kind or 'day'}"
        elif self.kind == "intraday":
            minutes = round(self.step * 1440)
            hours, rest = divmod(minutes, 60)
            what = f"a bar each {f'{minutes} minutes' if rest or not hours else 'hour' if hours == 1 else f'{hours} hours'}"
        return f"{what} (from {_text(self.first)})"


def spacing_of(index: pd.DatetimeIndex) -> Spacing:
    """Return the spacing of dates without a zone, in any order.

    A series is of weeks, months, quarters or years when nearly every such period that holds a bar holds one alone, and at least three
    fifths of all periods between the first and the last hold one. So a missing month leaves months, and a rarely traded share has days.
    """
    stamps = _sort(index)
    first = pd.Timestamp(int(stamps[0])) if len(stamps) else pd.NaT
    if len(stamps) < 2:
        return Spacing("", float("nan"), first)
    steps = np.diff(stamps) / _NANOSECONDS
    step = float(np.median(steps))
    if len(stamps) < _FEWEST:
        return Spacing("", step, first)
    days = stamps // _NANOSECONDS
    if len(stamps) >= _SEVERAL * (1 + np.count_nonzero(np.diff(days))):
        return Spacing("intraday", step, first)
    few = len(stamps) < _FEW
    for kind, least in _LEAST.items():
        if step >= least and _one_each(days, kind) and (kind != "week" or (not few and _by_sevens(steps))):
            return Spacing(kind, step, first)
    if few:
        return Spacing("day" if step <= _LONGEST_STEP_OF_DAYS else "", step, first)
    off = np.abs(steps - step)
    even = np.count_nonzero(off <= _EVEN * step) >= _NEARLY_ALL * len(steps)
    odd = (even and len(stamps) >= _MANY and step > (1.0 + _EVEN)) or (step >= _WIDE and off.max() <= _WHOLLY_EVEN * step)
    return Spacing("other" if odd else "day", step, first)


def refusal_of_zone(index: pd.DatetimeIndex) -> str:
    """Return why dates with a time zone are refused, and what makes plain ones of them."""
    text = f"carry the time zone {index.tz}: name sessions by their local dates, .{LOCAL_DATES}"
    if spacing_of(index.tz_localize(None)).kind == "intraday":
        text = (
            f"carry the time zone {index.tz}, on bars within days: name them by local times, .tz_convert(exchange).tz_localize(None), "
            "and make days of them with frequency='day'"
        )
    return text


def check_frequency(frequency: str | None) -> None:
    """Raise `ParameterError` unless `frequency` is None or one of `FREQUENCIES`."""
    if frequency is not None and frequency not in FREQUENCIES:
        raise ParameterError(
            f"frequency is {frequency!r}: it must be one of {', '.join(FREQUENCIES)}, or left out to take bars as they are"
        )


def check_spacings(indices: Mapping[str, pd.Index], frequency: str | None) -> dict[str, Spacing]:
    """Return the spacing of each ticker's dates; those that cannot be told, with a zone, without a date or shuffled, are left out.

    Raises
    ------
    DataError
        For series of several spacings, or of bars within days, unless `frequency` makes one spacing of them; for a series that changes
        its spacing on the way; for days that carry different times.
    """
    plain = {ticker: index for ticker, index in indices.items() if _plain(index)}
    spacings = {ticker: spacing_of(index) for ticker, index in plain.items()}
    for ticker, index in plain.items():
        _refuse_change(ticker, index, spacings[ticker])
    if frequency is None:
        _refuse_several(spacings)
        _refuse_times(plain, spacings)
    else:
        _refuse_unfit(spacings, frequency)
    return spacings


def common_kind(spacings: Mapping[str, Spacing]) -> str:
    """Return the kind that all series have; empty where none of them tells."""
    return next((one.kind for one in spacings.values() if one.kind), "")


def _sort(index: pd.DatetimeIndex) -> np.ndarray:
    stamps: np.ndarray = index.to_numpy().astype("datetime64[ns]").astype(np.int64)
    if index.is_monotonic_increasing and index.is_unique:
        return stamps
    if not index.is_monotonic_decreasing and not index.is_monotonic_increasing:
        stamps = stamps // _NANOSECONDS * _NANOSECONDS  # copies appended: their times say nothing
    return np.unique(stamps)


def _plain(index: pd.Index) -> bool:
    return isinstance(index, pd.DatetimeIndex) and index.tz is None and not index.hasnans and len(index) > 0


def _one_each(days: np.ndarray, kind: str) -> bool:
    numbers = period_numbers(days.astype("datetime64[D]"), kind)
    again = len(days) - 1 - np.count_nonzero(np.diff(numbers))
    spanned = int(numbers[-1] - numbers[0]) + 1
    return bool(again <= max(1, _ONE_EACH * len(days)) and len(days) - again >= _COVERED * spanned)


def _by_sevens(steps: np.ndarray) -> bool:
    """Whether nearly all steps are whole weeks, holidays apart, and next to none is of days: a rarely traded share has others."""
    off = np.abs(steps - 7.0 * np.round(steps / 7.0))
    short = np.count_nonzero(steps < _SHORTEST_WEEK)
    return bool(np.count_nonzero(off <= 1.0) >= _WEEKLY * len(steps) and short <= _ONE_EACH * len(steps) + (len(steps) >= _YEAR_OF_WEEKS))


def _refuse_several(spacings: Mapping[str, Spacing]) -> None:
    told = {ticker: one for ticker, one in spacings.items() if one.kind}
    within = {ticker: one for ticker, one in told.items() if one.kind == "intraday"}
    kinds = {one.kind for one in told.values()}
    steps = [one.step for one in told.values()]
    together = len(kinds) < 2 and not within and ("other" not in kinds or max(steps) <= (1 + _EVEN) * min(steps))
    if together:
        return
    series = _series(told)
    if len(kinds) < 2 and within:
        raise DataError(
            f"{series}: these are bars within days, and a market's bars are days or longer: frequency='day' makes days of them, by the "
            "dates as they stand"
        )
    raise DataError(f"the series do not belong together in time: {series}; {_way_out(kinds)}")


def _way_out(kinds: set[str]) -> str:
    ways = [one for one in FREQUENCIES if all(one in _NESTED.get(kind, ()) for kind in kinds)]
    if ways:
        return f"frequency='{ways[0]}' makes {ways[0]}s of the finer ones, or give all of them with one spacing"
    if "week" in kinds and "other" not in kinds:
        return "weeks do not fit into longer periods: give days instead of weeks, or all of them with one spacing"
    return "give all of them with one spacing"


def _series(spacings: Mapping[str, Spacing]) -> str:
    """Return the series with their spacings and first dates: of each kind the first ticker by name, and how many others."""
    kinds: dict[str, list[str]] = {}
    for ticker, one in spacings.items():
        kinds.setdefault(one.kind if one.kind != "other" else f"{one.step:g}", []).append(ticker)
    parts = []
    for first, *others in kinds.values():
        parts.append(f"{first}{f' and {len(others)} more' if others else ''} {'have' if others else 'has'} {spacings[first]}")
    return ", ".join(parts)


def _refuse_unfit(spacings: Mapping[str, Spacing], frequency: str) -> None:
    unfit = {ticker: one for ticker, one in spacings.items() if one.kind and frequency not in _NESTED.get(one.kind, ())}
    if not unfit:
        return
    ticker, one = next(iter(unfit.items()))
    kinds = {other.kind for other in spacings.values() if other.kind}
    ways = [way for way in FREQUENCIES if all(way in _NESTED.get(kind, ()) for kind in kinds)]
    remedy = f"the shortest that all of them allow is '{ways[0]}'" if ways else _way_out(kinds)
    raise DataError(f"frequency is {frequency!r}, and {ticker} has {one}, of which no whole {frequency}s can be made: {remedy}")


def _refuse_change(ticker: str, index: pd.DatetimeIndex, spacing: Spacing) -> None:
    """Raise `DataError` for a series with a long stretch of wider bars: months until some year, days from then on."""
    if spacing.kind not in ("day", "week", "month") or len(index) < min(least for _, _, least in _RUNS.values()):
        return
    stamps = _sort(index)
    steps = np.diff(stamps) / _NANOSECONDS
    for kind, (low, high, least) in _RUNS.items():
        if LENGTHS[kind] <= LENGTHS[spacing.kind]:
            continue
        such = (steps >= low) & (steps <= high)
        if np.count_nonzero(such) < least:
            continue
        breaks = np.flatnonzero(np.concatenate(([True], ~such, [True])))
        at = int(np.argmax(np.diff(breaks)))
        first, count = int(breaks[at]), int(breaks[at + 1] - breaks[at]) - 1
        if count >= least:
            span = f"{_text(pd.Timestamp(int(stamps[first])))}..{_text(pd.Timestamp(int(stamps[first + count])))}"
            raise DataError(
                f"{ticker} changes its spacing: a bar a {kind} over {span}, elsewhere a bar a {spacing.kind}: "
                "give one spacing throughout, or only one of the parts (start=, end=)"
            )


def _refuse_times(indices: Mapping[str, pd.DatetimeIndex], spacings: Mapping[str, Spacing]) -> None:
    """Raise `DataError` where the bars of one day carry several times, so that a day would count twice."""
    stamps = {ticker: _sort(indices[ticker]) for ticker in spacings}
    timed = next((ticker for ticker, own in stamps.items() if (own % _NANOSECONDS).any()), None)
    if timed is None:
        return
    every = np.unique(np.concatenate(list(stamps.values())))
    if len(every) == 1 + np.count_nonzero(np.diff(every // _NANOSECONDS)):
        return
    own = stamps[timed]
    example = pd.Timestamp(int(own[own % _NANOSECONDS != 0][0]))
    raise DataError(
        f"{timed}: bars carry times of day, the first {example}, and one day would count twice beside the others: name sessions by their "
        f'local dates, .tz_localize("UTC").{LOCAL_DATES} (or .normalize() alone, where the times are local already)'
    )


def _text(when: pd.Timestamp) -> str:
    return str(when.date()) if when == when.normalize() else f"{when:%Y-%m-%d %H:%M}"
