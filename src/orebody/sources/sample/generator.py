"""How simulated days are drawn: noise of an exact volatility around a constant drift, made into bars."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from orebody.sources.sample.published import LAST_YEAR

__all__ = ["SEED", "apart_from", "bars", "noise", "sessions", "with_total"]

SEED = 20260130
"""The first from 20260128 on with which no strategy of `make demo` ends above both holdings: there is no pattern to find."""
_BEFORE = dt.date(2006, 12, 29)  # the close from which the first year is counted
_OVERNIGHT = 0.35  # share of a day's variance that falls between the close and the next open


def sessions() -> pd.DatetimeIndex:
    """Return the last session of 2006 and all weekdays after it but some fixed holidays and their like: about 252 a year."""
    days = pd.bdate_range(_BEFORE, dt.date(LAST_YEAR, 12, 31))
    month, day, weekday = days.month, days.day, days.day_of_week
    closed = (
        ((month == 1) & (day == 1))
        | ((month == 1) & (weekday == 0) & (day > 14) & (day < 22))
        | ((month == 2) & (weekday == 0) & (day > 14) & (day < 22))
        | ((month == 5) & (weekday == 0) & (day > 24))
        | ((month == 7) & (day == 4))
        | ((month == 9) & (weekday == 0) & (day < 8))
        | ((month == 11) & (weekday == 3) & (day > 21) & (day < 29))
        | ((month == 12) & (day == 25))
    )
    return pd.DatetimeIndex(days[~closed], name="Date")


def noise(draw: np.random.RandomState, dates: pd.DatetimeIndex, volatility: float) -> np.ndarray:
    """Return daily log moves of exactly that annual volatility and mean 0; none on the first day."""
    moves = draw.standard_normal(len(dates))
    moves[0] = 0.0
    moves[1:] -= moves[1:].mean()
    moves[1:] *= volatility / np.sqrt(252) / moves[1:].std()
    return moves


def apart_from(moves: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the moves without what correlates with `other`, at their old volatility."""
    left = moves.copy()
    around = other[1:] - other[1:].mean()
    left[1:] -= around * (left[1:] @ around) / (around @ around)
    left[1:] *= moves[1:].std() / left[1:].std()
    return left


def with_total(moves: np.ndarray, dates: pd.DatetimeIndex, year_returns: dict[int, float]) -> np.ndarray:
    """Return the moves with one constant drift over all published years, so that together they return what the fund did.

    No single year is fixed: one that must end where it did pulls back whatever fell behind, which pays rules that bet on
    reversion, and a mean of its own for each year makes trends, which pays those that follow them.
    """
    moved, inside = moves.copy(), np.asarray(dates.year) >= min(year_returns)
    total = sum(np.log1p(per_cent / 100) for per_cent in year_returns.values())
    moved[inside] += total / inside.sum() - moved[inside].mean()
    return moved


def bars(draw: np.random.RandomState, steps: np.ndarray, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return bars whose closes move by `steps` from 100: each day split into a night and a session, with a range around both ends.

    Prices are in cents, as quotes are. Their last bits would otherwise be those of one processor: exp and log differ between them.
    """
    close = 100.0 * np.exp(np.cumsum(steps))
    daily = float(steps[1:].std())
    night = _OVERNIGHT * steps + np.sqrt(_OVERNIGHT * (1 - _OVERNIGHT)) * daily * draw.standard_normal(len(steps))
    opens = np.concatenate((close[:1], close[:-1])) * np.exp(night)
    reach = 0.5 * daily * np.abs(draw.standard_normal((2, len(steps))))
    high, low = np.maximum(opens, close) * np.exp(reach[0]), np.minimum(opens, close) * np.exp(-reach[1])
    return pd.DataFrame({"Open": opens, "High": high, "Low": low, "Close": close}, index=dates).round(2)
