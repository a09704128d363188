"""The backtrader engine: a real Cerebro with feeds and a broker, driven open by open by the reference ledger.

The ledger decides what is traded and keeps the books. Every trade is an order of a `backtrader.Strategy`, filled by backtrader's own
broker at the ledger's price, and after each one the broker's position and cash must equal the ledger's, so backtrader's arithmetic
checks ours on every fill. Prices, sizes and values never come from backtrader's lines, whose clocks differ between the open and the close.
"""

from __future__ import annotations

from array import array
from typing import Any

import backtrader as bt
import numpy as np

from orebody.account import Account
from orebody.engine.backtrader.broker import Commission, ReconcilingBroker, number_days
from orebody.engine.inputs import build_inputs
from orebody.engine.ledger import Ledger
from orebody.engine.run_record import Record
from orebody.market.market import Market
from orebody.strategy.decisions import Plan

__all__ = ["run"]


def run(market: Market, plan: Plan, account: Account) -> Record:
    """Carry out `plan` on the bars of `market` from its opening on, and return the books.

    Raises
    ------
    EngineError
        When backtrader's broker and the ledger disagree on a fill.
    """
    cerebro = bt.Cerebro(stdstats=False, cheat_on_open=True)
    inputs = build_inputs(market, account)
    cerebro.broker = _Broker(cash=account.cash or 1.0)  # backtrader divides by its starting cash
    for column, ticker in enumerate(market.tickers):
        cerebro.broker.addcommissioninfo(Commission.of(inputs, column), name=ticker)
        cerebro.adddata(_Feed(dates=market.dates[market.opening :], inputs=inputs, column=column), name=ticker)
    cerebro.addstrategy(_Harness, inputs=inputs, plan=plan, opening=market.opening)
    (harness,) = cerebro.run()
    return harness.ledger.close()  # type: ignore[no-any-return]


class _Harness(bt.Strategy):  # type: ignore[misc]
    """Hands each open to the ledger, and each of the ledger's trades to the broker."""

    params = (("inputs", None), ("plan", None), ("opening", 0))

    def __init__(self) -> None:
        self.ledger = Ledger(self.p.inputs, self.p.plan, self.p.opening, self._order)

    def next_open(self) -> None:
        self.ledger.next_open()

    nextstart_open = next_open

    def prenext_open(self) -> None:
        """On the opening bar the account is there and nothing trades."""

    def _order(self, instrument: int, units: float, price: float, cash: float, holding: float, *, free: bool) -> None:
        send = self.buy if units > 0 else self.sell
        order = send(data=self.datas[instrument], size=abs(units), price=price)
        self.broker.carry(order, self.ledger, price, cash, holding, free=free)


class _Broker(ReconcilingBroker):
    """backtrader's broker, which leaves each order to be carried out at once."""

    def submit(self, order: Any, check: bool = True) -> Any:
        order.submit(self)
        order.accept(self)
        return order

    def next(self) -> None:
        """Nothing ever waits: orders were filled when they came."""


class _Feed(bt.feed.DataBase):  # type: ignore[misc]
    """One instrument's marks, put into backtrader's line buffers at once instead of bar by bar."""

    params = (("dates", None), ("inputs", None), ("column", 0))

    def preload(self) -> None:
        opens, closes = self.p.inputs.opens[:, self.p.column], self.p.inputs.closes[:, self.p.column]
        days = number_days(self.p.dates)
        known = {"open": opens, "high": closes, "low": closes, "close": closes, "datetime": days}
        for name in self.getlinealiases():
            values = known.get(name, np.zeros(len(days)))
            getattr(self.lines, name).array = array("d", np.ascontiguousarray(values, dtype=float).tobytes())
        self.home()
        self._buffers = list(self.lines)
        self._days = days.tolist()

    def advance_peek(self) -> float:
        ahead = self._buffers[0].idx + 1
        return self._days[ahead] if ahead < len(self._days) else float("inf")

    def advance(self, size: int = 1, datamaster: Any = None, ticks: bool = True) -> None:
        for line in self._buffers:
            line._idx += size  # what line.advance does, without its property: half of the loop's time
            line.lencount += size

    def _load(self) -> bool:
        return False
