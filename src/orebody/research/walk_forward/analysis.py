"""Walk-forward: parameters chosen on the past alone, traded on what came next, again and again, in one account."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import ENGINES, check_allowed, validate_account, validate_market
from orebody.backtesting.result import Result
from orebody.errors import ParameterError, unknown_name
from orebody.market.market import Market
from orebody.research.sweep.analysis import LOW_IS_GOOD, check_metric
from orebody.research.sweep.grid import Grid, Points, points
from orebody.research.sweep.runner import Progress, Work
from orebody.research.walk_forward.result import WalkForward, annual
from orebody.research.walk_forward.splicing import Segment, splice, truncate_plan
from orebody.research.walk_forward.trials import Trials, run_trials
from orebody.research.walk_forward.windows import Window, length, windows
from orebody.strategy import lookahead
from orebody.strategy.base import Strategy
from orebody.strategy.rhythm import check_rhythms

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["WalkForward", "walk_forward"]

COLUMNS = (
    *("step", "train_from", "train_to", "test_from", "test_to", "test_bars"),
    *("in_sample", "in_sample_growth", "in_sample_sharpe", "out_of_sample", "rank", "ranked", "return"),
)
"""Of the table of windows, besides the parameters, which stand in the middle."""


def walk_forward(
    strategy: type[Strategy] | Strategy,
    grid: Grid,
    market: Market,
    account: Account | None,
    train: int | str,
    test: int | str,
    anchored: bool = False,
    purge: int = 0,
    metric: str = "sharpe",
    *,
    engine: str = "compiled",
    sample: int | None = None,
    seed: int = 0,
    start: str | pd.Timestamp | int | None = None,
    check_lookahead: bool = True,
    workers: str | Client | None = None,
    progress: Progress | None = None,
) -> WalkForward:
    """Choose parameters on each training window, trade them on the test after it, and join the tests into one record.

    On each training window every point runs in an account of its own that opens on the window's first bar; earlier bars only warm up, and
    later ones are not there. The best by `metric`, of equal ones the first in the grid, is in force from the close of the last bar
    before the test to before the last close of the test: its first orders are filled at the test's first open. One account runs through
    all tests and is handed on with what it holds.

    Parameters
    ----------
    strategy, grid, sample, seed
        As in `orebody.sweep`.
    market, account
        As in `orebody.backtest`; the account of each training has the same money.
    train, test
        Length of the windows: a number of bars, or periods such as ``"3 years"``, ``"6 months"``, ``"26 weeks"``. Tests given in periods
        begin with the first bar of a calendar week, month, quarter or year. The last test is as long as there are bars.
    anchored
        All trainings begin where the first does, and grow.
    purge
        Bars left out between training and test. They come off the end of a training given in periods.
    metric
        By which is chosen, one of `orebody.research.sweep.analysis.METRICS`; low is good for volatility, costs and their like.
    engine
        Which carries the joined account out, as in `orebody.backtest`; the choosing is compiled.
    start
        When the first training may begin at the earliest; by default on the first bar on which every valid point can decide and
        every instrument is listed.
    check_lookahead
        Try three points of the grid, and each chosen point where it takes over, for look-ahead.
    workers, progress
        As in `orebody.sweep`.

    Raises
    ------
    ParameterError, UnknownNameError
        For a grid that `sweep` would refuse or that leaves nothing to choose, lengths or a purge that cannot be, or when no point has
        the metric on a training window.
    DataError
        When the market is too short for one training and a bar to test on, or has no bar in a test period.
    DecisionError
        When chosen parameters decide in their test what the account does not allow.
    LookAheadError
        When one of the points tried looks ahead.
    ClusterError
        When the Dask scheduler does not answer, or has no workers.
    """
    check_metric(metric)
    if engine not in ENGINES:
        raise unknown_name("engine", str(engine), ENGINES)
    if not isinstance(anchored, bool):
        raise ParameterError(f"anchored is {anchored!r}: it must be True or False")
    market = validate_market(market)
    account = validate_account(account)
    check_rhythms(market, account)
    lengths = length(train, "train"), length(test, "test")
    work = Work(_to_choose_from(points(strategy, grid, sample, seed)), market, start, "Trainings can begin")
    found = windows(work.market, *lengths, purge, anchored)
    checked = work.checked() if check_lookahead else "not checked for look-ahead"
    trials = run_trials(work, found, account, metric, progress or (lambda done, total, what: None), workers)
    chosen = _choose(trials, found, work.market, metric)
    market, legs = market.opened(found[0].test - 1), _legs(work, chosen, found)
    plan = splice(legs, market)
    check_allowed(plan, market, account)
    if check_lookahead:
        _check_seams(legs, market, found)
        checked += ", nor at any seam by the point that takes over there"
    record = import_module(f"orebody.engine.{engine}").run(market, plan, account)
    words = str(lengths[0]), str(lengths[1])
    description = f"{work.points.strategy.name()}, chosen by {metric} from {len(work):,} points on {words[0]}, traded for {words[1]}"
    opening = f"The account opens on {market.dates[market.opening].date()}, the last bar before the first test. {work.opening}"
    result = Result(f"walk-forward {work.points.strategy.name()}", description, market, account, record, engine, checked, opening)
    table = _table(result, found, chosen, trials, work.points.frame, metric)
    return WalkForward(result, table, work.points.frame, trials, work.points.strategy.name(), metric, words, int(purge), anchored)


def _to_choose_from(points: Points) -> Points:
    """Raise `ParameterError` unless there is a choice, and its parameters can be columns of the table."""
    if len(points) < 2:
        raise ParameterError("the grid has one point, which leaves nothing to choose: give several, or run it with orebody.backtest")
    for name in points.columns:
        if name in COLUMNS:
            raise ParameterError(f"{name} is also a column of the table of windows: a parameter of that name cannot be chosen")
    return points


def _choose(trials: Trials, found: list[Window], market: Market, metric: str) -> np.ndarray:
    """Return the best point of each window, shape ``(W,)``, the first of equal ones."""
    without = np.flatnonzero(np.isnan(trials.in_sample).all(axis=1))
    if len(without):
        at = int(without[0])
        window, why = found[at], trials.failed.get((at, 0))
        reason = f"the first: {why}" if why else "cagr and calmar need a year, sharpe and sortino some risk"
        raise ParameterError(
            f"no point of the grid has a {metric} on the training from {market.dates[window.train].date()} to "
            f"{market.dates[window.trained - 1].date()} ({reason}): lengthen train, or choose another metric or grid"
        )
    best: np.ndarray = np.argmax(_goodness(trials.in_sample, metric), axis=1)
    return best


def _goodness(figures: np.ndarray, metric: str) -> np.ndarray:
    """Return the figures so that more is better, and none is worst."""
    return np.where(np.isnan(figures), -np.inf, -figures if metric in LOW_IS_GOOD else figures)


def _legs(work: Work, chosen: np.ndarray, found: list[Window]) -> list[Segment]:
    """Return who is in force when; windows that follow each other with the same point are one leg, which has no seam."""
    legs: list[Segment] = []
    for at, (point, window) in enumerate(zip(chosen.tolist(), found, strict=True)):
        if at and point == chosen[at - 1]:
            legs[-1] = replace(legs[-1], end=window.tested - 1)
        else:
            (strategy,) = work.built(point, point + 1)
            assert isinstance(strategy, Strategy)
            legs.append(Segment(strategy, window.test - 1, window.tested - 1))
    legs[-1] = replace(legs[-1], end=len(work.market))
    return legs


def _check_seams(legs: list[Segment], market: Market, found: list[Window]) -> None:
    """Raise `LookAheadError` where a chosen point decides otherwise without the future of the seam at which it was chosen."""
    for leg in legs:
        cuts = [window.test for window in found if leg.begin < window.test <= leg.end]
        lookahead.check(leg.strategy, market, truncate_plan(leg, market), cuts)


def _table(result: Result, found: list[Window], chosen: np.ndarray, trials: Trials, offered: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the table of windows; see `WalkForward`."""
    dates, at, opening = result.market.dates, np.arange(len(found)), result.market.opening
    first, last, begin, end = (np.array(one) for one in zip(*((w.train, w.trained - 1, w.test, w.tested - 1) for w in found), strict=True))
    after = trials.out_of_sample[at, chosen]
    better = _goodness(trials.out_of_sample, metric) > _goodness(after, metric)[:, None]
    growth = [annual(one, dates[a], dates[b]) for one, a, b in zip(trials.growth[at, chosen], first, last, strict=True)]
    wealth = np.concatenate(([1.0], np.cumprod(1.0 + result.returns.to_numpy()[1:])))
    before, then = wealth[begin - 1 - opening], wealth[end - opening]
    figures: dict[str, Any] = {
        "in_sample": trials.in_sample[at, chosen],
        "in_sample_growth": growth,
        "in_sample_sharpe": trials.sharpe[at, chosen],
        "out_of_sample": after,
        "rank": pd.Series(better.sum(axis=1) + 1, dtype="Int64").mask(np.isnan(after)).to_numpy(),
        "ranked": (~np.isnan(trials.out_of_sample)).sum(axis=1),
        "return": np.divide(then, before, out=np.ones(len(found)), where=before > 0) - 1.0,
    }
    spans = (dates[first], dates[last], dates[begin], dates[end], end - begin + 1)
    chosen_ones = {name: column.to_numpy() for name, column in offered.iloc[chosen].items()}
    columns: dict[str, Any] = dict(zip(COLUMNS[1:], spans, strict=False)) | chosen_ones | figures
    return pd.DataFrame(columns, index=pd.RangeIndex(1, len(found) + 1, name="step"))
