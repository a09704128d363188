"""Tufano: how much a gold miner moves for one per cent of gold, and when."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import orebody as ob
from replications.figure import Above, Figure, Near
from replications.prices import closes, gold, london_fix
from replications.study import Study

__all__ = ["STUDY", "with_the_fix"]

NORTH_AMERICAN = ("AEM", "B", "NEM", "KGC")
START, END = "1989-12-28", "1994-03-31"


def with_the_fix(folder: Path, tickers: tuple[str, ...], start: str, end: str) -> ob.Market:
    """Return London's afternoon fixing as the metal with single producers, on the days on which all have a price."""
    series = [london_fix(folder), *(closes(folder, ticker, "adjclose") for ticker in tickers)]
    table = pd.concat(series, axis=1, join="inner").loc[start:end]  # type: ignore[misc]
    return ob.Market.from_frames({name: pd.DataFrame({"Close": table[name]}) for name in table}, fill="close")


def figures(folder: Path) -> list[Figure]:
    early = with_the_fix(folder, NORTH_AMERICAN, START, END)
    betas = {
        frequency: ob.gearing(early, frequency=frequency, returns="simple", regimes={}).table.loc[list(NORTH_AMERICAN), "beta"]
        for frequency in ("week", "month")
    }
    market = gold(folder)
    daily, simple = ob.gearing(market), ob.gearing(market, returns="simple")
    states = daily.regimes[daily.regimes["regime"] == "metal and its 200-bar mean"].set_index("state")["beta"]
    rolled = simple.rolling["GDX", "all"].loc[:"2019-12-31"]  # type: ignore[misc]
    wide = "0.5: the average of other firms, from one factor, must not leave 1.5 to 2.5"
    return [
        Figure(
            "weekly beta of four North American producers, mean, 1990-01 to 1994-03",
            Near((2.0,), 0.5),
            (float(betas["week"].mean()),),
            how='ob.gearing(market, frequency="week", returns="simple").table',
            why=wide,
        ),
        Figure(
            "the same, monthly",
            Near((2.0,), 0.5),
            (float(betas["month"].mean()),),
            how='ob.gearing(market, frequency="month", returns="simple").table',
            why="the same",
        ),
        Figure(
            "lowest / highest of the four, weekly",
            None,
            (float(betas["week"].min()), float(betas["week"].max())),
            how='ob.gearing(market, frequency="week", returns="simple").table',
            why="he, too, found that firms differ much",
        ),
        Figure(
            "daily beta of GDX, 2006-05 to 2026-05",
            Near((2.0,), 0.5),
            (float(daily.table.loc["GDX", "beta"]),),
            how="ob.gearing(market).table",
            why="a basket, and other years",
        ),
        Figure(
            "beta below gold's 200-bar mean less beta above it",
            Above((0.0,)),
            (float(states["below"] - states["above"]),),
            how="ob.gearing(market).regimes",
            said="falls as gold rises",
            why=f"{states['below']:.2f} below, {states['above']:.2f} above; his is across levels of price, firms and years",
        ),
        Figure(
            "rolling one-year beta of GDX to 2019, lowest / highest",
            Near((1.11, 2.80), 0.005),
            (float(rolled.min()), float(rolled.max())),
            how='ob.gearing(market, returns="simple").rolling',
            said="1.11 / 2.80 (not his: computed for this project's design, apart from it)",
        ),
    ]


STUDY = Study(
    name="tufano",
    title="Two per cent for one",
    source='P. Tufano (1998), "The Determinants of Stock Price Exposure: Financial Engineering and the Gold Mining Industry", Journal '
    "of Finance 53(3); the claim as in its abstract",
    claim="The average North American gold mining share moves 2 % for each 1 % of gold, very differently across firms and years, and "
    "less the higher the price of gold.",
    period="1990 to early 1994",
    prices="AEM, Barrick, NEM and KGC, adjusted closes, on London's afternoon fixing, simple returns; GLD and GDX, 2006-05 to 2026-05, "
    "log returns",
    why="""Ours are four firms that are still listed, larger and safer than those that are not: survivors should have the lower beta.
London fixes at ten in the morning of New York, so that a day's share price has six hours of news that its fixing has not; over
weeks and months that matters less and less. That the monthly figure is the lower one here, and fails, is KGC, which hardly
moved with gold in these years, and that there are only 51 months. Twenty years of GDX give 1.72, and less where gold is dear:
his direction, in a basket he did not have.""",
    figures=figures,
)
