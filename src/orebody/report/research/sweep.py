"""What a report shows of a sweep: the heatmap where there are two parameters, the best points, and their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.report.heatmap import SHOWN, benchmark_rows, draw, heading, table_rows
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    from orebody.research.sweep.analysis import Sweep

__all__ = ["section"]

FIGURES = ("final_equity", "cagr", "sharpe", "max_drawdown", "trades")


def section(sweep: Sweep) -> Section:
    """Return the section; see `orebody.research.sweep.analysis`."""
    happened = ["status"] if sweep.table["status"].any() else []
    names = list(dict.fromkeys((*sweep.parameters, sweep.metric, *FIGURES, *happened)))
    columns = [heading(name) for name in names]
    held, pictures = benchmark_rows(sweep, names), []
    if len(sweep.parameters) == 2:
        caption = f"{heading(sweep.metric)} over {' and '.join(sweep.parameters)}"
        pictures = [
            Picture(
                caption, draw(sweep), f"{caption}; {sweep.beating}; the square marks the best point, the tables below have the figures."
            )
        ]
    return Section(
        title=f"Sweep: {sweep.name}",
        sentences=[
            f"{sweep.outcome}.",
            f"{sweep.beating}.",
            "The best of many points looks better than it is: look at its neighbours, and at days it was not chosen on.",
        ],
        tables=[
            Table(f"The best of {sweep.n_trials:,} points", columns, [*table_rows(sweep, sweep.ordered().head(SHOWN)[names]), *held]),
            Table("The best point and its neighbours on the grid", columns, [*table_rows(sweep, sweep.neighbourhood[names]), *held]),
        ],
        pictures=pictures,
        settings=[
            (f"Sweep of {sweep.name}", f"{sweep.n_trials:,} points, chosen by {heading(sweep.metric)}; compiled engine"),
            (f"Accounts of the sweep of {sweep.name}", sweep.opening),
            ("Look-ahead", sweep.checked),
        ],
    )
