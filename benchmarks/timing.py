"""How long things take, warm: medians of several times, one after the other so that all meet the machine in the same moods."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def medians(times: int, *runs: Callable[[], object]) -> list[float]:
    """Return the median of so many turns of each run in seconds, after one that does not count."""
    taken: list[list[float]] = [[] for _ in runs]
    for turn in range(times + 1):
        for one, run in zip(taken, runs, strict=True):
            begun = time.perf_counter()
            run()
            if turn:
                one.append(time.perf_counter() - begun)
    return [statistics.median(one) for one in taken]


def median(run: Callable[[], object], times: int) -> float:
    """Return the median of so many runs in seconds, after one that does not count."""
    return medians(times, run)[0]
