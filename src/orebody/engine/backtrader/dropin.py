"""An orebody strategy as a `bt.Strategy`, for any Cerebro of a quant's own."""

from __future__ import annotations

import copyreg
import dataclasses
import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import backtrader as bt
import numpy as np

from orebody import causality
from orebody.decisions import Decisions, Plan
from orebody.engine.backtrader.feeds import Feeds
from orebody.engine.backtrader.sizing import Terms, Wish, sized
from orebody.engine.inputs import SLACK
from orebody.errors import DataError, DecisionError, ParameterError, UnknownNameError, UnsupportedError, unknown_name
from orebody.market.market import Market

if TYPE_CHECKING:
    from orebody.strategy import Strategy

__all__ = ["DropIn", "Rejected", "to_backtrader"]

_SIDE = ("gauges", "fundamentals", "ratings", "cash_rate")
_TRIES = 3  # how often what an order left is ordered again
_LEAST = 1e-3  # of equity: what is left below it is let go


class Rejected(NamedTuple):
    """An order that came to nothing."""

    date: Any
    ticker: str
    units: float
    status: str


class _Reachable(type(bt.Strategy)):  # type: ignore[misc]
    """The type of drop-in classes, by which pickle knows how to make them again in another process."""


class DropIn(bt.Strategy, metaclass=_Reachable):  # type: ignore[misc]
    """Trades towards what an orebody strategy decides on the feeds' bars; made by `to_backtrader`.

    In a Cerebro with ``cheat_on_open=True`` orders are sized at the open that fills them, exactly. Otherwise they are sized from the close
    before: sales in full, purchases from all but `cushion` of the cash, because a stock broker rejects what an overnight gap makes too dear;
    what they leave is ordered again on the next bars, at most three times.

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

    params = (("universe", None), *((name, None) for name in _SIDE), ("cushion", 0.05))
    _made_from: Any = None

    def __init__(self, **unknown: Any) -> None:
        if unknown:
            raise unknown_name(f"parameter of {type(self).__name__}", next(iter(unknown)), self.params._getkeys())
        made_from = self._made_from
        if made_from is None:
            raise ParameterError("DropIn alone decides nothing: make a class with orebody.to_backtrader(RatioRotation)")
        strategy = made_from if isinstance(made_from, type) else type(made_from)
        self.decides: Strategy = strategy(**{name: getattr(self.p, name) for name in _parameters(made_from)})
        if isinstance(self.p.cushion, bool) or not isinstance(self.p.cushion, int | float) or not 0 <= self.p.cushion < 1:
            raise ParameterError(f"{self.decides.name()}: cushion is {self.p.cushion!r}: it must be a number from 0 to below 1")
        self.rejected: list[Rejected] = []

    def start(self) -> None:
        """Read the feeds if they are there already, and refuse what a stock Cerebro cannot carry."""
        broker = self.broker
        self._at_open = bool(self.cerebro.p.cheat_on_open and getattr(broker.p, "coo", False))
        self._feeds = Feeds(self.datas, self.p.universe, {name: getattr(self.p, name) for name in _SIDE})
        self._check_broker()
        self._heard = self._traded = 0.0
        self._waiting: dict[int, Wish] = {}
        self._tries: dict[int, int] = {}
        self._sent: dict[int, tuple[int, Wish]] = {}
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
        prices = [
            (data.open[0] if i in here else data.close[0]) if len(data) else 0.0 for i, data in enumerate(self._feeds.datas)
        ]
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
            if len(market) < market.listed + self.decides.bars_needed:
                return
            plan = self._decided(market)
            self._check_allowed(plan, market)
            if self._first:
                self._check_nothing_missed(plan, market, row)
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
            self._waiting[i] = Wish(weight, 0.0 if math.isnan(share) else share)

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
        ready = market.listed + self.decides.bars_needed
        if ready > len(market):
            raise DataError(
                f"{self.decides.name()} needs {self.decides.bars_needed} bars before it can decide, the feeds have "
                f"{max(0, len(market) - market.listed)}: load a longer history or shorten its windows"
            )
        plan = self._decided(market)
        self._check_allowed(plan, market)
        causality.check(self.decides, market, plan, causality.chosen_cuts(plan, market, ready))
        return plan

    # what is traded

    def _trade(self, due: list[int], prices: list[float]) -> None:
        wishes = {i: self._waiting.pop(i) for i in due if self._is_free(i)}
        if not wishes:
            return
        feeds, broker = self._feeds.datas, self.broker
        reserved = sum(max(order.created.size, 0.0) * prices[i] for i, order in self._alive.items())
        units = [float(broker.getposition(data).size) for data in feeds]
        terms = Terms(prices, self._cost_at(prices), 1 - SLACK if self._at_open else 1 - self.p.cushion, self._band, _LEAST)
        orders, left, dropped = sized(float(broker.getcash()) - reserved, units, wishes, terms)
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

    def _again(self, i: int, wish: Wish) -> None:
        """Want again what an order left, unless something newer is wanted."""
        self._tries[i] = self._tries.get(i, 0) + 1
        if i not in self._waiting and self._tries[i] <= _TRIES:
            self._waiting[i] = wish

    def _wish_of(self, wish: Wish, units: float, price: float) -> Wish:
        """Return what an order that is rejected leaves to be wanted."""
        if wish.share > 0 or wish.money:
            return Wish(money=units * price, again=True)
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

    # what is refused

    def _check_broker(self) -> None:
        name, broker = self.decides.name(), self.broker
        if getattr(broker.p, "coc", False):
            raise UnsupportedError(f"{name} decides on a close and must not be filled at it: turn broker.set_coc off")
        if getattr(broker.p, "coo", False) and not self.cerebro.p.cheat_on_open:
            raise UnsupportedError(f"{name} cannot order at an open it is not told of: with broker.set_coo make the Cerebro with cheat_on_open=True")
        for data in self._feeds.datas:
            if not broker.getcommissioninfo(data).stocklike:
                raise UnsupportedError(f"{data._name} trades on margin like a future: {name} sizes by value; give it a stocklike commission")

    def _check_allowed(self, plan: Plan, market: Market) -> None:
        name = self.decides.name()
        gross = np.nansum(np.abs(plan.weights), axis=1)
        if (gross > 1 + 1e-9).any():
            row = int(np.argmax(gross > 1 + 1e-9))
            raise UnsupportedError(
                f"{name} wants weights of {gross[row]:g} in all on {market.dates[plan.rows[row]].date()}, and a stock broker lends no money: "
                "use orebody.backtest with Account(leverage=…)"
            )
        if (plan.weights < 0).any() and not getattr(self.broker.p, "shortcash", True):
            row, column = np.argwhere(plan.weights < 0)[0]
            raise UnsupportedError(
                f"{name} goes short {market.tickers[column]} on {market.dates[plan.rows[row]].date()}, and this broker keeps the proceeds: "
                "call broker.set_shortcash(True)"
            )

    def _check_nothing_missed(self, plan: Plan, market: Market, row: int) -> None:
        early = plan.before(row)
        spends = np.flatnonzero((early.deploy > 0).any(axis=1))
        if len(spends):
            raise UnsupportedError(
                f"{self.decides.name()} decided a purchase on {market.dates[early.rows[spends[0]]].date()}, before all feeds had begun: "
                "that is only known in a Cerebro with preload=True"
            )


@cache
def _of_class(strategy: type) -> type:
    return _made(strategy)


def to_backtrader(strategy: type[Strategy] | Strategy) -> type:
    """Return a `bt.Strategy` class that trades what an orebody strategy decides, with the same parameters, for any Cerebro.

    ``cerebro.addstrategy(orebody.to_backtrader(RatioRotation), window=120)``; `optstrategy` works too. The Cerebro's feeds are the metal and
    its miners, in this order, each added with its ticker as `name`. See `DropIn` for how it orders and for the parameters it adds. What a
    strategy says of contributions (`invest`) is left out, since a stock Cerebro has none; interest, borrow and margin are the broker's.

    Parameters
    ----------
    strategy
        A class, or an instance, whose parameters become the defaults.

    Raises
    ------
    ParameterError
        For what is no orebody strategy, or one with a parameter of a name that `DropIn` needs.
    """
    made_from = strategy if isinstance(strategy, type) else type(strategy)
    if not dataclasses.is_dataclass(made_from) or not callable(getattr(made_from, "decide", None)) or not hasattr(made_from, "bars_needed"):
        raise ParameterError(f"{strategy!r} is not an orebody strategy: give a class derived from orebody.Strategy, or an instance of one")
    return _of_class(strategy) if isinstance(strategy, type) else _made(strategy)


def _made(made_from: Any) -> type:
    strategy = made_from if isinstance(made_from, type) else type(made_from)
    params = _parameters(made_from)
    for name in params:
        if name in DropIn.params._getkeys():
            raise ParameterError(f"{strategy.__name__} has a parameter {name!r}, a name that the drop-in needs for itself: rename it")
    body = {"params": tuple(params.items()), "_made_from": made_from, "__module__": __name__, "__doc__": strategy.__doc__}
    return _Reachable(strategy.__name__, (DropIn,), body)


def _parameters(made_from: Any) -> dict[str, Any]:
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


def _reduced(made: Any) -> Any:
    made_from = vars(made).get("_made_from")
    return made.__qualname__ if made_from is None else (to_backtrader, (made_from,))


copyreg.pickle(_Reachable, _reduced)
