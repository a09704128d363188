"""A ledger that carries out orders of given quantities, as a quant's own `bt.Strategy` sends them, under the same accounting."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from orebody.engine.inputs import DUST, UNSCALED, EngineInputs
from orebody.engine.ledger import Execute, Ledger
from orebody.strategy.decisions import Plan

__all__ = ["OrderLedger", "PendingOrder"]

_SAME = 1e-12


@dataclass
class PendingOrder:
    """One order: signed `units` of an instrument at the open of its next bar."""

    key: int
    instrument: int
    units: float
    filled: float = 0.0
    over: bool = False

    @property
    def left(self) -> float:
        """What is still to be done of it, signed."""
        return self.units - self.filled


class OrderLedger(Ledger):
    """The books of an account that is told quantities instead of weights.

    At an open, after interest, contributions and margin calls: first all that reduces a holding, then the rest, each in the order in
    which it was sent. What raises a holding is cut to what leverage leaves room for after costs; with a leverage of 1, to the cash.
    An order waits for its instrument's next bar. Each that ends has a fill, with units 0 and a reason where nothing was traded.

    Parameters
    ----------
    inputs, execute
        See `Ledger`.
    shorting
        Whether holdings may become negative.
    ended
        Told of each order that ends, with its last reason.
    """

    def __init__(self, inputs: EngineInputs, execute: Execute, *, shorting: bool, ended: Callable[[PendingOrder, str], None]) -> None:
        nothing = np.empty((0, len(inputs.first)))
        super().__init__(inputs, Plan(np.empty(0, dtype=np.int64), nothing, nothing, nothing, 0.0), 0, execute)
        self._shorting = shorting
        self._ended = ended
        self._asked: list[PendingOrder] = []
        self.serving: PendingOrder | None = None
        self.cause: str = ""  # the reason of the fill that is being carried out

    def ask(self, order: PendingOrder) -> None:
        """Take an order sent on this bar: it waits for its instrument's next bar, or is refused at once."""
        bar, i = self._bar, order.instrument
        if self._inputs.whole_shares:
            order.units = math.copysign(math.floor(abs(order.units) + 1e-9), order.units)
        if not order.units:
            self._end(order, "dropped: less than a share")
        elif self._ruined >= 0:
            self._end(order, "refused: ruined")
        elif bar < self._first[i]:
            self._end(order, "refused: not listed")
        elif 0 <= self._ends[i] <= bar:
            self._end(order, "refused: ended")
        elif bar == len(self._opens) - 1:
            self._end(order, "refused: last bar")
        else:
            self._asked.append(order)

    def withdraw(self, key: int) -> bool:
        """Forget a waiting order; return whether it waited."""
        before = len(self._asked)
        self._asked = [order for order in self._asked if order.key != key]
        return len(self._asked) < before

    def refuse_early(self, instrument: int) -> None:
        """Note an order sent before the account opened."""
        self._refuse(instrument, "refused: the account is not open")

    def value(self) -> float:
        """Return equity at this bar's close."""
        return self._equity(self._closes[self._bar])

    def worth(self, instrument: int) -> float:
        """Return what the holding of one instrument is worth at this bar's close."""
        return self.units[instrument] * self._closes[self._bar][instrument]

    def next_open(self) -> None:
        """Do all that happens on the next bar."""
        super().next_open()
        waiting, self._asked = self._asked, []
        for order in waiting:  # what waits on for a paused instrument, unless there is nothing more to wait for
            self.ask(order)

    def _fill(self, i: int, units: float, reason: str) -> None:
        self.cause = reason
        super()._fill(i, units, reason)

    def _trade_more(self, opens: list[float]) -> None:
        due = [order for order in self._asked if self._tradable[self._bar][order.instrument]]
        if not due:
            return
        self._asked = [order for order in self._asked if not any(order is one for one in due)]
        self.base = self._equity(opens)
        for order in due:
            self._reduce_by(order, opens)
        for order in due:
            self._reduce_by(order, opens)  # what an order before it has opened
            if not order.over:
                self._raise_by(order, opens)
        self.serving = None

    def _reduce_by(self, order: PendingOrder, opens: list[float]) -> None:
        held, left = self.units[order.instrument], order.left
        if not order.over and held * left < 0:
            whole = abs(left) >= abs(held) * (1 - _SAME)
            self._do(order, lambda: self._lower(order.instrument, -held if whole else left, whole, opens, "order"))

    def _raise_by(self, order: PendingOrder, opens: list[float]) -> None:
        i, left, price = order.instrument, order.left, opens[order.instrument]
        leverage, dust = self._inputs.leverage, DUST * self.base
        value = abs(left) * price
        room = leverage * (self._equity(opens) - self._fixed[i]) - self._gross(opens)
        scale = min(1.0, max(0.0, room) / (value * (1 + leverage * self._rate(i, left))))
        if left < 0 and not self._shorting:
            self._end(order, "refused: no shorting")
        elif value < dust:
            self._end(order, "dropped: too small")
        elif scale * value < dust:
            self._end(order, "dropped: no cash")
        else:
            reason = "order" if scale >= UNSCALED else "order, scaled to cash"
            self._do(order, lambda: self._raise(i, scale * left, reason))
            if not order.over:
                self._over(order, reason)

    def _do(self, order: PendingOrder, trade: Callable[[], object]) -> None:
        """Carry out a part of an order; a part that is refused, or nothing left, ends it."""
        self.serving = order
        trade()
        fill = self._fills[-1]
        order.filled += fill.units
        if not fill.units or abs(order.left) <= _SAME * abs(order.units):
            self._over(order, fill.reason)

    def _end(self, order: PendingOrder, reason: str) -> None:
        self._refuse(order.instrument, reason)
        self._over(order, reason)

    def _over(self, order: PendingOrder, reason: str) -> None:
        order.over = True
        self._ended(order, reason)
