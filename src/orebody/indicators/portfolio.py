"""What a set of weights would have done, and a value followed in steps."""

from __future__ import annotations

import numpy as np

from orebody.compiling import njit

__all__ = ["deadband", "weighted_volatility"]


def weighted_volatility(returns: np.ndarray, weights: np.ndarray, window: int, periods_per_year: float) -> np.ndarray:
    """Return the annual volatility (population) that the weights of each bar would have had over the `window` returns that end with it.

    Parameters
    ----------
    returns, weights
        Shape ``(T, N)``, without NaN; the first returns are those of bar 1.
    window
        Returns in the window.
    periods_per_year
        Bars in a year, `Market.periods_per_year`.

    Returns
    -------
    numpy.ndarray
        Shape ``(T,)``, a fraction; NaN before the first full window.
    """
    squares = _squares(np.ascontiguousarray(returns), np.ascontiguousarray(weights), window)
    out: np.ndarray = np.sqrt(squares / window * periods_per_year)
    return out


def deadband(values: np.ndarray, step: float, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values that follow `values` only when these are more than `step` away, and the bars on which they move, `first` among them.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    step
        How far they may be from what is followed, in their own unit.
    first
        The first bar that counts; before it the value is 1.
    """
    kept, rows = _deadband(np.ascontiguousarray(values), float(step), first)
    return kept, rows


@njit(cache=True, error_model="numpy")
def _squares(returns, weights, window):
    bars, width = returns.shape
    out, earned = np.full(bars, np.nan), np.zeros(bars)
    total = squares = 0.0
    since = window
    for t in range(window, bars):
        same = t > window
        for i in range(width):
            same &= weights[t, i] == weights[t - 1, i]
        if same and since < window:
            one = 0.0
            for i in range(width):
                one += weights[t, i] * returns[t, i]
            earned[t] = one
            old = earned[t - window]
            total += one - old
            squares += one * one - old * old
            since += 1
        else:
            total = squares = 0.0
            for k in range(t - window + 1, t + 1):
                one = 0.0
                for i in range(width):
                    one += weights[t, i] * returns[k, i]
                earned[k] = one
                total += one
                squares += one * one
            since = 0
        out[t] = max(0.0, squares - total * total / window)
    return out


@njit(cache=True, error_model="numpy")
def _deadband(values, step, first):
    deadband, rows = np.ones(len(values)), np.empty(len(values), dtype=np.int64)
    count, now = 0, np.nan
    for t in range(first, len(values)):
        if not abs(values[t] - now) <= step:
            now = values[t]
            rows[count] = t
            count += 1
        deadband[t] = now
    return deadband, rows[:count].copy()
