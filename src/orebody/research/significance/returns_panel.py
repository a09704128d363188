"""What is judged: the returns of every strategy of a comparison, or of every point of a sweep, beside those of the metal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.benchmark import hold
from orebody.backtesting.comparison import Comparison
from orebody.backtesting.result import Result
from orebody.engine.inputs import build_inputs
from orebody.errors import DataError, ParameterError
from orebody.market.market import Market
from orebody.metrics import excess_returns
from orebody.metrics.performance import years_between
from orebody.research.sweep.analysis import LOW_IS_GOOD, Sweep

__all__ = ["FEWEST", "ReturnsPanel", "runs_of"]

FEWEST = 60
"""Returns below which nothing is said: a quarter of daily bars."""
MOST = 10**12  # tries
STILL = 1e-12  # a standard deviation below it is rounding


@dataclass(frozen=True, eq=False)
class ReturnsPanel:
    """Returns of K runs and of the benchmarks on the same T bars, the first bar of the accounts left out.

    Attributes
    ----------
    labels : list of str
        Of the runs judged, in the order given.
    returns, excess : numpy.ndarray
        Shape ``(T, K)``: time-weighted returns, and those over what the same money would have earned as cash.
    benchmarks : list of str
        The labels of the metal and the miners held with the same cash flows.
    yard_returns, yard_excess : numpy.ndarray
        Shape ``(T, 2)``.
    order : list of int
        The runs, the best first, by final equity or by the metric of the sweep.
    left_out : dict of str to str
        What cannot be judged, and why.
    n_trials : int
        How many were tried, those left out among them.
    market : Market
    account : Account
    """

    labels: list[str]
    returns: np.ndarray
    excess: np.ndarray
    benchmarks: list[str]
    yard_returns: np.ndarray
    yard_excess: np.ndarray
    order: list[int]
    left_out: dict[str, str]
    n_trials: int
    market: Market
    account: Account

    @property
    def per_year(self) -> float:
        """Bars a year."""
        return float(self.market.periods_per_year)

    @property
    def years(self) -> float:
        """Calendar years from the first bar of the accounts to the last."""
        return years_between(self.market.dates[self.market.opening], self.market.dates[-1])

    @property
    def varies(self) -> np.ndarray:
        """Whether the returns over cash of each run vary, shape ``(K,)``: only then has it a Sharpe ratio."""
        moving: np.ndarray = self.excess.std(axis=0) > STILL
        return moving

    @property
    def ahead(self) -> np.ndarray:
        """Log return of each run less that of the metal on each bar, shape ``(T, K)``; its mean is the difference in growth."""
        difference: np.ndarray = np.log1p(self.returns) - np.log1p(self.yard_returns[:, :1])
        return difference


def runs_of(what: Comparison | Sweep, n_trials: int | None) -> ReturnsPanel:
    """Return the runs of a comparison or of a sweep that kept its equity.

    Raises
    ------
    ParameterError
        For anything else, for fewer tries than there are runs, or when no run can be judged.
    DataError
        For accounts open on fewer than `FEWEST` bars after the first, or a metal that was ruined or never moved.
    """
    if isinstance(what, Comparison):
        labels, returns, excess, left_out = _of_comparison(what)
        yards = [what.results[label] for label in what.benchmarks]
        count = len(what.strategies) + len(what.classes)
        place = {label: at for at, label in enumerate(what.results)}
        order = sorted(range(len(labels)), key=lambda at: place[labels[at]])
    elif isinstance(what, Sweep):
        labels, returns, excess, left_out = _of_sweep(what)
        yards = [hold(role, what.market, what.account) for role in ("metal", "miners")]
        count = what.n_trials
        sign = 1.0 if what.metric in LOW_IS_GOOD else -1.0
        figure = dict(zip(_labels(what), sign * what.table[what.metric], strict=True))
        order = sorted(range(len(labels)), key=lambda at: (math.isnan(figure[labels[at]]), figure[labels[at]]))
    else:
        raise ParameterError(
            f"{what!r} is neither a comparison nor a sweep: give orebody.compare(...) or orebody.sweep(..., keep='equity')"
        )
    if n_trials is not None and (isinstance(n_trials, bool) or not isinstance(n_trials, int) or not count <= n_trials <= MOST):
        raise ParameterError(f"n_trials is {n_trials!r}: it must be a whole number up to {MOST:,}, and {count} were tried here alone")
    if not labels:
        why = next(iter(left_out.items()), None)
        raise ParameterError(f"there is no run to be judged{f': {why[0]}: {why[1]}' if why else ': give at least one strategy'}")
    metal = yards[0]
    yard_returns = np.column_stack([one.returns.to_numpy()[1:] for one in yards])
    if len(yard_returns) < FEWEST:
        raise DataError(f"the accounts saw {len(yard_returns)} bars after their first, {FEWEST} are needed: load a longer history")
    if metal.ruined is not None or not yard_returns[:, 0].std() > STILL:
        raise DataError(f"{metal.label} never moved, or the account that holds it was ruined: there is nothing to be measured against")
    yard_excess = np.column_stack([excess_returns(one) for one in yards])
    shown = [one.label for one in yards]
    return ReturnsPanel(
        labels, returns, excess, shown, yard_returns, yard_excess, order, left_out, n_trials or count, what.market, what.account
    )


def _of_comparison(comparison: Comparison) -> tuple[list[str], np.ndarray, np.ndarray, dict[str, str]]:
    kept: list[Result] = []
    left_out: dict[str, str] = {}
    for label in (*comparison.strategies, *comparison.classes):
        result = comparison.results[label]
        if result.ruined is not None:
            left_out[label] = f"ruined on {result.ruined.date()}"
        else:
            kept.append(result)
    if not kept:
        return [], np.empty((0, 0)), np.empty((0, 0)), left_out
    returns = np.column_stack([one.returns.to_numpy()[1:] for one in kept])
    return [one.label for one in kept], returns, np.column_stack([excess_returns(one) for one in kept]), left_out


def _labels(sweep: Sweep) -> list[str]:
    columns = [sweep.table[name].tolist() for name in sweep.parameters]
    names = [", ".join(f"{name} {value}" for name, value in zip(sweep.parameters, row, strict=True)) for row in zip(*columns, strict=True)]
    if len(set(names)) < len(names):  # values that are written alike, such as 1 and '1'
        return [f"{name} (point {at})" for at, name in enumerate(names)]
    return names


def _of_sweep(sweep: Sweep) -> tuple[list[str], np.ndarray, np.ndarray, dict[str, str]]:
    if sweep.equity is None:
        raise ParameterError("the sweep did not keep its equity, of which returns are made: run it with keep='equity'")
    labels, left_out, chosen = _labels(sweep), {}, []
    for at, (status, final) in enumerate(zip(sweep.table["status"], sweep.table["final_equity"], strict=True)):
        if pd.isna(final) or status:
            left_out[labels[at]] = status
        else:
            chosen.append(at)
    equity = sweep.equity.to_numpy()[:, chosen]
    inputs = build_inputs(sweep.market, sweep.account)
    base = equity[:-1] + inputs.flows[1:, None]
    there = base > 0
    returns = np.divide(equity[1:] - base, base, out=np.zeros_like(base), where=there)
    waited = np.divide(equity[:-1], base, out=np.zeros_like(base), where=there)
    excess = returns - inputs.growth[1:, None] * waited
    excess[np.abs(excess) < 1e-15] = 0.0
    return [labels[at] for at in chosen], returns, excess, left_out
