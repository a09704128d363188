"""Distributions that the price does not show, and an Adj Close that contradicts the closes or the record."""

from __future__ import annotations

import numpy as np

from orebody.quality.amount_scale import misscaled
from orebody.quality.bad_prints import DOUBTFUL, WRONG
from orebody.quality.bars import Bars, moves_of, typical
from orebody.quality.distribution_amounts import find_repeated_payments
from orebody.quality.finding import Finding, Fix

__all__ = ["find_impossible_actions", "find_phantom_distributions"]

_LARGE = 0.05  # share of the price from which a distribution must show in it
_SHOWN = 0.25  # share of a large distribution by which the price must at least fall
_USUAL, _LIKE = 3, float(np.log(8))  # payments that say what is usual, and how far another may be from that
_AGREE = 2e-4  # between a recorded distribution and Adj Close: funds' own figures agree to 1e-4
_OFF = 1e-3  # and a gap that changes results


def find_phantom_distributions(bars: Bars) -> list[Finding]:
    """Find distributions that did not happen, and steps of Adj Close over Close that no distribution explains.

    On an ex-date Adj Close over Close steps up by D / C(t-1), the distribution over the close before (Yahoo's factor 1 - D / C(t-1)).
    """
    if len(bars) < 2:
        return []
    before = bars.close[:-1]
    paid = bars.values.get("dividends")
    expected = np.zeros(len(before)) if paid is None else paid[1:] / before
    steps = _steps(bars)
    findings: list[Finding] = []
    settled: set[int] = set()
    if paid is not None:
        findings, settled = find_repeated_payments(bars, steps)
        off, again = misscaled(bars, steps, settled)
        findings, settled = findings + off, settled | again
    phantoms = _phantoms(bars, expected, steps, settled)
    findings += phantoms
    days = {bars.day(at) for at in settled} | {finding.first for finding in phantoms if finding.wrong}
    if steps is not None:
        findings += _contradictions(bars, expected, steps, days, recorded=paid is not None and bool((paid > 0).any()))
    return findings


def find_impossible_actions(bars: Bars) -> tuple[Bars, list[Finding]]:
    """Find distributions not less than the close before them that drove Adj Close to zero or below: no row is to blame for that.

    Returns
    -------
    bars, findings
        The bars with an Adj Close above zero: one such amount is taken to be 100 times too large where a hundredth is like the others.
    """
    paid, adjusted = bars.values.get("dividends"), bars.adjusted
    if paid is None or adjusted is None or not (adjusted <= 0).any():
        return bars, []
    close = bars.close
    at = np.flatnonzero((paid[1:] >= close[:-1]) & (close[:-1] > 0) & (paid[1:] > 0) & (adjusted[:-1] != 0)) + 1
    usual = np.log(np.array([paid[bar] / close[bar - 1] for bar in np.flatnonzero(paid[1:] > 0) + 1 if bar not in at]))
    paid, adjusted, findings = paid.copy(), adjusted.copy(), []
    for bar in map(int, at):
        before, amount = close[bar - 1], float(paid[bar])
        level = (adjusted[bar] / close[bar]) / (adjusted[bar - 1] / before)  # takes out what was counted for it
        right, fix = amount / 100, None
        what = f"a distribution of {amount:g}, not less than the close before it, {before:g}, which makes Adj Close negative"
        what += " (pence for pounds?)"
        if len(usual) >= _USUAL and abs(np.log(right / before) - np.median(usual)) <= _LIKE:
            fix = Fix("action", bars.rows[[bar]], (1 - right / before) * level, bars.day(bar), amounts=right)
            what += f"; write {right:g}, which is like the others"
        else:
            right = 0.0
            what += "; mend the distribution"
        factor = (1 - right / before) * level
        paid[bar], adjusted[:bar] = right, adjusted[:bar] * factor
        findings.append(Finding(bars.ticker, "dividend", bars.day(bar), bars.day(bar), 1, True, what, fix))
    return Bars(bars.ticker, bars.rows, bars.days, {**bars.values, "dividends": paid, "adjclose": adjusted}), findings


def _steps(bars: Bars) -> np.ndarray | None:
    """Return by how much Adj Close says that was paid on each day but the first, as a share of the close before; None without one."""
    adjusted = bars.adjusted
    if adjusted is None:
        return None
    factor = adjusted / bars.close
    steps: np.ndarray = 1 - factor[:-1] / factor[1:]
    return steps


