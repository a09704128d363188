"""One account through all tests of a walk-forward: the decisions of whatever parameters are in force, joined at the seams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orebody.backtesting.backtest import decisions_of
from orebody.errors import OrebodyError
from orebody.indicators import last_stated
from orebody.market.market import Market
from orebody.strategy.base import Strategy
from orebody.strategy.decisions import Plan

__all__ = ["Segment", "splice", "truncate_plan"]


@dataclass(frozen=True)
class Segment:
    """A strategy in force from the close of bar `begin` to before that of bar `end`."""

    strategy: Strategy
    begin: int
    end: int


def splice(legs: Sequence[Segment], market: Market) -> Plan:
    """Return the joined decisions of legs that follow each other, the first from where `market` is opened.

    A leg's rows are what its strategy decides on its bars. On a leg's first bar the strategy moreover takes over: the weights and the
    standing split that it stated before, the newest for each instrument, are stated again, unless they are those that are already in
    force, so that the account comes to hold what the strategy stands for. An instrument that it never gave a weight is left alone, and one
    to which it never gave a part of the contributions gets none. Deploy shares happen once and are not made up for: what was bought
    earlier is carried on. The band in force is that of the strategy in force.
    """
    parts: list[Plan] = []
    weights, split = np.full(len(market.tickers), np.nan), np.zeros(len(market.tickers))  # in force so far
    for leg in legs:
        part = _carry_over(truncate_plan(leg, market), leg, weights, split, first=not parts)
        for table, state in ((part.weights, weights), (part.contribution_split, split)):
            last = last_stated(part.rows, table, np.array([leg.end]))[0]
            state[:] = np.where(np.isnan(last), state, last)
        parts.append(part)
    bands = np.concatenate([np.full(len(part.rows), part.band) for part in parts])
    return Plan(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.deploy for part in parts]),
        np.concatenate([part.contribution_split for part in parts]),
        parts[0].band,
        bands if len({part.band for part in parts}) > 1 else None,
    )


def truncate_plan(leg: Segment, market: Market) -> Plan:
    """Return what the leg's strategy decides until its end."""
    try:
        return decisions_of(leg.strategy, market).on(market).before(leg.end)
    except OrebodyError:  # perhaps for bars on which others are in force
        cut = market.cut(leg.end)
        return decisions_of(leg.strategy, cut).on(cut)


def _carry_over(plan: Plan, leg: Segment, weights: np.ndarray, split: np.ndarray, *, first: bool) -> Plan:
    """Return the leg's rows, the first of them with what the strategy stated before and is not yet in force."""
    if first:
        return plan.opening_at(leg.begin)
    at = int(plan.rows.searchsorted(leg.begin))
    after = at + int(at < len(plan.rows) and plan.rows[at] == leg.begin)
    own = [
        table[at:after] if after > at else np.full((1, len(weights)), np.nan)
        for table in (plan.weights, plan.deploy, plan.contribution_split)
    ]
    stated, spent, shared = own
    earlier, shares = (
        last_stated(plan.rows[:at], table[:at], np.array([leg.begin]))[0] for table in (plan.weights, plan.contribution_split)
    )
    if not np.array_equal(earlier, weights, equal_nan=True):
        stated = np.where(np.isnan(stated) & np.isnan(spent), earlier, stated)
    if not np.array_equal(shares := np.nan_to_num(shares), split):
        shared = np.where(np.isnan(shared), shares, shared)
    says = np.array([not all(np.isnan(table).all() for table in (stated, spent, shared))])
    return Plan(
        np.concatenate((np.array([leg.begin])[says], plan.rows[after:])),
        np.concatenate((stated[says], plan.weights[after:])),
        np.concatenate((spent[says], plan.deploy[after:])),
        np.concatenate((shared[says], plan.contribution_split[after:])),
        plan.band,
    )
