"""The interactive page and the page of each run, without a browser: figures, structure, hostile names, the same bytes, the size."""

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

import orebody as ob
import recomputed
from charts_of import block, columns, figures, lines, unpacked
from markets import FREE, Told, market
from orebody.metrics.relative import rolling_beta
from orebody.report import folder as report_folder
from orebody.report import index, strategy
from orebody.report.interactive import document, look, series
from orebody.report.sections import calendar, fills, parity, ranking
from orebody.report.strategy import Files
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation, VolatilityTarget
from orebody.testing import random_market
from pages import Page

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001, fixed=2.0))
HOSTILE = ("<script>alert(1)</script>", "</script><!--", "=cmd()", "$x$ @{e0} $name", "_x", "equity", "a\"b'&amp;", "\u2028金", "y" * 200)


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2016-01-01")


@cache
def comparison() -> ob.Comparison:
    return ob.compare([DollarCostAverage(), RatioRotation(window=60), VolatilityTarget(inner=RatioRotation(window=60))], sample(), ACCOUNT)


def html_of(made: ob.Comparison) -> str:
    return index.html(made, {label: f"strategy-{at}.html" for at, label in enumerate(made.results)}, "orebody compare …")


@cache
def page() -> str:
    return html_of(comparison())


def own_page(made: ob.Comparison, label: str) -> Page:
    return Page(strategy.html(made, label, Files("strategy-x.html", "fills-x.csv", None)))


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
        expected = "Strategy|Final equity|Profit|CAGR|XIRR|Volatility|Sharpe|Sortino|Calmar|Max drawdown|Peak|Trough|Under water|Exposure"
        assert [cell.strip() for cell in found] == [*expected.split("|"), "Dry powder", "Turnover/yr", "Costs"]

    def test_yardsticks_are_marked(self) -> None:
        marked = {row.label for row in ranking.ranking(comparison()) if "yardstick" in row.marks and row.yardstick}
        assert marked == {"metal: SIM-GOLD", "miners: SIM-MINERS"}


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


