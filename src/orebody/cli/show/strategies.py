"""The strategies, and their parameters."""

from __future__ import annotations

import dataclasses
import inspect

from rich.table import Table

from orebody.cli.show.console import console, escape_text
from orebody.strategy.base import Strategy
from orebody.strategy.parameters import kind_as_written

__all__ = ["print_strategies", "print_strategy"]


def print_strategies(strategies: dict[str, type[Strategy]]) -> None:
    """Print each strategy with its idea in a sentence."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for name, strategy in strategies.items():
        table.add_row(escape_text(name), escape_text(_paragraphs(strategy)[0]))
    console().print(table)


def print_strategy(strategy: type[Strategy]) -> None:
    """Print one strategy: what it does, and its parameters with meaning, default and bounds."""
    terminal = console()
    terminal.print(strategy.name(), style="bold")
    for paragraph in _paragraphs(strategy):
        terminal.print(escape_text(paragraph))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Parameter", "Default", "Allowed", "Meaning"):
        table.add_column(column, no_wrap=column in ("Parameter", "Default"))
    for field in dataclasses.fields(strategy):  # type: ignore[arg-type]
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        preset = default.name() if isinstance(default, Strategy) else str(default)
        table.add_row(*map(escape_text, (field.name, preset, _describe_allowed(field), field.metadata.get("about", ""))))
    terminal.print()
    terminal.print(table)


def _paragraphs(strategy: type[Strategy]) -> list[str]:
    return [" ".join(part.split()).replace("`", "") for part in (inspect.getdoc(strategy) or strategy.name()).split("\n\n")]


def _describe_allowed(field: dataclasses.Field[object]) -> str:
    low, high, choices = (field.metadata.get(key) for key in ("low", "high", "choices"))
    if choices:
        return ", ".join(choices)
    bounds = " and ".join(word for word in (f"from {low:g}" if low is not None else "", f"to {high:g}" if high is not None else "") if word)
    return f"{bounds} or none" if bounds and "None" in kind_as_written(field) else bounds
