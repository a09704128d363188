"""One comparison on the sample and its pages, which several files of tests look at."""

from __future__ import annotations

from functools import cache

from html_pages import Page

import orebody as ob
from orebody.report.comparison import index_page, strategy_page
from orebody.report.comparison.strategy_page import Files
from orebody.strategies import DollarCostAverage, RatioRotation, VolatilityTarget

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001, fixed_fee=2.0))
HOSTILE = ("<script>alert(1)</script>", "</script><!--", "=cmd()", "$x$ @{e0} $name", "_x", "equity", "a\"b'&amp;", "\u2028金", "y" * 200)


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2016-01-01")


@cache
def comparison() -> ob.Comparison:
    return ob.compare([DollarCostAverage(), RatioRotation(window=60), VolatilityTarget(inner=RatioRotation(window=60))], sample(), ACCOUNT)


def html_of(made: ob.Comparison) -> str:
    return index_page.html(made, {label: f"strategy-{at}.html" for at, label in enumerate(made.results)}, "orebody compare …")


@cache
def page() -> str:
    return html_of(comparison())


def own_page(made: ob.Comparison, label: str) -> Page:
    return Page(strategy_page.html(made, label, Files("strategy-x.html", "fills-x.csv", None)))


def agrees(cell: str, figure: object) -> None:
    """Whether a cell shows the figure, read back from its text."""
    if figure is None or figure != figure:
        assert cell == "–"
    elif hasattr(figure, "isoformat"):
        assert cell == str(figure)[:10]
    else:
        value = float(cell.removesuffix(" %").replace(",", "")) / (100 if cell.endswith("%") else 1)
        half = 0.5 * 10.0 ** -(len(cell.removesuffix(" %").partition(".")[2])) / (100 if cell.endswith("%") else 1)
        assert abs(value - float(figure)) <= half * 1.000001 + 1e-9 * abs(float(figure)), (cell, figure)  # type: ignore[arg-type]
