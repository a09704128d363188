"""Checking what a strategy decided: one compiled pass that keeps the bars that say something and finds whatever cannot be.

The pass only says that something is wrong; `Decisions.on` says what, where and in which words.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from orebody.compiling import njit

__all__ = ["WHOLE", "check_batch", "check_decisions", "rows_within", "table"]

SLACK = 1e-12
LOOSE = 1 + 1e-9


FLOAT, WHOLE = np.dtype(np.float64), np.dtype(np.int64)


def table(values: np.ndarray, kind: np.dtype = FLOAT) -> np.ndarray:
    """Return the table as the pass takes it: one type of array, so that it is compiled once."""
    return values if values.dtype == kind and values.flags.carray else np.array(values, dtype=kind, order="C")


_BARE: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


@njit(**_BARE)
def _check_row(
    rows, weights, deploy, contribution_split, bars, opening, leverage, shorting, scratch, kept, out_weights, out_deploy, out_split
):
    """Sift one strategy's decisions; see `check_decisions`. Return whether all is well, and how many rows were kept.

    `scratch` has three rows to work on. It makes no arrays, so numba need not count references.
    """
    count, width = len(rows), weights.shape[1]
    standing, stated_weight, stated_split = scratch[0], scratch[1], scratch[2]
    for i in range(width):
        standing[i], stated_weight[i], stated_split[i] = 0.0, np.nan, np.nan
    carries, open_row, well, at = False, -1, True, 0
    for k in range(count):
        row = rows[k]
        well &= 0 <= row < bars and (k == 0 or row > rows[k - 1])
        if carries and row >= opening and open_row < 0:  # the opening bar gets a row of its own
            open_row = at
            kept[at] = opening
            for i in range(width):
                out_weights[at, i], out_deploy[at, i], out_split[at, i] = stated_weight[i], np.nan, stated_split[i]
            at += 1
        here = open_row if row == opening and open_row >= 0 else at
        says = here < at
        if not says:
            for i in range(width):
                out_weights[at, i] = out_deploy[at, i] = out_split[at, i] = np.nan
        spent = gross = split = 0.0
        for i in range(width):
            weight = weights[k, i] if len(weights) else np.nan
            share = deploy[k, i] if len(deploy) else np.nan
            invested = contribution_split[k, i] if len(contribution_split) else np.nan
            if math.isinf(weight) or math.isinf(share) or math.isinf(invested):
                well = False
            if abs(weight) < SLACK:
                weight = 0.0
            if share == 0:
                share = np.nan
            stated, shared = not math.isnan(weight), not math.isnan(share)
            well &= not (stated and shared)
            if stated:
                gross += abs(weight)
                well &= shorting or weight >= 0
            if shared:
                well &= abs(share) <= 1 + SLACK
                spent += max(share, 0.0)
            if not math.isnan(invested):
                well &= 0 <= invested <= 1 + SLACK
                standing[i] = invested
            split += standing[i]
            if row < opening:
                if stated:
                    stated_weight[i] = weight
                if not math.isnan(invested):
                    stated_split[i] = invested
                carries |= stated or not math.isnan(invested)
                continue
            if stated or shared:
                out_weights[here, i] = weight
            out_deploy[here, i] = share
            if not math.isnan(invested):
                out_split[here, i] = invested
            says |= stated or shared or not math.isnan(invested)
        well &= spent <= 1 + SLACK and split <= 1 + SLACK and gross <= leverage * LOOSE
        if row >= opening and says and here == at:
            kept[at] = row
            at += 1
    if carries and open_row < 0:
        kept[at] = opening
        for i in range(width):
            out_weights[at, i], out_deploy[at, i], out_split[at, i] = stated_weight[i], np.nan, stated_split[i]
        at += 1
    return well, at


@njit(nogil=True, cache=True, error_model="numpy")
def check_decisions(rows, weights, deploy, contribution_split, bars, opening, leverage, shorting):
    """Return whether all is well, and rows, weights, deploy and contribution_split of the bars from `opening` on that say anything.

    Tables without rows say nothing. Weights and the standing split stated before `opening` are carried to it, the newest for each
    instrument; deploy shares, which happen once, are not.
    """
    room, width = len(rows) + 1, weights.shape[1]
    kept, scratch = np.empty(room, dtype=np.int64), np.empty((3, width))
    out_weights, out_deploy, out_split = np.empty((room, width)), np.empty((room, width)), np.empty((room, width))
    well, at = _check_row(
        rows, weights, deploy, contribution_split, bars, opening, leverage, shorting, scratch, kept, out_weights, out_deploy, out_split
    )
    return well, kept[:at], out_weights[:at], out_deploy[:at], out_split[:at]


@njit(nogil=True, cache=True, error_model="numpy")
def check_batch(rows, weights, deploy, contribution_split, parts, bars, opening, leverage, shorting):
    """Sift the decisions of many strategies, joined one after the other.

    Row p of `parts` has where those of strategy p end in rows, weights, deploy and contribution_split. Returned are
    whether all is well with each, the sifted rows and tables, joined too, and where those of each end.
    """
    count, width = len(parts), weights.shape[1]
    room = len(rows) + count
    kept, ends, well = np.empty(room, dtype=np.int64), np.empty(count, dtype=np.int64), np.empty(count, dtype=np.bool_)
    out_weights, out_deploy, out_split = np.empty((room, width)), np.empty((room, width)), np.empty((room, width))
    scratch = np.empty((3, width))
    a, b, c, d, at = 0, 0, 0, 0, 0
    for p in range(count):
        e, f, g, h = parts[p, 0], parts[p, 1], parts[p, 2], parts[p, 3]
        well[p], said = _check_row(
            rows[a:e],
            weights[b:f],
            deploy[c:g],
            contribution_split[d:h],
            bars,
            opening,
            leverage,
            shorting,
            scratch,
            kept[at:],
            out_weights[at:],
            out_deploy[at:],
            out_split[at:],
        )
        at += said if well[p] else 0
        ends[p] = at
        a, b, c, d = e, f, g, h
    return well, kept[:at], out_weights[:at], out_deploy[:at], out_split[:at], ends


@njit(nogil=True, cache=True, error_model="numpy")
def rows_within(rows, weights, deploy, contribution_split, ends, opening, until):
    """Return what accounts that open on bar `opening` hear before bar `until` of sifted decisions: rows, tables and where each's end.

    `ends` has where the rows of each strategy end. As in `check_decisions`, weights and the standing split stated before the opening are
    carried to it, the newest for each instrument.
    """
    count, width = len(ends), weights.shape[1]
    first, last, room, begin = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), count, 0
    for p in range(count):
        said = rows[begin : ends[p]]
        first[p], last[p] = begin + np.searchsorted(said, opening + 1), begin + np.searchsorted(said, until)
        room += last[p] - first[p]
        begin = ends[p]
    kept, closes = np.empty(room, dtype=np.int64), np.empty(count, dtype=np.int64)
    out_weights, out_deploy, out_split = np.empty((room, width)), np.empty((room, width)), np.empty((room, width))
    begin, at = 0, 0
    for p in range(count):
        newest, says = first[p] - 1, False
        own = newest >= begin and rows[newest] == opening
        for i in range(width):
            out_deploy[at, i] = deploy[newest, i] if own else np.nan
            out_weights[at, i] = out_split[at, i] = np.nan
            if math.isnan(out_deploy[at, i]):
                k = newest
                while k >= begin and math.isnan(weights[k, i]):
                    k -= 1
                out_weights[at, i] = weights[k, i] if k >= begin else np.nan
            k = newest
            while k >= begin and math.isnan(contribution_split[k, i]):
                k -= 1
            out_split[at, i] = contribution_split[k, i] if k >= begin else np.nan
            says |= not (math.isnan(out_weights[at, i]) and math.isnan(out_deploy[at, i]) and math.isnan(out_split[at, i]))
        if says:
            kept[at] = opening
            at += 1
        for k in range(first[p], last[p]):
            kept[at] = rows[k]
            for i in range(width):
                out_weights[at, i], out_deploy[at, i], out_split[at, i] = weights[k, i], deploy[k, i], contribution_split[k, i]
            at += 1
        closes[p] = at
        begin = ends[p]
    return kept[:at], out_weights[:at], out_deploy[:at], out_split[:at], closes
