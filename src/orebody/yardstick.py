"""The yardsticks: the metal and the miners, bought and held with the same cash flows as whatever is compared with them."""

from __future__ import annotations

import numpy as np

from orebody.account import Account
from orebody.decisions import Decisions
from orebody.engine import backtrader
from orebody.market.market import Market
from orebody.result import Result

__all__ = ["hold"]


def hold(role: str, market: Market, account: Account) -> Result:
    """Return the run that puts all cash and every contribution into `role` and never sells.

    Parameters
    ----------
    role
        ``"metal"``, ``"miners"`` (in equal parts) or a ticker.
    """
    shares = market.shares({role: 1.0})
    decisions = Decisions(deploy=shares[None], invest=shares[None], rows=np.array([market.opening]))
    record = backtrader.run(market, decisions.on(market), account)
    label = f"{role}: {'+'.join(market.universe.members(role))}"
    return Result(label, f"hold {label}", market, account, record, "backtrader", "holds from the first day on")
