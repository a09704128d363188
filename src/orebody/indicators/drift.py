"""How the weights of a portfolio that nobody touches drift, from prices alone."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["rebalances"]


def rebalances(one: np.ndarray, two: np.ndarray, share: float, band: float, first: int) -> np.ndarray:
    """Return the bars on which a portfolio of two parts is brought back: bar `first`, and each on which it has drifted too far.

    It has when the weight of `one` is more than `band` away from `share`, prices alone having moved it since it was last brought back.

    Parameters
    ----------
    one, two
        Prices of the two parts, shape ``(T,)``.
    share
        The target weight of `one`; `two` has the rest.
    band
        How far it may drift; 1e-12 of slack, as an account's band has.
    first
        The bar on which the portfolio begins.
    """
    rows: np.ndarray = _rebalances(np.ascontiguousarray(one), np.ascontiguousarray(two), float(share), float(band), first)
    return rows


@njit(cache=True, error_model="numpy")
def _rebalances(one, two, share, band, first):
    rows = np.empty(len(one), dtype=np.int64)
    count, begin = 0, -1
    for t in range(max(first, 0), len(one)):
        if begin >= 0:
            mine, other = share * one[t] / one[begin], (1 - share) * two[t] / two[begin]
            if not abs(mine / (mine + other) - share) > band + 1e-12:
                continue
        rows[count] = t
        count += 1
        begin = t
    return rows[:count].copy()
