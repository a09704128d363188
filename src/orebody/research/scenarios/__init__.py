"""Scenarios: every strategy on many paths resampled from history, tilted to what might come."""

from __future__ import annotations

from orebody.research.scenarios.analysis import scenarios
from orebody.research.scenarios.result import Scenarios
from orebody.research.scenarios.scenario import CASES, Scenario

__all__ = ["CASES", "Scenario", "Scenarios", "scenarios"]
