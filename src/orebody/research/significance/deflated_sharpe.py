"""The Sharpe ratio, judged: how likely it is above zero, and above what the best of so many tries without skill would have had.

Bailey and Lopez de Prado (2012), "The Sharpe Ratio Efficient Frontier", and (2014), "The Deflated Sharpe Ratio". Sharpe ratios here are a
bar's, not a year's.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

__all__ = ["Moments", "expected_best", "moments", "probabilistic_sharpe", "spread_of"]

NORMAL = NormalDist()
EULER = 0.5772156649015329


class Moments(NamedTuple):
    """What the distribution of a Sharpe ratio depends on: the ratio (a bar's), skewness, kurtosis (3 for a normal one), and bars."""

    sharpe: float
    skewness: float
    kurtosis: float
    bars: int


def moments(returns: np.ndarray) -> Moments:
    """Return the moments of the returns of one run, which must vary."""
    away = returns - returns.mean()
    variance = float(np.mean(away**2))
    ratio = float(returns.mean() / np.std(returns, ddof=1))
    return Moments(ratio, float(np.mean(away**3)) / variance**1.5, float(np.mean(away**4)) / variance**2, len(returns))


def probabilistic_sharpe(of: Moments, above: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio (a bar's) lies above `above`.

    Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR**2)), Bailey and Lopez de Prado (2012), equation 11. Bars are taken as
    independent.
    """
    spread = 1.0 - of.skewness * of.sharpe + (of.kurtosis - 1.0) / 4.0 * of.sharpe**2
    # never negative for the moments of one sample, as kurtosis >= 1 + skewness**2; rounding may say otherwise
    return NORMAL.cdf((of.sharpe - above) * math.sqrt(of.bars - 1) / math.sqrt(max(spread, 1e-12)))


def expected_best(n_trials: int, variance: float) -> float:
    """Return the Sharpe ratio to expect of the best of `n_trials` independent ones without skill, whose variance is `variance`.

    sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g the Euler-Mascheroni constant; Bailey and Lopez de Prado (2014),
    equation 1. The deflated Sharpe ratio is `probabilistic_sharpe` above it. 0 for a single try.
    """
    if n_trials < 2:
        return 0.0
    high = (1.0 - EULER) * NORMAL.inv_cdf(1.0 - 1.0 / n_trials) + EULER * NORMAL.inv_cdf(1.0 - 1.0 / (n_trials * math.e))
    return math.sqrt(variance) * high


def spread_of(sharpes: list[float], bars: int) -> float:
    """Return the variance of Sharpe ratios among what was tried (ddof 1); of fewer than two, that of estimates without skill, 1/(n - 1)."""
    return float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else 1.0 / (bars - 1)
