"""The tearsheet of one run: quantstats' charts made right, our own figures, the metal with the same cash flows beside it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from orebody.files import write_text
from orebody.metrics import excess_returns
from orebody.report import tearsheet_charts, tearsheet_rows
from orebody.report.page import account_settings, market_settings, plain, render, versions

if TYPE_CHECKING:
    from orebody.result import Result

__all__ = ["html", "write"]


def write(result: Result, path: Path) -> Path:
    """Write the tearsheet of `result` as one HTML file that fetches nothing, and return its path.

    Raises
    ------
    OutputError
        When it cannot be written there; an earlier file stays as it was.
    """
    return write_text(path, html(result))


def html(result: Result) -> str:
    """Return the page; the same run gives the same bytes."""
    market, benchmark = result.market, result.benchmark
    metal = f"{market.universe.metal}, same cash flows"
    series = tearsheet_charts.Series(
        strategy=result.returns.rename(_chart_name(result.label, metal)),
        metal=benchmark.returns.rename(metal),
        periods_per_year=market.periods_per_year,
        cash_rate=_steady_cash_rate(result),
    )
    return render(
        "tearsheet.html.j2",
        title=result.label,
        simulated=market.simulated,
        description=result.description,
        ruined=result.ruined.date() if result.ruined is not None else None,
        metal=metal,
        charts=tearsheet_charts.draw_all(series),
        figures=tearsheet_rows.figures(result),
        years=tearsheet_rows.years(result),
        months=tearsheet_rows.months(result),
        drawdowns=tearsheet_rows.worst_drawdowns(result),
        withheld=tearsheet_rows.WITHHELD,
        settings=[
            *market_settings(market),
            *account_settings(result.account, market),
            ("Look-ahead", result.checked),
            ("Engine", result.engine),
            ("Versions", versions()),
        ],
    )


def _chart_name(label: str, metal: str) -> str:
    """Return what the charts call the strategy: quantstats needs two names that differ."""
    name = label if len(label) <= 40 else f"{label[:39]}…"
    return plain(f"{name} (strategy)" if name == metal else name)


def _steady_cash_rate(result: Result) -> float:
    """Return the one annual rate that quantstats takes, from what cash earned on average a bar; it ignores negative ones."""
    earned = result.returns.to_numpy()[1:] - excess_returns(result)
    a_bar = float(np.mean(earned)) if len(earned) else 0.0
    return max(0.0, math.pow(1.0 + a_bar, result.market.periods_per_year) - 1.0)
