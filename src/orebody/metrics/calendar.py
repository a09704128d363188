"""Returns of calendar weeks, months, quarters and years, and whether the period is whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["calendar_returns", "monthly_returns", "yearly_returns"]


def calendar_returns(returns: pd.Series, unit: str) -> pd.DataFrame:
    """Return the compounded return of each calendar period.

    Parameters
    ----------
    returns
        Dated. The first bar is left out: it has no bar before it, and only says from when on.
    unit
        ``"W"``, ``"M"``, ``"Q"`` or ``"Y"``. A bar counts for the period of its date; periods without a bar are absent.

    Returns
    -------
    pandas.DataFrame
        By period: `return`, and `whole`, false for a period in which the run began, and for a last one in which another bar is
        still to come, at the bars' median distance, or on the next weekday where that is a day.
    """
    dates = returns.index
    at = dates.to_period(unit)
    table = (1.0 + returns.iloc[1:]).groupby(at[1:]).prod().to_frame("return") - 1.0
    table["whole"] = table.index != at[0]
    if len(returns) > 1:
        days = float(np.median(np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(float)))
        following = dates[-1] + (pd.offsets.BDay(1) if days <= 1.0 else pd.Timedelta(days=days))
        table["whole"] &= table.index != following.to_period(unit)
    return table


def monthly_returns(returns: pd.Series) -> pd.Series:
    """Return the compounded return of each calendar month, labelled by a monthly `PeriodIndex`; months without a bar are absent."""
    return (1.0 + returns).groupby(returns.index.to_period("M")).prod() - 1.0


def yearly_returns(returns: pd.Series) -> pd.DataFrame:
    """Return the compounded return of each calendar year.

    Returns
    -------
    pandas.DataFrame
        By year, a whole number: `return` and `whole`, as `calendar_returns` has them.
    """
    table = calendar_returns(returns, "Y")
    return table.set_axis(pd.Index(table.index.year, name="year"))
