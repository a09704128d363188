"""The embedded sample: simulated days between the real calendar-year returns of gold and its miners. None of it is a real price.

Each year's days are drawn with the published volatilities, correlation and gearing and then bent so that the year's total return is the
published one. Single producers have no published year: their gearing to gold comes from a planted cost margin. Every ticker begins with
``SIM-``, every price with 100.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from orebody.sources import sample_side

__all__ = ["COST_RATIOS", "SEED", "UNIVERSES", "YEAR_RETURNS", "Sample", "sample"]

SEED = 20260128
FIRST_YEAR, LAST_YEAR = 2007, 2025

# Calendar-year total returns in per cent, as the funds publish them.
_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
_GLD = (30.45, 4.92, 24.03, 29.27, 9.57, 6.60, -28.33, -2.19, -10.67, 8.03, 12.81, -1.94, 17.86, 24.81, -4.15, -0.77, 12.69, 26.66, 63.68)
_GDX = (
    16.77,
    -26.07,
    36.73,
    33.92,
    -16.09,
    -8.87,
    -54.02,
    -12.44,
    -24.71,
    52.92,
    11.99,
    -8.77,
    39.82,
    23.66,
    -9.52,
    -9.01,
    9.98,
    10.64,
    154.77,
)
_GDXJ = (66.99, -33.96, -16.80, -60.78, -22.36, -19.14, 72.97, 8.22, -11.02, 40.44, 30.40, -21.25, -14.53, 7.12, 15.67, 172.28)
YEAR_RETURNS = {
    "SIM-GOLD": dict(zip(_YEARS, _GLD, strict=True)),
    "SIM-MINERS": dict(zip(_YEARS, _GDX, strict=True)),
    "SIM-JUNIORS": dict(zip(range(2010, LAST_YEAR + 1), _GDXJ, strict=True)),  # there was no fund of juniors before 2010
}

# All-in sustaining cost as a share of the trailing year's spot price: a margin of 0.78 gears 1 / 0.78 = 1.28, one of 0.52 gears 1.92.
COST_RATIOS = {
    "SIM-ROYALTY": 0.22,
    "SIM-LOWCOST": 0.30,
    "SIM-SENIOR": 0.37,
    "SIM-MIDTIER": 0.42,
    "SIM-SINGLEMINE": 0.45,
    "SIM-HIGHCOST": 0.48,
}
_OWN_MOVES = {  # annual volatility beside gold and the miners' common factor, and drift beside gold's
    "SIM-ROYALTY": (0.27, 0.02),
    "SIM-LOWCOST": (0.26, 0.01),
    "SIM-SENIOR": (0.22, -0.02),
    "SIM-MIDTIER": (0.28, -0.03),
    "SIM-SINGLEMINE": (0.36, -0.06),
    "SIM-HIGHCOST": (0.34, -0.04),
}

UNIVERSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "gold": ("SIM-GOLD", ("SIM-MINERS",)),
    "gold-juniors": ("SIM-GOLD", ("SIM-JUNIORS",)),
    "gold-producers": ("SIM-GOLD", tuple(COST_RATIOS)),
}
"""Universes of the sample: name to metal and miners."""

_GOLD_VOLATILITY, _MINERS_VOLATILITY, _MINERS_BETA = 0.182, 0.412, 1.72
_JUNIORS_BETA, _JUNIORS_OWN_VOLATILITY = 1.12, 0.20  # to the miners
_SPOT_AT_START = 635.0  # USD/oz
_GEARING_BOUNDS = (1.0, 4.0)
_COMMON_FACTOR = 0.55  # how much of the miners' own moves a producer shares
_OVERNIGHT = 0.35  # share of a day's variance that falls between the close and the next open

# Roughly what Treasury bills paid, in round steps.
_CASH_RATES = {
    "2006-12-29": 0.048,
    "2008-02-01": 0.022,
    "2008-11-03": 0.002,
    "2009-06-01": 0.001,
    "2015-12-17": 0.003,
    "2017-03-16": 0.008,
    "2018-03-22": 0.017,
    "2018-12-20": 0.023,
    "2019-09-19": 0.018,
    "2020-03-16": 0.001,
    "2022-05-05": 0.01,
    "2022-09-22": 0.03,
    "2023-05-04": 0.05,
    "2024-10-01": 0.045,
    "2025-01-02": 0.042,
    "2025-10-01": 0.038,
}


@dataclass(frozen=True)
class Sample:
    """The simulated market and what was planted in it; shared, so treat it as read-only.

    Attributes
    ----------
    frames : dict of str to pandas.DataFrame
        Open, High, Low, Close of every ticker on the same dates.
    cash_rate : pandas.Series
        Annual rate as a fraction, dated.
    gauges : dict of str to pandas.Series
        ``spot``, gold in USD/oz, ``dollar``, a dollar index, ``vix``, ``yield``, ``copper`` and ``iron_ore``, all daily.
    aisc : pandas.DataFrame
        All-in sustaining cost in force on each day, USD/oz, by producer.
    gearing : pandas.DataFrame
        Planted gearing to gold on each day, by producer.
    fundamentals : pandas.DataFrame
        A row for each producer and quarter.
    ratings : pandas.DataFrame
        A row for each month and miner, the funds of miners among them.
    """

    frames: dict[str, pd.DataFrame]
    cash_rate: pd.Series
    gauges: dict[str, pd.Series]
    aisc: pd.DataFrame
    gearing: pd.DataFrame
    fundamentals: pd.DataFrame
    ratings: pd.DataFrame


@cache
def sample() -> Sample:
    """Return the sample, made on first use; the same numbers every time."""
    # RandomState, because numpy never changes its stream, as it may that of the newer Generator.
    draw = np.random.RandomState(SEED)
    dates = _sessions()
    gold = _bent(_noise(draw, dates, _GOLD_VOLATILITY), dates, YEAR_RETURNS["SIM-GOLD"])
    own = np.sqrt(_MINERS_VOLATILITY**2 - (_MINERS_BETA * _GOLD_VOLATILITY) ** 2)
    shared = _apart_from(_noise(draw, dates, own), gold)
    miners = _bent(_MINERS_BETA * gold + shared, dates, YEAR_RETURNS["SIM-MINERS"])
    juniors = _bent(_JUNIORS_BETA * miners + _noise(draw, dates, _JUNIORS_OWN_VOLATILITY), dates, YEAR_RETURNS["SIM-JUNIORS"])
    spot = _SPOT_AT_START * np.exp(np.cumsum(gold))
    steps = {"SIM-GOLD": gold, "SIM-MINERS": miners, "SIM-JUNIORS": juniors}
    aisc, gearing = {}, {}
    for ticker, ratio in COST_RATIOS.items():
        aisc[ticker] = _costs(spot, dates, ratio)
        gearing[ticker] = _gearing(spot, aisc[ticker])
        volatility, drift = _OWN_MOVES[ticker]
        own_moves = _COMMON_FACTOR * shared + _noise(draw, dates, volatility)
        # a geared claim on a rising price would run away: its drift is planted beside gold's
        steps[ticker] = gearing[ticker] * (gold - gold.mean()) + own_moves + gold.mean() + drift / 252
        steps[ticker][0] = 0.0
    dollar = _dollar(draw, gold, dates)
    frames = {ticker: _bars(draw, step, dates) for ticker, step in steps.items()}
    rates = pd.Series(list(_CASH_RATES.values()), index=pd.DatetimeIndex(list(_CASH_RATES)), name="cash_rate")
    costs = pd.DataFrame(aisc, index=dates)
    beside = np.random.RandomState(SEED + 1)  # a stream of their own: the prices stay what they are
    closes = {ticker: frame["Close"].to_numpy() for ticker, frame in frames.items() if ticker != "SIM-GOLD"}
    return Sample(
        frames=frames,
        cash_rate=rates,
        gauges={
            "spot": pd.Series(spot, index=dates, name="spot"),
            "dollar": pd.Series(dollar, index=dates, name="dollar"),
            **sample_side.gauges(beside, gold, miners, rates, dates),
        },
        aisc=costs,
        gearing=pd.DataFrame(gearing, index=dates),
        fundamentals=sample_side.fundamentals(beside, costs),
        ratings=sample_side.ratings(beside, closes, "SIM-MINERS", dates),
    )


def _sessions() -> pd.DatetimeIndex:
    """Return the last session of 2006 and all weekdays after it but some fixed holidays and their like: about 252 a year."""
    days = pd.bdate_range(dt.date(FIRST_YEAR - 1, 12, 29), dt.date(LAST_YEAR, 12, 31))
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


def _noise(draw: np.random.RandomState, dates: pd.DatetimeIndex, volatility: float) -> np.ndarray:
    """Return daily log moves of exactly that annual volatility and mean 0; none on the first day."""
    moves = draw.standard_normal(len(dates))
    moves[0] = 0.0
    moves[1:] -= moves[1:].mean()
    moves[1:] *= volatility / np.sqrt(252) / moves[1:].std()
    return moves


def _apart_from(moves: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the moves without what correlates with `other`, at their old volatility."""
    left = moves.copy()
    around = other[1:] - other[1:].mean()
    left[1:] -= around * (left[1:] @ around) / (around @ around)
    left[1:] *= moves[1:].std() / left[1:].std()
    return left


