"""The tearsheet: every number on it a second time, every chart's data a second time, and the inputs that break quantstats."""

from __future__ import annotations

import base64
import math
import re
import subprocess
import sys
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

import orebody as ob
import recomputed
from markets import FREE
from orebody.report import tearsheet, tearsheet_charts
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from pages import Page
from realdata import FOLDER, needs_real_prices

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
TITLES = {
    "Final equity": "final_equity",
    "Money put in": "contributed",
    "of which contributions": "contributions",
    "Profit": "profit",
    "of which interest": "interest",
    "less borrow paid": "borrow",
    "Time-weighted return": "total_return",
    "CAGR": "cagr",
    "XIRR (money-weighted)": "xirr",
    "Volatility": "volatility",
    "Sharpe over the cash rate": "sharpe",
    "Sortino": "sortino",
    "Calmar": "calmar",
    "Expected shortfall, worst 5 % of bars": "expected_shortfall",
    "Maximum drawdown": "max_drawdown",
    "from its peak on": "drawdown_peak",
    "to its trough on": "drawdown_trough",
    "recovered on": "drawdown_recovery",
    "Longest time under water, days": "longest_under_water",
    "Time under water": "time_under_water",
    "Exposure, average": "exposure",
    "Dry powder, average": "dry_powder",
    "Turnover a year": "turnover",
    "Commission paid": "commission",
    "Slippage paid": "slippage",
    "Costs paid": "costs",
    "Fills": "trades",
    "Beta to the metal": "beta",
    "Up-capture of the metal": "up_capture",
    "Down-capture of the metal": "down_capture",
    "Information ratio to the metal": "information_ratio",
}
MONEY = {"final_equity", "contributed", "contributions", "profit", "interest", "borrow", "commission", "slippage", "costs"}
PERCENT = {"total_return", "cagr", "xirr", "volatility", "expected_shortfall", "max_drawdown", "time_under_water", "exposure"} | {
    "dry_powder",
    "turnover",
    "up_capture",
    "down_capture",
}
COUNTS = {"longest_under_water", "trades"}


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample")


@cache
def result(name: str) -> ob.Result:
    strategy = {"hold": BuyAndHold(), "average": DollarCostAverage(), "rotate": RatioRotation()}[name]
    return ob.backtest(strategy, sample(), ACCOUNT, label=name)


@cache
def page(name: str) -> Page:
    return Page(tearsheet.html(result(name)))


def shown(text: str) -> float | str | None:
    """A cell's number in plain units, its date, or None for the dash."""
    if text == "–":
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    number = float(text.replace(",", "").removesuffix(" %"))
    return number / 100 if text.endswith(" %") else number


def agrees(text: str, figure: object, digits: int) -> None:
    """The text is the figure to its last digit (an exact half may go either way)."""
    value = shown(text)
    if value is None or isinstance(value, str):
        assert recomputed.same(value if value is None else date.fromisoformat(value), figure), (text, figure)
    else:
        assert isinstance(figure, int | float)
        assert abs(value - figure) <= 0.5000001 * 10**-digits, (text, figure)


