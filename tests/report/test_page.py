"""The interactive page without a browser: its tables, hostile names, what it may fetch, the same bytes, the size, odd runs."""

from __future__ import annotations

import base64
import csv
import hashlib
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recomputed
from chart_data import block, columns, figures, lines
from comparison_fixture import ACCOUNT, HOSTILE, agrees, comparison, html_of, own_page, page, sample
from html_pages import Page
from small_markets import FREE, Told, market

import orebody as ob
from orebody.report.comparison import index_page
from orebody.report.interactive import document
from orebody.report.sections import calendar, parity, ranking
from orebody.strategies import BuyAndHold, RatioRotation
from orebody.testing import random_market
from project import HELPERS


class TestRanking:
    def test_its_figures_are_those_of_the_table_to_the_printed_digit(self) -> None:
        rows = Page(page()).rows("ranking")
        for row, (label, result) in zip(rows, comparison().results.items(), strict=True):
            figures = recomputed.figures(result)
            assert row[0].startswith(label)
            for name, cell in zip(ranking.COLUMNS, row[1:], strict=True):
                agrees(cell, figures[name])

    def test_each_cell_sorts_by_the_number_it_shows(self) -> None:
        row = ranking.ranking(comparison())[0]
        metrics = comparison().metrics[row.label]
        for name, cell in zip(ranking.COLUMNS, row.cells, strict=True):
            value = getattr(metrics, name)
            expected = (value - pd.Timestamp("1970-01-01")).days if isinstance(value, pd.Timestamp) else value
            assert float(cell.number or "nan") == expected, name
        assert ranking.sortable(math.nan) is ranking.sortable(pd.NaT) is ranking.sortable(None) is None

    def test_it_has_every_column_asked_of_it(self) -> None:
        found = Page(page()).tables["ranking"][0]
        expected = "Strategy|Final equity|XIRR|Sharpe|Max drawdown|Peak|Trough|Under water|Profit|CAGR|Volatility|Sortino|Calmar|Exposure"
        assert [cell.strip() for cell in found] == [*expected.split("|"), "Dry powder", "Turnover/yr", "Costs"]

    def test_benchmarks_are_marked(self) -> None:
        marked = {row.label for row in ranking.ranking(comparison()) if "benchmark" in row.flags and row.benchmark}
        assert marked == {"metal: SIM-GOLD", "miners: SIM-MINERS"}


class TestTables:
    def test_years_and_months_against_a_plain_loop(self) -> None:
        found = Page(page())
        for at, (label, result) in enumerate(comparison().results.items()):
            days, returns = recomputed.days_of(result), recomputed.returns_of(result)
            years, months = (recomputed.compounded(days, returns, slice(width)) for width in (4, 7))
            row = next(row for row in found.rows("years") if row[0] == label)
            assert row[1:] == [one_decimal(value) for value in years.values()]
            table = {cells[0][:4]: cells for cells in found.rows(f"months-{at}")}
            assert list(table) == list(years)
            shown = {f"{year}-{month:02}": cells[month] for year, cells in table.items() for month in range(1, 13) if cells[month]}
            begun = f"{days[0]:%Y-%m}"  # the only part month: the sample ends with a month
            assert shown == {month: one_decimal(value) + ("*" if month == begun else "") for month, value in months.items()}
            assert [cells[13] for cells in table.values()] == [one_decimal(value) for value in years.values()]

    def test_a_part_year_says_so(self) -> None:
        assert "2016 (part)" in Page(page()).tables["years"][0][1]
        assert "part" not in Page(page()).tables["years"][0][2]

    def test_colours_follow_the_sign_and_the_size(self) -> None:
        assert [calendar._shaded(value, 0.12) for value in (0.2, 0.029, -0.05, -0.0004)] == [
            ("20.0", "gain4"),
            ("2.9", "gain1"),
            ("-5.0", "loss2"),
            ("0.0", ""),
        ]

    def test_how_it_was_computed(self) -> None:
        found = Page(page())
        rows = dict([*found.tables["settings"][:1], *found.rows("settings")])  # type: ignore[arg-type]
        assert "run again by the compiled engine" in rows["Engine parity"]
        assert float(re.search(r"at most (\S+) of", rows["Engine parity"])[1]) < 1e-9  # type: ignore[index]
        assert "bokeh" in rows["Versions"]
        assert rows["Command"] == "orebody compare …"

    def test_engines_that_disagree_are_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        poorer = ob.backtest(RatioRotation(window=60), comparison().market, ob.Account(cash=99_000, contribution=1_000))
        monkeypatch.setattr(parity, "backtest", lambda *_, **__: poorer)
        assert "THE ENGINES DISAGREE" in parity.parity(comparison())

    def test_one_run_by_the_compiled_engine_is_held_to_the_other(self) -> None:
        compiled = ob.compare([RatioRotation(window=60)], sample(), ACCOUNT, engine="compiled")
        assert "the strategy run again by the backtrader engine" in parity.parity(compiled)


