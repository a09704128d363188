"""The tearsheet: every figure on it a second time, on simulated and real prices, by day, week and month; and what the page keeps to."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from real_data import FOLDER, needs_real_prices
from small_markets import FREE
from whole_tearsheet import Sheet, every_figure, every_sentence, every_table, resampled

import orebody as ob
from orebody.report.page import definitions
from orebody.report.tearsheet import charts, document, omitted
from orebody.strategies import BuyAndHold, DollarCostAverage, DryPowderAveraging

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
FIXED = [
    *(title for title, _ in charts.CHARTS),
    *(text for pair in omitted.WITHHELD for text in pair),
    "W is the growth of 1, time-weighted",
    *(text for _, title, definition in definitions() for text in (title, definition)),
]
"""Texts that stand outside the tables of every page."""


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample")


@cache
def funds() -> ob.Market:
    return ob.load_market("gold", source=FOLDER, start="2006-05-22", end="2026-05-01")


@cache
def result(name: str) -> ob.Result:
    strategies: dict[str, ob.Strategy] = {"hold": BuyAndHold(), "average": DollarCostAverage()}
    if name in strategies:
        return ob.backtest(strategies[name], sample(), ACCOUNT, label=name)
    daily = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001), cash_rate=0.017)
    whence, unit = name.split()
    market, account = (sample(), ACCOUNT) if whence == "sample" else (funds(), daily)
    if unit == "days":
        return ob.backtest(DryPowderAveraging(), market, account)
    bars, rule = {"weeks": (52, "W-FRI"), "months": (12, "M")}[unit]
    return ob.backtest(DryPowderAveraging(lookback=bars), resampled(market, rule), account)


@cache
def html(name: str) -> str:
    return document.html(result(name))


@cache
def sheet(name: str) -> Sheet:
    return Sheet(html(name))


def again(found: Sheet, run: ob.Result) -> None:
    every_figure(found, run)
    every_table(found, run)
    every_sentence(found, run, FIXED)


@pytest.mark.parametrize("name", ["average", "sample weeks", "sample months"])
def test_every_printed_figure_again(name: str) -> None:
    again(sheet(name), result(name))


@needs_real_prices
@pytest.mark.parametrize("name", ["real days", "real weeks", "real months"])
def test_every_printed_figure_again_on_gold_and_its_miners(name: str) -> None:
    """The metal as benchmark, dry powder waiting for worse days, and a drawdown that is open on the last bar."""
    again(sheet(name), result(name))
    assert "It ends in a drawdown" in sheet(name).words
    assert [row[2] for row in sheet(name).rows("drawdowns")].count("open") == 1


def test_a_figure_that_nothing_recomputes_fails() -> None:
    def broken(old: str, new: str, check: Callable[[Sheet], None]) -> None:
        assert html("average").count(old) >= 1
        with pytest.raises((AssertionError, KeyError, ValueError)):
            check(Sheet(html("average").replace(old, new, 1)))

    run = result("average")
    title = '<tr><th scope="row"><a class="what" href="#def-cagr">CAGR</a></th>'
    broken(title, f'<tr><th scope="row">New ratio</th><td>1.00</td><td>1.00</td></tr>{title}', lambda found: every_figure(found, run))
    for row in ("Omega over the cash rate", "Fills", "Best whole year", "Treynor ratio", "Profit"):
        one = sheet("average").figures()[row][0]
        off = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), one)
        end = "</a></th>" if f"{row}</a></th>" in html("average") else "</th>"
        broken(f"{row}{end}<td>{one}", f"{row}{end}<td>{off}", lambda found: every_figure(found, run))
    for table in ("years", "months", "drawdowns"):
        one = next(cell for cell in reversed(sheet("average").rows(table)[-1]) if cell)
        at = html("average").index(f'id="{table}"')
        place = html("average").rindex(f"<td>{one}</td>", at, html("average").index("</table>", at))
        page = f"{html('average')[:place]}<td>9{html('average')[place + 4 :]}"
        with pytest.raises((AssertionError, ValueError)):
            every_table(Sheet(page), run)
    broken("</header>", "<p>It made 12.34 % more.</p></header>", lambda found: every_sentence(found, run, FIXED))
    broken("bars, annualised by 252", "bars, annualised by 253", lambda found: every_sentence(found, run, FIXED))


def test_bars_are_called_what_they_are() -> None:
    by_week, by_month = (set(sheet(f"sample {unit}").figures()) for unit in ("weeks", "months"))
    assert {"Best week", "Average week", "5 % value at risk, a week"} <= by_week
    assert {"Best bar", "Best month", "5 % value at risk, a bar"} <= by_month
    for names in (by_week, by_month):
        assert not [
            name for name in names if "day" in name.lower() and name not in ("Longest time under water, days", "Average drawdown, days")
        ]


def test_what_the_page_withholds_is_listed_and_not_shown() -> None:
    found = sheet("average")
    for name, reason in omitted.WITHHELD:
        assert f"{name} : {reason}." in found.words
        assert name not in found.figures()


def test_the_sample_is_marked_as_simulated_and_real_names_are_not() -> None:
    assert "SIMULATED" in html("average").split("<body>")[0]
    assert sheet("average").words.count("SIMULATED") >= 2
    assert not re.search(r"\b(GLD|GDX|GDXJ)\b", sheet("average").words)


def test_the_page_reaches_nothing_outside_and_runs_nothing() -> None:
    for name in ("average", "sample weeks"):
        found = sheet(name)
        assert all(address.startswith(("data:", "#")) for address in found.addresses), [a[:60] for a in found.addresses]
        assert "script" not in found.tags
        for address in found.addresses:
            if address.startswith("data:image/svg"):
                svg = base64.b64decode(address.partition(",")[2]).decode()
                assert not re.search(r'(?:href|src)="(?!#)|@import|url\((?!#)|<script', svg)
                assert "2026-" not in svg.partition("<defs>")[0]  # no date of drawing
        assert "default-src 'none'" in html(name)
        assert "@import" not in html(name)
        assert "url(" not in html(name)


def test_the_same_run_gives_the_same_bytes_in_another_process_where_everything_stays_as_it_was(tmp_path: Path) -> None:
    code = """