@pytest.mark.parametrize("name", ["hold", "average", "rotate"])
def test_every_figure_again(name: str) -> None:
    rows = {row[0]: row[1:] for row in page(name).rows("figures")}
    mine, metal = recomputed.figures(result(name)), recomputed.figures(result(name).benchmark)
    for title, field in TITLES.items():
        digits = 4 if field in PERCENT else 0 if field in COUNTS else 2
        one, two = rows.pop(title)
        agrees(one, mine[field], digits)
        if field in ("beta", "up_capture", "down_capture", "information_ratio"):
            assert two == "–", title
        else:
            agrees(two, metal[field], digits)
    # and the rows beside Metrics: extremes, shape, trailing periods
    for column, run_ in enumerate((result(name), result(name).benchmark)):
        days, returns = recomputed.days_of(run_), recomputed.returns_of(run_)
        months = list(recomputed.compounded(days, returns, slice(7)).values())
        expected: dict[str, tuple[float, int]] = {
            "Best bar": (max(returns), 4),
            "Worst bar": (min(returns), 4),
            "Best month": (max(months), 4),
            "Worst month": (min(months), 4),
            "Months that gained": (sum(one > 0 for one in months) / len(months), 4),
            "Skew of the bars": (skew(returns), 2),
            "Excess kurtosis of the bars": (kurtosis(returns), 2),
        }
        for title, months_back in {"3 months": 3, "6 months": 6, "1 year": 12, "3 years, a year": 36, "5 years, a year": 60}.items():
            expected[f"Last {title}"] = (trailing(days, returns, months_back), 4)
        expected["Last 10 years, a year"] = (trailing(days, returns, 120), 4)
        for title, (figure, digits) in expected.items():
            agrees(rows[title][column], figure, digits)
        assert set(rows) == set(expected)


def skew(values: list[float]) -> float:
    n, mean, spread = len(values), fmean(values), stdev(values)
    return n / ((n - 1) * (n - 2)) * sum(((one - mean) / spread) ** 3 for one in values)


def kurtosis(values: list[float]) -> float:
    n, mean = len(values), fmean(values)
    spread = stdev(values, mean)
    fourth = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * sum(((one - mean) / spread) ** 4 for one in values)
    return fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def trailing(days: list[date], returns: list[float], months: int) -> float:
    last = days[-1]
    year, month = divmod(last.year * 12 + last.month - 1 - months, 12)
    since = _clipped(year, month + 1, last.day)
    grown = math.prod(1 + one for day, one in zip(days[1:], returns, strict=True) if day > since)
    return grown ** (12 / months) - 1 if months > 12 else grown - 1


def _clipped(year: int, month: int, day: int) -> date:
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


@pytest.mark.parametrize("name", ["average", "rotate"])
def test_the_tables_of_years_months_and_drawdowns_again(name: str) -> None:
    run_ = result(name)
    days, mine, metal = recomputed.days_of(run_), recomputed.returns_of(run_), recomputed.returns_of(run_.benchmark)
    years, yardstick = (recomputed.compounded(days, series, slice(4)) for series in (mine, metal))
    rows = page(name).rows("years")
    assert [row[0].split()[0] for row in rows] == list(years)
    for label, one, two, ahead in rows:
        year = label.split()[0]
        agrees(one, years[year], 4)
        agrees(two, yardstick[year], 4)
        assert float(ahead) == pytest.approx(100 * (years[year] - yardstick[year]), abs=0.0051)
    months = recomputed.compounded(days, mine, slice(7))
    for year, *cells, whole in page(name).rows("months"):
        for month, cell in enumerate(cells, start=1):
            known = months.get(f"{year}-{month:02}")
            assert (cell == "") == (known is None)
            if known is not None:
                assert float(cell) == pytest.approx(100 * known, abs=0.051)
        agrees(whole, years[year], 4)
    falls = recomputed.falls(days, mine)[:10]
    for (peak, trough, recovery, depth, length), fall in zip(page(name).rows("drawdowns"), falls, strict=True):
        assert [peak, trough] == [str(fall[0]), str(fall[1])]
        assert recovery == (str(fall[2]) if fall[2] else "open")
        agrees(depth, fall[3], 4)
        assert int(length.replace(",", "")) == fall[4]


@cache
def lines() -> dict[str, list[np.ndarray]]:
    """The data of every line of every chart."""
    run_ = result("average")
    series = tearsheet_charts.Series(run_.returns.rename("mine"), run_.benchmark.returns.rename("metal"), 252.0, 0.02)
    found = {}
    with tearsheet_charts._quiet():
        for title, draw in tearsheet_charts.CHARTS:
            figure = draw(series)
            assert not isinstance(figure, str)
            found[title] = [np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[0].get_lines()]
    return found


