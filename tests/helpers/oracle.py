"""A plain, slow ledger, written from the rules of docs/conventions.md alone by somebody who had not read the engines.

The second opinion that both engines are held to. Never copy a line between this file and `orebody.engine`. It is one long file so that it
can be read from top to bottom beside the rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

NAN = float("nan")
DUST = 1e-9  # orders below this share of equity do not exist; also the threshold of "scaled" and the slack of whole shares
SLACK = 1e-12  # slack of the band, of a full negative deploy and of the cash rule


@dataclass
class Fill:
    """One line of the fills: units signed (buys positive), price slipped and NaN when units is 0, cost = commission + fixed."""

    bar: int
    instrument: int
    units: float
    price: float
    cost: float
    reason: str


@dataclass
class Outcome:
    """Everything the account did, per bar."""

    equity: list[float]
    cash: list[float]
    interest: list[float]
    borrow: list[list[float]]
    flows: list[float]
    commission: list[float]
    slippage: list[float]
    units: list[list[float]]
    fills: list[Fill]
    ruined: int | None


@dataclass
class Order:
    """The one order an instrument may have waiting: kind is "weight" or "deploy"."""

    kind: str
    value: float


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _period(moment: date, every: str) -> tuple[int, int]:
    day = _day(moment)
    if every == "week":
        iso = day.isocalendar()
        return iso[0], iso[1]
    if every == "month":
        return day.year, day.month
    if every == "quarter":
        return day.year, (day.month - 1) // 3
    if every == "year":
        return day.year, 0
    raise ValueError(f"unknown period: {every}")


class Ledger:
    """The account, one method per step of the rules."""

    def __init__(
        self,
        dates: list[datetime] | list[date],
        opens: list[list[float]],
        closes: list[list[float]],
        *,
        ends: list[int],
        weights: list[list[float]],
        deploy: list[list[float]],
        contribution_split: list[list[float]],
        band: float,
        cash: float,
        contribution: float,
        every: str,
        commission: list[float],
        fixed_fee: list[float],
        slippage: list[float],
        borrow_rate: list[float],
        financing_spread: float,
        rates: list[float],
        whole_shares: bool,
        leverage: float,
        maintenance_margin: float,
    ) -> None:
        self.dates, self.opens, self.closes, self.ends = dates, opens, closes, ends
        self.weights, self.deploy, self.contribution_split, self.band = weights, deploy, contribution_split, band
        self.contribution, self.every = contribution, every
        self.comm, self.fixed_fee, self.slip, self.borrow_rate = commission, fixed_fee, slippage, borrow_rate
        self.financing_spread, self.rates = financing_spread, rates
        self.whole, self.leverage, self.maintenance_margin = whole_shares, leverage, maintenance_margin

        self.columns = range(len(ends))
        self.last = len(dates) - 1
        self.cash = cash
        self.units = [0.0 for _ in self.columns]
        self.marks = [NAN for _ in self.columns]  # the last close; during an open, the open where there is a bar
        self.listed = [False for _ in self.columns]
        self.split = [0.0 for _ in self.columns]
        self.waiting: list[Order | None] = [None for _ in self.columns]
        self.t = 0
        self.base = 0.0  # E: the equity right after step 4
        self.first_fill = 0  # index of this bar's first fill
        self.paid = 0.0  # commission, fixed fees and slippage money of steps 5 and 6 of this open
        self.out = Outcome([], [], [], [], [], [], [], [], [], None)

    # ---- values -----------------------------------------------------------------------------------------------------------------

    def _equity(self) -> float:
        return self.cash + sum(self.units[i] * self.marks[i] for i in self.columns if self.units[i] != 0)

    def _gross(self) -> float:
        return sum(abs(self.units[i]) * self.marks[i] for i in self.columns if self.units[i] != 0)

    def _idle(self) -> float:
        return self.cash - sum(-self.units[i] * self.marks[i] for i in self.columns if self.units[i] < 0)

    def _free(self) -> float:
        return min(self._idle(), self.leverage * self._equity() - self._gross())

    def _tradable(self, i: int) -> bool:
        return not math.isnan(self.opens[self.t][i])

    def _buy_rate(self, i: int) -> float:
        """Proportional cost of buying, as a share of the value before slippage."""
        return (1 + self.slip[i]) * (1 + self.comm[i]) - 1

    def _sell_rate(self, i: int) -> float:
        """Proportional cost of selling, as a share of the value before slippage."""
        return 1 - (1 - self.slip[i]) * (1 - self.comm[i])

    def _rounded(self, quantity: float) -> float:
        return float(math.floor(quantity + DUST)) if self.whole else quantity

    # ---- trades and lines -------------------------------------------------------------------------------------------------------

    def _slipped(self, i: int, quantity: float) -> float:
        return self.marks[i] * (1 + self.slip[i] if quantity > 0 else 1 - self.slip[i])

    def _cost(self, i: int, quantity: float) -> float:
        return self.comm[i] * abs(quantity) * self._slipped(i, quantity) + self.fixed_fee[i]

    def _cash_after(self, i: int, quantity: float) -> float:
        price = self._slipped(i, quantity)
        cash = self.cash - quantity * price - self._cost(i, quantity)
        return 0.0 if abs(cash) <= SLACK * max(abs(quantity) * price, self.base) else cash

    def _trade(self, i: int, quantity: float, reason: str) -> None:
        """Trade a signed quantity at the mark of the moment, slipped."""
        price, cost = self._slipped(i, quantity), self._cost(i, quantity)
        slipped = abs(quantity) * abs(price - self.marks[i])
        self.cash = self._cash_after(i, quantity)
        self.units[i] += quantity
        self.paid += cost + slipped
        self.out.commission[-1] += cost
        self.out.slippage[-1] += slipped
        self.out.fills.append(Fill(self.t, i, quantity, price, cost, reason))

    def _line(self, i: int, reason: str) -> None:
        self.out.fills.append(Fill(self.t, i, 0.0, NAN, 0.0, reason))

    # ---- steps 1 to 4 -----------------------------------------------------------------------------------------------------------

    def _accrue(self) -> None:
        """Step 1, at the rates and values of the previous close (the marks are still that close)."""
        days = (_day(self.dates[self.t]) - _day(self.dates[self.t - 1])).days
        years = days / 365
        idle, rate = self._idle(), self.rates[self.t - 1]
        interest = idle * (rate if idle > 0 else rate + self.financing_spread) * years
        for i in self.columns:
            if self.units[i] < 0:
                self.out.borrow[-1][i] = -self.units[i] * self.marks[i] * self.borrow_rate[i] * years
        self.out.interest[-1] = interest
        self.cash += interest - sum(self.out.borrow[-1])

    def _contribute(self) -> None:
        """Step 2."""
        if _period(self.dates[self.t], self.every) != _period(self.dates[self.t - 1], self.every):
            self.out.flows[-1] = self.contribution
            self.cash += self.contribution

    def _close_ended(self) -> None:
        """Step 3: the mark of an ended instrument is its last close."""
        for i in self.columns:
            if 0 <= self.ends[i] < self.t and self.units[i] != 0:
                self._trade(i, -self.units[i], "ended")

    def _ruin_test(self) -> bool:
        """Close everything at the marks of the moment if equity is gone."""
        equity = self._equity()
        if equity > 0 or not (any(u != 0 for u in self.units) or self.cash < 0):
            return False
        for i in self.columns:
            if self.units[i] != 0:
                self.out.fills.append(Fill(self.t, i, -self.units[i], self.marks[i], 0.0, "ruined"))
                self.units[i] = 0.0
        self.cash = equity
        self.out.ruined = self.t
        for i in self.columns:
            if self.waiting[i] is not None:
                self._line(i, "refused: ruined")
                self.waiting[i] = None
        return True

    def _margin_call(self) -> None:
        """Step 4, between the two tests of ruin."""
        equity, gross = self._equity(), self._gross()
        if not 0 < equity < (self.maintenance_margin - SLACK) * gross:
            return
        cuttable = [i for i in self.columns if self.units[i] != 0 and self._tradable(i)]
        values = {i: abs(self.units[i]) * self.marks[i] for i in cuttable}
        gross_cuttable = sum(values.values())
        gross_stuck = sum(abs(self.units[i]) * self.marks[i] for i in self.columns if self.units[i] != 0 and i not in values)
        whole_cost = sum(values[i] * (self._sell_rate(i) if self.units[i] > 0 else self._buy_rate(i)) for i in cuttable)
        fees = sum(self.fixed_fee[i] for i in cuttable)
        # gross_stuck + f * gross_cuttable = leverage * (equity - (1 - f) * whole_cost - fees)
        denominator = gross_cuttable - self.leverage * whole_cost
        keep = 0.0
        if denominator > 0:
            keep = min(1.0, max(0.0, (self.leverage * (equity - whole_cost - fees) - gross_stuck) / denominator))
        if keep >= 1:
            return
        for i in cuttable:
            held = abs(self.units[i])
            cut = held - self._rounded(keep * held)
            if keep > 0 and cut * self.marks[i] < DUST * equity:
                continue
            self._trade(i, -math.copysign(cut, self.units[i]), "margin call")

    # ---- steps 5 to 7: weights and negative deploy shares -----------------------------------------------------------------------

    def _reduce(self, i: int, quantity: float, reason: str) -> bool:
        """Sell (or cover) a positive quantity of what is held; a full exit is exact. False if it was dropped."""
        held = abs(self.units[i])
        quantity = held if quantity >= held else self._rounded(quantity)
        if quantity == 0:
            self._line(i, "dropped: less than a share")
            return False
        signed = -math.copysign(quantity, self.units[i])
        if self._cost(i, signed) > quantity * self._slipped(i, signed):
            left = self.units[i] + signed
            shorts = sum(-(left if j == i else u) * self.marks[j] for j, u in enumerate(self.units) if (left if j == i else u) < 0)
            if self._cash_after(i, signed) - shorts < 0:
                self._line(i, "dropped: no cash")
                return False
        self._trade(i, signed, reason)
        return True

    def _reduce_to_weights(self, orders: dict[int, Order]) -> dict[int, float]:
        """Step 5. Returns the increases left for step 7: column -> signed money."""
        increases: dict[int, float] = {}
        for i, order in orders.items():
            if order.kind != "weight":
                continue
            if order.value == 0:
                if self.units[i] != 0:
                    self._reduce(i, abs(self.units[i]), "weight")
                continue
            target, held = order.value * self.base, self.units[i] * self.marks[i]
            gap = target - held
            if abs(gap) <= (self.band + SLACK) * self.base or abs(gap) < DUST * self.base:
                continue
            if held != 0 and (held > 0) != (target > 0):  # a flip
                if self._reduce(i, abs(self.units[i]), "weight"):
                    increases[i] = target
            elif abs(target) > abs(held):
                increases[i] = gap
            else:
                self._reduce(i, abs(gap) / self.marks[i], "weight")
        return increases

    def _sell_shares(self, orders: dict[int, Order]) -> None:
        """Step 6."""
        for i, order in orders.items():
            if order.kind != "deploy" or order.value >= 0 or self.units[i] <= 0:
                continue
            if order.value <= -1 + SLACK:
                self._reduce(i, self.units[i], "deploy")
            elif -order.value * self.units[i] * self.marks[i] >= DUST * self.base:
                self._reduce(i, -order.value * self.units[i], "deploy")

    def _increase_to_weights(self, increases: dict[int, float]) -> None:
        """Step 7."""
        if not increases:
            return
        equity, gross = self._equity(), self._gross()
        total = sum(abs(gap) for gap in increases.values())
        costs = sum(abs(gap) * (self._buy_rate(i) if gap > 0 else self._sell_rate(i)) for i, gap in increases.items())
        fees = sum(self.fixed_fee[i] for i in increases)
        scale = min(1.0, (self.leverage * (equity - fees) - gross) / (total + self.leverage * costs))
        if scale >= 1 - DUST:
            reason = "weight"
        elif total * (1 - DUST) <= self.leverage * (equity + self.paid) - gross:
            reason = "weight, scaled by costs"
        else:
            reason = "weight, scaled to cash"
        for i, gap in increases.items():
            money = scale * abs(gap)
            if money < DUST * self.base:
                self._line(i, "dropped: no cash")
                continue
            quantity = self._rounded(money / self.marks[i])
            if quantity == 0:
                self._line(i, "dropped: less than a share")
                continue
            self._trade(i, math.copysign(quantity, gap), reason)

    # ---- steps 8 and 9 ----------------------------------------------------------------------------------------------------------

    def _spend(self, i: int, money: float, reason: str) -> None:
        """Buy for that money, costs included."""
        quantity = self._rounded((money - self.fixed_fee[i]) / (self.marks[i] * (1 + self.slip[i]) * (1 + self.comm[i])))
        if quantity == 0:
            self._line(i, "dropped: less than a share")
        else:
            self._trade(i, quantity, reason)

    def _invest_contribution(self) -> None:
        """Step 8."""
        contribution = self.out.flows[-1]
        if contribution == 0:
            return
        if any(f.reason.startswith("weight") and f.units != 0 for f in self.out.fills[self.first_fill :]):
            return
        pot = min(contribution, max(0.0, self._free()))
        reason = "invest, scaled to cash" if pot < contribution * (1 - DUST) else "invest"
        for i in self.columns:
            share = self.split[i]
            if not self._tradable(i) or share <= 0 or share * contribution < DUST * self.base:
                continue
            money = share * pot
            if money < DUST * self.base or money <= self.fixed_fee[i]:
                self._line(i, "dropped: no cash")
            else:
                self._spend(i, money, reason)

    def _deploy_free_cash(self, orders: dict[int, Order]) -> None:
        """Step 9."""
        free = self._free()
        wanted = {i: order.value for i, order in orders.items() if order.kind == "deploy" and order.value > 0}
        together = sum(wanted.values())
        too_much = together > 1 + DUST
        for i, share in wanted.items():
            money = free * share / together if together > 1 else free * share
            if free <= 0 or money < DUST * self.base:
                continue
            if money <= self.fixed_fee[i]:
                self._line(i, "dropped: no cash")
            else:
                self._spend(i, money, "deploy, scaled to cash" if too_much else "deploy")

    # ---- the bar ----------------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Everything at an open after the account's first bar."""
        self.base = 0.0
        self._accrue()
        self._contribute()
        self._close_ended()
        for i in self.columns:
            if self._tradable(i):
                self.marks[i] = self.opens[self.t][i]
        if self._ruin_test():
            return
        self._margin_call()
        if self._ruin_test():
            return
        self.base = self._equity()
        orders: dict[int, Order] = {}
        for i in self.columns:
            order = self.waiting[i]
            if order is not None and self._tradable(i):
                orders[i] = order
                self.waiting[i] = None
            said = self.contribution_split[self.t - 1][i]
            if not math.isnan(said):
                self.split[i] = said
        if self.base <= 0:
            return
        self.paid = 0.0
        increases = self._reduce_to_weights(orders)
        self._sell_shares(orders)
        self._increase_to_weights(increases)
        self._invest_contribution()
        self._deploy_free_cash(orders)

    def _close(self) -> None:
        """The close is the new mark, and the last test of ruin."""
        for i in self.columns:
            if self._tradable(i):
                self.marks[i] = self.closes[self.t][i]
                self.listed[i] = True
        if self.out.ruined is None:
            self._ruin_test()

    def _refusal(self, i: int) -> str | None:
        if self.out.ruined is not None:
            return "refused: ruined"
        if not self.listed[i]:
            return "refused: not listed"
        if 0 <= self.ends[i] <= self.t:
            return "refused: ended"
        if self.t == self.last:
            return "refused: last bar"
        return None

    def _decide(self) -> None:
        """The decision on this bar, after everything else of it."""
        for i in self.columns:
            weight, share = self.weights[self.t][i], self.deploy[self.t][i]
            order, cancels = None, False
            if share > 0 or (share < 0 and self.units[i] > 0):  # a share of nothing to sell is no order, and cancels none
                order, cancels = Order("deploy", share), True
            if not math.isnan(weight):
                if weight != 0 or self.units[i] != 0:
                    order = Order("weight", weight)
                cancels = True
            if cancels:
                self.waiting[i] = None
            if order is not None:
                refusal = self._refusal(i)
                if refusal is None:
                    self.waiting[i] = order
                else:
                    self._line(i, refusal)
            elif self.t == self.last and self.waiting[i] is not None:
                self._line(i, "refused: last bar")
                self.waiting[i] = None

    def run(self) -> Outcome:
        out = self.out
        for t in range(len(self.dates)):
            self.t = t
            self.first_fill = len(out.fills)
            for series in (out.interest, out.flows, out.commission, out.slippage):
                series.append(0.0)
            out.borrow.append([0.0 for _ in self.columns])
            if t > 0 and out.ruined is None:
                self._open()
            self._close()
            self._decide()
            out.equity.append(self._equity())
            out.cash.append(self.cash)
            out.units.append(list(self.units))
        return out


def run(
    dates: list[datetime] | list[date],
    opens: list[list[float]],
    closes: list[list[float]],
    *,
    ends: list[int],
    weights: list[list[float]],
    deploy: list[list[float]],
    contribution_split: list[list[float]],
    band: float,
    cash: float,
    contribution: float,
    every: str,
    commission: list[float],
    fixed_fee: list[float],
    slippage: list[float],
    borrow_rate: list[float],
    financing_spread: float,
    rates: list[float],
    whole_shares: bool,
    leverage: float,
    maintenance_margin: float,
) -> Outcome:
    """Run the account over the market and return everything it did."""
    ledger = Ledger(
        dates,
        opens,
        closes,
        ends=ends,
        weights=weights,
        deploy=deploy,
        contribution_split=contribution_split,
        band=band,
        cash=cash,
        contribution=contribution,
        every=every,
        commission=commission,
        fixed_fee=fixed_fee,
        slippage=slippage,
        borrow_rate=borrow_rate,
        financing_spread=financing_spread,
        rates=rates,
        whole_shares=whole_shares,
        leverage=leverage,
        maintenance_margin=maintenance_margin,
    )
    return ledger.run()
