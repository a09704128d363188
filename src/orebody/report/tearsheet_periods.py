"""Calendar periods on a tearsheet: what a bar is called, what each period brought, and which periods the run covers only in part."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["bar_adjective", "bar_name", "calendar"]

_NAMES = {365.0: "day", 252.0: "day", 52.0: "week"}
_ADJECTIVES = {365.0: "daily", 252.0: "daily", 52.0: "weekly", 12.0: "monthly", 4.0: "quarterly", 1.0: "yearly"}


def bar_name(periods_per_year: float) -> str:
    """Return what a bar is called: day, week, or bar. A monthly bar is a bar, so that it is not taken for a calendar month."""
    return _NAMES.get(periods_per_year, "bar")


def bar_adjective(periods_per_year: float) -> str:
    """Return daily, weekly, monthly, quarterly or yearly, or nothing for bars at other distances."""
    return _ADJECTIVES.get(periods_per_year, "")


def calendar(returns: pd.Series, unit: str) -> pd.DataFrame:
    """Return what each calendar period brought, the first bar left out, which has no period behind it.

    Parameters
    ----------
    returns
        Dated; the first is 0 and only says from when on.
    unit
        ``"W"``, ``"M"``, ``"Q"`` or ``"Y"``. A bar counts for the period of its date.

    Returns
    -------
    pandas.DataFrame
        By period: `return`, compounded, and `whole`: false for a first period in which the run began, and for a last one in which another
        bar is still to come, at the bars' median distance, or on the next weekday where that is a day.
    """
    dates = returns.index
    at = dates.to_period(unit)
    table = (1.0 + returns.iloc[1:]).groupby(at[1:]).prod().to_frame("return") - 1.0
    table["whole"] = True
    if len(table):
        table.loc[table.index == at[0], "whole"] = False
        days = float(np.median(np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(float)))
        following = dates[-1] + (pd.offsets.BDay(1) if days <= 1.0 else pd.Timedelta(days=days))
        if following.to_period(unit) == at[-1]:
            table.loc[at[-1], "whole"] = False
    return table
