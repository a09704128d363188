"""The figures of resampled histories, compiled; defined as in `orebody.metrics`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from orebody.compiling import njit

__all__ = ["METRICS", "figures"]

METRICS = ("cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar")
"""What `figures` tells, in this order."""


def _figures(histories: np.ndarray, returns: np.ndarray, excess: np.ndarray, per_year: float, years: float, out: np.ndarray) -> None:
    bars, count = returns.shape
    state = np.empty((8, count))
    wealth, peak, depth, total, squares, gained, spread, below = state
    for draw in range(len(histories)):
        state[:] = 0.0
        wealth[:] = 1.0
        peak[:] = 1.0
        for at in range(bars):
            bar = histories[draw, at]
            for run in range(count):
                moved, over = returns[bar, run], excess[bar, run]
                wealth[run] *= 1.0 + moved
                peak[run] = max(peak[run], wealth[run])
                depth[run] = min(depth[run], wealth[run] / peak[run] - 1.0)
                total[run] += moved
                squares[run] += moved * moved
                gained[run] += over
                spread[run] += over * over
                below[run] += min(over, 0.0) ** 2
        for run in range(count):
            mean, over = total[run] / bars, gained[run] / bars
            sigma = math.sqrt(max(squares[run] / bars - mean * mean, 0.0) * bars / (bars - 1))
            risk = math.sqrt(max(spread[run] / bars - over * over, 0.0) * bars / (bars - 1))
            down = math.sqrt(below[run] / bars)
            fall = depth[run] if depth[run] < -1e-12 else 0.0
            growth = math.pow(max(wealth[run], 0.0), 1.0 / years) - 1.0 if years >= 1.0 else math.nan
            out[draw, run, 0] = growth
            out[draw, run, 1] = sigma * math.sqrt(per_year)
            out[draw, run, 2] = over / risk * math.sqrt(per_year) if risk > 1e-15 else math.nan
            out[draw, run, 3] = over / down * math.sqrt(per_year) if down > 1e-15 else math.nan
            out[draw, run, 4] = fall
            out[draw, run, 5] = growth / -fall if fall < 0 else math.nan


_compiled: Any = njit(nogil=True, cache=True, error_model="numpy")(_figures)


def figures(histories: np.ndarray, returns: np.ndarray, excess: np.ndarray, per_year: float, years: float) -> np.ndarray:
    """Return the `METRICS` of each run on each history, shape ``(draws, K, 6)``; NaN where one does not exist.

    Parameters
    ----------
    histories
        Shape ``(draws, T)``: bar numbers. All runs are read on the same bars, so that they stay paired.
    returns, excess
        Shape ``(T, K)``: returns, and those over cash.
    per_year, years
        Bars a year, and the calendar years by which growth is annualised: those of the history itself, for every draw.
    """
    out = np.empty((len(histories), returns.shape[1], len(METRICS)))
    _compiled(
        np.ascontiguousarray(histories, dtype=np.int64), np.ascontiguousarray(returns), np.ascontiguousarray(excess), per_year, years, out
    )
    return out
