"""Running studies: the numbers are those of the same calls in Python, and the copy in a report gives them again."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import call
from yahoo_server import YahooServer

import orebody as ob
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from project import STUDIES

TEXT = """# a study <script>alert("é")</script>
title = "two of them"
universe = "gold"
engine = "compiled"
[prices]
source = "sample"
[period]
start = 2022-01-01
[account]
contribution = 1_000
costs = { commission = 0.001 }
[strategies]
averaging = { kind = "dollar-cost-average", installments = 24 }
fast = { kind = "ratio-rotation", window = 60 }
[research]
gearing = { frequency = "week" }
[[research.sweep]]
strategy = "fast"
grid = { window = { from = 20, to = 60, step = 20 }, entry = [0.5, 1.0] }
[output]
tearsheets = false
table = "equity.csv"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    (tmp_path / "study.toml").write_bytes(TEXT.encode("utf-8"))
    return tmp_path


def test_the_numbers_are_those_of_the_same_calls(here: Path) -> None:
    told: list[tuple[int, int, str]] = []
    findings = ob.load_study("study.toml").run(lambda *step: told.append(step))
    market = ob.load_market("gold", source="sample", start="2022-01-01")
    account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
    strategies = {"averaging": DollarCostAverage(installments=24), "fast": RatioRotation(window=60)}
    expected = ob.compare(strategies, market, account, engine="compiled")
    pd.testing.assert_frame_equal(findings.table, expected.table, check_exact=True)
    gearing = ob.gearing(market, frequency="week")
    pd.testing.assert_frame_equal(findings.research["gearing"].table, gearing.table, check_exact=True)
    sweep = ob.sweep(RatioRotation(window=60), {"window": [20, 40, 60], "entry": [0.5, 1.0]}, market, account)
    pd.testing.assert_frame_equal(findings.research["sweep"].table, sweep.table, check_exact=True)
    assert [what for _, _, what in told] == [
        *("prices", "holding the metal", "holding the miners", "averaging", "fast", "gearing", "sweep", "done"),
    ]
    assert [done for done, _, _ in told] == list(range(8))
    assert "Research: gearing, sweep" in repr(findings)


def test_the_copy_in_a_report_gives_the_same_numbers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, errors = call(capsys, "run", "study.toml", "--out", "first")
    assert (code, errors) == (0, "")
    assert "two of them" in said
    assert "Sweep: ratio-rotation. 6 points, 0 failed" in said
    assert said.endswith("Report: first/index.html\nTable: equity.csv\n")
    digest = hashlib.sha256((here / "study.toml").read_bytes()).hexdigest()
    assert call(capsys, "run", "first/study.toml", "--out", "second", "--quiet")[:2] == (0, "second/index.html\nequity.csv\n")
    assert (here / "second" / "ranking.csv").read_bytes() == (here / "first" / "ranking.csv").read_bytes()
    assert (here / "second" / "study.toml").read_bytes() == (here / "first" / "study.toml").read_bytes()
    assert digest in (here / "second" / "index.html").read_text(encoding="utf-8")
    assert (here / "first" / "study.toml").read_bytes().startswith(TEXT.encode("utf-8"))
    page = (here / "first" / "index.html").read_text(encoding="utf-8")
    assert html.escape(TEXT.strip(), quote=False).replace('"', "&#34;") in page
    assert '<script>alert("é")' not in page
    assert str(here) not in (here / "first" / "study.toml").read_text(encoding="utf-8")


