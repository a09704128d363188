"""The ranking of a comparison."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.market.universe import SURVIVORS
from orebody.metrics import Metrics, format_column

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison

__all__ = ["print_left_out", "print_ranking"]

NARROW = ("final_equity", "xirr", "sharpe", "max_drawdown")
WIDE = ("final_equity", "profit", "cagr", "xirr", "volatility", "sharpe", "max_drawdown", "exposure", "turnover", "costs")


def print_ranking(comparison: Comparison) -> None:
    """Print the ranking, as many columns as the terminal has room for."""
    terminal = console()
    print_caveats(comparison.market, comparison.account)
    names = list(WIDE)
    table = _ranking(comparison, names)
    while len(names) > len(NARROW) and _width(terminal, table) > terminal.width:
        names.remove(next(name for name in reversed(names) if name not in NARROW))
        table = _ranking(comparison, names)
    terminal.print(table)
    if comparison.market.universe.survivors_only:
        terminal.print(f"{SURVIVORS[0].upper()}{SURVIVORS[1:]}.")
    terminal.print(escape_text(comparison.opening))
    if comparison.withheld:
        terminal.print(comparison.withheld)


def print_left_out(left_out: dict[str, str]) -> None:
    """Print which strategies are not compared and why, in a line for each reason; naming one with --strategy gives the whole sentence."""
    by_reason: dict[str, list[str]] = {}
    for name, why in left_out.items():
        by_reason.setdefault(why.partition(": ")[0].partition(" (known")[0].partition("; did you")[0], []).append(name)
    for why, names in by_reason.items():
        console().print(escape_text(f"Left out: {', '.join(names)}: {why}."))


def _width(console: Console, table: Table) -> int:
    """Return how wide the table would like to be."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum


def _ranking(comparison: Comparison, names: list[str]) -> Table:
    kinds = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
    universe = comparison.market.universe
    title = f"{'SIMULATED ' if comparison.market.simulated else ''}{universe.name}: {universe.metal} against {', '.join(universe.miners)}"
    table = Table(title=escape_text(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("Strategy", overflow="fold")
    for name in names:
        table.add_column(kinds[name]["heading"], justify="right", no_wrap=True)
    columns = [format_column(kinds[name]["kind"], (getattr(one, name) for one in comparison.metrics.values())) for name in names]
    for label, *cells in zip(comparison.metrics, *columns, strict=True):
        mark = " (benchmark)" if label in comparison.benchmarks else ""
        result = comparison.results[label]
        style = "red" if result.ruined is not None else "bold" if mark else None
        mark += "".join(f" ({one})" for one in result.flags)
        table.add_row(escape_text(label + mark), *cells, style=style)
    return table
