"""The verdict in words, and the ranking as a table that sorts."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from orebody.metrics import Metrics, formatted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orebody.comparison import Comparison

__all__ = ["COLUMNS", "FIELDS", "Cell", "Row", "marks", "ranking", "sortable", "verdict"]

COLUMNS = (
    "final_equity",
    "profit",
    "cagr",
    "xirr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "drawdown_peak",
    "drawdown_trough",
    "time_under_water",
    "exposure",
    "dry_powder",
    "turnover",
    "costs",
)
"""The figures of the ranking, in order."""

FIELDS: dict[str, Mapping[str, Any]] = {field.name: field.metadata for field in dataclasses.fields(Metrics)}


@dataclass(frozen=True)
class Cell:
    """A figure as it is read, and the number by which it sorts (None: there is none, it comes last)."""

    text: str
    number: str | None


@dataclass(frozen=True)
class Row:
    """One run in the ranking."""

    label: str
    marks: list[str]
    yardstick: bool
    cells: list[Cell]


def ranking(comparison: Comparison) -> list[Row]:
    """Return a row for each run, the best first."""
    return [
        Row(
            label,
            marks(comparison, label),
            label in comparison.yardsticks,
            [Cell(formatted(FIELDS[name]["kind"], value := getattr(metrics, name)), sortable(value)) for name in COLUMNS],
        )
        for label, metrics in comparison.metrics.items()
    ]


def sortable(value: Any) -> str | None:
    """Return the number by which a figure sorts, dates as days since 1970; None where the figure does not exist."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str((value - pd.Timestamp(0)).days)
    return repr(float(value))


def marks(comparison: Comparison, label: str) -> list[str]:
    """Return what is said beside a label."""
    result = comparison.results[label]
    said = ["yardstick"] if label in comparison.yardsticks else []
    if result.ruined is not None:
        said.append(f"RUINED on {result.ruined.date()}")
    elif not comparison.metrics[label].trades:
        said.append("never traded")
    return said


def verdict(comparison: Comparison) -> str:
    """Return the answer in two sentences: what came first, and by how much against the metal with the same cash flows."""
    metal = comparison.metrics[comparison.yardsticks[0]]
    strategies = [label for label in comparison.results if label not in comparison.yardsticks]
    name, opened = comparison.market.universe.metal, comparison.market.dates[comparison.market.opening].date()
    if len(comparison.market) - comparison.market.opening < 2:
        return f"All accounts opened on {opened}, the last bar there is: nothing has happened yet, and there is nothing to rank."
    start = (
        f"{formatted('money', metal.contributed)} put in since {opened} and held in {name} became {formatted('money', metal.final_equity)}"
    )
    if not strategies:
        return f"{start}."
    ahead = [label for label in strategies if comparison.metrics[label].final_equity > metal.final_equity]
    best = strategies[0]
    figures = comparison.metrics[best]
    difference = figures.final_equity - metal.final_equity
    more = "more" if difference >= 0 else "less"
    return (
        f"{start}. Of {len(strategies)} {'strategies' if len(strategies) > 1 else 'strategy'} {len(ahead)} ended with more. "
        f"The best, {best}, ended with {formatted('money', figures.final_equity)}, {formatted('money', abs(difference))} {more}; "
        f"it fell by at most {formatted('percent', abs(figures.max_drawdown))}, "
        f"the metal by {formatted('percent', abs(metal.max_drawdown))}."
    )
