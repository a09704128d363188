"""How long something takes, warm: the median of several times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median(run: Callable[[], object], times: int) -> float:
    """Return the median of so many runs in seconds, after one that does not count."""
    run()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