class TestCharts:
    def test_each_line_draws_the_run_it_is_named_after(self) -> None:
        data, drawn = columns(page()), figures(page())
        for name, kind in (("equity", "e"), ("drawdown", "d"), ("beta", "b")):
            found = lines(drawn[name])
            assert [label for label, _, _ in found] == list(comparison().results)
            for at, ((label, column, _), result) in enumerate(zip(found, comparison().results.values(), strict=True)):
                assert column == f"{kind}{at}"
                assert label == result.label
        for at, result in enumerate(comparison().results.values()):
            assert data[f"e{at}"].tolist() == result.equity.tolist()  # to the last bit, hence to the cent

    def test_growth_drawdown_and_money_put_in_against_a_plain_loop(self) -> None:
        data = columns(page())
        for at, result in enumerate(comparison().results.values()):
            wealth, highest, paid, flows = 1.0, 1.0, 100_000.0, result.flows.tolist()
            for bar, one in enumerate([0.0, *recomputed.returns_of(result)]):
                wealth *= 1 + one
                highest = max(highest, wealth)
                paid += flows[bar]
                assert data[f"g{at}"][bar] == pytest.approx(wealth, rel=1e-6)
                assert data[f"d{at}"][bar] == pytest.approx(wealth / highest - 1, abs=1e-6)
                assert data[f"p{at}"][bar] == pytest.approx(paid)

    def test_shares_of_equity(self) -> None:
        data = columns(page())
        for at, result in enumerate(comparison().results.values()):
            bars = zip(result.units.to_numpy(), result.closes, result.equity, strict=True)
            metal = [units[0] * close[0] / equity for units, close, equity in bars]
            cash = [money / equity for money, equity in zip(result.cash, result.equity, strict=True)]
            np.testing.assert_allclose(data[f"m{at}"], metal, atol=1e-6)
            np.testing.assert_allclose(1 - data[f"m{at}"] - data[f"n{at}"], cash, atol=1e-6)

    def test_rolling_beta_against_a_regression_of_each_window(self) -> None:
        draw = np.random.RandomState(7)
        metal = draw.standard_normal(80) * 0.01 + 0.0003
        mine = 1.7 * metal + draw.standard_normal(80) * 0.02
        found = rolling_beta(mine, metal, 20)
        assert np.isnan(found[:19]).all()
        for bar in range(19, 80):
            slope = recomputed.slope(mine[bar - 19 : bar + 1].tolist(), metal[bar - 19 : bar + 1].tolist())
            assert found[bar] == pytest.approx(slope, rel=1e-9)
        assert np.isnan(rolling_beta(mine, np.zeros(80), 20)).all()
        assert np.isnan(rolling_beta(mine[:5], metal[:5], 20)).all()

    def test_the_beta_drawn_is_that_of_a_year_of_bars(self) -> None:
        data, metal = columns(page()), recomputed.returns_of(comparison().results["metal: SIM-GOLD"])
        assert series.beta_window(sample()) == 252
        assert "over the last 252 returns" in Page(page()).words
        for at, result in enumerate(comparison().results.values()):
            mine, drawn = recomputed.returns_of(result), data[f"b{at}"]
            assert np.isnan(drawn[:252]).all()  # the first bar has no return
            for bar in (252, 700, len(drawn) - 1):
                assert drawn[bar] == pytest.approx(recomputed.slope(mine[bar - 252 : bar], metal[bar - 252 : bar]), rel=1e-5)

    def test_the_ratio_is_miners_over_metal(self) -> None:
        opened = comparison().market.opening
        prices = comparison().market.close[opened:]
        np.testing.assert_allclose(columns(page())["ratio"], prices[:, 1] / prices[:, 0], rtol=1e-12)
        assert "SIM-MINERS / SIM-GOLD" in Page(page()).words
        several = random_market(3, miners=3).opened(10)
        assert series.ratio(several)[0] == pytest.approx(1.0)
        assert "basket of 3 miners" in series.ratio_name(several)

    def test_every_fill_is_there(self) -> None:
        rest = block(page(), "page")
        packed = {name: unpacked(one) for name, one in rest["fills"].items()}
        for at, result in enumerate(comparison().results.values()):
            mine = packed["run"] == at
            table = result.fills[result.fills["units"] != 0]
            assert [result.dates[bar] for bar in packed["bar"][mine]] == table["date"].tolist()
            assert [rest["tickers"][ticker] for ticker in packed["ticker"][mine]] == table["ticker"].tolist()
            assert [rest["reasons"][reason] for reason in packed["reason"][mine]] == table["reason"].tolist()
            np.testing.assert_allclose(packed["units"][mine], table["units"], rtol=1e-6)

    def test_dates_are_those_of_the_bars(self) -> None:
        found = pd.DatetimeIndex(columns(page())["date"].astype("datetime64[ms]"))
        assert found.tolist() == comparison().market.dates[comparison().market.opening :].tolist()

    def test_forty_lines_are_all_told_apart(self) -> None:
        labels = [f"s{at}" for at in range(40)]
        found = look.looks(["metal", *labels, "miners"], ["metal", "miners"])
        assert list(found) == ["metal", *labels, "miners"]
        assert len({(one.color, one.dash) for one in found.values()}) == 42
        assert found["metal"].width > found["s0"].width

    def test_without_a_full_window_no_beta_is_drawn(self) -> None:
        short = html_of(ob.compare([BuyAndHold()], sample().opened(len(sample()) - 100)))
        assert set(figures(short)) == {"equity", "drawdown", "value", "allocation", "ratio"}
        assert "there are 99, too few for one window" in Page(short).words


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
            assert shown == {month: one_decimal(value) for month, value in months.items()}
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


