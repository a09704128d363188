"""The page of a comparison: the verdict, the ranking, the pictures, and how it was computed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, PercentFormatter, StrMethodFormatter

from orebody.metrics import Metrics, drawdown_series, formatted
from orebody.report.page import SVG_STYLE, account_settings, image, market_settings, plain, render, versions

if TYPE_CHECKING:
    from orebody.comparison import Comparison

__all__ = ["COLUMNS", "html", "verdict"]

COLUMNS = (
    "final_equity",
    "profit",
    "cagr",
    "xirr",
    "volatility",
    "sharpe",
    "max_drawdown",
    "drawdown_peak",
    "drawdown_trough",
    "time_under_water",
    "exposure",
    "dry_powder",
    "turnover",
    "costs",
)
"""The figures of the ranking, in order."""

# Okabe and Ito's palette, told apart by colour-blind readers; line styles tell them apart in grey.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":")


def html(comparison: Comparison, tearsheets: dict[str, str], command: str | None) -> str:
    """Return the page; `tearsheets` maps labels to the file names they link to."""
    kinds = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
    ranking = [
        (
            label,
            tearsheets.get(label),
            _marks(comparison, label),
            label in comparison.yardsticks,
            [formatted(kinds[name]["kind"], getattr(metrics, name)) for name in COLUMNS],
        )
        for label, metrics in comparison.metrics.items()
    ]
    market, account = comparison.market, comparison.account
    profit = [
        (label, [formatted("money", amount) for amount in (*result.profit, result.interest.sum(), metrics.profit)])
        for (label, result), metrics in zip(comparison.results.items(), comparison.metrics.values(), strict=True)
    ]
    settings = [*market_settings(market), ("Accounts", comparison.opening), *account_settings(account, market)]
    settings += [(label, f"{result.description}; {result.checked}") for label, result in comparison.results.items()]
    settings += [("Engine", next(iter(comparison.results.values())).engine), ("Versions", versions())]
    if command:
        settings.append(("Command", command))
    with mpl.rc_context(SVG_STYLE):  # type: ignore[arg-type]
        equity, drawdown = image(_equity(comparison)), image(_drawdown(comparison))
    return render(
        "index.html.j2",
        title=f"{market.universe.name}: miners against metal",
        simulated=market.simulated,
        verdict=verdict(comparison),
        opening=comparison.opening,
        columns=[kinds[name]["heading"] for name in COLUMNS],
        ranking=ranking,
        equity=equity,
        drawdown=drawdown,
        tickers=market.tickers,
        profit=profit,
        settings=settings,
    )


def _marks(comparison: Comparison, label: str) -> list[str]:
    """Return what is said beside a label."""
    ruined = comparison.results[label].ruined
    marks = ["yardstick"] if label in comparison.yardsticks else []
    return marks if ruined is None else [*marks, f"RUINED on {ruined.date()}"]


def verdict(comparison: Comparison) -> str:
    """Return the answer in two sentences: what came first, and by how much against the metal with the same cash flows."""
    metal = comparison.metrics[comparison.yardsticks[0]]
    strategies = [label for label in comparison.results if label not in comparison.yardsticks]
    name, opened = comparison.market.universe.metal, comparison.market.dates[comparison.market.opening].date()
    start = (
        f"{formatted('money', metal.contributed)} put in since {opened} and held in {name} became {formatted('money', metal.final_equity)}"
    )
    if not strategies:
        return f"{start}."
    ahead = [label for label in strategies if comparison.metrics[label].final_equity > metal.final_equity]
    best = strategies[0]
    figures = comparison.metrics[best]
    difference = figures.final_equity - metal.final_equity
    more = "more" if difference >= 0 else "less"
    return (
        f"{start}. Of {len(strategies)} {'strategies' if len(strategies) > 1 else 'strategy'} {len(ahead)} ended with more. "
        f"The best, {best}, ended with {formatted('money', figures.final_equity)}, {formatted('money', abs(difference))} {more}; "
        f"it fell by at most {formatted('percent', -figures.max_drawdown)}, the metal by {formatted('percent', -metal.max_drawdown)}."
    )


def _lines(comparison: Comparison) -> list[tuple[str, dict[str, object]]]:
    """Return each label's line: the yardsticks thin and grey, strategies in colour."""
    lines: list[tuple[str, dict[str, object]]] = []
    at = 0
    for label in comparison.results:
        if label in comparison.yardsticks:
            lines.append((label, {"color": "#6e7781", "linewidth": 1.2, "linestyle": STYLES[comparison.yardsticks.index(label) * 2]}))
        else:
            lines.append(
                (label, {"color": PALETTE[at % len(PALETTE)], "linewidth": 1.5, "linestyle": STYLES[at // len(PALETTE) % len(STYLES)]})
            )
            at += 1
    return lines


def _equity(comparison: Comparison) -> Figure:
    figure = Figure(figsize=(11, 5))
    axes = figure.subplots()
    for label, line in _lines(comparison):
        equity = comparison.results[label].equity
        axes.plot(equity.index.to_numpy(), equity.where(equity > 0).to_numpy(), label=plain(label), **line)  # type: ignore[arg-type]
    first = next(iter(comparison.results.values()))
    put_in = comparison.account.cash + np.cumsum(first.record.flows)
    axes.plot(
        first.dates.to_numpy(), np.where(put_in > 0, put_in, np.nan), label="money put in", color="#6e7781", linewidth=1, linestyle=":"
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("Equity, logarithmic scale")
    return _finished(figure)


def _drawdown(comparison: Comparison) -> Figure:
    figure = Figure(figsize=(11, 3.6))
    axes = figure.subplots()
    for label, line in _lines(comparison):
        under = drawdown_series(comparison.results[label].returns)
        axes.plot(under.index.to_numpy(), under.to_numpy(), label=plain(label), **line)  # type: ignore[arg-type]
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel("Below the highest value so far")
    return _finished(figure)


def _finished(figure: Figure) -> Figure:
    axes = figure.axes[0]
    axes.grid(alpha=0.3, linewidth=0.6)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.margins(x=0.01)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.08), ncols=3, frameon=False, fontsize=9)
    return figure
