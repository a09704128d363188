"""How long blocks of days are on average, unless someone says."""

from __future__ import annotations

import math

import numpy as np

from orebody.errors import ParameterError
from orebody.market.market import Market
from orebody.research.scenarios.history import HistoricalDays

__all__ = ["block_length"]

UNKNOWN = 21.0
"""Bars: a month, where the package that measures it is not installed."""


def block_length(asked: float | None, market: Market, days: HistoricalDays, horizon: int) -> tuple[float, str]:
    """Return the mean length of blocks and how it was found.

    What is to be kept is that volatile days come together, so the length is measured on absolute returns: returns themselves hardly
    remember the day before, and ask for blocks of a day or two.

    Raises
    ------
    ParameterError
        For a length below 1 or no number.
    """
    if asked is not None:
        if isinstance(asked, bool) or not isinstance(asked, int | float | np.integer | np.floating) or not 1 <= asked < math.inf:
            raise ParameterError(f"block is {asked!r}: it must be a number of bars, at least 1")
        return float(asked), f"blocks of {float(asked):g} bars on average, as asked"
    longest = max(1.0, horizon / 4)
    try:
        from arch.bootstrap import optimal_block_length
    except ImportError:
        length = min(UNKNOWN, longest)
        return length, f"blocks of {length:g} bars on average, a default: the package arch, which measures the length, is not installed"
    moves = np.abs(days.overnight + days.intraday)
    found = float(np.nanmean(optimal_block_length(moves)["stationary"].to_numpy(dtype=float)))
    length = min(max(1.0, found), longest) if math.isfinite(found) else min(UNKNOWN, longest)
    how = f"Politis and White (2004, corrected 2009) find {found:.0f} for the absolute returns, and a quarter of the horizon is the most"
    return length, f"blocks of {length:.0f} bars on average: {how}"