class TestOwnPage:
    def test_idea_and_parameters(self) -> None:
        found = own_page(comparison(), "ratio-rotation")
        assert "Hold the miners when they are cheap against the metal, the metal when they are dear." in found.words
        assert found.rows("parameters")[0] == ["window", "60", "bars in the rolling z-score"]
        inner = {row[0]: row[1] for row in own_page(comparison(), "volatility-target").rows("parameters")}
        assert inner["inner"] == "RatioRotation(window=60, entry=1.0, exit=None)"

    def test_a_strategy_without_a_word_says_so(self) -> None:
        class Silent(ob.Strategy):
            def decide(self, market: ob.Market) -> ob.Decisions:
                return ob.Decisions.empty(market)

        made = ob.compare({"silent": Silent(), "told": Told(ob.Decisions())}, sample(), check=False)
        assert "its class has no docstring" in own_page(made, "silent").words
        assert "Decides what it is told, whatever the prices." in own_page(made, "told").words
        assert "parameters" not in own_page(made, "silent").tables

    def test_figures_costs_and_drawdowns_are_recomputed(self) -> None:
        for label, result in comparison().results.items():
            found, expected = own_page(comparison(), label), recomputed.figures(result)
            names = {row[0]: row[1] for row in found.rows("figures")}
            agrees(names["Final equity"], expected["final_equity"])
            agrees(names["Down-capture of the metal"], expected["down_capture"])
            days = recomputed.days_of(result)
            years = (days[-1] - days[0]).days / 365.25
            paid = {row[0]: row[1:] for row in found.rows("costs")}
            agrees(paid["Commission"][0], expected["commission"])
            agrees(paid["Both"][0], expected["costs"])
            agrees(paid["Both"][1], float(expected["costs"]) / (sum(result.equity) / len(days)) / years)  # type: ignore[arg-type]
            falls = recomputed.falls(days, recomputed.returns_of(result))[:10]
            for row, (peak, trough, recovery, depth, length) in zip(found.rows("drawdowns"), falls, strict=True):
                assert row[:3] == [str(peak), str(trough), str(recovery or "open")]
                agrees(row[3], depth)
                assert row[4] == (f"{length:,}" if recovery else f"{length:,} so far")

    def test_fills_with_reasons_the_newest_first(self) -> None:
        found, table = own_page(comparison(), "ratio-rotation"), comparison().results["ratio-rotation"].fills
        newest = table.iloc[-1]
        assert found.rows("fills")[0][0] == str(newest["date"].date())
        assert found.rows("fills")[0][2] == newest["ticker"]
        assert found.rows("fills")[0][6] == newest["reason"]
        assert {row[1] for row in found.rows("fills")} <= {"bought", "sold", "not filled"}

    def test_many_fills_are_whole_in_the_file_beside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fills, "SHOWN", 7)
        result = comparison().results["ratio-rotation"]
        found = own_page(comparison(), "ratio-rotation")
        assert len(found.rows("fills")) == 7
        assert f"The newest 7 of {len(result.fills)}" in found.words
        rows = list(csv.DictReader(fills.all_as_csv(result).splitlines()))
        assert [row["reason"] for row in rows] == result.fills["reason"].tolist()
        assert [float(row["units"]) for row in rows] == result.fills["units"].tolist()
        assert {row["prices"] for row in rows} == {"SIMULATED"}


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
        assert found.tags.count("script") == 4  # Bokeh's document, the page's data, Bokeh, the page's own
        assert not [address for address in found.addresses if address.startswith("event")]
        assert [run["label"] for run in block(text, "page")["runs"]] == list(made.results)
        assert [label for label, _, _ in lines(figures(text)["equity"])] == list(made.results)
        for label in made.results:
            own = own_page(made, label)
            assert "script" not in own.tags
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
        assert rules["script-src"].split() == named
        assert "unsafe-eval" not in policy[1]

    def test_bokeh_comes_out_of_the_package(self) -> None:
        import bokeh

        assert f'"{bokeh.__version__}"' in document.javascript()
        assert not list(Path(index.__file__).parent.rglob("bokeh*.js"))


