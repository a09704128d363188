"""Does any of them grow faster than the metal, and which, after counting all? One bootstrap, two tests.

Hansen (2005), "A Test for Superior Predictive Ability", asks whether the best is better than the metal at all. Romano and Wolf (2005),
"Stepwise Multiple Testing as Formalized Data Snooping", with the p-values of their (2016) "Efficient computation of adjusted p-values for
resampling-based stepdown multiple testing", ask which ones are. Both divide each mean by its standard error, so that a wild strategy does
not drown a steady one. `arch.bootstrap.SPA` and `StepM` do not divide (their ``studentize`` only sets which poor strategies are
disregarded), which is why its draws are used here and not its tests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["MultipleTestResult", "resampled_means", "superiority_test"]


@dataclass(frozen=True, eq=False)
class MultipleTestResult:
    """What the tests say of K columns.

    Attributes
    ----------
    statistic : float
        The largest mean over its standard error.
    lower, consistent, upper : float
        Hansen's p-values: the one in the middle is the test; the others bound it.
    alone, adjusted : numpy.ndarray
        Shape ``(K,)``: one-sided p-values of each, by itself, and after counting all (Romano and Wolf).
    """

    statistic: float
    lower: float
    consistent: float
    upper: float
    alone: np.ndarray
    adjusted: np.ndarray


def resampled_means(series: np.ndarray, histories: Iterable[np.ndarray]) -> np.ndarray:
    """Return the mean of each column on each history, shape ``(draws, K)``.

    By how often each bar was drawn: a product of matrices in place of as many copies of the series. Memory is that of a bundle of
    histories and of the result.
    """
    bars, means = len(series), []
    for bundle in histories:
        at = bundle + bars * np.arange(len(bundle))[:, None]
        often = np.bincount(at.ravel(), minlength=len(bundle) * bars).reshape(len(bundle), bars)
        means.append(often.astype(float) @ series / bars)
    return np.concatenate(means)


def superiority_test(series: np.ndarray, histories: Iterable[np.ndarray]) -> MultipleTestResult:
    """Test whether any column's mean is above 0, and which.

    Parameters
    ----------
    series
        Shape ``(T, K)``: what each gained over the metal on each bar. Every column varies.
    histories
        Bar numbers, as `draws` gives them.
    """
    bars = len(series)
    mean, drawn = series.mean(axis=0), resampled_means(series, histories)
    error = drawn.std(axis=0)  # the bootstrap's own estimate; Hansen allows any consistent one
    ratio = mean / error
    around = (drawn - mean) / error
    far = -math.sqrt(2.0 * math.log(math.log(bars)))  # so far below zero it cannot matter: Hansen, section 3.2
    highest = max(float(ratio.max()), 0.0)
    centred = {"lower": np.where(ratio > 0, 0.0, ratio), "consistent": np.where(ratio >= far, 0.0, ratio), "upper": np.zeros_like(ratio)}
    spa = {name: _share(np.maximum((around + moved).max(axis=1), 0.0) >= highest) for name, moved in centred.items()}
    alone = (1.0 + (around >= ratio).sum(axis=0)) / (1.0 + len(around))
    return MultipleTestResult(float(ratio.max()), **spa, alone=alone, adjusted=_adjust(ratio, around))


def _adjust(ratio: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Return p-values that count all: each compared with the largest of those that stand no higher, and none below one before it."""
    order = np.argsort(-ratio, kind="stable")
    largest = np.maximum.accumulate(around[:, order[::-1]], axis=1)[:, ::-1]
    p = (1.0 + (largest >= ratio[order]).sum(axis=0)) / (1.0 + len(around))
    adjusted = np.empty(len(ratio))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def _share(above: np.ndarray) -> float:
    """Return (1 + how many) / (1 + draws): a p-value from draws is never 0."""
    return float((1 + above.sum()) / (1 + len(above)))
