"""Least squares of miners' returns on the metal's, with standard errors that hold when returns are neither even nor independent."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["FEWEST", "Fit", "lags_for", "regress"]

FEWEST = 20
"""Returns below which nothing is estimated."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A regression with intercept; NaN throughout where fewer than `FEWEST` returns count, or the metal did not move.

    Attributes
    ----------
    coefficients : numpy.ndarray
        Shape ``(1 + K,)``, the intercept first.
    covariance : numpy.ndarray
        Of the coefficients, Newey and West.
    iid : numpy.ndarray
        Shape ``(1 + K,)``: the classical standard errors, for errors that are independent and even.
    r2 : float
    count, lags : int
        Returns that counted, and autocorrelations of the errors allowed for.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    iid: np.ndarray
    r2: float
    count: int
    lags: int

    @property
    def se(self) -> np.ndarray:
        """Newey-West standard errors, shape ``(1 + K,)``."""
        errors: np.ndarray = np.sqrt(np.diag(self.covariance))
        return errors

    def combined(self, weights: np.ndarray) -> tuple[float, float]:
        """Return a weighted sum of the coefficients and its standard error."""
        return float(weights @ self.coefficients), math.sqrt(max(0.0, float(weights @ self.covariance @ weights)))


def lags_for(count: int) -> int:
    """Return the number of autocorrelations allowed for: floor(4 (T / 100)^(2/9)), after Newey and West (1994)."""
    return int(4.0 * (count / 100.0) ** (2.0 / 9.0))


def regress(returns: np.ndarray, on: np.ndarray, used: np.ndarray | None = None) -> Fit:
    """Regress returns on others, with intercept.

    The covariance is that of Newey and West (1987), Bartlett weights, no correction for small samples. Returns left out keep their place
    in time: two neighbours of a gap are not taken for neighbours, which is the amplitude-modulated estimator of Datta and Du (2012).

    Parameters
    ----------
    returns
        Shape ``(T,)``; NaN does not count.
    on
        Shape ``(T,)`` or ``(T, K)``.
    used
        Shape ``(T,)``, bool: the returns that count; all by default.
    """
    matrix = np.column_stack((np.ones(len(returns)), on))
    counts = np.isfinite(returns) & np.isfinite(matrix).all(axis=1)
    if used is not None:
        counts &= used
    count, width = int(counts.sum()), matrix.shape[1]
    nothing = Fit(np.full(width, np.nan), np.full((width, width), np.nan), np.full(width, np.nan), math.nan, count, 0)
    if count < max(FEWEST, 2 * width):
        return nothing
    x, y = np.where(counts[:, None], matrix, 0.0), np.where(counts, returns, 0.0)
    scale = np.sqrt((x**2).sum(axis=0))
    if not (scale > 0).all() or np.linalg.matrix_rank(x / scale) < width:
        return nothing
    inverse = np.linalg.inv((x / scale).T @ (x / scale)) / np.outer(scale, scale)
    coefficients = inverse @ (x.T @ y)
    errors = np.where(counts, y - x @ coefficients, 0.0)
    scores, lags = x * errors[:, None], min(lags_for(count), len(x) - 1)
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        product = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (lags + 1.0)) * (product + product.T)
    squares = float(errors @ errors)
    around = float(((returns[counts] - returns[counts].mean()) ** 2).sum())
    iid = np.sqrt(squares / (count - width) * np.diag(inverse))
    r2 = 1.0 - squares / around if around > 0 else math.nan
    return Fit(coefficients, inverse @ middle @ inverse, iid, r2, count, lags)
