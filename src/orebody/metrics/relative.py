"""How a series of returns did against another: the strategy against the metal bought with the same cash flows."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["beta", "capture", "information_ratio", "rolling_beta"]


def beta(returns: np.ndarray, metal: np.ndarray) -> float:
    """Return cov(r, m) / var(m): the slope of least squares of the returns on the metal's."""
    if len(metal) < 2:
        return math.nan
    spread = float(np.var(metal))
    return float(np.mean((returns - returns.mean()) * (metal - metal.mean()))) / spread if spread > 1e-30 else math.nan


def rolling_beta(returns: np.ndarray, metal: np.ndarray, window: int) -> np.ndarray:
    """Return `beta` over the last `window` returns at each bar, shape ``(T,)``.

    NaN before the first full window, and where the metal stood still.
    """
    out = np.full(len(returns), np.nan)
    if len(returns) < window or window < 2:
        return out
    # about their means over all bars, so that sums of squares keep their digits
    mine, its = (np.lib.stride_tricks.sliding_window_view(series - series.mean(), window) for series in (returns, metal))
    mean_mine, mean_its = mine.mean(axis=1), its.mean(axis=1)
    spread = np.einsum("ij,ij->i", its, its) / window - mean_its**2
    together = np.einsum("ij,ij->i", mine, its) / window - mean_mine * mean_its
    out[window - 1 :] = np.divide(together, spread, out=np.full(len(spread), np.nan), where=spread > 1e-15)
    return out


def capture(returns: np.ndarray, metal: np.ndarray, *, up: bool) -> float:
    """Return the share of the metal's rises (or falls) that the strategy took part in.

    The geometric mean return a bar over the bars on which the metal rose (fell), divided by the metal's own. Morningstar's upside and
    downside capture ratios, on bars where the published ones use months.
    """
    chosen = metal > 0 if up else metal < 0
    if not chosen.any():
        return math.nan
    mine, its = (math.expm1(float(np.mean(np.log1p(np.maximum(series[chosen], -1 + 1e-12))))) for series in (returns, metal))
    return mine / its


def information_ratio(returns: np.ndarray, metal: np.ndarray, periods_per_year: float) -> float:
    """Return mean / sample standard deviation of the active returns r - m, times sqrt(periods a year); Goodwin (1998)."""
    if len(returns) < 2:
        return math.nan
    active = returns - metal
    spread = float(np.std(active, ddof=1))
    return float(np.mean(active)) / spread * math.sqrt(periods_per_year) if spread > 1e-15 else math.nan
