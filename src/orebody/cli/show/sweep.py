"""The best points of a sweep."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.metrics import Metrics, format_column
from orebody.research.sweep.section import benchmark_rows, table_rows

if TYPE_CHECKING:
    from orebody.research.sweep.analysis import Sweep

__all__ = ["print_sweep"]


def print_sweep(sweep: Sweep, count: int = 10) -> None:
    """Print the best points of a sweep, and what to think of them."""
    terminal = console()
    print_caveats(sweep.market, sweep.account)
    fields = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
    names = list(dict.fromkeys((sweep.metric, "final_equity", "cagr", "sharpe", "max_drawdown", "trades")))
    table = Table(
        title=f"Best of {sweep.n_trials:,} points, by {sweep.metric}", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for name in sweep.parameters:
        table.add_column(escape_text(name), justify="right", overflow="fold")
    for name in names:
        table.add_column(fields[name]["heading"], justify="right", no_wrap=True)
    best = sweep.ordered().head(count)
    for row, cells in zip(best.to_dict("records"), table_rows(sweep, best[names]), strict=True):
        table.add_row(*(escape_text(f"{row[name]}") for name in sweep.parameters), *cells)
    for cells in benchmark_rows(sweep, [*sweep.parameters, *names]):
        table.add_row(*map(escape_text, cells), style="bold")
    terminal.print(table)
    terminal.print(escape_text(f"{sweep.beating}."))
    near, kind = sweep.neighbourhood[sweep.metric], fields[sweep.metric]["kind"]
    span = " to ".join(format_column(kind, (near.min(), near.max())))
    terminal.print(f"The best point and its {len(near) - 1} neighbours on the grid: {fields[sweep.metric]['heading']} {span}.")
    if len(sweep.failed):
        terminal.print(escape_text(f"{len(sweep.failed):,} points failed; the first: {sweep.failed['status'].iloc[0]}"))
    terminal.print(escape_text(sweep.opening))
    terminal.print(escape_text(f"{sweep.checked[0].upper()}{sweep.checked[1:]}."))
