"""The figures of a tearsheet that stand beside `Metrics`: of single bars, of calendar months and years, of tails, and against the metal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.metrics import Metrics, calendar_returns, drawdown_series, drawdowns, excess_returns, yearly_returns
from orebody.report.tearsheet.calendar_periods import bar_name

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["Row", "Run", "against_metal", "bars", "cash_growth", "months_and_years", "reward", "tails", "trailing", "under_water"]

TRAILING = (("3 months", 3), ("6 months", 6), ("1 year", 12), ("3 years, a year", 36), ("5 years, a year", 60), ("10 years, a year", 120))
FLAT = 1e-15  # a spread below this is rounding
Row = tuple[str, str, float]
"""Title, kind as in `orebody.metrics.format_figure` (or ``"small"``, per cent with three digits) and figure; NaN if missing."""


@dataclass(frozen=True, eq=False)
class Run:
    """What the figures of one run are made of; each is worked out once.

    Attributes
    ----------
    result : Result
    metrics : Metrics
        Of `result`.
    """

    result: Result
    metrics: Metrics

    @cached_property
    def bars(self) -> np.ndarray:
        """Time-weighted returns of the bars but the first, which has no period behind it."""
        bars: np.ndarray = self.result.returns.to_numpy()[1:]
        return bars

    @cached_property
    def excess(self) -> np.ndarray:
        """The same over what cash earned."""
        return excess_returns(self.result)

    @property
    def per_year(self) -> float:
        """Bars in a year."""
        return self.result.market.periods_per_year

    @property
    def bar(self) -> str:
        """What a bar is called."""
        return bar_name(self.per_year)

    @cached_property
    def cash(self) -> float:
        """What cash grew by a year: prod(1 + growth) ** (1 / years) - 1; NaN under one year, as CAGR."""
        years = (self.result.dates[-1] - self.result.dates[0]) / pd.Timedelta(days=365.25)
        if years < 1.0:
            return math.nan
        return math.pow(float(np.prod(1.0 + self.result.inputs.growth[1:])), 1.0 / years) - 1.0


def cash_growth(run: Run) -> Row:
    """Return what cash alone would have grown by a year, by the measure of CAGR."""
    return "Cash, growth a year", "percent", run.cash


def trailing(run: Run) -> list[Row]:
    """Return what the month and the year so far and the last months and years brought; NaN where the run is shorter.

    A window of so many months holds the bars after the same day so many months ago.
    """
    returns = run.result.returns
    last: pd.Timestamp = returns.index[-1]
    month, year = last.replace(day=1), last.replace(day=1, month=1)
    rows: list[Row] = [
        ("Month to date", "percent", _grown(returns, month - pd.Timedelta(days=1))),
        ("Year to date", "percent", _grown(returns, year - pd.Timedelta(days=1))),
    ]
    for name, months in TRAILING:
        grown = _grown(returns, last - pd.DateOffset(months=months))
        rows.append((f"Last {name}", "percent", max(1.0 + grown, 0.0) ** (12 / months) - 1.0 if months > 12 else grown))
    return rows


def _grown(returns: pd.Series, since: pd.Timestamp) -> float:
    """Return what the bars after `since` brought; NaN for a run that began later."""
    return math.nan if returns.index[0] > since else float(np.prod(1.0 + returns.to_numpy()[returns.index > since])) - 1.0


def reward(run: Run) -> list[Row]:
    """Return ratios of reward to risk beside Sharpe, Sortino and Calmar."""
    gains, losses = _sums(run.excess)
    return [
        ("Probability that Sharpe is above 0", "percent", _sharpe_is_positive(run.excess)),
        ("Omega over the cash rate", "ratio", _ratio(gains, losses)),
        ("Ulcer performance index", "ratio", _ratio(run.metrics.cagr - run.cash, _ulcer(run))),
        ("Recovery factor", "ratio", _ratio(run.metrics.total_return, -run.metrics.max_drawdown)),
    ]


def _sharpe_is_positive(excess: np.ndarray) -> float:
    """Return the probability that the true Sharpe ratio is above 0, given length, skew and kurtosis; Bailey and López de Prado (2012)."""
    skew, kurtosis = _skew(excess), _kurtosis(excess)
    if math.isnan(skew) or math.isnan(kurtosis):
        return math.nan
    ratio = float(np.mean(excess) / np.std(excess, ddof=1))
    spread = 1.0 - skew * ratio + (kurtosis + 2.0) / 4.0 * ratio**2  # raw kurtosis less 1 is excess kurtosis plus 2
    return NormalDist().cdf(ratio * math.sqrt((len(excess) - 1) / spread)) if spread > 0 else math.nan


def under_water(run: Run) -> list[Row]:
    """Return the means over all drawdowns, short ones and an open one too, and the Ulcer Index of Martin and McCann (1989)."""
    falls = drawdowns(run.result.returns)
    return [
        ("Average drawdown", "percent", float(falls["depth"].mean()) if len(falls) else 0.0),
        ("Average drawdown, days", "count", float(falls["days"].mean()) if len(falls) else 0.0),
        ("Ulcer Index", "percent", _ulcer(run)),
    ]


def _ulcer(run: Run) -> float:
    """Return sqrt(mean(d**2)), d the drawdown at each close, the opening's (0) among them."""
    under = drawdown_series(run.result.returns).to_numpy()
    return math.sqrt(float(np.mean(under**2))) if len(under) > 1 else math.nan


