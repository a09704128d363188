"""The deepest falls of a run, with their dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from orebody.metrics import drawdowns, format_figure

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["deepest"]


def deepest(result: Result, count: int = 10) -> list[tuple[str, str, str, str, str]]:
    """Return (peak, trough, recovered, depth, days from peak to recovery) of the deepest; one that lasts to the end is open."""
    rows = []
    for fall in drawdowns(result.returns).head(count).itertuples():
        still_open = pd.isna(fall.recovery)
        recovered = "open" if still_open else str(fall.recovery.date())
        days = f"{fall.days:,} so far" if still_open else f"{fall.days:,}"
        rows.append((str(fall.peak.date()), str(fall.trough.date()), recovered, format_figure("percent", fall.depth), days))
    return rows
