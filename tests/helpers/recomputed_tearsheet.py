"""Every printed row, table and sentence of a tearsheet a second time, on what `recomputed` has, without `orebody.metrics`."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise
from math import nan, prod, sqrt
from statistics import fmean, median, pstdev, stdev

import numpy as np
from recomputed import cash_returns, days_of, falls, figures, ratio, returns_of, slope
from scipy import stats

import orebody as ob

TITLES = {
    "Final equity": "final_equity",
    "Money put in": "contributed",
    "of which contributions": "contributions",
    "Profit": "profit",
    "of which interest": "interest",
    "less borrow paid": "borrow",
    "Time-weighted return": "total_return",
    "CAGR": "cagr",
    "XIRR (money-weighted)": "xirr",
    "Volatility": "volatility",
    "Sharpe over the cash rate": "sharpe",
    "Sortino": "sortino",
    "Calmar": "calmar",
    "Expected shortfall, worst 5 % of bars": "expected_shortfall",
    "Maximum drawdown": "max_drawdown",
    "from its peak on": "drawdown_peak",
    "to its trough on": "drawdown_trough",
    "recovered on": "drawdown_recovery",
    "Longest time under water, days": "longest_under_water",
    "Time under water": "time_under_water",
    "Exposure, average": "exposure",
    "Highest exposure at a close": "highest_exposure",
    "Dry powder, average": "dry_powder",
    "Turnover a year": "turnover",
    "Commission paid": "commission",
    "Slippage paid": "slippage",
    "Costs paid": "costs",
    "Fills": "trades",
    "Beta to the metal": "beta",
    "Up-capture of the metal": "up_capture",
    "Down-capture of the metal": "down_capture",
    "Information ratio to the metal": "information_ratio",
}
"""Fields of `figures` by the titles under which a tearsheet prints them."""
PERCENT = {"total_return", "cagr", "xirr", "volatility", "expected_shortfall", "max_drawdown", "time_under_water", "exposure"} | {
    "highest_exposure",
    "dry_powder",
    "turnover",
    "up_capture",
    "down_capture",
}
COUNTS = {"longest_under_water", "trades"}
RELATIVE = {"beta", "up_capture", "down_capture", "information_ratio"}


def excess_of(result: ob.Result) -> list[float]:
    """Each bar's return less what the same money would have earned as cash."""
    mine, equity, flows = returns_of(result), result.equity.tolist(), result.flows.tolist()
    excess = []
    for t, (one, cash) in enumerate(zip(mine, cash_returns(result), strict=True), start=1):
        base = equity[t - 1] + flows[t]
        excess.append(one - cash * (equity[t - 1] / base if base > 0 else 0.0))
    return [0.0 if abs(one) < 1e-15 else one for one in excess]


def mean(values: list[float]) -> float:
    return fmean(values) if values else nan


def skew(values: list[float]) -> float:
    return float(stats.skew(values, bias=False)) if len(values) > 2 and pstdev(values) > 1e-15 else nan


def kurtosis(values: list[float]) -> float:
    return float(stats.kurtosis(values, bias=False)) if len(values) > 3 and pstdev(values) > 1e-15 else nan


def longest(values: list[float], sign: int) -> int:
    best = run = 0
    for one in values:
        run = run + 1 if sign * one > 0 else 0
        best = max(best, run)
    return best


