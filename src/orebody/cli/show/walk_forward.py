"""The windows of a walk-forward, and what was left of the promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.research.walk_forward.section import window_rows

if TYPE_CHECKING:
    from orebody.research.walk_forward.result import WalkForward

__all__ = ["print_walk_forward"]

TRAINING = 1  # the column that a terminal has no room for; the table and the page have it


def print_walk_forward(walk: WalkForward) -> None:
    """Print the windows of a walk-forward, and what to think of it."""
    terminal = console()
    print_caveats(walk.result.market, walk.result.account)
    columns, rows = window_rows(walk)
    title = f"{walk.name}: chosen from {walk.n_trials:,} points on {walk.lengths[0]}, traded for {walk.lengths[1]}"
    table = Table(title=escape_text(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    for at, column in enumerate(columns):
        if at != TRAINING:
            table.add_column(escape_text(column), justify="right" if at > TRAINING + 1 else "left", no_wrap=at == TRAINING + 1)
    for row in rows:
        table.add_row(*map(escape_text, row[:TRAINING] + row[TRAINING + 1 :]))
    terminal.print(table)
    for sentence in walk.sentences:
        terminal.print(escape_text(sentence))
    for name, row in walk.stability.iterrows():
        moved = f"changed at {row['changes']:.0f} of {row['seams']:.0f} seams, by {row['mean_step']:.1f} steps of the grid on average"
        terminal.print(
            escape_text(f"{name}: {row['values']:.0f} of {row['offered']:.0f} values chosen; {moved if row['seams'] else 'no seam'}.")
        )
    terminal.print(escape_text(walk.result.opening))
    terminal.print(escape_text(f"{walk.result.checked[0].upper()}{walk.result.checked[1:]}."))
