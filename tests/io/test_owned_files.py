"""What orebody replaces: its own unchanged files, and nothing else that is there."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from foreign_files import THINGS, small_comparison, snapshot

import orebody as ob
from orebody.cli.main import main
from orebody.errors import OutputError, ParameterError
from orebody.io.atomic import kind_of
from orebody.io.owned_files import RECORD, OwnedFiles, check_output, write_output
from orebody.strategies import RatioRotation


@pytest.fixture(params=THINGS)
def thing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Make something that is not orebody's, under a name, and see to it that it is as it was in the end."""
    if os.name != "posix":
        pytest.skip("pipes and sockets in folders")
    (tmp_path / "place").mkdir()
    before: dict[str, tuple[int, int, str]] = {}

    def make(name: str) -> Path:
        THINGS[request.param](tmp_path / "place" / name)
        before.update(snapshot(tmp_path / "place"))
        return tmp_path / "place" / name

    yield make
    assert before
    assert snapshot(tmp_path / "place") == before


@cache
def found() -> dict[str, object]:
    one, grid = small_comparison(), {"window": [10, 20]}
    return {
        "result": one.results["half"],
        "comparison": one,
        "sweep": ob.sweep(RatioRotation, grid, one.market, one.account),
        "walk_forward": ob.walk_forward(RatioRotation, grid, one.market, one.account, train=150, test=100),
        "stress": ob.stress(one, episodes={"all": ("2008-01-01", "2030-01-01")}),
        "gearing": ob.gearing(one.market, window=60),
        "decomposition": ob.decompose(one),
        "scenarios": ob.scenarios(one.strategies, one.market, one.account, paths=4, horizon=20),
    }


WRITERS = [
    *((name, "save", "t.csv") for name in ("result", "comparison", "sweep", "walk_forward", "stress", "gearing", "decomposition")),
    ("result", "save", "t.parquet"),
    ("scenarios", "save", "t.csv"),
    ("result", "tearsheet", "t.html"),
    *((name, "report", "t.html") for name in ("sweep", "walk_forward", "stress", "gearing", "decomposition", "scenarios")),
]


@pytest.mark.parametrize(("what", "method", "name"), WRITERS)
def test_python_replaces_nothing_that_is_not_orebodys(thing: Callable[[str], Path], what: str, method: str, name: str) -> None:
    path = thing(name)
    write = getattr(found()[what], method)
    with pytest.raises(OutputError, match="cannot write"):
        write(path)
    if kind_of(path) != "file":
        with pytest.raises(OutputError, match="it is a (pipe|socket|device|link|folder)"):
            write(path, overwrite=True)


def test_a_report_replaces_nothing_that_is_not_orebodys(thing: Callable[[str], Path]) -> None:
    path = thing("report")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="cannot write a report to 'report'"):
            small_comparison().report(path, tearsheets=False, overwrite=overwrite)


@pytest.mark.parametrize(("what", "method"), [*dict.fromkeys((what, method) for what, method, _ in WRITERS)])
def test_python_writes_under_no_ending_that_is_not_what_is_written(tmp_path: Path, what: str, method: str) -> None:
    write = getattr(found()[what], method)
    other = "html" if method == "save" else "csv"
    words = "tables end in .csv or .parquet" if method == "save" else "it is written as an HTML page, so give a name that ends in .html"
    for name in ("x.pdf", "x", f"x.{other}", "x.csv.gz", "html", "a\0b.html", "a\0b.csv"):
        with pytest.raises(ParameterError, match=re.escape(words)):
            write(tmp_path / name)
    for path in (3, None, b"x.csv", ["x.html"]):
        with pytest.raises(ParameterError, match=re.escape(f"the file to write is {path!r}: give its name")):
            write(path)
    assert list(tmp_path.iterdir()) == []
    ending = ".CSV" if method == "save" else ".HTML"
    assert write(tmp_path / f"x{ending}").read_text().startswith("<!DOCTYPE html>") == (method != "save")


COMMANDS = {
    "--out": ["compare", "gold", "--strategy", "ratio-rotation", "--no-tearsheets"],
    "--table": ["compare", "gold", "--strategy", "ratio-rotation", "--no-tearsheets"],
    "--html": ["sweep", "ratio-rotation", "gold", "--grid", "window=10,20"],
    "--tearsheet": ["backtest", "ratio-rotation", "gold"],
}


