"""Gold, the fund of its miners, the fund of juniors, and six single producers.

Days are drawn with the published volatilities, correlation and gearing, independent of each other, around the drift with which all years
together return what the funds did. Single producers have no published return: their gearing to gold comes from a planted cost margin.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from orebody.sources.sample import fundamentals
from orebody.sources.sample.generator import SEED, apart_from, bars, noise, sessions, with_total
from orebody.sources.sample.model import Sample
from orebody.sources.sample.published import YEAR_RETURNS

__all__ = ["COST_RATIOS", "TICKERS", "SampleDays", "days", "draw_days", "gold"]

_OF_FUNDS = ("SIM-GOLD", "SIM-MINERS", "SIM-JUNIORS")
# All-in sustaining cost as a share of the trailing year's spot price: a margin of 0.78 gears 1 / 0.78 = 1.28, one of 0.52 gears 1.92.
COST_RATIOS = {
    "SIM-ROYALTY": 0.22,
    "SIM-LOWCOST": 0.30,
    "SIM-SENIOR": 0.37,
    "SIM-MIDTIER": 0.42,
    "SIM-SINGLEMINE": 0.45,
    "SIM-HIGHCOST": 0.48,
}
TICKERS = (*_OF_FUNDS, *COST_RATIOS)
_OWN_MOVES = {  # annual volatility beside gold and the miners' common factor, and drift beside gold's
    "SIM-ROYALTY": (0.27, 0.02),
    "SIM-LOWCOST": (0.26, 0.01),
    "SIM-SENIOR": (0.22, -0.02),
    "SIM-MIDTIER": (0.28, -0.03),
    "SIM-SINGLEMINE": (0.36, -0.06),
    "SIM-HIGHCOST": (0.34, -0.04),
}

_GOLD_VOLATILITY = 0.182
_MINERS_VOLATILITY, _MINERS_BETA = 0.412, 1.72
_JUNIORS_BETA, _JUNIORS_OWN_VOLATILITY = 1.12, 0.20  # to the miners
_SPOT_AT_START = 635.0  # USD/oz
_GEARING_BOUNDS = (1.0, 4.0)
_COMMON_FACTOR = 0.55  # how much of the miners' own moves a producer shares

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


class SampleDays(NamedTuple):
    """What is drawn before any bar or table is made: all that other metals need to know of gold."""

    dates: pd.DatetimeIndex
    steps: dict[str, np.ndarray]  # daily log moves by ticker
    shared: np.ndarray  # what moves the miners beside gold
    spot: np.ndarray
    aisc: dict[str, np.ndarray]
    gearing: dict[str, np.ndarray]
    cash_rate: pd.Series
    gauges: dict[str, pd.Series]
    drawn: tuple[Any, Any]  # where the streams of prices and of what stands beside them go on


@cache
def days() -> SampleDays:
    """Return gold's days, drawn on first use."""
    return draw_days(SEED)


