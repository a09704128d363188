"""Studies: everything that a run needs in one TOML file, checked before anything is computed, and kept with the report."""

from __future__ import annotations

from orebody.study.loader import load_study
from orebody.study.result import StudyResult
from orebody.study.study import Study

__all__ = ["Study", "StudyResult", "load_study"]
