"""A cache of one ticker on a clock, day by day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from memory_provider import Clock, Provider, quotes, short

from orebody.sources.cache.entries import CachedQuotes
from orebody.sources.cache.store import Cache

__all__ = ["NOW", "Desk", "same_figures"]


NOW = dt.timedelta(0)


class Desk:
    """A cache of one ticker on a clock, and the provider behind it, which holds the history up to an evening."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.cache = Cache(folder, clock=self.clock)
        self.whole = short()
        self.provider = Provider(self.whole)
        self.days = [str(day.date()) for day in self.whole.bars.index]
        self.path = folder / "NEM" / "quotes.parquet"

    def evening(self, at: int) -> CachedQuotes:
        """Refresh a day later, when the provider holds the history up to that day."""
        self.provider.series = self.whole.until(self.days[at])
        return self.refresh()

    def refresh(self, **options: object) -> CachedQuotes:
        self.clock.wait(days=1)
        return self.cache.refresh("NEM", self.provider, max_age=NOW, **options)  # type: ignore[arg-type]

    def served(self) -> pd.DataFrame:
        return quotes("NEM", self.provider.series).bars

    def paid(self) -> list[int]:
        """Return the bars on which dividends go ex."""
        return [self.days.index(day) for day in self.whole.dividends]


def same_figures(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other[list(one.columns)], check_freq=False, rtol=1e-6, check_index_type=False, check_names=False)
