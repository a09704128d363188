"""Comparisons: the same account for all, the benchmarks always there, and a report that is whole or not there."""

from __future__ import annotations

import csv
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recomputed
import small_markets
from cli_runner import without_steps
from html_pages import Page
from recomputed import money

import orebody as ob
from orebody.report.comparison import folder as report_folder
from orebody.report.tearsheet import document
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001, fixed_fee=2.0))


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2015-01-01")


@cache
def comparison() -> ob.Comparison:
    return ob.compare([DollarCostAverage(), RatioRotation(window=60), RatioRotation(window=120)], sample(), ACCOUNT)


def small(*labels: str, market: ob.Market | None = None) -> ob.Comparison:
    return ob.compare({label: BuyAndHold(split={"metal": 0.5}) for label in labels}, market or sample(), ACCOUNT)


class TestCompare:
    def test_every_account_gets_the_same_money_on_the_same_days(self) -> None:
        flows = [result.flows for result in comparison().results.values()]
        assert all(flow.equals(flows[0]) for flow in flows)
        assert flows[0].sum() > 100_000

    def test_the_benchmarks_are_the_metal_and_the_miners_held(self) -> None:
        assert comparison().benchmarks == ("metal: SIM-GOLD", "miners: SIM-MINERS")
        for role, label in zip(("metal", "miners"), comparison().benchmarks, strict=True):
            alone = ob.backtest(BuyAndHold(split={role: 1.0}), sample(), ACCOUNT, start=comparison().market.opening)
            pd.testing.assert_series_equal(comparison().results[label].equity, alone.equity)

    def test_strategies_of_one_name_are_told_apart(self) -> None:
        assert {"dollar-cost-average", "RatioRotation(window=60, entry=1.0, exit=None)"} <= set(comparison().results)
        with pytest.raises(ob.OrebodyError, match="given twice"):
            ob.compare([BuyAndHold(), BuyAndHold()], sample())

    def test_a_label_that_a_benchmark_has_is_refused(self) -> None:
        with pytest.raises(ob.OrebodyError, match="metal: SIM-GOLD"):
            ob.compare({"metal: SIM-GOLD": BuyAndHold()}, sample())

    def test_all_accounts_open_when_the_slowest_can_decide(self) -> None:
        assert comparison().market.opening == 119
        assert "without RatioRotation(window=120, entry=1.0, exit=None), which needs 120 bars," in comparison().opening
        for result in comparison().results.values():
            assert result.dates[0] == sample().dates[119]
        early = ob.compare([RatioRotation(window=120)], sample(), ACCOUNT, start="2015-01-02")
        assert early.market.dates[early.market.opening] == pd.Timestamp("2015-01-02")
        assert "as asked" in early.opening

    def test_a_market_that_was_opened_stays_opened(self) -> None:
        opened = sample().opened("2018-01-02")
        assert ob.compare([BuyAndHold()], opened).market.opening == opened.opening
        assert "where the market was opened" in ob.compare([RatioRotation(window=20)], opened).opening

    @pytest.mark.parametrize("given", [[RatioRotation], {"a": 3}, "ratio-rotation", None, {1: BuyAndHold()}, [3]])
    def test_what_is_no_strategy_is_said(self, given: object) -> None:
        with pytest.raises(ob.OrebodyError, match="not a strategy|is a class|is no text"):
            ob.compare(given, sample())  # type: ignore[arg-type]

    def test_instruments_that_list_late_wait_for_each_other(self) -> None:
        frames = {ticker: pd.DataFrame(1.0, index=sample().dates, columns=["Open", "High", "Low", "Close"]) for ticker in ("M", "N")}
        market = ob.Market.from_frames(frames | {"N": frames["N"].iloc[40:]})
        assert ob.compare([BuyAndHold()], market).market.opening == 40
        assert ob.compare([RatioRotation(window=10)], market).market.opening == 49
        assert ob.compare([BuyAndHold(split={"miners": 1.0})], market).results["buy-and-hold"].metrics().trades == 1

    def test_the_benchmarks_wait_for_what_lists_late_and_then_hold_all_of_it(self) -> None:
        days = pd.bdate_range("2020-01-01", periods=300)
        frame = pd.DataFrame(10.0, index=days, columns=["Open", "High", "Low", "Close"])
        market = ob.Market.from_frames({"M": frame.iloc[50:], "N": frame, "O": frame.iloc[200:]})
        late = ob.backtest(BuyAndHold(), market, ob.Account(contribution=100))
        assert late.metrics().trades > 1
        assert late.benchmark.record.cash[-1] == 0
        together = ob.compare({"bh": BuyAndHold(split={"miners": 1.0})}, market, ob.Account(contribution=100))
        assert together.results["bh"].equity.iloc[-1] == together.results["miners: N+O"].equity.iloc[-1]
        assert together.results["miners: N+O"].record.cash[-1] == 0

    def test_miners_that_are_all_gone_before_the_end_are_said(self) -> None:
        closes = np.array([[10.0, 5.0, 7.0]] * 8)
        closes[4:, 1] = closes[6:, 2] = np.nan
        days = pd.bdate_range("2020-01-01", periods=8)
        market = small_markets.market(days, closes)
        said = ob.compare([BuyAndHold()], market).opening
        assert f"Every miner is gone after {market.dates[5].date()}, and the prices go on to {market.dates[7].date()}" in said
        closes[6:, 2] = 7.0
        assert "gone" not in ob.compare([BuyAndHold()], small_markets.market(days, closes)).opening

    def test_the_table_is_the_metrics_best_first(self) -> None:
        table = comparison().table
        assert table["final_equity"].is_monotonic_decreasing
        assert table["is_benchmark"].sum() == 2
        for label, row in table.iterrows():
            for name, figure in recomputed.figures(comparison().results[label]).items():
                assert recomputed.same(row[name], figure, rel=1e-8), (label, name)

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int, str]] = []
        ob.compare([BuyAndHold()], sample(), progress=lambda *step: told.append(step))
        assert told[0] == (0, 3, "holding the metal")
        assert told[-1] == (3, 3, "done")

    def test_one_that_looks_ahead_ends_it(self) -> None:
        class Peeks(ob.Strategy):
            def decide(self, market: ob.Market) -> ob.Decisions:
                decisions = ob.Decisions.empty(market)
                decisions.weights[:-1, 0] = (market.close[1:, 0] > market.close[:-1, 0]) * 1.0
                return decisions

        with pytest.raises(ob.OrebodyError, match=r"looks ahead|later bars"):
            ob.compare([Peeks()], sample())


