"""The stationary bootstrap: which bars a resampled history is made of, and how long its blocks are.

Politis and Romano (1994), "The Stationary Bootstrap": blocks begin anywhere, their lengths are geometric, the history is joined end to
start. The block length is that of Politis and White (2004), corrected by Patton, Politis and White (2009). Both are arch's, which is
imported here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType

import numpy as np

from orebody.errors import UnsupportedError

__all__ = ["block_length", "check_installed", "draws"]

_MISSING = "significance needs arch for its bootstraps: install orebody[research]"
TOGETHER = 100  # draws: the memory they take is that many times the bars


def check_installed() -> None:
    """Raise `UnsupportedError` unless arch can be imported; it is looked for, not imported."""
    if find_spec("arch") is None:
        raise UnsupportedError(_MISSING)


def block_length(series: np.ndarray) -> int:
    """Return the mean block length for the columns of `series`, shape ``(T, K)``: the median of what is best for each, rounded up.

    One length, because all columns are resampled together. Columns that never vary are left out.
    """
    varying = series[:, series.std(axis=0) > 1e-12]
    if not varying.shape[1]:
        return 1
    best = _arch().optimal_block_length(varying)["stationary"].to_numpy()
    return max(1, math.ceil(float(np.median(best)) - 1e-9))


def draws(bars: int, block: int, samples: int, seed: int) -> Iterator[np.ndarray]:
    """Give `samples` resampled histories in bundles: bar numbers, shape ``(at most 100, bars)``."""
    made = _arch().StationaryBootstrap(block, np.arange(bars), seed=np.random.default_rng(seed)).bootstrap(samples)
    for first in range(0, samples, TOGETHER):
        count = min(TOGETHER, samples - first)
        yield np.array([next(made)[0][0] for _ in range(count)])


def _arch() -> ModuleType:
    try:
        import arch.bootstrap
    except ImportError:
        raise UnsupportedError(_MISSING) from None
    return arch.bootstrap
