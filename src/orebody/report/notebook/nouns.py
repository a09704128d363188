"""What a notebook shows of each noun: its few most telling figures, and what must be known of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.market.universe import SURVIVORS
from orebody.metrics import Metrics, format_column, format_figure, over_rate
from orebody.report.notebook.card import Stroke, Table, card
from orebody.report.notebook.sparkline import COLORS, INK, lines
from orebody.report.page import doubts

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.backtesting.result import Result
    from orebody.market.market import Market

__all__ = ["of_comparison", "of_market", "of_result"]

FIELDS: dict[str, Mapping[str, str]] = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
OF_RUN = ("final_equity", "contributed", "profit", "cagr", "xirr", "volatility", "sharpe", "max_drawdown", "exposure", "costs", "trades")
OF_MANY = ("final_equity", "profit", "xirr", "volatility", "sharpe", "max_drawdown", "costs")
ROWS = 50

METAL, MINERS = Stroke(INK, (4.0, 2.0)), Stroke(INK, (1.0, 1.5))
OTHER = Stroke("#808080", (), 0.5)


def of_result(result: Result) -> str:
    """Return a run beside the metal with the same cash flows, and its equity."""
    market, metal = result.market, result.benchmark
    mine, theirs = result.metrics(), metal.metrics()
    known = result.account.rate_known(market)
    rows = [
        (over_rate(FIELDS[name]["title"], rate_known=known), *(_figure(name, getattr(one, name)) for one in (mine, theirs)))
        for name in OF_RUN
    ]
    warnings = _ruin(result)
    if not mine.trades:
        warnings = [*warnings, "It never traded."]
    warnings = [*warnings, *(f"{flag.capitalize()}." for flag in result.flags if flag.startswith(("money waited", "contributions idle")))]
    put_in = result.account.cash + np.cumsum(result.record.flows)
    drawn = [(result.equity.to_numpy(), Stroke(COLORS[0])), (metal.equity.to_numpy(), METAL), (put_in, OTHER)]
    return card(
        result.label,
        Table(["", result.label, f"{market.universe.metal}, same cash flows"], rows),
        lines(result.dates, drawn, about="Equity over time, the metal with the same cash flows, and the money put in"),
        warnings=[*doubts(market, result.account), *warnings],
        notes=[
            "Equity: solid the strategy, dashed the metal, thin the money put in.",
            result.description,
            *([result.opening] if result.opening else []),
            f"{_span(result.dates)}, {market.source}; {result.checked}.",
        ],
        simulated=market.simulated,
    )


def of_comparison(comparison: Comparison) -> str:
    """Return the ranking, the best first, and the equity of all runs."""
    results, market = comparison.results, comparison.market
    strokes = _strokes(comparison)
    shown = [label for at, label in enumerate(results) if at < ROWS or label in comparison.benchmarks]
    columns = [format_column(FIELDS[name]["kind"], (getattr(comparison.metrics[label], name) for label in shown)) for name in OF_MANY]
    rows = []
    for label, *cells in zip(shown, *columns, strict=True):
        mark = " (benchmark)" if label in comparison.benchmarks else ""
        mark += "".join(f" ({one})" for one in results[label].flags)
        rows.append((label + mark, *cells))
    told = [label for label, stroke in strokes.items() if stroke is not OTHER]
    order = [*told, *(label for label in results if label not in told)]
    hidden = len(results) - len(shown)
    universe = market.universe
    return card(
        f"{universe.name}: {universe.metal} against {', '.join(universe.miners)}, {len(results)} runs",
        Table(
            ["Strategy", *(FIELDS[name]["heading"] for name in OF_MANY)],
            rows,
            [strokes[label] for label in shown],
            [label in comparison.benchmarks for label in shown],
        ),
        lines(
            market.dates[market.opening :],
            [(results[label].equity.to_numpy(), strokes[label]) for label in order],
            about="Equity of all runs over time",
        ),
        warnings=doubts(market, comparison.account),
        notes=[*([f"{hidden} more in comparison.table."] if hidden else []), *_survivors(market), comparison.opening, _source(market)],
        simulated=market.simulated,
    )


def of_market(market: Market) -> str:
    """Return what a market holds: each instrument's span, bars, gaps and growth, and the prices side by side."""
    shown = range(min(len(market.tickers), ROWS))
    strokes = [METAL, *(Stroke(COLORS[at]) if at < len(COLORS) else OTHER for at in range(len(market.tickers) - 1))]
    rows = [_instrument(market, column) for column in shown]
    opened = [f"Accounts open on {market.dates[market.opening].date()}; earlier bars warm up."] if 0 < market.opening < len(market) else []
    side = [f"Gauges: {', '.join(market.gauges)}."] if market.gauges else []
    known = [what for what, there in (("fundamentals", market.fundamentals), ("ratings", market.ratings)) if there]
    side += [f"With {' and '.join(known)}."] if known else []
    fill = ["Orders fill at the next close: the source has no opens, or was told so."] if market.fill == "close" else []
    more = len(market.tickers) - len(shown)
    return card(
        f"{market.universe.name}: {len(market):,} bars{f', {_span(market.dates)}' if len(market) else ''}",
        Table(["Instrument", "Role", "First", "Last", "Bars", "Gaps", "Last close", "Change"], rows, strokes[: len(rows)]),
        lines(
            market.dates,
            list(zip(_from_one(market), strokes, strict=True)),
            about="Price of each instrument over time, each 1 when all are listed",
        ),
        warnings=doubts(market),
        notes=[
            *([f"{more} more instruments."] if more else []),
            "Prices, 1 when all are listed.",
            *opened,
            *side,
            *fill,
            *_survivors(market),
            *(f"{what}: {text}" for what, text in market.notes if text not in market.doubts),
            _source(market),
        ],
        simulated=market.simulated,
    )


