"""How many of several runs beat the benchmarks: per unit of risk, and in money."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from orebody.metrics.measure import format_figure, has_cents

__all__ = ["beating", "count_beating"]

MEASURES = {"sharpe": ("Sharpe", "ratio"), "final_equity": ("final equity", "money")}
LAST_BITS = 1e-9  # relative: the sums of two engines over the same trades differ by less


def count_beating(figures: pd.DataFrame, benchmark: Mapping[str, Any]) -> dict[str, int | None]:
    """Return how many rows of `figures` have more than the benchmark, by measure; None where the benchmark has no such figure."""
    counts: dict[str, int | None] = {}
    for name in MEASURES:
        held = float(benchmark[name])
        if math.isnan(held):
            counts[name] = None
            continue
        ahead = figures[name].to_numpy(dtype=float) - held > LAST_BITS * max(abs(held), 1.0)  # NaN is not ahead
        counts[name] = int(np.count_nonzero(ahead))
    return counts


def beating(figures: pd.DataFrame, benchmarks: pd.DataFrame, metal: str, what: str = "points") -> str:
    """Return how many rows of `figures` beat each benchmark, in words without a full stop.

    Parameters
    ----------
    figures
        A row a run, with ``sharpe`` and ``final_equity``; rows without figures beat nothing.
    benchmarks
        The same figures of the metal, and then of the miners.
    metal
        Its ticker.
    what
        Of what there is a row each, in the plural.
    """
    parts, of = [], f" of {len(figures):,} {what}"
    cents = has_cents(benchmarks["final_equity"])
    for name, (_, held) in zip((metal, "the miners"), benchmarks.iterrows(), strict=True):
        known = [(one, count) for one, count in count_beating(figures, held).items() if count is not None]
        first, *others = [
            (f"{count:,}", f"by {MEASURES[one][0]} ({format_figure(MEASURES[one][1], held[one], cents=cents)})") for one, count in known
        ]
        parts.append(", ".join((f"{first[0]}{of} beat holding {name} {first[1]}", *(" ".join(other) for other in others))))
        of = ""
    return "; ".join(parts)
