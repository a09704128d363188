"""What pages, tables and the command line show of gearing and of returns taken apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runner import call
from gearing_markets import PRODUCERS, SAMPLE, TWO

import orebody as ob
from orebody.strategies import CoreSatellite

# ---- what is shown


def test_the_page_has_the_figures_and_is_the_same_each_time(tmp_path: Path) -> None:
    page = SAMPLE.report(tmp_path / "gearing.html").read_text(encoding="utf-8")
    row = SAMPLE.table.loc["SIM-SENIOR"]
    cells = f"<td>{row['beta']:.2f}</td>"
    assert cells in page
    assert "SIMULATED" in page
    assert SAMPLE.operating is not None
    assert f"<td>{SAMPLE.operating.loc['SIM-ROYALTY', 'profit_change']:+.0%}</td>" in page
    assert page == SAMPLE.report(tmp_path / "again.html").read_text(encoding="utf-8")


def test_names_are_escaped_and_what_is_missing_is_said(tmp_path: Path) -> None:
    states = pd.Series(np.where(np.arange(len(TWO)) % 2, "<b>odd</b>", "$e^x$"), index=TWO.dates)
    page = ob.gearing(TWO, regimes={"<script>x</script>": states}).report(tmp_path / "odd.html").read_text(encoding="utf-8")
    assert "<script>x" not in page
    assert "<b>odd" not in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "Operating leverage is left out" in page
    label = "<i>$x^$</i>"
    apart = ob.decompose(ob.compare({label: CoreSatellite()}, TWO, engine="compiled"))
    assert "<i>" not in apart.report(tmp_path / "apart.html").read_text(encoding="utf-8")


def test_returns_taken_apart_have_a_page_and_stand_in_a_report(tmp_path: Path) -> None:
    comparison = ob.compare([CoreSatellite()], PRODUCERS, engine="compiled")
    apart = ob.decompose(comparison)
    page = apart.report(tmp_path / "apart.html").read_text(encoding="utf-8")
    assert f"<td>{apart.table.loc['core-satellite', 'gearing']:+.1%}</td>" in page
    both = SAMPLE.report(tmp_path / "both.html", apart).read_text(encoding="utf-8")
    assert both.index("Realised gearing over the whole period") < both.index("In shares of the money at the beginning")
    comparison.report(tmp_path / "report", tearsheets=False, research=[SAMPLE, apart])
    index = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "What the returns were made of" in index
    assert "Gearing: by how much more" in index


def test_rolling_betas_as_a_table(tmp_path: Path) -> None:
    table = pd.read_csv(SAMPLE.save(tmp_path / "gearing.csv"), index_col="date", parse_dates=True)
    pd.testing.assert_series_equal(
        table["down_beta_SIM-SENIOR"], SAMPLE.rolling["SIM-SENIOR", "down"], check_names=False, check_freq=False, check_index_type=False
    )


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    asked = ("gearing", "gold-producers", "--source", "sample", "--strategy", "core-satellite", "--html", "g.html", "--table", "g.csv")
    code, out, err = call(capsys, *asked)
    assert (code, err) == (0, "")
    row = SAMPLE.table.loc["SIM-ROYALTY"]
    assert f"SIM-ROYALTY     {row['beta']:.2f}  {row['se']:.2f}" in out
    assert "What the returns were made of" in out
    assert max(map(len, out.splitlines()[:-4])) <= 80
    assert Path("g.html").is_file()
    assert Path("g.csv").is_file()
    apart = ob.decompose(ob.compare([CoreSatellite()], PRODUCERS, engine="compiled"))
    assert f"{apart.table.loc['core-satellite', 'total']:+.0%}" in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--frequency", "hour"), "frequency is 'hour'"),
        (("--window", "100000"), "window is 100000"),
        (("--set", "ratio-rotation.window=60"), "add --strategy NAME"),
        (("--table", "g.txt"), "tables end in .csv or .parquet"),
        (("--html", "nowhere/g.html"), "the folder that should hold it is not there"),
        (("--move", "-1"), "move is -1.0"),
    ],
)
def test_the_command_line_refuses_in_one_sentence(more: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "gearing", "gold", "--source", "sample", *more)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