def one_decimal(value: float) -> str:
    return f"{100 * value:.1f}".replace("-0.0", "0.0")


@cache
def hostile() -> ob.Comparison:
    universe = ob.Universe("<i>u</i>", "SIM-GOLD", ("SIM-MINERS",))
    frames = {
        ticker: pd.DataFrame({name: getattr(sample(), name.lower())[:, at] for name in ("Open", "High", "Low", "Close")}, sample().dates)
        for at, ticker in enumerate(universe.tickers)
    }
    prices = ob.Market.from_frames(frames, universe=universe, source="<b>prices</b>", notes=(("<u>note</u>", "</table>"),))
    return ob.compare({name: BuyAndHold(split={"metal": at / 10}) if at else RatioRotation(60) for at, name in enumerate(HOSTILE)}, prices)


class TestHostile:
    def test_names_are_text(self) -> None:
        made, text = hostile(), html_of(hostile())
        found = Page(text)
        assert {row[0] for row in found.rows("ranking")} >= {" ".join(name.split()) for name in HOSTILE}
        assert not {"i", "u", "img"} & set(found.tags)
        assert found.tags.count("script") == 5  # Bokeh's document, the page's data, Bokeh, what pages share, the page's own
        assert not [address for address in found.addresses if address.startswith("event")]
        assert [run["label"] for run in block(text, "page")["runs"]] == list(made.results)
        assert [label for label, _, _ in lines(figures(text)["equity"])] == list(made.results)
        for label in made.results:
            own = own_page(made, label)
            assert own.tags.count("script") == 5  # as on the index, and none of a name's making
            assert not {"i", "u", "img"} & set(own.tags)
            assert " ".join(label.split()) in own.words

    def test_no_name_can_end_a_script(self) -> None:
        hostile = {"</script>": ["<!--", "&", "\u2028\u2029"]}
        text = document.json_text(hostile)
        assert not set(text) & set("<>&\u2028\u2029")
        assert block(f'<script type="application/json" id="x">{text}</script>', "x") == hostile

    def test_formulas_are_inert_in_files(self, tmp_path: Path) -> None:
        hostile().report(tmp_path / "report", tearsheets=False)
        with (tmp_path / "report" / "ranking.csv").open(encoding="utf-8", newline="") as stream:
            names = {row["strategy"] for row in csv.DictReader(stream)}
        assert "'=cmd()" in names
        assert not [name for name in names if name.startswith(("=", "+", "-", "@"))]


class TestPolicy:
    def test_only_the_scripts_that_were_written_may_run_and_nothing_is_fetched(self) -> None:
        text = page()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy is not None
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy[1].replace("&#39;", "'").split(";"))
        assert rules["default-src"] == "'none'"
        assert "connect-src" not in rules  # falls back on none
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        named = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts]
        assert len(named) == 2
        beside = base64.b64encode(hashlib.sha256(document.javascript().encode()).digest()).decode()
        assert rules["script-src"].split() == [f"'nonce-{beside}'", *named]
        assert re.findall(r"<script src=[^>]*>", text) == [f'<script src="bokeh.min.js" nonce="{beside}">']
        assert "unsafe-eval" not in policy[1]

    def test_bokeh_comes_out_of_the_package(self) -> None:
        import bokeh

        assert f'"{bokeh.__version__}"' in document.javascript()
        assert not list(Path(index_page.__file__).parent.rglob("bokeh*.js"))


