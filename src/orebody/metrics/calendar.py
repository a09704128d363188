"""Returns of calendar months and years, and whether the period is whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["monthly_returns", "yearly_returns"]


def monthly_returns(returns: pd.Series) -> pd.Series:
    """Return the compounded return of each calendar month, labelled by a monthly `PeriodIndex`; months without a bar are absent."""
    return _compounded(returns, "M")


def yearly_returns(returns: pd.Series) -> pd.DataFrame:
    """Return the compounded return of each calendar year.

    Returns
    -------
    pandas.DataFrame
        By year: `return`, and `whole`, false for a first or last year that the returns cover only in part: the first year is whole when
        the bar before its first period lies in the year before, the last when its last bar lies within five days of the year's end, or
        when the next bar, at the bars' median distance, would lie beyond it.
    """
    by_year = _compounded(returns.iloc[1:], "Y") if len(returns) > 1 else _compounded(returns, "Y")
    years = by_year.index.year
    whole = np.ones(len(years), dtype=bool)
    first, last = returns.index[0], returns.index[-1]
    whole[years == first.year] = False
    distance = returns.index.to_series().diff().median() if len(returns) > 1 else pd.Timedelta(0)
    whole[years == last.year] &= last >= pd.Timestamp(last.year, 12, 27) or (last + distance).year > last.year
    return pd.DataFrame({"return": by_year.to_numpy(), "whole": whole}, index=pd.Index(years, name="year"))


def _compounded(returns: pd.Series, period: str) -> pd.Series:
    return (1.0 + returns).groupby(returns.index.to_period(period)).prod() - 1.0
