"""Causal indicators over a rolling window: mean, z-score, volatility, high and drawdown, beta, percentile, momentum.

All take and give arrays of shape ``(T,)``; the value on bar t comes from the window that ends with bar t, and is NaN until the window is
full. A NaN (a series not yet known) makes the window begin anew after it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from orebody.compiling import njit
from orebody.errors import ParameterError

__all__ = [
    "drawdown_from_high",
    "momentum",
    "percentile_of_past",
    "rolling_beta",
    "rolling_high",
    "rolling_mean",
    "rolling_volatility",
    "rolling_zscore",
]

compiled: Any = njit(cache=True, error_model="numpy")  # the GIL is kept: these are called between Python lines, many times
counting: Any = njit(cache=True, error_model="numpy", fastmath={"reassoc"})  # sums of ones are whole in any order
_WHOLE_IN_SINGLE = 2**24  # a float of single precision holds all whole numbers up to this one
SIDES = {None: 0, "up": 1, "down": -1}


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


def rolling_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of the window.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    window
        Bars in the window, the current one included.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``; NaN before the first full window.
    """
    return np.asarray(_mean_and_squares(_floats(values), window)[0])


def rolling_volatility(prices: np.ndarray, window: int, periods_per_year: float) -> np.ndarray:
    """Return the annual volatility: the standard deviation (population) of `window` log returns, times the root of a year's periods.

    Parameters
    ----------
    prices
        Shape ``(T,)``, positive.
    window
        Returns in the window; the first value needs one bar more.
    periods_per_year
        Bars in a year, `Market.periods_per_year`.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``, a fraction: 0.2 is 20 % a year; NaN before the first full window.
    """
    squares = _mean_and_squares(_log_returns(prices), window)[1]
    return np.asarray(np.sqrt(squares / window * periods_per_year))


def rolling_high(values: np.ndarray, window: int) -> np.ndarray:
    """Return the highest value of the window.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    window
        Bars in the window, the current one included.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``; NaN before the first full window.
    """
    return np.asarray(_rolling_high(_floats(values), window))


def drawdown_from_high(prices: np.ndarray, window: int) -> np.ndarray:
    """Return how far each price is below the highest of the window, as a share from 0 to 1.

    Parameters
    ----------
    prices
        Shape ``(T,)``, positive.
    window
        Bars in the window, the current one included.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``, 0 at the high; NaN before the first full window.
    """
    prices = _floats(prices)
    return np.asarray(1.0 - prices / _rolling_high(prices, window))


def rolling_beta(prices: np.ndarray, of: np.ndarray, window: int, side: str | None = None) -> np.ndarray:
    """Return the slope of a regression, with intercept, of the log returns of `prices` on those of `of`, over the last `window` returns.

    Parameters
    ----------
    prices, of
        The producers' and the metal's prices.
    window
        Returns in the window.
    side
        ``"up"`` or ``"down"`` takes only the bars on which `of` rose, or fell; None all.

    Returns
    -------
    numpy.ndarray
        NaN also where `of` did not move, or where a side has fewer than two bars in the window.
    """
    if side not in SIDES:
        raise ParameterError(f"side is {side!r}: it must be 'up', 'down' or None")
    return np.asarray(_rolling_beta(_log_returns(prices), _log_returns(of), window, SIDES[side]))


def percentile_of_past(values: np.ndarray, window: int) -> np.ndarray:
    """Return the share of the `window` values before each one that are below it, equal ones counted half: 0 the lowest, 1 the highest.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    window
        Earlier bars that each value is compared with; the current one is not among them.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``; NaN where fewer bars came before.
    """
    values = _floats(values)
    ranks = np.empty(len(values), dtype=np.float32 if len(values) < _WHOLE_IN_SINGLE else np.float64)
    _rank(values, np.argsort(np.where(np.isnan(values), np.inf, values)), ranks)  # NaN would be sorted four times as slowly
    return np.asarray(_percentile_of_past(values, ranks, window))


def momentum(prices: np.ndarray, lookback: int, skip: int = 0) -> np.ndarray:
    """Return the simple return of the `lookback` bars that end `skip` bars before each bar.

    Parameters
    ----------
    prices
        Shape ``(T,)``.
    lookback, skip
        Bars.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``, a fraction; NaN before there are so many bars.
    """
    prices, out = _floats(prices), np.full(len(prices), np.nan)
    if len(prices) > lookback + skip:
        out[lookback + skip :] = prices[lookback : len(prices) - skip] / prices[: len(prices) - lookback - skip] - 1.0
    return out


