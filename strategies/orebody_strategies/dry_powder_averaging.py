"""Averaging in while always keeping some cash for worse days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.strategy import PERIODS, Decisions, Market, PathState, Strategy, drawdown, first_and_each, listed, parameter, parts

__all__ = ["DryPowderAveraging"]


@dataclass(frozen=True)
class DryPowderAveraging(Strategy):
    """Spend a small share of the cash each period, more of it the further the price is below its high; the rest waits and earns interest.

    Reads the closes of `into`. On the bar on which the account opens (where it opens before `lookback` closes are there, on the bar that
    completes them), and on the first bar of each later period, it spends min(1, `base` x (1 + `slope` x drawdown)) of the free cash, the
    drawdown taken from the highest close of the last `lookback` bars.
    Never sells; contributions join the cash that waits. Encodes "always keep some dry powder".
    """

    base: float = parameter(0.05, "share of the free cash spent each period at the high", low=0.0, high=1.0)
    slope: float = parameter(10.0, "how much more for each 100 % of drawdown", low=0.0)
    every: str = parameter("month", "how often it spends", choices=PERIODS)
    into: str = parameter("miners", "what is bought: metal, miners or a ticker")
    lookback: int = parameter(252, "bars in the high", low=1)

    @property
    def deploys(self) -> bool:
        """It spends cash."""
        return True

    @property
    def bars_needed(self) -> int:
        """A full window."""
        return self.lookback

    def decides_from(self, market: Market) -> int:
        """Where the window of `into` is full."""
        return max(int(market.joins[market.columns(self.into)].min()), listed(market, self.into) + self.lookback - 1)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: each period is judged anew."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        depth = drawdown(market, self.into, self.lookback)
        rows = first_and_each(market.dates, self.every, max(market.opening, self.decides_from(market)))
        shares = np.minimum(1.0, self.base * (1.0 + self.slope * depth[rows]))
        return Decisions(deploy=shares[:, None] * parts(market, {self.into: 1.0}, rows), rows=rows)