def _rounding(bars: Bars) -> np.ndarray:
    """Return how far a step may be off by the digits of its prices alone."""
    total = np.zeros(len(bars) - 1)
    for prices in (bars.close, bars.values["adjclose"]):
        digits = 0.01 if np.allclose(100 * prices, np.round(100 * prices), rtol=0, atol=1e-6) else 1e-6
        total += digits / 2 * (1 / prices[1:] + 1 / prices[:-1])
    return total


def _phantoms(bars: Bars, expected: np.ndarray, steps: np.ndarray | None, settled: set[int]) -> list[Finding]:
    """Find large distributions that the price does not show, but for those that are settled."""
    claimed = expected if steps is None else np.maximum(expected, steps)
    at = np.flatnonzero((claimed >= _LARGE) | (expected < 0))
    at = np.array([move for move in at if int(move) + 1 not in settled], dtype=np.intp)
    if not len(at):
        return []
    moves = moves_of(bars.close)
    fell = -np.expm1(moves[at])
    gain = moves[at] - np.log1p(-np.clip(claimed[at], -1.0, 0.99))
    times = np.abs(gain) / typical(moves, at)
    findings = []
    for move, share, fall, many in zip(at, claimed[at], fell, times, strict=True):
        find_impossible_actions = expected[move] < 0 or share >= 1
        if not find_impossible_actions and (fall > 2 * _SHOWN * share or many < UNSEEN):
            continue
        wrong = bool(find_impossible_actions or (fall <= _SHOWN * share and many >= WRONG))
        bar = int(move) + 1
        what = f"a distribution of {expected[move] if find_impossible_actions else share:.1%} of the price, which {_fell(fall)} that day"
        what += "; take the distribution out" if wrong else "; look it up"
        step = 0.0 if steps is None else float(steps[move])
        fix = Fix("action", bars.rows[[bar]], 1 / (1 - step) if step < 1 else 1.0, bars.day(bar)) if wrong else None
        findings.append(Finding(bars.ticker, "dividend", bars.day(bar), bars.day(bar), 1, wrong, what, fix))
    return findings


UNSEEN = DOUBTFUL - 1  # times the usual move from which a large distribution that hardly shows is noted


def _fell(fall: float) -> str:
    return f"fell by {fall:.1%}" if fall > 0 else f"rose by {-fall:.1%}"


def _contradictions(bars: Bars, expected: np.ndarray, steps: np.ndarray, settled: set[object], *, recorded: bool) -> list[Finding]:
    """Find steps that fall, and steps that are not the recorded distributions'."""
    slack = _AGREE + _rounding(bars)
    free = np.array([bars.day(at + 1) not in settled for at in range(len(steps))]) if settled else np.ones(len(steps), dtype=bool)
    findings = []
    falls = np.flatnonzero((steps < -slack) & free)
    if len(falls):
        bar = int(falls[0]) + 1
        what = f"Adj Close over Close falls by {-steps[falls[0]]:.2%} ({len(falls)} such days), which no distribution does: the adjustment"
        what += " was made at different times; fetch the whole history again"
        findings.append(Finding(bars.ticker, "adjustment", bars.day(bar), bars.day(int(falls[-1]) + 1), len(falls), True, what))
    if not recorded:
        return findings
    gap = steps - expected
    odd = np.flatnonzero((np.abs(gap) > slack) & free & (steps >= -slack))
    unrecorded = odd[expected[odd] == 0]
    for move in odd[expected[odd] != 0]:
        bar = int(move) + 1
        wrong = bool(abs(gap[move]) > _OFF)
        what = f"Adj Close takes off {steps[move]:.2%} for a recorded distribution of {expected[move]:.2%}: one of them is wrong"
        what += "; fetch both again" if wrong else ", by little"
        findings.append(Finding(bars.ticker, "adjustment", bars.day(bar), bars.day(bar), 1, wrong, what))
    if len(unrecorded):
        what = (
            f"Adj Close takes off {steps[unrecorded[0]]:.2%} on {bars.day(int(unrecorded[0]) + 1).date()} without a recorded distribution "
        )
        what += f"({len(unrecorded)} such days): a spin-off, or one that is not in the record"
        first, last = bars.day(int(unrecorded[0]) + 1), bars.day(int(unrecorded[-1]) + 1)
        findings.append(Finding(bars.ticker, "adjustment", first, last, len(unrecorded), False, what))
    return findings
