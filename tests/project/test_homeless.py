"""A user without a home folder and without an entry in the list of users, as in many containers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orebody.sources.cache.paths import default_folder

posix = pytest.mark.skipif(os.name != "posix", reason="the list of users")
NOBODY = "import pwd\ndef none(user): raise KeyError(user)\npwd.getpwuid = none\n"
FOLDERS = os.pathsep.join(path for path in sys.path if path)


def run(folder: Path, *arguments: str, code: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line, or some code, as such a user does."""
    known = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME", "OREBODY_CACHE")}
    program = NOBODY + (code or f"from orebody.cli import main\nmain({list(arguments)!r})\n")
    environment = {**known, "PYTHONPATH": FOLDERS, "TMPDIR": str(folder / "tmp"), **more}
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "here").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder / "here", env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@posix
def test_a_report_is_written_and_nothing_else(tmp_path: Path) -> None:
    command = ["compare", "gold", "--source", "sample", "--strategy", "dollar-cost-average", "--engine", "compiled", "--no-tearsheets"]
    done = run(tmp_path, *command, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "report/index.html\n", "")
    assert [one.name for one in (tmp_path / "here").iterdir()] == ["report"]
    assert list((tmp_path / "tmp").iterdir()) == []


@posix
@pytest.mark.parametrize("command", [["data"], ["fetch", "GLD"], ["backtest", "buy-and-hold", "gold", "--offline"]])
def test_the_cache_is_to_be_named(tmp_path: Path, command: list[str]) -> None:
    """What was downloaded never goes into a folder that ends with the command."""
    done = run(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "orebody: --cache is not given, and you have no home folder in which Yahoo's data would be kept: name a folder there, "
        "or in OREBODY_CACHE"
    )
    assert list((tmp_path / "here").iterdir()) == []
    done = run(tmp_path, "data", OREBODY_CACHE=str(tmp_path / "kept"))
    assert done.returncode == 0, done.stderr


@posix
def test_python_leaves_no_folder_called_tilde(tmp_path: Path) -> None:
    code = (
        "import orebody as ob\nfrom orebody.errors import ParameterError\n"
        "market = ob.load_market('gold', source='sample')\n"
        "try: ob.load_market('gold', offline=True)\nexcept ParameterError as error: print(error)\n"
    )
    done = run(tmp_path, code=code, NUMBA_CACHE_LOCATOR_CLASSES="UserWideCacheLocator")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cache is not given, and you have no home folder")
    assert list((tmp_path / "here").iterdir()) == []


def test_a_cache_named_in_the_environment_may_begin_with_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No shell has put it in full in the environment of a container or a service."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OREBODY_CACHE", "~/kept")
    assert default_folder() == tmp_path / "kept"
