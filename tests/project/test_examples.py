"""The examples: numbered, listed, asked alike, refusing in a sentence; and the figures behind two of their findings, by other means."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from project import EXAMPLES

SCRIPTS = sorted(EXAMPLES.glob("[0-9]*.py"))
pytestmark = pytest.mark.skipif(not SCRIPTS, reason="the examples are not beside the tests")
each = pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))  # as python does for a script
    monkeypatch.chdir(tmp_path)


def run(monkeypatch: pytest.MonkeyPatch, script: Path, *options: str) -> object:
    """Run a script to its end and return its exit code, or the sentence in its place."""
    monkeypatch.setattr("sys.argv", [str(script), *options])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    return ended.value.code


def test_they_are_numbered_without_a_gap_and_nothing_else_is_there() -> None:
    assert [int(script.name[:2]) for script in SCRIPTS] == list(range(1, 15))
    assert {path.name for path in EXAMPLES.glob("*.py")} == {script.name for script in SCRIPTS} | {"options.py"}


def test_the_readme_lists_each_of_them_once_in_order() -> None:
    rows = re.findall(r"^\| \[(.+?)\]\((.+?)\) \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert rows == [(script.name, script.name) for script in SCRIPTS]


@each
def test_its_docstring_begins_with_what_it_is_about_and_says_how_it_is_run(script: Path) -> None:
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert text is not None
    assert text.splitlines()[0].endswith((".", "?"))
    assert f"python examples/{script.name}\n" in text or f"python examples/{script.name}  " in text
    assert set(re.findall(r"examples/(\S+\.py)", text)) == {script.name}


@each
def test_its_help_says_what_it_is_about_and_has_the_same_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: Path
) -> None:
    assert run(monkeypatch, script, "--help") == 0
    said = capsys.readouterr().out
    assert set(re.findall(r"^  (--\w+)", said, flags=re.MULTILINE)) == {"--source", "--start", "--end", "--out"}
    assert (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "-").splitlines()[0] in said


@each
def test_a_source_that_is_not_there_ends_in_a_sentence_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: Path
) -> None:
    said = run(monkeypatch, script, "--source", "nowhere")
    assert isinstance(said, str)  # python prints it on standard error and exits with 1
    assert "nowhere" in said
    assert "\n" not in said
    assert list(tmp_path.iterdir()) == []


@each
def test_a_place_that_cannot_be_is_refused_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: Path
) -> None:
    assert run(monkeypatch, script, "--out", "result.docx") == 2
    assert "--out result.docx: give" in capsys.readouterr().err
    default = re.search(r'run\(main, __doc__, out="(.+)"\)', script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert default is not None
    assert run(monkeypatch, script, "--out", f"not/there/{default.group(1)}") == 2
    assert "there is no folder" in capsys.readouterr().err


def names_of(name: str) -> dict[str, Any]:
    (script,) = EXAMPLES.glob(f"{name}_*.py")
    return runpy.run_path(str(script))


def test_a_lump_sum_and_instalments_are_worth_what_a_plain_loop_says() -> None:
    market = ob.testing.random_market(7, cash_rate=0.0)
    first = 65
    end = next(bar for bar, day in enumerate(market.dates) if day > market.dates[first] + pd.DateOffset(years=1))
    months = [bar for bar in range(first + 1, end) if market.dates[bar].month != market.dates[bar - 1].month]
    for role, column in (("metal", 0), ("miners", 1)):
        # an order of the close is filled at the next open, 0.05 % dearer
        lump = 12_000 / (market.open[first + 1, column] * 1.0005) * market.close[end - 1, column]
        units = sum(1_000 / (market.open[bar + 1, column] * 1.0005) for bar in [first, *months][:12])
        found = names_of("02")["a_year_on"](market, first, role)
        np.testing.assert_allclose(found, (lump, units * market.close[end - 1, column]), rtol=1e-12)


def test_where_the_miners_end_before_their_metal_the_comparison_ends_with_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    market = ob.testing.random_market(3, bars=700)
    folder = tmp_path / "prices"
    folder.mkdir()
    for column, (ticker, bars) in enumerate({"GLD": 700, "GDX": 600}.items()):
        frame = pd.DataFrame(
            {name.capitalize(): getattr(market, name)[:bars, column] for name in ("open", "high", "low", "close")},
            index=market.dates[:bars].rename("Date"),
        )
        frame.assign(Volume=1000).to_csv(folder / f"{ticker}.csv")
    monkeypatch.setattr("sys.argv", ["13_beyond_gold.py", "--source", str(folder)])
    (script,) = EXAMPLES.glob("13_*.py")
    runpy.run_path(str(script), run_name="__main__")
    said = capsys.readouterr().out
    assert f"gold: only until {market.dates[599].date()}, when the prices of its miners end" in said
    assert "silver: left out, 2 files cannot be used:\n  there is no SLV.csv" in said
    final = float(re.search(r"^gold, from .*: metal ([\d,]+), miners", said, flags=re.MULTILINE).group(1).replace(",", ""))  # type: ignore[union-attr]
    # the metal bought with 100,000 on the first day on which the rotation could decide, and 1,000 a month, all at closes plus costs
    bought = [252, *(bar for bar in range(253, 600) if market.dates[bar].month != market.dates[bar - 1].month)]
    paid = 1.0005 * 1.001
    units = 100_000 / (market.close[bought[0], 0] * paid) + sum(1_000 / (market.close[bar, 0] * paid) for bar in bought[1:])
    assert abs(final - units * market.close[599, 0]) < 1
    assert (tmp_path / "beyond-gold.png").stat().st_size > 10_000
