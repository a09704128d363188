"""Intervals for the figures of each run and for their differences to the metal's, from paired resampled histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from orebody.research.significance.bootstrap import block_length, draws
from orebody.research.significance.kernel import METRICS, figures
from orebody.research.significance.returns_panel import ReturnsPanel

__all__ = ["COLUMNS", "interval_block", "intervals"]

COLUMNS = ["strategy", "metric", "value", "low", "high", "difference", "difference_low", "difference_high", "note"]
RARE = 0.01  # share of draws without a figure above which no interval is given


def interval_block(runs: ReturnsPanel, chosen: Sequence[int]) -> int:
    """Return the mean block length: the longer of what is best for the returns and for their squares.

    What is best for a mean is one or two days, for returns hardly follow each other. Volatility does, for weeks; blocks that cut its
    spells apart would make volatility and drawdowns look more certain than they are.
    """
    series = np.column_stack((runs.yard_returns, runs.returns[:, list(chosen)]))
    return max(block_length(series), block_length((series - series.mean(axis=0)) ** 2))


def intervals(
    runs: ReturnsPanel,
    chosen: Sequence[int],
    metrics: Sequence[str],
    block: int,
    samples: int,
    seed: int,
    level: float,
    tell: Callable[[int], None],
) -> pd.DataFrame:
    """Return a row for each run and metric: the figure, its interval, and both of the difference to the metal; see `COLUMNS`.

    Percentile intervals (Efron): the quantiles of the resampled figures. The same bars are drawn for a run and for the metal.

    Parameters
    ----------
    runs, chosen
        Which runs; the benchmarks are added in front of them.
    metrics
        Of `METRICS`.
    block, samples, seed, level
        Of the bootstrap, and the probability between the two ends.
    tell
        Told how many draws are done.
    """
    picked = list(chosen)
    returns = np.column_stack((runs.yard_returns, runs.returns[:, picked]))
    excess = np.column_stack((runs.yard_excess, runs.excess[:, picked]))
    columns = [METRICS.index(metric) for metric in metrics]
    plainly = figures(np.arange(len(returns))[None], returns, excess, runs.per_year, runs.years)[0][:, columns]
    drawn, done = np.empty((samples, returns.shape[1], len(columns))), 0
    for histories in draws(len(returns), block, samples, seed):
        drawn[done : done + len(histories)] = figures(histories, returns, excess, runs.per_year, runs.years)[:, :, columns]
        done += len(histories)
        tell(done)
    ends = ((1 - level) / 2, (1 + level) / 2)
    rows: list[dict[str, object]] = []
    for run, label in enumerate([*runs.benchmarks, *(runs.labels[at] for at in picked)]):
        for at, metric in enumerate(metrics):
            mine, gap = drawn[:, run, at], drawn[:, run, at] - drawn[:, 0, at]
            row: dict[str, object] = dict.fromkeys(COLUMNS[3:8], np.nan)
            row |= {"strategy": label, "metric": metric, "value": plainly[run, at], "note": ""}
            if np.isnan(plainly[run, at]):
                short = metric in ("cagr", "calmar") and runs.years < 1.0
                row["note"] = (
                    "under one year, which is not annualised" if short else "there is no such figure: nothing fell, or nothing varied"
                )
            elif np.isnan(mine).mean() > RARE:
                row["note"] = f"{np.isnan(mine).mean():.0%} of the resampled histories have no such figure"
            else:
                row["low"], row["high"] = np.nanquantile(mine, ends)
                if run == 0:
                    row["note"] = "what the others are measured against"
                elif np.isnan(gap).mean() > RARE:
                    row["note"] = "the metal has no such figure to be compared with"
                else:
                    row["difference"] = plainly[run, at] - plainly[0, at]
                    row["difference_low"], row["difference_high"] = np.nanquantile(gap, ends)
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)
