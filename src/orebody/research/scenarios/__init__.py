"""Scenarios: every strategy on many paths resampled from history, tilted to what might come."""

from __future__ import annotations

from orebody.research.scenarios.outcome import Scenarios
from orebody.research.scenarios.simulation import scenarios
from orebody.research.scenarios.tilt import CASES, Scenario

__all__ = ["CASES", "Scenario", "Scenarios", "scenarios"]
