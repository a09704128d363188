"""Beyond gold: silver and copper, each with a fund of its miners.

Like gold's, their days are drawn with measured volatilities, betas and correlations, around the drift of all published years. A metal
moves with gold, its miners with it and a little with gold's miners. A ticker lists on the last session before its fund's first whole year.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.sources.sample import fundamentals
from orebody.sources.sample.generator import SEED, apart_from, bars, noise, with_total
from orebody.sources.sample.gold import SampleDays, days
from orebody.sources.sample.model import Sample
from orebody.sources.sample.published import YEAR_RETURNS

__all__ = ["METALS", "SampleSpec", "silver_or_copper"]


class SampleSpec(NamedTuple):
    """A metal and its miners: what their moves are made of."""

    tickers: tuple[str, str]  # the metal, the fund of its miners
    volatility: float  # annual, of the metal
    with_gold: float  # the metal's correlation with gold
    miners_volatility: float
    beta: float  # of the miners to the metal
    with_golds_miners: float  # correlation of the moves that the metal does not explain with those of gold's miners
    spot: float  # in USD, on the session on which the metal lists
    decimals: int  # of the spot price, as it is quoted
    seed: int


# Measured on daily log returns of adjusted closes, and rounded: silver on SLV and SIL, 2011 to 2025, copper on CPER and COPX, 2012 to
# 2025, without CPER's two false prints; the correlations on GLD and GDX in the same years. Gold's own sources are in docs/data.md.
METALS = {
    "silver": SampleSpec(("SIM-SILVER", "SIM-SILVER-MINERS"), 0.293, 0.78, 0.402, 1.02, 0.70, 12.90, 3, SEED + 2),
    "copper": SampleSpec(("SIM-COPPER", "SIM-COPPER-MINERS"), 0.235, 0.24, 0.342, 0.91, 0.31, 3.44, 4, SEED + 3),
}
"""By metal; the spot prices, an ounce of silver and a pound of copper, are of the ends of 2006 and 2011."""


@cache
def silver_or_copper(metal: str) -> Sample:
    """Return the sample of a metal, made on first use; the same numbers every time."""
    planted, golds = METALS[metal], days()
    draw = np.random.RandomState(planted.seed)
    steps = dict(zip(planted.tickers, _moves(draw, planted, golds), strict=True))
    since = {ticker: _listing(golds.dates, min(YEAR_RETURNS[ticker])) for ticker in planted.tickers}
    frames = {
        ticker: bars(draw, np.concatenate(([0.0], step[since[ticker] + 1 :])), golds.dates[since[ticker] :])
        for ticker, step in steps.items()
    }
    ticker, miners = planted.tickers
    risen = np.cumsum(steps[ticker])
    spot = pd.Series(planted.spot * np.exp(risen - risen[since[ticker]]), index=golds.dates, name="spot").round(planted.decimals)
    closes = {miners: frames[miners]["Close"].to_numpy()}
    return Sample(
        frames=frames,
        cash_rate=golds.cash_rate,
        # there is one price of copper in a market of copper
        gauges={name: spot.rename(name) if name in ("spot", metal) else gauge for name, gauge in golds.gauges.items()},
        ratings=fundamentals.ratings(draw, closes, miners, golds.dates[since[miners] :]),
    )


def _moves(draw: np.random.RandomState, planted: SampleSpec, golds: SampleDays) -> tuple[np.ndarray, np.ndarray]:
    """Return the daily log moves of the metal and its miners, from the sample's first day on."""
    dates, gold = golds.dates, golds.steps["SIM-GOLD"]
    own = planted.volatility * np.sqrt(1 - planted.with_gold**2)
    with_gold = planted.with_gold * planted.volatility / (gold[1:].std() * np.sqrt(252)) * gold
    metal = with_total(with_gold + apart_from(noise(draw, dates, own), gold), dates, YEAR_RETURNS[planted.tickers[0]])
    left = np.sqrt(planted.miners_volatility**2 - (planted.beta * planted.volatility) ** 2)
    shared = planted.with_golds_miners * golds.shared / golds.shared[1:].std()
    alone = np.sqrt(1 - planted.with_golds_miners**2) * apart_from(noise(draw, dates, np.sqrt(252)), golds.shared)
    unexplained = left / np.sqrt(252) * apart_from(shared + alone, metal)
    return metal, with_total(planted.beta * metal + unexplained, dates, YEAR_RETURNS[planted.tickers[1]])


def _listing(dates: pd.DatetimeIndex, first_year: int) -> int:
    """Return the bar on which a ticker lists: the last one before its first published year."""
    return int(np.searchsorted(np.asarray(dates.year), first_year)) - 1
