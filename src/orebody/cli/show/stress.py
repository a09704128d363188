"""Episodes, and the worst days of equities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from orebody.cli.show.console import console, print_caveats
from orebody.research.stress.section import named, percent

if TYPE_CHECKING:
    from orebody.research.stress.analysis import Stress

__all__ = ["print_stress"]


def print_stress(stress: Stress) -> None:
    """Print a table for each episode, and what is left out and why."""
    terminal = console()
    print_caveats(stress.market, stress.account)
    for episode, rows in stress.table.groupby("episode", sort=False):
        first = rows.iloc[0]
        title = f"{episode}: close of {first['first'].date()} to close of {first['last'].date()}"
        table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
        table.add_column("Strategy", overflow="fold")
        for heading in ("Return", "Max\ndrawdown", "Worst\nday", "Metal", "Miners", "Cash"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in rows.to_dict("records"):
            label = named(stress, row["strategy"])
            shares = (percent(row[name], 0) for name in ("metal", "miners", "cash"))
            falls = (percent(row["max_drawdown"], 1), percent(row["worst_day"], 1, signed=True))
            cells = (percent(row["return"], 1, signed=True), *falls, *shares)
            table.add_row(escape(label), *cells, style="dim" if row["is_benchmark"] else None)
        terminal.print(table)
        if late := stress.late(str(episode)):
            terminal.print(escape(f"Not open yet: {', '.join(late)}."))
        terminal.print()
    if not stress.table.empty:
        terminal.print("Metal, miners and cash: shares of the account going in.")
    for name, why in stress.left_out.items():
        terminal.print(escape(f"Left out: {name}: {why}."))
    if stress.safe_haven is not None:
        _print_safe_haven(stress)
    terminal.print(escape(stress.opening))


def _print_safe_haven(stress: Stress) -> None:
    assert stress.safe_haven is not None
    table = Table(title=escape(f"No safe haven? On {stress.safe_haven_note}"), title_justify="left", box=None, pad_edge=False)
    table.add_column("Strategy", overflow="fold")
    for heading in ("Days", "Mean", "Metal's", "Worst", "Days up", "Other days"):
        table.add_column(heading, justify="right", no_wrap=True)
    for label, row in stress.safe_haven.iterrows():
        means = (percent(row["mean"], signed=True), percent(row["metal"], signed=True), percent(row["worst"], 1, signed=True))
        table.add_row(escape(str(label)), f"{row['days']:.0f}", *means, percent(row["up"], 0), percent(row["mean_other"], 3, signed=True))
    console().print(table)
