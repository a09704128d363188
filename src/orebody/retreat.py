"""Stepping back when a measure has fallen from its high, and coming back when it has regained half."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["retreats"]


def retreats(values: np.ndarray, window: int, fall: float, first: int) -> np.ndarray:
    """Return whether one stands back on each bar from `first` on, 1 or 0, and -1 before; shape ``(T,)``, int.

    Back when the value is `fall` or more (1e-12 of slack) below its high of the last `window` bars; again in when it has regained half of
    the way from its lowest since to that high, and from then on the high counts anew. NaN changes nothing.
    """
    states: np.ndarray = _retreats(np.ascontiguousarray(values), window, float(fall), first)
    return states


@njit(cache=True, error_model="numpy")
def _retreats(values, window, fall, first):
    states = np.full(len(values), -1, dtype=np.int64)
    since, back, top, low = 0, False, 0.0, 0.0
    high, at = -math.inf, -1  # the high of the window and where it is
    for t in range(len(values)):
        value = values[t]
        if not math.isnan(value):
            if back:
                low = min(low, value)
                if value >= (top + low) / 2 - 1e-12:
                    back, since, high, at = False, t, value, t
            if value >= high:
                high, at = value, t
            elif at <= t - window:
                high, at = -math.inf, -1
                for k in range(max(since, t - window + 1), t + 1):
                    if values[k] >= high:
                        high, at = values[k], k
            if not back and t >= first and value <= high - fall + 1e-12 and fall > 0:
                back, top, low = True, high, value
        if t >= first:
            states[t] = 1 if back else 0
    return states
