"""What our Cerebros share: a broker that fills at a named price and is held to the ledger, its commission, and the day's number."""

from __future__ import annotations

from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from orebody.engine.inputs import SLACK, EngineInputs
from orebody.engine.ledger import Ledger
from orebody.errors import EngineError
from orebody.market.point_in_time import ticks

__all__ = ["Commission", "ReconcilingBroker", "number_days"]

_AGREE = 1e-9
_EPOCH = 719_163  # backtrader counts days from 0001-01-01, as matplotlib once did
_NANOSECONDS_PER_DAY = 86_400e9


def number_days(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return the dates as backtrader's numbers: days, fractions being the time of day."""
    numbers: np.ndarray = ticks(dates) / _NANOSECONDS_PER_DAY + _EPOCH
    return numbers


class ReconcilingBroker(bt.brokers.BackBroker):  # type: ignore[misc]
    """backtrader's broker, filling an order at the price it is told, and proving that it is left with what the ledger has."""

    def carry(self, order: Any, ledger: Ledger, price: float, cash: float, holding: float, *, free: bool) -> None:
        """Fill all that is left of `order` (or what a filler allows) at `price`, `free` of costs or not.

        Raises
        ------
        EngineError
            Unless `cash` and `holding` are left.
        """
        data, units = order.data, abs(order.executed.remsize)
        commission = self.getcommissioninfo(data)
        commission.begin(free)
        # backtrader rejects what leaves cash below zero; the ledger knows what may be owed
        pad = 4 * (abs(ledger.cash) + units * price + commission.p.fixed_fee)
        self.cash = ledger.cash + pad
        self._execute(order, ago=0, price=price)
        self.cash -= pad
        held = self.getposition(data).size
        near = _AGREE * (abs(cash) + units * price) + SLACK * ledger.base
        agreed = abs(held - holding) <= _AGREE * (abs(held) + units) and abs(self.cash - cash) <= near
        if order.status not in (order.Completed, order.Partial) or not agreed:  # partial: but for a last bit, across zero
            raise EngineError(
                f"on bar {len(data)} backtrader is left with {held!r} {data._name} and cash {self.cash!r} ({order.getstatusname()}), "
                f"the ledger with {holding!r} and {cash!r}"
            )
        self.getposition(data).size = holding  # else last bits would add up until a whole exit is none
        self.cash = cash


class Commission(bt.CommInfoBase):  # type: ignore[misc]
    """A share of the traded value plus money for each fill; sizes are whole or not, as the account trades."""

    params: Any = (("share", 0.0), ("fixed_fee", 0.0), ("whole", False), ("stocklike", True), ("percabs", True))

    @classmethod
    def of(cls, inputs: EngineInputs, column: int) -> Commission:
        """Return the commission of one instrument."""
        return cls(share=float(inputs.commission[column]), fixed_fee=float(inputs.fixed_fee[column]), whole=inputs.whole_shares)

    def begin(self, free: bool) -> None:
        """Be asked about the next order: backtrader asks twice about one that crosses zero, and the fixed fee is due once."""
        self._fee: float = 0.0 if free else self.p.fixed_fee
        self._share: float = 0.0 if free else self.p.share

    def getsize(self, price: float, cash: float) -> float:
        """Return how much `cash` buys at `price`: backtrader's own would always cut it to whole units."""
        return cash // price if self.p.whole else cash / price

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
        fee, self._fee = self._fee, 0.0
        return abs(size) * price * self._share + fee
