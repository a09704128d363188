"""What orebody replaces and removes: its own unchanged files, and nothing else that is there."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import markets
import orebody as ob
from orebody.cli.main import main
from orebody.cli.output import CommandOutput
from orebody.errors import OutputError, ParameterError
from orebody.io.atomic import check_replaceable, kind_of, stage_files
from orebody.io.owned_files import RECORD, OwnedFiles, check_output, write_output
from orebody.report.comparison.folder import MANIFEST, check_writable
from orebody.strategies import BuyAndHold, RatioRotation

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and sockets in folders")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may be 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def make_device(path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root makes device nodes")
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))  # a null device of its own, never the machine's
    except PermissionError:
        pytest.skip("this machine lets nobody make device nodes")


def make_link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("target"))
    path.symlink_to("target")


def make_broken_link(path: Path) -> None:
    path.symlink_to("nothing")


def make_link_to_file(path: Path) -> None:
    path.with_name("target").write_text("mine")
    path.symlink_to("target")


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "thesis.doc").write_text("mine")


def make_file(path: Path) -> None:
    path.write_text("mine")


THINGS: dict[str, Callable[[Path], None]] = {
    "a pipe": make_pipe,
    "a socket": make_socket,
    "a device": make_device,
    "a link to a pipe": make_link_to_pipe,
    "a broken link": make_broken_link,
    "a link to a file": make_link_to_file,
    "a folder": make_folder,
    "a file": make_file,
}


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return the kind, inode and content of everything below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        text = path.read_text() if stat.S_ISREG(seen.st_mode) else str(path.readlink()) if path.is_symlink() else ""
        found[str(path.relative_to(folder))] = (seen.st_mode, seen.st_ino, text)
    return found


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
def compared() -> ob.Comparison:
    closes = 10 + np.cumsum(np.random.RandomState(1).normal(size=(400, 2)), axis=0) * 0.1
    market = markets.market(ob.load_market("gold", source="sample").dates[:400], closes)
    return ob.compare({"half": BuyAndHold(split={"metal": 0.5})}, market, engine="compiled")


@cache
def found() -> dict[str, object]:
    one, grid = compared(), {"window": [10, 20]}
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
            compared().report(path, tearsheets=False, overwrite=overwrite)


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


class TestReport:
    def report(self, folder: Path, **options: bool) -> Path:
        return compared().report(folder, tearsheets=False, **options).parent

    def test_ones_own_files_stay(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        mine = {"strategy-my-idea.html": "mine", "fills-broker-2024.csv": "mine", "study.toml": "mine", "tearsheet-x.html": "mine"}
        for name, text in mine.items():
            (made / name).write_text(text)
        (made / "data").mkdir()
        self.report(made)
        assert {name: (made / name).read_text() for name in mine} == mine
        assert (made / "data").is_dir()

    def test_a_page_that_was_changed_ends_it_before_anything_is_written(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        (made / "strategy-half.html").write_text("my notes")
        before = snapshot(made)
        with pytest.raises(OutputError, match=r"strategy-half.html: it was changed since orebody wrote it; .*overwrite=True"):
            self.report(made)
        assert snapshot(made) == before
        self.report(made, overwrite=True)
        assert "my notes" not in (made / "strategy-half.html").read_text()

    def test_an_index_that_was_changed_is_said_before_long_work(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        with (made / "index.html").open("a") as page:
            page.write("<!-- mine -->")
        with pytest.raises(OutputError, match="was changed since orebody wrote it"):
            check_writable(made)
        check_writable(made, overwrite=True)

    def test_a_report_without_its_manifest_is_left_alone_until_that_is_allowed(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        (made / MANIFEST).unlink()
        before = snapshot(made)
        with pytest.raises(OutputError, match="no record says that orebody wrote it"):
            self.report(made)
        assert snapshot(made) in (before,)
        (made / "ranking.csv").write_text("old")
        self.report(made, overwrite=True)
        assert (made / "ranking.csv").read_text() != "old"

    def test_a_manifest_cannot_name_files_outside_its_folder(self, tmp_path: Path) -> None:
        precious = tmp_path / "precious.txt"
        precious.write_text("mine")
        digest = hashlib.sha256(b"mine").hexdigest()
        made = self.report(tmp_path / "report")
        with (made / MANIFEST).open("a") as manifest:
            manifest.write(f"{digest}  ../precious.txt\n{digest}  {precious}\n")
        self.report(made)
        assert precious.read_text() == "mine"

    def test_the_manifest_is_one_that_sha256sum_reads(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        head, *lines = (made / MANIFEST).read_text().splitlines()
        assert head.startswith("# Written by orebody")
        listed = dict(reversed(line.split("  ")) for line in lines)
        assert listed == {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in made.iterdir() if one.name != MANIFEST}
        assert list(listed) == sorted(listed)

    def test_two_runs_do_not_write_one_report(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        with stage_files(made, []), pytest.raises(OutputError, match="another run is writing one there"):
            self.report(made)
        self.report(made)


class TestLitter:
    CODE = (
        "import os, sys; from pathlib import Path; from orebody.io.atomic import staged\n"
        "with staged(Path(sys.argv[1]), [b'half']) as made: print(made[0].parent.name, flush=True); sys.stdin.read()"
    )

    def test_what_a_killed_run_left_is_swept_by_the_next_and_what_a_living_one_needs_is_not(self, tmp_path: Path) -> None:
        running = subprocess.Popen(
            [sys.executable, "-c", self.CODE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdout is not None
        stage = running.stdout.readline().strip()
        write_output(tmp_path / "t.csv", "one")
        assert {one.name for one in tmp_path.iterdir()} == {stage, "t.csv", RECORD}
        running.kill()
        running.communicate(timeout=30)
        assert (tmp_path / stage / "0").read_bytes() == b"half"
        write_output(tmp_path / "t.csv", "two")
        assert {one.name for one in tmp_path.iterdir()} == {"t.csv", RECORD}

    def test_what_only_looks_like_it_stays(self, tmp_path: Path) -> None:
        names = {".orebody-mine", ".orebody-0123456789abcdef"}
        (tmp_path / ".orebody-mine").mkdir()
        (tmp_path / ".orebody-0123456789abcdef").write_text("mine")
        write_output(tmp_path / "t.csv", "one")
        assert {one.name for one in tmp_path.iterdir()} == {*names, "t.csv", RECORD}


@posix
def test_what_kinds_there_are(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "nothing") == ""
    for name, kind in (("a pipe", "pipe"), ("a socket", "socket"), ("a broken link", "link"), ("a folder", "folder"), ("a file", "file")):
        path = tmp_path / name
        THINGS[name](path)
        assert kind_of(path) == kind
        if kind == "file":
            check_replaceable(path)
        else:
            with pytest.raises(OutputError, match=f"it is a {kind}"):
                check_replaceable(path)


STUDY = """
universe = "gold"
engine = "compiled"
[prices]
source = "sample"
[period]
start = "2023-01-01"
[strategies]
averaging = "dollar-cost-average"
[output]
tearsheets = false
"""


class TestStudies:
    """A study from somebody else writes below the folder one is in, and nowhere else."""

    @pytest.fixture
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        return tmp_path / "here"

    @pytest.mark.parametrize("path", ["/elsewhere/x", "../x", "a/../../x", "~/x", "C:/x", "C:x", "\\\\\\\\host\\\\x", "..\\\\x"])
    @pytest.mark.parametrize("key", ["folder", "table"])
    def test_no_path_leads_outside(self, here: Path, key: str, path: str) -> None:
        ending = ".csv" if key == "table" else ""
        (here / "s.toml").write_text(f'{STUDY}{key} = "{path}{ending}"\n')
        with pytest.raises(ParameterError, match=rf"s.toml: \[output\] {key} is .*a study writes below the folder you are in"):
            ob.load_study("s.toml")
        ob.load_study("s.toml", allow_outside=True)

    def test_the_cache_is_written_to_as_well(self, here: Path) -> None:
        (here / "s.toml").write_text(STUDY.replace('source = "sample"', 'cache = "../kept"'))
        with pytest.raises(ParameterError, match=r"\[prices\] cache is '../kept'"):
            ob.load_study("s.toml")

    @pytest.mark.parametrize("name", ["a\\u001b[2J", "a\\u0000", "a\\u009b2J", "a\\nb"])
    def test_no_control_character_reaches_the_terminal(self, here: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
        (here / "s.toml").write_text(f'{STUDY}folder = "{name}"\n')
        with pytest.raises(SystemExit) as left:
            main(["run", "s.toml"])
        out, err = capsys.readouterr()
        assert (left.value.code, out) == (2, "")
        assert "holds no control characters" in err
        assert err.replace("\n", "").isprintable()
        assert [one.name for one in here.iterdir()] == ["s.toml"]

    def test_a_link_or_a_copys_own_table_leads_nowhere_else(
        self, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "way").symlink_to(tmp_path)
        (here / "link.toml").write_text(f'{STUDY}folder = "way/report"\n')
        tail = "# Written by orebody: from where, and with what, this copy gives the numbers of the report beside it."
        (here / "copy.toml").write_text(f'{STUDY}folder = "report"\n\n\n{tail}\n[copied]\nfolder = "{tmp_path}"\n')
        for name in ("link.toml", "copy.toml"):
            with pytest.raises(SystemExit) as left:
                main(["run", name])
            assert left.value.code == 2
            assert "outside the folder you are in" in capsys.readouterr().err
        assert not (tmp_path / "report").exists()
        with pytest.raises(SystemExit) as left:
            main(["run", "copy.toml", "--out", "mine", "--quiet"])
        assert left.value.code == 0
        with pytest.raises(SystemExit) as left:
            main(["run", "copy.toml", "--allow-outside", "--quiet"])
        assert left.value.code == 0
        assert (tmp_path / "report" / "index.html").is_file()
        findings = ob.load_study("link.toml").run()
        with pytest.raises(OutputError, match="allow it with allow_outside=True"):
            findings.report()

    def test_its_table_replaces_no_prices(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (here / "prices").mkdir()
        (here / "prices" / "GLD.csv").write_text("prices")
        (here / "s.toml").write_text(f'{STUDY}table = "prices/GLD.csv"\n')
        with pytest.raises(SystemExit) as left:
            main(["run", "s.toml"])
        assert left.value.code == 2
        assert "no record says that orebody wrote it" in capsys.readouterr().err
        assert (here / "prices" / "GLD.csv").read_text() == "prices"


def test_not_even_force_replaces_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices").mkdir()
    for name in ("prices/GLD.csv", "mine.csv"):
        (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match="no record says that orebody wrote it"):
        CommandOutput(False, False, {"table": "prices/GLD.csv"}, force=True, prices="prices")
    CommandOutput(False, False, {"table": "mine.csv"}, force=True, prices="prices")