def _bent(moves: np.ndarray, dates: pd.DatetimeIndex, year_returns: dict[int, float]) -> np.ndarray:
    """Return the moves with each published year's mean shifted so that the year's total return is the published one."""
    bent, years = moves.copy(), dates.year.to_numpy()
    for year, per_cent in year_returns.items():
        inside = years == year
        bent[inside] += np.log1p(per_cent / 100) / inside.sum() - bent[inside].mean()
    return bent


def _costs(spot: np.ndarray, dates: pd.DatetimeIndex, ratio: float) -> np.ndarray:
    """Return the all-in sustaining cost: fixed for each quarter at `ratio` times the mean spot price of the year up to its beginning."""
    quarter = np.asarray(dates.year * 4 + dates.quarter)
    begins = np.flatnonzero(np.diff(quarter, prepend=quarter[0] - 1))
    level = np.array([ratio * spot[max(0, bar - 252) : max(bar, 1)].mean() for bar in begins])
    in_force: np.ndarray = level[np.searchsorted(begins, np.arange(len(dates)), side="right") - 1]
    return in_force


def _gearing(spot: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return price / margin at the previous close: by how much more the margin moves than the price (Tufano 1998)."""
    before = np.concatenate((spot[:1], spot[:-1]))
    gearing: np.ndarray = np.clip(before / np.maximum(before - cost, 1e-9), *_GEARING_BOUNDS)
    return gearing


def _dollar(draw: np.random.RandomState, gold: np.ndarray, dates: pd.DatetimeIndex) -> np.ndarray:
    """Return a dollar index around 100 that moves against gold (correlation -0.4, volatility 8 %) and is drawn back to 100."""
    moves = 0.08 * (-0.4 * gold / _GOLD_VOLATILITY + np.sqrt(1 - 0.4**2) * _noise(draw, dates, 1.0))
    level = np.empty(len(gold))
    away = 0.0
    for bar, move in enumerate(moves.tolist()):
        away = 0.997 * away + move
        level[bar] = away
    return 100.0 * np.exp(level)


def _bars(draw: np.random.RandomState, steps: np.ndarray, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return bars whose closes move by `steps`: each day split into a night and a session, with a range around both ends."""
    close = 100.0 * np.exp(np.cumsum(steps))
    daily = float(steps[1:].std())
    night = _OVERNIGHT * steps + np.sqrt(_OVERNIGHT * (1 - _OVERNIGHT)) * daily * draw.standard_normal(len(steps))
    opens = np.concatenate((close[:1], close[:-1])) * np.exp(night)
    reach = 0.5 * daily * np.abs(draw.standard_normal((2, len(steps))))
    high, low = np.maximum(opens, close) * np.exp(reach[0]), np.minimum(opens, close) * np.exp(-reach[1])
    return pd.DataFrame({"Open": opens, "High": high, "Low": low, "Close": close}, index=dates)
