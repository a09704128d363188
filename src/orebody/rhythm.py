"""Whether what happens once a period can happen that often on a market's bars."""

from __future__ import annotations

import dataclasses

import numpy as np

from orebody.account import Account
from orebody.errors import ParameterError
from orebody.market.market import Market
from orebody.market.periods import LENGTHS
from orebody.parameters import rules
from orebody.schedule import PERIODS
from orebody.strategy import Strategy

__all__ = ["check_rhythms"]

_ROOM = 1.25  # times the period that bars may lie apart: months are of 28 to 31 days


def check_rhythms(market: Market, account: Account | None = None, strategy: Strategy | None = None) -> None:
    """Raise `ParameterError` for a rhythm finer than the bars: contributions each week on bars of months would not arrive.

    Parameters
    ----------
    market
        Its bars lie as far apart as their median distance.
    account
        Its contributions, where it has any.
    strategy
        Each parameter of it, and of a strategy in it, that names a period.
    """
    if len(market) < 2:
        return
    apart = float(np.median(market.days[1:]))
    if account is not None and account.contribution > 0:
        _check(apart, account.every, "every", "contributions would be fewer than stated")
    if strategy is not None:
        _check_strategy(apart, strategy)


def _check_strategy(apart: float, strategy: Strategy) -> None:
    for rule in rules(type(strategy)):
        if rule.choices and set(rule.choices) <= set(PERIODS):
            every = getattr(strategy, rule.name)
            if every is not None:
                _check(apart, every, f"{strategy.name()}: {rule.name}", "it would decide less often than stated")
    for field in dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ():
        inner = getattr(strategy, field.name)
        if isinstance(inner, Strategy):
            _check_strategy(apart, inner)


def _check(apart: float, every: str, what: str, so: str) -> None:
    if apart <= _ROOM * LENGTHS[every]:
        return
    longer = [period for period in PERIODS if apart <= _ROOM * LENGTHS[period]]
    remedy = f"take {longer[0]} or longer" if longer else "take shorter bars"
    raise ParameterError(f"{what} is {every!r}, finer than the market's bars, which lie {apart:g} days apart: {so}; {remedy}, or finer prices")
