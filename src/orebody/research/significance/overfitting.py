"""The probability of backtest overfitting: does what was best on one half of the history stay above the middle on the other?

Bailey, Borwein, Lopez de Prado and Zhu (2017), "The Probability of Backtest Overfitting": combinatorially symmetric cross-validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from orebody.errors import ParameterError

__all__ = ["FEWEST_BARS", "Overfitting", "check_blocks", "overfitting"]

FEWEST_BARS = 5
"""Bars a block below which the Sharpe ratio of half of them says nothing."""
CELLS = 2_000_000  # figures held at once: 16 MB


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What came of all ways to choose on one half of the blocks and look at the other.

    Attributes
    ----------
    probability : float
        PBO: fraction of the ways in which the chosen one was at or below the median of all on the other half, `below_median` plus
        `at_median`. The paper's tie rule (section 3): logits of 0 or less count.
    below_median, at_median : float
        Fractions of the ways. With an odd number of runs, and where several have equal Sharpe ratios, the chosen one can be the
        median itself.
    expected : float
        The probability if the choice knew nothing: all ranks equally likely, no ties. 0.5 for an even number of runs, (N + 1) / 2N
        for an odd one.
    slope : float
        Of the chosen one's Sharpe ratio out of sample on that in sample, by least squares: how performance degrades. NaN where all
        choices look the same in sample.
    loss : float
        Share of the ways in which the chosen one's Sharpe ratio was negative out of sample.
    logits : numpy.ndarray
        Shape ``(ways,)``: ln(w / (1 - w)), w the chosen one's rank out of sample over N + 1; below 0 is below the middle.
    inside, outside : numpy.ndarray
        Shape ``(ways,)``: the chosen one's annual Sharpe ratios.
    blocks, bars : int
        Blocks, and bars in each; what is left over is dropped from the beginning.
    """

    probability: float
    below_median: float
    at_median: float
    expected: float
    slope: float
    loss: float
    logits: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    blocks: int
    bars: int


def check_blocks(blocks: object) -> int:
    """Return the number of blocks, or raise `ParameterError` unless it is even and from 2 to 20."""
    if isinstance(blocks, bool) or not isinstance(blocks, int) or blocks % 2 or not 2 <= blocks <= 20:
        raise ParameterError(f"blocks is {blocks!r}: it must be an even whole number from 2 to 20 (20 are 184,756 ways to halve them)")
    return blocks


def overfitting(excess: np.ndarray, per_year: float, blocks: int = 16) -> Overfitting | str:
    """Return what came of it, or, where it cannot be done, why.

    Parameters
    ----------
    excess
        Shape ``(T, N)``: returns over cash of everything that was tried.
    per_year
        Bars a year.
    blocks
        Even. The sums of each block are all that is kept, and ways are gone through in bundles: memory does not grow with their number.
    """
    count, bars = excess.shape[1], len(excess) // blocks
    if count < 2:
        return f"choosing needs at least 2 strategies or points, there is {count}"
    if bars < FEWEST_BARS:
        return (
            f"{len(excess)} returns in {blocks} blocks are {bars} each, at least {FEWEST_BARS} are needed: take fewer blocks or more bars"
        )
    cut = excess[len(excess) - bars * blocks :].reshape(blocks, bars, count)
    sums, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    halves = np.array(list(combinations(range(blocks), blocks // 2)))
    outcome = np.empty((3, len(halves)))
    step = max(1, CELLS // count)
    for begin in range(0, len(halves), step):
        inside = np.zeros((len(halves[begin : begin + step]), blocks))
        np.put_along_axis(inside, halves[begin : begin + step], 1.0, axis=1)
        outcome[:, begin : begin + step] = _choose(inside, sums, squares, bars * blocks // 2)
    ranks, mine, other = outcome
    share = ranks / (count + 1)
    logits = np.log(share / (1.0 - share))
    mine, other = mine * np.sqrt(per_year), other * np.sqrt(per_year)
    away = mine - mine.mean()
    slope = float(away @ (other - other.mean()) / (away @ away)) if away @ away > 1e-15 else float("nan")
    below, at = float((logits < -1e-12).mean()), float((np.abs(logits) <= 1e-12).mean())
    expected = (count + 1) // 2 / count
    return Overfitting(below + at, below, at, expected, slope, float((other < 0).mean()), logits, mine, other, blocks, bars)


def _choose(inside: np.ndarray, sums: np.ndarray, squares: np.ndarray, bars: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rank out of sample of what is best in sample, and its two Sharpe ratios; one way a row of `inside`."""
    mine, other = (_sharpe(half @ sums, half @ squares, bars) for half in (inside, 1.0 - inside))
    ways = np.arange(len(inside))
    best = mine.argmax(axis=1)
    its = other[ways, best]
    low, level = (other < its[:, None]).sum(axis=1), (other == its[:, None]).sum(axis=1)
    return low + (level + 1) / 2, mine[ways, best], its  # equal ones share their places


def _sharpe(total: np.ndarray, squares: np.ndarray, bars: int) -> np.ndarray:
    mean = total / bars
    variance = (squares / bars - mean**2) * bars / (bars - 1)
    ratio: np.ndarray = np.divide(mean, np.sqrt(np.maximum(variance, 0.0)), out=np.zeros_like(mean), where=variance > 1e-18)
    return ratio  # 0 where nothing moved in that half: neither good nor bad
