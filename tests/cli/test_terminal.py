"""The terminal: tables that fit it, progress on it and in lines elsewhere, documents for scripts, pipes that close, no browser."""

from __future__ import annotations

import errno
import json
import math
import os
import pty
import re
import subprocess
import sys
import webbrowser
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runner import call, without_steps
from recomputed import money
from small_markets import Told

import orebody as ob
from orebody.cli.main import main
from orebody.cli.show import console, ranking
from orebody.cli.stdout import printable
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import random_market

SAMPLE = ["gold", "--source", "sample", "--start", "2015-01-01"]
COMPARE = ["compare", *SAMPLE, "--engine", "compiled", "--no-tearsheets", "--strategy", "dollar-cost-average"]
COMMANDS = [
    *("backtest", "compare", "completion", "data", "doctor", "fetch", "gearing", "run", "scenarios"),
    *("significance", "strategies", "stress", "sweep", "walk-forward"),
]
LONG = "a label that goes on and on, with [red] and :gold: and \x1b[2J and_a_word_that_no_line_of_any_terminal_has_room_for_at_all_ever"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2015-01-01")


@cache
def many() -> ob.Comparison:
    """Forty strategies, one ruined, one of a long name."""
    weights = np.full((len(sample()), 2), np.nan)
    weights[0, 0] = -3.0  # a third more in gold takes all
    runs: dict[str, ob.Strategy] = {f"hold {share} %": BuyAndHold(split={"metal": share / 100}) for share in range(1, 39)}
    runs |= {"short": Told(ob.Decisions(weights=weights)), LONG: BuyAndHold()}
    return ob.compare(runs, sample(), ob.Account(maintenance_margin=0.0, cash=1e9, leverage=3.0), check_lookahead=False, engine="compiled")


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_table_fits(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    made = many()
    ranking.print_ranking(made)
    ranking.print_left_out({"quality-tilt": "no fundamentals of its miners: give them", "other": "no fundamentals of its miners: or so"})
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in out
    assert "\x1b" not in out
    for label, result in made.results.items():
        if label != LONG:
            (line,) = [line for line in lines if line.startswith(f"{label} ")]
            assert money(result.equity.iloc[-1]) in line
            assert ("(benchmark)" in line) == (label in made.benchmarks)
            assert ("(RUINED on " in line) == (label == "short")
    for word in ("[red]", ":gold:", r"\x1b[2J"):
        assert word in out
    assert lines[-1] == "Left out: quality-tilt, other: no fundamentals of its miners."


def test_a_wider_terminal_has_more_columns_and_never_fewer_than_the_four(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for width in (80, 100, 120, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        ranking.print_ranking(ob.compare([DollarCostAverage()], sample(), engine="compiled"))
        head = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Strategy"))
        counts.append(len(re.split(r"\s{2,}", head.strip())))
        assert all(heading in head for heading in ("Final equity", "XIRR", "Sharpe", "Max drawdown"))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_quiet_prints_the_paths_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, *COMPARE, "--quiet", "--table", "runs.csv") == (0, f"{Path('report') / 'index.html'}\nruns.csv\n", "")
    assert pd.read_csv("runs.csv").columns.tolist()[0] == "date"
    assert call(capsys, "backtest", "buy-and-hold", *SAMPLE, "--quiet", "--table", "run.parquet") == (0, "run.parquet\n", "")
    assert "units_SIM-GOLD" in pd.read_parquet("run.parquet")
    assert call(capsys, "sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1,2", "--quiet", "--table", "s.csv") == (0, "s.csv\n", "")


def test_a_path_is_never_folded(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    folder = here / ("a folder of a long name " * 6).strip()
    code, out, _ = call(capsys, *COMPARE, "--out", str(folder))
    assert code == 0
    assert out.splitlines()[-1] == f"Report: {folder / 'index.html'}"


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    code, out, err = call(capsys, *arguments, "--json")
    assert (code, err) == (0, "")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found: dict[str, object] = json.loads(out, parse_constant=refuse)
    assert out.count("\n}\n") == 1
    return found


HEAD = ["orebody", "command", "simulated", "universe", "period", "source", "digest", "fill", "doubts", "notes", "account"]


def test_the_document_of_a_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "compare", *SAMPLE, "--no-tearsheets", "--contribution", "100", "--engine", "compiled", "--cash-rate", "0.02")
    assert list(found) == [*HEAD, "engine", "opening", "ranking", "left_out", "report", "table"]
    assert (found["simulated"], found["command"], found["orebody"]) == (True, "compare", ob.__version__)
    assert found["universe"] == {"name": "gold", "metal": "SIM-GOLD", "miners": ["SIM-MINERS"], "survivors_only": False}
    market = sample()
    assert (found["source"], found["digest"], found["fill"]) == (market.source, market.digest, "open")
    account = found["account"]
    assert isinstance(account, dict)
    assert account["contribution"] == 100
    assert account["cash_rate"] == {"of": "account", "average": 0.02, "known": True}
    assert account["costs"]["SIM-GOLD"] == {
        "commission": 0,
        "slippage": 0.0005,
        "borrow_rate": 0.01,
        "financing_spread": 0.015,
        "fixed_fee": 0,
    }
    assert found["table"] is None
    assert found["report"] == str(Path("report") / "index.html")
    assert [one["strategy"] for one in found["left_out"]] == ["quality-tilt"]  # type: ignore[index, attr-defined]
    rows = found["ranking"]
    assert isinstance(rows, list)
    labels = [row["strategy"] for row in rows]
    again = ob.compare(
        [RatioRotation()],
        market,
        ob.Account(contribution=100, cash_rate=0.02),
        engine="compiled",
        start=found["period"]["opening"],  # type: ignore[index]
    )
    assert {"metal: SIM-GOLD", "miners: SIM-MINERS", "ratio-rotation"} <= set(labels)
    for row in rows:
        if row["strategy"] in again.results:
            assert row["is_benchmark"] == (row["strategy"] in again.benchmarks)
            assert row["ruined"] is None
            for name, figure in again.metrics[row["strategy"]].to_series().items():
                if isinstance(figure, pd.Timestamp):
                    assert row["figures"][name] == str(figure.date())
                elif figure is pd.NaT or math.isnan(figure):
                    assert row["figures"][name] is None
                else:
                    assert row["figures"][name] == figure, name
    assert Path("report/index.html").is_file()


def test_the_document_of_a_run_and_of_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "backtest", "ratio-rotation", *SAMPLE, "--set", "window=60", "--table", "t.csv")
    run = ["engine", "opening", "strategy", "description", "checked", "ruined", "flags", "figures", "metal", "tearsheet", "table"]
    assert list(found) == [*HEAD, *run]
    result = ob.backtest(RatioRotation(window=60), sample())
    assert found["figures"]["final_equity"] == result.equity.iloc[-1]  # type: ignore[index]
    assert found["metal"]["figures"]["final_equity"] == result.benchmark.equity.iloc[-1]  # type: ignore[index]
    assert (found["tearsheet"], found["table"]) == (None, "t.csv")
    found = document(capsys, "sweep", "ratio-rotation", *SAMPLE, "--grid", "window=20,40,1", "--html", "s.html")
    swept = ["engine", "opening", "strategy", "checked", "metric", "n_trials", "failed", "best", "benchmarks", "neighbourhood"]
    swept += ["table", "page"]
    assert list(found) == [*HEAD, *swept]
    assert (found["n_trials"], found["failed"], found["page"], found["table"]) == (3, 1, "s.html", None)
    best = ob.sweep(RatioRotation, {"window": [20, 40, 1]}, sample()).best
    assert found["best"]["parameters"] == {"window": best["window"]}  # type: ignore[index]
    assert found["best"]["figures"]["sharpe"] == best["sharpe"]  # type: ignore[index]


def test_what_is_refused_leaves_standard_output_empty(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "report").mkdir()
    for asked, words in (
        (["compare", "glod", "--source", "sample", "--json"], "did you mean 'gold'?"),
        ([*COMPARE, "--json", "--table", "x.xls"], "end in .csv or .parquet"),
        ([*COMPARE, "--json", "--table", "report/x.csv"], "inside the report's folder"),
        ([*COMPARE, "--json", "--table", "no/x.csv"], "is not there"),
        (["backtest", "buy-and-hold", *SAMPLE, "--quiet", "--table", "x.csv", "--tearsheet", "x.csv"], "--table and --tearsheet are both"),
    ):
        code, out, err = call(capsys, *asked)
        assert (code, out) == (2, "")
        assert words in err
    assert list((here / "report").iterdir()) == []


def test_quiet_and_json_are_two_things(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, *COMPARE, "--quiet", "--json")
    assert (code, out) == (2, "")
    assert "--quiet and --json" in err


@pytest.mark.parametrize("asked", [COMPARE, ["backtest", "buy-and-hold", *SAMPLE]])
def test_a_full_disk_is_said_and_the_earlier_table_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, here: Path, asked: list[str]
) -> None:
    call(capsys, *asked, "--table", "t.csv")
    before = Path("t.csv").read_bytes()

    def full(self: Path, target: Path) -> None:
        if Path(target).name == "t.csv":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(self, target)

    replace = Path.replace
    monkeypatch.setattr(Path, "replace", full)
    code, out, err = call(capsys, *asked, "--table", "t.csv", "--json", "--cash", "7")
    assert (code, out, err) == (2, "", "orebody: cannot write t.csv: No space left on device\n")
    assert Path("t.csv").read_bytes() == before
    assert {path.name for path in here.iterdir()} <= {"t.csv", "report", ".orebody.sha256"}


