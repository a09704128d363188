"""The miners as one series."""

from __future__ import annotations

import numpy as np

from orebody.market.market import Market
from orebody.market.schedule import period_begins

__all__ = ["miners_index"]


def miners_index(market: Market) -> np.ndarray:
    """Return the miners as one price series, shape ``(T,)``, 1 on the bar on which the first of them belongs and NaN before.

    The equal-weight basket of the universe's miners, re-formed at the close of each quarter's first bar from those that belong then
    (`Market.belongs`); its chained total return. A member without a bar counts at its last close. With none the series stands still.
    With one miner this is that miner.

    Parameters
    ----------
    market
        Whose miners; their closes are read.
    """
    columns = market.columns("miners")
    prices = market.marks[:, columns]
    if len(columns) == 1 and len(market) and market.first[columns[0]] == 0 and not market.universe.dated:
        single: np.ndarray = prices[:, 0] / prices[0, 0]
        return single
    begins = int(market.joins[columns].min()) if len(market) else 0
    index = np.full(len(prices), np.nan)
    if begins >= len(prices):
        return index
    index[begins] = 1.0
    formed = np.flatnonzero(period_begins(market.dates, "quarter"))
    formed = formed[formed > begins]
    for first, last in zip((begins, *formed), (*formed, len(prices) - 1), strict=True):
        members = market.belongs(int(first))[columns]
        grown = (prices[first : last + 1, members] / prices[first, members]).mean(axis=1) if members.any() else 1.0
        index[first : last + 1] = index[first] * grown
    return index