@pytest.mark.parametrize("option", COMMANDS)
def test_the_command_line_refuses_at_once(
    thing: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    name = {"--out": "report", "--table": "t.csv"}.get(option, "t.html")
    monkeypatch.chdir(tmp_path)
    thing(name)
    for force in ([], ["--force"]) if kind_of(tmp_path / "place" / name) != "file" else ([],):
        with pytest.raises(SystemExit) as left:
            main([*COMMANDS[option], "--source", "sample", option, f"place/{name}", *force])
        out, err = capsys.readouterr()
        assert (left.value.code, out) == (2, "")
        assert err.splitlines()[-1].startswith("orebody: cannot write")
        assert sum("orebody: " in line for line in err.splitlines()) == 1


def test_what_was_put_there_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at once more just before the rename."""
    path = tmp_path / "t.csv"
    note = OwnedFiles._note

    def meanwhile(self: OwnedFiles, digests: dict[str, str]) -> None:
        note(self, digests)
        os.mkfifo(path)

    monkeypatch.setattr(OwnedFiles, "_note", meanwhile)
    with pytest.raises(OutputError, match="it is a pipe"):
        write_output(path, "new")
    assert kind_of(path) == "pipe"
    assert {one.name for one in tmp_path.iterdir()} == {"t.csv", RECORD}


class TestFiles:
    def test_ones_own_unchanged_file_is_replaced_and_recorded_as_sha256sum_does(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        write_output(path, "one")
        write_output(path, "two")
        assert path.read_text() == "two"
        lines = (tmp_path / RECORD).read_text().splitlines()
        assert lines[0].startswith("# Written by orebody")
        assert lines[1:] == [f"{hashlib.sha256(text).hexdigest()}  t.csv" for text in (b"one", b"two")]

    def test_a_file_that_was_changed_stays_until_that_is_allowed(self, tmp_path: Path) -> None:
        path = write_output(tmp_path / "t.csv", "one")
        path.write_text("one, and a note of mine")
        with pytest.raises(OutputError, match=r"it was changed since orebody wrote it; .* overwrite=True"):
            write_output(path, "two")
        assert path.read_text() == "one, and a note of mine"
        write_output(path, "two", overwrite=True)
        write_output(path, "three")
        assert path.read_text() == "three"

    def test_a_file_of_somebody_else_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "GLD.csv"
        path.write_text("prices")
        with pytest.raises(OutputError, match="no record says that orebody wrote it"):
            check_output(path)
        with pytest.raises(OutputError, match="no record says that orebody wrote it"):
            write_output(path, "figures")
        assert path.read_text() == "prices"
        assert [one.name for one in tmp_path.iterdir()] == ["GLD.csv"]
        assert write_output(path, "prices") == path, "the same bytes lose nothing"

    def test_a_file_moved_here_from_elsewhere_is_not_known(self, tmp_path: Path) -> None:
        write_output(tmp_path / "a.csv", "one").rename(tmp_path / "b.csv")
        with pytest.raises(OutputError, match="no record"):
            write_output(tmp_path / "b.csv", "two")

    def test_somebody_elses_record_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / RECORD).write_text("something else\n")
        path = write_output(tmp_path / "t.csv", "one")
        assert (tmp_path / RECORD).read_text() == "something else\n"
        with pytest.raises(OutputError, match="no record"):
            write_output(path, "two")

    def test_a_record_that_was_cut_short_goes_on_with_a_new_line(self, tmp_path: Path) -> None:
        write_output(tmp_path / "a.csv", "one")
        with (tmp_path / RECORD).open("ab") as stream:
            stream.write(b"0123")
        write_output(tmp_path / "b.csv", "one")
        write_output(tmp_path / "b.csv", "two")
        assert (tmp_path / "b.csv").read_text() == "two"

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("x" * 300 + ".csv", "File name too long"),
            ("a\0b.csv", "a path holds no zero byte"),
            ("nowhere/t.csv", "the folder that should hold it is not there"),
            ("a\x1b[2J.csv", "holds no control characters"),
            ("file/t.csv", "Not a directory"),
            ("", "it is a folder"),
            ("..", "it is a folder"),
        ],
    )
    def test_what_can_be_no_file_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "file").write_text("mine")
        for refuse in (lambda: check_output(name), lambda: write_output(name, "x")):
            with pytest.raises(OutputError, match=words) as refused:
                refuse()
            assert str(refused.value).isprintable()
        assert [one.name for one in tmp_path.iterdir()] == ["file"]
