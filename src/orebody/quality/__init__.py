"""What is wrong with prices, before anything is computed from them."""

from __future__ import annotations

from orebody.quality.finding import KINDS, Finding, Fix
from orebody.quality.inspection import inspect
from orebody.quality.repair import RepairResult, repair_frame
from orebody.quality.report import QualityReport, refuse_errors

__all__ = ["KINDS", "Finding", "Fix", "QualityReport", "RepairResult", "inspect", "refuse_errors", "repair_frame"]