import matplotlib as mpl
mpl.use("Agg")
mpl.rcParams.update({"axes.grid": False, "font.size": 30, "lines.linewidth": 9, "savefig.bbox": "tight", "svg.fonttype": "path"})
import matplotlib.pyplot as plt
mine, before = plt.figure(), dict(mpl.rcParams)
import orebody as ob
from orebody.strategies import DollarCostAverage
account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
ob.backtest(DollarCostAverage(), ob.load_market("gold", source="sample"), account, label="average").tearsheet("t.html")
assert dict(mpl.rcParams) == before
assert plt.get_fignums() == [mine.number]
"""
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")  # nothing is said on the terminal
    assert (tmp_path / "t.html").read_text(encoding="utf-8") == html("average") == document.html(result("average"))


def test_a_report_imports_quantstats_in_its_workers_only(tmp_path: Path) -> None:
    code = (
        "import sys, orebody as ob; from orebody.strategies import BuyAndHold as S; from orebody.testing import random_market;"
        "comparison = ob.compare({'half': S(split={'metal': 0.5})}, random_market(1, bars=60));"
        "comparison.report('report');"
        "print([name for name in ('quantstats', 'seaborn', 'matplotlib.pyplot') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert any("Key performance figures" in path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html"))


class TestWriting:
    def test_an_earlier_file_stays_when_the_page_cannot_be_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "t.html"
        monkeypatch.setattr(document, "html", lambda result: "earlier")
        result("hold").tearsheet(path)
        monkeypatch.setattr(document, "html", lambda result: "new \ud800")  # a lone surrogate cannot be encoded
        with pytest.raises(UnicodeEncodeError):
            result("hold").tearsheet(path)
        assert path.read_text() == "earlier"
        assert sorted(one.name for one in tmp_path.iterdir()) == [".orebody.sha256", "t.html"]

    def test_a_folder_that_is_not_there_is_said_in_a_sentence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(document, "html", lambda result: "page")
        with pytest.raises(ob.OrebodyError, match="cannot write .*nowhere"):
            result("hold").tearsheet(tmp_path / "nowhere" / "t.html")
        with pytest.raises(ob.OrebodyError, match="it is a folder"):
            result("hold").tearsheet(tmp_path)


@needs_real_prices
def test_the_published_drawdown_and_years_of_gdx_stand_on_the_page() -> None:
    prices = ob.load_market(ob.Universe("gold", metal="GDX", miners=("GLD",)), source=FOLDER, start="2006-05-22", end="2026-05-01")
    found = Sheet(document.html(ob.backtest(BuyAndHold(), prices, ob.Account(costs=FREE))))
    rows = found.figures()
    assert rows["Maximum drawdown"][0] == "-80.57 %"
    assert (rows["from its peak on"][0], rows["to its trough on"][0]) == ("2011-09-08", "2016-01-19")
    years = {row[0]: row[1] for row in found.rows("years")}
    assert years["2013"] == "-54.02 %"
    assert years["2025"] == "154.77 %"
    assert (min(years), max(years), len(years)) == ("2006 (part)", "2026 (part)", 21)
