"""The reference ledger: what happens at an open, one bar after the other, in plain arithmetic.

It owns the accounting and knows nothing of backtrader: every trade it wants is handed to a function that carries it out. Long-only
so far: no shorts, no debt, every instrument trades on every bar.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from orebody.account import Account
from orebody.decisions import Plan
from orebody.market.market import Market
from orebody.record import Fill, Record
from orebody.schedule import period_begins

__all__ = ["Ledger"]

DUST = 1e-9  # of equity: orders below it do not exist
SLACK = 1e-12  # of the band, and of equity for cash that is zero but for rounding
UNSCALED = 1 - 1e-9

Execute = Callable[[int, float, float, float, float], None]


class Ledger:
    """The books of one account over one market, advanced one open at a time.

    Parameters
    ----------
    market
        Read from its opening bar on.
    plan
        Decisions checked against it; see `orebody.decisions.Plan.opening_at`.
    account
        Cash, contributions, costs and the cash rate.
    execute
        Carries a trade out: called with instrument, signed units, price, and the cash and holding that must be left after it.
    """

    def __init__(self, market: Market, plan: Plan, account: Account, execute: Execute) -> None:
        first = market.opening
        self._opens: list[list[float]] = market.open[first:].tolist()
        self._growth: list[float] = (account.rates(market)[:-1] * market.days[first + 1 :] / 365).tolist()
        arrives = period_begins(market.dates[first:], account.every)
        self._flows = np.where(arrives, account.contribution, 0.0)
        self._arrivals: list[float] = self._flows.tolist()
        self._plan = plan
        self._row = {int(bar) - first: row for row, bar in enumerate(plan.rows)}
        self._costs = account.costs
        self._execute = execute
        self._instruments = range(len(market.tickers))
        self._standing = [0.0 for _ in self._instruments]
        self._bar = 0
        self._marks = [(0, [0.0 for _ in self._instruments])]
        self._cashes = [account.cash]
        self._interest = [0.0]
        self._fills: list[Fill] = []
        self.cash = account.cash
        self.units = [0.0 for _ in self._instruments]

    def next_open(self) -> None:
        """Do all that happens at the next bar's open, in the order of law 1."""
        self._bar += 1
        interest = self.cash * self._growth[self._bar - 1]
        arrived = self._arrivals[self._bar]
        self.cash += interest + arrived
        self._interest.append(interest)
        row = self._row.get(self._bar - 1)
        if row is not None or arrived:
            self._trade(row, arrived)
        self._cashes.append(self.cash)

    def _trade(self, row: int | None, arrived: float) -> None:
        opens = self._opens[self._bar]
        before = len(self._fills)
        deploy: list[float] = []
        reweighted = False
        if row is not None:
            deploy = self._plan.deploy[row].tolist()
            self._restate(self._plan.invest[row].tolist())
            wanted = self._wanted(self._plan.weights[row].tolist(), opens)
            for i, units in wanted.items():
                if units < 0:
                    self._fill(i, units, "weight")
            self._sell_shares(deploy, opens)
            self._increase({i: units for i, units in wanted.items() if units > 0}, opens, since=before)
            reweighted = any(fill.units and fill.reason.startswith("weight") for fill in self._fills[before:])
        if arrived and not reweighted:
            left = min(arrived, self.cash)  # less only if fees of sales at this open were paid out of it
            for i, share in enumerate(self._standing):
                self._spend(i, share * left, "invest" if left >= UNSCALED * arrived else "invest, scaled to cash")
        free = self.cash
        for i, share in enumerate(deploy):
            if share > 0:
                self._spend(i, share * free, "deploy")
        if len(self._fills) > before:
            self._marks.append((self._bar, self.units.copy()))

    def _restate(self, invest: list[float]) -> None:
        self._standing = [old if math.isnan(new) else new for old, new in zip(self._standing, invest, strict=True)]

    def _equity(self, opens: list[float]) -> float:
        return self.cash + sum(held * price for held, price in zip(self.units, opens, strict=True))

    def _wanted(self, weights: list[float], opens: list[float]) -> dict[int, float]:
        """Return the signed units that bring each stated weight to its target; those in their band or below the dust are left out."""
        equity = self._equity(opens)
        wanted: dict[int, float] = {}
        for i, weight in enumerate(weights):
            if weight == 0:
                if self.units[i]:
                    wanted[i] = -self.units[i]
            elif equity > 0 and not math.isnan(weight):
                gap = weight * equity - self.units[i] * opens[i]
                if abs(gap) > (self._plan.band + SLACK) * equity and abs(gap) >= DUST * equity:
                    wanted[i] = gap / opens[i]
        return wanted

    def _sell_shares(self, deploy: list[float], opens: list[float]) -> None:
        dust = DUST * self._equity(opens)
        for i, share in enumerate(deploy):
            if not share < 0 or not self.units[i]:
                continue
            if share <= -1 + SLACK:
                self._fill(i, -self.units[i], "deploy")
            elif -share * self.units[i] * opens[i] >= dust:
                self._fill(i, share * self.units[i], "deploy")

    def _increase(self, wanted: dict[int, float], opens: list[float], *, since: int) -> None:
        """Buy towards weights, all with one scale, so that the cash pays for everything, costs included."""
        if not wanted:
            return
        costs = self._costs
        exposure = sum(units * opens[i] for i, units in wanted.items())
        outlay = sum(units * opens[i] * (1 + costs.slippage) * (1 + costs.commission) for i, units in wanted.items())
        scale = min(1.0, (self.cash - costs.fixed * len(wanted)) / outlay)
        reason = "weight"
        if scale < UNSCALED:
            paid = sum(fill.cost + fill.slippage for fill in self._fills[since:])
            reason = "weight, scaled by costs" if exposure * UNSCALED <= self.cash + paid else "weight, scaled to cash"
        dust = DUST * self._equity(opens)
        for i, units in wanted.items():
            if scale * units * opens[i] < dust:
                self._drop(i, "dropped: no cash")
            else:
                self._fill(i, scale * units, reason)

    def _spend(self, i: int, money: float, reason: str) -> None:
        """Buy for that much money, costs included."""
        opens = self._opens[self._bar]
        if money <= 0 or money < DUST * self._equity(opens):
            return
        costs = self._costs
        if money <= costs.fixed:
            self._drop(i, "dropped: no cash")
            return
        self._fill(i, (money - costs.fixed) / (opens[i] * (1 + costs.slippage) * (1 + costs.commission)), reason)

    def _fill(self, i: int, units: float, reason: str) -> None:
        costs = self._costs
        price = self._opens[self._bar][i]
        filled = price * (1 + costs.slippage if units > 0 else 1 - costs.slippage)
        commission = abs(units) * filled * costs.commission + costs.fixed
        if units < 0 and self.cash - units * filled < commission:  # a fee that the sale cannot pay
            self._drop(i, "dropped: no cash")
            return
        cash = self.cash - (units * filled + commission)
        if abs(cash) <= SLACK * abs(units) * filled:
            cash = 0.0
        self._execute(i, units, filled, cash, self.units[i] + units)
        self.cash = cash
        self.units[i] += units
        self._fills.append(Fill(self._bar, i, units, filled, commission, abs(units) * abs(filled - price), reason))

    def _drop(self, i: int, reason: str) -> None:
        self._fills.append(Fill(self._bar, i, 0.0, math.nan, 0.0, 0.0, reason))

    def close(self) -> Record:
        """Return the books after the last bar; what was decided on that bar is refused."""
        bars, row = len(self._opens), self._row.get(len(self._opens) - 1)
        if row is not None:
            for i in self._instruments:
                if not (math.isnan(self._plan.weights[row, i]) and math.isnan(self._plan.deploy[row, i])):
                    self._drop(i, "refused: last bar")
        at = np.array([bar for bar, _ in self._marks])
        held = np.array([units for _, units in self._marks])
        commission, slippage = np.zeros(bars), np.zeros(bars)
        for fill in self._fills:
            commission[fill.bar] += fill.cost
            slippage[fill.bar] += fill.slippage
        return Record(
            cash=np.array(self._cashes),
            units=held[at.searchsorted(np.arange(bars), side="right") - 1],
            flows=self._flows,
            interest=np.array(self._interest),
            commission=commission,
            slippage=slippage,
            fills=tuple(self._fills),
        )