def test_the_copy_holds_what_was_asked_for_instead(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = here / "prices"
    prices.mkdir()
    days = pd.bdate_range("2022-01-03", periods=300)
    for at, ticker in enumerate(("GLD", "GDX")):
        close = [100.0 + (day * (7 + at)) % 11 for day in range(300)]
        frame = pd.DataFrame({"Date": days, "Open": close, "High": close, "Low": close, "Close": close})
        frame.to_csv(prices / f"{ticker}.csv", index=False)
    text = TEXT.replace('source = "sample"', 'source = "yahoo"\noffline = true').replace("[research]\n", "").replace("gearing = ", "#")
    (here / "deep").mkdir()
    (here / "deep" / "study.toml").write_text(text, encoding="utf-8")
    assert call(capsys, "run", "deep/study.toml", "--source", "prices", "--out", "first")[0] == 0
    copied = tomllib.loads((here / "first" / "study.toml").read_text(encoding="utf-8"))["copied"]
    assert (copied["folder"], copied["source"]) == ("../deep", "../prices")
    assert "Asked for instead of what the file says: source prices." in (here / "first" / "index.html").read_text(encoding="utf-8")
    code, said, _ = call(capsys, "run", "first/study.toml", "--out", "second", "--json")
    assert code == 0
    assert (here / "first" / "ranking.csv").read_bytes() == (here / "second" / "ranking.csv").read_bytes()
    document = json.loads(said)
    assert document["command"] == "run"
    assert document["study"]["sha256"] == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert [one["name"] for one in document["research"]] == ["sweep"]

    frame = pd.read_csv(prices / "GDX.csv")
    frame.loc[5, ["Open", "High", "Low", "Close"]] = 104.5
    frame.to_csv(prices / "GDX.csv", index=False)
    code, said, _ = call(capsys, "run", "first/study.toml", "--out", "third")
    assert code == 0
    assert "These are not the prices of the report that the file was copied from" in " ".join(said.split())


def test_line_ends_and_a_byte_order_mark_stay(here: Path) -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    (here / "windows.toml").write_bytes(text.encode("utf-8"))
    study = ob.load_study("windows.toml")
    assert study.sha256 == hashlib.sha256((here / "windows.toml").read_bytes()).hexdigest()
    study.run().report("out")
    again = ob.load_study("out/study.toml")
    assert (again.text, again.sha256) == (study.text, study.sha256)
    assert again.output.folder == str(here / "report")
    (here / "out" / "study.toml").write_bytes((here / "out" / "study.toml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert ob.load_study("out/study.toml").strategies == study.strategies


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ('title = "Hold <b>or</b> rotate & why?"', "Hold &lt;b&gt;or&lt;/b&gt; rotate &amp; why?"),
        ('title = "  "', "gold: miners against metal"),
        ("", "gold: miners against metal"),
    ],
    ids=["its own", "blank", "none"],
)
def test_the_title_is_the_heading_of_the_report(here: Path, line: str, heading: str) -> None:
    (here / "study.toml").write_text(TEXT.replace('title = "two of them"', line), encoding="utf-8")
    page = ob.load_study("study.toml").run().report().read_text(encoding="utf-8")
    assert f"<title>SIMULATED – {heading}</title>" in page
    assert f"<h1>{heading}</h1>" in page
    assert page.count("gold: miners against metal") == (1 if "why" in line else 2), "below a title of its own, once"


def test_it_refuses_before_it_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: str) -> str:
        code, said, errors = call(capsys, "run", *arguments)
        assert (code, said) == (2, "")
        assert errors.count("\n") == 1
        return errors

    assert "name the file of a study" in refused()
    assert "there is no studdy.toml" in refused("studdy.toml")
    assert "--quiet and --json are two ways to print" in refused("study.toml", "--quiet", "--json")
    (here / "full").mkdir()
    (here / "full" / "thesis.doc").touch()
    assert "it holds something else than an earlier report" in refused("study.toml", "--out", "full")
    assert "nowhere" in refused("study.toml", "--source", "nowhere")
    (here / "study.toml").write_text(TEXT.replace("equity.csv", "report/equity.csv"), encoding="utf-8")
    (here / "report").mkdir()
    assert "[output] table is inside the report's folder" in refused("study.toml")
    assert sorted(path.name for path in here.iterdir()) == ["full", "report", "study.toml"]


def test_a_name_that_is_a_benchmarks_is_refused(here: Path) -> None:
    (here / "study.toml").write_text(TEXT.replace("averaging =", '"metal: SIM-GOLD" ='), encoding="utf-8")
    with pytest.raises(ob.OrebodyError, match="is that of a benchmark"):
        ob.load_study("study.toml").run()


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_studies_that_come_with_it_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(path, tmp_path)
    study = ob.load_study(tmp_path / path.name)
    findings = study.run()
    assert list(findings.comparison.strategies) == list(study.strategies)
    assert {name for name, _ in findings.made} == {piece.name for piece in study.research}
    page = findings.report().read_text(encoding="utf-8")
    assert study.sha256 in page
    assert all(section.title in html.unescape(page) for section in findings.sections)


def test_three_studies_come_with_it() -> None:
    if not STUDIES.is_dir():
        pytest.skip("the examples are not beside the wheel")
    assert [path.stem for path in sorted(STUDIES.glob("*.toml"))] == ["hold-or-rotate", "is-it-skill", "producers"]
    assert BuyAndHold() not in ob.load_study(STUDIES / "hold-or-rotate.toml").strategies.values()


def test_with_yahoo_the_copy_takes_the_prices_that_the_report_had(yahoo: YahooServer, here: Path) -> None:
    text = TEXT.replace('source = "sample"', 'source = "yahoo"\ncache = "kept"\nmax_age = 0')
    (here / "study.toml").write_text(text, encoding="utf-8")
    findings = ob.load_study("study.toml").run()
    findings.report("first")
    asked = len(yahoo.asked)
    study = ob.load_study("first/study.toml")
    assert study.prices.as_of is not None
    assert study.prices.cache == str(here / "kept")
    again = study.run()
    assert len(yahoo.asked) == asked, "what was cached then is not asked for again"
    pd.testing.assert_frame_equal(again.table, findings.table, check_exact=True)
    assert again.notes == [f"Asked for instead of what the file says: as_of {study.prices.as_of}."]
