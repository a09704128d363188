"""The figures of one run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.metrics import Metrics, format_figure, over_rate

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["print_figures"]


def print_figures(result: Result) -> None:
    """Print every figure of a run beside the metal's."""
    terminal = console()
    print_caveats(result.market, result.account)
    terminal.print(escape_text(result.description))
    mine, metal = result.metrics(), result.benchmark.metrics()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Figure")
    table.add_column(escape_text(result.label), justify="right")
    table.add_column(escape_text(f"{result.market.universe.metal}, same cash flows"), justify="right")
    known = result.account.rate_known(result.market)
    for field in dataclasses.fields(Metrics):
        kind = field.metadata["kind"]
        title = over_rate(field.metadata["title"], rate_known=known)
        table.add_row(title, format_figure(kind, getattr(mine, field.name)), format_figure(kind, getattr(metal, field.name)))
    terminal.print(table)
    if result.ruined is not None:
        terminal.print(f"RUINED on {result.ruined.date()}: equity was gone and everything was closed.", style="bold red")
    for flag in result.flags:
        if result.ruined is None or not flag.startswith("RUINED"):
            terminal.print(escape_text(f"{flag[0].upper()}{flag[1:]}."), style="bold")
    terminal.print(escape_text(result.opening))
    dates = result.dates
    terminal.print(escape_text(f"{dates[0].date()} to {dates[-1].date()}, {result.market.source}; {result.checked}."))
