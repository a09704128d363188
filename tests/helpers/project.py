"""The folders of the project that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"
STUDIES = EXAMPLES / "studies"
HELPERS = Path(__file__).parent
