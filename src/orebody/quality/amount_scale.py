"""Distributions on another scale than they should be: 100 times too small or too large, or per share of before a split."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orebody.quality.bars import Bars
from orebody.quality.ex_day_moves import LIKELY, SURE, fit
from orebody.quality.finding import Finding, Fix

__all__ = ["misscaled"]

_HUNDRED = float(np.log(100))
_APART = float(np.log(5))  # between two levels of amounts
_NEAR, _FARTHEST = 0.7, 1.5  # log: how far two levels may lie from 100 times apart, where amounts vary little and much
_LONE = 3.5  # times what the others vary by, from which one or two amounts are a level: GDXJ's true 0.011 of 2017 lies 3.1 off
_FEWEST = 3  # payments that say what is usual
_MANY = 6  # payments that together may be doubted
_SMALLEST_SPLIT = float(np.log(1.2))
_AROUND = 3  # payments on either side that say what is usual for one
_STEADY = 0.35  # log: payments around vary by so much at least
_ODD = float(np.log(8))  # from this far off those around, one is odd


class _Reading(NamedTuple):
    """That some amounts should be `times` as large, and why.

    `price` is the log odds for it by the price, for many amounts without the one that says it loudest; `total` counts what other amounts
    say as well, and `together` that one, too, within bounds.
    """

    group: np.ndarray
    times: float
    why: str
    price: float
    total: float
    together: float
    needed: float


def misscaled(bars: Bars, steps: np.ndarray | None, settled: set[int]) -> tuple[list[Finding], set[int]]:
    """Find amounts on another scale than the others or the price, and the bars that this settles.

    Amounts are compared as shares of the close before, so that a fund that grew tenfold pays alike. What is on another scale is told by
    the falls of the price on ex-days together with the other amounts; where these do not tell, it is a doubt.
    """
    paid = bars.values["dividends"]
    at = np.array([bar for bar in np.flatnonzero(paid[1:] > 0) + 1 if bar not in settled], dtype=np.intp)
    if len(at) < _FEWEST:
        return [], set()
    shares = np.log(paid[at] / bars.close[at - 1])
    low, high = _levels(shares)
    wholes = _of_splits(bars, at, shares) if low.any() else [*_of_all(bars, at), *_of_splits(bars, at, shares)]
    readings = [*(_of_levels(bars, at, low, high) if low.any() else []), *wholes]
    best = max(readings, key=lambda reading: reading.total - reading.needed, default=None)
    if best is not None and best.total >= best.needed and best.price >= 1.0:
        others = [reading.total for reading in readings if reading is not best]
        if all(best.total >= other + 2 for other in others):
            return [_off(bars, int(bar), best, steps) for bar in best.group], set(map(int, best.group))
    doubts = [] if low.any() else _odd(bars, at, shares)
    if low.any():
        few, word = (at[low], "smaller") if low.sum() <= high.sum() else (at[high], "larger")
        doubts.append(_doubt(bars, few, len(at), f"about 100 times {word} than the others"))
    likely = max(
        (reading for reading in wholes if reading.price > 0 and len(reading.group) >= _MANY),
        key=lambda reading: reading.together,
        default=None,
    )
    if likely is not None and likely.together >= SURE:
        word = f"{likely.times:.4g} times too small" if likely.times > 1 else f"{1 / likely.times:.4g} times too large"
        doubts.append(_doubt(bars, likely.group, len(at), f"perhaps {word} {likely.why}"))
    return doubts, set()


def _of_levels(bars: Bars, at: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[_Reading]:
    """Return the readings by which the amounts of one of two levels are 100 times off."""
    readings = []
    for group, times in ((at[low], 100.0), (at[high], 0.01)):
        few = SURE if len(group) < len(at) / 2 else 0.0  # most payments say what is usual
        price = float(_prices(bars, group, times).sum())
        readings.append(_Reading(group, times, "beside the others", price, price + few, price + few, SURE))
    return readings


def _of_all(bars: Bars, at: np.ndarray) -> list[_Reading]:
    """Return the readings by which all amounts are 100 times off: the price alone must tell, and by more than one of them."""
    readings = []
    for times in (100.0, 0.01):
        odds = _prices(bars, at, times)
        price, together = _most(odds), float(np.minimum(odds, SURE).sum())
        readings.append(_Reading(at, times, "beside the falls of the price on all ex-days", price, price, together, 2 * SURE))
    return readings


def _of_splits(bars: Bars, at: np.ndarray, shares: np.ndarray) -> list[_Reading]:
    """Return, for each recorded split, the reading by which amounts before it are per share of that time."""
    splits = bars.values.get("splits")
    if splits is None:
        return []
    readings = []
    for day in np.flatnonzero(np.isfinite(splits) & (splits > 0) & (np.abs(np.log(np.where(splits > 0, splits, 1.0))) >= _SMALLEST_SPLIT)):
        before = at < day
        if before.sum() < _FEWEST:
            continue
        ratio = float(splits[day])
        level = _shift(shares[before], shares[~before], float(np.log(ratio)))
        odds = _prices(bars, at[before], 1 / ratio)
        price, together = _most(odds), float(np.minimum(odds, SURE).sum()) + level
        why = f"before the split of {ratio:g} on {bars.day(day).date()}"
        readings.append(_Reading(at[before], 1 / ratio, why, price, price + level, together, 2 * SURE))
    return readings


def _shift(before: np.ndarray, after: np.ndarray, size: float) -> float:
    """Return the log odds, from the amounts around a split, that those before it are larger by its size than they should be."""
    one, other = before[-2 * _AROUND :], after[: 2 * _AROUND]
    if len(other) < _FEWEST:
        return 0.0
    spread = max(_STEADY / 2, float(np.std(one)), float(np.std(other)))
    shift = float(np.median(one) - np.median(other))
    return float(np.clip((shift**2 - (shift - size) ** 2) / (2 * spread**2), -SURE, SURE))


def _prices(bars: Bars, group: np.ndarray, times: float) -> np.ndarray:
    """Return the log odds of each amount's being `times` as large, from the price on its ex-day."""
    paid = bars.values["dividends"][group]
    odds: np.ndarray = fit(bars, group, times * paid) - fit(bars, group, paid)
    return odds


