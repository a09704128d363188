"""The skill-less benchmark: the strategy's own switches, in their own order and at their own distances, moved to another time.

Every decision is moved by the same number of bars, what leaves at the end comes back at the beginning. Turnover, number of switches,
length of stays, and time in each instrument remain (but for one switch where the ends meet); only that they come when they come is gone.
A strategy that times nothing is as likely to end anywhere among its shifted runs. The idea is the permutation test of Aronson (2006),
"Evidence-Based Technical Analysis", chapter 5 (after Masters); moving instead of shuffling keeps the stays whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.backtesting.backtest import decisions_of
from orebody.backtesting.comparison import Comparison
from orebody.engine.inputs import build_inputs
from orebody.engine.kernel import FIGURES
from orebody.research.sweep.batch import DecisionBatch, simulate_batch
from orebody.strategy.decisions import Plan

__all__ = ["COLUMNS", "draw_offsets", "random_timing_test", "rotate_decisions"]

COLUMNS = ["total_return", "random_low", "random_median", "random_high", "beaten", "p_value", "shifts", "note"]
TOGETHER = 100
FEWEST = 99  # shifted runs: with fewer a p-value of 1 % cannot be had
GROWTH = FIGURES.index("total_return")


class TimedDecisions(NamedTuple):
    """Decisions with bars counted from the opening, and what stood after each row: the last that was stated for each instrument."""

    rows: np.ndarray
    weights: np.ndarray
    contribution_split: np.ndarray
    weights_standing: np.ndarray
    invest_standing: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, weights: np.ndarray, contribution_split: np.ndarray) -> TimedDecisions:
        """Return them with what stood."""
        return cls(rows, weights, contribution_split, *(pd.DataFrame(one).ffill().to_numpy() for one in (weights, contribution_split)))


def random_timing_test(comparison: Comparison, samples: int, seed: int, level: float, tell: Callable[[str], None]) -> pd.DataFrame:
    """Return a row for each strategy: its time-weighted return and the range of its shifted runs.

    A share `level` of the shifted runs lies inside the range. ``beaten`` is the share of them with
    a lower return, ``p_value`` is (1 + those with as much or more) / (1 + shifted runs). Without
    shifted runs ``note`` gives the reason.
    """
    market, rows = comparison.market, {}
    bars = len(market) - market.opening
    for at, (label, strategy) in enumerate(comparison.strategies.items()):
        tell(label)
        row: dict[str, object] = dict.fromkeys(COLUMNS, np.nan) | {"shifts": 0, "note": ""}
        result = comparison.results[label]
        row["total_return"] = float(np.prod(1.0 + result.returns.to_numpy()) - 1.0)
        rows[label] = row
        plan = decisions_of(strategy, market).on(market)
        said = _decide(plan.opening_at(market.opening), market.opening)
        shifts = draw_offsets(bars, strategy.bars_needed, samples, np.random.default_rng((seed, at)))
        if not market.tradable[market.opening :].all():
            row["note"] = "not every instrument trades on every bar, so that moved orders could not be filled"
        elif result.ruined is not None:
            row["note"] = f"ruined on {result.ruined.date()}"
        elif isinstance(said, str):
            row["note"] = said
        elif len(shifts) < FEWEST:
            row["note"] = f"{bars} bars leave room for {len(shifts)} shifted, at least {FEWEST} are needed"
        else:
            growth = _growth(said, np.concatenate(([0], shifts)), plan.band, comparison)
            own, others = growth[0], growth[1:]
            row["random_low"], row["random_median"], row["random_high"] = np.quantile(others, ((1 - level) / 2, 0.5, (1 + level) / 2))
            row["beaten"] = float((others < own).mean())
            row["p_value"] = float((1 + (others >= own).sum()) / (1 + len(others)))
            row["shifts"] = len(others)
    for label in comparison.classes:
        growth_of_it = float(np.prod(1.0 + comparison.results[label].returns.to_numpy()) - 1.0)
        note = "a class of backtrader's, whose orders cannot be moved"
        rows[label] = dict.fromkeys(COLUMNS, np.nan) | {"shifts": 0, "note": note, "total_return": growth_of_it}
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS).rename_axis("strategy")


def draw_offsets(bars: int, memory: int, samples: int, draw: np.random.Generator) -> np.ndarray:
    """Return by how many bars to move: different ones, drawn at random, as many as asked for if there are so many.

    None is nearer to its own place, forwards or back, than what the strategy looks back on (a quarter of the bars at most): a decision
    moved back by less would have known the returns that it is applied to.
    """
    near = min(memory, bars // 4)
    there = np.arange(near + 1, bars - near)
    return there if len(there) <= samples else np.sort(draw.choice(there, samples, replace=False))


def rotate_decisions(said: TimedDecisions, bars: int, by: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, weights and splits `by` bars later, the last ones first.

    The first bar states what stood when the ends were joined, so that the shifted run begins as the strategy would have stood.
    """
    rows, weights, contribution_split, *standing = said
    if not by:
        return rows, weights, contribution_split
    cut = int(rows.searchsorted(bars - by))
    new = np.concatenate((rows[cut:] - (bars - by), rows[:cut] + by))
    weights, contribution_split = (np.concatenate((one[cut:], one[:cut])) for one in (weights, contribution_split))
    stood = [one[cut - 1] for one in standing]
    if new[0] == 0:
        for table, last in zip((weights, contribution_split), stood, strict=True):
            table[0] = np.where(np.isnan(table[0]), last, table[0])
        return new, weights, contribution_split
    return np.concatenate(([0], new)), np.vstack((stood[0], weights)), np.vstack((stood[1], contribution_split))


