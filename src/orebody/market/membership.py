"""When each instrument belongs to a universe: its own listing and end, and the universe's dates, as bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.market.universe import Universe

__all__ = ["joining_bars", "leaving_bars", "nothing_left"]


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


def nothing_left(universe: Universe, dates: pd.DatetimeIndex, last: np.ndarray) -> str:
    """Return from when on the metal, or every miner, is gone before the last bar, in a sentence; empty where neither is.

    Whoever stands in what is gone sits in cash from then on, also the benchmarks: comparing with them is then another question.

    Parameters
    ----------
    universe, dates
        Whose members, on which bars.
    last
        What `leaving_bars` returns.
    """
    said = []
    for role, columns in (("the metal", slice(0, 1)), ("every miner", slice(1, None))):
        bar = int(last[columns].max())
        if bar < len(dates) - 1:
            said.append(f"{role} is gone after {dates[bar].date()}")
    if not said:
        return ""
    text = f"{' and '.join(said)}, and the prices go on to {dates[-1].date()}"
    return f"{text[0].upper()}{text[1:]}: what stood in it is cash from then on; end= would stop there."


def _bar(dates: pd.DatetimeIndex, when: str | None, later: int, without: int) -> int:
    """Return the first bar at or after a day and some days `later`; `without` where there is no day."""
    return without if when is None else int(dates.searchsorted(pd.Timestamp(when) + pd.Timedelta(days=later)))
