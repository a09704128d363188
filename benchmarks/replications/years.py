"""Calendar years as seven funds publish them, and what the embedded sample returns in all of them together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orebody.metrics import yearly_returns
from orebody.sources.sample import FUNDS, METAL_OF, YEAR_RETURNS, sample
from replications.figure import Figure, Near
from replications.prices import closes
from replications.study import Study

__all__ = ["STUDY"]

PUBLISHED = {fund: YEAR_RETURNS[ticker] for ticker, fund in FUNDS.items()}
"""Total returns in per cent, as the funds publish them; the first year of each is its first whole one."""


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
    simulated = {ticker: years_of(sample(METAL_OF[ticker]).frames[ticker]["Close"]) for ticker in FUNDS}
    off = max(abs(100 * (together(simulated[ticker], fund) / together(ours[fund], fund) - 1)) for ticker, fund in FUNDS.items())
    found.append(
        Figure(
            "the embedded sample's seven against their funds, all years together: largest difference, per cent of what 1 became",
            Near((0.0,), 0.1),
            (off,),
            how='load_market("gold", source="sample")',
            why="its totals are real, its days and years are drawn",
            said="all years",
        )
    )
    return found


def years_of(prices: pd.Series) -> pd.Series:
    """Return calendar years in per cent."""
    return 100 * yearly_returns(prices.pct_change().fillna(0.0))["return"]


def together(years: pd.Series, fund: str) -> float:
    """Return what 1 became over the published years of a fund."""
    return float((1 + years[list(PUBLISHED[fund])] / 100).prod())


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
