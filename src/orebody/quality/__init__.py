"""What is wrong with prices, before anything is computed from them."""

from __future__ import annotations

from orebody.quality.finding import KINDS, Finding, Mend
from orebody.quality.inspection import inspect
from orebody.quality.repair import Repaired, repaired
from orebody.quality.report import Quality, refuse

__all__ = ["KINDS", "Finding", "Mend", "Quality", "Repaired", "inspect", "refuse", "repaired"]
