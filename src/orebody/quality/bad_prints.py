"""False prints, which come back in full, against crashes, which do not; and closes that stand still."""

from __future__ import annotations

import numpy as np

from orebody.quality.bars import LEAST_USUAL, Bars, moves_of, typical
from orebody.quality.finding import Finding, Fix

__all__ = ["find_bad_opens", "find_bad_prints", "find_bad_wicks", "find_stale_closes"]

WRONG = 9.0  # times the usual move, out and back: of 388,000 daily closes the largest true one is 7.1, the smallest known false one 11.8
DOUBTFUL = 5.0
UNTRADED = 4.0  # enough for a bar on which nobody traded
_BACK = 0.25  # share of the move that may be left after it comes back: GFI's real +50 % of 2000-05-02 kept 0.44 of it
_LONGEST = 5  # bars a false level is looked for; after a week it may be news
_STILL = 5  # moves of nothing in a row from which a run may be stale
_CHANCE = 1e-3  # expected number of such runs by chance below which it is
_ABSURD = 63  # sessions without any move: a quarter


def find_bad_prints(bars: Bars) -> tuple[list[Finding], np.ndarray]:
    """Return false prints, and where they are.

    A print is false when the close leaves by more than 9 times the usual move, stays up to 5 bars, and comes back with at most a quarter
    of the way left: 4 times are enough where volume says that nobody traded. From 5 times on, for one bar, it is doubtful. What the
    usual move is, `orebody.quality.bars.typical` says.
    """
    off = np.zeros(len(bars), dtype=bool)
    findings: list[Finding] = []
    if len(bars) < 3:
        return findings, off
    logs = np.log(bars.close)
    moves = np.diff(logs)
    volume = bars.values.get("volume")
    if volume is not None and not (volume > 0).any():
        volume = None  # a column of zeros was never recorded
    for length in range(1, _LONGEST + 1):
        for at, times, untraded in _excursions(logs, moves, volume, length):
            if off[at - 1 : at + length + 1].any():
                continue
            wrong = times >= (UNTRADED if untraded else WRONG)
            if wrong:
                off[at : at + length] = True
            if wrong or (length == 1 and times >= DOUBTFUL):
                findings.append(_print(bars, at, length, times, untraded, wrong))
    return findings, off


def _excursions(logs: np.ndarray, moves: np.ndarray, volume: np.ndarray | None, length: int) -> list[tuple[int, float, bool]]:
    """Return (first bar, times the usual move, nobody traded) of every way out and back that lasts `length` bars, largest first."""
    if len(moves) <= length:
        return []
    out, back = moves[:-length], moves[length:]
    size = np.minimum(np.abs(out), np.abs(back))
    left = np.abs(logs[length + 1 :] - logs[: -length - 1])
    at = np.flatnonzero((out * back < 0) & (size > UNTRADED * LEAST_USUAL) & (left <= _BACK * size))
    if not len(at):
        return []
    times = size[at] / typical(moves, at)
    keep = times >= UNTRADED
    at, times = at[keep], times[keep]
    # between two false prints the true price looks like one: the median of the days around tells them apart
    reach = np.clip(at[:, None] + 1 + np.arange(-5, 6 + length), 0, len(logs) - 1)
    keep = np.abs(logs[at + 1] - np.median(logs[reach], axis=1)) >= 0.5 * size[at]
    found = [
        (int(first) + 1, float(many), volume is not None and bool((volume[first + 1 : first + 1 + length] == 0).all()))
        for first, many in zip(at[keep], times[keep], strict=True)
    ]
    return sorted(found, key=lambda item: -item[1])


def _print(bars: Bars, at: int, length: int, times: float, untraded: bool, wrong: bool) -> Finding:
    close = bars.close
    before, here, after = close[at - 1], close[at], close[at + length]
    splits = bars.values.get("splits")
    kind, reason = "print", "which comes back in full"
    if splits is not None:
        near = splits[max(0, at - 1) : at + length + 1]
        ratio = near[np.isfinite(near) & (near > 0) & (near != 1)]
        if len(ratio) and abs(abs(np.log(here / before)) - abs(np.log(ratio[0]))) <= _BACK * abs(np.log(ratio[0])):
            kind, reason = (
                "split",
                f"because the split of {ratio[0]:g} recorded there was applied to {'it' if length == 1 else 'them'} alone",
            )
    what = f"close {here:.6g} between {before:.6g} and {after:.6g}, {times:.0f} times the usual move, {reason}"
    what += ", and nobody traded" if untraded else ""
    what += f"; drop the row{'s' if length > 1 else ''}" if wrong else "; look it up"
    fix = Fix("rows", bars.rows[at : at + length]) if wrong else None
    return Finding(bars.ticker, kind, bars.day(at), bars.day(at + length - 1), length, wrong, what, fix)


