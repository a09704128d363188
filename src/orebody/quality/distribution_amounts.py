"""Distributions against each other: one payment recorded on two days."""

from __future__ import annotations

import numpy as np

from orebody.quality.bars import Bars
from orebody.quality.ex_day_moves import SURE, fit
from orebody.quality.finding import Finding, Fix

__all__ = ["find_repeated_payments"]

_WEEK = np.timedelta64(7, "D")  # within which nothing pays twice, unless it pays every week
_HOLIDAYS = np.timedelta64(10, "D")  # the same for what pays rarely: five sessions around New Year
_FARTHEST = np.timedelta64(45, "D")  # from an ex-date to the day of payment
_RARE = np.timedelta64(20, "D")  # median days between payments of what does not pay every week or two
_ALIKE = float(np.log(1.2))  # two amounts farther apart than 1.2 times are two payments
_EQUAL = 0.02
_SAME = 1e-6
_STEPS = 2e-4  # of Adj Close over Close: less is no step
_FEWEST = 3  # payments that say what is usual


def find_repeated_payments(bars: Bars, steps: np.ndarray | None) -> tuple[list[Finding], set[int]]:
    """Find one payment that is recorded on two days or more, and the bars that this settles.

    How alike the amounts are and how seldom the ticker pays speak for one payment, falls of the price on both days for two. Which of the
    two is the payment, the price says, or an Adj Close that steps on one of them alone. Days more than a week apart, such as an ex-date
    and a day of payment, are a doubt where the amounts are the same and payments are usually much farther apart.
    """
    paid = bars.values["dividends"]
    at = np.flatnonzero(paid[1:] > 0) + 1
    findings: list[Finding] = []
    settled: set[int] = set()
    near, far = _windows(bars, at)
    one = int(at[0]) if len(at) else 0
    for two in map(int, at[1:]):
        apart = abs(float(np.log(paid[one] / paid[two])))
        days = bars.days[two] - bars.days[one]
        if apart > _ALIKE or days > (far if apart < _EQUAL else near):
            one = two
            continue
        pair = np.array([one, two])
        shows = fit(bars, pair, paid[pair]) - fit(bars, pair, 0.0)  # of each, over nothing paid that day
        alike = 4.0 if apart < _SAME else 2.3 if apart < _EQUAL else 1.6  # as 50, 10 and 5 to 1
        odds = -float(shows.min()) + alike + _seldom(bars, at, pair)
        alone = [] if steps is None else [bar for bar in (one, two) if abs(steps[bar - 1]) >= _STEPS]
        if len(alone) == 1:
            odds, true = _STEPPED, alone[0]
        else:
            true = one if shows[0] >= shows[1] else two
            odds = min(odds - SURE, SURE - 1e-9) if days > near else odds
        if odds <= -SURE:
            one = two
            continue
        settled |= {one, two}
        findings.append(_pair(bars, (one, two), true, odds >= SURE, steps))
        one = true if odds >= SURE else two  # a third record of it is compared with the payment
    return findings, settled


def _windows(bars: Bars, at: np.ndarray) -> tuple[np.timedelta64, np.timedelta64]:
    """Return within how many days two payments alike are one, and within how many two equal ones may be."""
    if len(at) < _FEWEST + 1:
        return _WEEK, _WEEK
    usual = np.median(np.diff(bars.days[at]).astype(np.int64))
    near = _HOLIDAYS if usual >= _RARE.astype(np.int64) else _WEEK
    return near, max(near, min(_FARTHEST, np.timedelta64(int(usual // 3), "D")))


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
    fix = Fix("action", bars.rows[[phantom]], factor, before)
    return Finding(bars.ticker, "dividend", bars.day(phantom), bars.day(phantom), 1, True, what, fix)
