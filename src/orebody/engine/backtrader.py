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
from orebody.decisions import Plan
from orebody.engine.inputs import SLACK, inputs
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
    books = inputs(market, account)
    cerebro.broker = _Broker(cash=account.cash or 1.0)  # backtrader divides by its starting cash
    for column, ticker in enumerate(market.tickers):
        info = _Commission(share=float(books.commission[column]), fixed=float(books.fixed[column]))
        cerebro.broker.addcommissioninfo(info, name=ticker)
        cerebro.adddata(_Feed(dates=market.dates[market.opening :], books=books, column=column), name=ticker)
    cerebro.addstrategy(_Harness, books=books, plan=plan, opening=market.opening)
    (harness,) = cerebro.run()
    return harness.ledger.close()  # type: ignore[no-any-return]


class _Harness(bt.Strategy):  # type: ignore[misc]
    """Hands each open to the ledger, and each of the ledger's trades to the broker."""

    params = (("books", None), ("plan", None), ("opening", 0))

    def __init__(self) -> None:
        self.ledger = Ledger(self.p.books, self.p.plan, self.p.opening, self._order)

    def next_open(self) -> None:
        self.ledger.next_open()

    nextstart_open = next_open

    def prenext_open(self) -> None:
        """On the opening bar the account is there and nothing trades."""

    def _order(self, instrument: int, units: float, price: float, cash: float, holding: float, *, free: bool) -> None:
        data, broker = self.datas[instrument], self.broker
        broker.cash = self.ledger.cash
        broker.getcommissioninfo(data).begin(free)
        send = self.buy if units > 0 else self.sell
        order = send(data=data, size=abs(units), price=price)
        held = broker.getposition(data).size
        near = _AGREE * (abs(cash) + abs(units) * price) + SLACK * self.ledger.base
        agreed = abs(held - holding) <= _AGREE * (abs(held) + abs(units)) and abs(broker.cash - cash) <= near
        if order.status not in (order.Completed, order.Partial) or not agreed:  # partial: but for a last bit, across zero
            raise EngineError(
                f"on bar {len(data)} backtrader is left with {held!r} {data._name} and cash {broker.cash!r} ({order.getstatusname()}), "
                f"the ledger with {holding!r} and {cash!r}"
            )
        broker.getposition(data).size = holding  # else last bits would add up until a whole exit is none


class _Broker(bt.brokers.BackBroker):  # type: ignore[misc]
    """backtrader's broker, filling an order at once, in full, at the price it names."""

    def submit(self, order: Any, check: bool = True) -> Any:
        order.submit(self)
        order.accept(self)
        # backtrader rejects what leaves cash below zero; the ledger knows what may be owed
        pad = 4 * (abs(self.cash) + abs(order.created.size) * order.created.price + self.getcommissioninfo(order.data).p.fixed)
        self.cash += pad
        self._execute(order, ago=0, price=order.created.price)
        self.cash -= pad
        return order

    def next(self) -> None:
        """Nothing ever waits: orders were filled when they came."""


class _Commission(bt.CommInfoBase):  # type: ignore[misc]
    """A share of the traded value plus money for each fill."""

    params = (("share", 0.0), ("fixed", 0.0), ("stocklike", True), ("percabs", True))

    def begin(self, free: bool) -> None:
        """Be asked about the next order: backtrader asks twice about one that crosses zero, and the fixed fee is due once."""
        self._fee: float = 0.0 if free else self.p.fixed
        self._share: float = 0.0 if free else self.p.share

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
        fee, self._fee = self._fee, 0.0
        return abs(size) * price * self._share + fee


class _Feed(bt.feed.DataBase):  # type: ignore[misc]
    """One instrument's marks, put into backtrader's line buffers at once instead of bar by bar."""

    params = (("dates", None), ("books", None), ("column", 0))

    def preload(self) -> None:
        opens, closes = self.p.books.opens[:, self.p.column], self.p.books.closes[:, self.p.column]
        days = ticks(self.p.dates) / _NANOSECONDS_PER_DAY + _EPOCH
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
