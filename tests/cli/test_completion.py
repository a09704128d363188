"""Completion: what a real bash is given, what is read from the sources' text, and how little it imports."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import orebody as ob
from orebody.cli import completion_index
from orebody.cli.commands.completion import SHELLS
from orebody.cli.main import main
from orebody.engine.kernel import FIGURES
from orebody.io.text import kebab_case
from orebody.market.universe import NAMED
from orebody.registry import strategies
from orebody.research.sweep.analysis import METRICS
from orebody.sources.sample import UNIVERSES

# Answers what bash would, for the words given, one a line; `compopt` belongs to an interactive shell, and says here that it was asked.
_ASK = """
eval "$(cat script)"
compopt() { echo "compopt $1 $2"; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_orebody_completion orebody
printf "%s\\n" "${COMPREPLY[@]}"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the script for bash, an `orebody` of this Python, prices and an empty cache."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["completion", "bash"])
    assert stopped.value.code == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    program = tmp_path / "orebody"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m orebody "$@"\n')
    program.chmod(0o755)
    (tmp_path / "prices").mkdir()
    for ticker in ("GLD", "GDX", "GDXJ"):
        (tmp_path / "prices" / f"{ticker}.csv").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("OREBODY_CACHE", str(tmp_path / "cache"))
    return tmp_path


def bash(*words: str) -> list[str]:
    done = subprocess.run(["bash", "--norc", "-c", _ASK, "bash", *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["orebody", "comp"], ["compare", "completion"]),
        (["orebody", "compare", "gold-p"], ["gold-producers"]),
        (["orebody", "compare", "--source", "sample", ""], ["gold", "gold-juniors", "gold-producers", "silver", "copper"]),
        (["orebody", "backtest", "rat"], ["ratings-breadth", "ratio-rotation"]),
        (["orebody", "backtest", "ratio-rotation", "gold", "--set", ""], ["compopt -o nospace", "window=", "entry=", "exit="]),
        (["orebody", "walk-forward", "ratio-rotation", "gold", "--grid", "w"], ["compopt -o nospace", "window="]),
        (["orebody", "compare", "gold", "--set", "trim"], ["compopt -o nospace", "trim-stretch."]),
        (["orebody", "compare", "gold", "--set", "trim-stretch.w"], ["compopt -o nospace", "trim-stretch.window="]),
        (["orebody", "compare", "--source", "prices", "--miners", "GLD,GDX"], ["GLD,GDX", "GLD,GDXJ"]),
        (["orebody", "sweep", "ratio-rotation", "gold", "--metric", "sh"], ["sharpe"]),
        (["orebody", "stress", "gold", "--epi"], ["--episode"]),
        (["orebody", "completion", ""], list(SHELLS)),
        (["orebody", "compare", "gold", "--out", ""], ["compopt -o default", ""]),
    ],
)
def test_bash_is_given(here: Path, words: list[str], given: list[str]) -> None:
    assert sorted(bash(*words)) == sorted(given)


def test_every_shell_gets_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in SHELLS:
        with pytest.raises(SystemExit) as stopped:
            main(["completion", shell])
        assert stopped.value.code == 0
        said = capsys.readouterr()
        assert f"_OREBODY_COMPLETE={shell}_complete" in said.out
        assert said.err == ""


def test_nothing_heavy_is_imported_and_no_command_where_commands_are_asked_for(tmp_path: Path) -> None:
    code = (
        "import atexit, sys; from orebody.cli.main import main; heavy = ('numpy', 'pandas', 'numba', 'yfinance', 'rich', 'backtrader'); "
        "atexit.register(lambda: print('heavy:', [one for one in heavy if one in sys.modules])); main()"
    )
    for words in (
        "orebody ",
        "orebody backtest ratio-rotation gold --set ",
        "orebody compare gol",
        "orebody sweep ratio-rotation gold --metric ",
    ):
        asked = {"_OREBODY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()))}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | asked)
        assert done.stdout.endswith("heavy: []\n")
        assert done.stdout.startswith("plain,") or words == "orebody compare gol"


def test_names_are_those_of_the_classes() -> None:
    assert completion_index.strategies() == list(strategies())
    for name, strategy in strategies().items():
        assert completion_index.parameters()[name] == {field.name: field.metadata["about"] for field in dataclasses.fields(strategy)}  # type: ignore[arg-type]
    assert completion_index.sample_universes() == list(UNIVERSES)
    assert tuple(completion_index.figures()) == METRICS
    assert set(completion_index.figures()) < set(FIGURES)
    assert set(UNIVERSES) <= set(NAMED)


@pytest.mark.parametrize(
    ("name", "typed"), [("RatioRotation", "ratio-rotation"), ("HTTPFilter", "http-filter"), ("Ema20Cross", "ema20-cross"), ("X", "x")]
)
def test_completion_and_strategies_write_a_name_alike(name: str, typed: str) -> None:
    made = type(name, (ob.Strategy,), {})
    assert (kebab_case(name), made.name()) == (typed, typed)
