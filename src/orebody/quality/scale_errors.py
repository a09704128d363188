"""Prices at the wrong level: 100 times too high or low, and splits that were not carried into the past."""

from __future__ import annotations

import numpy as np

from orebody.quality.bars import Bars, moves_of, typical
from orebody.quality.ex_day_moves import SURE, fit
from orebody.quality.finding import Finding, Fix

__all__ = ["find_missed_splits", "find_scale_errors"]

_HUNDRED = np.log(100)
_NEAR_HUNDRED = 0.35  # log: 70 to 142 times, since the day's own move comes on top
_QUARTER = 63  # rows at an old level that are dropped for the newest level's sake; more is the history itself
_WEEK = 5  # rows at the newest level without which it is no level
_LEAP = np.log(1.8)  # the smallest split looked for is 2 for 1; no real day of ours moved so far
_TIMES = 10.0  # and this many times the usual move
_RATIOS = np.array((2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50), dtype=float)
_OFF_RATIO = 0.07  # log: the day's own move beside the split's
_SMALLEST_RECORDED = np.log(1.02)
_PLAIN = np.log(1.2)  # from here on the size of the move alone tells
_CARRIED = np.log(50)  # to 1, before the price is looked at: recorded splits are carried, but for few
_IMPOSSIBLE = np.log(8)  # beyond any real day: another unit, or another instrument


def find_scale_errors(bars: Bars) -> tuple[list[Finding], np.ndarray]:
    """Return stretches 100 times too high or low, and where they are.

    The newest price is taken to be in the currency that the source names today. A stretch between two others, or up to a quarter of rows at
    the beginning, can be dropped; which side of a longer one is right cannot be told from prices.
    """
    off = np.zeros(len(bars), dtype=bool)
    moves = moves_of(bars.close)
    leaps = np.flatnonzero(np.abs(np.abs(moves) - _HUNDRED) < _NEAR_HUNDRED)
    if not len(leaps):
        return [], off
    steps = np.zeros(len(bars), dtype=int)
    steps[leaps + 1] = np.sign(moves[leaps]).astype(int)
    level = np.cumsum(steps)
    level -= level[-1]
    off = level != 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], off, [False])).astype(np.int8)))
    newest = len(bars) - int(edges[-1])
    return [
        _stretch(bars, int(first), int(end), int(level[first]), newest) for first, end in zip(edges[::2], edges[1::2], strict=True)
    ], off


def _stretch(bars: Bars, first: int, end: int, level: int, newest: int) -> Finding:
    rows = "1 row is" if end - first == 1 else f"{end - first} rows are"
    times = f"{100 ** abs(level)} times too {'high' if level > 0 else 'low'}"
    count = end - first
    fix = None
    if newest < _WEEK:
        what = f"{rows} {times} beside the last {newest}, too few to say which side is right; mend the currency of either"
    elif first == 0 and count > _QUARTER:
        what = f"{rows} {times} beside those since {bars.day(end).date()}: which side is right cannot be told; mend their currency"
    else:
        what = f"{rows} {times} beside the newest (pence for pounds, cents for rand?); divide them, or drop them"
        fix = Fix("rows", bars.rows[first:end])
    return Finding(bars.ticker, "currency", bars.day(first), bars.day(end - 1), count, True, what, fix)


def find_missed_splits(bars: Bars) -> list[Finding]:
    """Find recorded splits whose step is still in the prices, and lasting leaps near a simple ratio that nothing explains.

    A recorded split without a step is as it should be: prices come adjusted for splits.
    """
    if len(bars) < 2:
        return []
    moves = moves_of(bars.close)
    findings = []
    explained = np.zeros(len(moves), dtype=bool)
    recorded = bars.values.get("splits")
    if recorded is not None:
        ratio = recorded[1:]
        size = np.zeros(len(moves))
        known = np.isfinite(ratio) & (ratio > 0) & (ratio != 1)
        size[known] = np.log(ratio[known])
        left = np.abs(moves + size)  # a split of 2 halves a price that does not carry it
        at = np.flatnonzero((np.abs(size) >= _SMALLEST_RECORDED) & (left < np.abs(moves)))
        large = (np.abs(moves[at]) > 3 * typical(moves, at)) & (left[at] < 0.25 * np.abs(size[at])) & (np.abs(size[at]) >= _PLAIN)
        whole = bars.close[at] * -np.expm1(-size[at])  # what a share is less worth after the split
        odds = fit(bars, at + 1, whole) - fit(bars, at + 1, 0.0)
        wrong = large | (odds >= _CARRIED + SURE)
        explained[at[wrong]] = True
        told = wrong | (odds >= 1.0)
        findings += [_uncarried(bars, int(bar) + 1, certain=bool(sure)) for bar, sure in zip(at[told], wrong[told], strict=True)]
    at = np.flatnonzero((np.abs(moves) >= _LEAP) & ~explained)
    at = at[np.abs(moves[at]) >= _TIMES * typical(moves, at)]
    findings += [_leap(bars, int(bar) + 1) for bar in at]
    return findings


def _uncarried(bars: Bars, at: int, *, certain: bool) -> Finding:
    what = f"the split of {bars.values['splits'][at]:g} is recorded, and the close still goes from {bars.close[at - 1]:.6g}"
    what += f" to {bars.close[at]:.6g}: earlier prices"
    what += " do not carry it; take prices adjusted for splits" if certain else " may not carry it, or the day moved as much; look it up"
    return Finding(bars.ticker, "split", bars.day(at), bars.day(at), 1, certain, what)


def _leap(bars: Bars, at: int) -> Finding:
    before, here = bars.close[at - 1], bars.close[at]
    size = abs(np.log(here / before))
    nearest = _RATIOS[np.argmin(np.abs(np.log(_RATIOS) - size))]
    day = bars.day(at)
    moved = f"the close goes from {before:.6g} to {here:.6g} and stays"
    if abs(np.log(nearest) - size) > _OFF_RATIO:
        wrong = abs(size) >= _IMPOSSIBLE
        remedy = "no price moves so far in a day; take another source" if wrong else "look up what happened"
        return Finding(bars.ticker, "jump", day, day, 1, wrong, f"{moved}: {remedy}")
    ratio = f"{nearest:g} for 1" if here < before else f"1 for {nearest:g}"
    what = f"{moved}, as after a split of {ratio} that earlier prices do not carry; take prices adjusted for splits"
    return Finding(bars.ticker, "split", day, day, 1, True, what)