class TestBytes:
    def test_the_same_comparison_gives_the_same_page_in_this_process_and_another(self, tmp_path: Path) -> None:
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import hashlib, test_page; "
            "print(hashlib.sha256(test_page.page().encode()).hexdigest())"
        )
        done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == hashlib.sha256(page().encode()).hexdigest()
        assert html_of(comparison()) == page()  # though Bokeh has counted on

    def test_fourteen_strategies_over_twenty_years_stay_below_five_megabytes(self) -> None:
        prices = random_market(1, bars=5_040, start="2005-01-03")
        strategies = {f"window {60 + at}": RatioRotation(window=60 + at) for at in range(14)}
        many = ob.compare(strategies, prices, ACCOUNT, engine="compiled", check=False)
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
        assert found.rows("ranking")[0][1] == "100,000.00"
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
            {"short": Told(ob.Decisions(weights=weights))}, market(days, prices), ob.Account(cash=1_000, contribution=10), check=False
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
        made = ob.compare({"idle": Told(ob.Decisions())}, sample(), ob.Account(contribution=10, costs=FREE), check=False)
        assert "never traded" in next(row[0] for row in Page(html_of(made)).rows("ranking") if row[0].startswith("idle"))
        assert "fell by at most 0.00 %" in index.verdict(made)
        assert "It never traded: all money stayed cash." in own_page(made, "idle").words

    def test_no_strategy_at_all(self) -> None:
        made = ob.compare({}, sample())
        assert len(Page(html_of(made)).rows("ranking")) == 2
        assert parity.parity(made) == "not compared: no strategy was run"

    def test_forty(self) -> None:
        made = ob.compare(
            {f"s{at}": BuyAndHold(split={"metal": (at + 1) / 40}) for at in range(40)}, sample().opened("2025-01-02"), check=False
        )
        assert len(lines(figures(html_of(made))["equity"])) == 42


class TestWriting:
    def test_a_disk_that_fills_up_leaves_the_earlier_report(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = comparison()
        made.report(tmp_path / "report", tearsheets=False)
        before = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
        written: list[Path] = []

        def full(path: Path, text: str) -> Path:
            written.append(path)
            if len(written) == 5:
                raise OSError(28, "No space left on device")
            path.write_text(text, encoding="utf-8")
            return path

        monkeypatch.setattr(report_folder, "write_text", full)
        with pytest.raises(ob.OrebodyError, match="cannot write a report to 'report': No space left on device"):
            made.report(tmp_path / "report", tearsheets=False)
        assert len(written) == 5
        assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["report"]

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(self: Path, *_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", denied)  # root may write to a read-only folder, so it is refused here
        with pytest.raises(ob.OrebodyError, match=f"cannot write a report to 'report': Permission denied, in '{tmp_path.name}'"):
            comparison().report(tmp_path / "report", tearsheets=False)
        assert list(tmp_path.iterdir()) == []

    def test_bokeh_is_imported_when_a_page_is_written_and_not_before(self, tmp_path: Path) -> None:
        code = (
            "import sys, orebody as ob; from orebody.strategies import BuyAndHold; from orebody.testing import random_market\n"
            "made = ob.compare([BuyAndHold()], random_market(1), check=False); made.table; print('bokeh' in sys.modules)\n"
            "made.report('report', tearsheets=False); print('bokeh' in sys.modules, 'matplotlib.pyplot' in sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stdout.split() == ["False", "True", "False"]


def test_research_stands_in_the_report_and_in_its_navigation(tmp_path: Path) -> None:
    comparison = ob.compare([RatioRotation()], ob.load_market("gold", source="sample"))
    stress = ob.stress(comparison)
    comparison.report(tmp_path / "report", tearsheets=False, research=[stress])
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    title = "What happened in bad times, and in good ones"
    assert f'<a href="#research-1">{title}</a>' in page
    assert f'<h2 id="research-1">{title}</h2>' in page
    rise = stress.table.set_index(["episode", "strategy"])["return"]["2025 rise", "ratio-rotation"]
    assert f"<td>{rise:+.2%}</td>" in page
    assert page.index('id="research-1"') < page.index('id="how"')
