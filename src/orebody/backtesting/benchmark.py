"""The benchmarks: the metal and the miners, bought and held with the same cash flows as whatever is compared with them."""

from __future__ import annotations

from importlib import import_module

from orebody.account import Account
from orebody.backtesting.result import Result
from orebody.market.market import Market
from orebody_strategies.buy_and_hold import BuyAndHold

__all__ = ["ROLES", "hold", "hold_both"]

ROLES = ("metal", "miners")


def hold(role: str, market: Market, account: Account, opening: str = "", engine: str = "backtrader") -> Result:
    """Return the run that puts all cash and every contribution into `role` and never sells.

    Parameters
    ----------
    role
        ``"metal"``, ``"miners"`` (in equal parts) or a ticker.
    market, account
        The market opened where that of what is compared with it is.
    opening
        When and why there, in a sentence.
    engine
        ``"backtrader"``, or ``"compiled"`` beside what the compiled engine carried out.
    """
    strategy = BuyAndHold(split={role: 1.0})
    record = import_module(f"orebody.engine.{engine}").run(market, strategy.decide(market).on(market), account)
    label = f"{role}: {'+'.join(market.universe.members(role))}"
    checked, waits = "holds from the first day on", strategy.decides_from(market)
    return Result(label, f"hold {label}", market, account, record, engine, checked, opening, waits)


def hold_both(market: Market, account: Account, opening: str = "", engine: str = "compiled") -> dict[str, Result]:
    """Return the runs of the metal and of the miners by role; the metal is the benchmark of both."""
    held = {role: hold(role, market, account, opening, engine) for role in ROLES}
    for result in held.values():
        vars(result)["benchmark"] = held["metal"]  # or each would carry out this very run again
    return held
