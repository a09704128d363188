"""One chunk of a sweep: points decided one after the other, then carried out together by the compiled kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.account import Account
from orebody.engine.inputs import Inputs, inputs
from orebody.engine.kernel import FIGURES, simulate_all
from orebody.errors import EngineError, OrebodyError
from orebody.market.market import Market
from orebody.metrics.performance import years_between
from orebody.run import check_allowed, decisions_of
from orebody.sift import sift_all
from orebody.strategy import Strategy

__all__ = ["Chunk", "Outcome", "carried_out", "decided", "run"]


@dataclass(frozen=True, eq=False)
class Chunk:
    """What a chunk's strategies decided, joined and not yet checked; see `orebody.sift.sift_all`.

    `failed` says why a point has no decisions.
    """

    strategies: list[Strategy | str]
    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    invest: np.ndarray
    parts: np.ndarray
    bands: np.ndarray
    failed: dict[int, str]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A row of `FIGURES` for each point (NaN where it failed), why it failed, and its equity if that was asked for."""

    figures: np.ndarray
    failed: dict[int, str]
    equity: np.ndarray


def decided(strategies: list[Strategy | str], market: Market) -> Chunk:
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
            decisions = decisions_of(strategy, market)
            plain = decisions.plain(market)
            if plain is None:  # labelled, or something is wrong: the slow way knows
                plan = decisions.on(market)
                plain = plan.rows, plan.weights, plan.deploy, plan.invest
        except OrebodyError as error:
            failed[at] = str(error)
            said.append(none)
            continue
        said.append(plain)
        bands[at] = decisions.band
    rows, weights, deploy, invest = (np.concatenate(tables) for tables in zip(*said, strict=True))
    parts = np.cumsum(np.array([[len(table) for table in one] for one in said]), axis=0)
    return Chunk(strategies, rows, weights, deploy, invest, parts, bands, failed)


def carried_out(chunk: Chunk, books: Inputs, market: Market, account: Account, keep_equity: bool) -> Outcome:
    """Return what came of a chunk; the kernels run without the GIL."""
    count, bars = len(chunk.strategies), len(books.opens)
    well, rows, weights, deploy, invest, ends = sift_all(
        chunk.rows,
        chunk.weights,
        chunk.deploy,
        chunk.invest,
        chunk.parts,
        len(market),
        market.opening,
        account.leverage,
        account.shorting,
    )
    figures = np.empty((count, len(FIGURES)))
    equity = np.empty((count if keep_equity else 0, bars))
    years = years_between(market.dates[market.opening], market.dates[-1])
    per_year = float(market.periods_per_year)
    rows -= market.opening
    simulate_all(books, rows, weights, deploy, invest, chunk.bands, ends, per_year, years, figures, equity)
    failed = chunk.failed | {int(at): _fault(chunk.strategies[at], market, account) for at in np.flatnonzero(~well)}
    lost = list(failed)
    figures[lost] = np.nan
    if keep_equity:
        equity[lost] = np.nan
    return Outcome(figures, failed, equity)


def _fault(strategy: Strategy | str, market: Market, account: Account) -> str:
    """Return what is wrong with the decisions of a strategy that cannot be carried out."""
    assert isinstance(strategy, Strategy)
    try:
        check_allowed(decisions_of(strategy, market).on(market), market, account)
    except OrebodyError as error:
        return str(error)
    raise EngineError(f"{strategy!r} was refused, and nothing is wrong with its decisions")


def run(strategies: list[Strategy | str], market: Market, account: Account, keep_equity: bool = False) -> Outcome:
    """Decide and carry out a chunk: what a worker of a cluster is sent."""
    return carried_out(decided(strategies, market), inputs(market, account), market, account, keep_equity)
