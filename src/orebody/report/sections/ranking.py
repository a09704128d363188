"""The ranking as a table that sorts, and what is said beside a label in it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from orebody.metrics import Metrics, format_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orebody.backtesting.comparison import Comparison

__all__ = ["BEYOND", "COLUMNS", "FIELDS", "Cell", "Row", "flags", "ranking", "sortable"]

COLUMNS = (
    "final_equity",
    "xirr",
    "sharpe",
    "max_drawdown",
    "drawdown_peak",
    "drawdown_trough",
    "time_under_water",
    "profit",
    "cagr",
    "volatility",
    "sortino",
    "calmar",
    "exposure",
    "dry_powder",
    "turnover",
    "costs",
)
"""The figures of the ranking, in order: on a phone the first four are seen, the others are reached by scrolling the table."""

BEYOND = 1.1
"""How many times the leverage the highest exposure must be to be said beside a label; a little more is the day-to-day drift of any debt."""

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
    flags: list[str]
    benchmark: bool
    cells: list[Cell]


def ranking(comparison: Comparison) -> list[Row]:
    """Return a row for each run, the best first."""
    columns = []
    for name in COLUMNS:
        values = [getattr(one, name) for one in comparison.metrics.values()]
        texts = format_column(FIELDS[name]["kind"], values)
        columns.append([Cell(text, sortable(value)) for text, value in zip(texts, values, strict=True)])
    return [
        Row(label, flags(comparison, label), label in comparison.benchmarks, list(cells))
        for label, *cells in zip(comparison.metrics, *columns, strict=True)
    ]


def sortable(value: Any) -> str | None:
    """Return the number by which a figure sorts, dates as days since 1970; None where the figure does not exist."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str((value - pd.Timestamp(0)).days)
    return repr(float(value))


def flags(comparison: Comparison, label: str) -> list[str]:
    """Return what is said beside a label: among it exposure that prices carried well beyond the leverage, which limits purchases only."""
    result, highest = comparison.results[label], comparison.metrics[label].highest_exposure
    beyond = [f"exposure up to {highest:.0%}"] if highest > BEYOND * result.account.leverage else []
    return [*(["benchmark"] if label in comparison.benchmarks else []), *result.flags, *beyond]
