"""A ladder of rungs below the high: which are newly reached, and what share of the cash they spend."""

from __future__ import annotations

import numpy as np

from orebody.compiling import njit
from orebody.errors import ParameterError

__all__ = ["check_rungs", "ladder"]


def check_rungs(strategy: str, rungs: object) -> tuple[float, ...]:
    """Return the rungs as a tuple, or raise `ParameterError` unless they are positive numbers that ascend.

    Parameters
    ----------
    strategy
        Whose rungs they are, for the message.
    rungs
        A list or a tuple.
    """
    numbers = tuple(rungs) if isinstance(rungs, list | tuple) else ()
    plain = all(isinstance(one, int | float | np.integer | np.floating) and not isinstance(one, bool) for one in numbers)
    if not numbers or not plain or not (np.diff((0.0, *numbers)) > 0).all() or not np.isfinite(numbers[-1]):
        raise ParameterError(f"{strategy}: rungs is {rungs!r}: it must be positive numbers that ascend, such as (0.5, 1.0, 1.5)")
    return tuple(float(one) for one in numbers)


def ladder(depth: np.ndarray, unit: np.ndarray, rungs: tuple[float, ...], first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the bars on which rungs are newly reached, and the share of the free cash that these spend.

    The k-th of n rungs spends 1/(n - k + 1) of the cash then free; several at once spend what they would one after the other. A depth of
    0, a new high, arms all of them again.

    Parameters
    ----------
    depth
        Shape ``(T,)``: the fall from the high, 0 at the high; NaN says nothing.
    unit
        Shape ``(T,)``: what a rung is a multiple of.
    rungs
        Positive, ascending.
    first
        The first bar that counts; all rungs are armed on it.
    """
    rows, shares = _ladder(np.ascontiguousarray(depth), np.ascontiguousarray(unit), np.array(rungs), first)
    return rows, shares


@njit(cache=True, error_model="numpy")
def _ladder(depth, unit, rungs, first):
    rows, shares = np.empty(len(depth), dtype=np.int64), np.empty(len(depth))
    count = fired = 0
    for t in range(max(first, 0), len(depth)):
        if depth[t] <= 0:
            fired = 0
        reached = fired
        while reached < len(rungs) and depth[t] > 0 and unit[t] > 0 and depth[t] >= rungs[reached] * unit[t]:
            reached += 1
        if reached > fired:
            rows[count], shares[count] = t, (reached - fired) / (len(rungs) - fired)
            count += 1
            fired = reached
    return rows[:count].copy(), shares[:count].copy()
