"""The section of a sweep: the metric over the parameters, the best points, and their neighbours."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from orebody.errors import ParameterError
from orebody.metrics import Metrics, format_figure, has_cents
from orebody.presentation import Axis, Chart, Picture, Section, Series, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.sweep.analysis import Sweep

__all__ = ["benchmark_rows", "heading", "heatmap", "section", "sentences", "table_rows"]

SHOWN, BRIEF = 20, 5  # points of a table, and of the short one
FIELDS: dict[str, Mapping[str, str]] = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
FIGURES = ("final_equity", "cagr", "sharpe", "max_drawdown", "trades")
CAUTION = "The best of many points looks better than it is: look at its neighbours, and at days it was not chosen on."


def section(sweep: Sweep) -> Section:
    """Return the section; see `orebody.research.sweep`."""
    names = list(sweep.table.columns)
    tables = [
        _table("Best points", sweep, sweep.ordered().head(SHOWN), names),
        _table("The best point and its neighbours on the grid", sweep, sweep.neighbourhood, names),
    ]
    if len(sweep.failed):
        failed = sweep.failed.head(SHOWN)[[*sweep.parameters, "status"]]
        tables.append(Table(f"Points that failed: {len(sweep.failed):,}", [*sweep.parameters, "status"], table_rows(sweep, failed)))
    return Section(
        title=f"Sweep: {sweep.name}",
        sentences=sentences(sweep),
        tables=tables,
        pictures=[one for one in [_picture(sweep)] if one is not None],
        settings=[
            (f"Accounts of the sweep of {sweep.name}", sweep.opening),
            ("Points tried", f"{sweep.n_trials:,}, chosen by {heading(sweep.metric)}: the best of many is better than it would be alone"),
            ("Look-ahead", sweep.checked),
            ("Engine", "compiled"),
        ],
        brief=_brief(sweep),
    )


def sentences(sweep: Sweep) -> list[str]:
    """Return the results in sentences."""
    return [f"{sweep.outcome}.", f"{sweep.beating}.", CAUTION]


def heatmap(sweep: Sweep) -> Picture:
    """Return the metric over two parameters, the best point framed."""
    if len(sweep.parameters) != 2:
        raise ParameterError(f"a heatmap needs two parameters, the sweep has {len(sweep.parameters)}: {', '.join(sweep.parameters)}")
    down, across = sorted(sweep.parameters, key=lambda name: len(sweep.places(name)[0]))
    (rows, row), (columns, column) = sweep.places(down), sweep.places(across)
    metric, best = heading(sweep.metric), int(sweep.best.name)
    words = _points(sweep)
    series = [
        Series("cells", x=column, y=row, value=sweep.table[sweep.metric].to_numpy(dtype=float), texts=words),
        Series("dots", "the best point", x=[column[best]], y=[row[best]], texts=[words[best]], color=1, width=16.0, marker="square"),
    ]
    chart = Chart(
        Axis(across, "names", list(map(_short, columns))),
        Axis(down, "names", list(map(_short, rows))),
        series,
        height=int(min(640, 210 + 28 * len(rows))),
        scale=metric,
    )
    caption = f"{metric} over {' and '.join(sweep.parameters)}"
    words_of_all = f"{caption}; {sweep.beating}; the square marks the best point, the tables below have the figures."
    return Picture(caption, [chart], words_of_all, f"{sweep.beating}.")


def benchmark_rows(sweep: Sweep, columns: list[str]) -> list[list[str]]:
    """Return the rows of the benchmarks under the columns of the points, their names where parameters stand."""
    first, rows, cents = sweep.parameters[0], list[list[str]](), _cents(sweep)
    for label, held in sweep.benchmarks.iterrows():
        cells = [_cell(name, held[name], cents.get(name)) if name in held.index else "" for name in columns]
        cells[columns.index(first)] = f"{label} (benchmark)"
        rows.append(cells)
    return rows


def heading(name: str) -> str:
    """Return how a column of a sweep is headed."""
    field = FIELDS.get(name)
    return str(field["heading"]) if field else name


def _picture(sweep: Sweep) -> Picture | None:
    """Return the metric over two parameters as a heatmap, over one number as a line, and of all points in order otherwise."""
    values = sweep.table[sweep.metric].to_numpy(dtype=float)
    if not np.isfinite(values).any():
        return None
    if len(sweep.parameters) == 2:
        return heatmap(sweep)
    (name, *more), words = sweep.parameters, _points(sweep)
    places, at = sweep.places(name)
    if not more and all(isinstance(one, int | float) and not isinstance(one, bool) for one in places):
        order = np.argsort(at, kind="stable")
        x, across, caption = np.array([places[place] for place in at[order]], dtype=float), name, f"{heading(sweep.metric)} over {name}"
    else:
        order = sweep.ordered().index.to_numpy()
        x, across, caption = np.arange(1.0, len(order) + 1), "points, the best first", f"{heading(sweep.metric)} of all points"
    y = values[order]
    series = [Series("line", x=x, y=y), Series("dots", x=x, y=y, texts=[words[place] for place in order], width=6.0)]
    kind = FIELDS[sweep.metric]["kind"]
    unit = Axis(heading(sweep.metric), "percent" if kind == "percent" else "money" if kind == "money" else "number")
    return Picture(caption, [Chart(Axis(across), unit, series)], f"{caption}; {sweep.beating}; the tables below have the figures.")


def _points(sweep: Sweep) -> list[str]:
    """Return each point and its metric in words."""
    kind, name = FIELDS[sweep.metric]["kind"], heading(sweep.metric)
    return [
        f"{', '.join(f'{one} {_short(row[one])}' for one in sweep.parameters)}: {name} {format_figure(kind, row[sweep.metric])}"
        for row in sweep.table[[*dict.fromkeys((*sweep.parameters, sweep.metric))]].to_dict("records")
    ]


def _table(caption: str, sweep: Sweep, points: pd.DataFrame, names: list[str]) -> Table:
    return Table(caption, [heading(name) for name in names], [*table_rows(sweep, points[names]), *benchmark_rows(sweep, names)])


def _brief(sweep: Sweep) -> Table:
    names, cents = list(dict.fromkeys((sweep.metric, *FIGURES))), _cents(sweep)
    rows = [
        [
            ", ".join(f"{name} {_short(row[name])}" for name in sweep.parameters),
            *(_cell(name, row[name], cents.get(name)) for name in names),
            str(row["status"]),
        ]
        for row in sweep.ordered().head(BRIEF).to_dict("records")
    ]
    rows += [
        [f"{label} (benchmark)", *(_cell(name, held[name], cents.get(name)) for name in names), ""]
        for label, held in sweep.benchmarks.iterrows()
    ]
    return Table("Best points", [f"Best by {heading(sweep.metric)}", *(heading(name) for name in names), ""], rows)


def table_rows(sweep: Sweep, table: pd.DataFrame) -> list[list[str]]:
    """Return rows of a sweep's table as they are printed."""
    cents = _cents(sweep)
    return [[_cell(name, value, cents.get(name)) for name, value in row.items()] for row in table.to_dict("records")]


def _cents(sweep: Sweep) -> dict[str, bool]:
    """Return for each column of money whether it has cents, benchmarks included."""
    money = [name for name in sweep.benchmarks.columns if FIELDS[name]["kind"] == "money"]
    return {name: has_cents((*sweep.table[name], *sweep.benchmarks[name])) for name in money}


def _cell(name: str, value: object, cents: bool | None) -> str:
    return format_figure(FIELDS[name]["kind"], value, cents=cents) if name in FIELDS else _short(value)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
