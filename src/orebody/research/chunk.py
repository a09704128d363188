"""One chunk of a sweep: points decided one after the other, then carried out together by the compiled kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.account import Account
from orebody.engine.inputs import Inputs, inputs
from orebody.engine.kernel import FIGURES, simulate_all
from orebody.errors import OrebodyError, ParameterError
from orebody.market.market import Market
from orebody.metrics.performance import years_between
from orebody.run import check_allowed
from orebody.strategy import Strategy

__all__ = ["Chunk", "Outcome", "carried_out", "decided", "run"]


@dataclass(frozen=True, eq=False)
class Chunk:
    """What a chunk's strategies decided, one after the other, as the kernel reads it; `failed` says why a point has no decisions."""

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    invest: np.ndarray
    bands: np.ndarray
    ends: np.ndarray
    failed: dict[int, str]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A row of `FIGURES` for each point (NaN where it failed), why it failed, and its equity if that was asked for."""

    figures: np.ndarray
    failed: dict[int, str]
    equity: np.ndarray


def decided(strategies: list[Strategy | str], market: Market, account: Account) -> Chunk:
    """Return what `strategies` decide on `market`; one that fails, or never came to be, decides nothing and says why."""
    count = len(market.tickers)
    nothing = np.empty((0, count))
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    bands, failed = np.zeros(len(strategies)), {}
    for at, strategy in enumerate(strategies):
        try:
            if isinstance(strategy, str):
                raise ParameterError(strategy)
            decisions = strategy.decide(market)
            plan = decisions.allowed(market, opening=market.opening, leverage=account.leverage, shorting=account.shorting)
            if plan is None:  # something is wrong, or is not plain: say what, or carry on the slow way
                whole = decisions.on(market)
                check_allowed(whole, market, account)
                plan = whole.opening_at(market.opening)
        except OrebodyError as error:
            failed[at] = str(error)
            parts.append((np.empty(0, dtype=np.int64), nothing, nothing, nothing))
            continue
        parts.append((plan.rows - market.opening, plan.weights, plan.deploy, plan.invest))
        bands[at] = plan.band
    rows, weights, deploy, invest = (np.concatenate(tables) for tables in zip(*parts, strict=True))
    ends = np.cumsum([len(part[0]) for part in parts])
    return Chunk(rows, weights, deploy, invest, bands, ends, failed)


def carried_out(chunk: Chunk, books: Inputs, market: Market, keep_equity: bool) -> Outcome:
    """Return what came of a chunk; the kernel runs without the GIL."""
    count, bars = len(chunk.ends), len(books.opens)
    figures = np.empty((count, len(FIGURES)))
    equity = np.empty((count if keep_equity else 0, bars))
    years = years_between(market.dates[market.opening], market.dates[-1])
    simulate_all(
        books,
        chunk.rows,
        chunk.weights,
        chunk.deploy,
        chunk.invest,
        chunk.bands,
        chunk.ends,
        float(market.periods_per_year),
        years,
        figures,
        equity,
    )
    if chunk.failed:
        lost = list(chunk.failed)
        figures[lost] = np.nan
        if keep_equity:
            equity[lost] = np.nan
    return Outcome(figures, chunk.failed, equity)


def run(strategies: list[Strategy | str], market: Market, account: Account, keep_equity: bool = False) -> Outcome:
    """Decide and carry out a chunk: what a worker of a cluster is sent."""
    return carried_out(decided(strategies, market, account), inputs(market, account), market, keep_equity)