class TestCharts:
    """What quantstats' pictures show once their axes are right."""

    def wealth(self, run_: ob.Result) -> np.ndarray:
        return np.array([1.0, *np.cumprod(1 + np.array(recomputed.returns_of(run_)))])

    def has(self, lines: list[np.ndarray], expected: np.ndarray) -> None:
        assert any(len(line) == len(expected) and np.allclose(line, expected, rtol=1e-9, atol=1e-12, equal_nan=True) for line in lines)

    def test_growth(self) -> None:
        for run_ in (result("average"), result("average").benchmark):
            self.has(lines()["Cumulative return, time-weighted"], self.wealth(run_) - 1)
            self.has(lines()["Growth of 1, logarithmic scale"], self.wealth(run_))

    def test_drawdown(self) -> None:
        wealth = self.wealth(result("average"))
        self.has(lines()["Drawdown"], wealth / np.maximum.accumulate(wealth) - 1)

    def test_rolling(self) -> None:
        mine, metal = (np.array(recomputed.returns_of(run_)) for run_ in (result("average"), result("average").benchmark))
        first = 126
        windows = [slice(end - first, end) for end in range(first, len(mine) + 1)]
        volatility = np.array([stdev(mine[window].tolist()) for window in windows[::250]]) * math.sqrt(252)
        daily = 1.02 ** (1 / 252) - 1
        sharpe = np.array([(fmean(part) - daily) / stdev(part) for part in (mine[window].tolist() for window in windows[::250])])
        beta = np.array([recomputed.slope(mine[window].tolist(), metal[window].tolist()) for window in windows[::250]])
        for title, expected in (
            ("Rolling volatility, 6 months", volatility),
            ("Rolling Sharpe ratio over the cash rate, 6 months", sharpe * math.sqrt(252)),
            ("Rolling beta to the metal", beta),
        ):
            line = lines()[title][0]
            known = line[np.isfinite(line)]
            np.testing.assert_allclose(known[-len(windows) :][::250], expected, rtol=1e-6, atol=1e-9, err_msg=title)
            assert len(known) == len(windows), title  # nothing before the first full window

    def test_months(self) -> None:
        run_ = result("average")
        series = tearsheet_charts.Series(run_.returns.rename("mine"), run_.benchmark.returns.rename("metal"), 252.0, 0.02)
        with tearsheet_charts._quiet():
            figure = tearsheet_charts._months(series)
        assert not isinstance(figure, str)
        axes = figure.axes[0]
        assert axes.get_ylabel() == "Share of months"
        for one in (run_, run_.benchmark):
            months = list(recomputed.compounded(recomputed.days_of(one), recomputed.returns_of(one), slice(7)).values())
            matches = 0
            for bars in axes.containers:
                edges = [*(bar.get_x() for bar in bars), bars[-1].get_x() + bars[-1].get_width()]
                counts = np.histogram(months, edges)[0]
                labels = [axes.yaxis.get_major_formatter()(bar.get_height(), 0) for bar in bars]
                matches += labels == [f"{100 * count / len(months):.0f}%" for count in counts]
            assert matches == 1

    def test_the_mean_line_of_the_rolling_beta_is_the_mean_of_full_windows(self) -> None:
        first, _, mean = lines()["Rolling beta to the metal"][:3]
        assert mean[0] == pytest.approx(np.nanmean(first))


def test_what_the_page_withholds_is_listed_and_not_shown() -> None:
    words = page("rotate").words
    titles = {row[0] for row in page("rotate").rows("figures")}
    for name in ("Smart Sharpe", "Kelly Criterion", "Risk of Ruin", "Serenity Index", "Time in Market", "Recovery Factor", "Treynor Ratio"):
        assert name in words
        assert name not in titles
    assert "Withheld, and why" in words


