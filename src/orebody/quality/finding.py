"""A finding: one thing about one ticker's prices that is wrong, or that a reader should know."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

__all__ = ["KINDS", "Finding", "Fix", "span"]

KINDS = MappingProxyType(
    {
        "stamps": "dates that carry a time zone or a time of day",
        "order": "dates that neither ascend nor descend",
        "duplicates": "dates that stand more than once",
        "weekend": "rows on Saturdays and Sundays",
        "stray": "lone rows apart from the history",
        "sessions": "sessions of the exchange without a row, or rows without a session",
        "cells": "prices that are missing, zero, negative or infinite",
        "ohlc": "opens, highs, lows and closes that contradict each other",
        "print": "a price that is off and comes back in full",
        "stale": "closes that stand still for too long",
        "currency": "prices 100 times too high or too low",
        "split": "a split that the prices do not carry, or carry in one place only",
        "jump": "a lasting move that no volatility explains",
        "dividend": "a distribution that did not happen, happened once and is recorded twice, or stands there 100 times too small or large",
        "adjustment": "an Adj Close that contradicts the closes or the distributions",
        "seam": "adjusted prices joined to raw ones",
        "snapshot": "rows recorded before their session was over",
    }
)
"""Every kind of finding and what it means."""


@dataclass(frozen=True, eq=False)
class Fix:
    """How a finding can be repaired without making up a price.

    Attributes
    ----------
    does
        ``"rows"``: takes rows out. ``"action"``: takes a distribution out, of Dividends and of Adj Close, or puts its amount right in
        both. ``"order"``: sorts the rows.
        ``"dates"``: names each row by the date of its session.
    rows
        Positions in the frame that was inspected; for an action, of the rows that record it.
    amounts
        For an action: what is to stand in those rows.
    factor, before
        For an action: Adj Close on days before `before` is multiplied by `factor`, which takes out what was counted for it.
    dates
        For dates: the session of each row of the frame that was inspected.
    """

    does: str
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    factor: float = 1.0
    before: pd.Timestamp | None = None
    dates: pd.DatetimeIndex | None = None
    amounts: float | np.ndarray = 0.0


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    ticker
        Whose prices.
    kind
        A word of `KINDS`.
    first, last
        First and last day that it concerns.
    count
        How many rows, or for missing sessions how many sessions.
    wrong
        Whether no backtest may read these prices as they are. Otherwise it is only noted.
    what
        One plain sentence with the figures and the remedy.
    mend
        How a repair would go about it; None for what no repair can mend and for what is only noted.
    """

    ticker: str
    kind: str
    first: pd.Timestamp
    last: pd.Timestamp
    count: int
    wrong: bool
    what: str
    fix: Fix | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.ticker}: {span(self.first, self.last)}: {self.what}"


def span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Return one day, or a first and last day, as text."""
    return str(first.date()) if first == last else f"{first.date()}..{last.date()}"
