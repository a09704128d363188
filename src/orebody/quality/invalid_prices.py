"""Prices that are none, and bars that contradict themselves: what the door refuses one by one, as a list."""

from __future__ import annotations

import numpy as np

from orebody.market import ranges as of_bars
from orebody.market.validation import OHLC
from orebody.quality.bars import Bars
from orebody.quality.finding import Finding, Fix

__all__ = ["find_contradictory_bars", "find_invalid_prices"]

_MOST = 1 / 3  # of the rows: what is wrong on more has one cause, and dropping them leaves another history
_LABELS = {"adjclose": "Adj Close"}


def find_invalid_prices(bars: Bars) -> list[Finding]:
    """Find rows in which a price is missing, zero, negative or infinite, column by column."""
    findings = []
    for name in (*OHLC, "adjclose"):
        values = bars.values.get(name)
        if values is None or (name == "close" and values is bars.values.get("adjclose")):
            continue
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if len(bad):
            worst = values[bad[0]]
            is_what = "empty" if np.isnan(worst) else f"{worst:g}"
            column = _LABELS.get(name, name.capitalize())
            such, they = ("row", "it") if len(bad) == 1 else ("rows", "these rows")
            what = f"{column} is {is_what} on {bars.day(bad[0]).date()} ({len(bad)} such {such} in all); drop {they}"
            fix = Fix("rows", bars.rows[bad])
            findings.append(Finding(bars.ticker, "cells", bars.day(bad[0]), bars.day(bad[-1]), len(bad), True, what, fix))
    return findings


def find_contradictory_bars(bars: Bars) -> list[Finding]:
    """Find rows whose open or close lies outside low..high, or whose high is below the low.

    A little outside is noted, and the bar is widened; far outside is wrong. When only closes leave the range, on one side and on more
    than a third of the rows, they are not of the same adjustment as the range, and no row is to blame.
    """
    values = bars.values
    found = of_bars.find_excursions(values)
    if found is None or not found.outside.any():
        return []
    cause = _one_cause(bars, found)
    if cause is not None:
        return [cause]
    findings = []
    if found.far.any():
        bad = np.flatnonzero(found.far)
        at = int(bad[0])
        bar = ", ".join(f"{name} {values[name][at]:g}" for name in OHLC if name in values)
        what = "the high is below the low, or the open or close outside them,"
        what += f" by {found.size[at]:.1%} on {bars.day(at).date()} ({bar}; {len(bad)} such in all)"
        what += "; drop the row" if len(bad) == 1 else "; drop these rows"
        findings.append(Finding(bars.ticker, "ohlc", bars.day(at), bars.day(bad[-1]), len(bad), True, what, Fix("rows", bars.rows[bad])))
    near = np.flatnonzero(found.outside & ~found.far)
    if len(near):
        what = of_bars.describe(of_bars.Excursions(found.size, found.outside & ~found.far, found.far), len(bars))
        findings.append(Finding(bars.ticker, "ohlc", bars.day(near[0]), bars.day(near[-1]), len(near), False, what))
    return findings


def _one_cause(bars: Bars, found: of_bars.Excursions) -> Finding | None:
    """Return what explains most rows at once, or None."""
    values, bad = bars.values, np.flatnonzero(found.outside)
    if len(bad) <= _MOST * len(bars):
        return None
    above, below = (values["close"][bad] > values["high"][bad]).all(), (values["close"][bad] < values["low"][bad]).all()
    if not (above or below or found.far.sum() > _MOST * len(bars)):
        return None
    side = "above the high" if above else "below the low" if below else "or open outside low..high"
    what = f"the close is {side} on {len(bad):,} of {len(bars):,} rows, by {found.size.max():.1%} at most: not single rows, but closes"
    what += " adjusted otherwise than the range (as by yfinance's back_adjust); take raw prices with Adj Close"
    return Finding(bars.ticker, "ohlc", bars.day(bad[0]), bars.day(bad[-1]), len(bad), True, what)