def _instrument(market: Market, column: int) -> tuple[str, ...]:
    at = np.flatnonzero(market.tradable[:, column])
    role = "metal" if column == 0 else "miner"
    if not len(at):
        return (market.tickers[column], role, "–", "–", "0", "–", "–", "–")
    close = market.close[at, column]
    return (
        market.tickers[column],
        role,
        *(str(market.dates[bar].date()) for bar in (at[0], at[-1])),
        f"{len(at):,}",
        f"{at[-1] - at[0] + 1 - len(at):,}",
        f"{close[-1]:,.2f}" if close[-1] >= 1 else f"{close[-1]:.4g}",
        format_figure("percent", close[-1] / close[0] - 1),
    )


def _from_one(market: Market) -> list[np.ndarray]:
    """Return each instrument's closes over its last by the bar on which the latest has listed; NaN where there is no bar."""
    listed = market.first[market.first < len(market)]
    if not len(listed):
        return [np.full(len(market), np.nan) for _ in market.tickers]
    base = market.marks[listed.max()]
    return [market.close[:, column] / base[column] for column in range(len(market.tickers))]


def _strokes(comparison: Comparison) -> dict[str, Stroke]:
    """Return how each run is drawn: the benchmarks in the text's colour, the best in colours, the others thin and grey."""
    strokes = dict(zip(comparison.benchmarks, (METAL, MINERS), strict=True))
    colors = iter(COLORS)
    for label in comparison.results:
        if label not in strokes:
            color = next(colors, None)
            strokes[label] = Stroke(color) if color is not None else OTHER
    return strokes


def _ruin(result: Result) -> list[str]:
    return [] if result.ruined is None else [f"RUINED on {result.ruined.date()}: equity was gone and everything was closed."]


def _survivors(market: Market) -> list[str]:
    return [f"{SURVIVORS[0].upper()}{SURVIVORS[1:]}."] if market.universe.survivors_only else []


def _source(market: Market) -> str:
    return f"{market.source}, {market.digest}…"


def _span(dates: pd.DatetimeIndex) -> str:
    return f"{dates[0].date()} to {dates[-1].date()}"


def _heading(name: str) -> str:
    return FIELDS[name]["heading"]


def _figure(name: str, value: Any) -> str:
    return format_figure(FIELDS[name]["kind"], value)
