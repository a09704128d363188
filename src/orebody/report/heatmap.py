"""The page of a sweep: a heatmap where there are two parameters, the best points and their neighbours, and how it was computed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from orebody.errors import ParameterError
from orebody.io.owned_files import check_page, write_output
from orebody.metrics import Metrics, format_figure, has_cents
from orebody.report.page import account_settings, market_settings, plain, render, versions
from orebody.report.pictures import page_image, styled

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.sweep.analysis import Sweep

__all__ = ["SHOWN", "benchmark_rows", "cents_of", "draw", "heading", "table_rows", "write"]

SHOWN = 20
FIELDS: dict[str, Mapping[str, str]] = {field.name: field.metadata for field in dataclasses.fields(Metrics)}


@styled
def draw(sweep: Sweep) -> Figure:
    """Return the heatmap of its metric; see `orebody.research.sweep.analysis.Sweep.heatmap`."""
    if len(sweep.parameters) != 2:
        raise ParameterError(f"a heatmap needs two parameters, the sweep has {len(sweep.parameters)}: {', '.join(sweep.parameters)}")
    down, across = sorted(sweep.parameters, key=lambda name: len(sweep.places(name)[0]))
    (rows, row), (columns, column) = sweep.places(down), sweep.places(across)
    table = np.full((len(rows), len(columns)), np.nan)
    table[row, column] = sweep.table[sweep.metric].to_numpy(dtype=float)
    figure = Figure(figsize=(11, min(8.0, 2.5 + 0.3 * len(table))))
    axes = figure.subplots()
    # viridis is told apart by colour-blind readers and in grey
    picture = axes.imshow(table, aspect="auto", origin="lower", cmap="viridis")
    figure.colorbar(picture, ax=axes, label=heading(sweep.metric))
    for axis, values in ((axes.xaxis, columns), (axes.yaxis, rows)):
        step = max(1, -(-len(values) // 15))
        axis.set_ticks(range(0, len(values), step), [_short(value) for value in values[::step]])
    axes.grid(False)
    axes.set_xlabel(plain(across))
    axes.set_ylabel(plain(down))
    axes.set_title(plain(sweep.beating), fontsize=9)
    best = int(sweep.best.name)
    axes.plot(column[best], row[best], marker="s", fillstyle="none", color="#D55E00", markersize=12, markeredgewidth=2)
    return figure


def write(sweep: Sweep, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write the page; see `orebody.research.sweep.analysis.Sweep.report`."""
    check_page(path, overwrite=overwrite)
    picture = page_image(draw(sweep)) if len(sweep.parameters) == 2 else None
    ordered = sweep.ordered()
    near = sweep.neighbourhood
    page = render(
        "sweep.html.j2",
        sweep.market,
        title=f"{sweep.name}: {sweep.n_trials:,} points",
        opening=sweep.opening,
        metric=heading(sweep.metric),
        summary=sweep.outcome,
        beating=sweep.beating,
        doubts=sweep.market.doubts,
        held=benchmark_rows(sweep, list(sweep.table.columns)),
        picture=picture,
        columns=[heading(name) for name in sweep.table.columns],
        best=table_rows(sweep, ordered.head(SHOWN)),
        near=table_rows(sweep, near),
        failed=table_rows(sweep, sweep.failed.head(SHOWN)[[*sweep.parameters, "status"]]),
        failures=len(sweep.failed),
        parameters=sweep.parameters,
        settings=[
            *market_settings(sweep.market),
            ("Accounts", sweep.opening),
            *account_settings(sweep.account, sweep.market),
            ("Points tried", f"{sweep.n_trials:,}: the best of many is better than it would be alone"),
            ("Look-ahead", sweep.checked),
            ("Engine", "compiled"),
            ("Versions", versions()),
        ],
    )
    return write_output(path, page, overwrite=overwrite)


def benchmark_rows(sweep: Sweep, columns: list[str]) -> list[list[str]]:
    """Return the rows of the benchmarks under the same columns as the points: the name where parameters stand, no status."""
    first, rows, cents = sweep.parameters[0], list[list[str]](), cents_of(sweep)
    for label, held in sweep.benchmarks.iterrows():
        cells = [format_figure(FIELDS[name]["kind"], held[name], cents=cents.get(name)) if name in held.index else "" for name in columns]
        cells[columns.index(first)] = f"{label} (benchmark)"
        rows.append(cells)
    return rows


def heading(name: str) -> str:
    """Return how a column of a sweep is headed."""
    field = FIELDS.get(name)
    return str(field["heading"]) if field else name


def table_rows(sweep: Sweep, table: pd.DataFrame) -> list[list[str]]:
    """Return rows of a sweep's table as they are printed."""
    cents = cents_of(sweep)
    return [[_cell(name, value, cents.get(name)) for name, value in row.items()] for row in table.to_dict("records")]


def cents_of(sweep: Sweep) -> dict[str, bool]:
    """Return for each column of money whether it has cents, benchmarks included."""
    money = [name for name in sweep.benchmarks.columns if FIELDS[name]["kind"] == "money"]
    return {name: has_cents((*sweep.table[name], *sweep.benchmarks[name])) for name in money}


def _cell(name: str, value: object, cents: bool | None) -> str:
    return format_figure(FIELDS[name]["kind"], value, cents=cents) if name in FIELDS else _short(value)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