def find_bad_opens(bars: Bars) -> list[Finding]:
    """Find opens that are off from the close before and from their own day's close, to the same side; bounds as for `find_bad_prints`."""
    if "open" not in bars.values or len(bars) < 2:
        return []
    moves = moves_of(bars.close)
    values = np.log(bars.values["open"][1:])
    night, day = values - np.log(bars.close[:-1]), values - np.log(bars.close[1:])
    size = np.minimum(np.abs(night), np.abs(day))
    at = np.flatnonzero((night * day > 0) & (size > DOUBTFUL * LEAST_USUAL))
    times = size[at] / typical(moves, at)
    findings = []
    for move, many in zip(at[times >= DOUBTFUL], times[times >= DOUBTFUL], strict=True):
        bar = int(move) + 1
        wrong = bool(many >= WRONG)
        closes = f"{bars.close[move]:.6g} and {bars.close[bar]:.6g}"
        what = f"open {bars.values['open'][bar]:.6g} between the closes {closes}, {many:.0f} times the usual move"
        what += "; drop the row" if wrong else "; look it up"
        fix = Fix("rows", bars.rows[[bar]]) if wrong else None
        findings.append(Finding(bars.ticker, "print", bars.day(bar), bars.day(bar), 1, wrong, what, fix))
    return findings


def find_bad_wicks(bars: Bars) -> list[Finding]:
    """Note highs and lows more than 9 times the usual move beyond the open and both closes: no order fills there, but ranges read them."""
    if not {"high", "low", "open"} <= set(bars.values) or len(bars) < 2:
        return []
    moves = moves_of(bars.close)
    around = (bars.values["open"][1:], bars.close[1:], bars.close[:-1])
    findings = []
    edges = {"high": np.maximum.reduce(around), "low": np.minimum.reduce(around)}
    for name, edge in edges.items():
        size = np.log(bars.values[name][1:] / edge) * (1 if name == "high" else -1)
        at = np.flatnonzero(size > WRONG * LEAST_USUAL)
        at = at[size[at] >= WRONG * typical(moves, at)]
        if len(at):
            bar = int(at[0]) + 1
            what = f"{name} {bars.values[name][bar]:.6g} on {bars.day(bar).date()}, where the open and the closes reach"
            what += f" {edge[bar - 1]:.6g} only"
            what += f" ({len(at)} such rows in all); look it up"
            findings.append(Finding(bars.ticker, "print", bars.day(bar), bars.day(int(at[-1]) + 1), len(at), False, what))
    return findings


def find_stale_closes(bars: Bars) -> list[Finding]:
    """Find runs of equal closes longer than chance makes them: wrong from a quarter on, noted from 6 closes on.

    Chance is the share of days without a move in the whole history, so that a fund of bills may stand still for weeks.
    """
    if len(bars) < 2:
        return []
    still = np.concatenate(([False], moves_of(bars.close) == 0, [False]))
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]  # the run's closes are begins..ends, its moves one fewer
    lengths = ends - begins
    expected = len(bars) * (still.sum() / (len(still) - 2)) ** lengths
    odd = (lengths >= _STILL) & (expected < _CHANCE)
    findings = []
    for first, last in zip(begins[odd & (lengths >= _ABSURD)], ends[odd & (lengths >= _ABSURD)], strict=True):
        begin = first + 1 if first else 0  # a history does not begin with a lone row
        what = f"{last - first + 1} equal closes of {bars.close[first]:.6g} in a row; drop {'those after the first' if first else 'them'}"
        fix = Fix("rows", bars.rows[begin : last + 1])
        findings.append(Finding(bars.ticker, "stale", bars.day(begin), bars.day(last), int(last + 1 - begin), True, what, fix))
    few = np.flatnonzero(odd & (lengths < _ABSURD))
    if len(few):
        longest = few[np.argmax(lengths[few])]
        run = "1 run" if len(few) == 1 else f"{len(few)} runs"
        what = f"{run} of equal closes, the longest {lengths[longest] + 1} to {bars.day(ends[longest]).date()}"
        first, last = bars.day(begins[few[0]]), bars.day(ends[few[-1]])
        findings.append(Finding(bars.ticker, "stale", first, last, int(lengths[few].sum()), False, what))
    return findings
