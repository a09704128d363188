"""Every figure of a run, in one table."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.metrics import performance, relative
from orebody.metrics.drawdown import drawdown_series, drawdowns

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["Metrics", "excess_returns", "format_column", "format_figure", "has_cents", "measure", "over_rate"]

MISSING = "–"


WHOLE = 100_000
"""From here on money has no cents, nor has what stands beside it: nobody reads those of a million."""


def _figure(title: str, kind: str, definition: str, heading: str | None = None) -> Any:
    return dataclasses.field(metadata={"title": title, "kind": kind, "heading": heading or title, "definition": definition})


@dataclass(frozen=True)
class Metrics:
    """The figures of one run. NaN (or NaT) where a figure does not exist; every field's metadata has its title, its kind, its
    definition, and its heading above a column.

    Money is in the currency of the prices; rates and shares are fractions; annual figures use the market's periods a year. Figures per
    bar leave out the first bar, which has no period behind it. `docs/report.md` has the formulas and their sources.
    """

    final_equity: float = _figure("Final equity", "money", "cash plus holdings at the last close")
    contributed: float = _figure("Money put in", "money", "the money at the start plus all contributions")
    contributions: float = _figure("of which contributions", "money", "the contributions that arrived after the start")
    profit: float = _figure("Profit", "money", "final equity less the money put in")
    interest: float = _figure("of which interest", "money", "what idle cash earned, less what debt cost")
    borrow: float = _figure("less borrow paid", "money", "what was paid for borrowing shares sold short")
    total_return: float = _figure(
        "Time-weighted return",
        "percent",
        "W = prod(1 + r), less 1, where r is each bar's return without the money that arrived (GIPS 2020)",
    )
    cagr: float = _figure("CAGR", "percent", "prod(1 + r)^(1 / years) − 1, years of 365.25 days; none under one year")
    xirr: float = _figure(
        "XIRR (money-weighted)",
        "percent",
        "the rate at which all payments, actual/365, and the final equity sum to 0; none under one year",
        "XIRR",
    )
    volatility: float = _figure("Volatility", "percent", "sd(r, ddof 1) × √n, n bars a year")
    sharpe: float = _figure(
        "Sharpe over the cash rate",
        "ratio",
        "mean(e) / sd(e, ddof 1) × √n, where e is r less what the same money earned as cash (Sharpe 1994)",
        "Sharpe",
    )
    sortino: float = _figure("Sortino", "ratio", "mean(e) / √mean(min(e, 0)²) × √n (Sortino and Price 1994)")
    calmar: float = _figure("Calmar", "ratio", "CAGR / |maximum drawdown|, of the whole period (Young 1991)")
    expected_shortfall: float = _figure(
        "Expected shortfall, worst 5 % of bars",
        "percent",
        "the mean of the worst 5 % of r, their number rounded up; historical, not normal",
        "Expected shortfall",
    )
    max_drawdown: float = _figure("Maximum drawdown", "percent", "min(W / highest W so far − 1), time-weighted", "Max drawdown")
    drawdown_peak: pd.Timestamp = _figure("from its peak on", "date", "the day of the high from which the maximum drawdown fell", "Peak")
    drawdown_trough: pd.Timestamp = _figure("to its trough on", "date", "the day of its lowest close", "Trough")
    drawdown_recovery: pd.Timestamp = _figure(
        "recovered on", "date", "the day on which the high was reached again; none if it never was", "Recovery"
    )
    longest_under_water: float = _figure(
        "Longest time under water, days",
        "count",
        "days from a high to the day on which it was reached again, the longest",
        "Longest under water, days",
    )
    time_under_water: float = _figure("Time under water", "percent", "share of bars on which W lay below its highest so far", "Under water")
    exposure: float = _figure(
        "Exposure, average", "percent", "holdings at their absolute value over equity, the average of all closes", "Exposure"
    )
    highest_exposure: float = _figure(
        "Highest exposure at a close",
        "percent",
        "the highest of them at any close; leverage limits purchases, prices may carry exposure beyond it",
        "Highest exposure",
    )
    dry_powder: float = _figure("Dry powder, average", "percent", "free cash over equity, the average of all closes", "Dry powder")
    turnover: float = _figure(
        "Turnover a year", "percent", "the lesser of purchases and sales / mean equity / years (SEC Form N-1A)", "Turnover/yr"
    )
    commission: float = _figure("Commission paid", "money", "commission and fixed fees of all fills")
    slippage: float = _figure("Slippage paid", "money", "by how much fills were worse than the price, in money")
    costs: float = _figure("Costs paid", "money", "commission, fixed fees and slippage", "Costs")
    trades: int = _figure("Fills", "count", "orders that were filled, in whole or in part")
    beta: float = _figure("Beta to the metal", "ratio", "cov(r, m) / var(m), m the returns of the metal held with the same cash flows")
    up_capture: float = _figure(
        "Up-capture of the metal", "percent", "geometric mean of r over bars on which the metal rose / the metal's own"
    )
    down_capture: float = _figure(
        "Down-capture of the metal", "percent", "geometric mean of r over bars on which the metal fell / the metal's own"
    )
    information_ratio: float = _figure(
        "Information ratio to the metal", "ratio", "mean(r − m) / sd(r − m, ddof 1) × √n (Goodwin 1998)", "Information ratio"
    )

    def __str__(self) -> str:
        fields = [(field.metadata, getattr(self, field.name)) for field in dataclasses.fields(self)]
        cents = has_cents(value for meta, value in fields if meta["kind"] == "money")
        lines = [(meta["title"], format_figure(meta["kind"], value, cents=cents)) for meta, value in fields]
        wide, long = (max(map(len, one)) for one in zip(*lines, strict=True))
        return "\n".join(f"{title:<{wide}}  {figure:>{long}}" for title, figure in lines)

    def to_series(self) -> pd.Series:
        """Return the figures by name."""
        return pd.Series({field.name: getattr(self, field.name) for field in dataclasses.fields(self)}, dtype=object)


def has_cents(amounts: Iterable[Any]) -> bool:
    """Return whether amounts that stand together are written with cents: only if all are below 100,000."""
    return not bool((np.abs(np.array(list(amounts), dtype=float)) >= WHOLE).any())


def format_column(kind: str, values: Iterable[Any]) -> list[str]:
    """Return figures of one kind that stand together as people read them: all amounts with cents, or none."""
    values = list(values)
    cents = has_cents(values) if kind == "money" else None
    return [format_figure(kind, value, cents=cents) for value in values]


def format_figure(kind: str, value: Any, *, cents: bool | None = None) -> str:
    """Return a figure as people read it: money with cents below 100,000, shares in per cent, a dash for none.

    Parameters
    ----------
    kind
        ``"money"``, ``"percent"``, ``"ratio"``, ``"count"`` or ``"date"``, as in the metadata of `Metrics`.
    value
        The figure.
    cents
        Whether money has cents; None goes by this amount alone. See `has_cents`.
    """
    if value is None or pd.isna(value):
        return MISSING
    if kind == "date":
        return str(pd.Timestamp(value).date())
    if kind == "money":
        digits = 2 if (has_cents([value]) if cents is None else cents) else 0
        return f"{round(float(value), digits) + 0.0:,.{digits}f}"  # no -0
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
    excess: np.ndarray = result.returns.to_numpy()[1:] - result.inputs.growth[1:] * waited
    excess[np.abs(excess) < 1e-15] = 0.0
    return excess


def over_rate(title: str, *, rate_known: bool) -> str:
    """Return the title of a figure that is over the cash rate, which is 0 % where no rate is known."""
    return title if rate_known else title.replace("over the cash rate", "over 0 %")


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
