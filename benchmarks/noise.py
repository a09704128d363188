"""What `significance` says of noise, and of an edge that was planted: the tables of docs/significance.md.

    python benchmarks/noise.py            # 200 markets of each kind
    python benchmarks/noise.py --seeds 40

On noise, metal and miners are random walks with the same log drift, costs are none and cash earns nothing: no rule grows faster than the
metal but by luck, and all grow the same in the mean, which is the hardest case for a test. With the edge, the log ratio of miners to
metal returns to its mean with a half-life of 10 bars, which the same rules can find. Each market has 1,000 bars and 12 rotations.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
import pandas as pd

import orebody as ob
from orebody.research.significance.bootstrap import block_length, draws
from orebody.research.significance.deflated_sharpe import expected_best, moments, probabilistic_sharpe, spread_of
from orebody.research.significance.intervals import interval_block, intervals
from orebody.research.significance.multiple_testing import superiority_test
from orebody.research.significance.overfitting import overfitting
from orebody.research.significance.random_timing import random_timing_test
from orebody.research.significance.returns_panel import runs_of
from orebody.strategies import MomentumRotation, RatioRotation

BARS, SAMPLES, HALF_LIFE = 1_000, 499, 10
FREE = ob.Account(cash=100_000, costs=ob.Costs(slippage=0.0), cash_rate=0.0)
ROTATIONS = {
    f"ratio {window} {entry}": RatioRotation(window=window, entry=entry) for window in (20, 40, 60) for entry in (0.5, 1.0, 1.5)
} | {f"momentum {lookback}": MomentumRotation(lookback=lookback, absolute=False, every="week") for lookback in (20, 40, 60)}


def market(seed: int, *, edge: bool) -> ob.Market:
    """Return a market of random walks, or one whose ratio returns to its mean."""
    draw = np.random.default_rng((seed, edge))
    metal = np.cumsum(draw.normal(0.0, 0.01, BARS))
    shocks = draw.normal(0.0, 0.02, BARS)
    apart = np.cumsum(shocks)
    if edge:
        keep = 0.5 ** (1 / HALF_LIFE)
        for at in range(1, BARS):
            apart[at] = keep * apart[at - 1] + shocks[at]
    days = pd.bdate_range("2015-01-01", periods=BARS)
    frames = {}
    for name, path in (("METAL", metal), ("MINER", metal + apart)):
        close = 100 * np.exp(path)
        opens = np.concatenate(([close[0]], close[:-1]))  # filled at the price that was decided on
        table = {"Open": opens, "High": np.maximum(opens, close), "Low": np.minimum(opens, close), "Close": close}
        frames[name] = pd.DataFrame(table, index=days)
    return ob.Market.from_frames(frames)


def told(seed: int, *, edge: bool) -> dict[str, float]:
    """Return what the measures say of one market."""
    comparison = ob.compare(ROTATIONS, market(seed, edge=edge), FREE, engine="compiled", check_lookahead=False)
    runs = runs_of(comparison, None)
    ahead = runs.ahead
    tests = superiority_test(ahead, draws(len(ahead), block_length(ahead), SAMPLES, seed))
    of = [moments(one) for one in ahead.T]
    best = max(of, key=lambda one: one.sharpe)
    fit = overfitting(runs.excess, runs.per_year)
    shifted = random_timing_test(comparison, 199, seed, 0.9, lambda label: None)
    first = runs.labels.index("ratio 40 1.0")
    chosen = [first]
    table = intervals(runs, chosen, ["cagr", "sharpe"], interval_block(runs, chosen), SAMPLES, seed, 0.9, lambda done: None)
    gap = table[(table["strategy"] == runs.labels[first]) & (table["metric"] == "cagr")].iloc[0]
    metal = table[(table["strategy"] == runs.benchmarks[0]) & (table["metric"] == "sharpe")].iloc[0]
    drift = 0.5 * 0.01**2 / 0.01 * math.sqrt(runs.per_year)  # the metal's true Sharpe ratio: its simple mean return is half its variance
    return {
        "spa": tests.consistent,
        "step": float(tests.adjusted.min()),
        "alone": float(tests.alone[first]),
        "luckiest": float(tests.alone.min()),
        "psr": 1 - probabilistic_sharpe(of[first]),
        "dsr": 1 - probabilistic_sharpe(best, expected_best(len(of), spread_of([one.sharpe for one in of], len(ahead)))),
        "shifts": float(shifted.loc["ratio 40 1.0", "p_value"]),
        "pbo": fit.probability,
        "slope": fit.slope,
        "loss": fit.loss,
        "gap_inside": float(gap["difference_low"] <= 0.0 <= gap["difference_high"]),
        "metal_inside": float(metal["low"] <= drift <= metal["high"]),
    }


ROWS = (
    ("one rotation, looked at alone (bootstrap)", "alone"),
    ("one rotation, probabilistic Sharpe over the metal", "psr"),
    ("one rotation, against random times", "shifts"),
    ("the best of 12, counted as if it were one", "luckiest"),
    ("the best of 12, Hansen", "spa"),
    ("any of 12, Romano and Wolf", "step"),
    ("the best of 12, deflated Sharpe over the metal", "dsr"),
)


def rejections(noise: pd.DataFrame, edge: pd.DataFrame) -> str:
    lines = ["| test | noise, 5 % | noise, 10 % | edge, 5 % |", "|---|---|---|---|"]
    for name, column in ROWS:
        cells = []
        for table, level in ((noise, 0.05), (noise, 0.10), (edge, 0.05)):
            share = float((table[column] <= level).mean())
            error = math.sqrt(share * (1 - share) / len(table))
            cells.append(f"{100 * share:.1f} ± {100 * error:.1f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def others(noise: pd.DataFrame, edge: pd.DataFrame) -> str:
    lines = ["| figure | noise | edge |", "|---|---|---|"]
    for name, column in (
        ("probability of overfitting", "pbo"),
        ("slope out of sample on in sample", "slope"),
        ("probability of loss", "loss"),
    ):
        cells = [f"{table[column].mean():.3f} ± {table[column].std(ddof=1) / math.sqrt(len(table)):.3f}" for table in (noise, edge)]
        lines.append(f"| {name}, mean | {' | '.join(cells)} |")
    for name, column in (
        ("90 % interval of the difference in CAGR holds the true 0", "gap_inside"),
        ("90 % interval of the metal's Sharpe ratio holds the true one", "metal_inside"),
    ):
        cells = [f"{100 * table[column].mean():.1f} %" for table in (noise, edge)]
        if column == "gap_inside":
            cells[1] = "–"
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=200, help="markets of each kind")
    asked = options.parse_args()
    begun = time.perf_counter()
    noise, edge = (pd.DataFrame([told(seed, edge=kind) for seed in range(asked.seeds)]) for kind in (False, True))
    print(f"Rejections in % of {asked.seeds} markets, ± one binomial standard error\n\n{rejections(noise, edge)}\n")
    print(f"Other figures, ± one standard error of the mean\n\n{others(noise, edge)}\n")
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
