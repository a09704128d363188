"""When a period begins: the rhythm of contributions and of decisions made once a period."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from orebody.errors import ParameterError
from orebody.market.periods import period_numbers

__all__ = ["PERIODS", "Every", "check_every", "first_and_each", "period_begins"]

Every = Literal["week", "month", "quarter", "year"]
PERIODS: tuple[str, ...] = get_args(Every)

_ASKED: dict[tuple[str, int], tuple[pd.DatetimeIndex, np.ndarray]] = {}
"""What was lately asked about each period, by the identity of the dates, and the answer."""
_KEPT = 16


def check_every(every: str) -> None:
    """Raise `ParameterError` unless `every` names a period."""
    if every not in PERIODS:
        raise ParameterError(f"every is {every!r}: it must be one of {', '.join(PERIODS)}")


def period_begins(dates: pd.DatetimeIndex, every: str) -> np.ndarray:
    """Return for each bar whether it is the first of a later period than the bar before it.

    Known at that bar, unlike a period's last bar. Weeks run from Monday (ISO 8601). The first bar of all begins nothing.

    Parameters
    ----------
    dates
        The bars, ascending.
    every
        ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.

    Returns
    -------
    numpy.ndarray
        Bool, shape ``(T,)``.
    """
    check_every(every)
    key = every, id(dates)  # of dates that are kept, so that no others can have it
    asked = _ASKED.get(key)  # the same bars are asked about by many strategies
    if asked is not None:
        return asked[1].copy()
    number = period_numbers(dates.to_numpy(), every)
    begins: np.ndarray = np.diff(number, prepend=number[:1]) > 0
    for oldest in list(_ASKED)[: len(_ASKED) + 1 - _KEPT]:
        _ASKED.pop(oldest, None)
    _ASKED[key] = dates, begins
    return begins.copy()


def first_and_each(dates: pd.DatetimeIndex, every: str, first: int) -> np.ndarray:
    """Return bar `first`, if there is one, and the first bar of each later period: when a strategy that decides once a period does so."""
    begins = np.flatnonzero(period_begins(dates, every))
    return np.concatenate(([first], begins[begins > first])) if first < len(dates) else begins[:0]