class TestReport:
    def test_ruin_is_said_everywhere(self, tmp_path: Path) -> None:
        weights = np.full((len(sample()), 2), np.nan)
        weights[0, 1] = -2.0
        crash = ob.compare(
            {"short": small_markets.Told(ob.Decisions(weights=weights))},
            sample(),
            ob.Account(maintenance_margin=0.0, cash=100.0, leverage=2.0),
            check_lookahead=False,
        )
        ruined = crash.results["short"].ruined
        assert ruined is not None
        page = Page(crash.report(tmp_path / "report").read_text(encoding="utf-8"))
        assert f"RUINED on {ruined.date()}" in page.rows("ranking")[-1][0]
        assert f"RUINED on {ruined.date()}" in repr(crash)
        assert crash.table["ruined"]["short"] == ruined
        assert crash.table["ruined"].isna().sum() == 2
        assert "j" not in "".join(cell for row in Page(document.html(crash.results["short"])).rows("figures") for cell in row[1:2])
        assert f"RUINED on {ruined.date()}" in (tmp_path / "report" / "tearsheet-short.html").read_text(encoding="utf-8")

    def test_the_page_shows_the_ranking_and_what_made_it(self, tmp_path: Path) -> None:
        index = comparison().report(tmp_path / "report", tearsheets=False, command="orebody compare …")
        page = Page(index.read_text(encoding="utf-8"))
        rows = page.rows("ranking")
        assert [row[0].removesuffix(" benchmark") for row in rows] == list(comparison().results)
        for row, (label, metrics) in zip(rows, comparison().metrics.items(), strict=True):
            assert row[1] == money(metrics.final_equity)
            assert ("benchmark" in row[0]) == (label in comparison().benchmarks)
        for row, result in zip(page.rows("profit"), comparison().results.values(), strict=True):
            parts = [float(cell.replace(",", "")) for cell in row[1:]]
            halves = [0.005 if "." in cell else 0.5 for cell in row[1:]]  # of the last digit that a cell shows
            assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=1.001 * sum(halves))
            assert parts[-1] == pytest.approx(recomputed.figures(result)["profit"], abs=1.2 * halves[-1])
        settings = {row[0]: row[1] for row in [page.tables["settings"][0], *page.rows("settings")]}
        for what in ("Universe", "Period", "Prices", "Money", "Costs", "Cash rate", "Fills", "Accounts", "Engine", "Versions", "Command"):
            assert settings[what.strip()], what
        assert "no look-ahead" in settings["dollar-cost-average"]
        assert sample().digest in settings["Prices"]
        assert all(address.startswith(("data:", "#", "strategy-", "ranking.csv", "bokeh.min.js")) for address in page.addresses)

    def test_everything_made_of_the_sample_says_simulated(self, tmp_path: Path) -> None:
        made = small("half").report(tmp_path / "report").parent
        for path in made.iterdir():
            text = path.read_text(encoding="utf-8")
            assert "SIMULATED" in text or path.name in (report_folder.MANIFEST, "bokeh.min.js"), path.name
            if path.suffix == ".html":
                page = Page(text)
                assert page.words.startswith("SIMULATED")
        ranking = list(csv.reader((made / "ranking.csv").read_text(encoding="utf-8").splitlines()))
        assert all(row[0] == "SIMULATED" for row in ranking[1:])
        assert repr(small("half")).startswith("SIMULATED")

    def test_every_link_leads_to_a_page_that_is_there(self, tmp_path: Path) -> None:
        labels = ("A/B", "a b", "../<b>")
        index = small(*labels).report(tmp_path / "report")
        made = {path.name for path in index.parent.iterdir()}
        pages = linked(index) - {"ranking.csv", "bokeh.min.js"}
        assert len(pages) == len(labels) + 2
        files = {name for page in pages for name in linked(index.parent / page)}
        assert sum(name.startswith("tearsheet-") for name in files) == sum(name.startswith("fills-") for name in files) == len(pages)
        assert made == {*pages, *files, "index.html", "ranking.csv", "manifest.sha256", "bokeh.min.js"}
        for name in made - {"ranking.csv", "manifest.sha256", "bokeh.min.js"}:
            text = (index.parent / name).read_text(encoding="utf-8")
            assert "SIMULATED" in text
            if name == "index.html" or name in pages:
                found = Page(text)  # years stand in bold, and nothing else
                assert found.tags.count("b") == sum(len(table) - 1 for id, table in found.tables.items() if id.startswith("months"))

    def test_the_ranking_as_csv(self, tmp_path: Path) -> None:
        made = small("=HYPERLINK(1)", "-1").report(tmp_path / "report", tearsheets=False).parent
        head, *rows = list(csv.reader((made / "ranking.csv").read_text(encoding="utf-8").splitlines()))
        assert head[:2] == ["simulated", "strategy"]
        assert {"'=HYPERLINK(1)", "'-1"} <= {row[1] for row in rows}
        fields = [field.name for field in dataclasses.fields(type(next(iter(comparison().metrics.values()))))]
        assert head[2:] == [*fields, "is_benchmark", "ruined"]
        table = pd.read_csv(made / "ranking.csv")
        assert table["final_equity"].tolist() == pytest.approx(small("=HYPERLINK(1)", "-1").table["final_equity"].tolist(), rel=1e-15)

    def test_the_same_comparison_gives_the_same_bytes(self, tmp_path: Path) -> None:
        one, two = (small("half").report(tmp_path / name).parent for name in ("one", "two"))
        assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in two.iterdir())
        for path in one.iterdir():
            assert path.read_bytes() == (two / path.name).read_bytes(), path.name

    def test_an_earlier_report_is_replaced_whole(self, tmp_path: Path) -> None:
        small("one").report(tmp_path / "report")
        small("two").report(tmp_path / "report", tearsheets=False)
        left = sorted(path.name for path in (tmp_path / "report").iterdir())
        runs, alone = ("metal-sim-gold", "miners-sim-miners", "two"), ["index.html", "manifest.sha256", "ranking.csv"]
        assert left == ["bokeh.min.js", *(f"fills-{run}.csv" for run in runs), *alone, *(f"strategy-{run}.html" for run in runs)]
        assert [path.name for path in tmp_path.iterdir()] == ["report"]

    @pytest.mark.parametrize("step", ["_csv", "stage_files", "filling"])
    def test_a_failure_at_any_step_leaves_the_earlier_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        small("one").report(tmp_path / "report", tearsheets=False)
        before = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}

        def fail(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(report_folder, step, fail)
        with pytest.raises(ob.OrebodyError, match="cannot write a report to 'report': No space left on device"):
            small("two").report(tmp_path / "report", tearsheets=False)
        assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["report"]

    def test_a_folder_of_something_else_is_never_touched(self, tmp_path: Path) -> None:
        precious = tmp_path / "thesis"
        precious.mkdir()
        (precious / "index.html").write_text("<html>mine</html>")
        with pytest.raises(ob.OrebodyError, match="holds something else"):
            small("one").report(precious)
        assert (precious / "index.html").read_text() == "<html>mine</html>"
        link = tmp_path / "link"
        link.symlink_to(precious)
        with pytest.raises(ob.OrebodyError, match="it is no folder"):
            small("one").report(link)
        assert not (tmp_path / "nowhere").exists()
        with pytest.raises(ob.OrebodyError, match="is not there"):
            small("one").report(tmp_path / "nowhere" / "report")

    def test_a_file_of_ones_own_stays_in_the_folder_of_a_report(self, tmp_path: Path) -> None:
        small("one").report(tmp_path / "report", tearsheets=False)
        (tmp_path / "report" / "notes.txt").write_text("mine")
        small("two").report(tmp_path / "report", tearsheets=False)
        assert (tmp_path / "report" / "notes.txt").read_text() == "mine"
        assert not (tmp_path / "report" / "strategy-one.html").exists()
        assert (tmp_path / "report" / "strategy-two.html").exists()

    def test_the_folder_one_is_in_is_not_replaced(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for name in (".", ""):
            with pytest.raises(ob.OrebodyError, match="the folder you are in"):
                small("one").report(name)

    def test_a_script_needs_no_guard(self, tmp_path: Path) -> None:
        script = (
            "import orebody as ob; from orebody.strategies import BuyAndHold\n"
            "market = ob.load_market('gold', source='sample', start='2022-01-01')\n"
            "print(ob.compare([BuyAndHold()], market).report('report'))\n"
        )
        (tmp_path / "script.py").write_text(script)
        done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 1

    def test_nothing_is_said_on_the_terminal(self, tmp_path: Path) -> None:
        command = [sys.executable, "-W", "default", "-m", "orebody", "compare", "gold", "--source", "sample", "--start", "2023-01-01"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, without_steps(done.stderr)) == (0, "")

    def test_an_empty_folder_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "report").mkdir()
        assert small("one").report(tmp_path / "report", tearsheets=False).is_file()


def test_an_interrupt_while_tearsheets_are_drawn_keeps_the_pages_that_are_whole(tmp_path: Path) -> None:
    small("one").report(tmp_path / "report", tearsheets=False)
    command = [sys.executable, "-m", "orebody", "compare", "gold", "--source", "sample", "--start", "2018-01-01"]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a shell's background has deaf
    )
    wait_for(lambda: not (tmp_path / "report" / "strategy-one.html").exists())
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the command and its workers
    begun = time.monotonic()
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - begun < 10.0, "it answers at once, not when the tearsheets under way are done"
    assert running.returncode == 130
    assert err.splitlines()[-1] == "orebody: interrupted; every file that is there is whole"
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    made = tmp_path / "report"
    listed = {line.split("  ")[1] for line in (made / "manifest.sha256").read_text().splitlines()[1:] if line}
    assert {path.name for path in made.iterdir()} == {*listed, "manifest.sha256"}
    assert linked(made / "index.html") <= listed


