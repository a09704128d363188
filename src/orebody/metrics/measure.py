"""Every figure of a run, in one table."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.metrics import performance, relative
from orebody.metrics.drawdown import drawdown_series, drawdowns

if TYPE_CHECKING:
    from orebody.result import Result

__all__ = ["Metrics", "excess_returns", "formatted", "measure"]

MISSING = "–"


def _figure(title: str, kind: str, heading: str | None = None) -> Any:
    return dataclasses.field(metadata={"title": title, "kind": kind, "heading": heading or title})


@dataclass(frozen=True)
class Metrics:
    """The figures of one run. NaN (or NaT) where a figure does not exist; every field's metadata has its title, its kind, and its
    heading above a column.

    Money is in the currency of the prices; rates and shares are fractions; annual figures use the market's periods a year. Figures per
    bar leave out the first bar, which has no period behind it. `docs/report.md` has the formulas and their sources.
    """

    final_equity: float = _figure("Final equity", "money")
    contributed: float = _figure("Money put in", "money")
    contributions: float = _figure("of which contributions", "money")
    profit: float = _figure("Profit", "money")
    interest: float = _figure("of which interest", "money")
    borrow: float = _figure("less borrow paid", "money")
    total_return: float = _figure("Time-weighted return", "percent")
    cagr: float = _figure("CAGR", "percent")
    xirr: float = _figure("XIRR (money-weighted)", "percent", "XIRR")
    volatility: float = _figure("Volatility", "percent")
    sharpe: float = _figure("Sharpe over the cash rate", "ratio", "Sharpe")
    sortino: float = _figure("Sortino", "ratio")
    calmar: float = _figure("Calmar", "ratio")
    expected_shortfall: float = _figure("Expected shortfall, worst 5 % of bars", "percent", "Expected shortfall")
    max_drawdown: float = _figure("Maximum drawdown", "percent", "Max drawdown")
    drawdown_peak: pd.Timestamp = _figure("from its peak on", "date", "Peak")
    drawdown_trough: pd.Timestamp = _figure("to its trough on", "date", "Trough")
    drawdown_recovery: pd.Timestamp = _figure("recovered on", "date", "Recovery")
    longest_under_water: float = _figure("Longest time under water, days", "count", "Longest under water, days")
    time_under_water: float = _figure("Time under water", "percent", "Under water")
    exposure: float = _figure("Exposure, average", "percent", "Exposure")
    highest_exposure: float = _figure("Highest exposure at a close", "percent", "Highest exposure")
    dry_powder: float = _figure("Dry powder, average", "percent", "Dry powder")
    turnover: float = _figure("Turnover a year", "percent", "Turnover/yr")
    commission: float = _figure("Commission paid", "money")
    slippage: float = _figure("Slippage paid", "money")
    costs: float = _figure("Costs paid", "money", "Costs")
    trades: int = _figure("Fills", "count")
    beta: float = _figure("Beta to the metal", "ratio")
    up_capture: float = _figure("Up-capture of the metal", "percent")
    down_capture: float = _figure("Down-capture of the metal", "percent")
    information_ratio: float = _figure("Information ratio to the metal", "ratio", "Information ratio")

    def __str__(self) -> str:
        fields = [(field.metadata, getattr(self, field.name)) for field in dataclasses.fields(self)]
        lines = [(meta["title"], formatted(meta["kind"], value)) for meta, value in fields]
        wide, long = (max(map(len, one)) for one in zip(*lines, strict=True))
        return "\n".join(f"{title:<{wide}}  {figure:>{long}}" for title, figure in lines)

    def to_series(self) -> pd.Series:
        """Return the figures by name."""
        return pd.Series({field.name: getattr(self, field.name) for field in dataclasses.fields(self)}, dtype=object)


def formatted(kind: str, value: Any) -> str:
    """Return a figure as people read it: money with separators, shares in per cent, a dash for what does not exist.

    Parameters
    ----------
    kind
        ``"money"``, ``"percent"``, ``"ratio"``, ``"count"`` or ``"date"``, as in the metadata of `Metrics`.
    value
        The figure.
    """
    if value is None or pd.isna(value):
        return MISSING
    if kind == "date":
        return str(pd.Timestamp(value).date())
    if kind == "money":
        return f"{value:,.2f}"
    if kind == "percent":
        return f"{100 * value:.2f} %"
    if kind == "count":
        return f"{value:,.0f}"
    return f"{value:.2f}"


def excess_returns(result: Result) -> np.ndarray:
    """Return each bar's return over what the same money would have earned as cash, the first bar left out.

    Cash earns the rate for the days since the last bar (simple, actual/365); what arrives at the bar earns nothing on it. An account that
    only holds cash therefore has no excess return.
    """
    equity, flows = result.equity.to_numpy()[:-1], result.record.flows[1:]
    waited = np.divide(equity, equity + flows, out=np.zeros_like(equity), where=equity + flows > 0)
    excess: np.ndarray = result.returns.to_numpy()[1:] - result.books.growth[1:] * waited
    excess[np.abs(excess) < 1e-15] = 0.0
    return excess


def measure(result: Result) -> Metrics:
    """Return every figure of `result`, those against the metal from `result.benchmark`."""
    equity, record, market = result.equity.to_numpy(), result.record, result.market
    returns, metal = result.returns.to_numpy()[1:], result.benchmark.returns.to_numpy()[1:]
    excess, per_year = excess_returns(result), market.periods_per_year
    years = performance.years_between(result.dates[0], result.dates[-1])
    growth = performance.cagr(returns, years)
    falls = drawdowns(result.returns)
    worst = falls.iloc[0] if len(falls) else pd.Series({"depth": 0.0, "peak": pd.NaT, "trough": pd.NaT, "recovery": pd.NaT})
    under = drawdown_series(result.returns).to_numpy()
    contributions = float(record.flows.sum())
    contributed = result.account.cash + contributions
    traded = np.array([(fill.units * fill.price) for fill in record.fills if fill.units])
    values = result.values.to_numpy()
    invested, powder = (
        np.divide(money, equity, out=np.full(len(equity), math.nan), where=equity > 0)
        for money in (np.abs(values).sum(axis=1), record.cash + np.minimum(values, 0.0).sum(axis=1))
    )
    payments = -record.flows
    payments[0] -= result.account.cash
    payments[-1] += equity[-1]
    return Metrics(
        final_equity=float(equity[-1]),
        contributed=contributed,
        contributions=contributions,
        profit=float(equity[-1]) - contributed,
        interest=float(record.interest.sum()),
        borrow=float(record.borrow.sum()),
        total_return=performance.total_return(returns),
        cagr=growth,
        xirr=performance.xirr(result.dates, payments),
        volatility=performance.volatility(returns, per_year),
        sharpe=performance.sharpe(excess, per_year),
        sortino=performance.sortino(excess, per_year),
        calmar=performance.calmar(growth, float(worst["depth"])),
        expected_shortfall=performance.expected_shortfall(returns),
        max_drawdown=float(worst["depth"]),
        drawdown_peak=worst["peak"],
        drawdown_trough=worst["trough"],
        drawdown_recovery=worst["recovery"],
        longest_under_water=float(falls["days"].max()) if len(falls) else 0.0,
        time_under_water=float(np.mean(under < 0)),
        exposure=_mean(invested),
        highest_exposure=_highest(invested),
        dry_powder=_mean(powder),
        turnover=performance.turnover(float(traded[traded > 0].sum()), abs(float(traded[traded < 0].sum())), float(equity.mean()), years),
        commission=float(record.commission.sum()),
        slippage=float(record.slippage.sum()),
        costs=float(record.commission.sum() + record.slippage.sum()),
        trades=len(traded),
        beta=relative.beta(returns, metal),
        up_capture=relative.capture(returns, metal, up=True),
        down_capture=relative.capture(returns, metal, up=False),
        information_ratio=relative.information_ratio(returns, metal, per_year),
    )


def _mean(shares: np.ndarray) -> float:
    known = shares[~np.isnan(shares)]
    return float(known.mean()) if len(known) else math.nan


def _highest(shares: np.ndarray) -> float:
    known = shares[~np.isnan(shares)]
    return float(known.max()) if len(known) else math.nan
