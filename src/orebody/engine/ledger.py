"""The reference ledger: what happens at an open, one bar after the other, in plain arithmetic.

It owns the accounting and knows nothing of backtrader: every trade it wants is handed to a function that carries it out. The steps and
their order are those of `docs/conventions.md`.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from orebody.engine.inputs import DUST, SLACK, UNSCALED, EngineInputs
from orebody.engine.run_record import Fill, Record
from orebody.strategy.decisions import Plan

__all__ = ["Execute", "Ledger"]


class Execute(Protocol):
    """Carries a trade out."""

    def __call__(self, instrument: int, units: float, price: float, cash: float, holding: float, *, free: bool) -> None:
        """Trade signed `units` at `price`, `free` of costs or not; `cash` and `holding` must be left after it."""


class Ledger:
    """The books of one account over one market, advanced one open at a time.

    Parameters
    ----------
    inputs
        The market and the account; see `EngineInputs`.
    plan
        Decisions on the same bars; see `orebody.strategy.decisions.Plan.opening_at`.
    opening
        The market's bar on which the account opens.
    execute
        Carries a trade out.
    """

    def __init__(self, inputs: EngineInputs, plan: Plan, opening: int, execute: Execute) -> None:
        self._inputs = inputs
        self._opens: list[list[float]] = inputs.opens.tolist()
        self._closes: list[list[float]] = inputs.closes.tolist()
        self._tradable: list[list[bool]] = inputs.tradable.tolist()
        self._growth: list[float] = inputs.growth.tolist()
        self._arrivals: list[float] = inputs.flows.tolist()
        self._first: list[int] = inputs.first.tolist()
        self._ends: list[int] = inputs.ends.tolist()
        self._commission: list[float] = inputs.commission.tolist()
        self._slippage: list[float] = inputs.slippage.tolist()
        self._fixed: list[float] = inputs.fixed_fee.tolist()
        self._borrow_rates: list[float] = inputs.borrow_rate.tolist()
        self._closing = {end + 1: [i for i, other in enumerate(self._ends) if other == end] for end in self._ends if end >= 0}
        self._plan = plan
        self._band = plan.band
        self._row = {int(bar) - opening: row for row, bar in enumerate(plan.rows)}
        self._execute = execute
        self._instruments = range(len(self._first))
        self._standing = [0.0 for _ in self._instruments]
        self._waiting: dict[int, tuple[float, float]] = {}
        self._bar = 0
        self._marks = [(0, [0.0 for _ in self._instruments])]
        self._cashes = [inputs.cash]
        self._interest = [0.0]
        self._borrow: list[tuple[int, int, float]] = []
        self._fills: list[Fill] = []
        self._ruined = -1
        self.base: float = 0.0  # equity from which this open's orders are sized
        self.cash: float = inputs.cash
        self.units: list[float] = [0.0 for _ in self._instruments]
        self._hear()

    def next_open(self) -> None:
        """Do all that happens on the next bar."""
        self._bar += 1
        self.base = 0.0
        before = len(self._fills)
        if self._ruined < 0:
            self._accrue()
            self._arrivals_and_trades(before)
        else:
            self._arrivals[self._bar] = 0.0
            self._interest.append(0.0)
        self._hear()
        self._cashes.append(self.cash)
        if len(self._fills) > before:
            self._marks.append((self._bar, self.units.copy()))

    # what a bar brings, in order

    def _accrue(self) -> None:
        bar = self._bar
        shorts = owed = 0.0
        if min(self.units) < 0:
            days = float(self._inputs.days[bar])
            for i, units in enumerate(self.units):
                if units < 0:
                    value = -units * self._closes[bar - 1][i]
                    paid = value * self._borrow_rates[i] * days
                    self._borrow.append((bar, i, paid))
                    shorts += value
                    owed += paid
        idle = self.cash - shorts
        interest = idle * self._growth[bar]
        if idle < 0:
            interest += idle * self._inputs.financing_spread * float(self._inputs.days[bar])
        self._interest.append(interest)
        self.cash += interest - owed + self._arrivals[bar]

    def _arrivals_and_trades(self, before: int) -> None:
        bar = self._bar
        opens, closes = self._opens[bar], self._closes[bar]
        for i in self._closing.get(bar, ()):
            if self.units[i]:
                self._fill(i, -self.units[i], "ended")
        if self._risky():
            self._margin(opens)
            if self._ruined >= 0:
                return
        tradable = self._tradable[bar]
        row = self._row.get(bar - 1)
        if row is not None:
            contribution_split = self._plan.contribution_split[row].tolist()
            self._standing = [old if math.isnan(new) else new for old, new in zip(self._standing, contribution_split, strict=True)]
        if self._waiting or self._arrivals[bar]:
            due = {i: self._waiting.pop(i) for i in self._instruments if i in self._waiting and tradable[i]}
            if due or self._arrivals[bar]:
                self._trade(due, opens)
        self._trade_more(opens)
        if self._risky() and self._equity(closes) <= 0:
            self._ruin(closes)

    def _risky(self) -> bool:
        """Whether there is a short or a debt: else equity cannot fall to zero."""
        return self.cash < 0 or min(self.units) < 0

    def _margin(self, opens: list[float]) -> None:
        equity = self._equity(opens)
        if 0 < equity < (self._inputs.maintenance_margin - SLACK) * self._gross(opens):
            self._cut(opens, equity)
            equity = self._equity(opens)
        if equity <= 0 and (self.cash < 0 or any(self.units)):
            self._ruin(opens)

    def _cut(self, opens: list[float], equity: float) -> None:
        """Cut all that can trade by one factor, so that gross exposure is the limit after the costs of cutting."""
        leverage, tradable = self._inputs.leverage, self._tradable[self._bar]
        free = [i for i in self._instruments if self.units[i] and tradable[i]]
        worth = {i: abs(self.units[i]) * opens[i] for i in free}
        gross = sum(worth.values())
        stuck = self._gross(opens) - gross
        cost = sum(worth[i] * self._rate(i, -self.units[i]) for i in free)
        below = gross - leverage * cost
        keep = (leverage * (equity - cost - sum(self._fixed[i] for i in free)) - stuck) / below if below > 0 else 0.0
        keep = min(1.0, max(0.0, keep))
        if keep >= 1:
            return
        for i in free:
            held = self.units[i]
            kept = keep * abs(held)
            if self._inputs.whole_shares:
                kept = math.floor(kept + 1e-9)
            if keep == 0:
                self._fill(i, -held, "margin call")
            elif abs(held) > kept and (abs(held) - kept) * opens[i] >= DUST * equity:
                self._fill(i, math.copysign(abs(held) - kept, -held), "margin call")

    def _ruin(self, marks: list[float]) -> None:
        """Close everything at these marks, without costs, for good."""
        self._ruined = self._bar
        for i, held in enumerate(self.units):
            if held:
                cash = self.cash + held * marks[i]
                self._execute(i, -held, marks[i], cash, 0.0, free=True)
                self.cash = cash
                self.units[i] = 0.0
                self._fills.append(Fill(self._bar, i, -held, marks[i], 0.0, 0.0, "ruined"))
        for i in sorted(self._waiting):
            self._refuse(i, "refused: ruined")
        self._waiting.clear()

    def _trade(self, due: dict[int, tuple[float, float]], opens: list[float]) -> None:
        before = len(self._fills)
        equity = self.base = self._equity(opens)
        dust = DUST * equity
        rising = self._reduce(due, opens, equity)
        for i, (_, share) in due.items():
            if share < 0:
                self._sell_share(i, share, opens[i], dust)
        self._increase(rising, opens, dust, before)
        if self._arrivals[self._bar] and not any(fill.units and fill.reason.startswith("weight") for fill in self._fills[before:]):
            self._invest(self._arrivals[self._bar], opens, dust)
        spent = sum(share for _, share in due.values() if share > 0)
        if spent > 0:
            free = self._free(opens) / max(1.0, spent)
            reason = "deploy" if spent * UNSCALED <= 1 else "deploy, scaled to cash"
            for i, (_, share) in due.items():
                if share > 0 and share * free > 0 and share * free >= dust:
                    self._spend(i, share * free, opens[i], reason)

    def _trade_more(self, opens: list[float]) -> None:
        """Trade what no plan says: nothing here."""

    # the steps of a trade

    def _reduce(self, due: dict[int, tuple[float, float]], opens: list[float], equity: float) -> dict[int, float]:
        """Sell and cover down to weights; return the signed value by which others must rise."""
        rising: dict[int, float] = {}
        falling: dict[int, tuple[float, bool]] = {}
        for i, (weight, _) in due.items():
            if math.isnan(weight):
                continue
            held = self.units[i]
            if weight == 0:
                if held:
                    falling[i] = -held, True
                continue
            value, target = held * opens[i], weight * equity
            gap = target - value
            if equity <= 0 or abs(gap) <= (self._band + SLACK) * equity or abs(gap) < DUST * equity:
                continue
            if value * target < 0:
                falling[i] = -held, True
                rising[i] = target
            elif abs(target) < abs(value):
                falling[i] = gap / opens[i], False
            else:
                rising[i] = gap
        for i, (units, exit_) in falling.items():
            if not self._lower(i, units, exit_, opens, "weight"):
                rising.pop(i, None)
        return rising

    def _sell_share(self, i: int, share: float, price: float, dust: float) -> None:
        held = self.units[i]
        if held <= 0:
            return
        whole = share <= -1 + SLACK
        if whole or -share * held * price >= dust:
            self._lower(i, -held if whole else share * held, whole, self._opens[self._bar], "deploy")

    def _lower(self, i: int, units: float, exit_: bool, opens: list[float], reason: str) -> bool:
        """Reduce a holding; drop it where its costs are more than it brings and nothing pays them."""
        if self._inputs.whole_shares and not exit_:
            units = math.copysign(math.floor(abs(units) + 1e-9), units)
            if not units:
                return self._refuse(i, "dropped: less than a share")
        filled, commission = self._priced(i, units)
        if commission > abs(units) * filled:
            shorts = sum(-held * price for held, price in zip(self.units, opens, strict=True) if held < 0)
            covered = units * opens[i] if units > 0 else 0.0
            if self.cash - units * filled - commission - (shorts - covered) < 0:
                return self._refuse(i, "dropped: no cash")
        self._fill(i, units, reason)
        return True

    def _increase(self, rising: dict[int, float], opens: list[float], dust: float, before: int) -> None:
        """Buy and short towards weights, all with one scale, so that exposure stays within the limit after costs."""
        if not rising:
            return
        leverage = self._inputs.leverage
        exposure = sum(abs(gap) for gap in rising.values())
        cost = sum(abs(gap) * self._rate(i, gap) for i, gap in rising.items())
        fees = sum(self._fixed[i] for i in rising)
        equity, gross = self._equity(opens), self._gross(opens)
        scale = min(1.0, (leverage * (equity - fees) - gross) / (exposure + leverage * cost))
        reason = "weight"
        if scale < UNSCALED:
            paid = sum(fill.cost + fill.slippage for fill in self._fills[before:])
            fits = exposure * UNSCALED <= leverage * (equity + paid) - gross
            reason = "weight, scaled by costs" if fits else "weight, scaled to cash"
        for i, gap in rising.items():
            if scale * abs(gap) < dust:
                self._refuse(i, "dropped: no cash")
            else:
                self._raise(i, scale * gap / opens[i], reason)

    def _invest(self, arrived: float, opens: list[float], dust: float) -> None:
        pot = min(arrived, max(0.0, self._free(opens)))
        reason = "invest" if pot >= UNSCALED * arrived else "invest, scaled to cash"
        for i, share in enumerate(self._standing):
            if share > 0 and self._tradable[self._bar][i] and share * arrived >= dust:
                if share * pot < dust:
                    self._refuse(i, "dropped: no cash")
                else:
                    self._spend(i, share * pot, opens[i], reason)

    def _spend(self, i: int, money: float, price: float, reason: str) -> None:
        """Buy for that much money, costs included."""
        if money <= self._fixed[i]:
            self._refuse(i, "dropped: no cash")
        else:
            self._raise(i, (money - self._fixed[i]) / (price * (1 + self._slippage[i]) * (1 + self._commission[i])), reason)

    def _raise(self, i: int, units: float, reason: str) -> None:
        if self._inputs.whole_shares:
            units = math.copysign(math.floor(abs(units) + 1e-9), units)
            if not units:
                self._refuse(i, "dropped: less than a share")
                return
        self._fill(i, units, reason)

    # what everything above is made of

    def _equity(self, prices: list[float]) -> float:
        return self.cash + sum(held * price for held, price in zip(self.units, prices, strict=True))

    def _gross(self, prices: list[float]) -> float:
        return sum(abs(held) * price for held, price in zip(self.units, prices, strict=True))

    def _free(self, prices: list[float]) -> float:
        """Return min(idle cash, what the leverage leaves room for)."""
        shorts = sum(-held * price for held, price in zip(self.units, prices, strict=True) if held < 0)
        return min(self.cash - shorts, self._inputs.leverage * self._equity(prices) - self._gross(prices))

    def _rate(self, i: int, units: float) -> float:
        """Return what trading costs as a share of the value at the open: of a buy (units above 0) or a sale."""
        slippage, commission = self._slippage[i], self._commission[i]
        return (1 + slippage) * (1 + commission) - 1 if units > 0 else 1 - (1 - slippage) * (1 - commission)

    def _priced(self, i: int, units: float) -> tuple[float, float]:
        filled = self._opens[self._bar][i] * (1 + self._slippage[i] if units > 0 else 1 - self._slippage[i])
        return filled, abs(units) * filled * self._commission[i] + self._fixed[i]

    def _fill(self, i: int, units: float, reason: str) -> None:
        filled, commission = self._priced(i, units)
        cash = self.cash - (units * filled + commission)
        if abs(cash) <= SLACK * max(abs(units) * filled, self.base):
            cash = 0.0
        holding = 0.0 if units == -self.units[i] else self.units[i] + units
        self._execute(i, units, filled, cash, holding, free=False)
        self.cash = cash
        self.units[i] = holding
        lost = abs(units) * abs(filled - self._opens[self._bar][i])
        self._fills.append(Fill(self._bar, i, units, filled, commission, lost, reason))

    def _refuse(self, i: int, reason: str) -> bool:
        self._fills.append(Fill(self._bar, i, 0.0, math.nan, 0.0, 0.0, reason))
        return False

    def _hear(self) -> None:
        """Take the decisions made on this bar's close: each order waits for its instrument's next bar, or is refused at once."""
        bar, last = self._bar, len(self._opens) - 1
        row = self._row.get(bar)
        refused: dict[int, str] = {}
        if row is not None:
            if self._plan.bands is not None:
                self._band = float(self._plan.bands[row])
            weights, deploy = self._plan.weights[row].tolist(), self._plan.deploy[row].tolist()
            for i in self._instruments:
                weight, share = weights[i], deploy[i]
                held = self.units[i]
                if math.isnan(weight) and (math.isnan(share) or (share < 0 and held <= 0)):
                    continue  # a share of nothing to sell is no order, and cancels none
                self._waiting.pop(i, None)
                if not ((not math.isnan(weight) and (weight != 0 or held != 0)) or share > 0 or (share < 0 and held > 0)):
                    continue
                if self._ruined >= 0:
                    refused[i] = "refused: ruined"
                elif bar < self._first[i]:
                    refused[i] = "refused: not listed"
                elif 0 <= self._ends[i] <= bar:
                    refused[i] = "refused: ended"
                elif bar == last:
                    refused[i] = "refused: last bar"
                else:
                    self._waiting[i] = weight, share
        if bar == last:
            refused |= dict.fromkeys(self._waiting, "refused: last bar")
        for i in sorted(refused):
            self._refuse(i, refused[i])

    def close(self) -> Record:
        """Return the books after the last bar."""
        bars, count = self._inputs.opens.shape
        at = np.array([bar for bar, _ in self._marks])
        held = np.array([units for _, units in self._marks])
        commission, slippage, borrow = np.zeros(bars), np.zeros(bars), np.zeros((bars, count))
        for fill in self._fills:
            commission[fill.bar] += fill.cost
            slippage[fill.bar] += fill.slippage
        for bar, i, paid in self._borrow:
            borrow[bar, i] = paid
        return Record(
            cash=np.array(self._cashes),
            units=held[at.searchsorted(np.arange(bars), side="right") - 1],
            flows=np.array(self._arrivals),
            interest=np.array(self._interest),
            borrow=borrow,
            commission=commission,
            slippage=slippage,
            fills=tuple(self._fills),
            ruined=self._ruined,
        )
