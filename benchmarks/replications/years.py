"""Calendar years as seven funds publish them, and those the embedded sample is bent to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orebody.metrics import yearly_returns
from orebody.sources.sample import YEAR_RETURNS, sample
from replications.figure import Figure, Near
from replications.prices import closes
from replications.study import Study

__all__ = ["STUDY"]

# Total returns in per cent, as the funds publish them; the first year of each is its first whole one.
PUBLISHED: dict[str, dict[int, float]] = {
    "GLD": YEAR_RETURNS["SIM-GOLD"],
    "GDX": YEAR_RETURNS["SIM-MINERS"],
    "GDXJ": YEAR_RETURNS["SIM-JUNIORS"],
    **{
        ticker: dict(enumerate(returns, first))
        for ticker, first, returns in (
            (
                "SLV",
                2007,
                (
                    14.25,
                    -23.79,
                    47.68,
                    82.47,
                    -10.74,
                    9.02,
                    -36.30,
                    -19.51,
                    -12.42,
                    14.56,
                    5.82,
                    -9.19,
                    14.88,
                    47.30,
                    -12.45,
                    2.37,
                    -1.09,
                    20.89,
                    144.66,
                ),
            ),
            ("SIL", 2011, (-22.02, 8.22, -50.21, -17.26, -33.12, 79.47, 1.67, -22.42, 34.78, 40.30, -18.35, -22.83, 1.31, 14.63, 166.16)),
            ("CPER", 2012, (2.08, -8.44, -16.94, -24.97, 14.58, 28.81, -21.94, 6.69, 23.89, 25.22, -15.14, 4.55, 4.23, 38.95)),
            ("COPX", 2011, (-30.96, 4.82, -27.51, -19.60, -45.88, 70.35, 38.92, -31.31, 12.48, 51.66, 23.38, -0.76, 8.38, 3.57, 93.50)),
        )
    },
}
SAMPLE = {"SIM-GOLD": "GLD", "SIM-MINERS": "GDX", "SIM-JUNIORS": "GDXJ"}


def figures(folder: Path) -> list[Figure]:
    ours = {ticker: years_of(closes(folder, ticker, repair="drop" if ticker == "CPER" else None)) for ticker in PUBLISHED}
    how = "orebody.metrics.yearly_returns(returns)"
    found = [
        Figure("GDX in 2013 / 2025", Near((-54.02, 154.77), 0.05), (float(ours["GDX"][2013]), float(ours["GDX"][2025])), how=how),
    ]
    for ticker, published in PUBLISHED.items():
        off = max(abs(float(ours[ticker][year]) - figure) for year, figure in published.items())
        found.append(
            Figure(
                f"{ticker}, {len(published)} years from {min(published)}: largest difference, points",
                Near((0.0,), 0.05),
                (off,),
                how=how,
                why="two false prints of 2014-12-04 and 2015-02-02 dropped by repair='drop'" if ticker == "CPER" else "",
                said="each year",
            )
        )
    simulated = {name: years_of(sample().frames[name]["Close"]) for name in SAMPLE}
    off = max(abs(float(simulated[name][year] - ours[real][year])) for name, real in SAMPLE.items() for year in YEAR_RETURNS[name])
    found.append(
        Figure(
            "the embedded sample's gold, miners and juniors against GLD, GDX and GDXJ, all years: largest difference, points",
            Near((0.0,), 0.05),
            (off,),
            how='load_market("gold", source="sample")',
            why="its years are real, its days are drawn",
            said="each year",
        )
    )
    return found


def years_of(prices: pd.Series) -> pd.Series:
    """Return calendar years in per cent."""
    return 100 * yearly_returns(prices.pct_change().fillna(0.0))["return"]


STUDY = Study(
    name="years",
    title="Calendar years of seven funds",
    source="The funds' own pages: GLD, GDX, GDXJ, SLV, SIL, CPER, COPX",
    claim="Total returns of each calendar year, two decimals.",
    period="first whole year of each fund to 2025",
    prices="adjusted closes of the seven; the embedded sample",
    why="""All agree within 0.05 points, which leaves room for a fund's market price against its net asset value and for the day on which
it books a distribution. CPER's file has two false prints; loading it without `repair` is refused, and the year is right either
way only because neither fell on a 31 December.""",
    figures=figures,
)