def back(day: date, months: int) -> date:
    """The same day so many months ago, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def since(days: list[date], returns: list[float], start: date) -> float:
    """What the bars after `start` brought; none where the run began later."""
    return nan if days[0] > start else prod(1 + one for day, one in zip(days[1:], returns, strict=True) if day > start) - 1


def periods(days: list[date], returns: list[float], months: int) -> dict[tuple[int, int], float]:
    """Compounded return by (year, number of the period in it), of so many months each."""
    grown: dict[tuple[int, int], float] = {}
    for day, one in zip(days[1:], returns, strict=True):
        at = (day.year, (day.month - 1) // months)
        grown[at] = grown.get(at, 1.0) * (1 + one)
    return {at: value - 1 for at, value in grown.items()}


def distance(days: list[date]) -> int:
    return int(median(later.toordinal() - day.toordinal() for day, later in pairwise(days)))


def whole_years(days: list[date]) -> set[int]:
    """Years with returns that the run covers: not its first day's, nor its last's unless that ends with the run."""
    return {day.year for day in days[1:]} - {days[0].year, following(days).year}


def whole_months(days: list[date]) -> set[tuple[int, int]]:
    """Months with returns that the run covers: not its first day's, nor its last's while another bar is to come."""
    next_bar = following(days)
    return {(day.year, day.month) for day in days[1:]} - {(days[0].year, days[0].month), (next_bar.year, next_bar.month)}


def following(days: list[date]) -> date:
    """The day on which another bar would come: at the usual distance, and no Saturday or Sunday where that is a day."""
    next_bar = date.fromordinal(days[-1].toordinal() + distance(days))
    while distance(days) <= 1 and next_bar.weekday() > 4:
        next_bar = date.fromordinal(next_bar.toordinal() + 1)
    return next_bar


def bar_names(result: ob.Result) -> tuple[str, str]:
    """What a row and what the head of the page call a bar, from the distance of the dates."""
    days = days_of(result)
    far = distance(days) if len(days) > 2 else 1
    if far <= 1:
        return "day", "daily"
    return ("week", "weekly") if 6 <= far <= 8 else ("bar", "monthly") if 27 <= far <= 32 else ("bar", "")


def own_rows(result: ob.Result) -> dict[str, tuple[float, int]]:
    """(figure, digits behind the point of the plain number) of each row that stands beside `Metrics` for both columns."""
    days, mine, excess, bar = days_of(result), returns_of(result), excess_of(result), bar_names(result)[0]
    basic = figures(result)
    cagr, total, depth = (float(basic[name]) for name in ("cagr", "total_return", "max_drawdown"))  # type: ignore[arg-type]
    years, last, n = (days[-1] - days[0]).days / 365.25, days[-1], len(mine)
    cash = prod(1 + one for one in cash_returns(result)) ** (1 / years) - 1 if years >= 1 else nan
    wealth, top, squares = 1.0, 1.0, 0.0
    for one in mine:
        wealth *= 1 + one
        top = max(top, wealth)
        squares += (wealth / top - 1) ** 2 if wealth / top - 1 < -1e-12 else 0.0
    ulcer = sqrt(squares / (n + 1))  # one close more than returns: the opening, at its own high
    drops = falls(days, mine)
    up, down = sum(one for one in mine if one > 0), -sum(one for one in mine if one < 0)
    gains, losses = [one for one in excess if one > 0], [one for one in excess if one < 0]
    sd = stdev(mine) if n > 1 and stdev(mine) > 1e-15 else nan
    low, high = (float(np.percentile(mine, share)) for share in (5, 95)) if n > 1 else (nan, nan)
    positive = nan
    if n > 3 and stdev(excess) > 1e-15:
        sr = fmean(excess) / stdev(excess)
        spread = 1 - skew(excess) * sr + (kurtosis(excess) + 3 - 1) / 4 * sr**2
        positive = float(stats.norm.cdf(sr * sqrt(n - 1) / sqrt(spread))) if spread > 0 else nan
    months, quarters = list(periods(days, mine, 1).values()), list(periods(days, mine, 3).values())
    by_year = {year: one for (year, _), one in periods(days, mine, 12).items()}
    whole = [one for year, one in by_year.items() if year in whole_years(days)]
    month_up, month_down = sum(one for one in months if one > 0), -sum(one for one in months if one < 0)
    windows = {"3 months": 3, "6 months": 6, "1 year": 12, "3 years, a year": 36, "5 years, a year": 60, "10 years, a year": 120}
    trailing = {name: since(days, mine, back(last, count)) for name, count in windows.items()}
    held = [any(units) for units in result.units.to_numpy().tolist()]
    return {
        "Cash, growth a year": (cash, 4),
        "Month to date": (since(days, mine, date.fromordinal(last.replace(day=1).toordinal() - 1)), 4),
        "Year to date": (since(days, mine, date(last.year - 1, 12, 31)), 4),
        **{f"Last {name}": ((1 + one) ** (12 / windows[name]) - 1 if windows[name] > 12 else one, 4) for name, one in trailing.items()},
        "Probability that Sharpe is above 0": (positive, 4),
        "Omega over the cash rate": (ratio(sum(gains), -sum(losses)), 2),
        "Ulcer performance index": (ratio(cagr - cash, ulcer), 2),
        "Recovery factor": (ratio(total, -depth), 2),
        "Average drawdown": (fmean(fall[3] for fall in drops) if drops else 0.0, 4),
        "Average drawdown, days": (fmean(fall[4] for fall in drops) if drops else 0.0, 0),
        "Ulcer Index": (ulcer, 4),
        f"5 % value at risk, a {bar}": (low, 4),
        "the same, if normal": (float(stats.norm.ppf(0.05, fmean(mine), sd)) if n > 1 else nan, 4),
        "Expected shortfall, if normal": (fmean(mine) - sd * float(stats.norm.pdf(stats.norm.ppf(0.05))) / 0.05, 4),
        "Skew": (skew(mine), 2),
        "Excess kurtosis": (kurtosis(mine), 2),
        "Tail ratio": (ratio(abs(high), abs(low)), 2),
        f"Average {bar}": (fmean(mine), 5),
        f"Average {bar}, geometric": (max(prod(1 + one for one in mine), 0.0) ** (1 / n) - 1, 5),
        f"Best {bar}": (max(mine), 4),
        f"Worst {bar}": (min(mine), 4),
        f"{bar.capitalize()}s above cash": (len(gains) / n, 4),
        f"{bar.capitalize()}s below cash": (len(losses) / n, 4),
        f"Average gain over cash, a {bar}": (mean(gains), 5),
        f"Average loss over cash, a {bar}": (mean(losses), 5),
        "Payoff ratio": (ratio(mean(gains), -mean(losses)), 2),
        "Profit factor": (ratio(up, down), 2),
        f"Gain to pain, {bar}s": (ratio(sum(mine), down), 2),
        f"Most {bar}s above cash in a row": (longest(excess, 1), 0),
        f"Most {bar}s below cash in a row": (longest(excess, -1), 0),
        "Best month": (max(months), 4),
        "Worst month": (min(months), 4),
        "Average month that gained": (mean([one for one in months if one > 0]), 4),
        "Average month that lost": (mean([one for one in months if one < 0]), 4),
        "Months that gained": (sum(one > 0 for one in months) / len(months), 4),
        "Quarters that gained": (sum(one > 0 for one in quarters) / len(quarters), 4),
        "Years that gained": (sum(one > 0 for one in by_year.values()) / len(by_year), 4),
        "Best whole year": (max(whole, default=nan), 4),
        "Worst whole year": (min(whole, default=nan), 4),
        "Gain to pain, months": (ratio(month_up - month_down, month_down), 2),
        "Time in market": (sum(held) / len(held), 4),
    }


def relative_rows(result: ob.Result) -> dict[str, tuple[float, int]]:
    """The same for the rows that only the strategy has."""
    mine, metal = returns_of(result), returns_of(result.benchmark)
    beta, rows = slope(mine, metal), own_rows(result)
    both = len(mine) > 1 and min(pstdev(mine), pstdev(metal)) > 1e-15
    together = float(stats.pearsonr(mine, metal).statistic) if both else nan
    over_cash = float(figures(result)["cagr"]) - rows["Cash, growth a year"][0]  # type: ignore[arg-type]
    return {
        "Alpha over the cash rate": (
            (fmean(excess_of(result)) - beta * fmean(excess_of(result.benchmark))) * result.market.periods_per_year,
            4,
        ),
        "Correlation with the metal": (together, 2),
        "R²": (together * together, 2),
        "Treynor ratio": (over_cash / beta if abs(beta) > 1e-9 else nan, 4),
    }
