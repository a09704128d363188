"""Causal indicators: the value on bar t comes from bars up to and including t, whatever follows."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from orebody.market.market import Market
from orebody.schedule import period_begins

__all__ = ["band_states", "latch", "miners_index", "rolling_zscore"]


compiled = njit(cache=True, error_model="numpy")  # the GIL is kept: these are called between Python lines, many times
bare = njit(cache=True, error_model="numpy", _nrt=False)  # for parts of them that make no arrays: references are not counted
BLOCK = 32


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
    zscore: np.ndarray = _rolling_zscore(np.ascontiguousarray(values, dtype=float), window)
    return zscore


@compiled
def _rolling_zscore(values, window):
    """Welford's update of mean and squares, with both formed anew each full window, so that rounding cannot add up."""
    out = np.full(len(values), np.nan)
    mean = squares = 0.0
    count = since = 0
    for t in range(len(values)):
        if math.isnan(values[t]):
            count = 0
            continue
        count += 1
        if count < window:
            continue
        if count == window or since == window:
            mean = squares = 0.0
            for k in range(t - window + 1, t + 1):
                mean += values[k] / window
            for k in range(t - window + 1, t + 1):
                squares += (values[k] - mean) ** 2
            since = 0
        else:
            new, old, before = values[t], values[t - window], mean
            mean += (new - old) / window
            squares += (new - old) * (new - mean + old - before)
        since += 1
        spread = math.sqrt(max(squares, 0.0) / window)
        if spread > 1e-9 * max(1.0, abs(values[t])):
            out[t] = (values[t] - mean) / spread
    return out


def band_states(values: np.ndarray, entry: float, exit: float | None, first: int, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the bars on which a value that leaves a band changes state, and the states: hysteresis, event by event.

    Parameters
    ----------
    values
        Shape ``(T,)``; NaN says nothing.
    entry
        Above it the state is 1, below -`entry` it is 0.
    exit
        With abs(value) below it the state is 2; None: there is no such state.
    first
        The first bar that can have a state; earlier ones say nothing.
    start
        The state on that bar if its value gives none.

    Returns
    -------
    bars, states : numpy.ndarray
        Shape ``(K,)`` each, int; the first bar with a state, and those on which it changes.
    """
    bars, states = _band_states(values, float(entry), -1.0 if exit is None else float(exit), first, start)
    return bars, states


@compiled
def _band_states(values, entry, inside, first, start):
    bars, states = np.empty(len(values), dtype=np.int64), np.empty(len(values), dtype=np.int64)
    count, state, t = 0, -1, max(first, 0)
    low = high = np.nan  # while the value is neither below nor above, the state stays
    while t < len(values):
        value, now = values[t], state
        if abs(value) < inside:
            now = 2
        if value > entry:
            now = 1
        if value < -entry:
            now = 0
        if now < 0:
            now = start
        if now != state:
            bars[count], states[count] = t, now
            count += 1
            state = now
            low = -np.inf if state == 0 else min(inside, entry) if state == 1 and inside > 0 else -entry
            high = np.inf if state == 1 else -min(inside, entry) if state == 0 and inside > 0 else entry
        t = _leaves(values, t + 1, low, high)
    return bars[:count].copy(), states[:count].copy()


@bare
def _leaves(values, t, low, high):
    """Return the first bar from t on with a value below low or above high, or the number of bars."""
    while t + BLOCK <= len(values) and not _outside(values[t : t + BLOCK], low, high):
        t += BLOCK
    while t < len(values):
        if values[t] < low or values[t] > high:
            break
        t += 1
    return t


@bare
def _outside(block, low, high):
    """Return how many values are below low or above high; in a block without branches, which is many times as fast."""
    count = 0
    for k in range(len(block)):
        count += (block[k] < low) | (block[k] > high)
    return count


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
    """Return the miners as one price series, shape ``(T,)``, 1 on the bar on which the first of them belongs and NaN before.

    The equal-weight basket of the universe's miners, re-formed at the close of each quarter's first bar from those that belong then
    (`Market.belongs`); its chained total return. A member without a bar counts at its last close. With none the series stands still.
    With one miner this is that miner.
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
