"""The spread between two prices with a hedge ratio: its z-score, and when to be in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from orebody.compiling import njit

__all__ = ["fixed_spread", "positions", "rolling_spread"]

compiled: Any = njit(cache=True, error_model="numpy")


def fixed_spread(one: np.ndarray, two: np.ndarray, window: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return z and the hedge ratio h of one - h x two, with h, mean and deviation from the first `window` bars from `first` on.

    h is the least-squares slope without intercept; the deviation is that of a population. Both arrays have the shape ``(T,)``, NaN where
    the window is never full or the spread does not move. Chan, Quantitative Trading (2009), example 3.6.

    Parameters
    ----------
    one, two
        Prices, shape ``(T,)``.
    window
        Bars that hedge ratio, mean and deviation are taken from.
    first
        The bar on which both prices are there.
    """
    nothing = np.full(len(one), np.nan)
    if len(one) < first + window:
        return nothing, nothing
    x, y = one[first : first + window], two[first : first + window]
    hedge = float(x @ y / (y @ y))
    spread = x - hedge * y
    deviation = float(spread.std())
    if not deviation > 1e-9 * float(np.abs(x).mean()):
        return nothing, nothing
    z = (one - hedge * two - spread.mean()) / deviation
    z[:first] = np.nan
    return z, np.full(len(one), hedge)


def rolling_spread(one: np.ndarray, two: np.ndarray, window: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return z and the hedge ratio as `fixed_spread` does, but those of each bar from the window that ends with it.

    Parameters
    ----------
    one, two
        Prices, shape ``(T,)``.
    window
        Bars in the window, the current one included.
    first
        The bar on which both prices are there; a NaN after it makes the window begin anew.
    """
    z, hedge = _rolling_spread(np.ascontiguousarray(one), np.ascontiguousarray(two), window, first)
    return z, hedge


def positions(z: np.ndarray, entry: float, exit: float, stop: float | None) -> np.ndarray:
    """Return the position in the spread on each bar: 1 long, -1 short, 0 out; shape ``(T,)``, int.

    In at abs(z) >= `entry`, against it; out at abs(z) <= `exit`; NaN changes nothing. At abs(z) >= `stop` it is out, and stays so until
    abs(z) <= `exit`.

    Parameters
    ----------
    z
        Shape ``(T,)``.
    entry, exit, stop
        In standard deviations; `stop` None never stops.
    """
    held: np.ndarray = _positions(z, float(entry), float(exit), math.inf if stop is None else float(stop))
    return held


@compiled
def _rolling_spread(one, two, window, first):
    """Sums of products around the first pair of each full window, formed anew as often, so that rounding cannot add up."""
    z, hedge = np.full(len(one), np.nan), np.full(len(one), np.nan)
    x0 = y0 = x = y = xx = yy = xy = 0.0
    count = since = 0
    for t in range(first, len(one)):
        if math.isnan(one[t]) or math.isnan(two[t]):
            count = 0
            continue
        count += 1
        if count < window:
            continue
        if count == window or since == window:
            x0, y0 = one[t], two[t]
            x = y = xx = yy = xy = 0.0
            begin, since = t - window + 1, 0
        else:
            a, b = one[t - window] - x0, two[t - window] - y0
            x, y, xx, yy, xy = x - a, y - b, xx - a * a, yy - b * b, xy - a * b
            begin = t
        for k in range(begin, t + 1):
            a, b = one[k] - x0, two[k] - y0
            x, y, xx, yy, xy = x + a, y + b, xx + a * a, yy + b * b, xy + a * b
        since += 1
        # the same sums around 0
        slope = (xy + x0 * y + y0 * x + window * x0 * y0) / (yy + 2 * y0 * y + window * y0 * y0)
        variance = (xx - x * x / window - 2 * slope * (xy - x * y / window) + slope * slope * (yy - y * y / window)) / window
        hedge[t] = slope
        if variance > (1e-9 * one[t]) ** 2:
            z[t] = (one[t] - x0 - x / window - slope * (two[t] - y0 - y / window)) / math.sqrt(variance)
    return z, hedge


@compiled
def _positions(z, entry, leave, stop):
    held = np.zeros(len(z), dtype=np.int64)
    now, stopped = 0, False
    for t in range(len(z)):
        value = z[t]
        if not math.isnan(value):
            if abs(value) >= stop:
                now, stopped = 0, True
            elif abs(value) <= leave:
                now, stopped = 0, False
            if not stopped and abs(value) < stop and abs(value) >= entry and abs(value) > leave:
                now = -1 if value > 0 else 1
        held[t] = now
    return held
