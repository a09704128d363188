"""docs/tearsheet.md lists what a tearsheet prints and withholds: no figure more, none less, and every row of quantstats' report."""

from __future__ import annotations

import re

import pytest
from whole_tearsheet import Sheet, agrees

import orebody as ob
from orebody.report.tearsheet import charts, document
from orebody.report.tearsheet.omitted import WITHHELD
from orebody.strategies import RatioRotation
from project import DOCS

PAGE = DOCS / "tearsheet.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the docs are not beside the tests")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, its head left out."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert rows, heading
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


@pytest.fixture(scope="module")
def run() -> ob.Result:
    return ob.backtest(RatioRotation(), ob.load_market("gold", source="sample"), ob.Account(cash_rate=0.0))


@pytest.fixture(scope="module")
def sheet(run: ob.Result) -> Sheet:
    return Sheet(document.html(run))


def test_the_docs_list_the_figures_of_the_page_in_its_order(sheet: Sheet) -> None:
    assert [row[0] for row in table("Figures")] == list(sheet.figures())
    assert all(row[1] and row[4] in ("R", "R, Q") for row in table("Figures"))


def test_the_docs_list_the_charts() -> None:
    assert [row[0] for row in table("Charts")] == [title for title, _ in charts.CHARTS]


def test_the_docs_and_the_page_withhold_the_same_for_the_same_reasons() -> None:
    assert [tuple(row) for row in table("Withheld")] == list(WITHHELD)


def quantstats_numbers(run: ob.Result) -> dict[str, float]:
    """quantstats' own number for each row of ours that the docs call equal to it; the cash rate of `run` is 0."""
    stats = pytest.importorskip("quantstats.stats")
    bars, metal = run.returns.iloc[1:], run.benchmark.returns.iloc[1:]
    return {
        "Time-weighted return": stats.comp(bars),
        "Volatility": stats.volatility(bars),
        "Sharpe over the cash rate": stats.sharpe(bars),
        "Sortino": stats.sortino(bars),
        "Probability that Sharpe is above 0": stats.probabilistic_sharpe_ratio(bars),
        "Omega over the cash rate": stats.omega(bars),
        "Maximum drawdown": stats.max_drawdown(bars),
        "Average drawdown": stats.drawdown_details(stats.to_drawdown_series(bars))["max drawdown"].mean() / 100,
        "the same, if normal": stats.value_at_risk(bars),
        "Skew": stats.skew(bars),
        "Excess kurtosis": stats.kurtosis(bars),
        "Tail ratio": stats.tail_ratio(bars),
        "Average day, geometric": stats.expected_return(bars),
        "Best day": stats.best(bars),
        "Worst day": stats.worst(bars),
        "Profit factor": stats.profit_factor(bars),
        "Gain to pain, days": stats.gain_to_pain_ratio(bars),
        "Best month": stats.best(bars, aggregate="ME"),
        "Worst month": stats.worst(bars, aggregate="ME"),
        "Average month that gained": stats.avg_win(bars, aggregate="ME"),
        "Average month that lost": stats.avg_loss(bars, aggregate="ME"),
        "Beta to the metal": stats.greeks(bars, metal, 252)["beta"],
        "R²": stats.r_squared(bars, metal),
    }


@pytest.mark.filterwarnings("ignore")  # quantstats calls deprecated functions of pandas
def test_figures_are_those_of_quantstats_where_the_docs_say_so(run: ob.Result, sheet: Sheet) -> None:
    theirs = quantstats_numbers(run)
    assert set(theirs) == {row[0] for row in table("Figures") if row[4] == "R, Q"}
    for title, number in theirs.items():
        text = sheet.figures()[title][0]
        digits = len(text.removesuffix(" %").partition(".")[2]) + (2 if text.endswith("%") else 0)
        agrees(text, float(number), digits, title)


@pytest.mark.filterwarnings("ignore")
def test_every_row_of_quantstats_is_shown_or_withheld(run: ob.Result) -> None:
    reports = pytest.importorskip("quantstats.reports")
    bars, metal = run.returns.iloc[1:], run.benchmark.returns.iloc[1:]
    full = reports.metrics(bars.copy(), metal.copy(), display=False, mode="full", sep=True, match_dates=False)
    theirs = {name for name in full.index if name} - {"Start Period", "End Period"}
    shown = [row[3] for row in table("Figures")]
    replaced = {name for name in theirs if any(one == name or one.startswith(f"{name} (") for one in shown)}
    assert len(replaced) == len([one for one in shown if one])  # no name in the docs that quantstats does not have
    assert theirs - replaced == {name for name, _ in WITHHELD if not name.endswith(("(chart)", "(calendar years)"))}
    assert len(theirs) == 79
