"""When a portfolio has drifted so far from its targets that it is rebalanced, from prices alone."""

from __future__ import annotations

import math

import numpy as np

from orebody.compiling import njit

__all__ = ["drift_rebalances"]


def drift_rebalances(marks: np.ndarray, fill_prices: np.ndarray, targets: np.ndarray, band: float, first: int) -> np.ndarray:
    """Return the bars on which a portfolio is rebalanced: bar `first`, and each on which its first instrument left its band.

    The holdings are those of an account that bought the targets of the bar before at the next fill
    price of each instrument and has not traded since; what targets leave over is cash.

    Parameters
    ----------
    marks
        The last close at or before each bar, shape ``(T, N)``.
    fill_prices
        Prices at which orders fill, shape ``(T, N)``; NaN where an instrument has no bar.
    targets
        Weights to which a rebalance on each bar returns, shape ``(T, N)``.
    band
        How far the weight of the first instrument may be from its target at a close; 1e-12 of slack, as an account's band has.
    first
        The bar on which the portfolio begins.
    """
    held, paid, goal = (np.ascontiguousarray(one, dtype=float) for one in (marks, fill_prices, targets))
    rows: np.ndarray = _drift_rebalances(held, paid, goal, float(band), max(first, 0))
    return rows


@njit(cache=True, error_model="numpy")
def _drift_rebalances(marks, fill_prices, targets, band, first):
    bars, width = marks.shape
    rows, paid = np.empty(bars, dtype=np.int64), np.full(width, np.nan)
    count, begin = 0, -1
    for t in range(first, bars):
        if begin >= 0:
            core, total = 0.0, 1.0
            for i in range(width):
                weight = targets[begin, i]
                if weight == 0:
                    continue
                if math.isnan(paid[i]):
                    paid[i] = fill_prices[t, i]
                grown = weight if math.isnan(paid[i]) else weight * marks[t, i] / paid[i]
                total += grown - weight
                if i == 0:
                    core = grown
            if not abs(core / total - targets[begin, 0]) > band + 1e-12:
                continue
        rows[count] = t
        count += 1
        begin = t
        paid[:] = np.nan
    return rows[:count].copy()
