"""The page of one run in a comparison: its idea, parameters, figures, fills, costs and falls."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orebody.metrics import format_figure, over_rate
from orebody.report.comparison.index_page import LIBRARY
from orebody.report.interactive import document, series
from orebody.report.interactive.charts import one_beside
from orebody.report.interactive.document import packed
from orebody.report.interactive.line_styles import INK, SOFT, looks
from orebody.report.page import doubts, render, script
from orebody.report.sections import calendar, costs, drawdowns, fills
from orebody.report.sections.description import idea, parameters
from orebody.report.sections.ranking import FIELDS, flags

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison

__all__ = ["BEING_DRAWN", "Files", "charts", "html", "tearsheet_link"]


@dataclass(frozen=True)
class Files:
    """The names of the files that belong to one run; `tearsheet` is None where none is written, perhaps for a reason."""

    page: str
    fills: str
    tearsheet: str | None
    why_none: str = ""


BEING_DRAWN = "<span>Tearsheet: being drawn</span>"
"""Stands on a page in place of the link to its tearsheet until that is written."""


def tearsheet_link(files: Files) -> str:
    """Return the link to the tearsheet of a run that has one; names of files hold letters, digits and hyphens alone."""
    return f'<a href="{files.tearsheet}">Tearsheet</a>'


def html(comparison: Comparison, label: str, files: Files, shared: str | None = None) -> str:
    """Return the page of the run called `label`; it fetches nothing. `shared` is what `charts` returns, if it is there already."""
    result, metrics = comparison.results[label], comparison.metrics[label]
    beside = (metrics, *(comparison.metrics[one] for one in comparison.benchmarks))
    order = list(comparison.results)
    drawn, known = len(result.dates) > 1, comparison.account.rate_known(comparison.market)
    own = [script(document.own_script(name)) for name in ("shared.js", "own.js")]
    return render(
        "strategy.html.j2",
        comparison.market,
        scripts=own if drawn else (),
        data={"document": shared or charts(comparison), "page": _line(comparison, label)} if drawn else {},
        beside=(LIBRARY, document.javascript()) if drawn else None,
        drawn=drawn,
        warnings=doubts(comparison.market, comparison.account),
        lines=_key(comparison, label),
        sheet=tearsheet_link(files) if files.tearsheet else "",
        title=label,
        idea=idea(comparison, label),
        description=result.description,
        checked=result.checked,
        opening=result.opening,
        flags=flags(comparison, label),
        ruined=result.ruined.date() if result.ruined is not None else None,
        place=order.index(label) + 1,
        of=len(order),
        universe=comparison.market.universe.name,
        metal_name=comparison.market.universe.metal,
        period=f"{result.dates[0].date()} to {result.dates[-1].date()}",
        bars=len(result.dates),
        parameters=parameters(comparison.strategies.get(label)),
        figures=[
            (
                over_rate(FIELDS[one.name]["title"], rate_known=known),
                *(format_figure(FIELDS[one.name]["kind"], getattr(which, one.name)) for which in beside),
            )
            for one in dataclasses.fields(metrics)
        ],
        costs=costs.costs(result),
        drawdowns=drawdowns.deepest(result),
        years=calendar.years_beside(result),
        month_names=calendar.MONTHS,
        months=calendar.months(result),
        fills=fills.newest(result),
        fill_count=len(result.fills),
        reasons=fills.legend(result),
        margin_calls=[str(day.date()) for day in result.margin_calls],
        files=files,
    )


def charts(comparison: Comparison) -> str:
    """Return the charts of a run's page as a JSON text: the benchmarks' lines, and one that the page's script fills.

    All pages of a comparison share it: Bokeh takes longer to write it than everything else on them.
    """
    ways = looks([*comparison.benchmarks, ""], comparison.benchmarks)
    columns = series.of_runs(comparison, comparison.benchmarks)
    figures = one_beside(columns, ways)
    return document.json_text(document.embedded({f"chart-{name}": one for name, one in figures.items()}))


def _line(comparison: Comparison, label: str) -> str:
    """Return the run's own line as a JSON text, which is none on the page of a benchmark."""
    if label in comparison.benchmarks:
        return "null"
    data = series.of_runs(comparison, [label])
    return document.json_text({"label": label, "equity": packed(data["e0"]), "drawdown": packed(data["d0"])})


def _key(comparison: Comparison, label: str) -> list[tuple[str, str]]:
    """Return (label, style of its line) of the runs that are drawn."""
    colors = {INK: "var(--ink)", SOFT: "var(--soft)"}
    ways = looks(dict.fromkeys([*comparison.benchmarks, label]), comparison.benchmarks)
    return [
        (
            one,
            f"stroke:{colors.get(way.color, way.color)};stroke-width:{way.width};stroke-dasharray:{' '.join(map(str, way.dash)) or 'none'}",
        )
        for one, way in ways.items()
    ]