def _most(odds: np.ndarray) -> float:
    """Return the sum without the strongest of them, so that one odd amount says nothing of all."""
    return float(odds.sum() - max(0.0, odds.max()))


def _levels(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which amounts are of the lower and which of the higher of two levels 100 times apart; none of either where there is one."""
    none = np.zeros(len(shares), dtype=bool)
    ordered = np.sort(shares)
    gap = int(np.argmax(np.diff(ordered)))
    if ordered[gap + 1] - ordered[gap] < _APART:
        return none, none
    low = shares <= ordered[gap]
    spread = max(float(np.std(shares[low])), float(np.std(shares[~low])))
    apart = float(np.median(shares[~low]) - np.median(shares[low]))
    near = float(np.clip(2 * spread, _NEAR, _FARTHEST))
    many = shares[low] if 2 * low.sum() > len(shares) else shares[~low]
    lone = min(int(low.sum()), int((~low).sum())) < _FEWEST
    if abs(apart - _HUNDRED) > near or (lone and apart < _LONE * _robust(many)):
        return none, none
    return low, ~low


def _robust(shares: np.ndarray) -> float:
    """Return by how much amounts vary, a few odd ones among them left out."""
    return 1.4826 * float(np.median(np.abs(shares - np.median(shares))))


def _off(bars: Bars, bar: int, reading: _Reading, steps: np.ndarray | None) -> Finding:
    amount, before = float(bars.values["dividends"][bar]), float(bars.close[bar - 1])
    right = amount * reading.times
    if abs(abs(np.log(reading.times)) - _HUNDRED) < 1e-9:
        what = f"the distribution of {amount:g} is 100 times too {'small' if reading.times > 1 else 'large'} {reading.why}"
        what += " (pence for pounds?)"
    else:
        what = f"the distribution of {amount:g} is per share of {reading.why}"
    what += f": the close went from {before:.6g} to {bars.close[bar]:.6g}; write {right:g}"
    step = 0.0 if steps is None else float(steps[bar - 1])
    factor = (1 - right / before) / (1 - step) if steps is not None and step < 1 else 1.0
    fix = Fix("action", bars.rows[[bar]], factor, bars.day(bar), amounts=right)
    return Finding(bars.ticker, "dividend", bars.day(bar), bars.day(bar), 1, True, what, fix)


def _doubt(bars: Bars, group: np.ndarray, count: int, what: str) -> Finding:
    amount = float(bars.values["dividends"][group[0]])
    text = f"{len(group)} of {count} distributions {'is' if len(group) == 1 else 'are'} {what}, the first {amount:g} on "
    text += f"{bars.day(group[0]).date()}; the price does not tell whether that is right; they are counted as they stand"
    return Finding(bars.ticker, "dividend", bars.day(group[0]), bars.day(group[-1]), len(group), False, text)


def _odd(bars: Bars, at: np.ndarray, shares: np.ndarray) -> list[Finding]:
    """Note single amounts far from those around them, where the price does not say that they were paid."""
    width = 2 * _AROUND + 1
    if len(at) < width:
        return []
    places = np.arange(len(at))
    around = np.clip(places - _AROUND, 0, len(at) - width)[:, None] + np.arange(width)
    others = np.where(around == places[:, None], np.nan, shares[around])
    middle = np.nanmedian(others, axis=1)
    spread = np.maximum(max(_STEADY, _robust(shares)), 1.4826 * np.nanmedian(np.abs(others - middle[:, None]), axis=1))
    apart = shares - middle
    usual = np.exp(middle) * bars.close[at - 1]
    paid = bars.values["dividends"][at]
    for_it = fit(bars, at, paid) - fit(bars, at, usual)
    odd = (np.abs(apart) >= np.maximum(_ODD, _LONE * spread)) & (for_it < LIKELY)
    findings = []
    for which, word in ((odd & (apart > 0), "larger"), (odd & (apart < 0), "smaller")):
        if which.any():
            least = float(np.exp(np.abs(apart[which])).min())
            findings.append(_doubt(bars, at[which], len(at), f"at least {least:.0f} times {word} than those around"))
    return findings
