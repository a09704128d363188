"""Scenarios: every strategy on many paths resampled from history, tilted to what might come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from orebody.account import Account
from orebody.backtesting.backtest import check_allowed, decisions_of, validate_account, validate_market
from orebody.backtesting.labels import label_strategies
from orebody.errors import DataError, ParameterError
from orebody.market.market import Market
from orebody.research.parallel.dask import connect, run_on_cluster
from orebody.research.parallel.local import run_tasks
from orebody.research.scenarios.batch import KEPT, PathBatch, Simulation, run
from orebody.research.scenarios.block_length import block_length
from orebody.research.scenarios.history import days_of
from orebody.research.scenarios.path_markets import PathHistory
from orebody.research.scenarios.paths import SIZE, apply_scenario, dates_after, draw_blocks
from orebody.research.scenarios.replay import PathMarkets, ReplayMode, replay_mode
from orebody.research.scenarios.result import Scenarios
from orebody.research.scenarios.scenario import Scenario, validate_scenarios
from orebody.strategy import lookahead
from orebody.strategy.base import Strategy
from orebody.strategy.opening import decides_from, too_short
from orebody.strategy.rhythm import check_rhythms
from orebody_strategies.buy_and_hold import BuyAndHold

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["scenarios"]

Progress = Callable[[int, int, str], None]
BARS_OF_FAN = 40


def scenarios(
    strategies: Mapping[str, Strategy] | Iterable[Strategy],
    market: Market,
    account: Account | None = None,
    horizon: int = 252,
    paths: int = 5000,
    scenarios: Iterable[Scenario | str] | Scenario | str | None = None,
    seed: int = 0,
    block: float | None = None,
    *,
    check_lookahead: bool = True,
    progress: Progress | None = None,
    workers: str | Client | None = None,
) -> Scenarios:
    """Run strategies on many paths that go on from the market's last bar, drawn from its own days and tilted by scenarios.

    Whole days are drawn in blocks, with replacement: what the metal, each miner, the cash rate and the gauges did on a day stays together.
    A strategy sees all of real history and then the path; accounts open on the path's first bar. The same days are drawn for every
    scenario. These are resampled histories, not forecasts.

    Parameters
    ----------
    strategies
        As in `orebody.compare`; holding the metal and holding the miners are run beside them.
    market
        Whose days are drawn from, and after whose last bar paths begin.
    account
        As in `orebody.backtest`.
    horizon
        Bars of a path, at least 2.
    paths
        Of each scenario.
    scenarios
        By default ``["bullish", "bearish", "in between"]``, which can be given by name beside your own.
    seed
        Of the random numbers, from 0 to 2**64 - 1. The same seed gives the same bytes in any number of processes and on any workers.
    block
        Mean length of the blocks in bars, at least 1. By default what Politis and White (2004) find for the absolute returns, if the
        package arch is installed, but at most a quarter of the horizon; else 21.
    check_lookahead
        Try each strategy for look-ahead, once, on the real market.
    progress
        Called with (done, total, what) after each group of paths.
    workers
        A `distributed.Client`, or the address of a Dask scheduler. Without it, long work is shared with other processes of this machine.

    Raises
    ------
    ParameterError
        For a horizon, paths, a seed or a block that cannot be, and what `Scenario` refuses.
    DataError
        When the market is too short for a strategy, or has fewer than 60 whole days to draw from.
    DecisionError, LookAheadError
        As `orebody.backtest`.
    ClusterError
        When the Dask scheduler does not answer, or has no workers.
    """
    market = validate_market(market)
    horizon, paths = _whole(horizon, "horizon", 2, 100_000), _whole(paths, "paths", 1, 10_000_000)
    seed, chosen = _whole(seed, "seed", 0, 2**64 - 1), validate_scenarios(scenarios, horizon)
    account = validate_account(account)
    benchmarks = {f"{role}: {'+'.join(market.universe.members(role))}": BuyAndHold(split={role: 1.0}) for role in ("metal", "miners")}
    named = label_strategies(strategies, benchmarks)
    checked = _check_markets(named, market, account, check_lookahead)
    days, dates = days_of(market), dates_after(market, horizon)
    length, note = block_length(block, market, days, horizon)
    draw = draw_blocks(0, seed, len(days), horizon, length)
    histories = PathHistory(market, dates)
    tried = [PathMarkets(histories, apply_scenario(one, draw, days, market)) for one in chosen]
    tell = progress or (lambda done, total, what: None)
    ways: list[ReplayMode] = []
    for label, strategy in (benchmarks | named).items():
        tell(len(ways), len(named) + 2, f"trying how to ask {label}")
        ways.append(replay_mode(strategy, tried))
    fan = np.unique(np.linspace(0, horizon - 1, min(horizon, BARS_OF_FAN)).round().astype(int))
    job = Simulation(market, account, days, chosen, tuple(ways), dates, histories, fan, seed, length)
    runs = len(chosen) * paths * len(ways)
    try:
        figures, equity = np.empty((len(chosen), paths, len(ways), len(KEPT))), np.empty((len(chosen), paths, len(ways), len(fan)))
    except MemoryError:
        needed = 8e-9 * runs * (len(KEPT) + len(fan))
        raise ParameterError(f"paths is {paths:,}: the outcomes of {runs:,} runs need {needed:,.0f} GB, and there is no room") from None
    tell(0, paths, "paths")
    ready = 0
    for (begin, end), done in _done(job, paths, workers):
        figures[:, begin:end], equity[:, begin:end] = done.figures, done.equity
        ready += end - begin
        tell(ready, paths, "paths")
    return Scenarios(figures, equity, tuple(benchmarks | named), job, note, checked)


def _whole(value: object, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise ParameterError(f"{name} is {value!r}: it must be a whole number from {low:,} to {high:,}")
    return int(value)


def _spans(paths: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + SIZE, paths)) for begin in range(0, paths, SIZE)]


def _check_markets(named: Mapping[str, Strategy], market: Market, account: Account, check_lookahead: bool) -> str:
    """Raise what `orebody.backtest` would of strategies on the real market, and say what was tried."""
    for label, strategy in named.items():
        if why := too_short(strategy, market, label):
            raise DataError(f"{why}: load a longer history")
        check_rhythms(market, account, strategy)
        plan = decisions_of(strategy, market).on(market)
        check_allowed(plan, market, account)
        if check_lookahead:
            lookahead.check(strategy, market, plan, lookahead.chosen_cuts(plan, market, decides_from(strategy, market) + 1))
    if not check_lookahead:
        return "not checked for look-ahead"
    return "each strategy tried for look-ahead once, on the real prices; not again on each path"


def _done(job: Simulation, paths: int, workers: str | Client | None) -> Iterator[tuple[tuple[int, int], PathBatch]]:
    """Give each group of paths and what came of it, as they come."""
    spans = _spans(paths)
    if workers is None:
        yield from run_tasks(run, spans, (job,))
        return
    with connect(workers) as client:
        yield from zip(spans, run_on_cluster(client, run, iter(spans), (job,)), strict=True)