def tails(run: Run) -> list[Row]:
    """Return the shape of the bars' distribution and its tails, measured and as a normal distribution would have them."""
    bars, bar = run.bars, run.bar
    known = len(bars) > 1
    normal = NormalDist(float(np.mean(bars)), float(np.std(bars, ddof=1))) if known and float(np.std(bars)) > FLAT else None
    cut = NormalDist().inv_cdf(0.05)
    low, high = (float(np.quantile(bars, share)) for share in (0.05, 0.95)) if known else (math.nan, math.nan)
    shortfall = normal.mean - normal.stdev * NormalDist().pdf(cut) / 0.05 if normal else math.nan
    return [
        (f"5 % value at risk, a {bar}", "percent", low),
        ("the same, if normal", "percent", normal.inv_cdf(0.05) if normal else math.nan),
        ("Expected shortfall, if normal", "percent", shortfall),
        ("Skew", "ratio", _skew(bars)),
        ("Excess kurtosis", "ratio", _kurtosis(bars)),
        ("Tail ratio", "ratio", _ratio(abs(high), abs(low))),
    ]


def bars(run: Run) -> list[Row]:
    """Return figures of single bars. What gained and what lost is told over the cash rate, so that interest alone is neither."""
    bars, excess, bar, some = run.bars, run.excess, run.bar, len(run.bars) > 0
    gained, lost = excess > 0, excess < 0
    (up, down), (gain, loss) = _sums(bars), (_mean(excess[gained]), _mean(excess[lost]))
    growth = float(np.prod(1.0 + bars))
    return [
        (f"Average {bar}", "small", _mean(bars)),
        (f"Average {bar}, geometric", "small", max(growth, 0.0) ** (1 / len(bars)) - 1.0 if some else math.nan),
        (f"Best {bar}", "percent", float(bars.max()) if some else math.nan),
        (f"Worst {bar}", "percent", float(bars.min()) if some else math.nan),
        (f"{bar.capitalize()}s above cash", "percent", float(np.mean(gained)) if some else math.nan),
        (f"{bar.capitalize()}s below cash", "percent", float(np.mean(lost)) if some else math.nan),
        (f"Average gain over cash, a {bar}", "small", gain),
        (f"Average loss over cash, a {bar}", "small", loss),
        ("Payoff ratio", "ratio", _ratio(gain, -loss)),
        ("Profit factor", "ratio", _ratio(up, down)),
        (f"Gain to pain, {bar}s", "ratio", _ratio(up - down, down)),
        (f"Most {bar}s above cash in a row", "count", float(_longest(gained))),
        (f"Most {bar}s below cash in a row", "count", float(_longest(lost))),
    ]


def months_and_years(run: Run) -> list[Row]:
    """Return figures of calendar months, quarters and years; those touched in part count, except where it says whole."""
    returns = run.result.returns
    months, quarters, years = (calendar_returns(returns, unit)["return"].to_numpy() for unit in "MQY")
    table = yearly_returns(returns) if len(returns) > 1 else None
    whole = table.loc[table["whole"], "return"].to_numpy() if table is not None else np.zeros(0)
    up, down = _sums(months)
    return [
        ("Best month", "percent", float(months.max()) if len(months) else math.nan),
        ("Worst month", "percent", float(months.min()) if len(months) else math.nan),
        ("Average month that gained", "percent", _mean(months[months > 0])),
        ("Average month that lost", "percent", _mean(months[months < 0])),
        ("Months that gained", "percent", _mean(months > 0)),
        ("Quarters that gained", "percent", _mean(quarters > 0)),
        ("Years that gained", "percent", _mean(years > 0)),
        ("Best whole year", "percent", float(whole.max()) if len(whole) else math.nan),
        ("Worst whole year", "percent", float(whole.min()) if len(whole) else math.nan),
        ("Gain to pain, months", "ratio", _ratio(up - down, down)),
    ]


def against_metal(run: Run, metal: Run) -> list[Row]:
    """Return figures that have the metal with the same cash flows for their measure.

    Jensen's alpha (1968), over the cash rate and annual; Treynor's ratio (1965) of annual growth over cash to beta.
    """
    beta = run.metrics.beta
    both = len(run.bars) > 1 and min(float(np.std(run.bars)), float(np.std(metal.bars))) > FLAT
    correlation = float(np.corrcoef(run.bars, metal.bars)[0, 1]) if both else math.nan
    alpha = (_mean(run.excess) - beta * _mean(metal.excess)) * run.per_year
    return [
        ("Alpha over the cash rate", "percent", alpha),
        ("Correlation with the metal", "ratio", correlation),
        ("R²", "ratio", correlation**2),
        ("Treynor ratio", "percent", (run.metrics.cagr - run.cash) / beta if abs(beta) > 1e-9 else math.nan),
    ]


def _sums(values: np.ndarray) -> tuple[float, float]:
    """Return the sum of what was gained and the sum of what was lost, both positive."""
    return float(np.sum(values[values > 0])), -float(np.sum(values[values < 0]))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _ratio(above: float, below: float) -> float:
    return above / below if below > FLAT else math.nan


def _runs(marks: np.ndarray) -> Iterator[int]:
    yield from (sum(1 for _ in group) for mark, group in groupby(marks.tolist()) if mark)


def _longest(marks: np.ndarray) -> int:
    return max(_runs(marks), default=0)


def _skew(values: np.ndarray) -> float:
    """Return the bias-corrected skew."""
    return float(pd.Series(values).skew()) if len(values) > 2 and float(np.std(values)) > FLAT else math.nan


def _kurtosis(values: np.ndarray) -> float:
    """Return the bias-corrected excess kurtosis: 0 for a normal distribution."""
    return float(pd.Series(values).kurt()) if len(values) > 3 and float(np.std(values)) > FLAT else math.nan