class TestBytes:
    def test_the_same_comparison_gives_the_same_page_in_this_process_and_another(self, tmp_path: Path) -> None:
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import hashlib, comparison_fixture; "
            "print(hashlib.sha256(comparison_fixture.page().encode()).hexdigest())"
        )
        done = subprocess.run([sys.executable, "-c", code, str(HELPERS)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == hashlib.sha256(page().encode()).hexdigest()
        assert html_of(comparison()) == page()  # though Bokeh has counted on

    def test_fourteen_strategies_over_twenty_years_stay_below_five_megabytes(self) -> None:
        prices = random_market(1, bars=5_040, start="2005-01-03")
        strategies = {f"window {60 + at}": RatioRotation(window=60 + at) for at in range(14)}
        many = ob.compare(strategies, prices, ACCOUNT, engine="compiled", check_lookahead=False)
        text = html_of(many)
        assert len(text.encode()) < 5_000_000
        assert len(columns(text)["e15"]) == 5_040 - 72  # nothing is thinned out: the slowest needs 73 bars


class TestOddRuns:
    def test_an_account_that_opens_on_the_last_bar(self) -> None:
        made = ob.compare([BuyAndHold()], sample().opened(len(sample()) - 1))
        found = Page(html_of(made))
        assert "nothing has happened yet" in found.words
        assert "years" not in found.tables
        assert "chart" not in found.tables
        assert found.rows("ranking")[0][1] == "100,000"
        own = own_page(made, "buy-and-hold")
        assert "no period has passed" in own.words
        assert "1 bar." in own.words

    def test_two_bars(self) -> None:
        made = ob.compare([BuyAndHold()], sample().opened(len(sample()) - 2))
        assert len(columns(html_of(made))["e0"]) == 2

    def test_ruin(self) -> None:
        days = pd.bdate_range("2020-01-01", periods=400)
        prices = np.full((400, 2), 10.0)
        prices[300:, 1] = 40.0
        weights = np.full((400, 2), np.nan)
        weights[0] = [0.0, -1.0]
        made = ob.compare(
            {"short": Told(ob.Decisions(weights=weights))},
            market(days, prices),
            ob.Account(cash=1_000, contribution=10),
            check_lookahead=False,
        )
        assert made.results["short"].ruined == days[300]
        text = html_of(made)
        at = list(made.results).index("short")
        assert "RUINED on 2021-02-24" in Page(text).rows("ranking")[at][0]
        data = columns(text)
        assert data[f"p{at}"][-1] == made.results["short"].flows.sum() + 1_000  # nothing is put in after ruin
        assert data[f"p{at}"][-1] < data[f"p{1 - min(at, 1)}"][-1]
        assert np.isnan(data[f"m{at}"][-1])
        assert "RUINED on 2021-02-24" in own_page(made, "short").words

    def test_one_that_never_trades(self) -> None:
        made = ob.compare({"idle": Told(ob.Decisions())}, sample(), ob.Account(contribution=10, costs=FREE), check_lookahead=False)
        assert "never traded" in next(row[0] for row in Page(html_of(made)).rows("ranking") if row[0].startswith("idle"))
        assert "It fell by at most 0.00 %" in index_page.verdict(made)
        assert "It never traded: all money stayed cash." in own_page(made, "idle").words

    def test_no_strategy_at_all(self) -> None:
        made = ob.compare({}, sample())
        assert len(Page(html_of(made)).rows("ranking")) == 2
        assert parity.parity(made) == "not compared: no strategy was run"

    def test_forty(self) -> None:
        made = ob.compare(
            {f"s{at}": BuyAndHold(split={"metal": (at + 1) / 40}) for at in range(40)}, sample().opened("2025-01-02"), check_lookahead=False
        )
        assert len(lines(figures(html_of(made))["equity"])) == 42
