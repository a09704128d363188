"""`orebody significance`: a comparison, a sweep, and one sentence for what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import call

SAMPLE = ["significance", "gold", "--source", "sample", "--samples", "100", "--level", "0.9"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def test_a_comparison_prints_and_writes_a_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rotations = ["--strategy", "ratio-rotation", "--strategy", "momentum-rotation", "--strategy", "core-satellite"]
    code, out, _ = call(
        capsys, *SAMPLE, *rotations, "--set", "ratio-rotation.window=60", "--metric", "sharpe", "--n-trials", "40", "--html", "s.html"
    )
    assert code == 0
    assert out.startswith("SIMULATED")
    assert max(map(len, out.splitlines())) <= 80
    said = " ".join(out.split())
    assert "Of 3 strategies, none grew faster than metal: SIM-GOLD" in said
    assert "the best of 40 tries" in said
    assert "No shifted runs of core-satellite: it never changes its weights" in said
    assert out.splitlines()[-1] == "Page: s.html"
    assert "Skill or luck" in (tmp_path / "s.html").read_text(encoding="utf-8")


def test_a_grid_is_judged_as_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, *SAMPLE, "--strategy", "ratio-rotation", "--grid", "window=20:100:20", "--grid", "entry=1,2")
    assert code == 0
    said = " ".join(out.split())
    assert "Of 10 points" in said
    assert "No shifted runs at random times: a sweep keeps no decisions" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--grid", "window=20,40"], "--grid needs the one strategy"),
        (["--strategy", "ratio-rotation", "--metric", "xirr"], "unknown metric with an interval 'xirr'"),
        (["--strategy", "ratio-rotation", "--n-trials", "0"], "n_trials is 0"),
        (["--strategy", "ratio-rotation", "--blocks", "3"], "blocks is 3"),
        (["--strategy", "ratio-rotation", "--html", "nowhere/x.html"], "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    code, _, err = call(capsys, *SAMPLE, *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())
