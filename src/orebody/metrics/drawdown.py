"""Drawdowns: falls from the highest value so far, from peak to trough to recovery."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["drawdown_series", "drawdowns"]

COLUMNS = ["peak", "trough", "recovery", "depth", "days"]


def drawdown_series(returns: pd.Series) -> pd.Series:
    """Return the distance below the highest value so far, W / max(W) - 1, with W the compounded returns from 1 on; rounding is none."""
    wealth = (1.0 + returns).cumprod()
    under = wealth / np.maximum(wealth.cummax(), 1.0) - 1.0
    return under.where(under < -1e-12, 0.0)


def drawdowns(returns: pd.Series) -> pd.DataFrame:
    """Return every drawdown, deepest first; of equal ones the earlier first.

    Parameters
    ----------
    returns
        Dated; the first has no period behind it and is 0.

    Returns
    -------
    pandas.DataFrame
        Columns peak (the last date at the old high), trough, recovery (the first date back at it; NaT while the drawdown is open), depth
        (negative) and days (calendar days from peak to recovery, or to the last date).
    """
    under = drawdown_series(returns).to_numpy()
    dates = returns.index
    below = (under < 0).astype(int)
    starts = np.flatnonzero(np.diff(below, prepend=0) == 1)
    stops = np.flatnonzero(np.diff(below, append=0) == -1)  # the last bar under water
    rows = []
    for start, stop in zip(starts, stops, strict=True):
        peak, trough = dates[max(start - 1, 0)], start + int(np.argmin(under[start : stop + 1]))
        recovery = dates[stop + 1] if stop + 1 < len(dates) else pd.NaT
        until = dates[-1] if recovery is pd.NaT else recovery
        rows.append((peak, dates[trough], recovery, under[trough], (until - peak).days))
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.astype({"depth": float, "days": int} | dict.fromkeys(COLUMNS[:3], "datetime64[ns]"))
    return table.sort_values("depth", kind="stable", ignore_index=True)
