"""Bars of one spacing on one label: finer series made into longer bars, and labels of the same period put on its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.market.bar_spacing import check_frequency, check_spacings, common_kind
from orebody.market.periods import last_weekdays, period_bounds, period_numbers, period_text

__all__ = ["AlignedFrames", "align_frames"]

_WITHIN = 6  # calendar days from the ends of a month or longer within which a label names that end
_NEARLY_ALL = 0.9
_STARTS, _ENDS = (0,), (4, 5)  # Mondays; Fridays and Saturdays
_DAY = np.timedelta64(1, "D")
_Notes = list[tuple[str, str]]


class AlignedFrames(NamedTuple):
    """Tables whose bars lie on the same dates; the days of a calendar put on them; and what reports must say."""

    tables: dict[str, pd.DataFrame]
    calendar: pd.DatetimeIndex | None
    notes: tuple[tuple[str, str], ...]


class _Bars(NamedTuple):
    """A series by periods: the number of each, when its bar was known (datetime64[ns]), and the bars."""

    numbers: np.ndarray
    known: np.ndarray
    table: pd.DataFrame


def align_frames(
    tables: Mapping[str, pd.DataFrame], frequency: str | None = None, calendar: pd.DatetimeIndex | None = None
) -> AlignedFrames:
    """Return the tables as bars of one spacing, on one label for each period.

    Parameters
    ----------
    tables
        Of each ticker, with float columns open, high, low, close on ascending dates.
    frequency
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``: finer series become bars of that period: the first open, the
        highest high, the lowest low, the last close. A bar is dated by the last day of the period on which anything traded, so that
        it is never known early. The last period is left out while a weekday of it is still to come. None takes bars as they are.
    calendar
        Days that belong to the dates though nobody may have a bar on them.

    Returns
    -------
    Together
        Series of the same weeks, months, quarters or years that differ only in the label are put on the period's end.

    Raises
    ------
    DataError
        As `orebody.market.bar_spacing.check_spacings`; and for labels that do not tell whether they begin or end their periods.
    """
    check_frequency(frequency)
    spacings = check_spacings({ticker: table.index for ticker, table in tables.items()}, frequency)
    period = frequency or common_kind(spacings)
    if period not in ("week", "month", "quarter", "year") and frequency is None:
        return AlignedFrames(dict(tables), calendar, ())
    kinds = {ticker: spacings[ticker].kind or ("day" if frequency else period) for ticker in tables}
    finer = [ticker for ticker in tables if kinds[ticker] != period]
    if not finer and _on_one_label(tables, period):
        return AlignedFrames(dict(tables), calendar, ())
    bars: dict[str, _Bars] = {}
    notes: _Notes = []
    for ticker, table in tables.items():
        bars[ticker] = _resample(table, period) if ticker in finer else _take(ticker, table, period)
    left_out = None
    if finer and period != "day":
        left_out = _unfinished({ticker: bars[ticker] for ticker in finer}, max(int(one.numbers[-1]) for one in bars.values()), period)
        bars = bars if left_out is None else {ticker: _without(one, left_out) for ticker, one in bars.items()}
        _refuse_empty(bars, period)
    if finer:
        notes.insert(0, ("Bars", _words(finer, kinds, period, left_out)))
    numbers, labels = _labels(bars, period)
    if calendar is not None:
        calendar = _date(np.intersect1d(period_numbers(calendar.to_numpy(), period), numbers), numbers, labels)
    if period != "day":
        taken = {ticker: table.index for ticker, table in tables.items() if ticker not in finer}
        notes += _relabel(taken, period, labels)
    placed = {ticker: one.table.set_axis(_date(one.numbers, numbers, labels)) for ticker, one in bars.items()}
    return AlignedFrames(placed, calendar, tuple(notes))


def _on_one_label(tables: Mapping[str, pd.DataFrame], period: str) -> bool:
    """Whether no period has two labels; or all series end (or begin) their periods on the same days, holidays apart."""
    stamps = np.unique(np.concatenate([table.index.to_numpy().astype("datetime64[ns]") for table in tables.values()]))
    numbers = period_numbers(stamps, period)
    if (np.diff(numbers) > 0).all():
        return True
    anchors = {_anchor(table.index.to_numpy(), period) for table in tables.values()}
    return len(anchors) == 1 and not anchors <= {"start", "end"}


def _resample(table: pd.DataFrame, period: str) -> _Bars:
    """Return the bars of longer periods."""
    stamps = table.index.to_numpy().astype("datetime64[ns]")
    numbers = period_numbers(stamps, period)
    first = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    last = np.append(first[1:], len(numbers)) - 1
    values = {name: table[name].to_numpy() for name in table.columns}
    longer = {
        "open": values["open"][first],
        "high": np.maximum.reduceat(values["high"], first),
        "low": np.minimum.reduceat(values["low"], first),
        "close": values["close"][last],
    }
    known = stamps[last].astype("datetime64[D]").astype("datetime64[ns]")
    return _Bars(numbers[first], known, pd.DataFrame({name: longer[name] for name in table.columns}))


def _take(ticker: str, table: pd.DataFrame, period: str) -> _Bars:
    """Return the bars of a series that has this period already, known at its end."""
    stamps = table.index.to_numpy().astype("datetime64[ns]")
    numbers = period_numbers(stamps, period)
    again = np.flatnonzero(np.diff(numbers) == 0)
    if len(again):
        one, two = (str(stamps[at].astype("datetime64[D]")) for at in (again[0], again[0] + 1))
        raise DataError(
            f"{ticker}: {period_text(int(numbers[again[0]]), period)} has two bars, {one} and {two}, beside series that have one a "
            f"{period} under another label: drop the one that is not of the whole {period}"
        )
    if period == "day":
        return _Bars(numbers, stamps.astype("datetime64[D]").astype("datetime64[ns]"), table)
    anchor = _anchor(stamps, period)
    if anchor not in ("start", "end"):
        raise DataError(
            f"{ticker}: its bars, one a {period}, are dated {anchor}, and others differently: whether that begins or ends the {period} "
            f"cannot be told, so date all by the last day of the {period}"
        )
    known = stamps if anchor == "end" else last_weekdays(numbers, period).astype("datetime64[ns]")
    return _Bars(numbers, known, table)


def _anchor(stamps: np.ndarray, period: str) -> str:
    """Return whether labels name the start or the end of their periods, or else where within them they lie."""
    days = stamps.astype("datetime64[D]")
    numbers = period_numbers(days, period)
    first, last = period_bounds(numbers, period)
    offset = (days - first).astype(np.int64)
    if period == "week":
        weekday = int(np.bincount(offset, minlength=7).argmax())
        name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[weekday]
        return "start" if weekday in _STARTS else "end" if weekday in _ENDS else f"on {name}s"
    if (offset <= _WITHIN).mean() >= _NEARLY_ALL:
        return "start"
    if ((last - days).astype(np.int64) <= _WITHIN).mean() >= _NEARLY_ALL:
        return "end"
    return f"around day {int(np.median(offset)) + 1} of it"


def _relabel(indices: Mapping[str, pd.DatetimeIndex], period: str, labels: np.ndarray) -> _Notes:
    """Return how the labels of series that had this period already are read, where they are not kept."""
    indices = {ticker: index for ticker, index in indices.items() if not np.isin(index.to_numpy().astype("datetime64[ns]"), labels).all()}
    if not indices:
        return []
    began = [ticker for ticker, index in indices.items() if _anchor(index.to_numpy(), period) == "start"]
    label = f"one label for each {period}: its end, before which nothing of it is known"
    if not began:
        return [("Labels", f"{', '.join(indices)}: {label}, the latest day on which any of the series dates it")]
    example = indices[began[0]][0]
    number = int(period_numbers(np.array([example.to_datetime64()]), period)[0])
    named = period_text(number, period)
    return [("Labels", f"{', '.join(began)}: a bar dated {example.date()} is taken to be that of {named}, as providers date them; {label}")]


def _unfinished(made: Mapping[str, _Bars], last: int, period: str) -> int | None:
    """Return the number of the last period if a weekday of it is still to come after the last bar of the series that were made longer."""
    within = [one.known[-1] for one in made.values() if int(one.numbers[-1]) == last]
    if not within:
        return None
    begins = max(within).astype("datetime64[D]") + _DAY
    end = period_bounds(np.array([last]), period)[1][0] + _DAY
    return last if np.busday_count(begins, end) > 0 else None


def _without(bars: _Bars, number: int) -> _Bars:
    keep = bars.numbers != number
    return _Bars(bars.numbers[keep], bars.known[keep], bars.table[keep])


def _refuse_empty(bars: Mapping[str, _Bars], period: str) -> None:
    for ticker, one in bars.items():
        if not len(one.numbers):
            raise DataError(f"{ticker} has no whole {period}: give a longer history, or a shorter frequency")


def _words(finer: list[str], kinds: Mapping[str, str], period: str, left_out: int | None) -> str:
    names = {"intraday": "bars within days"}
    shown = ", ".join(f"{ticker} (from {names.get(kinds[ticker], kinds[ticker] + 's')})" for ticker in finer)
    text = (
        f"{period}s made of finer bars for {shown}: the first open, the highest high, the lowest low, the last close, dated by the last "
        "day on which anything traded"
    )
    if left_out is not None:
        text += f"; {period_text(left_out, period)} is left out, because weekdays of it are still to come"
    return text


def _labels(bars: Mapping[str, _Bars], period: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of all periods, ascending, and the label of each: the latest day on which a bar of it was known."""
    numbers = np.concatenate([one.numbers for one in bars.values()])
    known = np.concatenate([one.known for one in bars.values()])
    unique, at = np.unique(numbers, return_inverse=True)
    labels = np.full(len(unique), np.datetime64(0, "ns") - np.timedelta64(2**62, "ns"))
    np.maximum.at(labels, at, known)
    return unique, labels


def _date(own: np.ndarray, numbers: np.ndarray, labels: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(labels[np.searchsorted(numbers, own)], name="Date")
