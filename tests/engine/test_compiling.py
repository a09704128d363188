"""Compiled code that cannot be kept, or that is kept and broken."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orebody.compiling import place_of

TEXT = """
from orebody.compiling import njit

@njit(cache=True)
def twice(number):
    return 2 * number
"""
FOLDERS = os.pathsep.join(path for path in sys.path if path)


def module(path: Path) -> Any:
    """Return what a file defines, as a process that has not seen it yet would."""
    spec = importlib.util.spec_from_file_location("kept", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("left", [0, 1, 5, 40, -3])
def test_what_is_cut_short_is_compiled_again_and_replaced(
    ending: str, left: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "kept.py"
    source.write_text(TEXT)
    assert module(source).twice(21) == 42
    (file,) = (tmp_path / "__pycache__").glob(f"*{ending}")
    whole = file.read_bytes()
    file.write_bytes(whole[:left])
    assert module(source).twice(21) == 42
    assert len(file.read_bytes()) > max(left, len(whole) // 2)
    again = module(source).twice
    assert again(21) == 42
    assert sum(again.stats.cache_hits.values()) == 1  # what replaced it can be read
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8, 1.0])
def test_what_was_scrambled_is_compiled_again(place: float, tmp_path: Path) -> None:
    """One bit of machine code is enough to end the program, or to compute something else."""
    source = tmp_path / "kept.py"
    source.write_text(TEXT)
    assert module(source).twice(21) == 42
    (file,) = (tmp_path / "__pycache__").glob("*.nbc")
    data = bytearray(file.read_bytes())
    data[int(place * (len(data) - 1))] ^= 1
    file.write_bytes(data)
    twice = module(source).twice
    assert twice(21) == 42
    assert sum(twice.stats.cache_hits.values()) == 0
    assert file.read_bytes() != data


def test_where_nothing_can_be_kept_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "kept.py").write_text(TEXT + "print(twice(21), twice(2.5))\n")
    (tmp_path / "file").touch()  # no folder can be made in it, by root neither
    place = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache"), "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    done = subprocess.run(
        [sys.executable, tmp_path / "kept.py"],
        env=os.environ | place | {"PYTHONPATH": FOLDERS},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "42 5.0\n")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("orebody: compiled code is not kept (no folder for it can be written)")
    assert "NUMBA_CACHE_DIR" in done.stderr


def test_a_disk_that_fills_while_code_is_kept_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept.py").write_text(TEXT)
    monkeypatch.delenv("OREBODY_NOTHING_KEPT", raising=False)
    twice = module(tmp_path / "kept.py").twice

    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(twice._cache._cache_file, "save", full)
    assert (twice(21), twice(0.5)) == (42, 1.0)
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "No space left on device" in said
    monkeypatch.delenv("OREBODY_NOTHING_KEPT")


def test_place_of_what_is_kept_and_is_not(tmp_path: Path) -> None:
    (tmp_path / "kept.py").write_text(TEXT)
    assert place_of(module(tmp_path / "kept.py").twice) == str(tmp_path / "__pycache__")
    assert place_of(len) is None
