"""Causal indicators: the value on bar t comes from bars up to and including t, whatever follows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.market.market import Market
from orebody.schedule import period_begins

__all__ = ["latch", "miners_index", "rolling_zscore"]


def rolling_zscore(values: np.ndarray, window: int) -> np.ndarray:
    """Return how many standard deviations each value is from the mean of the window that ends with it.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    window
        Bars in the window, the current one included.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``; NaN before the first full window and where the window is constant but for rounding. The standard deviation is
        that of a population (ddof 0).
    """
    rolling = pd.Series(values).rolling(window)
    spread = rolling.std(ddof=0).to_numpy()
    away = values - rolling.mean().to_numpy()
    zscore: np.ndarray = np.divide(away, spread, out=np.full(len(values), np.nan), where=spread > 1e-9 * np.maximum(1.0, np.abs(values)))
    return zscore


def latch(signal: np.ndarray) -> np.ndarray:
    """Return the last signal given at or before each bar: a value of -1 gives none and keeps the one before.

    Parameters
    ----------
    signal
        Shape ``(T,)``, int: -1, or a state from 0 up.
    """
    given = np.where(signal >= 0, np.arange(len(signal)), -1)
    last = np.maximum.accumulate(given) if len(given) else given
    return np.where(last >= 0, signal[np.maximum(last, 0)], -1)


def miners_index(market: Market) -> np.ndarray:
    """Return the miners as one price series, shape ``(T,)``, 1 on the bar on which the first of them lists and NaN before.

    The equal-weight basket of the universe's miners, re-formed at the close of each quarter's first bar from those listed and not
    ended; its chained total return. A member without a bar counts at its last close. With one miner this is that miner.
    """
    columns = market.columns("miners")
    prices = market.marks[:, columns]
    begins = int(market.first[columns].min()) if len(market) else 0
    index = np.full(len(prices), np.nan)
    if begins >= len(prices):
        return index
    index[begins] = 1.0
    formed = np.flatnonzero(period_begins(market.dates, "quarter"))
    formed = formed[formed > begins]
    for first, last in zip((begins, *formed), (*formed, len(prices) - 1), strict=True):
        ends = market.ends[columns]
        members = (market.first[columns] <= first) & ~((ends >= 0) & (ends <= first))
        if not members.any():
            members = market.first[columns] <= first
        index[first : last + 1] = index[first] * (prices[first : last + 1, members] / prices[first, members]).mean(axis=1)
    return index