def _decide(plan: Plan, opening: int) -> TimedDecisions | str:
    """Return the plan with bars counted from the opening, or why there is nothing in it to be moved."""
    if (np.nan_to_num(plan.deploy) != 0).any():
        return "it spends cash in parts: moved purchases would also change how long it is invested"
    rows, weights, contribution_split = plan.rows - opening, plan.weights, plan.contribution_split
    stated = ~np.isnan(weights).all(axis=0)
    if not stated.any():
        return "it states no weights"
    if not len(rows) or rows[0] > 0:  # it begins with nothing, and a shifted run comes back to that
        empty = np.full((1, weights.shape[1]), np.nan)
        rows, weights, contribution_split = np.r_[0, rows], np.vstack((empty, weights)), np.vstack((empty, contribution_split))
    weights, contribution_split = weights.copy(), contribution_split.copy()
    weights[0] = np.where(np.isnan(weights[0]) & stated, 0.0, weights[0])
    contribution_split[0] = np.where(
        np.isnan(contribution_split[0]) & ~np.isnan(contribution_split).all(axis=0), 0.0, contribution_split[0]
    )
    said = TimedDecisions.of(rows, weights, contribution_split)
    if not (np.abs(np.diff(said.weights_standing[:, stated], axis=0)) > 1e-9).any():
        return "it never changes its weights: there is no timing to be judged"
    return said


def _growth(said: TimedDecisions, shifts: np.ndarray, band: float, comparison: Comparison) -> np.ndarray:
    """Return the time-weighted return of each shifted run, simulated by the compiled engine."""
    market, account = comparison.market, comparison.account
    inputs, bars = build_inputs(market, account), len(market) - market.opening
    out = np.empty(len(shifts))
    for begin in range(0, len(shifts), TOGETHER):
        shifted = [rotate_decisions(said, bars, int(by)) for by in shifts[begin : begin + TOGETHER]]
        rows, weights, contribution_split = (np.concatenate(one) for one in zip(*shifted, strict=True))
        ends = np.cumsum([len(one[0]) for one in shifted])
        chunk = DecisionBatch(
            rows, weights, np.full_like(weights, np.nan), contribution_split, np.full(len(shifted), float(band)), ends, {}
        )
        out[begin : begin + len(shifted)] = simulate_batch(chunk, inputs, market, False).figures[:, GROWTH]
    return out
