"""Standard output that is full or knows no more than ASCII, a folder that is gone, a home that nobody has: a sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GEARING = [sys.executable, "-m", "orebody", "gearing", "gold", "--source", "sample", "--start", "2022-01-01"]


def test_ascii_gets_escapes() -> None:
    done = subprocess.run(GEARING, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert rb"R\xb2" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("command", [GEARING, [*GEARING, "--json"], [sys.executable, "-m", "orebody", "completion", "bash"]])
def test_a_full_disk_is_said(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("orebody: cannot print what came out: No space left on device")


@pytest.mark.skipif(os.name != "posix", reason="a folder that one is in can be removed")
@pytest.mark.parametrize("command", [["compare", "gold", "--source", "sample"], ["run", "s.toml"], [*GEARING[3:], "--html", "x.html"]])
def test_a_folder_that_is_gone_is_said(tmp_path: Path, command: list[str]) -> None:
    code = "import os, sys; os.rmdir(os.getcwd()); from orebody.cli.main import main; main(sys.argv[1:])"
    (tmp_path / "gone").mkdir()
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=tmp_path / "gone", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("orebody: ")


@pytest.mark.skipif(os.name != "posix", reason="~user")
def test_a_home_that_nobody_has_is_said() -> None:
    command = [sys.executable, "-m", "orebody", "data", "--cache", "~nosuchuser/x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'~nosuchuser/x': there is no such home folder" in done.stderr
