"""When each instrument belongs to a universe: its own listing and end, and the universe's dates, as bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.io.text import in_a_list
from orebody.market.universe import Universe

__all__ = ["ended_early", "joining_bars", "leaving_bars"]


def joining_bars(universe: Universe, dates: pd.DatetimeIndex, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the bar from which each instrument belongs: the later of its listing and its `since`, or T where it never does.

    Parameters
    ----------
    universe, dates
        Whose members, on which bars.
    first, last
        The bar on which each lists, and what `leaving_bars` returns; shape ``(N,)``.
    """
    from_bar = np.array([_bar(dates, universe.since.get(ticker), 0, 0) for ticker in universe.tickers])
    begins = np.maximum(first, from_bar)
    bars: np.ndarray = np.where(begins <= last, begins, len(dates))
    return bars


def leaving_bars(universe: Universe, dates: pd.DatetimeIndex, ends: np.ndarray) -> np.ndarray:
    """Return the last bar on which each instrument belongs: the earlier of its last one and its `until`; T - 1 or more where it stays.

    On the last bar of a series it still belongs, because nobody can know yet that it was the last.

    Parameters
    ----------
    universe, dates
        Whose members, on which bars.
    ends
        The bar on which each series ended for good, or -1; shape ``(N,)``.
    """
    stays = len(dates) - 1
    until_bar = np.array([_bar(dates, universe.until.get(ticker), 1, stays + 1) - 1 for ticker in universe.tickers])
    bars: np.ndarray = np.minimum(np.where(ends >= 0, ends, max(stays, 0)), until_bar)
    return bars


def ended_early(universe: Universe, dates: pd.DatetimeIndex, last: np.ndarray, ends: np.ndarray, marks: np.ndarray, opening: int) -> str:
    """Return which instruments end before the last bar, when, and what a holder got, in sentences; empty if none does.

    Members that leave by the universe's own dates are named only where nothing is left of a role:
    who stands in that sits in cash from then on, benchmarks included.

    Parameters
    ----------
    universe, dates
        Whose members, on which bars.
    last
        What `leaving_bars` returns.
    ends
        The bar on which each series ended for good, or -1; shape ``(N,)``.
    marks
        The last close at or before each bar, shape ``(T, N)``.
    opening
        The bar on which accounts open.
    """
    ended = [column for column in np.flatnonzero((ends >= 0) & (ends == last)).tolist() if ends[column] < len(dates) - 1]
    held = [column for column in ended if ends[column] > opening]
    text = []
    if held:
        names = in_a_list([f"{universe.tickers[at]} (last bar {dates[ends[at]].date()}, close {marks[-1, at]:,.2f})" for at in held])
        text.append(
            f"{names} {'ends' if len(held) == 1 else 'end'} before the last bar of {dates[-1].date()}: a holder got that close, "
            "less costs, on the next bar."
        )
    if gone := [column for column in ended if ends[column] <= opening]:
        names = in_a_list([f"{universe.tickers[at]} (last bar {dates[ends[at]].date()})" for at in gone])
        text.append(f"{names} ended before the accounts could hold {'it' if len(gone) == 1 else 'them'}.")
    return " ".join((*text, *_nothing_left(universe, dates, last)))


def _nothing_left(universe: Universe, dates: pd.DatetimeIndex, last: np.ndarray) -> list[str]:
    """Return from when on the metal, or every miner, is gone before the last bar, in a sentence."""
    said = []
    for role, columns in (("the metal", slice(0, 1)), ("every miner", slice(1, None))):
        bar = int(last[columns].max())
        if bar < len(dates) - 1:
            said.append(f"{role} is gone after {dates[bar].date()}")
    if not said:
        return []
    text = f"{' and '.join(said)}, and the prices go on to {dates[-1].date()}"
    return [f"{text[0].upper()}{text[1:]}: what stood in it is cash from then on; end= would stop there."]


def _bar(dates: pd.DatetimeIndex, when: str | None, later: int, without: int) -> int:
    """Return the first bar at or after a day and some days `later`; `without` where there is no day."""
    return without if when is None else int(dates.searchsorted(pd.Timestamp(when) + pd.Timedelta(days=later)))
