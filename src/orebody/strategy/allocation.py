"""From states to decisions: a strategy that stands in one of a few splits states it when it changes, and when its basket is re-formed."""

from __future__ import annotations

import numpy as np

from orebody.indicators import hold_last
from orebody.market.market import Market
from orebody.market.schedule import period_begins
from orebody.strategy.decisions import Decisions

__all__ = ["changes", "switches"]

Split = tuple[tuple[str, float], ...]


def switches(market: Market, rows: np.ndarray, states: np.ndarray, splits: tuple[Split, ...]) -> Decisions:
    """Return decisions that hold ``splits[state]`` from each of `rows` on, contributions included.

    Weights are stated where a state begins, and, while a split with several miners is held, on the first bar of each quarter: their
    basket is then formed anew, in equal parts of those that can be held.

    Parameters
    ----------
    market
        What is traded.
    rows, states
        Shape ``(K,)``, int: the bars on which a state begins, ascending, and the states.
    splits
        Shares by role or ticker, for each state: ``((("miners", 1.0),), (("metal", 1.0),))``.
    """
    if len(market.universe.miners) == 1 and not market.universe.dated:
        weights = market.memo(("splits", splits), lambda: np.array([market.shares(dict(split)) for split in splits])).take(states, axis=0)
    else:
        rows, states = _reform_basket(market, rows, states, [any(role != "metal" for role, _ in split) for split in splits])
        weights = np.array([market.shares(dict(splits[state]), int(row)) for row, state in zip(rows, states, strict=True)])
        weights = weights.reshape(len(rows), len(market.tickers))
    return Decisions(weights=weights, contribution_split=weights, rows=rows)


def changes(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bars on which states of every bar, -1 for none yet, begin, and those states."""
    before = np.concatenate(([-1], states[:-1]))
    rows = np.flatnonzero((states != before) & (states >= 0))
    return rows, states[rows]


def _reform_basket(market: Market, rows: np.ndarray, states: np.ndarray, with_miners: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Return the switches and, between them, the first bar of each quarter on which miners are held."""
    spread = np.full(len(market), -1)
    spread[rows] = states
    standing = hold_last(spread)
    quarters = np.flatnonzero(period_begins(market.dates, "quarter"))
    held = standing[quarters]
    bars = np.union1d(rows, quarters[(held >= 0) & np.array(with_miners)[held]])
    return bars, standing[bars]