def linked(page: Path) -> set[str]:
    """Return the files that a page links to, places within files left off."""
    addresses = Page(page.read_text(encoding="utf-8")).addresses
    files = {address.partition("#")[0] for address in addresses if not address.startswith("data:")}
    return files - {"", page.name, "index.html"}


def wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_an_account_that_is_empty_at_first_can_be_drawn(tmp_path: Path) -> None:
    idle = ob.compare({"idle": small_markets.Told(ob.Decisions())}, sample(), ob.Account(cash=0, contribution=100), check_lookahead=False)
    page = Page(idle.report(tmp_path / "report").read_text(encoding="utf-8"))
    assert "nan" not in page.words.split()
    assert len(page.rows("ranking")) == 3


def test_the_verdict_says_who_is_ahead() -> None:
    from orebody.report.comparison.index_page import verdict

    metrics = comparison().metrics
    said = verdict(comparison())
    metal = metrics["metal: SIM-GOLD"].final_equity
    strategies = [label for label in metrics if label not in comparison().benchmarks]
    ahead = sum(metrics[label].final_equity > metal for label in strategies)
    assert f"Of 3 strategies {ahead or 'none'} ended with more than the metal" in said
    assert f"The best by money, {strategies[0]}," in said
    assert money(abs(metrics[strategies[0]].final_equity - metal), metal) in said
