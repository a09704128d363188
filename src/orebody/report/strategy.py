"""The page of one run in a comparison: its idea, parameters, figures, fills, costs and falls."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orebody.metrics import formatted
from orebody.report.page import render
from orebody.report.sections import calendar, costs, drawdowns, fills
from orebody.report.sections.idea import idea, parameters
from orebody.report.sections.ranking import FIELDS, flags

if TYPE_CHECKING:
    from orebody.comparison import Comparison

__all__ = ["Files", "html"]


@dataclass(frozen=True)
class Files:
    """The names of the files that belong to one run; `tearsheet` is None where none is written, perhaps for a reason."""

    page: str
    fills: str
    tearsheet: str | None
    why_none: str = ""


def html(comparison: Comparison, label: str, files: Files) -> str:
    """Return the page of the run called `label`; it holds no script and fetches nothing."""
    result, metrics = comparison.results[label], comparison.metrics[label]
    metal = comparison.metrics[comparison.benchmarks[0]]
    order = list(comparison.results)
    return render(
        "strategy.html.j2",
        comparison.market,
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
            (FIELDS[one.name]["title"], *(formatted(FIELDS[one.name]["kind"], getattr(which, one.name)) for which in (metrics, metal)))
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
