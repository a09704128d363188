"""What the terminal shows: tables, figures, and progress while something runs."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from orebody.market.universe import SURVIVORS
from orebody.metrics import Metrics, formatted
from orebody.strategy import Strategy

if TYPE_CHECKING:
    from orebody.comparison import Comparison
    from orebody.comparison import Progress as Tell
    from orebody.research.sweep import Sweep
    from orebody.result import Result

__all__ = ["print_figures", "print_left_out", "print_ranking", "print_strategies", "print_strategy", "print_sweep", "progress"]

NARROW = ("final_equity", "xirr", "sharpe", "max_drawdown")
WIDE = ("final_equity", "profit", "cagr", "xirr", "volatility", "sharpe", "max_drawdown", "exposure", "turnover", "costs")
SIMULATED = "SIMULATED: these prices are made up, nothing here happened on any market."


def _console() -> Console:
    return Console(highlight=False)


@contextmanager
def progress() -> Iterator[Tell]:
    """Show a bar on standard error while it lasts, and nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=escape(what), visible=True)

        yield tell


def print_ranking(comparison: Comparison) -> None:
    """Print the ranking, as many columns as the terminal has room for."""
    console = _console()
    simulated = comparison.market.simulated
    if simulated:
        console.print(SIMULATED, style="bold yellow")
    names = list(WIDE)
    table = _ranking(comparison, names)
    while len(names) > len(NARROW) and _width(console, table) > console.width:
        names.remove(next(name for name in reversed(names) if name not in NARROW))
        table = _ranking(comparison, names)
    console.print(table)
    if comparison.market.universe.survivors_only:
        console.print(f"{SURVIVORS[0].upper()}{SURVIVORS[1:]}.")
    console.print(escape(comparison.opening))


def print_left_out(left_out: dict[str, str]) -> None:
    """Print which strategies are not compared, and why."""
    for name, why in left_out.items():
        _console().print(escape(f"Left out: {name}: {why}"))


def _width(console: Console, table: Table) -> int:
    """Return how wide the table would like to be."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum


def _ranking(comparison: Comparison, names: list[str]) -> Table:
    kinds = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
    universe = comparison.market.universe
    title = f"{'SIMULATED ' if comparison.market.simulated else ''}{universe.name}: {universe.metal} against {', '.join(universe.miners)}"
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("Strategy", overflow="fold")
    for name in names:
        table.add_column(kinds[name]["heading"], justify="right", no_wrap=True)
    for label, metrics in comparison.metrics.items():
        mark = " (yardstick)" if label in comparison.yardsticks else ""
        ruined = comparison.results[label].ruined
        mark += f" (ruined on {ruined.date()})" if ruined is not None else ""
        cells = [formatted(kinds[name]["kind"], getattr(metrics, name)) for name in names]
        table.add_row(escape(label + mark), *cells, style="dim" if mark else None)
    return table


def print_figures(result: Result) -> None:
    """Print every figure of a run beside the metal's."""
    console = _console()
    if result.market.simulated:
        console.print(SIMULATED, style="bold yellow")
    console.print(escape(result.description))
    mine, metal = result.metrics(), result.benchmark.metrics()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Figure")
    table.add_column(escape(result.label), justify="right")
    table.add_column(escape(f"{result.market.universe.metal}, same cash flows"), justify="right")
    for field in dataclasses.fields(Metrics):
        kind = field.metadata["kind"]
        table.add_row(field.metadata["title"], formatted(kind, getattr(mine, field.name)), formatted(kind, getattr(metal, field.name)))
    console.print(table)
    if result.ruined is not None:
        console.print(f"RUINED on {result.ruined.date()}: equity was gone and everything was closed.", style="bold red")
    dates = result.dates
    console.print(escape(f"{dates[0].date()} to {dates[-1].date()}, {result.market.source}; {result.checked}."))


def print_sweep(sweep: Sweep, count: int = 10) -> None:
    """Print the best points of a sweep, and what to think of them."""
    console = _console()
    if sweep.market.simulated:
        console.print(SIMULATED, style="bold yellow")
    fields = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
    names = list(dict.fromkeys((sweep.metric, "final_equity", "cagr", "sharpe", "max_drawdown", "trades")))
    table = Table(
        title=f"Best of {sweep.tried:,} points, by {sweep.metric}", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for name in sweep.parameters:
        table.add_column(escape(name), justify="right")
    for name in names:
        table.add_column(fields[name]["heading"], justify="right", no_wrap=True)
    for row in sweep.ordered().head(count).to_dict("records"):
        table.add_row(
            *(escape(f"{row[name]}") for name in sweep.parameters), *(formatted(fields[name]["kind"], row[name]) for name in names)
        )
    console.print(table)
    near = sweep.neighbourhood[sweep.metric]
    console.print(f"The best point and its {len(near) - 1} neighbours on the grid: {sweep.metric} {near.min():.4g} to {near.max():.4g}.")
    if len(sweep.failed):
        console.print(escape(f"{len(sweep.failed):,} points failed; the first: {sweep.failed['status'].iloc[0]}"))
    day = sweep.market.dates[sweep.market.opening].date()
    console.print(f"All accounts open on {day}; {sweep.checked}.")


def print_strategies(strategies: dict[str, type[Strategy]]) -> None:
    """Print each strategy with its idea in a sentence."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for name, strategy in strategies.items():
        table.add_row(escape(name), escape(_paragraphs(strategy)[0]))
    _console().print(table)


def print_strategy(strategy: type[Strategy]) -> None:
    """Print one strategy: what it does, and its parameters with meaning, default and bounds."""
    console = _console()
    console.print(strategy.name(), style="bold")
    for paragraph in _paragraphs(strategy):
        console.print(escape(paragraph))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Parameter", "Default", "Allowed", "Meaning"):
        table.add_column(column, no_wrap=column in ("Parameter", "Default"))
    for field in dataclasses.fields(strategy):  # type: ignore[arg-type]
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        shown = default.name() if isinstance(default, Strategy) else str(default)
        table.add_row(*map(escape, (field.name, shown, _allowed(field), field.metadata.get("about", ""))))
    console.print()
    console.print(table)


def _paragraphs(strategy: type[Strategy]) -> list[str]:
    return [" ".join(part.split()).replace("`", "") for part in (inspect.getdoc(strategy) or strategy.name()).split("\n\n")]


def _allowed(field: dataclasses.Field[object]) -> str:
    low, high, choices = (field.metadata.get(key) for key in ("low", "high", "choices"))
    if choices:
        return ", ".join(choices)
    bounds = " and ".join(word for word in (f"from {low:g}" if low is not None else "", f"to {high:g}" if high is not None else "") if word)
    return f"{bounds} or none" if bounds and "None" in str(field.type) else bounds
