"""Gearing, operating leverage, and returns taken apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from orebody.cli.show.console import console, print_caveats

if TYPE_CHECKING:
    from orebody.research.gearing import Decomposition, Gearing

__all__ = ["print_decomposition", "print_gearing"]

PARTS = {
    "metal": "Metal",
    "gearing": "Gearing",
    "miners": "Miners",
    "timing_metal": "Timing",
    "cash": "Cash",
    "costs": "Costs",
    "total": "Total",
}


def print_gearing(gearing: Gearing) -> None:
    """Print realised gearing, what costs imply, and what both say."""
    terminal = console()
    print_caveats(gearing.market)
    table = _table(f"Gearing to {gearing.market.tickers[0]}", "Miners", ("Beta", "s.e.", "R²", "Beta up", "down", "Captured up", "down"))
    for name, row in gearing.table.iterrows():
        slopes = (_number(row[column]) for column in ("up_beta", "down_beta"))
        captures = (_share(row[column]) for column in ("up_capture", "down_capture"))
        table.add_row(escape(str(name)), _number(row["beta"]), _number(row["se"]), _share(row["r2"]), *slopes, *captures)
    terminal.print(table)
    if gearing.operating is not None:
        terminal.print()
        columns = ("Cost", "Margin", "Elasticity", "Profit", "Implied", "Realised", "s.e.")
        table = _table(f"Operating leverage; profit if spot moves {gearing.move:+.0%}", "Miner", columns)
        for name, row in gearing.operating.iterrows():
            numbers = (_number(row[column]) for column in ("implied", "realised", "se"))
            cost = (f"{row['aisc']:,.0f}", _share(row["margin"]), _number(row["elasticity"]), _share(row["profit_change"], signed=True))
            table.add_row(escape(str(name)), *cost, *numbers)
        terminal.print(table)
    terminal.print()
    for sentence in gearing.sentences:
        terminal.print(escape(f"- {sentence}"))


def print_decomposition(apart: Decomposition, opening: str) -> None:
    """Print what each strategy's return was made of, and when the accounts opened, a sentence."""
    terminal = console()
    terminal.print()
    table = _table("What the returns were made of", "Strategy", tuple(PARTS.values()))
    for label, row in apart.table.iterrows():
        parts = row.to_dict() | {"timing_metal": row["timing_metal"] + row["timing_miners"]}
        table.add_row(escape(str(label)), *(_share(parts[part], signed=True) for part in PARTS))
    terminal.print(table)
    terminal.print(escape(f"{apart.beating}."))
    terminal.print("Gearing is what miners' beta above 1 added to the metal: leverage, not skill.")
    terminal.print(escape(opening))


def _table(title: str, first: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _share(value: float, *, signed: bool = False) -> str:
    if not math.isfinite(value):
        return "–"
    text = f"{value:{'+' if signed else ''}.0%}"
    return "0%" if text.lstrip("+-") == "0%" else text
