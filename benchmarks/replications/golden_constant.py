"""Erb and Harvey: the real price of gold returns to its average."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from replications.figure import Below, Figure, Near
from replications.prices import london_fix, monthly
from replications.study import Study

__all__ = ["STUDY", "real_price"]

YEARS = 10
WALKS = 2_000


def figures(folder: Path) -> list[Figure]:
    prices = monthly(folder, "CPIAUCSL", "CPIAUCSL")
    fix = london_fix(folder).groupby(london_fix(folder).index.to_period("M")).last()
    real = real_price(folder).loc["1975-01":"2015-07"]  # type: ignore[misc]
    june = float(prices["2015-06"])
    mean, low, high = float(real.mean()), float(real.min()), float(real.max())
    logs = np.log(real.to_numpy())
    ahead = (logs[12 * YEARS :] - logs[: -12 * YEARS]) / YEARS
    correlation = float(np.corrcoef(logs[: -12 * YEARS], ahead)[0, 1])
    average = monthly(folder, "PINK_METALS", "Gold ($/troy oz)")
    then, now = (float(average[month] / prices[month]) for month in ("2015-07", "2025-07"))
    how = "London's fixing / CPI, month-ends"
    by = "within 3 %: month-ends of the fixing against those of the future, seasonally adjusted prices"
    return [
        Figure("average real price, 1975-01 to 2015-07", Near((3.46,), 0.1), (mean,), how=how, why=by),
        Figure("lowest real price", Near((1.47,), 0.04), (low,), how=how, why="the same"),
        Figure(
            "highest real price",
            Near((8.73,), 0.26),
            (high,),
            how=how,
            why="January 1980: the fixing had fallen by a quarter at the month's end",
        ),
        Figure("real price in mid-2015", Near((4.63,), 0.14), (float(fix["2015-07"]) / june,), how=how, why="the same"),
        Figure("fair value in mid-2015, USD/oz", Near((825.0,), 25.0), (mean * june,), "{:,.0f}", "average × CPI", "the same"),
        Figure(
            "price in mid-2015 at the lowest real price, USD/oz", Near((350.0,), 10.0), (low * june,), "{:,.0f}", "lowest × CPI", "the same"
        ),
        Figure("price in mid-2015 at the highest, USD/oz", Near((2080.0,), 62.0), (high * june,), "{:,.0f}", "highest × CPI", "the same"),
        Figure(
            "correlation of the log real price with its change over the next ten years",
            Below((0.0,)),
            (correlation,),
            how="starts 1975-01 to 2005-07",
            said="above average, then below-average returns",
            why=f"{len(ahead)} starts that overlap: three decades that do not",
        ),
        Figure(
            "random walks of the same length with a correlation as low, %",
            None,
            (100 * by_chance(len(logs), correlation),),
            "{:.0f}",
            "by_chance(…)",
            f"of {WALKS:,}; prices without any pull show it too, so that this is no evidence of one",
        ),
        Figure(
            "real return of gold over the next ten years, % a year, from 2015-07",
            Near((-3.0,), 2.0),
            (100 * ((now / then) ** (1 / YEARS) - 1),),
            "{:.1f}",
            "World Bank's monthly averages / CPI",
            "2 points a year are a fifth of the price after ten",
            "about -3, if it returns to its average",
        ),
    ]


def real_price(folder: Path) -> pd.Series:
    """Return the last fixing of each month over that month's consumer prices (1982-84 = 100)."""
    fix = london_fix(folder)
    last = fix.groupby(fix.index.to_period("M")).last()
    return (last / monthly(folder, "CPIAUCSL", "CPIAUCSL")).dropna()


def by_chance(months: int, correlation: float) -> float:
    """Return the share of random walks whose level and later change are correlated at most so."""
    walks = np.random.RandomState(1975).standard_normal((WALKS, months)).cumsum(axis=1)
    level, change = walks[:, : -12 * YEARS], walks[:, 12 * YEARS :] - walks[:, : -12 * YEARS]
    level, change = (part - part.mean(axis=1, keepdims=True) for part in (level, change))
    found = (level * change).sum(axis=1) / np.sqrt((level**2).sum(axis=1) * (change**2).sum(axis=1))
    return float((found <= correlation).mean())


STUDY = Study(
    name="golden_constant",
    title="The golden constant",
    source='C. B. Erb, C. R. Harvey (2013), "The Golden Dilemma", Financial Analysts Journal 69(4), and "The Golden Constant", the '
    "version of August 2015 and Journal of Investing 26(1), 2017; abstracts and reports of them",
    claim="Gold over consumer prices has an average of 3.46 since 1975, between 1.47 and 8.73; dear gold has been followed by poor "
    "real returns, so that with 4.63 in mid-2015 fair value was 825 dollars and the next ten years promised -3 % a year, if the "
    "average draws.",
    period="1975-01 to 2015-07",
    prices="London's afternoon fixing and US consumer prices, seasonally adjusted; the World Bank's averages of gold for 2015 and 2025",
    why="""The description comes back to the digit or nearly; the highest price does not, because the fixing ended January 1980 lower than
the price they took. Dear gold was followed by poor returns in the years that suggested it, but so it is, on average and
afterwards, in most random walks: a high level within a sample is one from which the sample later came down. The forecast
failed: the real price stood a third above its average and doubled. They said "if", and that the constant is neither floor nor
ceiling.""",
    figures=figures,
)
