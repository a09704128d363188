"""The rows of a tearsheet: our own figures, each for the strategy and for the metal with the same cash flows."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.metrics import Metrics, drawdowns, formatted, monthly_returns, yearly_returns

if TYPE_CHECKING:
    from orebody.result import Result

__all__ = ["WITHHELD", "figures", "months", "worst_drawdowns", "years"]

RELATIVE = {"beta", "up_capture", "down_capture", "information_ratio"}

WITHHELD = (
    ("Time in Market", "counts days on which cash earned interest as invested; exposure above is from the holdings"),
    ("Smart Sharpe, Smart Sortino, Smart Sortino/√2", "the benchmark is divided by the strategy's autocorrelation penalty"),
    (
        "R², Prob. Sharpe, Omega, Sortino/√2, Tail Ratio, Payoff Ratio, Profit Factor",
        "right or nearly so, of little use beside those shown",
    ),
    (
        "Information Ratio, Treynor Ratio, Alpha",
        "not annualised, made of total returns, or blind to the cash rate; the first is above, annualised",
    ),
    (
        "Longest and average drawdown days, period start and end",
        "counted from the first day down to the last day under water, not from peak to recovery",
    ),
    ("Ulcer Performance Index, Recovery Factor, Serenity Index", "made of total or summed returns"),
    (
        "Risk-Adjusted Return, Risk-Return Ratio, Avg. Return, Expected Yearly and Monthly",
        "annualised at 252 whatever the bars, or over part years",
    ),
    (
        "Win/Loss, Profit and Gain/Pain ratios, win rates, runs of wins",
        "flat days and interest on cash count as wins, or the name says something else",
    ),
    (
        "Kelly Criterion, Risk of Ruin, CPC Index, Common Sense Ratio, Outlier ratios",
        "folklore for daily returns; Risk of Ruin is always zero",
    ),
    ("Daily Value-at-Risk, Expected Shortfall", "normal distribution; the historical shortfall is above"),
    ("3M, 6M, 1Y, 3Y, 5Y, 10Y", "windows a bar or a month off, and a short history shown as ten years; ours above say – instead"),
    ("Multiplier of the calendar years", "meaningless across signs; the difference in points is shown"),
    ("Returns matched for volatility", "a leverage known only in hindsight"),
    ("Daily returns, cumulative sum", "closed days are drawn as zero"),
    (
        "Rolling Sortino, return quantiles, longest drawdowns, bars of years",
        "blind to the cash rate, weighted by days, mislabelled or overlapping; the tables stand in",
    ),
)
"""What quantstats would show and this page does not, and why."""

TRAILING = (
    ("3 months", 3, False),
    ("6 months", 6, False),
    ("1 year", 12, False),
    ("3 years, a year", 36, True),
    ("5 years, a year", 60, True),
    ("10 years, a year", 120, True),
)


def figures(result: Result) -> list[tuple[str, str, str]]:
    """Return (title, strategy, metal) as text, in the order of the page."""
    mine, metal = result.metrics(), result.benchmark.metrics()
    rows = []
    for field in dataclasses.fields(Metrics):
        kind = field.metadata["kind"]
        other = "–" if field.name in RELATIVE else formatted(kind, getattr(metal, field.name))
        rows.append((field.metadata["title"], formatted(kind, getattr(mine, field.name)), other))
    more = (_more(run.returns) for run in (result, result.benchmark))
    rows += [(title, formatted(kind, one), formatted(kind, two)) for (title, kind, one), (_, _, two) in zip(*more, strict=True)]
    return rows


def _more(returns: pd.Series) -> list[tuple[str, str, float]]:
    """Return (title, kind, figure) of single returns: extremes, shape, and what the last months and years brought."""
    bars, monthly = returns.iloc[1:], monthly_returns(returns.iloc[1:])
    some = len(bars) > 0
    rows = [
        ("Best bar", "percent", float(bars.max()) if some else math.nan),
        ("Worst bar", "percent", float(bars.min()) if some else math.nan),
        ("Best month", "percent", float(monthly.max()) if some else math.nan),
        ("Worst month", "percent", float(monthly.min()) if some else math.nan),
        ("Months that gained", "percent", float((monthly > 0).mean()) if some else math.nan),
        ("Skew of the bars", "ratio", _skew(bars)),
        ("Excess kurtosis of the bars", "ratio", _kurtosis(bars)),
    ]
    return rows + [(f"Last {name}", "percent", _trailing(returns, months, annual=annual)) for name, months, annual in TRAILING]


def _skew(bars: pd.Series) -> float:
    return float(bars.skew()) if len(bars) > 2 and float(bars.std()) > 1e-15 else math.nan


def _kurtosis(bars: pd.Series) -> float:
    return float(bars.kurt()) if len(bars) > 3 and float(bars.std()) > 1e-15 else math.nan


def _trailing(returns: pd.Series, months: int, *, annual: bool) -> float:
    """Return what the last `months` brought: the bars after the same day so many months ago; NaN for a shorter history."""
    since = returns.index[-1] - pd.DateOffset(months=months)
    if returns.index[0] > since:
        return math.nan
    grown = float(np.prod(1.0 + returns[returns.index > since]))
    return max(grown, 0.0) ** (12 / months) - 1.0 if annual else grown - 1.0


def years(result: Result) -> list[tuple[str, str, str, str]]:
    """Return (year, strategy, metal, difference in points) of each calendar year; part years are marked."""
    mine, metal = yearly_returns(result.returns), yearly_returns(result.benchmark.returns)
    rows = []
    for year, one in mine.iterrows():
        two = float(metal.loc[year, "return"])
        label = f"{year}" if one["whole"] else f"{year} (part)"
        rows.append((label, formatted("percent", one["return"]), formatted("percent", two), f"{100 * (one['return'] - two):+.2f}"))
    return rows


def months(result: Result) -> list[tuple[int, list[tuple[str, str]], str]]:
    """Return (year, (text, colour class) of each month, year's return) of the strategy; months without bars are blank."""
    monthly = monthly_returns(result.returns.iloc[1:])
    yearly = yearly_returns(result.returns)
    table: list[tuple[int, list[tuple[str, str]], str]] = []
    for year in sorted({period.year for period in monthly.index}):
        cells = []
        for month in range(1, 13):
            period = pd.Period(year=year, month=month, freq="M")
            cells.append(_cell(float(monthly[period])) if period in monthly.index else ("", ""))
        table.append((year, cells, formatted("percent", yearly.loc[year, "return"])))
    return table


def _cell(value: float) -> tuple[str, str]:
    step = min(4, int(abs(value) * 100 // 3) + 1) if round(value, 4) else 0
    return f"{100 * value:.1f}", f"{'gain' if value > 0 else 'loss'}{step}" if step else ""


def worst_drawdowns(result: Result, count: int = 10) -> list[tuple[str, str, str, str, str]]:
    """Return (peak, trough, recovery, depth, days) of the deepest drawdowns; one that lasts to the end is open."""
    rows = []
    for fall in drawdowns(result.returns).head(count).itertuples():
        recovery = "open" if pd.isna(fall.recovery) else str(fall.recovery.date())
        rows.append((str(fall.peak.date()), str(fall.trough.date()), recovery, formatted("percent", fall.depth), f"{fall.days:,}"))
    return rows
