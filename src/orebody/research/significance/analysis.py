"""Significance: how much of a comparison or a sweep is more than luck."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from orebody.backtesting.comparison import Comparison, Progress
from orebody.errors import ParameterError, unknown_name
from orebody.research.significance.bootstrap import block_length, check_installed, draws
from orebody.research.significance.deflated_sharpe import expected_best, moments, probabilistic_sharpe, spread_of
from orebody.research.significance.intervals import interval_block, intervals
from orebody.research.significance.kernel import METRICS
from orebody.research.significance.multiple_testing import MultipleTestResult, superiority_test
from orebody.research.significance.overfitting import check_blocks, overfitting
from orebody.research.significance.random_timing import random_timing_test
from orebody.research.significance.result import Significance
from orebody.research.significance.returns_panel import ReturnsPanel, runs_of
from orebody.research.sweep.analysis import Sweep

__all__ = ["Significance", "significance", "validate_options"]

SHOWN = 5  # points of a sweep whose intervals are computed
COLUMNS = ["sharpe", "probabilistic", "deflated", "growth_ahead", "probabilistic_ahead", "deflated_ahead", "p_single", "p_value", "note"]
SAME = "it never differs from the metal"
CONSTANT = "its returns over cash are constant: it has no Sharpe ratio"
NO_HOLDINGS = "a sweep keeps no decisions: compare its best point, and count the sweep's points with n_trials="


def significance(
    of: Comparison | Sweep,
    *,
    metrics: Iterable[str] = METRICS,
    samples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    n_trials: int | None = None,
    blocks: int = 16,
    progress: Progress | None = None,
) -> Significance:
    """Judge how much of a comparison or a sweep is more than luck.

    Parameters
    ----------
    of
        A comparison, or a sweep that was run with ``keep="equity"``.
    metrics
        For which intervals are computed, of ``cagr``, ``volatility``, ``sharpe``, ``sortino``, ``max_drawdown`` and ``calmar``; all by
        default. Those that depend on when money arrived (XIRR, final equity, profit) and on orders (costs, turnover) do not exist on days
        that were drawn anew.
    samples
        Resampled histories, and shifted runs at random times of each strategy; at least 100.
    seed
        Of all draws: the same gives the same figures.
    level
        Probability between the ends of an interval; tests are held to one less it.
    n_trials
        How many were tried in all, with those that were never shown; by default the strategies of the comparison or the sweep's points.
    blocks
        Into which the history is cut for the probability of overfitting; even, 2 to 20.
    progress
        See `orebody.backtesting.comparison.Progress`.

    Raises
    ------
    ParameterError, UnknownNameError
        For anything out of these bounds, a sweep without equity, or when no run can be judged.
    DataError
        When the accounts saw fewer than 60 bars.
    UnsupportedError
        When arch is not installed.
    """
    check_installed()
    names = validate_options(metrics, samples, seed, level)
    check_blocks(blocks)
    runs = runs_of(of, n_trials)
    tell = progress or (lambda done, total, what: None)
    chosen = runs.order if isinstance(of, Comparison) else runs.order[:SHOWN]
    others = len(of.strategies) if isinstance(of, Comparison) else 0
    total = samples + 2 + others
    tell(0, total, "block lengths")
    length = interval_block(runs, chosen)
    table = intervals(runs, chosen, names, length, samples, seed, level, lambda count: tell(count, total, "intervals"))

    tell(samples, total, "tests against the metal")
    ahead = runs.ahead
    differs = ahead.std(axis=0) > 1e-12
    block = block_length(ahead)
    notes: dict[str, str] = {}
    tests = None
    if differs.any():
        tests = superiority_test(np.ascontiguousarray(ahead[:, differs]), draws(len(ahead), block, samples, seed + 1))
    else:
        notes["spa"] = "none of them ever differs from the metal"
    tell(samples + 1, total, "overfitting")
    fitted = overfitting(runs.excess, runs.per_year, blocks)
    if isinstance(fitted, str):
        notes["overfitting"] = fitted

    shifted = None
    if isinstance(of, Comparison):
        shifted = random_timing_test(of, samples, seed, level, _Counter(tell, samples + 2, total))
    else:
        notes["random_timing"] = NO_HOLDINGS
    tell(total, total, "done")
    judged, expected = _table(runs, ahead, differs, tests)
    spa = None if tests is None else pd.Series({name: getattr(tests, name) for name in ("statistic", "lower", "consistent", "upper")})
    return Significance(
        table=judged,
        intervals=table,
        spa=spa,
        overfitting=None if isinstance(fitted, str) else fitted,
        random_timing=shifted,
        notes=notes,
        n_trials=runs.n_trials,
        expected_max_sharpe=expected[0],
        expected_max_ahead=expected[1],
        samples=samples,
        seed=seed,
        level=level,
        interval_block=length,
        test_block=block,
        source=of,
        metal=runs.benchmarks[0],
    )


def validate_options(metrics: Iterable[str], samples: object, seed: object, level: object) -> list[str]:
    """Return the metrics as a list, or raise for options of `significance` that cannot be."""
    if isinstance(metrics, str):
        raise ParameterError(f"metrics is {metrics!r}: give a list, such as [{metrics!r}]")
    names = list(metrics)
    for name in names:
        if name not in METRICS:
            raise unknown_name("metric with an interval", str(name), METRICS)
    if not names or len(set(names)) < len(names):
        raise ParameterError(f"metrics is {names!r}: give at least one, each once")
    if isinstance(samples, bool) or not isinstance(samples, int) or not 100 <= samples <= 1_000_000:
        raise ParameterError(f"samples is {samples!r}: it must be a whole number from 100 to 1,000,000")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ParameterError(f"seed is {seed!r}: it must be a whole number of at least 0")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0.5 <= level < 1:
        raise ParameterError(f"level is {level!r}: it must lie from 0.5 to below 1, such as 0.95")
    if samples * (1 - level) / 2 < 1 - 1e-9:
        raise ParameterError(f"{samples} samples cannot tell the ends of a level of {level}: take at least {math.ceil(2 / (1 - level))}")
    return names


class _Counter:
    """Tells of one step after another."""

    def __init__(self, tell: Progress, done: int, total: int) -> None:
        self.tell, self.done, self.total = tell, done, total

    def __call__(self, label: str) -> None:
        self.tell(self.done, self.total, f"random times for {label}")
        self.done += 1


def _table(
    runs: ReturnsPanel, gaps: np.ndarray, differs: np.ndarray, tests: MultipleTestResult | None
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Return a row a run, the best first, and the annual Sharpe ratios to be expected of the best without skill."""
    over_cash = {int(at): moments(runs.excess[:, at]) for at in np.flatnonzero(runs.varies)}
    ahead = {int(at): moments(gaps[:, at]) for at in np.flatnonzero(differs)}
    best = expected_best(runs.n_trials, spread_of([one.sharpe for one in over_cash.values()], len(runs.returns)))
    best_ahead = expected_best(runs.n_trials, spread_of([one.sharpe for one in ahead.values()], len(runs.returns)))
    scale = math.sqrt(runs.per_year)
    place = {at: number for number, at in enumerate(ahead)}
    growth = gaps.mean(axis=0) * runs.per_year
    rows: dict[str, dict[str, object]] = {}
    for at in runs.order:
        row: dict[str, object] = dict.fromkeys(COLUMNS, np.nan)
        row |= {"growth_ahead": float(growth[at]), "note": "" if differs[at] else SAME}
        if at in over_cash:
            mine = over_cash[at]
            row |= {"sharpe": mine.sharpe * scale, "probabilistic": probabilistic_sharpe(mine)}
            row |= {"deflated": probabilistic_sharpe(mine, best)}
        elif differs[at]:
            row["note"] = CONSTANT
        if tests is not None and differs[at]:
            row |= {"probabilistic_ahead": probabilistic_sharpe(ahead[at]), "deflated_ahead": probabilistic_sharpe(ahead[at], best_ahead)}
            row |= {"p_single": float(tests.alone[place[at]]), "p_value": float(tests.adjusted[place[at]])}
        rows[runs.labels[at]] = row
    for label, why in runs.left_out.items():
        rows[label] = dict.fromkeys(COLUMNS, np.nan) | {"note": why}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS).rename_axis("strategy")
    return table, (best * scale, best_ahead * scale)
