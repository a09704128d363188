"""What the move of the price on an ex-day says about the amount that is recorded for it.

A provider makes its Adj Close from the same record, so that the two agree proves nothing. A holder's own return on the ex-day, from the
close before less the amount, is an ordinary day's if the amount is right, and is off by what is wrong with it if it is not.
"""

from __future__ import annotations

import numpy as np

from orebody.quality.bars import Bars, moves_of, typical

__all__ = ["LIKELY", "SURE", "fit"]

SURE = float(np.log(20))  # 20 to 1: enough to call a record wrong
LIKELY = float(np.log(10))  # 10 to 1: enough to choose one of two readings

_FREEDOM = 8.0  # of Student's t: ex-days have news like others, so one far move must not decide alone
_FARTHEST = 1e3  # usual moves


def fit(bars: Bars, at: np.ndarray, paid: np.ndarray | float) -> np.ndarray:
    """Return how well an amount fits the move of the price, as a log-likelihood up to a constant.

    The return from the close before less the amount, over the usual move around the day, follows Student's t of 8 degrees of freedom.
    Where nothing says what is usual, every amount fits equally.

    Parameters
    ----------
    bars
        With raw closes.
    at
        Bars, none of them the first.
    paid
        Amount per share on each.
    """
    before, here = bars.close[at - 1], bars.close[at]
    left = before - paid
    usual = typical(moves_of(bars.close), at - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(left > 0, np.abs(np.log(here / left)) / usual, np.where(np.isfinite(usual), _FARTHEST, 0.0))
    times = np.minimum(times, _FARTHEST)
    likely: np.ndarray = -(_FREEDOM + 1) / 2 * np.log1p(times**2 / _FREEDOM)
    return likely
