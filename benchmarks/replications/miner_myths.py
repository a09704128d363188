"""Bilello: are gold miners leveraged gold, or a hedge against equities?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import orebody as ob
from orebody.research.gearing.period_returns import returns_of
from replications.figure import Figure, Near
from replications.prices import FIRST
from replications.study import Study

__all__ = ["STUDY", "annualised_capture"]

LAST = "2017-05-31"


def figures(folder: Path) -> list[Figure]:
    universe = ob.Universe("shares", metal="SPY", miners=("GLD", "GDX"))
    market = ob.load_market(universe, source=folder / "daily", start=FIRST, end=LAST)
    months = returns_of(market, "month", "simple")
    shares, (gold, miners) = months.metal, (months.miners[:, months.names.index(name)] for name in ("GLD", "GDX"))
    grown = 100 * (market.close[-1, 1:] / market.close[0, 1:] - 1)
    down = shares < 0
    october = int(np.flatnonzero((months.dates.year == 2008) & (months.dates.month == 10))[0])
    how, returns = "annualised_capture(…)", 'returns_of(market, "month", "simple")'
    return [
        Figure(
            "GLD / GDX since the inception of GDX, %",
            Near((84.0, -36.0), 2.0),
            pair(*grown),
            "{:.0f}",
            "market.close",
            "2: distributions since",
        ),
        Figure("monthly correlation of GLD with GDX", Near((0.83,), 0.005), (correlation(gold, miners),), how=returns),
        Figure(
            "capture of GDX in months in which GLD rose / fell, %",
            Near((172.0, 164.0), 1.0),
            pair(annualised_capture(miners, gold, up=True), annualised_capture(miners, gold, up=False)),
            "{:.0f}",
            how,
        ),
        Figure(
            "the same from plain means of the months, %",
            None,
            pair(*(100 * miners[side].mean() / gold[side].mean() for side in (gold > 0, gold < 0))),
            "{:.0f}",
            returns,
            "the other way round",
        ),
        Figure(
            "capture of GLD in months in which SPY fell, %",
            Near((-27.0,), 1.0),
            (annualised_capture(gold, shares, up=False),),
            "{:.0f}",
            how,
        ),
        Figure(
            "capture of GDX in months in which SPY fell, %",
            Near((60.0,), 1.0),
            (annualised_capture(miners, shares, up=False),),
            "{:.0f}",
            how,
        ),
        Figure("monthly correlation of GDX with SPY", Near((0.17,), 0.005), (correlation(miners, shares),), how=returns),
        Figure("months in which SPY fell and GDX too, %", Near((53.0,), 0.5), (100 * float((miners[down] < 0).mean()),), "{:.0f}", returns),
        Figure(
            "October 2008, GDX / SPY, %",
            Near((-38.0, -16.5), (0.5, 0.05)),
            pair(100 * miners[october], 100 * shares[october]),
            "{:.1f}",
            returns,
        ),
    ]


def annualised_capture(mine: np.ndarray, of: np.ndarray, *, up: bool) -> float:
    """Return in per cent what one series makes a year over what another makes, in the months in which that other rises or falls."""
    chosen = of > 0 if up else of < 0
    grown = [np.prod(1 + part[chosen]) ** (12 / chosen.sum()) - 1 for part in (mine, of)]
    return float(100 * grown[0] / grown[1])


def correlation(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.corrcoef(one, two)[0, 1])


def pair(*values: float) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


STUDY = Study(
    name="miner_myths",
    title="Two myths about gold miners",
    source='C. Bilello (Pension Partners, June 2017), "Gold Miner Myths"',
    claim="Miners are not leveraged gold: since 2006 gold rose by 84 % and they fell by 36 %, though they captured 172 % of its rises "
    "and 164 % of its falls. Nor do they hedge equities: they fell in 53 % of the months in which the S&P 500 fell, and "
    "captured 60 % of its losses.",
    period="2006-05 to 2017-05",
    prices="GLD, GDX and SPY, adjusted closes, month-end to month-end",
    why="""Every figure comes back, the captures only as he must have made them: compounded over the chosen months and annualised.
Annualising bends them: losses of a year are bounded, gains are not, and so the capture of falls comes out below that of rises.
Plain means of the same months say the opposite, 156 to 193. A capture without its formula says nothing; that of `ob.gearing` is
a ratio of geometric means, not annualised.""",
    figures=figures,
)
