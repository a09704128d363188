"""The page of a comparison: the verdict, the ranking, the charts, the tables, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from orebody.report.interactive import document, line_styles, series
from orebody.report.interactive.charts import Sources, charts
from orebody.report.interactive.pictures import pictures
from orebody.report.page import doubts, render, script
from orebody.report.sections import calendar, costs, provenance
from orebody.report.sections.ranking import COLUMNS, FIELDS, ranking
from orebody.report.sections.summary import verdict

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.presentation import Section

__all__ = ["LIBRARY", "html", "verdict"]

LIBRARY = "bokeh.min.js"
"""The file in a report's folder that all its pages draw with."""
FIRST_PICKED = 3
"""How many strategies are drawn in full at first, beside the benchmarks; the others are faint."""


def html(
    comparison: Comparison,
    pages: Mapping[str, str],
    command: str | None,
    research: Sequence[Section] = (),
    left_out: Mapping[str, str] | None = None,
    title: str = "",
) -> str:
    """Return the page, which fetches nothing; the same comparison gives the same bytes.

    Parameters
    ----------
    comparison
        What to show.
    pages
        The file name of each run's own page, by label.
    command
        The command line that reproduces it, to be shown.
    research
        Sections to stand before how it was computed.
    left_out
        Strategies that were not compared, and why.
    title
        The heading of the page; where there is none, the universe is.
    """
    market, subject = comparison.market, f"{comparison.market.universe.name}: miners against metal"
    bars = len(market) - market.opening
    heads, years = calendar.years(comparison.results.values())
    drawn = _charts(comparison, pages) if bars > 1 else {}
    own = [script(document.own_script(name)) for name in ("shared.js", "page.js")]
    shown = pictures(research)
    return render(
        "index.html.j2",
        market,
        title=title.strip() or subject,
        subject=subject if title.strip() else "",
        verdict=verdict(comparison),
        opening=comparison.opening,
        warnings=doubts(market, comparison.account),
        withheld=comparison.withheld,
        pages=pages,
        columns=[FIELDS[name]["heading"] for name in COLUMNS],
        ranking=ranking(comparison),
        drawn=drawn,
        window=series.beta_window(market),
        returns=bars - 1,
        ratio=series.ratio_name(market),
        metal=market.universe.metal,
        heads=heads,
        years=years,
        month_names=calendar.MONTHS,
        months=[(label, calendar.months(result)) for label, result in comparison.results.items()],
        picked=_first(comparison),
        tickers=market.tickers,
        profit=[(label, costs.profit(result)) for label, result in comparison.results.items()],
        research=research,
        left_out=left_out or {},
        settings=[*provenance.settings(comparison, command), *(line for section in research for line in section.settings)],
        scripts=own,
        data={**drawn, **({"pictures": shown} if shown else {})},
        beside=(LIBRARY, document.javascript()) if drawn or shown else None,
    )


def _first(comparison: Comparison) -> int:
    """Return the place of the run that is shown in detail first: the best strategy."""
    return next((i for i, label in enumerate(comparison.results) if label not in comparison.benchmarks), 0)


def _charts(comparison: Comparison, pages: Mapping[str, str]) -> dict[str, str]:
    """Return the page's data as JSON texts by the id of their elements: Bokeh's document, and what the script needs besides."""
    looks = line_styles.looks(comparison.results, comparison.benchmarks)
    faint = [label for label in comparison.results if label not in comparison.benchmarks][FIRST_PICKED:]
    figures = charts(Sources.of(series.columns(comparison)), looks, faint, series.ratio_name(comparison.market))
    trades, reasons = series.fills(comparison)
    runs = [
        {
            "label": label,
            "benchmark": label in comparison.benchmarks,
            "state": "faint" if label in faint else "full",
            "page": pages.get(label),
            **asdict(looks[label]),
        }
        for label in comparison.results
    ]
    rest = {
        "runs": runs,
        "picked": _first(comparison),
        "tickers": comparison.market.tickers,
        "reasons": reasons,
        "fills": {name: document.packed(values) for name, values in trades.items()},
    }
    return {
        "document": document.json_text(document.embedded({f"chart-{name}": one for name, one in figures.items()})),
        "page": document.json_text(rest),
    }
