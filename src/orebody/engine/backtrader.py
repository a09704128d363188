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

from orebody.account import Account, Costs
from orebody.decisions import Plan
from orebody.engine.ledger import Ledger
from orebody.errors import EngineError
from orebody.market.market import Market
from orebody.market.series import ticks
from orebody.record import Record

__all__ = ["run"]

_AGREE = 1e-9
_EPOCH = 719_163  # backtrader counts days from 0001-01-01, as matplotlib once did
_NANOSECONDS_PER_DAY = 86_400e9


def run(market: Market, plan: Plan, account: Account) -> Record:
    """Carry out `plan` on the bars of `market` from its opening on, and return the books.

    Raises
    ------
    EngineError
        When backtrader's broker and the ledger disagree on a fill.
    """
    cerebro = bt.Cerebro(stdstats=False, cheat_on_open=True)
    cerebro.broker = _Broker(cash=account.cash or 1.0)  # backtrader divides by its starting cash
    cerebro.broker.addcommissioninfo(_Commission(costs=account.costs))
    for column, ticker in enumerate(market.tickers):
        cerebro.adddata(_Feed(market=market, column=column), name=ticker)
    cerebro.addstrategy(_Harness, market=market, plan=plan, account=account)
    (harness,) = cerebro.run()
    return harness.ledger.close()  # type: ignore[no-any-return]


class _Harness(bt.Strategy):  # type: ignore[misc]
    """Hands each open to the ledger, and each of the ledger's trades to the broker."""

    params = (("market", None), ("plan", None), ("account", None))

    def __init__(self) -> None:
        self.ledger = Ledger(self.p.market, self.p.plan, self.p.account, self._order)

    def next_open(self) -> None:
        self.ledger.next_open()

    nextstart_open = next_open

    def prenext_open(self) -> None:
        """On the opening bar the account is there and nothing trades."""

    def _order(self, instrument: int, units: float, price: float, cash: float, holding: float) -> None:
        data, broker = self.datas[instrument], self.broker
        broker.cash = self.ledger.cash
        send = self.buy if units > 0 else self.sell
        order = send(data=data, size=abs(units), price=price)
        held = broker.getposition(data).size
        agreed = abs(held - holding) <= _AGREE * (abs(held) + abs(units)) and abs(broker.cash - cash) <= _AGREE * (
            abs(cash) + abs(units) * price
        )
        if order.status != order.Completed or not agreed:
            raise EngineError(
                f"on bar {len(data)} backtrader is left with {held!r} {data._name} and cash {broker.cash!r} ({order.getstatusname()}), "
                f"the ledger with {holding!r} and {cash!r}"
            )


class _Broker(bt.brokers.BackBroker):  # type: ignore[misc]
    """backtrader's broker, filling an order at once, in full, at the price it names."""

    def submit(self, order: Any, check: bool = True) -> Any:
        order.submit(self)
        order.accept(self)
        pad = _AGREE * (abs(self.cash) + abs(order.created.size) * order.created.price)
        self.cash += pad  # else a last bit below zero would reject an order that spends everything
        self._execute(order, ago=0, price=order.created.price)
        self.cash -= pad
        return order

    def next(self) -> None:
        """Nothing ever waits: orders were filled when they came."""


class _Commission(bt.CommInfoBase):  # type: ignore[misc]
    """A share of the traded value plus money for each fill."""

    params = (("costs", Costs()), ("stocklike", True), ("percabs", True))

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
        return abs(size) * price * self.p.costs.commission + self.p.costs.fixed  # type: ignore[no-any-return]


class _Feed(bt.feed.DataBase):  # type: ignore[misc]
    """One instrument's bars, put into backtrader's line buffers at once instead of bar by bar."""

    params = (("market", None), ("column", 0))

    def preload(self) -> None:
        market, column, first = self.p.market, self.p.column, self.p.market.opening
        days = ticks(market.dates[first:]) / _NANOSECONDS_PER_DAY + _EPOCH
        known = {name: getattr(market, name)[first:, column] for name in ("open", "high", "low", "close")} | {"datetime": days}
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
