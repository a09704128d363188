"""The outcomes of scenarios, and regret."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.research.scenarios.section import regret_columns, regret_rows, sentences

if TYPE_CHECKING:
    from orebody.research.scenarios import Scenarios

__all__ = ["print_scenarios"]


def print_scenarios(scenarios: Scenarios) -> None:
    """Print a table for each scenario, the regret, and what came out in words."""
    terminal = console()
    print_caveats(scenarios.market, scenarios.account)
    for name, rows in scenarios.table.groupby("scenario", sort=False):
        table = _titled_table(f"{name}: final wealth")
        for heading in ("Median", "5 %", "95 %", "Loss", "Beats", "Worst 5 %"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in rows.to_dict("records"):
            beats = "" if math.isnan(row["beats_metal"]) else f"{row['beats_metal']:.0%}"
            money = (f"{row[one]:,.0f}" for one in ("median", "p5", "p95"))
            cells = (*money, f"{row['loss']:.0%}", beats, f"{row['shortfall']:+,.0f}")
            table.add_row(escape_text(str(row["strategy"])), *cells, style="dim" if row["is_benchmark"] else None)
        terminal.print(table)
        terminal.print()
    table = _titled_table("Regret: how far the median falls short of the best")
    for heading in regret_columns(scenarios):
        table.add_column(escape_text(heading), justify="right")
    for cells in regret_rows(scenarios):
        table.add_row(*map(escape_text, cells))
    terminal.print(table)
    terminal.print()
    terminal.print(
        "Loss: ends with less than was put in. Beats: the metal with the same cash flows. Worst 5 %: mean profit over those paths."
    )
    for sentence in sentences(scenarios):
        terminal.print(escape_text(sentence))
    for one in scenarios.job.scenarios:
        terminal.print(escape_text(f"{one.name}: {one.text}."))
    said = f"{scenarios.paths:,} paths a scenario, drawn from {len(scenarios.job.days):,} days in {scenarios.note}."
    terminal.print(escape_text(said))
    terminal.print(escape_text(f"Look-ahead: {scenarios.checked}."))


def _titled_table(title: str) -> Table:
    table = Table(title=escape_text(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("Strategy", overflow="fold")
    return table