class TestBrowser:
    def test_it_is_given_the_report(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
        asked: list[str] = []
        monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or True)
        assert call(capsys, *COMPARE, "--quiet", "--open")[0] == 0
        assert asked == [(here / "report" / "index.html").as_uri()]

    @pytest.mark.parametrize("fails", [False, webbrowser.Error("no"), OSError("no")])
    def test_none_is_said_and_no_failure(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fails: object) -> None:
        def opened(address: str) -> bool:
            if isinstance(fails, Exception):
                raise fails
            return False

        monkeypatch.setattr(webbrowser, "open", opened)
        code, out, err = call(capsys, *COMPARE, "--json", "--open")
        assert code == 0
        assert json.loads(out)["report"]
        assert "no browser could be started; open " in err
        assert str(Path("report/index.html").absolute()) in err


def test_a_pipe_that_closes_early_ends_the_printing_not_the_work(here: Path) -> None:
    piped = subprocess.run(
        f'"{sys.executable}" -m orebody {" ".join(COMPARE)} | true; echo "${{PIPESTATUS[0]}}"',
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.stdout, without_steps(piped.stderr)) == ("0\n", "")
    assert (here / "report" / "index.html").is_file()
    for asked in ("--help", "strategies", "compare --help"):
        piped = subprocess.run(f'"{sys.executable}" -m orebody {asked} | true', shell=True, capture_output=True, text=True, check=False)
        assert piped.stderr == "", asked


