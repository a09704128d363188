"""What a stock Cerebro cannot carry, refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from orebody.errors import UnsupportedError
from orebody.market.market import Market
from orebody.strategy.decisions import Plan

__all__ = ["check_allowed", "check_broker", "check_nothing_missed"]


def check_broker(name: str, cerebro: Any, datas: Sequence[Any]) -> None:
    """Raise `UnsupportedError` for a broker that fills at the close of the decision, at opens nobody is told of, or on margin."""
    broker = cerebro.broker
    if getattr(broker.p, "coc", False):
        raise UnsupportedError(f"{name} decides on a close and must not be filled at it: turn broker.set_coc off")
    if getattr(broker.p, "coo", False) and not cerebro.p.cheat_on_open:
        raise UnsupportedError(
            f"{name} cannot order at an open it is not told of: with broker.set_coo make the Cerebro with cheat_on_open=True"
        )
    for data in datas:
        if not broker.getcommissioninfo(data).stocklike:
            raise UnsupportedError(f"{data._name} trades on margin like a future: {name} sizes by value; give it a stocklike commission")


def check_allowed(name: str, plan: Plan, market: Market, broker: Any) -> None:
    """Raise `UnsupportedError` for weights above 1 in all, and for shorts where the broker keeps their proceeds."""
    gross = np.nansum(np.abs(plan.weights), axis=1)
    if (gross > 1 + 1e-9).any():
        row = int(np.argmax(gross > 1 + 1e-9))
        raise UnsupportedError(
            f"{name} wants weights of {gross[row]:g} in all on {market.dates[plan.rows[row]].date()}, and a stock broker lends no money: "
            "use orebody.backtest with Account(leverage=…)"
        )
    if (plan.weights < 0).any() and not getattr(broker.p, "shortcash", True):
        row, column = np.argwhere(plan.weights < 0)[0]
        raise UnsupportedError(
            f"{name} goes short {market.tickers[column]} on {market.dates[plan.rows[row]].date()}, and this broker keeps the proceeds: "
            "call broker.set_shortcash(True)"
        )


def check_nothing_missed(name: str, plan: Plan, market: Market, row: int) -> None:
    """Raise `UnsupportedError` for a purchase decided before `row`, the first bar on which decisions were heard."""
    early = plan.before(row)
    spends = np.flatnonzero((early.deploy > 0).any(axis=1))
    if len(spends):
        raise UnsupportedError(
            f"{name} decided a purchase on {market.dates[early.rows[spends[0]]].date()}, before all feeds had begun: "
            "that is only known in a Cerebro with preload=True"
        )
