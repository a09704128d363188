"""All studies, in the order of the index."""

from __future__ import annotations

from importlib import import_module

from replications.study import Study

__all__ = ["STUDIES"]

NAMES = (
    *("cxo", "chan", "drawdowns", "years", "lump_sum", "tufano", "gearing", "january_2026"),
    *("miner_myths", "safe_haven", "golden_constant", "autumn", "jaffe", "shine", "elasticity", "australia"),
)
STUDIES: dict[str, Study] = {name: import_module(f"replications.{name}").STUDY for name in NAMES}
