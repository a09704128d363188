"""What is said on many paths in one market, path by path and without what was said of real bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from orebody.compiling import njit

__all__ = ["after"]

Tables = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Weights, deploy and contribution_split."""


def after(said: tuple[np.ndarray, *Tables], stood: Tables, bars: int, length: int, paths: int) -> tuple[np.ndarray, *Tables, np.ndarray]:
    """Return what is said after the last real bar of each path, and before it, as row 0, what stood on that bar.

    Parameters
    ----------
    said
        Rows, ascending, of all paths, and the three tables; one that says nothing has no rows.
    stood
        The three tables on the last real bar, shape ``(1, N)``.
    bars
        Real bars before each path.
    length
        Of a path with these.
    paths
        How many there are.

    Returns
    -------
    tuple of numpy.ndarray
        Rows, counted from the last real bar of their path, the three tables, and how many rows are each path's.
    """
    rows, source, counts = _placed(said[0], bars, length, paths)
    tables = [_taken(table, source, first) for table, first in zip(said[1:], stood, strict=True)]
    return rows, tables[0], tables[1], tables[2], counts


def _place(rows: np.ndarray, bars: int, length: int, paths: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the new rows, for each which row it was (-1: what stood before its path), and how many are each path's."""
    out, source = np.empty(len(rows) + paths, dtype=np.int64), np.empty(len(rows) + paths, dtype=np.int64)
    counts, at, k = np.empty(paths, dtype=np.int64), 0, 0
    for path in range(paths):
        first, begin, end = at, path * length + bars, (path + 1) * length
        out[at], source[at] = 0, -1
        at += 1
        while k < len(rows) and rows[k] < end:
            if rows[k] >= begin:
                out[at], source[at] = rows[k] - begin + 1, k
                at += 1
            k += 1
        counts[path] = at - first
    return out[:at].copy(), source[:at].copy(), counts


def _take(table: np.ndarray, source: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the rows `source` of a table, NaN where it has none, and `first` for -1."""
    taken = np.empty((len(source), first.shape[1]))
    for at in range(len(source)):
        k = source[at]
        for i in range(first.shape[1]):
            if k < 0:
                taken[at, i] = first[0, i]
            else:
                taken[at, i] = table[k, i] if len(table) else np.nan
    return taken


_placed: Any = njit(cache=True)(_place)
_taken: Any = njit(cache=True)(_take)