def _log_returns(prices: np.ndarray) -> np.ndarray:
    """Return the log return of each bar, NaN on the first."""
    logs = np.log(_floats(prices))
    returns = np.empty(len(logs))
    returns[:1] = np.nan
    np.subtract(logs[1:], logs[:-1], out=returns[1:])
    return returns


def _floats(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=float)


@compiled
def _mean_and_squares(values, window):
    """Mean and sum of squares around it, by Welford's update, both formed anew each full window so that rounding cannot add up."""
    means, out = np.full(len(values), np.nan), np.full(len(values), np.nan)
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
        means[t], out[t] = mean, max(squares, 0.0)
    return means, out


@compiled
def _rolling_zscore(values, window):
    means, squares = _mean_and_squares(values, window)
    for t in range(len(values)):
        spread = math.sqrt(squares[t] / window)
        means[t] = (values[t] - means[t]) / spread if spread > 1e-9 * max(1.0, abs(values[t])) else np.nan
    return means


@compiled
def _rolling_high(values, window):
    """The highest of each window, found from the bars that can still become it: each comes and goes once."""
    out, waiting = np.full(len(values), np.nan), np.empty(len(values), dtype=np.int64)
    first = last = count = 0
    for t in range(len(values)):
        if math.isnan(values[t]):
            first = last = count = 0
            continue
        count += 1
        while last > first and values[waiting[last - 1]] <= values[t]:
            last -= 1
        waiting[last] = t
        last += 1
        if waiting[first] <= t - window:
            first += 1
        if count >= window:
            out[t] = values[waiting[first]]
    return out


@compiled
def _rolling_beta(returns, on, window, side):
    out = np.full(len(returns), np.nan)
    n = y = x = xx = xy = 0.0
    count = since = 0
    for t in range(len(returns)):
        if math.isnan(returns[t]) or math.isnan(on[t]):
            count = 0
            continue
        count += 1
        if count < window:
            continue
        begin = t - window + 1
        if count == window or since == window:
            n = y = x = xx = xy = 0.0
            since = 0
        else:
            begin, old = t, t - window
            if side == 0 or on[old] * side > 0:
                n -= 1.0
                y -= returns[old]
                x -= on[old]
                xx -= on[old] * on[old]
                xy -= on[old] * returns[old]
        for k in range(begin, t + 1):
            if side == 0 or on[k] * side > 0:
                n += 1.0
                y += returns[k]
                x += on[k]
                xx += on[k] * on[k]
                xy += on[k] * returns[k]
        since += 1
        spread = xx - x * x / n if n > 1 else 0.0
        if spread > 1e-12 * xx:
            out[t] = (xy - x * y / n) / spread
    return out


@compiled
def _rank(values, order, ranks):
    """Number the values from 0 up in their order, equal ones alike."""
    last, rank = np.nan, -1.0
    for k in range(len(order)):
        if values[order[k]] != last:
            last = values[order[k]]
            rank += 1.0
        ranks[order[k]] = rank


@compiled
def _percentile_of_past(values, ranks, window):
    """Those below are counted anew for each bar, those equal as they come into the window and go."""
    out, equal = np.full(len(values), np.nan), np.zeros(len(values), dtype=np.int64)
    count = 0
    for t in range(len(values)):
        if math.isnan(values[t]):
            for k in range(t - min(count, window), t):
                equal[int(ranks[k])] = 0
            count = 0
            continue
        if count >= window:
            out[t] = (_below(ranks[t - window : t], ranks[t]) + 0.5 * equal[int(ranks[t])]) / window
            equal[int(ranks[t - window])] -= 1
        equal[int(ranks[t])] += 1
        count += 1
    return out


@counting
def _below(past, rank):
    """Return how many are below; as floats, which the processor compares and adds in one go, twice as many where they are single."""
    one, none = past.dtype.type(1.0), past.dtype.type(0.0)
    below = none
    for k in range(len(past)):
        below += one if past[k] < rank else none
    return below
