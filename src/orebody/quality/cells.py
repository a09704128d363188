"""Prices that are none, and bars that contradict themselves: what the door refuses one by one, as a list."""

from __future__ import annotations

import numpy as np

from orebody.market.door import OHLC
from orebody.quality.bars import Bars
from orebody.quality.finding import Finding, Mend

__all__ = ["cells", "ranges"]

_SLACK = 1e-6  # the door's: adjusted prices carry the rounding of their factor
_LABELS = {"adjclose": "Adj Close"}


def cells(bars: Bars) -> list[Finding]:
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
            mend = Mend("rows", bars.rows[bad])
            findings.append(Finding(bars.ticker, "cells", bars.day(bad[0]), bars.day(bad[-1]), len(bad), True, what, mend))
    return findings


def ranges(bars: Bars) -> list[Finding]:
    """Find rows whose high is below the low, or whose open or close lies outside them."""
    values = bars.values
    if "high" not in values or "low" not in values:
        return []
    low, high = values["low"] * (1 - _SLACK), values["high"] * (1 + _SLACK)
    outside = values["high"] < low
    for name in ("open", "close"):
        if name in values:
            priced = np.isfinite(values[name]) & (values[name] > 0)  # the rest stands in the list of cells
            outside |= priced & ((values[name] < low) | (values[name] > high))
    bad = np.flatnonzero(outside)
    if not len(bad):
        return []
    at = int(bad[0])
    bar = ", ".join(f"{name} {values[name][at]:g}" for name in OHLC if name in values)
    what = f"the high is below the low, or the open or close outside them, on {bars.day(at).date()} ({bar}; {len(bad)} such in all)"
    what += "; drop the row" if len(bad) == 1 else "; drop these rows"
    return [Finding(bars.ticker, "ohlc", bars.day(at), bars.day(bad[-1]), len(bad), True, what, Mend("rows", bars.rows[bad]))]
