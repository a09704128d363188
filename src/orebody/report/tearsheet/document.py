"""The tearsheet of one run: quantstats' charts made right, our own figures, the metal with the same cash flows beside it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.io.owned_files import check_page, write_output
from orebody.metrics import drawdown_series, drawdowns, excess_returns, format_figure, over_rate
from orebody.report.page import account_settings, doubts, market_settings, render, versions
from orebody.report.tearsheet import charts, tables
from orebody.report.tearsheet.calendar_periods import bar_adjective
from orebody.report.tearsheet.omitted import WITHHELD
from orebody.report.tearsheet.series import Series, quantstats_reads_returns
from orebody.report.tearsheet.style import printable

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["chart_series", "html", "write"]


def write(result: Result, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write the tearsheet of `result` as one HTML file that fetches nothing, and return its path.

    Parameters
    ----------
    result
        The run.
    path
        Where to.
    overwrite
        Replace any earlier file, not only one that orebody wrote and nobody changed.

    Raises
    ------
    OutputError
        When it cannot be written there; an earlier file stays as it was.
    """
    check_page(path, overwrite=overwrite)
    return write_output(path, html(result), overwrite=overwrite)


def html(result: Result, page: str | None = None) -> str:
    """Return the page, as `write` puts it in a file; the same run gives the same bytes.

    `page` is the file name of the run's own page where the tearsheet lies beside it in a report's folder; then it leads back there.
    """
    market = result.market
    known = result.account.rate_known(market)
    drawn, figures = charts.draw_all(chart_series(result)), tables.figures(result)
    return render(
        "tearsheet.html.j2",
        market,
        title=result.label,
        page=page,
        universe=market.universe.name,
        description=result.description,
        span=f"{result.dates[0].date()} to {result.dates[-1].date()}",
        metal=_metal(result),
        cash_flows=_cash_flows(result),
        happened=[*_happened(result), *doubts(market)],
        charts=[replace(one, title=over_rate(one.title, rate_known=known)) for one in drawn],
        sections=[(title, [(over_rate(row[0], rate_known=known), *row[1:]) for row in rows]) for title, rows in figures],
        years=tables.years(result),
        months=tables.months(result),
        drawdowns=tables.worst_drawdowns(result),
        withheld=WITHHELD,
        settings=[
            *market_settings(market),
            ("Account", result.opening or f"It opened on {result.dates[0].date()}."),
            *account_settings(result.account, market),
            ("Look-ahead", result.checked),
            ("Engine", result.engine),
            ("Versions", versions()),
        ],
    )


def chart_series(result: Result) -> Series:
    """Return what the charts of `result` show."""
    (mine, metal), benchmark = _chart_names(result), result.benchmark
    return Series(
        strategy=quantstats_reads_returns(result.returns, mine),
        metal=quantstats_reads_returns(benchmark.returns, metal),
        excess=quantstats_reads_returns(_excess(result), mine),
        metal_excess=quantstats_reads_returns(_excess(benchmark), metal),
        falls=drawdowns(result.returns),
        periods_per_year=result.market.periods_per_year,
    )


def _excess(run: Result) -> pd.Series:
    return pd.Series(np.concatenate(([0.0], excess_returns(run))), index=run.dates)


def _metal(result: Result) -> str:
    return f"{result.market.universe.metal}, same cash flows"


def _chart_names(result: Result) -> tuple[str, str]:
    """Return what the charts call the strategy and the metal: quantstats needs two names that differ."""
    mine, metal = printable(result.label), printable(_metal(result), limit=60)
    return (f"{mine} (strategy)" if mine == metal else mine), metal


def _cash_flows(result: Result) -> str:
    """Return what went in and when, what a bar is, and what cash earned, in words."""
    account, market = result.account, result.market
    paid_in = f", and {format_figure('money', account.contribution)} at the beginning of each later {account.every}"
    later = paid_in if account.contribution else ""
    bars, kind = len(result.dates), bar_adjective(market.periods_per_year)
    earned = format_figure("percent", float(np.mean(account.rates(market))))
    known = account.cash_rate is not None or market.rate_known
    rate = f"the cash rate was {earned} on average" if known else "no cash rate is known: 0 % is assumed"
    return (
        f"{format_figure('money', account.cash)} at the start{later}; the metal was bought with the same money on the same days. "
        f"Returns are time-weighted: a contribution is never profit. XIRR weighs the money. "
        f"{bars:,} {kind + ' ' if kind else ''}bar{'s' if bars > 1 else ''}, annualised by {market.periods_per_year:g} a year; "
        f"{rate}."
    )


def _happened(result: Result) -> list[str]:
    """Return what must be known before any figure is read: ruin, no trade, too few bars, a fall that is not over."""
    said = []
    years = (result.dates[-1] - result.dates[0]) / pd.Timedelta(days=365.25)
    if result.ruined is not None:
        said.append(f"RUINED on {result.ruined.date()}: equity was gone, everything was closed, and nothing was put in afterwards.")
    waited = [flag for flag in result.flags if flag.startswith("money waited")]
    said += [f"Its {flag}: the strategy could not decide, or decided nothing." for flag in waited]
    if len(result.dates) == 1:
        said.append("It has a single bar: there is no return yet.")
    else:
        if not (result.record.units != 0).any() and result.ruined is None:
            said.append("It never traded: all money stayed in cash.")
        if years < 1.0:
            said.append("It is shorter than a year: CAGR and XIRR, which are rates a year, and what is made of them, are left out.")
    calls = result.margin_calls
    if len(calls):
        often = f"{len(calls)} times, first" if len(calls) > 1 else "once,"
        said.append(f"MARGIN CALLS cut its positions {often} on {calls[0].date()}.")
    under = float(drawdown_series(result.returns).iloc[-1])
    if under < 0 and result.ruined is None:
        peak = next(fall.peak for fall in drawdowns(result.returns).itertuples() if pd.isna(fall.recovery))
        said.append(f"It ends in a drawdown: {tables.percent(under)} on the last bar, below its high of {peak.date()}.")
    return said
