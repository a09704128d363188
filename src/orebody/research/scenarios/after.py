"""What is said on many paths in one market, path by path and without what was said of real bars."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["after"]

Tables = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Weights, deploy and invest."""


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
    rows = said[0]
    counts, kept = _counted(rows, bars, length, paths)
    places = np.empty(kept, dtype=np.int64), np.empty(kept, dtype=np.int64)
    out = np.empty(kept + paths, dtype=np.int64)
    _placed(rows, bars, length, counts, out, *places)
    tables = [_table(table, first, counts, *places, len(out)) for table, first in zip(said[1:], stood, strict=True)]
    return out, tables[0], tables[1], tables[2], counts


def _table(
    table: np.ndarray, first: np.ndarray, counts: np.ndarray, source: np.ndarray, place: np.ndarray, total: int
) -> np.ndarray:
    full = np.empty((total, first.shape[1]))
    _filled(table, first, counts, source, place, full)
    return full


@njit(cache=True)
def _counted(rows, bars, length, paths):
    """Return one more than the number of rows after the real bars of each path, and the number of all such rows."""
    counts, path, kept = np.ones(paths, dtype=np.int64), 0, 0
    for row in rows:
        while row >= (path + 1) * length:
            path += 1
        if row - path * length >= bars:
            counts[path] += 1
            kept += 1
    return counts, kept


@njit(cache=True)
def _placed(rows, bars, length, counts, out, source, place):
    """Write the new rows, and for each that is kept which it was and which it is."""
    at = kept = 0
    k = 0
    for path in range(len(counts)):
        out[at] = 0
        at += 1
        begin, end = path * length + bars, (path + 1) * length
        while k < len(rows) and rows[k] < begin:
            k += 1
        while k < len(rows) and rows[k] < end:
            out[at] = rows[k] - begin + 1
            source[kept], place[kept] = k, at
            kept += 1
            at += 1
            k += 1


@njit(cache=True)
def _filled(table, first, counts, source, place, full):
    """Write a table's rows to their places, and what stood before each path's; nothing where the table says nothing."""
    width, at = first.shape[1], 0
    if len(table) == 0:
        full[:] = np.nan
    else:
        for k in range(len(source)):
            for i in range(width):
                full[place[k], i] = table[source[k], i]
    for path in range(len(counts)):
        for i in range(width):
            full[at, i] = first[0, i]
        at += counts[path]
