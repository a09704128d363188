"""What is wrong with prices, before anything is computed from them."""

from __future__ import annotations

from orebody.quality.finding import KINDS, Finding, Fix
from orebody.quality.inspection import inspect
from orebody.quality.repair import RepairResult, repaired
from orebody.quality.report import QualityReport, refuse

__all__ = ["KINDS", "Finding", "Fix", "QualityReport", "RepairResult", "inspect", "refuse", "repaired"]
