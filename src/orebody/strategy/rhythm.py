"""Whether what happens once a period can happen that often on a market's bars."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

from orebody.errors import ParameterError
from orebody.market.bar_spacing import spacing_of
from orebody.market.market import Market
from orebody.market.periods import LENGTHS
from orebody.market.schedule import PERIODS
from orebody.strategy.base import Strategy
from orebody.strategy.parameters import kind_as_written, rules

if TYPE_CHECKING:
    from orebody.account import Account

__all__ = ["check_rhythms"]

_FEW = 6  # bars below which nothing is refused: they do not tell what comes after them
_ROOM = 1.25  # times the period that bars may lie apart: months are of 28 to 31 days


def check_rhythms(market: Market, account: Account | None = None, strategy: Strategy | None = None) -> None:
    """Raise `ParameterError` for a rhythm finer than the bars: contributions each week on bars of months would not arrive.

    Parameters
    ----------
    market
        Its bars lie their median distance apart; days, with what gaps they may have, carry every rhythm.
    account
        Its contributions, where it has any.
    strategy
        Each parameter of it, and of a strategy in it, that names a period.
    """
    if account is not None and account.contribution > 0:
        _check(market, account.every, "contributions come each {}", "some would never arrive")
    if strategy is not None:
        _check_strategy(market, strategy)


def _check_strategy(market: Market, strategy: Strategy) -> None:
    rhythms, inner = _periodic(type(strategy))
    for name in rhythms:
        every = getattr(strategy, name)
        if every in LENGTHS:
            _check(market, every, f"{strategy.name()}: {name} is {every!r}", "it would decide less often than that")
    for name in inner:
        within = getattr(strategy, name)
        if isinstance(within, Strategy):
            _check_strategy(market, within)


@cache
def _periodic(strategy: type[Strategy]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the parameters that name a period, and of those that are strategies."""
    rhythms = tuple(rule.name for rule in rules(strategy) if rule.choices and set(rule.choices) <= set(PERIODS))
    given: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
    return rhythms, tuple(field.name for field in given if "Strategy" in kind_as_written(field))


def _days_apart(market: Market) -> float:
    """Return the median distance of the bars in days; 0 for bars of days, and for too few to tell what they are of."""
    if len(market) < _FEW:
        return 0.0
    spacing = spacing_of(market.dates)
    return 0.0 if spacing.kind in ("", "day", "intraday") else spacing.step


def _check(market: Market, every: str, what: str, so: str) -> None:
    apart = market.memo("days apart", lambda: _days_apart(market))
    if apart <= _ROOM * LENGTHS[every]:
        return
    longer = [period for period in PERIODS if apart <= _ROOM * LENGTHS[period]]
    remedy = f"take {longer[0]!r} or longer, or finer prices" if longer else "take finer prices"
    raise ParameterError(f"{what.format(every)}, and the market's bars lie {apart:g} days apart: {so}; {remedy}")
