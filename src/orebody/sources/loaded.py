"""What a source hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from orebody.market.universe import Universe

__all__ = ["Loaded"]


@dataclass(frozen=True)
class Loaded:
    """Everything that a source knows about a universe, not yet cut to a period and not yet through the door.

    Attributes
    ----------
    universe
        With its tickers as the source calls them.
    frames
        For each ticker a table with Open, High, Low, Close, and Adj Close where there is one, on dates.
    label
        Where the prices came from, for reports.
    cash_rate
        Simple annual rates, or None where the source has none.
    gauges
        Dated series by name.
    fundamentals, ratings
        Tables as in `orebody.market.side`, or None.
    notes
        (what, text) of anything else that a report must say: the vintage, conversions, repairs.
    """

    universe: Universe
    frames: Mapping[str, pd.DataFrame]
    label: str
    cash_rate: float | pd.Series | None = None
    gauges: Mapping[str, pd.Series] = field(default_factory=dict)
    fundamentals: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    notes: tuple[tuple[str, str], ...] = ()
