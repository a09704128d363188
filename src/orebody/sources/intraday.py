"""Raw bars within days made into bars of days, before anything else reads them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from orebody.market.bar_spacing import Spacing
from orebody.market.validation import price_column

__all__ = ["days_from", "days_of"]

_HOW = {"open": "first", "high": "max", "low": "min", "close": "last", "adjclose": "last"}


def days_from(frames: Mapping[str, pd.DataFrame], spacings: Mapping[str, Spacing]) -> tuple[dict[str, pd.DataFrame], list[tuple[str, str]]]:
    """Return the tables, those of bars within days as days, and what reports must say of these."""
    within = [ticker for ticker, spacing in spacings.items() if spacing.kind == "intraday"]
    notes = []
    if within:
        text = (
            f"days made of bars within days for {', '.join(within)}, by the dates as they stand: the first open, the highest high, the "
            "lowest low, the last close"
        )
        notes.append(("Bars", text))
    return {ticker: days_of(frame) if ticker in within else frame for ticker, frame in frames.items()}, notes


def days_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return raw bars within days, with any columns, as days; volume and distributions are summed."""
    rules = {name: "max" if "split" in str(name).lower() else _HOW.get(price_column(name) or "", "sum") for name in frame.columns}
    ordered = frame if frame.index.is_monotonic_increasing else frame.iloc[::-1]
    return ordered.groupby(pd.DatetimeIndex(ordered.index).normalize()).agg(rules).rename_axis("Date")
