"""What the charts of a tearsheet show: both series on the same dates, over cash too, and the windows that fit into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Series", "quantstats_reads_returns"]

BARELY_NEGATIVE = -1e-300


@dataclass(frozen=True, eq=False)
class Series:
    """The two series that every chart shows, on the same dates from the first bar on.

    Attributes
    ----------
    strategy, metal : pandas.Series
        Time-weighted returns, named as legends name them; the first has no period behind it.
    excess, metal_excess : pandas.Series
        The same over what cash earned.
    falls : pandas.DataFrame
        The strategy's drawdowns, deepest first, as `orebody.metrics.drawdowns` has them.
    periods_per_year : float
        What annualises.
    """

    strategy: pd.Series
    metal: pd.Series
    excess: pd.Series
    metal_excess: pd.Series
    falls: pd.DataFrame
    periods_per_year: float

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The dates of all series."""
        return pd.DatetimeIndex(self.strategy.index)

    @property
    def names(self) -> tuple[str, str]:
        """The strategy's name and the metal's."""
        return str(self.strategy.name), str(self.metal.name)

    @property
    def half_year(self) -> int:
        """Bars in half a year, at least two."""
        return max(2, round(self.periods_per_year / 2))

    @property
    def year(self) -> int:
        """Bars in a year, at least two."""
        return max(2, round(self.periods_per_year))

    def too_short(self, window: int) -> str:
        """Return why no window of so many bars can be drawn, or nothing."""
        if self.periods_per_year < 6:
            return "its bars are too far apart for windows of half a year"
        if len(self.dates) <= window:
            return f"the run has {len(self.dates)} bars, and one window needs more than {window}"
        return ""

    def from_full_window(self, values: np.ndarray, window: int) -> np.ndarray:
        """Return `values` with NaN for windows that are not full, hold the first bar, or have no finite figure."""
        known = values.copy()
        known[:window] = np.nan
        known[~np.isfinite(known)] = np.nan
        return known


def quantstats_reads_returns(returns: pd.Series, name: str) -> pd.Series:
    """Return a copy that quantstats takes for returns and not for prices, as it does with gains only of which one is above 100 %.

    The first return, which is 0, is made negative by less than any sum can hold.
    """
    copy = returns.rename(name)
    copy.iloc[0] = BARELY_NEGATIVE
    return copy
