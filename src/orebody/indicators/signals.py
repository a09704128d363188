"""Causal states: what a value that leaves a band, or falls from its high, says on each bar."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from orebody.compiling import njit

__all__ = ["hold_last", "hysteresis_breach", "hysteresis_states", "last_stated", "trailing_stop_state"]

compiled: Any = njit(cache=True, error_model="numpy")
_BARE: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
bare: Any = njit(**_BARE)  # for parts that make no arrays, so that references are not counted, and that Python does not call: not cached
BLOCK = 32


def hysteresis_states(values: np.ndarray, entry: float, exit: float | None, first: int, start: int) -> tuple[np.ndarray, np.ndarray]:
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
    bars, states = _hysteresis_states(values, float(entry), -1.0 if exit is None else float(exit), first, start)
    return bars, states


@compiled
def _hysteresis_states(values, entry, inside, first, start):
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
    while t + BLOCK <= len(values):
        at = _outside(values[t : t + BLOCK], low, high)
        if at < BLOCK:
            return t + at
        t += BLOCK
    while t < len(values):
        if values[t] < low or values[t] > high:
            break
        t += 1
    return t


@bare
def _outside(block, low, high):
    """Return where the first value is below low or above high, or BLOCK; without branches, which is many times as fast."""
    at = BLOCK
    for k in range(len(block)):
        at = min(at, k if (block[k] < low) | (block[k] > high) else BLOCK)
    return at


def hold_last(signal: np.ndarray) -> np.ndarray:
    """Return the last signal given at or before each bar: a value of -1 gives none and keeps the one before.

    Parameters
    ----------
    signal
        Shape ``(T,)``, int: -1, or a state from 0 up.
    """
    latched: np.ndarray = _hold_last(np.ascontiguousarray(signal, dtype=np.int64))
    return latched


@compiled
def _hold_last(signal):
    out, now = np.empty_like(signal), -1
    for t in range(len(signal)):
        if signal[t] >= 0:
            now = signal[t]
        out[t] = now
    return out


def hysteresis_breach(values: np.ndarray, around: np.ndarray, margin: float, side: float) -> np.ndarray:
    """Return whether each value has gone too far to one side of something, and is not yet back across it; shape ``(T,)``, bool.

    Parameters
    ----------
    values, around
        Shape ``(T,)``; NaN changes nothing, and at first nothing has strayed.
    margin
        How far is too far, as a share of abs(around).
    side
        1 for above, -1 for below.
    """
    strayed: np.ndarray = _hysteresis_breach(np.ascontiguousarray(values), np.ascontiguousarray(around), float(margin), float(side))
    return strayed


@compiled
def _hysteresis_breach(values, around, margin, side):
    strayed, now = np.empty(len(values), dtype=np.bool_), False
    for t in range(len(values)):
        away = (values[t] - around[t]) * side
        if away > margin * abs(around[t]):
            now = True
        elif away < 0:
            now = False
        strayed[t] = now
    return strayed


def last_stated(rows: np.ndarray, table: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """Return what a table last gave each instrument at or before each of some bars; NaN where it had given nothing yet.

    Parameters
    ----------
    rows
        Shape ``(K,)``, ascending: the bars that the table speaks of.
    table
        Shape ``(K, N)``; NaN gives nothing and keeps what was given before.
    bars
        Shape ``(M,)``, ascending.

    Returns
    -------
    numpy.ndarray
        Shape ``(M, N)``.
    """
    given: np.ndarray = _last_stated(rows, np.ascontiguousarray(table, dtype=float), bars)
    return given


@compiled
def _last_stated(rows, table, bars):
    out, now, k = np.empty((len(bars), table.shape[1])), np.full(table.shape[1], np.nan), 0
    for m in range(len(bars)):
        while k < len(rows) and rows[k] <= bars[m]:
            for i in range(len(now)):
                if not math.isnan(table[k, i]):
                    now[i] = table[k, i]
            k += 1
        out[m] = now
    return out


def trailing_stop_state(values: np.ndarray, window: int, fall: float, first: int) -> np.ndarray:
    """Return whether one stands back on each bar from `first` on, 1 or 0, and -1 before; shape ``(T,)``, int.

    Back when the value is `fall` or more (1e-12 of slack) below its high of the last `window` bars; again in when it has regained half of
    the way from its lowest since to that high, and from then on the high counts anew. NaN changes nothing.

    Parameters
    ----------
    values
        Shape ``(T,)``.
    window
        Bars in the high, the current one included.
    fall
        In the unit of the values, positive; 0 never stands back.
    first
        The first bar that has a state.
    """
    states: np.ndarray = _trailing_stop_state(np.ascontiguousarray(values), window, float(fall), first)
    return states


@compiled
def _trailing_stop_state(values, window, fall, first):
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
