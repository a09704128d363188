"""Types are part of the public face: what a quant writes passes the strict checkers, and the package hides no type from them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from project import HELPERS, ROOT

CONSUMER = HELPERS / "typed_consumer.py"
CACHE = ROOT / ".mypy_cache" / "consumer"
BESIDE = str(Path(sys.executable).parent)
PYRIGHT = shutil.which("basedpyright", path=BESIDE) or shutil.which("pyright", path=BESIDE)

needs_mypy = pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed here (pip install orebody[dev])")
needs_pyright = pytest.mark.skipif(PYRIGHT is None, reason="no pyright is installed here (pip install orebody[dev])")


def mypy(folder: Path, text: str) -> str:
    """Return what strict mypy says of a file; that pandas ships no types is passed over, as a quant without pandas-stubs does."""
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\n[mypy-pandas.*]\nignore_missing_imports = true\n", encoding="utf-8")
    (folder / "consumer.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(CACHE / "mypy"), "consumer.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def pyright(folder: Path, text: str) -> list[str]:
    """Return what strict pyright says of a file, line by line; that pandas ships no stubs is passed over, it reads the source."""
    assert PYRIGHT is not None
    settings = {"typeCheckingMode": "strict", "reportMissingTypeStubs": False, "include": ["consumer.py"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "consumer.py").write_text(text, encoding="utf-8")
    command = [PYRIGHT, "--outputjson", "--pythonpath", sys.executable, "--project", "."]
    said = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout)
    assert said["summary"]["filesAnalyzed"] == 1
    return [f"{one['range']['start']['line'] + 1}: {one['message']}" for one in said["generalDiagnostics"]]


@needs_mypy
def test_a_quants_file_passes_strict_mypy(tmp_path: Path) -> None:
    assert "Success: no issues found in 1 source file" in mypy(tmp_path, CONSUMER.read_text(encoding="utf-8"))


@needs_pyright
def test_a_quants_file_passes_strict_pyright(tmp_path: Path) -> None:
    assert pyright(tmp_path, CONSUMER.read_text(encoding="utf-8")) == []


MISTAKES = """
import orebody as ob
market: int = ob.load_market("gold", source="sample")
ob.Account(cash="all of it")
ob.backtset(market)
"""


@needs_mypy
def test_mypy_sees_through_the_lazy_names(tmp_path: Path) -> None:
    said = mypy(tmp_path, MISTAKES)
    assert [line.split(":")[1] for line in said.splitlines() if ": error:" in line] == ["3", "4", "5"], said


@needs_pyright
def test_pyright_sees_through_the_lazy_names(tmp_path: Path) -> None:
    said = pyright(tmp_path, MISTAKES)
    assert {line.split(":")[0] for line in said} == {"3", "4", "5"}, said
