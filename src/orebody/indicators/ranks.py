"""Ranks of several measures put together into one score."""

from __future__ import annotations

import numpy as np

__all__ = ["mean_rank"]


def mean_rank(values: np.ndarray, able: np.ndarray) -> np.ndarray:
    """Return the mean over measures of percentile ranks, shape ``(K, N)``: 1 is the best in all of them, 0 the last or unknown in all.

    Parameters
    ----------
    values
        Shape ``(M, K, N)``: N values of each of M measures on K bars, more is better; NaN is unknown and ranks last. The percentile rank of
        a value is the share of the others that are below it, equal ones counted half.
    able
        Shape ``(K, N)``, bool: the others are those that are able.
    """
    known = np.where(np.isnan(values), -np.inf, values)
    one, other = known[..., :, None], known[..., None, :]
    below = ((one > other) & able[:, None, :]).sum(axis=-1)
    same = ((one == other) & able[:, None, :]).sum(axis=-1) - 1
    others = np.maximum(1, able.sum(axis=1) - 1)[:, None]
    ranks = np.where(np.isnan(values), 0.0, (below + 0.5 * same) / others)
    score: np.ndarray = ranks.mean(axis=0)
    return score
