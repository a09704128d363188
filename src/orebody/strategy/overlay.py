"""What strategies around strategies share: the check of the inner one, and pausing its purchases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from orebody.errors import ParameterError
from orebody.indicators import last_stated
from orebody.market.market import Market
from orebody.strategy.base import Strategy
from orebody.strategy.decisions import Decisions, Plan

__all__ = ["check_inner", "inner_state", "latest", "pause_purchases"]

T = TypeVar("T")


def check_inner(wrapper: str, inner: object) -> None:
    """Raise `ParameterError` unless `inner` is a strategy."""
    if not isinstance(inner, Strategy):
        what = f"the class {inner.__name__}" if isinstance(inner, type) else repr(inner)
        raise ParameterError(f"{wrapper}: inner is {what}: it must be a strategy, such as RatioRotation(window=120)")


def inner_state(inner: Strategy, plan: Plan, market: Market, bars: np.ndarray) -> np.ndarray | None:
    """Return what the inner strategy, whose decisions are `plan`, last stated, which a wrapper may hide, and what it carries.

    After each of `bars`; None where all of the past may count. See `Strategy.carries`.
    """
    more = inner.carries(market, bars)
    if more is None or inner.deploys:
        return None
    stated = [last_stated(plan.rows, table, bars) for table in (plan.weights, plan.contribution_split)]
    return np.column_stack((*stated, *(() if isinstance(more, tuple) else (more,))))


_LATEST: WeakKeyDictionary[Market, dict[type, tuple[Strategy, Any]]] = WeakKeyDictionary()


def latest(strategy: Strategy, market: Market, compute: Callable[[], T]) -> T:
    """Return what `compute` makes of a market for a strategy, kept until another strategy of the class is asked about the same market.

    What `decide` and `carries` both need is so made once, and a sweep over many strategies keeps that of one.
    """
    kept = _LATEST.setdefault(market, {})
    newest = kept.get(type(strategy))
    if newest is None or newest[0] is not strategy:
        newest = kept[type(strategy)] = strategy, compute()
    made: T = newest[1]
    return made


def pause_purchases(plan: Plan, off: np.ndarray, first: int) -> Decisions:
    """Return decisions that spend cash, without their purchases while `off` and before bar `first`: these are made once it is on.

    Two purchases of a and b of the free cash made at once take 1 - (1 - a)(1 - b) of it. Sales are made all the same, and the standing
    split of contributions is cash while off.
    """
    bars, width = len(off), plan.deploy.shape[1]
    off = off | (np.arange(bars) < first)
    deploy, contribution_split = np.full((bars, width), np.nan), np.full((bars, width), np.nan)
    deploy[plan.rows] = plan.deploy
    turns = np.flatnonzero(np.diff(off, prepend=False))
    contribution_split[plan.rows] = plan.contribution_split
    split = last_stated(plan.rows, plan.contribution_split, np.arange(bars))
    contribution_split[turns] = split[turns]
    contribution_split[off] = np.where(np.isnan(split[off]), np.nan, 0.0)
    waiting = np.zeros(width)
    for bar in np.union1d(plan.rows, turns):
        now = np.nan_to_num(deploy[bar])
        buys = np.maximum(now, 0.0)
        if off[bar]:
            waiting = _one_after_the_other(waiting, buys)
            deploy[bar] = np.where(now < 0, now, np.nan)
        elif waiting.any():
            both = _one_after_the_other(waiting, buys)
            deploy[bar] = np.where(now < 0, now, np.where(both > 0, both, np.nan))
            waiting = np.zeros(width)
    rows = np.union1d(plan.rows, turns)
    rows = rows[rows >= first]
    return Decisions(deploy=deploy[rows], contribution_split=contribution_split[rows], band=plan.band, rows=rows)


def _one_after_the_other(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the shares of the free cash that two purchases take together, the second of what the first leaves."""
    together: np.ndarray = first + (1.0 - first.sum()) * second
    return together
