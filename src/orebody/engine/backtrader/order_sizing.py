"""What to buy and sell at known prices, so that a stock broker, which rejects what leaves its cash below zero, takes every order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from orebody.engine.inputs import DUST, SLACK

__all__ = ["OrderIntent", "SizedOrders", "SizingRules", "size_orders"]


class OrderIntent(NamedTuple):
    """What is wanted of one instrument: a weight, a share to deploy, or, where `again`, what an earlier order left of either."""

    weight: float = math.nan
    share: float = math.nan
    money: float = 0.0
    again: bool = False


class SizingRules(NamedTuple):
    """At what terms orders are sized.

    Attributes
    ----------
    prices : list of float
        Of each instrument.
    cost : callable
        What trading signed units of an instrument costs, beyond their value at the price.
    room : float
        Share of the cash that may be spent.
    band : float
        Drift that weights bear.
    least : float
        Share of equity below which what is wanted again is let go.
    """

    prices: list[float]
    cost: Callable[[int, float], float]
    room: float
    band: float
    least: float


class SizedOrders(NamedTuple):
    """Orders (instrument, signed units), what is still wanted because of the room, and what was dropped for want of cash."""

    orders: list[tuple[int, float]]
    left: dict[int, OrderIntent]
    dropped: list[int]


def size_orders(cash: float, units: list[float], wishes: dict[int, OrderIntent], terms: SizingRules) -> SizedOrders:
    """Return the orders, sales first, and what no order could be made of."""
    sizing = _Sizing(cash, units.copy(), terms)
    rising = sizing.reduce(wishes)
    for i, wish in wishes.items():
        if wish.share < 0 < sizing.units[i]:
            sizing.trade(i, sizing.units[i] * max(wish.share, -1.0))
    sizing.raise_all(rising, wishes)
    sizing.deploy(wishes)
    return SizedOrders(sizing.orders, sizing.left, sizing.dropped)


class _Sizing:
    def __init__(self, cash: float, units: list[float], terms: SizingRules) -> None:
        self.cash, self.units, self.terms = cash, units, terms
        self.orders: list[tuple[int, float]] = []
        self.left: dict[int, OrderIntent] = {}
        self.dropped: list[int] = []
        self.base = self.equity()

    def equity(self) -> float:
        return self.cash + sum(held * price for held, price in zip(self.units, self.terms.prices, strict=True))

    def gross(self) -> float:
        return sum(abs(held) * price for held, price in zip(self.units, self.terms.prices, strict=True))

    def trade(self, i: int, units: float) -> None:
        self.cash -= units * self.terms.prices[i] + self.terms.cost(i, units)
        self.units[i] = 0.0 if units == -self.units[i] else self.units[i] + units
        self.orders.append((i, units))

    def reduce(self, wishes: dict[int, OrderIntent]) -> dict[int, float]:
        """Sell and cover down to weights; return the signed values by which others must rise."""
        rising = {}
        for i, wish in wishes.items():
            if math.isnan(wish.weight):
                continue
            held, price = self.units[i], self.terms.prices[i]
            value, target = held * price, wish.weight * self.base
            gap = target - value
            bears = (self.terms.least if wish.again else max(self.terms.band + SLACK, DUST)) * self.base
            if wish.weight == 0:
                if held:
                    self.trade(i, -held)
            elif abs(gap) <= bears or self.base <= 0:
                continue
            elif value * target < 0:
                self.trade(i, -held)
                rising[i] = target
            elif abs(target) >= abs(value):
                rising[i] = gap
            elif not wish.again:
                self.trade(i, gap / price)
        return rising

    def raise_all(self, rising: dict[int, float], wishes: dict[int, OrderIntent]) -> None:
        """Buy and short towards weights, all by one scale, within equity after costs and within the room in cash."""
        terms, equity, gross = self.terms, self.equity(), self.gross()
        bought, exposure = sum(max(gap, 0.0) for gap in rising.values()), sum(abs(gap) for gap in rising.values())

        def fits(scale: float, room: float) -> bool:
            costs = sum(terms.cost(i, scale * gap / terms.prices[i]) for i, gap in rising.items())
            return gross + scale * exposure <= equity - costs and scale * bought + costs <= self.cash * room

        whole, scale = (_largest(lambda scale, room=room: fits(scale, room)) for room in (1 - SLACK, terms.room))  # type: ignore[misc]
        for i, gap in rising.items():
            if scale * abs(gap) > DUST * self.base:
                self.trade(i, scale * gap / terms.prices[i])
            else:
                self.dropped.append(i)
            if scale < whole * (1 - DUST):
                self.left[i] = OrderIntent(weight=wishes[i].weight, again=True)

    def deploy(self, wishes: dict[int, OrderIntent]) -> None:
        """Spend shares of the cash then free, or what was left of them."""
        prices, room = self.terms.prices, self.terms.room
        shorts = sum(-held * price for held, price in zip(self.units, prices, strict=True) if held < 0)
        free = max(0.0, min(self.cash - shorts, self.equity() - self.gross()))
        wanted = {i: wish.share * free if wish.share > 0 else wish.money for i, wish in wishes.items() if wish.share > 0 or wish.money}
        total = sum(wanted.values())
        scale = min(1.0, free * room / total) if total > 0 else 0.0
        for i, money in wanted.items():
            least = (self.terms.least if wishes[i].again else DUST) * self.base
            now = scale * money
            if money <= least or now <= DUST * self.base:
                if not wishes[i].again:
                    self.dropped.append(i)
                continue
            whole = now / prices[i]
            share = _largest(lambda part, i=i, whole=whole, now=now: part * whole * prices[i] + self.terms.cost(i, part * whole) <= now)  # type: ignore[misc]
            self.trade(i, share * whole)
            if scale < 1 and room < 1 - DUST:
                self.left[i] = OrderIntent(money=min(money, free) - now, again=True)


def _largest(fits: Callable[[float], bool]) -> float:
    """Return the largest share up to 1 that fits, to the last bit, by halving."""
    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
