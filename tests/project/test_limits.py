"""Limits of memory, and interrupts before anything is loaded: a plain sentence, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from cli_runner import call

posix = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")
RUN = ["backtest", "buy-and-hold", "gold", "--source", "sample", "--engine", "compiled", "--quiet"]


@posix
@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [200, 400, 550, 700])
def test_a_limit_of_memory_is_named(megabytes: int) -> None:
    """Python, numba or OpenBLAS may fail first, each in words of its own."""
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({megabytes}_000_000,) * 2)\n"
        f"from orebody.cli import main\nmain({RUN!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2), done.stderr
    if done.returncode == 2:
        words = f"there is not enough memory: the limit is {megabytes} MB (ulimit -v), raise it, or take fewer tickers"
        assert words in done.stderr


@pytest.mark.parametrize(
    "error",
    [MemoryError(), OSError(12, "Cannot allocate memory"), SystemError("error return without exception set"), ImportError("failed to map")],
)
def test_what_is_heard_of_a_limit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def failing(*given: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(import_module("orebody.cli.main"), "_memory_limit", lambda: 512.0)  # `orebody.cli.main` is the function
    monkeypatch.setattr("orebody.sources.load.load_market", failing)
    code, out, err = call(capsys, *RUN)
    assert (code, out) == (2, "")
    assert err.startswith("orebody: there is not enough memory: the limit is 512 MB (ulimit -v), raise it, or take fewer tickers")
    assert err.count("\n") == 1


def test_what_cannot_be_loaded_is_not_taken_for_a_full_disk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*given: object, **more: object) -> None:
        raise OSError("Could not find/load shared object file 'libllvmlite.so'")

    monkeypatch.setattr("orebody.sources.load.load_market", failing)
    code, out, err = call(capsys, *RUN)
    assert (code, out) == (2, "")
    assert err == "orebody: something that is needed cannot be used: Could not find/load shared object file 'libllvmlite.so'\n"
    print("it still prints")
    assert capsys.readouterr().out == "it still prints\n"


def test_a_warning_is_one_plain_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import warnings

    from orebody.errors import DataError

    def warning(*given: object, **more: object) -> None:
        warnings.simplefilter("always")
        warnings.warn("there is no tearsheet of x: \x1b[2J", RuntimeWarning, stacklevel=1)
        raise DataError("no more")

    monkeypatch.setattr("orebody.sources.load.load_market", warning)
    code, _, err = call(capsys, *RUN)
    assert (code, err) == (2, "orebody: warning: there is no tearsheet of x: \\x1b[2J\norebody: no more\n")


@posix
def test_an_interrupt_while_the_command_line_is_imported() -> None:
    """The first module that it needs waits here, as a slow disk would have it."""
    code = (
        "import sys, time\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click': print('importing', flush=True); time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from orebody.cli import main\nmain(['--version'])\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "importing\n"
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "orebody: interrupted; every file that is there is whole\n")


@posix
def test_a_closed_folder_of_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import orebody as ob
    from orebody.errors import DataError

    stat = Path.stat

    def closed(self: Path, **options: bool) -> os.stat_result:
        if self.parent == tmp_path:
            raise PermissionError(13, "Permission denied", str(self))
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", closed)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\): give yourself the right to read .*csv in it"):
        ob.load_market(ob.Universe("x", "MTLX", ("MNRX",)), source=str(tmp_path))
