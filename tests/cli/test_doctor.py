"""`orebody doctor`: what it finds in a good house, and in houses with something broken."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import call
from yahoo_faults import SERVER_ERROR
from yahoo_series import Series
from yahoo_server import YahooServer

import orebody as ob
from orebody.cli.doctor import self_test as of_figures
from orebody.cli.doctor.checks import run_checks
from orebody.cli.doctor.disk import check_compiled_code, check_downloads, writable
from orebody.cli.doctor.environment import at_least, check_packages, check_python
from orebody.cli.doctor.finding import NOTE, OK, PROBLEM, Finding
from orebody.cli.doctor.network import check_network
from orebody.errors import DownloadError
from orebody.sources.cache.store import Cache
from orebody.sources.yahoo.client import quotes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("OREBODY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def states(findings: list[Finding]) -> list[str]:
    return [one.state for one in findings]


def test_a_good_house_is_well(capsys: pytest.CaptureFixture[str], cache: Path) -> None:
    code, out, err = call(capsys, "doctor")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    for topic in ("Python", "orebody", "Packages", "Cache", "Compiled code", "Sample", "Arithmetic", "Engines", "Speed"):
        assert f" {topic}\n" in out
    assert "problem" not in out
    assert "".join(str(cache).split()) in "".join(out.split())  # the terminal folds long paths
    assert not cache.exists()  # looking makes nothing


def test_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "doctor", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["orebody", "command", "well", "checks"]
    assert (found["orebody"], found["command"], found["well"]) == (ob.__version__, "doctor", True)
    assert all(list(one) == ["topic", "state", "text", "remedy"] for one in found["checks"])
    assert "Yahoo" not in [one["topic"] for one in found["checks"]]  # nobody is asked unless told to


def test_a_problem_is_exit_code_1_and_does_not_end_the_other_checks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_figures, "SAMPLE", {"SIM-GOLD": 1.0})
    code, out, _ = call(capsys, "doctor", "--json")
    assert code == 1
    found = json.loads(out)
    assert found["well"] is False
    by_topic = {one["topic"]: one for one in found["checks"]}
    assert by_topic["Sample"]["state"] == PROBLEM
    assert "not 1.0" in by_topic["Sample"]["text"]
    assert by_topic["Engines"]["state"] == OK

    def broken() -> list[Finding]:
        raise ImportError("no such library")

    monkeypatch.setattr(of_figures, "check_figures", broken)
    *_, last = run_checks(None, network=False)
    assert (last.topic, last.state) == ("Figures", PROBLEM)
    assert "ImportError: no such library" in last.text


def test_python_and_where_orebody_is_from() -> None:
    python, itself = check_python()
    assert (python.state, itself.state) == (OK, OK)
    assert f"{sys.version_info.major}.{sys.version_info.minor}." in python.text
    assert str(Path(ob.__file__).parent) in itself.text


def test_an_old_python_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.10.14")
    first, _ = check_python()
    assert first.state == PROBLEM
    assert "needs Python 3.11 or newer" in first.remedy


def test_packages_that_are_missing_old_and_optional() -> None:
    needed = [
        "numpy>=2.0",
        "pandas>=9999.1",
        "no-such-package-of-orebody>=1.2",
        "arch>=9999; extra == 'research'",
        "numpy>=1.0; extra == 'distributed'",
        "no-such-package-either>=1; extra == 'docs'",
    ]
    here, old, missing, research, distributed = check_packages(needed)
    assert (here.state, here.text.split()[0]) == (OK, "numpy")
    assert (old.state, old.remedy) == (PROBLEM, "upgrade it: pip install 'pandas>=9999.1'")
    assert "older than 9999.1" in old.text
    assert (missing.state, missing.remedy) == (PROBLEM, "install it: pip install 'no-such-package-of-orebody>=1.2'")
    assert (research.topic, research.state, research.remedy) == (
        "Extra research",
        NOTE,
        "if you want that: pip install 'orebody[research]'",
    )
    assert (distributed.topic, distributed.state) == ("Extra distributed", OK)


@pytest.mark.parametrize(
    ("installed", "lowest", "enough"),
    [
        ("2.0", "2.0.0", True),
        ("2.10.1", "2.9", True),
        ("2.9", "2.10", False),
        ("3.0.1rc2", "3.0.1", True),
        ("1.9.78.123", "1.9.78.123", True),
        ("0.9", "1", False),
    ],
)
def test_versions_are_compared_by_their_numbers(installed: str, lowest: str, enough: bool) -> None:
    assert at_least(installed, lowest) is enough


def test_the_cache_its_vintages_leftovers_and_broken_files(yahoo: YahooServer, cache: Path) -> None:
    then = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    store = Cache(cache, clock=lambda: then)
    for ticker in ("GLD", "GDX"):
        store.refresh(ticker, quotes)
    (found,) = check_downloads(now=then + dt.timedelta(days=29))
    assert found.state == OK
    assert found.text.startswith("2 tickers in 2 files with 2 vintages, ")
    assert found.text.endswith(f" MB, in {cache}")
    found, old = check_downloads(now=then + dt.timedelta(days=40))
    assert (old.state, old.text) == (NOTE, "2 tickers last asked for 40 days ago: GDX, GLD")
    (file,) = (cache / "GDX").glob("*.parquet")
    (cache / "GDX" / ".orebody-half").write_text("half")
    file.write_bytes(file.read_bytes()[:100])
    found, broken, left = check_downloads(now=then)
    assert (broken.state, broken.remedy) == (PROBLEM, "fetch again with: orebody fetch GDX")
    assert "1 file cannot be trusted: GDX quotes: " in broken.text
    assert (left.state, left.text) == (NOTE, "1 half-written file of a download that was cut short, in GDX")
    store.refresh("GDX", quotes, max_age=dt.timedelta(0))
    findings = check_downloads(now=then)
    assert states(findings) == [OK, NOTE]
    assert "1 broken file set aside, of GDX" in findings[1].text


@pytest.mark.skipif(os.name != "posix", reason="needs a folder that nobody can write")
def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (found,) = check_downloads(str(tmp_path / "file"))
    assert (found.state, found.remedy) == (PROBLEM, "name another folder with --cache or in OREBODY_CACHE")
    assert writable(tmp_path)
    assert writable(tmp_path / "not" / "there" / "yet")
    assert not writable(tmp_path / "file" / "below")
    assert not writable(Path("/proc/nobody"))
    (found,) = check_downloads("/proc/nobody")
    assert (found.state, found.text) == (PROBLEM, "/proc/nobody cannot be written")


def test_compiled_code_that_is_kept_or_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from orebody.engine import kernel

    class Kept:
        cache_path = str(tmp_path / "compiled")

    class Kernel:
        _cache = Kept()

    monkeypatch.setattr(kernel, "simulate", Kernel())
    (found,) = check_compiled_code()
    assert (found.state, found.remedy) == (NOTE, "")
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled" / "kernel.simulate-1.py311.nbi").touch()
    (found,) = check_compiled_code()
    assert (found.state, found.text) == (OK, f"1 function of the kernel kept in {tmp_path / 'compiled'}")
    Kept.cache_path = "/proc/nobody"
    (found,) = check_compiled_code()
    assert found.state == PROBLEM
    assert "NUMBA_CACHE_DIR" in found.remedy
    Kept.cache_path = None  # type: ignore[assignment]
    (found,) = check_compiled_code()
    assert (found.state, found.text[:40]) == (PROBLEM, "no folder to keep it in can be written, ")
    assert "NUMBA_CACHE_DIR" in found.remedy
    monkeypatch.setattr(kernel, "simulate", lambda: None)
    (found,) = check_compiled_code()
    assert (found.state, found.remedy) == (NOTE, "unset that variable")


def test_what_is_known_of_the_sample_is_the_sample() -> None:
    market = ob.load_market("gold", source="sample")
    assert {ticker: round(float(close), 2) for ticker, close in zip(market.tickers, market.close[-1], strict=True)} == of_figures.SAMPLE


def test_engines_that_disagree_and_wrong_arithmetic_are_problems() -> None:
    assert of_figures._check_engines_agree(1e-6, 100).state == PROBLEM
    assert of_figures._check_engines_agree(1e-12, 100).state == OK
    assert of_figures._check_known_account(100.01, 100.0).state == PROBLEM


def test_yahoo_is_asked_when_told_to(capsys: pytest.CaptureFixture[str], yahoo: YahooServer) -> None:
    yahoo.misbehave("GLD", SERVER_ERROR, always=True)
    (found,) = check_network()
    assert found.state == PROBLEM
    assert "status 500" in found.text
    assert "after 1 try" in found.text
    assert yahoo.count("GLD") == 1
    yahoo.behave()
    days = pd.bdate_range(end=pd.Timestamp.now("UTC").tz_localize(None).normalize() - pd.Timedelta(days=1), periods=30)
    bars = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), 10.0) | {"Volume": 1000.0}, index=days)
    yahoo.series["GLD"] = Series(bars)
    code, out, _ = call(capsys, "doctor", "--network", "--json")
    last = json.loads(out)["checks"][-1]
    assert (code, last["topic"], last["state"]) == (0, "Yahoo", OK)
    assert last["text"].endswith(f"with GLD up to {days[-1].date()}")


def test_no_network_is_one_sentence_and_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise DownloadError("GLD could not be downloaded: nobody was reached: try again later, or take what is cached with offline=True")

    monkeypatch.setattr("orebody.sources.yahoo.client.quotes", refused)
    (found,) = check_network()
    assert found.state == PROBLEM
    assert "offline=True" not in found.text
    assert found.text.endswith("--offline")
    assert "--source sample" in found.remedy
