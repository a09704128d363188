"""A class in a file of the user's where a strategy is named; names of files that say another kind; refusals of several lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orebody.cli.main import main
from orebody.io.text import printable_lines

OWN = """
from dataclasses import dataclass

import numpy as np

import orebody as ob
from beside import SHARE


@dataclass(frozen=True)
class HalfGold(ob.Strategy):
    "Half in the metal on the first bar it decides."

    window: int = ob.parameter(5, "bars", low=1, high=50)

    def decide(self, market: ob.Market) -> ob.Decisions:
        if self.window == 13:
            raise KeyError("thirteen")
        weights = np.full((1, len(market.tickers)), np.nan)
        weights[0, 0] = SHARE
        return ob.Decisions(weights=weights, rows=np.array([market.opening]))


class NoStrategy:
    pass
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "half_gold_test.py").write_text(OWN)
    (tmp_path / "beside.py").write_text("SHARE = 0.5\n")
    (tmp_path / "broken.py").write_text("import os\n\n1 / 0\n")
    (tmp_path / "unclosed.py").write_text("x = (1,\n\ny = 2\n")
    (tmp_path / "leaves.py").write_text("raise SystemExit(3)\n")
    yield tmp_path
    for name in ("half_gold_test", "beside"):
        sys.modules.pop(name, None)


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stopped.value.code or 0), out, err


SAMPLE = ("gold", "--source", "sample", "--start", "2024-01-01", "--engine", "compiled")


def test_a_class_in_a_file_is_a_strategy(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "backtest", "half_gold_test.py:HalfGold", *SAMPLE, "--set", "window=7", "--quiet", "--table", "t.csv")
    assert code == 0, err
    assert (here / "t.csv").is_file()
    code, out, err = call(
        capsys,
        *("compare", *SAMPLE, "--strategy", "half_gold_test.py:HalfGold", "--strategy", "buy-and-hold"),
        *("--set", "half-gold.window=9", "--no-tearsheets", "--out", "r"),
    )
    assert code == 0, err
    assert "half-gold" in out
    assert (here / "r" / "index.html").is_file()
    code, out, _ = call(capsys, "strategies", "half_gold_test.py:HalfGold")
    assert code == 0
    assert "window" in out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.py:HalfGold", "there is no file 'missing.py': give the path of a Python file"),
        ("half_gold_test.py:HalfGolf", "class in half_gold_test.py 'HalfGolf'; did you mean 'HalfGold'? (known: HalfGold, NoS"),
        ("half_gold_test.py:NoStrategy", "half_gold_test.py:NoStrategy is no strategy: derive a frozen dataclass from orebody.Strategy"),
        ("half_gold_test.py", "half_gold_test.py is a file: name the class in it too"),
        ("broken.py:HalfGold", "broken.py cannot be loaded: ZeroDivisionError: division by zero (line 3)"),
        ("unclosed.py:HalfGold", "unclosed.py cannot be loaded: SyntaxError: '(' was never closed (line 1)"),
        ("leaves.py:HalfGold", "leaves.py cannot be loaded: SystemExit: 3 (line 1)"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(name: str, says: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["backtest", name, *SAMPLE], ["compare", *SAMPLE, "--strategy", name], ["strategies", name]):
        code, out, err = call(capsys, *command)
        assert (code, out) == (2, "")
        assert says in err
        assert "Traceback" not in err


def test_what_its_code_raises_is_no_traceback(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "backtest", "half_gold_test.py:HalfGold", *SAMPLE, "--set", "window=13")
    assert code == 2
    assert "orebody: half_gold_test.py raised an error: KeyError: 'thirteen' (line 18)" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("backtest", "buy-and-hold", *SAMPLE, "--tearsheet", "x.pdf"), "--tearsheet is 'x.pdf': it is written as an HTML page"),
        (("sweep", "ratio-rotation", *SAMPLE[:5], "--grid", "window=5", "--html", "x.csv"), "--html is 'x.csv': it is written as"),
        (("backtest", "buy-and-hold", *SAMPLE, "--table", "x.html"), "cannot write 'x.html': tables end in .csv or .parquet"),
    ],
)  # fmt: skip
def test_files_are_refused_by_the_kind_that_their_name_says(
    command: tuple[str, ...], says: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, *command)
    assert code == 2
    assert says in err
    assert not list(here.glob("x.*"))


def test_a_list_of_findings_is_printed_a_line_each(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "prices").mkdir()
    for ticker in ("A", "B"):
        lines = [f"2024-01-{day:02d},10,11,9,{-1 if day == 3 else 10}" for day in (2, 3, 4, 5)]
        (here / "prices" / f"{ticker}.csv").write_text("\n".join(["Date,Open,High,Low,Close", *lines]))
    code, _, err = call(capsys, "compare", "--metal", "A", "--miners", "B", "--source", "prices")
    assert code == 2
    lines = err[err.index("orebody: ") :].splitlines()
    assert lines[0] == "orebody: the prices cannot be trusted, 2 things are wrong:"
    assert [line[:16] for line in lines if line.startswith("  ") and line[2] != " "] == ["  A: 2024-01-03:", "  B: 2024-01-03:"]
    assert max(map(len, lines)) <= 80


def test_lines_stay_lines_and_control_characters_are_shown() -> None:
    assert printable_lines("one\x1b[2J  line") == "one\\x1b[2J line"
    assert printable_lines("two:\n  a\tb\n    c\x07\n") == "two:\n  a b\n    c\\x07"
    long = printable_lines("head:\n  " + "word " * 40)
    assert all(len(line) <= 80 for line in long.splitlines())
    assert [line[:4] for line in long.splitlines()[1:]] == ["  wo", "    ", "    "]
