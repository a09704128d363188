"""Opens and closes a little outside low..high: the bar is widened by them; what lies far outside is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

__all__ = ["FAR", "Excursions", "describe", "find_excursions", "widen"]

FAR = 0.02
"""How far, of the price, an open or close may lie outside low..high before one of them must be wrong.

Providers take the range and the auction's prices from different feeds: seen are 0.6 % in London and Johannesburg, and in 940 of 989 such
rows of futures less than 2 %. The smallest move that can be called a false print is 2.7 %, 9 usual moves of at least 0.3 %, so a bar that
is widened cannot take one in.
"""

_SLACK = 1e-6  # relative: adjusted prices carry the rounding of their factor


class Excursions(NamedTuple):
    """How far prices leave their bars.

    Attributes
    ----------
    size
        Of each bar, as a share of the price: how far its open or close lies outside low..high, or its high below its low; 0 within.
    outside
        Where that is more than a rounding.
    far
        Where it is more than `FAR`.
    """

    size: np.ndarray
    outside: np.ndarray
    far: np.ndarray


def find_excursions(prices: Mapping[str, np.ndarray]) -> Excursions | None:
    """Return how far open and close leave low..high, or None where there is no high or low; prices that are none count as within."""
    if "high" not in prices or "low" not in prices:
        return None
    high, low = prices["high"], prices["low"]
    with np.errstate(divide="ignore", invalid="ignore"):
        size = low / high - 1
        for name in ("open", "close"):
            if name in prices:
                size = np.fmax(size, np.fmax(prices[name] / high - 1, low / prices[name] - 1))
    size = np.where(np.isfinite(size), np.maximum(size, 0.0), 0.0)
    return Excursions(size, size > _SLACK, size > FAR)


def widen(prices: Mapping[str, np.ndarray], where: np.ndarray) -> dict[str, np.ndarray]:
    """Return the prices with each high and low `where` it is asked for taken so far that open and close lie within."""
    four = np.stack([prices[name] for name in ("open", "high", "low", "close") if name in prices])
    high, low = np.where(where, four.max(axis=0), prices["high"]), np.where(where, four.min(axis=0), prices["low"])
    return {**prices, "high": high, "low": low}


def describe(found: Excursions, count: int) -> str:
    """Return how often and how far the bars of a table of `count` rows were widened."""
    many, most = int(found.outside.sum()), float(found.size[found.outside].max())
    return (
        f"the open or close lies outside low..high on {many:,} of {count:,} rows, by {most:.2%} at most: the range of these bars is widened"
    )
