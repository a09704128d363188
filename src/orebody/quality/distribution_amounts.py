"""Distributions against each other: one payment recorded on two days, and amounts 100 times too small or too large."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from orebody.quality.bars import Bars
from orebody.quality.ex_day_moves import SURE, fit
from orebody.quality.finding import Finding, Fix

__all__ = ["hundredfold", "twice"]

_WEEK = np.timedelta64(7, "D")  # within which nothing pays twice, unless it pays every week
_RARE = np.timedelta64(20, "D")  # median days between payments of what does not pay every week or two
_ALIKE = float(np.log(1.2))  # two amounts farther apart than 1.2 times are two payments
_SAME = 1e-6
_STEPS = 2e-4  # of Adj Close over Close: less is no step
_HUNDRED, _NEAR = float(np.log(100)), 0.35  # 70 to 142 times: one payment is not as large as the next
_STEADY = 0.5  # log: payments that lie farther apart among themselves do not make another one odd
_FEWEST = 3  # payments that say what is usual


def twice(bars: Bars, steps: np.ndarray | None) -> tuple[list[Finding], set[int]]:
    """Find one payment that is recorded on two days within a week, and the bars that this settles.

    How alike the amounts are and how seldom the ticker pays speak for one payment, falls of the price on both days for two. Which of the
    two is the payment, the price says, or an Adj Close that steps on one of them alone.
    """
    paid = bars.values["dividends"]
    at = np.flatnonzero(paid[1:] > 0) + 1
    findings: list[Finding] = []
    settled: set[int] = set()
    for one, two in map(tuple, pairwise(map(int, at))):
        apart = abs(float(np.log(paid[one] / paid[two])))
        if bars.days[two] - bars.days[one] > _WEEK or apart > _ALIKE or one in settled:
            continue
        pair = np.array([one, two])
        shows = fit(bars, pair, paid[pair]) - fit(bars, pair, 0.0)  # of each, over nothing paid that day
        alike = 4.0 if apart < _SAME else 2.3 if apart < 0.02 else 1.6  # as 50, 10 and 5 to 1
        odds = -float(shows.min()) + alike + _seldom(bars, at, pair)
        alone = [] if steps is None else [bar for bar in (one, two) if abs(steps[bar - 1]) >= _STEPS]
        if len(alone) == 1:
            odds, true = _STEPPED, alone[0]
        else:
            true = one if shows[0] >= shows[1] else two
        if odds <= -SURE:
            continue
        settled |= {one, two}
        findings.append(_pair(bars, (one, two), true, odds >= SURE, steps))
    return findings, settled


_STEPPED = 2 * SURE  # the provider's own Adj Close counts one of the two only


def _seldom(bars: Bars, at: np.ndarray, pair: np.ndarray) -> float:
    """Return what the rhythm of all payments adds to the odds that two within a week are one."""
    days = bars.days[np.setdiff1d(at, pair[1:])]
    if len(days) < _FEWEST + 1:
        return 0.0
    usual = np.median(np.diff(days).astype(np.int64))
    return 2.3 if usual >= _RARE.astype(np.int64) else -4.6


def _pair(bars: Bars, pair: tuple[int, int], true: int, wrong: bool, steps: np.ndarray | None) -> Finding:
    one, two = pair
    paid, phantom = bars.values["dividends"], two if true == one else one
    days = f"on {bars.day(one).date()} and again on {bars.day(two).date()}"
    if abs(paid[one] - paid[two]) <= _SAME * paid[one]:
        what = f"the distribution of {paid[one]:g} stands {days}"
    else:
        what = f"distributions of {paid[one]:g} and {paid[two]:g} stand {days}"
    moves = [bars.close[bar] / bars.close[bar - 1] - 1 for bar in pair]
    what += f"; the close moved by {moves[0]:+.1%} and {moves[1]:+.1%}"
    if not wrong:
        what += ", which does not tell whether that is one payment or two; both are counted"
        return Finding(bars.ticker, "dividend", bars.day(one), bars.day(two), 1, False, what)
    factor, before, right = 1.0, bars.day(true), paid[true] / bars.close[true - 1]
    if steps is not None:
        alone = abs(steps[phantom - 1]) < _STEPS
        step = float(steps[true - 1] if alone else steps[phantom - 1])
        if alone:
            what += f"; Adj Close steps on {bars.day(true).date()} alone, by {step:.2%} for {right:.2%}"
        factor = (1 - right) / (1 - step) if alone else 1 / (1 - step)
        before = bars.day(true) if alone else bars.day(phantom)
    what += f"; take the one of {bars.day(phantom).date()} out"
    mend = Fix("action", bars.rows[[phantom]], factor, before)
    return Finding(bars.ticker, "dividend", bars.day(phantom), bars.day(phantom), 1, True, what, mend)


def hundredfold(bars: Bars, steps: np.ndarray | None, settled: set[int]) -> tuple[list[Finding], set[int]]:
    """Find amounts 100 times too small or too large beside the others, or all of them beside the price; and the bars that this settles."""
    paid = bars.values["dividends"]
    at = np.array([bar for bar in np.flatnonzero(paid[1:] > 0) + 1 if bar not in settled], dtype=np.intp)
    if len(at) < _FEWEST:
        return [], set()
    low, high = _levels(np.log(paid[at]))
    groups = [(at[low], 100.0), (at[high], 0.01)] if low.any() else [(at, 100.0)]
    odds = []
    for group, times in groups:
        price = float((fit(bars, group, times * paid[group]) - fit(bars, group, paid[group])).sum())
        few = SURE if len(group) < len(at) / 2 else 0.0  # most payments say what is usual
        odds.append((price + few, price, group, times))
    best = max(odds, key=lambda one: one[0])
    others = [one[0] for one in odds if one is not best]
    total, price, group, times = best
    needed = SURE if others else 2 * SURE  # without others beside them the price alone must tell
    wrong = total >= needed and price >= 1.0 and all(total >= other + 2 for other in others)
    steady = len(group) < len(at) and float(np.std(np.log(paid[np.setdiff1d(at, group)]))) <= _STEADY
    if not wrong and not (steady and total > 0):
        return [], set()
    if wrong:
        return [_off(bars, int(bar), times, steps, alone=not others) for bar in group], set(map(int, group))
    what = f"{len(group)} of {len(at)} distributions are about 100 times {'smaller' if times > 1 else 'larger'} than the others, the first"
    what += f" {paid[group[0]]:g}; the price does not tell whether they are right; they are counted as they stand"
    return [Finding(bars.ticker, "dividend", bars.day(group[0]), bars.day(group[-1]), len(group), False, what)], set()


def _levels(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which amounts are of the lower and which of the higher of two levels 100 times apart; none of either where there is one."""
    none = np.zeros(len(logs), dtype=bool)
    ordered = np.sort(logs)
    gap = int(np.argmax(np.diff(ordered)))
    if ordered[gap + 1] - ordered[gap] < _HUNDRED / 2:
        return none, none
    low = logs <= ordered[gap]
    apart = float(np.median(logs[~low]) - np.median(logs[low]))
    return (low, ~low) if abs(apart - _HUNDRED) <= _NEAR else (none, none)


def _off(bars: Bars, bar: int, times: float, steps: np.ndarray | None, *, alone: bool) -> Finding:
    amount, before = float(bars.values["dividends"][bar]), float(bars.close[bar - 1])
    right = amount * times
    what = f"the distribution of {amount:g} is 100 times too {'small' if times > 1 else 'large'} beside "
    what += "the falls of the price on all ex-days" if alone else "the others"
    what += f" (pence for pounds?): the close went from {before:.6g} to {bars.close[bar]:.6g}; write {right:g}"
    step = 0.0 if steps is None else float(steps[bar - 1])
    factor = (1 - right / before) / (1 - step) if steps is not None and step < 1 else 1.0
    mend = Fix("action", bars.rows[[bar]], factor, bars.day(bar), amounts=right)
    return Finding(bars.ticker, "dividend", bars.day(bar), bars.day(bar), 1, True, what, mend)
