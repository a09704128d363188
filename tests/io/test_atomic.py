"""Stages, in which files are written whole: those of dead processes are removed, those of living ones never."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign_files import THINGS

from orebody.errors import OutputError
from orebody.io.atomic import check_replaceable, kind_of
from orebody.io.owned_files import RECORD, write_output


class TestLitter:
    CODE = (
        "import os, sys; from pathlib import Path; from orebody.io.atomic import stage_files\n"
        "with stage_files(Path(sys.argv[1]), [b'half']) as made: print(made[0].parent.name, flush=True); sys.stdin.read()"
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

    def test_a_stage_whose_lock_is_about_to_be_taken_is_not_swept(self, tmp_path: Path) -> None:
        """A free lock proves a dead process only when it was held before; one that never was, and is a minute old, is left over."""
        for name, age in ((".orebody-0000000000000001", 0), (".orebody-0000000000000002", 120)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "lock").touch()
            os.utime(tmp_path / name, (time.time() - age, time.time() - age))
        write_output(tmp_path / "t.csv", "one")
        assert {one.name for one in tmp_path.iterdir()} == {".orebody-0000000000000001", "t.csv", RECORD}

    def test_many_write_into_one_folder_at_once(self, tmp_path: Path) -> None:
        """None is refused, nothing is left behind, and the record knows every file."""

        def write(number: int) -> None:
            for text in range(40):
                write_output(tmp_path / f"{number}.csv", str(text))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, range(6)))
        names = {f"{number}.csv" for number in range(6)}
        assert {one.name for one in tmp_path.iterdir()} == {*names, RECORD}
        for name in names:
            assert (tmp_path / name).read_text() == "39"
            write_output(tmp_path / name, "again")

    def test_what_only_looks_like_it_stays(self, tmp_path: Path) -> None:
        names = {".orebody-mine", ".orebody-0123456789abcdef"}
        (tmp_path / ".orebody-mine").mkdir()
        (tmp_path / ".orebody-0123456789abcdef").write_text("mine")
        write_output(tmp_path / "t.csv", "one")
        assert {one.name for one in tmp_path.iterdir()} == {*names, "t.csv", RECORD}


@pytest.mark.skipif(os.name != "posix", reason="pipes and sockets in folders")
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
