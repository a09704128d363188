"""The code blocks of README.md and docs/ run as tests: `pytest README.md docs`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


def _in_scratch(namespace: dict[str, Any]) -> None:
    namespace["_before"] = Path.cwd()
    scratch = Path(__file__).parent / ".pytest_cache" / "snippets"
    scratch.mkdir(parents=True, exist_ok=True)
    os.chdir(scratch)


def _back(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_before"])


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md"],
    setup=_in_scratch,
    teardown=_back,
).pytest()
