"""The `bt.Strategy` that follows an orebody strategy's decisions in a Cerebro of a quant's own."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import backtrader as bt

from orebody.engine.backtrader import unsupported
from orebody.engine.backtrader.feeds import Feeds
from orebody.engine.backtrader.order_sizing import OrderIntent, SizingRules, size_orders
from orebody.engine.inputs import SLACK
from orebody.errors import DataError, DecisionError, ParameterError, UnknownNameError, UnsupportedError, unknown_name
from orebody.market.market import Market
from orebody.strategy.decisions import Decisions, Plan
from orebody.strategy.lookahead import check, chosen_cuts
from orebody.strategy.opening import decides_from, too_short
from orebody.strategy.rhythm import check_rhythms

if TYPE_CHECKING:
    from orebody.strategy.base import Strategy

__all__ = ["OrebodyStrategy", "PicklableMeta", "Rejected", "parameters"]

_SIDE = ("gauges", "fundamentals", "ratings", "cash_rate")
_TRIES = 3  # how often what an order left is ordered again
_LEAST = 1e-3  # of equity: what is left below it is let go


class Rejected(NamedTuple):
    """An order that came to nothing."""

    date: Any
    ticker: str
    units: float
    status: str


class PicklableMeta(type(bt.Strategy)):  # type: ignore[misc]
    """The type of drop-in classes, by which pickle knows how to make them again in another process."""


class OrebodyStrategy(bt.Strategy, metaclass=PicklableMeta):  # type: ignore[misc]
    """Trades towards what an orebody strategy decides on the feeds' bars; made by `to_backtrader`.

    In a Cerebro with ``cheat_on_open=True`` orders are sized at the open that fills them, exactly. Otherwise they are sized from the
    close before: sales in full, purchases from all but `cushion` of the cash, because a stock broker rejects what an overnight gap makes
    too dear; what they leave is ordered again on the next bars, at most three times.

    Parameters
    ----------
    universe
        See `Feeds`: by default the first feed is the metal, the others its miners, by their names.
    gauges, fundamentals, ratings, cash_rate
        What feeds do not bring, as in `Market.from_frames`, for strategies that read them.
    cushion
        Share of the cash that a purchase sized from the close leaves.

    Attributes
    ----------
    rejected : list of Rejected
        Every order of it that the broker did not carry out, and every decision that no order could follow.
    """

    params: Any = (("universe", None), *((name, None) for name in _SIDE), ("cushion", 0.05))
    _made_from: Any = None

    def __init__(self, **unknown: Any) -> None:
        if unknown:
            raise unknown_name(f"parameter of {type(self).__name__}", next(iter(unknown)), type(self).params._getkeys())
        made_from = self._made_from
        if made_from is None:
            raise ParameterError("OrebodyStrategy alone decides nothing: make a class with orebody.to_backtrader(RatioRotation)")
        strategy = made_from if isinstance(made_from, type) else type(made_from)
        self.decides: Strategy = strategy(**{name: getattr(self.p, name) for name in parameters(made_from)})
        if isinstance(self.p.cushion, bool) or not isinstance(self.p.cushion, int | float) or not 0 <= self.p.cushion < 1:
            raise ParameterError(f"{self.decides.name()}: cushion is {self.p.cushion!r}: it must be a number from 0 to below 1")
        self.rejected: list[Rejected] = []

    def start(self) -> None:
        """Read the feeds if they are there already, and refuse what a stock Cerebro cannot carry."""
        broker = self.broker
        self._at_open = bool(self.cerebro.p.cheat_on_open and getattr(broker.p, "coo", False))
        self._feeds = Feeds(self.datas, self.p.universe, {name: getattr(self.p, name) for name in _SIDE})
        unsupported.check_broker(self.decides.name(), self.cerebro, self._feeds.datas)
        self._heard = self._traded = 0.0
        self._waiting: dict[int, OrderIntent] = {}
        self._tries: dict[int, int] = {}
        self._sent: dict[int, tuple[int, OrderIntent]] = {}
        self._alive: dict[int, Any] = {}
        self._band = 0.0
        self._plan: Plan | None = None
        self._rows: dict[float, int] = {}
        self._first = True
        if self._feeds.preloaded:
            market, self._rows = self._feeds.whole()
            self._plan = self._planned(market)

    def next(self) -> None:
        """Hear what is decided on this close and, without cheating on the open, order it."""
        now = self._feeds.now()
        if now == self._heard:
            return  # a feed of somebody else's has moved
        self._heard = now
        self._hear(now)
        if not self._at_open:
            self._trade(list(self._waiting), [data.close[0] if len(data) else 0.0 for data in self._feeds.datas])

    def next_open(self) -> None:
        """Order at this open what was decided on the close before."""
        now = self._feeds.now()
        if not self._at_open or now == self._traded:
            return
        self._traded = now
        here = set(self._feeds.delivered(now))
        prices = [(data.open[0] if i in here else data.close[0]) if len(data) else 0.0 for i, data in enumerate(self._feeds.datas)]
        self._trade([i for i in self._waiting if i in here], prices)

    prenext = nextstart = next
    prenext_open = nextstart_open = next_open

    def notify_order(self, order: Any) -> None:
        """Note what became of an order; one that was rejected is wanted again."""
        if order.ref not in self._sent or order.status in (order.Submitted, order.Accepted, order.Partial):
            return
        i, wish = self._sent.pop(order.ref)
        if i in self._alive and self._alive[i].ref == order.ref:
            del self._alive[i]
        if order.status != order.Completed:
            self._note(i, order.created.size, order.getstatusname())
            if order.status != order.Canceled:
                self._again(i, wish)

    # what is decided

    def _hear(self, now: float) -> None:
        if self._plan is not None:
            plan, row = self._plan, self._rows[now]
        else:
            self._feeds.note(now)
            market = self._feeds.sofar()
            row = len(market) - 1
            if decides_from(self.decides, market) > row:
                return
            plan = self._decided(market)
            unsupported.check_allowed(self.decides.name(), plan, market, self.broker)
            if self._first:
                unsupported.check_nothing_missed(self.decides.name(), plan, market, row)
                plan = plan.opening_at(row)
            self._first = False
        self._band = plan.band
        at = int(plan.rows.searchsorted(row))
        if at == len(plan.rows) or plan.rows[at] != row:
            return
        for i, (weight, share) in enumerate(zip(plan.weights[at].tolist(), plan.deploy[at].tolist(), strict=True)):
            if math.isnan(weight) and math.isnan(share):
                continue
            self._waiting.pop(i, None)
            self._tries.pop(i, None)
            if not len(self._feeds.datas[i]):
                if weight != 0:
                    self._note(i, 0.0, "not listed yet")
                continue
            self._waiting[i] = OrderIntent(weight, 0.0 if math.isnan(share) else share)

    def _decided(self, market: Market) -> Plan:
        """Return what the strategy decides; what it misses in the feeds is named."""
        name = self.decides.name()
        try:
            decisions = self.decides.decide(market)
        except (UnknownNameError, DataError) as error:
            raise UnsupportedError(
                f"{name} reads more than a Cerebro's feeds bring ({error}): pass it with gauges=…, fundamentals=… or ratings=… "
                "when adding the strategy, as to Market.from_frames"
            ) from error
        if not isinstance(decisions, Decisions):
            raise DecisionError(f"{name}.decide returned a {type(decisions).__name__}: it must return orebody.Decisions")
        return decisions.on(market)

    def _planned(self, market: Market) -> Plan:
        """Return what is decided on all bars, after trying that no decision depends on later ones."""
        if why := too_short(self.decides, market, has="the feeds have {bars}"):
            raise DataError(f"{why}: load a longer history or shorten its windows")
        check_rhythms(market, strategy=self.decides)
        plan = self._decided(market)
        unsupported.check_allowed(self.decides.name(), plan, market, self.broker)
        check(self.decides, market, plan, chosen_cuts(plan, market, decides_from(self.decides, market) + 1))
        return plan

    # what is traded

    def _trade(self, due: list[int], prices: list[float]) -> None:
        wishes = {i: self._waiting.pop(i) for i in due if self._is_free(i)}
        if not wishes:
            return
        feeds, broker = self._feeds.datas, self.broker
        reserved = sum(max(order.created.size, 0.0) * prices[i] for i, order in self._alive.items())
        units = [float(broker.getposition(data).size) for data in feeds]
        terms = SizingRules(prices, self._cost_at(prices), 1 - SLACK if self._at_open else 1 - self.p.cushion, self._band, _LEAST)
        orders, left, dropped = size_orders(float(broker.getcash()) - reserved, units, wishes, terms)
        for i, wanted in orders:
            order = (self.buy if wanted > 0 else self.sell)(data=feeds[i], size=abs(wanted))
            self._sent[order.ref] = i, self._wish_of(wishes[i], wanted, prices[i])
            self._alive[i] = order
        for i, wish in left.items():
            self._again(i, wish)
        for i in dropped:
            self._note(i, 0.0, "no cash")

    def _is_free(self, i: int) -> bool:
        """Whether no order for the instrument is under way; one of ours that waits for a paused instrument gives way to a newer wish."""
        order = self._alive.get(i)
        if order is None:
            return True
        if self._waiting[i].again or not self.broker.cancel(order):
            return False
        del self._alive[i]
        return True

    def _again(self, i: int, wish: OrderIntent) -> None:
        """Want again what an order left, unless something newer is wanted."""
        self._tries[i] = self._tries.get(i, 0) + 1
        if i not in self._waiting and self._tries[i] <= _TRIES:
            self._waiting[i] = wish

    def _wish_of(self, wish: OrderIntent, units: float, price: float) -> OrderIntent:
        """Return what an order that is rejected leaves to be wanted."""
        if wish.share > 0 or wish.money:
            return OrderIntent(money=units * price, again=True)
        return wish

    def _cost_at(self, prices: list[float]) -> Any:
        feeds, broker = self._feeds.datas, self.broker
        share, fixed = getattr(broker.p, "slip_perc", 0.0), getattr(broker.p, "slip_fixed", 0.0)

        def cost(i: int, units: float) -> float:
            slip = prices[i] * share if share else fixed
            filled = prices[i] + math.copysign(slip, units)
            return abs(units) * slip + float(broker.getcommissioninfo(feeds[i]).getcommission(abs(units), filled))

        return cost

    def _note(self, i: int, units: float, status: str) -> None:
        data = self._feeds.datas[i]
        when = bt.num2date(self._heard).date() if self._heard else None
        self.rejected.append(Rejected(when, data._name, units, status))


def parameters(made_from: Any) -> dict[str, Any]:
    """Return a strategy's parameters with their defaults, or, of an instance, with their values."""
    found = {}
    for field in dataclasses.fields(made_from):
        if not isinstance(made_from, type):
            found[field.name] = getattr(made_from, field.name)
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = field.default_factory()
        else:
            found[field.name] = None if field.default is dataclasses.MISSING else field.default
    return found
