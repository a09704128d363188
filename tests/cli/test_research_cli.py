"""What research prints for scripts and writes as tables, beside what the library computes, and what a notebook shows of it."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cli_runner import call

import orebody as ob
from orebody.errors import ParameterError, UnknownNameError
from orebody.report.notebook.card import SIMULATED
from orebody.strategies import RatioRotation

SAMPLE = ["gold", "--source", "sample", "--start", "2015-01-01"]
ROTATION = ["--strategy", "ratio-rotation"]
WALK = ["walk-forward", "ratio-rotation", *SAMPLE, "--grid", "window=20,40", "--train", "3 years", "--test", "1 year"]
COMMANDS = {
    "walk-forward": WALK,
    "significance": ["significance", *SAMPLE, *ROTATION, "--samples", "100"],
    "gearing": ["gearing", *SAMPLE, *ROTATION],
    "scenarios": ["scenarios", *SAMPLE, *ROTATION, "--paths", "20", "--horizon", "60"],
    "stress": ["stress", *SAMPLE, *ROTATION],
}
HEAD = ["orebody", "command", "simulated", "universe", "period", "source", "digest", "fill", "doubts", "notes", "account"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = call(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    assert list(found)[: len(HEAD)] == HEAD
    assert found["simulated"] is True
    return found


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2015-01-01")


@cache
def made() -> dict[str, Any]:
    market = sample()
    comparison = ob.compare([RatioRotation()], market, engine="compiled")
    return {
        "walk-forward": ob.walk_forward(RatioRotation, {"window": [20, 40]}, market, ob.Account(), "3 years", "1 year"),
        "significance": ob.significance(comparison, samples=100),
        "gearing": ob.gearing(market),
        "decomposition": ob.decompose(comparison),
        "scenarios": ob.scenarios([RatioRotation()], market, paths=20, horizon=60),
        "stress": ob.stress(comparison),
    }


def same(rows: list[dict[str, Any]], table: pd.DataFrame) -> None:
    """Every cell of a table is in the document: dates as text, what is not there as null."""
    assert len(rows) == len(table)
    for row, (_, known) in zip(rows, table.iterrows(), strict=True):
        for name, value in known.items():
            if isinstance(value, pd.Timestamp):
                assert row[name] == str(value.date())
            elif value is None or (isinstance(value, float) and math.isnan(value)):
                assert row[name] is None
            else:
                assert row[name] == value


def test_walk_forward(capsys: pytest.CaptureFixture[str]) -> None:
    found, walk = document(capsys, *WALK), made()["walk-forward"]
    assert (found["n_trials"], found["train"], found["test"]) == (2, "3 years", "1 year")
    same(found["windows"], walk.windows.drop(columns="window"))
    assert [row["parameters"] for row in found["windows"]] == [{"window": value} for value in walk.windows["window"]]
    assert found["figures"]["final_equity"] == walk.result.equity.iloc[-1]
    assert found["efficiency"]["sharpe"]["in_sample"] == walk.efficiency.loc["sharpe", "in_sample"]
    assert found["relative_rank"] == walk.relative_rank


def test_significance(capsys: pytest.CaptureFixture[str]) -> None:
    found, known = document(capsys, *COMMANDS["significance"]), made()["significance"]
    same(found["tests"], known.table)
    same(found["intervals"], known.intervals)
    same(found["random_timing"], known.random_timing)
    assert found["spa"] == known.spa.to_dict()
    assert (found["overfitting"], found["notes_on_tests"]) == (None, known.notes)
    assert found["sentences"] == known.sentences
    assert found["tests"][0]["strategy"] == "ratio-rotation"


def test_gearing(capsys: pytest.CaptureFixture[str]) -> None:
    found, known, apart = document(capsys, *COMMANDS["gearing"]), made()["gearing"], made()["decomposition"]
    same(found["gearing"], known.table)
    same(found["regimes"], known.regimes)
    assert (found["operating"], found["sentences"]) == (None, known.sentences)
    parts = {row["strategy"]: row["parts"] for row in found["decomposition"]}
    assert parts["ratio-rotation"] == apart.table.loc["ratio-rotation"].to_dict()
    assert found["opening"].startswith("All accounts open on 2015-12-")
    alone = document(capsys, "gearing", *SAMPLE)
    assert (alone["decomposition"], alone["opening"]) == (None, None)
    code, out, _ = call(capsys, *COMMANDS["gearing"])
    assert code == 0
    assert found["opening"] in " ".join(out.split())


def test_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    found, known = document(capsys, *COMMANDS["scenarios"]), made()["scenarios"]
    same(found["outcomes"], known.table)
    assert (found["paths"], found["horizon"]) == (20, 60)
    worst = {row["strategy"]: row["worst"] for row in found["regret"]}
    assert worst == known.regret["worst"].to_dict()
    assert found["regret"][0]["by_scenario"].keys() == {"bullish", "bearish", "in between"}


def test_stress(capsys: pytest.CaptureFixture[str]) -> None:
    found, known = document(capsys, *COMMANDS["stress"]), made()["stress"]
    same(found["episodes"], known.table)
    assert {row["episode"]: row["reason"] for row in found["episodes_left_out"]} == known.left_out
    assert (found["safe_haven"], found["safe_haven_note"]) == (None, known.safe_haven_note)


def test_what_is_left_out_stands_below_what_came_out(capsys: pytest.CaptureFixture[str]) -> None:
    lines = call(capsys, "stress", *SAMPLE)[1].splitlines()
    assert lines[0].startswith("SIMULATED")
    assert lines[-1] == "Left out: quality-tilt: the market 'gold' has no fundamentals of its miners."


def test_a_table_of_an_episode_has_a_line_for_each_run_on_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(capsys, "stress", *SAMPLE, *ROTATION)[1]
    figures = {label: f"{100 * row['return']:+.1f} %" for label, row in made()["stress"].table.set_index("strategy").iterrows()}
    for label in ("metal: SIM-GOLD", "miners: SIM-MINERS"):
        (line,) = [line for line in out.splitlines() if line.startswith(f"{label} (benchmark) ")][-1:]
        assert figures[label] in line
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_quiet_prints_the_paths_alone_and_the_table_is_the_frame(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert call(capsys, *COMMANDS[name], "--quiet", "--table", "t.csv", "--html", "p.html") == (0, "t.csv\np.html\n", "")
    frame = made()[name].to_frame()
    table = pd.read_csv("t.csv")
    assert list(table.columns) == [*([frame.index.name] if frame.index.name else []), *frame.columns, "prices"]
    assert len(table) == len(frame)
    assert set(table["prices"]) == {"SIMULATED"}
    for column in frame.select_dtypes("number"):
        assert table[column].to_numpy() == pytest.approx(frame[column].to_numpy(dtype=float), rel=1e-15, nan_ok=True)
    assert "SIMULATED" in Path("p.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_quiet_and_json_are_two_things_and_help_has_both(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, err = call(capsys, *COMMANDS[name], "--quiet", "--json")
    assert (code, out) == (2, "")
    assert "--quiet and --json" in err
    code, out, err = call(capsys, name, "--help")
    assert (code, err) == (0, "")
    for word in (
        "\nMarket:\n",
        "\nPrices:\n",
        "\nAccount:\n",
        "\nCosts:\n",
        "\nOutput:\n",
        "--quiet",
        "--json",
        "--table",
        "[default: 100,000]",
    ):
        assert word in out
    assert f"Examples:\n    orebody {name} " in out
    assert max(map(len, out.splitlines())) <= 80


def test_other_frames_and_those_that_are_not_there() -> None:
    significance, stress = made()["significance"], made()["stress"]
    assert significance.to_frame("intervals") is significance.intervals
    assert significance.save("i.parquet", "intervals") == Path("i.parquet")
    assert pd.read_parquet("i.parquet")["metric"].tolist() == significance.intervals["metric"].tolist()
    with pytest.raises(UnknownNameError, match="did you mean 'intervals'"):
        significance.to_frame("interval")
    with pytest.raises(UnknownNameError, match="frame of a stress test 'tables'; did you mean 'table'"):
        stress.to_frame("tables")
    with pytest.raises(ParameterError, match="there is no table 'safe_haven': no gauge 'equities'"):
        stress.to_frame("safe_haven")
    swept = ob.significance(ob.sweep(RatioRotation, {"window": [20, 40]}, sample(), keep="equity"), samples=100)
    with pytest.raises(ParameterError, match="there is no table 'random_timing': a sweep keeps no decisions"):
        swept.to_frame("random_timing")
    assert made()["decomposition"].save("d.csv") == Path("d.csv")
    assert pd.read_csv("d.csv")["strategy"].tolist() == list(made()["decomposition"].table.index)


SAID = {
    "walk-forward": ["2016", "<svg", "Rank"],
    "significance": ["ratio-rotation", "Sharpe"],
    "gearing": ["SIM-MINERS", "<svg"],
    "decomposition": ["ratio-rotation", "miners: SIM-MINERS"],
    "scenarios": ["bullish", "bearish", "in between", "<svg", "no forecast"],
    "stress": ["March 2020", "metal: SIM-GOLD (benchmark)", "2008 crash is left out"],
}


@pytest.mark.parametrize("name", SAID)
def test_a_notebook_shows_it(name: str) -> None:
    shown: str = made()[name]._repr_html_()
    assert shown.startswith('<div class="orebody">')
    assert shown.endswith("</div>")
    assert SIMULATED in shown
    assert made()[name].section().title in shown
    for words in (*SAID[name], *made()[name].section().sentences[:1]):
        assert words in shown or words.replace("'", "&#x27;") in shown
    assert len(shown) < 60_000


def test_figures_in_a_notebook_are_those_of_the_tables() -> None:
    stress, scenarios = made()["stress"], made()["scenarios"]
    shown = stress._repr_html_()
    for value in stress.table["return"]:
        assert f"<td>{value:+.1%}</td>" in shown
    shown = scenarios._repr_html_()
    for value in scenarios.table["median"]:
        assert f"<td>{value:,.0f}</td>" in shown


def test_names_in_a_notebook_are_escaped() -> None:
    comparison = ob.compare({"<b>bold</b>": RatioRotation()}, sample(), engine="compiled")
    for what in (ob.stress(comparison), ob.decompose(comparison), ob.significance(comparison, samples=100)):
        shown = what._repr_html_()
        assert "<b>bold" not in shown
        assert "&lt;b&gt;bold" in shown
