"""The broker a quant's own `bt.Strategy` meets: it takes market orders, and the account's ledger says what became of them."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from orebody.account import Account
from orebody.engine.backtrader.broker import ReconcilingBroker
from orebody.engine.backtrader.order_ledger import OrderLedger, PendingOrder
from orebody.engine.inputs import EngineInputs
from orebody.errors import UnsupportedError
from orebody.market.market import Market

__all__ = ["AccountBroker"]

_OURS = {
    "set_cash": "the cash is the account's",
    "setcash": "the cash is the account's",
    "add_cash": "contributions are the account's",
    "setcommission": "costs are the account's",
    "addcommissioninfo": "costs are the account's",
    "set_slippage_perc": "slippage is the account's",
    "set_slippage_fixed": "slippage is the account's",
    "set_coc": "orders fill at the next open",
    "set_coo": "orders fill at the next open",
    "set_filler": "orders fill in full as far as the account can pay",
    "set_fundmode": "returns without flows are result.returns",
    "set_shortcash": "short proceeds are collateral",
    "add_order_history": "orders come from next()",
    "set_fund_history": "values come from the account",
}


class AccountBroker(ReconcilingBroker):
    """A broker whose cash, value and positions are those of the ledger.

    An order is Submitted and Accepted at once, and filled at the open of its instrument's next bar. It ends Completed, after a Partial
    where the account could pay only a part; Margin where it could pay nothing; Rejected where the account refuses it. What the account does
    by itself (a margin call, the sale of what has ended, ruin) reaches the strategy as a Completed order with `info.reason`.
    """

    params: Any = (("market", None), ("account", None), ("inputs", None))

    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[Any] = []
        self.bar: int = -1
        self.ledger: Any = None
        self._early: list[int] = []
        self._open: dict[int, Any] = {}
        self._size = 0.0
        self._seen = 0.0

    @classmethod
    def over(cls, market: Market, account: Account, inputs: EngineInputs) -> AccountBroker:
        """Return the broker of an account over a market."""
        make: Any = cls  # backtrader makes constructors of params
        broker: AccountBroker = make(market=market, account=account, inputs=inputs, cash=account.cash or 1.0)
        return broker

    def init(self) -> None:
        """Start with the account's cash."""
        super().init()
        self.p.filler = lambda order, price, ago: self._size
        self.cash = self.startingcash = self._value = self.p.account.cash

    def start(self) -> None:
        """Refuse from here on what is the account's."""
        super().start()
        for name, reason in _OURS.items():
            setattr(self, name, _refusal(name, reason))

    def next(self) -> None:
        """Do all that happens on the next bar."""
        self.bar += 1
        self._seen = self._now()
        if self.bar < self.p.market.opening:
            return
        if self.ledger is None:
            self.ledger = OrderLedger(self.p.inputs, self._carry, shorting=self.p.account.shorting, ended=self._ended)
            for instrument in self._early:
                self.ledger.refuse_early(instrument)
        else:
            self.ledger.next_open()
        self.cash, self._value = self.ledger.cash, self.ledger.value()

    def submit(self, order: Any, check: bool = True) -> Any:
        """Take a market order."""
        self._check(order)
        order.submit(self)
        self.orders.append(order)
        self.notify(order)
        instrument = self.feeds.index(order.data)
        if self.ledger is None:
            self._early.append(instrument)
            order.reject(self)
            self.notify(order)
            return order
        order.accept(self)
        self.notify(order)
        self._open[order.ref] = order
        self.ledger.ask(PendingOrder(order.ref, instrument, order.created.size))
        return order

    def cancel(self, order: Any, bracket: bool = False) -> bool:
        """Forget a waiting order."""
        if self.ledger is None or not self.ledger.withdraw(order.ref):
            return False
        mine = self._open.pop(order.ref)
        mine.cancel()
        self.notify(mine)
        return True

    def get_value(self, datas: Any = None, mkt: bool = False, lever: bool = False) -> float:
        """Return equity, or what is held of `datas` (`mkt`: of all), at this bar's close."""
        if datas is None and not mkt:
            return float(self._value)
        if self.ledger is None:
            return 0.0
        return float(sum(self.ledger.worth(self.feeds.index(data)) for data in (datas or self.feeds)))

    getvalue = get_value

    def get_orders_open(self, safe: bool = False) -> list[Any]:
        """Return the orders that wait."""
        return [order.clone() if safe else order for order in self._open.values()]

    def _now(self) -> float:
        return float(max(feed.datetime[0] for feed in self.feeds if len(feed)))

    def _check(self, order: Any) -> None:
        what = f"{order.ordtypename().lower()} order for {order.data._name}"
        if order.exectype != bt.Order.Market:
            raise UnsupportedError(
                f"a {order.getordername()} {what}: the account fills market orders at the next open only; "
                "watch the price in next() and send a market order"
            )
        for name in ("valid", "oco", "parent", "trailamount", "trailpercent"):
            if getattr(order.p, name) is not None:
                raise UnsupportedError(
                    f"a {what} with {name}=…: the account carries plain market orders only; send and cancel them in next()"
                )
        if not order.p.transmit:
            raise UnsupportedError(f"a {what} with transmit=False: the account carries no brackets; send plain market orders")
        if order.data not in self.feeds:
            raise UnsupportedError(f"a {what}: only the market's own instruments are traded")
        if self._now() > self._seen:
            raise UnsupportedError(f"a {what} from a timer with cheat=True: it knows the close of the bar at whose open it would be filled")

    def _carry(self, instrument: int, units: float, price: float, cash: float, holding: float, *, free: bool) -> None:
        asked = self.ledger.serving
        if asked is None:  # the account's own doing
            side = bt.BuyOrder if units > 0 else bt.SellOrder
            order = side(data=self.feeds[instrument], size=abs(units), price=price, exectype=bt.Order.Market)
            self._ocoize(order, None)
            order.addinfo(reason="ruined" if free else self.ledger.cause)
            order.submit(self)
            order.accept(self)
        else:
            order = self._open[asked.key]
        self._size = abs(units)
        self.carry(order, self.ledger, price, cash, holding, free=free)

    def _ended(self, asked: PendingOrder, reason: str) -> None:
        order = self._open.pop(asked.key)
        order.addinfo(reason=reason)
        if asked.filled:
            if order.status != order.Completed:
                order.completed()
                self.notify(order)
        elif reason.startswith("dropped"):
            order.margin()
            self.notify(order)
        else:
            order.reject(self)
            self.notify(order)


def _refusal(name: str, reason: str) -> Any:
    def refuse(*_: Any, **__: Any) -> None:
        raise UnsupportedError(f"broker.{name}() in a strategy that runs in an orebody account: {reason}")

    return refuse
