"""The prices that the studies read, through orebody wherever it knows the form of the file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

import orebody as ob

__all__ = ["FIRST", "LAST", "closes", "gold", "london_fix", "monthly", "producers"]

FIRST, LAST = "2006-05-22", "2026-05-01"


@cache
def gold(folder: Path, end: str = LAST, start: str = FIRST) -> ob.Market:
    """Return GLD with GDX."""
    return ob.load_market(ob.Universe("gold", metal="GLD", miners=("GDX",)), source=folder / "daily", start=start, end=end)


@cache
def producers(folder: Path, tickers: tuple[str, ...], metal: str = "GLD") -> ob.Market:
    """Return a metal's fund with single producers, from adjusted closes."""
    universe = ob.Universe("producers", metal=metal, miners=tickers)
    return ob.load_market(universe, source=folder / "adjclose", start=FIRST, end=LAST, fill="close")


@cache
def closes(folder: Path, ticker: str, part: str = "daily", repair: str | None = None) -> pd.Series:
    """Return all adjusted closes of one ticker, to the last day that all files share."""
    universe = ob.Universe("one", metal=ticker, miners=("GLD" if ticker != "GLD" else "SPY",))
    market = ob.load_market(universe, source=folder / part, end=LAST, fill="close", repair=repair)
    traded = market.tradable[:, 0]
    return pd.Series(market.close[traded, 0], index=market.dates[traded], name=ticker)


@cache
def london_fix(folder: Path, hour: str = "PM") -> pd.Series:
    """Return London's fixing of gold in dollars, the afternoon's (15:00 there) or the morning's (10:30)."""
    table = pd.read_csv(folder / "daily" / "LBMA_GOLD.csv", index_col="Date", parse_dates=True)
    return table[f"USD ({hour})"].dropna().rename("FIX")


@cache
def monthly(folder: Path, name: str, column: str) -> pd.Series:
    """Return a column of a monthly file by month."""
    table = pd.read_csv(folder / "monthly" / f"{name}.csv", index_col=0, parse_dates=True)
    series = table[column].dropna()
    series.index = series.index.to_period("M")
    return series