def test_the_sample_is_marked_as_simulated_and_real_names_are_not() -> None:
    html = tearsheet.html(result("hold"))
    assert "SIMULATED" in html.split("<body>")[0]
    assert page("hold").words.count("SIMULATED") >= 2
    assert not re.search(r"\b(GLD|GDX|GDXJ)\b", page("hold").words)


def test_the_page_reaches_nothing_outside_and_runs_nothing() -> None:
    for name in ("hold", "rotate"):
        found = page(name)
        assert all(address.startswith("data:") for address in found.addresses), [a[:60] for a in found.addresses]
        assert "script" not in found.tags
        for address in found.addresses:
            if address.startswith("data:image/svg"):
                svg = base64.b64decode(address.partition(",")[2]).decode()
                assert not re.search(r'(?:href|src)="(?!#)|@import|url\((?!#)|<script', svg)
                assert "2026-" not in svg.partition("<defs>")[0]  # no date of drawing
        html = tearsheet.html(result(name))
        assert "@import" not in html
        assert "url(" not in html


def test_the_same_run_gives_the_same_bytes() -> None:
    assert tearsheet.html(result("average")) == tearsheet.html(result("average"))


def test_markup_in_a_title_is_text() -> None:
    evil = '<script>alert(1)</script> & "x" $\\frac{1}{0}$'
    found = Page(tearsheet.html(ob.backtest(BuyAndHold(), sample(), label=evil)))
    assert "script" not in found.tags
    assert evil.split("$")[0].strip() in found.words


def test_nothing_is_said_on_the_terminal(tmp_path: Path) -> None:
    code = (
        "import orebody as ob; from orebody.strategies import DollarCostAverage as S;"
        "ob.backtest(S(), ob.load_market('gold', source='sample')).tearsheet('t.html')"
    )
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "t.html").stat().st_size > 100_000


def test_the_callers_settings_of_matplotlib_stay() -> None:
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams);"
        "import orebody as ob; from orebody.strategies import BuyAndHold as S; from orebody.report import tearsheet;"
        "tearsheet.html(ob.backtest(S(), ob.load_market('gold', source='sample')));"
        "after = dict(mpl.rcParams); assert {k for k in before if before[k] != after[k]} <= {'backend'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class TestWriting:
    def test_an_earlier_file_stays_when_the_page_cannot_be_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "t.html"
        path.write_text("earlier")
        monkeypatch.setattr(tearsheet, "html", lambda result: "new \ud800")  # a lone surrogate cannot be encoded
        with pytest.raises(UnicodeEncodeError):
            result("hold").tearsheet(path)
        assert path.read_text() == "earlier"
        assert [one.name for one in tmp_path.iterdir()] == ["t.html"]

    def test_a_folder_that_is_not_there_is_said_in_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(ob.OrebodyError, match="cannot write .*nowhere"):
            result("hold").tearsheet(tmp_path / "nowhere" / "t.html")
        with pytest.raises(ob.OrebodyError, match="it is a folder"):
            result("hold").tearsheet(tmp_path)


@needs_real_prices
def test_the_published_drawdown_of_gdx_stands_on_the_page() -> None:
    prices = ob.load_market(ob.Universe("gold", metal="GDX", miners=("GLD",)), source=FOLDER, start="2006-05-22", end="2026-05-01")
    found = Page(tearsheet.html(ob.backtest(BuyAndHold(), prices, ob.Account(costs=FREE))))
    rows = {row[0]: row[1] for row in found.rows("figures")}
    assert rows["Maximum drawdown"] == "-80.57 %"
    assert (rows["from its peak on"], rows["to its trough on"]) == ("2011-09-08", "2016-01-19")
    years = {row[0]: row[1] for row in found.rows("years")}
    assert years["2013"] == "-54.02 %"
    assert years["2025"] == "154.77 %"
    assert all(int(one.split()[0]) < int(two.split()[0]) for one, two in pairwise(years))
