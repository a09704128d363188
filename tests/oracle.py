"""A second opinion: the rules of `docs/conventions.md` as one plain loop over lists, written from their text and not from the engine.

Slow, without numpy, without backtrader. Never copy a line between this file and `orebody.engine`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import isnan, nan

NOTHING = 1e-9  # an order below this share of equity does not exist
LAST_BIT = 1e-12


@dataclass
class Fill:
    bar: int
    instrument: int
    units: float
    price: float
    cost: float
    reason: str


@dataclass
class Outcome:
    equity: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    interest: list[float] = field(default_factory=list)
    flows: list[float] = field(default_factory=list)
    commission: list[float] = field(default_factory=list)
    slippage: list[float] = field(default_factory=list)
    units: list[list[float]] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)


def period(day: date, every: str) -> tuple[int, int]:
    """The week (from Monday), month, quarter or year in which a day lies."""
    if every == "week":
        year, week, _ = day.isocalendar()
        return year, week
    return day.year, {"month": day.month, "quarter": (day.month + 2) // 3, "year": 1}[every]


def run(
    dates: list[date],
    opens: list[list[float]],
    closes: list[list[float]],
    *,
    weights: list[list[float]],
    deploy: list[list[float]],
    invest: list[list[float]],
    band: float,
    cash: float,
    contribution: float,
    every: str,
    commission: float,
    fixed: float,
    slippage: float,
    rates: list[float],
) -> Outcome:
    count = len(opens[0])
    told = Outcome()
    money, held = cash, [0.0] * count
    split = [0.0] * count

    def worth(bar: int) -> float:
        return money + sum(held[k] * opens[bar][k] for k in range(count))

    def unit_price(bar: int, k: int, sign: int) -> float:
        """What one more unit costs, or one less brings, before commission."""
        return opens[bar][k] * (1 + sign * slippage)

    def trade(bar: int, k: int, quantity: float, reason: str) -> bool:
        nonlocal money
        at = unit_price(bar, k, 1 if quantity > 0 else -1)
        value = quantity * at
        fee = commission * abs(value) + fixed
        if quantity < 0 and money - value - fee < 0:
            told.fills.append(Fill(bar, k, 0.0, nan, 0.0, "dropped: no cash"))
            return False
        money = money - value - fee
        if -LAST_BIT * abs(value) <= money <= LAST_BIT * abs(value):
            money = 0.0
        held[k] += quantity
        told.fills.append(Fill(bar, k, quantity, at, fee, reason))
        told.commission[bar] += fee
        told.slippage[bar] += slippage * opens[bar][k] * abs(quantity)
        return True

    def buy_for(bar: int, k: int, amount: float, reason: str) -> None:
        """Spend an amount of money, costs and all."""
        if not amount > 0 or amount / NOTHING < worth(bar):
            return
        if amount - fixed > 0:
            each = unit_price(bar, k, 1)
            trade(bar, k, (amount - fixed) / (each + each * commission), reason)
        else:
            told.fills.append(Fill(bar, k, 0.0, nan, 0.0, "dropped: no cash"))

    for bar, day in enumerate(dates):
        earned = arrived = 0.0
        told.commission.append(0.0)
        told.slippage.append(0.0)
        if bar:
            # a. interest for the days since the last bar, b. the contribution
            earned = money * rates[bar - 1] * (day - dates[bar - 1]).days / 365
            if period(day, every) != period(dates[bar - 1], every):
                arrived = contribution
            money += earned + arrived
            said = bar - 1
            for k in range(count):
                if not isnan(invest[said][k]):
                    split[k] = invest[said][k]
            # the gap between each stated weight and the share of equity at this open
            total = worth(bar)
            gaps: dict[int, float] = {}
            for k, target in enumerate(weights[said]):
                if isnan(target):
                    continue
                gap = target * total - held[k] * opens[bar][k]
                if target == 0:
                    if held[k] != 0:
                        gaps[k] = gap
                elif total > 0 and abs(gap) / total > band + LAST_BIT and abs(gap) / total >= NOTHING:
                    gaps[k] = gap
            begun, by_weight = len(told.fills), False
            # d. reductions
            for k, gap in gaps.items():
                if gap < 0:
                    quantity = -held[k] if weights[said][k] == 0 else gap / opens[bar][k]
                    by_weight |= trade(bar, k, quantity, "weight")
            # e. negative deploy shares
            small = NOTHING * worth(bar)
            for k, share in enumerate(deploy[said]):
                if share < 0 and held[k] > 0:
                    everything = share <= -1 + LAST_BIT
                    if everything or -share * held[k] * opens[bar][k] >= small:
                        trade(bar, k, -held[k] if everything else share * held[k], "deploy")
            # f. increases, with one scale
            rising = {k: gap for k, gap in gaps.items() if gap > 0}
            if rising:
                bill = sum(gap * (1 + slippage) * (1 + commission) for gap in rising.values())
                part = min(1.0, (money - fixed * len(rising)) / bill)
                if part >= 1 - 1e-9:
                    reason = "weight"
                else:
                    lost = sum(one.cost + slippage * opens[bar][one.instrument] * abs(one.units) for one in told.fills[begun:])
                    enough = money + lost >= sum(rising.values()) * (1 - 1e-9)
                    reason = "weight, scaled by costs" if enough else "weight, scaled to cash"
                small = NOTHING * worth(bar)
                for k, gap in rising.items():
                    if part * gap < small:
                        told.fills.append(Fill(bar, k, 0.0, nan, 0.0, "dropped: no cash"))
                    else:
                        by_weight |= trade(bar, k, part * gap / opens[bar][k], reason)
            # g. the contribution's split
            if arrived and not by_weight:
                there = arrived if arrived < money else money
                for k in range(count):
                    buy_for(bar, k, there * split[k], "invest" if there >= arrived * (1 - 1e-9) else "invest, scaled to cash")
            # h. deploy shares of the cash then free
            free = money
            for k, share in enumerate(deploy[said]):
                if share > 0:
                    buy_for(bar, k, share * free, "deploy")
        told.interest.append(earned)
        told.flows.append(arrived)
        told.cash.append(money)
        told.units.append(list(held))
        told.equity.append(money + sum(held[k] * closes[bar][k] for k in range(count)))

    last = len(dates) - 1
    for k in range(count):
        if not isnan(weights[last][k]) or (not isnan(deploy[last][k]) and deploy[last][k] != 0):
            told.fills.append(Fill(last, k, 0.0, nan, 0.0, "refused: last bar"))
    return told
