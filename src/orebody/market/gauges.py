"""Gauges on a market's bars: each value from the day on which it could be known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.market.bar_spacing import spacing_of
from orebody.market.periods import LENGTHS, last_weekdays, period_bounds, period_numbers, period_text
from orebody.market.point_in_time import as_of, check_gauges, refuse_far

__all__ = ["gauges_on_bars"]

Notes = list[tuple[str, str]]
_FEWEST = 6  # values that make a habit
_LATE, _STEPS_LATE = 31.0, 3.0  # days, and times its own distance, by which a series may end before the bars
_LONGER = 1.25  # times the distance of the bars


def gauges_on_bars(gauges: Mapping[str, pd.Series] | None, dates: pd.DatetimeIndex) -> tuple[dict[str, np.ndarray], Notes]:
    """Return each gauge on the bars, shape ``(T,)``, and what reports must say of how its dates were read.

    Raises
    ------
    ParameterError, DataError
        As `orebody.market.point_in_time.check_gauges` and `orebody.market.point_in_time.as_of`.
    """
    check_gauges(gauges)
    on_bars, notes = {}, []
    for name, gauge in (gauges or {}).items():
        what = f"gauge {name!r}"
        known, read = _when_known(gauge, dates, what) if isinstance(gauge, pd.Series) else (gauge, [])
        on_bars[name] = as_of(known, dates, what, covered=False)
        notes += [*read, *(_ends_early(gauge, dates, what) if isinstance(gauge, pd.Series) else [])]
    return on_bars, notes


def _ends_early(series: pd.Series, dates: pd.DatetimeIndex, what: str) -> Notes:
    """Return that a side series ends long before the bars do, so that its last value stands for all that is missing."""
    days = series.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    if len(days) < _FEWEST or not len(dates):
        return []
    missing = int(dates[-1].to_datetime64().astype("datetime64[D]").astype(np.int64) - days[-1])
    if missing <= max(_LATE, _STEPS_LATE * float(np.median(np.diff(days)))):
        return []
    last, end = series.index[-1].date(), dates[-1].date()
    return [("doubtful", f"{what} ends on {last}, and its last value stands on all bars to {end}: give a longer series, or end= there")]


def _when_known(series: pd.Series, dates: pd.DatetimeIndex, what: str) -> tuple[pd.Series, Notes]:
    """Return a side series dated by when it was known, and what reports must say if that is not as it was given.

    A value a week, month, quarter or year that is always dated by the first day of its period is that of the period, which is how
    FRED, the World Bank and Yahoo date it: on bars shorter than the period it is known at its end. Others are left alone.
    """
    index = series.index
    if isinstance(index, pd.DatetimeIndex):
        refuse_far(index, what)
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans or len(index) < _FEWEST or len(dates) < 2:
        return series, []
    period = spacing_of(index).kind
    bars = float(np.median(np.diff(dates.to_numpy()).astype("timedelta64[s]").astype(float))) / 86_400
    if period not in ("week", "month", "quarter", "year") or LENGTHS[period] <= _LONGER * bars:
        return series, []
    numbers = period_numbers(index.to_numpy(), period)
    if (index.to_numpy().astype("datetime64[ns]") != period_bounds(numbers, period)[0]).any():
        return series, []
    text = (
        f"{what}: a value dated {index[0].date()} is taken to be that of {period_text(int(numbers[0]), period)}, as providers date "
        f"them, and known from the end of the {period} on; date values by another day than the first to have them known on it"
    )
    return series.set_axis(pd.DatetimeIndex(last_weekdays(numbers, period))), [("Side series", text)]