def test_a_pipe_gets_a_line_for_each_step_and_the_first_before_anything_heavy_is_imported(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    with pytest.raises(SystemExit):
        main([*COMPARE, "--json"])
    said = capsys.readouterr()
    assert json.loads(said.out)["command"] == "compare"
    lines = [line.partition(" s  ")[2] for line in said.err.splitlines()]
    steps = ["orebody compare: loading", "prices of gold from sample", "1/3 holding the metal", "2/3 holding the miners"]
    assert lines[:5] == [*steps, "3/3 dollar-cost-average"]
    heavy = "import os, sys; from orebody.cli import help_groups, progress_lines; known = {'numpy', 'pandas', 'rich'}\n"
    heavy += "loaded = lambda: print(sorted(known & set(sys.modules)), flush=True)\n"
    heavy += "help_groups.begin = lambda context: (progress_lines.begin(context), loaded(), os._exit(0))\n"
    heavy += "from orebody.cli.main import main\nmain(sys.argv[1:])\n"
    for command in (["compare", *SAMPLE], ["sweep", "ratio-rotation", *SAMPLE, "--grid", "entry=1,2"]):
        done = subprocess.run([sys.executable, "-c", heavy, *command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
        assert done.stderr == f"   0.0 s  orebody {command[0]}: loading\n"


def test_quiet_says_no_step_and_a_refused_option_comes_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for line, code in (([*COMPARE, "--quiet"], 0), ([*COMPARE, "--csh", "1"], 2), (["compare", "--help"], 0), (["run", "--schema"], 0)):
        with pytest.raises(SystemExit) as stopped:
            main(line)
        err = capsys.readouterr().err
        assert (stopped.value.code, err) == (code, without_steps(err)), line


def test_a_long_step_is_told_again_every_few_seconds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.0, 101.0, 104.9, 105.0, 105.1, 106.0])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(console, "step", print)
    with console.progress() as tell:
        for done, what in ((0, "points"), (1, "points"), (2, "points"), (3, "points"), (4, "points"), (5, "tests"), (9, "tests")):
            tell(done, 9, what)
    assert capsys.readouterr().out.splitlines() == ["0/9 points", "4/9 points", "5/9 tests"]


def test_a_terminal_shows_each_step(here: Path) -> None:
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "orebody", *COMPARE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment) as running:
        os.close(terminal)
        told = b""
        while True:
            try:
                part = os.read(controller, 65_536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            told += part
        assert running.stdout is not None
        out = running.stdout.read().decode()
    os.close(controller)
    assert running.returncode == 0
    words = told.decode()
    for step in ("1/3  holding the metal", "2/3  holding the miners", "3/3  dollar-cost-average", "ok"):
        assert step in words
    assert "\x1b" not in out
    assert "holding the" not in out
    assert out.splitlines()[-1] == f"Report: {Path('report') / 'index.html'}"


def test_control_characters_are_shown_not_obeyed() -> None:
    assert printable("a\x1b[2J\n  b\u202e") == r"a\x1b[2J b\u202e"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_examples(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = call(capsys, name, "--help")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "Examples:\n    orebody " + name in out
    if name not in ("run", "strategies", "data", "fetch", "completion", "doctor"):
        for option in ("--quiet", "--json", "--table", "--account-start DATE", "[default: 100,000]"):
            assert option in out
        headings = [line for line in out.splitlines() if re.fullmatch(r"[A-Z][A-Za-z' ]+:", line)]
        assert headings[0] == "Market:"
        assert headings[-5:] == ["Prices:", "Account:", "Costs:", "Yahoo and its cache:", "Output:"]


def test_numbers_among_the_defaults_are_written_as_a_person_writes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert "How many of each scenario.  [default: 5,000]" in call(capsys, "scenarios", "--help")[1]
    assert "[default: tearsheets]" in call(capsys, "compare", "--help")[1]


def test_the_list_of_commands_has_a_line_for_each(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = call(capsys, "--help")[1].partition("Backtests:")[2]
    assert sum(line.startswith("  ") and line.split()[0] in COMMANDS for line in told.splitlines()) == len(COMMANDS)
    assert not re.search(r"\n {10,}\S", told)


def examples() -> list[str]:
    """Every example of every command's help that needs no network, no file of the user's and no cache, on one line each."""
    found = []
    for name in COMMANDS:
        text = import_module(f"orebody.cli.commands.{name.replace('-', '_')}").command.help or ""
        lines = text.split("Examples:\n")[1].split("\n\n")[0].replace("\\\n", " ")
        found += [" ".join(line.split()) for line in lines.splitlines() if line.strip()]
    return [line for line in found if "--source sample" in line or (line.split()[1] in ("strategies", "doctor") and "network" not in line)]


@pytest.mark.slow
@pytest.mark.parametrize("line", examples())
def test_the_examples_run(here: Path, line: str) -> None:
    program = here / "orebody"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m orebody "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "BROWSER": "true", "OREBODY_CACHE": str(here / "cache")}
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, without_steps(done.stderr)) == (0, ""), line


def test_the_examples_are_those_of_the_help() -> None:
    assert len(examples()) >= 18
    assert {line.split()[1] for line in examples()} == set(COMMANDS) - {"run", "data", "fetch", "completion"}


def test_exit_codes_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(capsys, "--help")[1]
    for words in ("Exit codes: 0 done", "2 refused", "130 interrupted"):
        assert words in out
    for name in COMMANDS:
        assert f"\n  {name} " in out
    for heading in ("Backtests:", "Research:", "Prices:", "This installation:"):
        assert f"\n{heading}\n" in out


def test_names_of_a_market_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    made = ob.compare({"\x1b[31mred\n": BuyAndHold()}, random_market(3, bars=40))
    ranking.print_ranking(made)
    assert "\x1b" not in capsys.readouterr().out
