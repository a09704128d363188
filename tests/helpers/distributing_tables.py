"""Tables of one holder's return in the forms of several providers: raw closes are worked out from the total return, never the other way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from random_bars import clean

__all__ = ["ROWS", "folder", "paying", "split_at", "total"]

ROWS = 600
_OHLC = ["Open", "High", "Low", "Close"]


def total(seed: int = 11, sigma: float = 0.015) -> pd.DataFrame:
    """Return bars whose closes are what a holder who puts every distribution back in has."""
    return clean(seed, sigma, ROWS)


def paying(frame: pd.DataFrame, shares: dict[int, float]) -> pd.DataFrame:
    """Return the raw bars, with Dividends, of an instrument that pays a share of the close before on some rows.

    With D = y C(t-1), the holder's return of that day is C(t) / (C(t-1) - D), so the raw close is the total's times (1 - y) from there on.
    """
    left = np.ones(len(frame))
    for row, share in shares.items():
        left[row:] *= 1 - share
    raw = frame.assign(**{name: frame[name] * left for name in _OHLC})
    paid = np.zeros(len(frame))
    for row, share in shares.items():
        paid[row] = share * raw["Close"].iloc[row - 1]
    return raw.assign(Dividends=paid)


def split_at(frame: pd.DataFrame, row: int, ratio: float) -> pd.DataFrame:
    """Return the bars as they were traded before a split: prices, and what was paid, times the ratio before that row."""
    before = np.where(np.arange(len(frame)) < row, ratio, 1.0)
    names = [name for name in (*_OHLC, "Dividends") if name in frame]
    return frame.assign(**{name: frame[name] * before for name in names})


def folder(path: Path, **tables: pd.DataFrame) -> Path:
    """Write a table for each ticker, and return the folder."""
    for ticker, table in tables.items():
        table.to_csv(path / f"{ticker}.csv")
    return path
