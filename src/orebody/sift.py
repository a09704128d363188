"""Checking what a strategy decided: one compiled pass that keeps the bars that say something and finds whatever cannot be.

The pass only says that something is wrong; `Decisions.on` says what, where and in which words.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["NO_ROWS", "sift", "table"]

SLACK = 1e-12
LOOSE = 1 + 1e-9

NO_ROWS = np.empty(0, dtype=np.int64)


def table(values: np.ndarray) -> np.ndarray:
    """Return the table as the pass takes it: one type of array, so that it is compiled once."""
    if values.dtype == np.float64 and values.flags.c_contiguous and values.flags.writeable:
        return values
    return np.array(values, dtype=np.float64, order="C")


@njit(cache=True, error_model="numpy")
def sift(rows, weights, deploy, invest, bars, opening, leverage, shorting):
    """Return whether all is well, and rows, weights, deploy and invest of the bars from `opening` on that say anything.

    Tables without rows say nothing. Weights and the standing split stated before `opening` are carried to it, the newest for each
    instrument; deploy shares, which happen once, are not.
    """
    count, width = len(rows), weights.shape[1]
    kept = np.empty(count + 1, dtype=np.int64)
    said = np.full((3, count + 1, width), np.nan)  # weights, deploy, invest
    standing, carried = np.zeros(width), np.full((2, width), np.nan)
    carries, open_row, well, at = False, -1, True, 0
    for k in range(count):
        row = rows[k]
        well &= 0 <= row < bars and (k == 0 or row > rows[k - 1])
        if carries and row >= opening and open_row < 0:  # the opening bar gets a row of its own
            open_row = at
            kept[at] = opening
            said[0, at], said[2, at] = carried[0], carried[1]
            at += 1
        here = open_row if row == opening and open_row >= 0 else at
        says = here < at
        spent = gross = split = 0.0
        for i in range(width):
            weight = weights[k, i] if len(weights) else np.nan
            share = deploy[k, i] if len(deploy) else np.nan
            invested = invest[k, i] if len(invest) else np.nan
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
                    carried[0, i] = weight
                if not math.isnan(invested):
                    carried[1, i] = invested
                carries |= stated or not math.isnan(invested)
                continue
            if stated or shared:
                said[0, here, i] = weight
            said[1, here, i] = share
            if not math.isnan(invested):
                said[2, here, i] = invested
            says |= stated or shared or not math.isnan(invested)
        well &= spent <= 1 + SLACK and split <= 1 + SLACK and gross <= leverage * LOOSE
        if row >= opening and says and here == at:
            kept[at] = row
            at += 1
    if carries and open_row < 0:
        kept[at] = opening
        said[0, at], said[2, at] = carried[0], carried[1]
        at += 1
    return well, kept[:at], said[0, :at], said[1, :at], said[2, :at]
