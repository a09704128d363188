"""One chunk of a sweep: points decided one after the other, then carried out together by the compiled kernel."""

from __future__ import annotations

from dataclasses import dataclass
from operator import is_

import numpy as np

from orebody.account import Account
from orebody.backtesting.backtest import check_allowed, decisions_of
from orebody.engine.inputs import EngineInputs, build_inputs
from orebody.engine.kernel import FIGURES, simulate_all
from orebody.errors import EngineError, in_a_row
from orebody.market.market import Market
from orebody.metrics.performance import years_between
from orebody.strategy.base import Strategy
from orebody.strategy.decision_checks import check_batch
from orebody.strategy.rhythm import check_rhythms

__all__ = ["BatchResult", "DecisionBatch", "RawDecisions", "decide_batch", "raw_decisions_of", "run", "simulate_batch", "validate_batch"]


@dataclass(frozen=True, eq=False)
class RawDecisions:
    """What a chunk's strategies said, unchecked and joined; row p of `parts` has where that of point p ends in each table.

    A table that says nothing has no rows. `failed` says why a point said nothing at all.
    """

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    parts: np.ndarray
    bands: np.ndarray
    failed: dict[int, str]


@dataclass(frozen=True, eq=False)
class DecisionBatch:
    """What a chunk's strategies decided, checked and joined; ``ends[p]`` is where the rows of point p end.

    `failed` says why a point has no decisions, or none that can be carried out.
    """

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    bands: np.ndarray
    ends: np.ndarray
    failed: dict[int, str]


@dataclass(frozen=True, eq=False)
class BatchResult:
    """A row of `FIGURES` for each point (NaN where it failed), why it failed, and its equity if that was asked for."""

    figures: np.ndarray
    failed: dict[int, str]
    equity: np.ndarray


def raw_decisions_of(strategies: list[Strategy | str], market: Market) -> RawDecisions:
    """Return what `strategies` decide on `market`; one that fails, or never came to be, decides nothing and says why."""
    nothing = np.empty((0, len(market.tickers)))
    none = (np.empty(0, dtype=np.int64), nothing, nothing, nothing)
    said: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    bands, failed = np.zeros(len(strategies)), {}
    for at, strategy in enumerate(strategies):
        if isinstance(strategy, str):
            failed[at] = strategy
            said.append(none)
            continue
        try:
            check_rhythms(market, strategy=strategy)
            decisions = decisions_of(strategy, market)
            plain = decisions.plain(market)
            if plain is None:  # labelled, or something is wrong: the slow way knows
                plan = decisions.on(market)
                plain = plan.rows, plan.weights, plan.deploy, plan.contribution_split
        except Exception as error:  # whatever the code of one point raises: the others stand
            failed[at] = in_a_row(error)
            said.append(none)
            continue
        said.append(plain)
        bands[at] = decisions.band
    rows, weights, deploy, contribution_split = zip(*said, strict=True)
    joined = np.concatenate(weights)  # which many strategies say of contributions too
    split = joined if all(map(is_, contribution_split, weights)) else np.concatenate(contribution_split)
    counts = [list(map(len, one)) for one in (rows, weights, deploy, contribution_split)]
    parts = np.ascontiguousarray(np.cumsum(counts, axis=1).T)
    return RawDecisions(np.concatenate(rows), joined, np.concatenate(deploy), split, parts, bands, failed)


def validate_batch(said: RawDecisions, strategies: list[Strategy | str], market: Market, account: Account) -> DecisionBatch:
    """Return what can be carried out of what `strategies` said on the bars of `market`, and why the rest cannot."""
    bars, opening, leverage, shorting = len(market), market.opening, account.leverage, account.shorting
    told = said.rows, said.weights, said.deploy, said.contribution_split, said.parts
    well, rows, weights, deploy, contribution_split, ends = check_batch(*told, bars, opening, leverage, shorting)
    failed = said.failed | {int(at): _fault(strategies[at], market, account) for at in np.flatnonzero(~well)}
    return DecisionBatch(rows - opening, weights, deploy, contribution_split, said.bands, ends, failed)


def decide_batch(strategies: list[Strategy | str], market: Market, account: Account) -> DecisionBatch:
    """Return what `strategies` decide on `market`, checked; see `raw_decisions_of` and `validate_batch`."""
    return validate_batch(raw_decisions_of(strategies, market), strategies, market, account)


def simulate_batch(chunk: DecisionBatch, inputs: EngineInputs, market: Market, keep_equity: bool) -> BatchResult:
    """Return what came of a chunk: one call of a kernel that needs no GIL."""
    count = len(chunk.ends)
    figures, equity = np.empty((count, len(FIGURES))), np.empty((count if keep_equity else 0, len(inputs.opens)))
    years, per_year = years_between(market.dates[market.opening], market.dates[-1]), float(market.periods_per_year)
    simulate_all(
        inputs, chunk.rows, chunk.weights, chunk.deploy, chunk.contribution_split, chunk.bands, chunk.ends, per_year, years, figures, equity
    )
    lost = list(chunk.failed)
    figures[lost] = np.nan
    if keep_equity:
        equity[lost] = np.nan
    return BatchResult(figures, chunk.failed, equity)


def _fault(strategy: Strategy | str, market: Market, account: Account) -> str:
    """Return what is wrong with the decisions of a strategy that cannot be carried out."""
    assert isinstance(strategy, Strategy)
    try:
        check_allowed(decisions_of(strategy, market).on(market), market, account)
    except Exception as error:
        return in_a_row(error)
    raise EngineError(f"{strategy!r} was refused, and nothing is wrong with its decisions")


def run(strategies: list[Strategy | str], market: Market, account: Account, keep_equity: bool = False) -> BatchResult:
    """Decide and carry out a chunk: what a worker of a cluster is sent."""
    return simulate_batch(decide_batch(strategies, market, account), build_inputs(market, account), market, keep_equity)
