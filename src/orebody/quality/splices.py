"""Adjusted prices joined to raw ones without saying so, and rows recorded before their session was over.

Raw prices of our time lie on a grid of cents; adjusted ones are raw ones times a factor and do not. Going back in time the factor only
gets smaller, so once prices have left the grid they cannot be on it again: cents, then no cents, then cents is a seam between an old
download and a newer, adjusted one.
"""

from __future__ import annotations

import numpy as np

from orebody.quality.bars import Bars
from orebody.quality.finding import Finding

__all__ = ["find_splices", "find_unsettled_bars"]

_CENTS = 100.0
_SINGLE = 1.2e-7  # relative: providers keep prices as 4-byte floats
_DEAREST = 2_000.0  # above, a 4-byte float is too coarse to tell a cent
_RUN = 10  # closes in a row that make a stretch on or off the grid
_ON, _OFF = 0.95, 0.05  # shares of a stretch: a close lies on the grid by chance once in some hundred
_ROUND = 100  # settled volumes of American listings come in hundreds at many sources
_UNSETTLED = 0.01
_ENOUGH = 100


def find_splices(bars: Bars) -> list[Finding]:
    """Find where closes that claim to be of one kind go from cents to adjusted prices and back to cents.

    The stretch off the grid is taken for adjusted only if one factor brings all of it back onto the grid, which says how large the false
    step is. Not looked for where an Adj Close stands beside the close, which is raw then.
    """
    adjusted = bars.adjusted
    if (adjusted is not None and not np.allclose(adjusted, bars.close, rtol=1e-9)) or bars.close.max(initial=0) > _DEAREST:
        return []
    if len(bars) < 3 * _RUN:
        return []
    shares = np.convolve(_on_grid(bars.close), np.ones(_RUN) / _RUN, mode="valid")  # of the closes at..at + _RUN
    on, off = shares >= _ON, shares <= _OFF
    seam = np.flatnonzero(on[:-_RUN] & off[_RUN:])  # a stretch of cents, followed at once by one of none
    findings = []
    for first in seam[np.diff(seam, prepend=-2 * _RUN) > _RUN] + _RUN:
        later = np.flatnonzero(on[first:])
        factor = _factor(bars.close[first : first + _RUN])
        if len(later) and factor is not None:
            findings.append(_splice(bars, int(first), int(first + later[0]) - 1, factor))
    return findings


def _splice(bars: Bars, first: int, last: int, factor: float) -> Finding:
    raw, adjusted, day = bars.day(first - 1).date(), bars.day(last).date(), bars.day(first)
    what = f"the closes to {raw} are raw, those to {adjusted} adjusted by {factor:.5f}, later ones raw again: a false step of"
    what += f" {factor - 1:+.2%} on {day.date()} between two downloads; fetch the whole history again"
    return Finding(bars.ticker, "seam", day, day, 1, True, what)


def _on_grid(prices: np.ndarray) -> np.ndarray:
    cents = _CENTS * prices
    return np.abs(cents - np.round(cents)) <= _SINGLE * cents + 1e-6


def _factor(prices: np.ndarray) -> float | None:
    """Return the one factor in (0.5, 1) that turns prices on a grid of cents into these, or None."""
    last = prices[-1]
    raw = np.arange(np.ceil(_CENTS * last), np.floor(2 * _CENTS * last)) / _CENTS
    factors = last / raw[raw > last * (1 + 1e-5)]
    if not len(factors):
        return None
    fits = np.array([_on_grid(prices / factor).all() for factor in factors])
    found = np.flatnonzero(fits)
    return float(factors[found[0]]) if len(found) else None


def find_unsettled_bars(bars: Bars) -> list[Finding]:
    """Note the few volumes that are not in hundreds where nearly all are: rows that were recorded before they were settled."""
    volume = bars.values.get("volume")
    if volume is None or len(volume) < _ENOUGH:
        return []
    at = np.flatnonzero(np.isfinite(volume) & (volume % _ROUND != 0))
    if not len(at) or len(at) > _UNSETTLED * len(volume):
        return []
    days = ", ".join(str(bars.day(row).date()) for row in at[:3]) + (" …" if len(at) > 3 else "")
    rows = "1 row was" if len(at) == 1 else f"{len(at)} rows were"
    what = f"{rows} recorded before being settled ({days}): the volume is not in hundreds as all others are; fetch again"
    return [Finding(bars.ticker, "snapshot", bars.day(at[0]), bars.day(at[-1]), len(at), False, what)]
