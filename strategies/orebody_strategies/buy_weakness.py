"""Buying in layers as the price falls, and never above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import check_rungs, ladder
from orebody.strategy import Decisions, Market, ParameterError, PathState, Strategy, drawdown, listed, parameter, parts, volatility

__all__ = ["BuyWeakness"]


@dataclass(frozen=True)
class BuyWeakness(Strategy):
    """Buy in layers on weakness: each rung that the price falls to, counted from its high, spends a part of the cash.

    Reads the closes of `into`. The fall is taken from the highest close of the last `lookback` bars; rungs are multiples of the annual
    volatility (population, ddof 0) of the last `lookback` log returns, or plain shares of the high. A rung newly reached spends
    1/(rungs left) of the free cash; a gap through several fires them all, so that the last one spends the rest. At a new high all
    rungs are armed again. It can decide from the bar on which `lookback` returns of `into` are there, and an account that opens while
    the price is down has those rungs to buy at once. Never sells; contributions wait for the next rung.
    Encodes "layering into positions on weakness rather than chasing strength".
    """

    rungs: tuple[float, ...] = parameter((0.5, 0.75, 1.0, 1.5), "depths of the rungs below the high, ascending, in the unit of `scale`")
    scale: str = parameter("volatility", "unit of the rungs: annual volatility, or share of the high", choices=("volatility", "price"))
    lookback: int = parameter(252, "bars in the high and in the volatility", low=2)
    into: str = parameter("miners", "what is bought: metal, miners or a ticker")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "rungs", check_rungs(self.name(), self.rungs))
        if self.scale == "price" and self.rungs[-1] >= 1:
            raise ParameterError(f"{self.name()}: a rung of {self.rungs[-1]:g} of the price is never reached: shares lie below 1")

    @property
    def deploys(self) -> bool:
        """It spends cash."""
        return True

    @property
    def bars_needed(self) -> int:
        """A full window of returns."""
        return self.lookback + 1

    def decides_from(self, market: Market) -> int:
        """Where the window of `into` is full."""
        return max(int(market.joins[market.columns(self.into)].min()), listed(market, self.into) + self.lookback)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: rungs are fresh at the opening."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        depth = drawdown(market, self.into, self.lookback)
        unit = volatility(market, self.into, self.lookback) if self.scale == "volatility" else np.ones(len(depth))
        rows, shares = ladder(depth, unit, self.rungs, max(market.opening, self.decides_from(market)))
        return Decisions(deploy=shares[:, None] * parts(market, {self.into: 1.0}, rows), rows=rows)
