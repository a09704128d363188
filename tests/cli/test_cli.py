"""The command line: what it prints, what it writes, and one sentence and exit code 2 for whatever it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import call
from recomputed import money

import orebody as ob
from orebody.cli.error_messages import for_cli
from orebody.errors import DownloadError, ParameterError
from orebody.registry import strategies
from orebody.strategies import BuyAndHold, RatioRotation

SAMPLE = ["gold", "--source", "sample"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    return tmp_path


def prices(folder: Path, **tickers: list[float]) -> Path:
    folder.mkdir(exist_ok=True)
    for ticker, closes in tickers.items():
        dates = pd.bdate_range("2024-01-01", periods=len(closes))
        table = pd.DataFrame({"Date": dates, "Open": closes, "High": closes, "Low": closes, "Close": closes})
        table.to_csv(folder / f"{ticker}.csv", index=False)
    return folder


def by_default() -> dict[str, ob.Strategy]:
    """What `orebody compare gold` runs when nothing is named: all but buy-and-hold, a benchmark, and what it has no data for."""
    return {name: strategy() for name, strategy in strategies().items() if name not in ("buy-and-hold", "quality-tilt")}


RISING = [100.0 + day for day in range(60)]

REFUSED = {
    "an unknown command": (["compar"], "did you mean 'compare'?"),
    "an unknown option": (["compare", "gold", "--sauce", "sample"], "option --sauce; did you mean --source? (orebody compare --help"),
    "an option like none": (["stress", "gold", "--zzz"], "unknown option --zzz (orebody stress --help lists them)"),
    "an option of orebody itself that is none": (["--verison"], "unknown option --verison; did you mean --version? (orebody --help"),
    "a missing argument": (["backtest"], "missing argument 'STRATEGY': orebody backtest --help shows how"),
    "a missing value": (["compare", "gold", "--cash"], "orebody compare --help shows how"),
    "money that is none": (["compare", "gold", "--cash", "much"], "'much' is not a valid float: orebody compare --help shows how"),
    "a source that is nearly one": (["compare", "gold", "--source", "sampel"], "unknown source 'sampel'; did you mean 'sample'?"),
    "a shell that is none": (["completion", "bsh"], "unknown shell 'bsh'; did you mean 'bash'?"),
    "a page twice": (
        ["walk-forward", "ratio-rotation", *SAMPLE, "--grid", "entry=1", "--train=9", "--test=9", "--html", "x", "--tearsheet", "./x"],
        "--tearsheet and --html are both './x': give two files",
    ),
    "an unknown strategy": (["backtest", "ratio-rotatoin", *SAMPLE], "did you mean 'ratio-rotation'?"),
    "an unknown strategy to compare": (["compare", *SAMPLE, "--strategy", "hold"], "unknown strategy 'hold'"),
    "an unknown universe": (["compare", "glod", "--source", "sample"], "did you mean 'gold'?"),
    "an unknown parameter": (["backtest", "ratio-rotation", *SAMPLE, "--set", "widow=3"], "did you mean 'window'?"),
    "a parameter out of bounds": (["backtest", "ratio-rotation", *SAMPLE, "--set", "window=1"], "window is 1: it must be"),
    "a parameter that is no number": (["backtest", "ratio-rotation", *SAMPLE, "--set", "window=long"], "it must be a whole number"),
    "a parameter without a value": (["backtest", "ratio-rotation", *SAMPLE, "--set", "window"], "PARAM=VALUE"),
    "a parameter set twice": (["backtest", "ratio-rotation", *SAMPLE, "--set", "window=9", "--set", "window=8"], "set twice"),
    "a parameter of what is not compared": (
        ["compare", *SAMPLE, "--strategy", "buy-and-hold", "--set", "ratio-rotation.window=9"],
        "which is not compared",
    ),
    "a ticker that the universe lacks": (
        ["backtest", "buy-and-hold", *SAMPLE, "--set", "split=SIM-GOLDS:1"],
        "did you mean 'SIM-GOLD'?",
    ),
    "a split that names one part twice": (
        ["backtest", "buy-and-hold", *SAMPLE, "--set", "split=metal:0.5,metal:0.3"],
        "names one part twice",
    ),
    "a rate in per cent": (["compare", *SAMPLE, "--cash-rate", "4"], "4 % is 0.04"),
    "an output that is here": (["compare", *SAMPLE, "--out", "."], "the folder you are in"),
    "a date in another order": (["compare", *SAMPLE, "--start", "05/06/2010"], "not a date: write it as 2006-05-22"),
    "a split above one": (["backtest", "buy-and-hold", *SAMPLE, "--set", "split=metal:0.9,miners:0.2"], "sum to"),
    "no universe": (["compare", "--source", "sample"], "name a universe"),
    "no universe: those of the sample": (
        ["compare", "--source", "sample"],
        "(universes: gold, gold-juniors, gold-producers, silver, copper)",
    ),
    "no universe: all of them": (["compare"], "silver, silver-london,"),
    "a universe and a metal": (["compare", "gold", "--metal", "GLD", "--miners", "GDX"], "one of the two"),
    "a metal without miners": (["compare", "--metal", "GLD"], "go together"),
    "a folder that is not there": (["compare", "gold", "--source", "nowhere"], "nowhere"),
    "a file that is not there": (
        ["compare", "--metal", "UP", "--miners", "DOWN", "--source", "prices"],
        "there is no DOWN.csv in prices (there are: ALSO, UP)",
    ),
    "negative cash": (["compare", *SAMPLE, "--cash", "-1"], "cash is -1: it must not be negative"),
    "no money at all": (["compare", *SAMPLE, "--cash", "0"], "nothing to invest"),
    "a rhythm that is none": (["compare", *SAMPLE, "--contribution-every", "day"], "it must be one of week, month, quarter, year"),
    "slippage of all": (["compare", *SAMPLE, "--slippage", "1"], "costs.slippage"),
    "a start that is no date": (["compare", *SAMPLE, "--start", "soon"], "soon"),
    "a period without bars": (["compare", *SAMPLE, "--start", "2030-01-01"], "2030-01-01"),
    "too little history": (
        ["backtest", "ratio-rotation", "--metal", "UP", "--miners", "ALSO", "--source", "prices"],
        "needs 252 bars before it can decide, the market has 60",
    ),
    "too little history to compare": (
        ["compare", "--metal", "UP", "--miners", "ALSO", "--source", "prices", "--strategy", "ratio-rotation"],
        "needs 252 bars before it can decide, the market has 60",
    ),
    "an output whose folder is missing": (["compare", *SAMPLE, "--out", "no/where"], "is not there"),
    "an output that is a file": (["compare", *SAMPLE, "--out", "prices/UP.csv"], "it is no folder"),
    "an output that holds something else": (["compare", *SAMPLE, "--out", "prices"], "holds something else"),
    "a tearsheet whose folder is missing": (["backtest", "buy-and-hold", *SAMPLE, "--tearsheet", "no/t.html"], "is not there"),
    "an unknown engine": (["backtest", "buy-and-hold", *SAMPLE, "--engine", "compield"], "did you mean 'compiled'?"),
    "a fill that is none": (["backtest", "buy-and-hold", *SAMPLE, "--fill", "noon"], "it must be 'open' or 'close'"),
    "no leverage": (["backtest", "buy-and-hold", *SAMPLE, "--leverage", "0"], "leverage is 0: it must be positive"),
    "a parameter set and swept": (
        ["sweep", "ratio-rotation", *SAMPLE, "--grid", "window=60", "--set", "window=9"],
        "by --set and by --grid",
    ),
    "a table and a page in one": (
        ["sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1", "--table", "t.csv", "--html", "t.csv"],
        "two files",
    ),
    "a page that is a folder": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1", "--html", "prices"], "it is a folder"),
    "a grid of splits": (["sweep", "buy-and-hold", *SAMPLE, "--grid", "split=metal:1"], "which --grid cannot list"),
    "half a window": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "window=20:30:1.5"], "it takes whole numbers"),
    "a sweep without a grid": (["sweep", "ratio-rotation", *SAMPLE], "give --grid"),
    "a grid of an unknown parameter": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "widow=1:3"], "did you mean 'window'?"),
    "a grid twice": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "window=1", "--grid", "window=2"], "gives window twice"),
    "a range that leads nowhere": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "window=9:1"], "must lead from"),
    "a grid whose every point fails": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "window=0,1"], "every point of the grid fails"),
    "a metric that is none": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1", "--metric", "shrap"], "did you mean 'sharpe'?"),
    "a table of another kind": (["sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1", "--table", "t.xls"], "end in .csv or .parquet"),
    "Yahoo, offline without a cache": (["compare", "gold", "--offline", "--cache", "nothing-here"], "with: orebody fetch GLD"),
    "Yahoo's options elsewhere": (["compare", *SAMPLE, "--as-of", "2026-01-01"], "--as-of is '2026-01-01': only --source yahoo"),
    "a repair that is none": (["compare", *SAMPLE, "--repair", "guess"], "it must be 'drop', 'mask'"),
    "an age that is none": (["compare", "gold", "--max-age", "-1"], "give hours, 0 or more"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_in_one_sentence(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    prices(here / "prices", UP=RISING, ALSO=RISING[::-1])
    before = sorted(here.rglob("*"))
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("orebody: ")
    assert err.count("\n") == 1
    assert words in err
    assert sorted(here.rglob("*")) == before


def test_errors_of_the_library_are_said_in_options() -> None:
    unreached = DownloadError("GLD could not be downloaded: nobody was reached: try again later, or take what is cached with offline=True")
    assert for_cli(unreached).endswith("take what is cached with --offline; --source sample needs no network")
    assert for_cli(unreached, "orebody fetch").endswith("take what is cached with --offline")
    for said, shown in {
        "significance needs arch: install orebody[research]": "significance needs arch: pip install 'orebody[research]'",
        "the source has no opens: fill='close' fills at the next close": "the source has no opens: --fill close fills at the next close",
        "take it out with repair='drop'": "take it out with --repair drop",
        "as_of is 'x': a date": "--as-of is 'x': a date",
        "take load_market('gold', source='sample')": "take load_market('gold', source='sample')",
    }.items():
        assert for_cli(ParameterError(said)) == shown


DIRTY = {
    "empty": ("", "empty"),
    "no rows": ("Date,Open,High,Low,Close\n", "no rows"),
    "no close": ("Date,Open,High,Low\n2024-01-02,1,1,1\n", "Close"),
    "no date": ("Day,Open,High,Low,Close\n2024-01-02,1,1,1,1\n", "Date"),
    "a date that is none": ("Date,Open,High,Low,Close\n2024-13-02,1,1,1,1\n", "2024-13-02"),
    "a comma within a number": ("Date,Open,High,Low,Close\n2024-01-02,1,1,1,1,000\n", "more cells than the header"),
    "a date twice": ("Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n2024-01-02,1,1,1,1\n", "2024-01-02"),
    "a price that is none": ("Date,Open,High,Low,Close\n2024-01-02,1,1,1,\n", "2024-01-02"),
    "a price of zero": ("Date,Open,High,Low,Close\n2024-01-02,0,1,1,1\n", "2024-01-02"),
    "a negative price": ("Date,Open,High,Low,Close\n2024-01-02,1,1,-1,1\n", "2024-01-02"),
    "an infinite price": ("Date,Open,High,Low,Close\n2024-01-02,1,inf,1,1\n", "2024-01-02"),
    "a high below the low": ("Date,Open,High,Low,Close\n2024-01-02,1,1,2,1\n", "2024-01-02"),
    "other days than the metal": ("Date,Open,High,Low,Close\n1999-01-04,1,1,1,1\n1999-01-05,1,1,1,1\n", "overlap"),
}


@pytest.mark.parametrize(("text", "words"), DIRTY.values(), ids=DIRTY.keys())
def test_bad_files_are_refused_in_one_sentence_or_a_line_a_finding(
    here: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    prices(here / "prices", UP=RISING)
    (here / "prices" / "BAD.csv").write_text(text)
    code, out, err = call(capsys, "compare", "--metal", "UP", "--miners", "BAD", "--source", "prices")
    assert (code, out) == (2, "")
    assert err.startswith("orebody: ")
    assert err.count("\n") == 1 or max(map(len, err.splitlines())) <= 80  # a list of findings stands a line each
    assert "BAD" in err
    assert words in " ".join(err.split())
    assert not (here / "report").exists()


def test_what_the_user_typed_cannot_move_the_cursor(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "backtest", "\x1b[2Jevil\nname", *SAMPLE)
    assert code == 2
    assert "\x1b" not in err
    assert err.count("\n") == 1


def test_compare_prints_the_ranking_and_writes_the_report(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "compare", *SAMPLE, "--contribution", "1000", "--no-tearsheets", "--out", "there")
    assert (code, err) == (0, "")
    assert "\nLeft out: quality-tilt: the market 'gold' has no fundamentals of its miners.\n" in out
    lines = out.splitlines()
    assert "made up" in lines[0]
    comparison = ob.compare(by_default(), ob.load_market("gold", source="sample"), ob.Account(contribution=1_000))
    for label, metrics in comparison.metrics.items():
        (line,) = [line for line in lines if line.startswith(label)]
        assert money(metrics.final_equity) in line
        assert f"{100 * metrics.xirr:.2f} %" in line
        assert ("(benchmark)" in line) == (label in comparison.benchmarks)
    assert comparison.opening in " ".join(out.split())
    assert lines[-1] == f"Report: {Path('there') / 'index.html'}"
    made = {path.name for path in (here / "there").iterdir()}
    assert {"index.html", "ranking.csv"} < made
    assert not any(name.startswith("tearsheet") for name in made)


def test_a_narrow_terminal_gets_whole_figures(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = call(capsys, "compare", *SAMPLE, "--no-tearsheets", "--engine", "compiled")
    assert max(map(len, out.splitlines())) <= 80
    assert "…" not in out


def test_backtest_prints_every_figure_and_writes_the_tearsheet(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["backtest", "buy-and-hold", *SAMPLE, "--set", "split=metal:0.7,miners:0.3", "--tearsheet", "sheet.html"]
    code, out, err = call(capsys, *asked)
    assert (code, err) == (0, "")
    assert "SIMULATED" in out
    assert "BuyAndHold(split={'metal': 0.7, 'miners': 0.3})" in out
    figures = ob.backtest(BuyAndHold(split={"metal": 0.7, "miners": 0.3}), ob.load_market("gold", source="sample")).metrics()
    assert money(figures.final_equity) in out
    assert "SIMULATED" in (here / "sheet.html").read_text()


def test_strategies_lists_all_and_shows_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "strategies")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if line[:1].strip()] == list(strategies())
    code, out, _ = call(capsys, "strategies", "ratio-rotation")
    for word in ("window", "252", "entry", "exit", "from 2"):
        assert word in out
    code, _, err = call(capsys, "strategies", "ratio")
    assert code == 2
    assert "ratio-rotation" in err


def test_an_interrupt_leaves_the_earlier_report(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["compare", *SAMPLE, "--no-tearsheets", "--strategy", "dollar-cost-average"]
    assert call(capsys, *asked)[0] == 0
    before = (here / "report" / "index.html").read_bytes()

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("orebody.report.comparison.folder._csv", interrupt)
    code, _, err = call(capsys, *asked, "--cash", "5")
    assert code == 130
    assert "interrupted" in err
    assert (here / "report" / "index.html").read_bytes() == before
    assert [path.name for path in here.iterdir()] == ["report"]


def test_help_and_version(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["compare", "--help"], ["backtest", "-h"], ["strategies", "--help"], []):
        code, out, err = call(capsys, *arguments)
        assert (code, err) == (0, "")
        assert "Usage: orebody" in out
    code, out, _ = call(capsys, "--version")
    assert code == 0
    assert ob.__version__ in out


def test_python_m_and_a_closed_pipe(here: Path) -> None:
    environment = os.environ | {"COLUMNS": "100"}
    shown = subprocess.run([sys.executable, "-m", "orebody", "strategies"], capture_output=True, text=True, check=True, env=environment)
    assert "ratio-rotation" in shown.stdout
    piped = subprocess.run(
        f'"{sys.executable}" -m orebody strategies | true', shell=True, capture_output=True, text=True, check=False, env=environment
    )
    assert "Traceback" not in piped.stderr


def test_sweep_prints_the_best_and_writes_table_and_page(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = ["--grid", "window=20:40:10", "--grid", "entry=0.5,1"]
    code, out, err = call(capsys, "sweep", "ratio-rotation", *SAMPLE, *grid, "--set", "exit=0.25", "--table", "t.csv", "--html", "t.html")
    assert (code, err) == (0, "")
    assert "SIMULATED" in out
    assert "Best of 6 points, by sharpe" in out
    assert re.search(r"The best point and its 3 neighbours on the grid: Sharpe -?\d\.\d\d to -?\d\.\d\d\.", out)
    table = pd.read_csv(here / "t.csv")
    assert table["window"].tolist() == [20, 20, 30, 30, 40, 40]
    assert set(table["prices"]) == {"SIMULATED"}
    again = ob.sweep(RatioRotation(exit=0.25), {"window": [20, 30, 40], "entry": [0.5, 1.0]}, ob.load_market("gold", source="sample"))
    assert table["final_equity"].tolist() == pytest.approx(again.table["final_equity"].tolist(), rel=1e-12)
    assert "SIMULATED" in (here / "t.html").read_text(encoding="utf-8")


def test_the_account_and_the_engine_can_be_chosen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = prices(here / "prices", UP=RISING)
    pd.read_csv(folder / "UP.csv")[["Date", "Close"]].to_csv(folder / "CLOSES.csv", index=False)
    asked = ["backtest", "buy-and-hold", "--metal", "UP", "--miners", "CLOSES", "--source", "prices", "--cash", "1000"]
    code, _, err = call(capsys, *asked)
    assert code == 2
    assert "--fill close" in err
    code, out, _ = call(capsys, *asked, "--fill", "close", "--whole-shares", "--engine", "compiled", "--slippage", "0")
    assert code == 0
    assert "1,522.00" in out  # 9 whole shares at 101, then at 159: 91 in cash and 1,431