def draw_days(seed: int) -> SampleDays:
    """Return other days of the same kind for another seed."""
    # RandomState, because numpy never changes its stream, as it may that of the newer Generator.
    draw = np.random.RandomState(seed)
    dates = sessions()
    metal = with_total(noise(draw, dates, _GOLD_VOLATILITY), dates, YEAR_RETURNS["SIM-GOLD"])
    own = np.sqrt(_MINERS_VOLATILITY**2 - (_MINERS_BETA * _GOLD_VOLATILITY) ** 2)
    shared = apart_from(noise(draw, dates, own), metal)
    miners = with_total(_MINERS_BETA * metal + shared, dates, YEAR_RETURNS["SIM-MINERS"])
    juniors = with_total(_JUNIORS_BETA * miners + noise(draw, dates, _JUNIORS_OWN_VOLATILITY), dates, YEAR_RETURNS["SIM-JUNIORS"])
    spot = np.round(_SPOT_AT_START * np.exp(np.cumsum(metal)), 2)
    steps = dict(zip(_OF_FUNDS, (metal, miners, juniors), strict=True))
    aisc, gearing = {}, {}
    for ticker, ratio in COST_RATIOS.items():
        aisc[ticker] = _costs(spot, dates, ratio)
        gearing[ticker] = _gearing(spot, aisc[ticker])
        volatility, drift = _OWN_MOVES[ticker]
        own_moves = _COMMON_FACTOR * shared + noise(draw, dates, volatility)
        # a geared claim on a rising price would run away: its drift is planted beside gold's
        steps[ticker] = gearing[ticker] * (metal - metal.mean()) + own_moves + metal.mean() + drift / 252
        steps[ticker][0] = 0.0
    dollar = _dollar(draw, metal, dates)
    beside = np.random.RandomState(seed + 1)  # a stream of their own: the prices stay what they are
    rates = pd.Series(list(_CASH_RATES.values()), index=pd.DatetimeIndex(list(_CASH_RATES)), name="cash_rate")
    gauges = {
        "spot": pd.Series(spot, index=dates, name="spot"),
        "dollar": pd.Series(dollar, index=dates, name="dollar"),
        **fundamentals.gauges(beside, metal, miners, rates, dates),
    }
    return SampleDays(dates, steps, shared, spot, aisc, gearing, rates, gauges, (draw.get_state(), beside.get_state()))


@cache
def gold() -> Sample:
    """Return the sample of gold, made on first use; the same numbers every time."""
    drawn = days()
    draw, beside = np.random.RandomState(), np.random.RandomState()
    for stream, state in zip((draw, beside), drawn.drawn, strict=True):
        stream.set_state(state)
    frames = {ticker: bars(draw, step, drawn.dates) for ticker, step in drawn.steps.items()}
    costs = pd.DataFrame(drawn.aisc, index=drawn.dates)
    closes = {ticker: frame["Close"].to_numpy() for ticker, frame in frames.items() if ticker != "SIM-GOLD"}
    return Sample(
        frames=frames,
        cash_rate=drawn.cash_rate,
        gauges=drawn.gauges,
        fundamentals=fundamentals.fundamentals(beside, costs),
        ratings=fundamentals.ratings(beside, closes, "SIM-MINERS", drawn.dates),
        aisc=costs,
        gearing=pd.DataFrame(drawn.gearing, index=drawn.dates),
    )


def _costs(spot: np.ndarray, dates: pd.DatetimeIndex, ratio: float) -> np.ndarray:
    """Return the all-in sustaining cost, in whole dollars as it is reported.

    It is fixed for each quarter at `ratio` times the mean spot price of the year up to its beginning.
    """
    quarter = np.asarray(dates.year * 4 + dates.quarter)
    begins = np.flatnonzero(np.diff(quarter, prepend=quarter[0] - 1))
    level = np.rint([ratio * spot[max(0, bar - 252) : max(bar, 1)].mean() for bar in begins])
    in_force: np.ndarray = level[np.searchsorted(begins, np.arange(len(dates)), side="right") - 1]
    return in_force


def _gearing(spot: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return price / margin at the previous close: by how much more the margin moves than the price (Tufano 1998)."""
    before = np.concatenate((spot[:1], spot[:-1]))
    gearing: np.ndarray = np.clip(before / np.maximum(before - cost, 1e-9), *_GEARING_BOUNDS)
    return gearing


def _dollar(draw: np.random.RandomState, gold: np.ndarray, dates: pd.DatetimeIndex) -> np.ndarray:
    """Return a dollar index around 100 that moves against gold (correlation -0.4, volatility 8 %) and is drawn back to 100."""
    moves = 0.08 * (-0.4 * gold / _GOLD_VOLATILITY + np.sqrt(1 - 0.4**2) * noise(draw, dates, 1.0))
    level = np.empty(len(gold))
    away = 0.0
    for bar, move in enumerate(moves.tolist()):
        away = 0.997 * away + move
        level[bar] = away
    return np.round(100.0 * np.exp(level), 2)
