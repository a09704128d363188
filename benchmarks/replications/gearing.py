"""Twenty years of GLD, GDX and single producers: volatility, correlation, beta."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import orebody as ob
from replications.figure import Figure, Near
from replications.prices import gold, producers
from replications.study import Study

__all__ = ["STUDY", "TICKERS"]

TICKERS = ("AEM", "AU", "B", "FNV", "GFI", "KGC", "NEM", "WPM")
SOURCE = "ob.gearing(market).table"


def figures(folder: Path) -> list[Figure]:
    market = gold(folder)
    row = ob.gearing(market).table.loc["GDX"]
    risk = 100 * 252**0.5 * np.diff(np.log(market.close), axis=0).std(axis=0, ddof=1)
    several = producers(folder, TICKERS)
    together = several.dates.searchsorted(several.dates[several.tradable.all(axis=1)][0])
    betas = ob.gearing(
        ob.load_market(several.universe, source=folder / "adjclose", fill="close", start=several.dates[together], end=several.dates[-1])
    ).table.loc[list(TICKERS), "beta"]
    steps = np.diff(np.log(several.close[together:]), axis=0)[:, 1:]
    volatilities = 100 * 252**0.5 * steps.std(axis=0, ddof=1)
    return [
        Figure(
            "annual volatility of log returns of GLD / GDX, %",
            Near((18.2, 41.2), 0.05),
            (float(risk[0]), float(risk[1])),
            "{:.1f}",
            "market.close",
        ),
        Figure("daily correlation / beta", Near((0.76, 1.72), 0.005), (float(row["correlation"]), float(row["beta"])), how=SOURCE),
        Figure(
            "daily beta of single producers, lowest / highest",
            Near((1.29, 1.93), 0.01),
            (float(betas.min()), float(betas.max())),
            how=SOURCE,
            why=f"{betas.idxmin()} and {betas.idxmax()}; of eight, once all are listed: from {several.dates[together].date()}",
        ),
        Figure(
            "their annual volatility, lowest / highest, %",
            Near((38.0, 56.0), 0.5),
            (float(volatilities.min()), float(volatilities.max())),
            "{:.1f}",
            "market.close",
            "the same days",
        ),
        Figure(
            "up-beta / down-beta of GDX",
            None,
            (float(row["up_beta"]), float(row["down_beta"])),
            how=SOURCE,
            why="the slope favours rises",
        ),
        Figure(
            "up-capture / down-capture of GDX, daily, %",
            None,
            (100 * float(row["up_capture"]), 100 * float(row["down_capture"])),
            "{:.0f}",
            SOURCE,
            "capture favours falls: they disagree",
        ),
    ]


STUDY = Study(
    name="gearing",
    title="Twenty years of gearing",
    source="computed for this project's design from the same prices, apart from this library",
    claim="GDX is more than twice as volatile as GLD, with a correlation of 0.76 and a beta of 1.72; single producers have betas from "
    "1.29 (a royalty company) to 1.93.",
    period="2006-05 to 2026-05",
    prices="GLD, GDX and eight producers, adjusted closes, log returns",
    why="""It is a check of arithmetic rather than of a claim: the same prices, another program. That slope and capture disagree about
rises and falls is a mistake in neither: the first is the slope among the metal's rises, the second an average, which contains
what the miners lost whatever gold did; [miner_myths](miner_myths.md) has a third answer.""",
    figures=figures,
)
