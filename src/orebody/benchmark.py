"""The benchmarks: the metal and the miners, bought and held with the same cash flows as whatever is compared with them."""

from __future__ import annotations

from orebody.account import Account
from orebody.engine import backtrader
from orebody.market.market import Market
from orebody.result import Result
from orebody_strategies.buy_and_hold import BuyAndHold

__all__ = ["hold"]


def hold(role: str, market: Market, account: Account, opening: str = "") -> Result:
    """Return the run that puts all cash and every contribution into `role` and never sells.

    Parameters
    ----------
    role
        ``"metal"``, ``"miners"`` (in equal parts) or a ticker.
    market, account
        The market opened where that of what is compared with it is.
    opening
        When and why there, in a sentence.
    """
    strategy = BuyAndHold(split={role: 1.0})
    record = backtrader.run(market, strategy.decide(market).on(market), account)
    label = f"{role}: {'+'.join(market.universe.members(role))}"
    checked, waits = "holds from the first day on", strategy.decides_from(market)
    return Result(label, f"hold {label}", market, account, record, "backtrader", checked, opening, waits)
