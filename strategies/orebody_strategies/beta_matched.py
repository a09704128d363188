"""The metal's exposure through its geared producers, with less capital."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import rolling_beta
from orebody.strategy import PERIODS, Decisions, Market, PathState, Strategy, first_and_each, parameter, parts, role_prices

__all__ = ["BetaMatched"]

_LOWEST, _HIGHEST = 0.5, 4.0


@dataclass(frozen=True)
class BetaMatched(Strategy):
    """Hold 1/beta of equity in the miners and the rest in cash: the metal's exposure with less capital.

    Reads closes. Beta is the slope of the miners' daily log returns on the metal's over `window` returns, clipped to 0.5 to 4; the weight
    is at most 1, so a beta below 1 holds miners only. Stated on the bar that completes the first window and on the first bar of each later
    period; contributions follow it.
    Encodes "a geared play on the underlying metals, amplifying both upside and downside".
    """

    window: int = parameter(252, "returns in the rolling beta", low=2)
    every: str = parameter("month", "how often the weight is stated", choices=PERIODS)

    @property
    def bars_needed(self) -> int:
        """A full window of returns."""
        return self.window + 1

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: each period is judged anew."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        beta = rolling_beta(role_prices(market, "miners"), role_prices(market, "metal"), self.window)
        rows = first_and_each(market.dates, self.every, market.listed + self.window)
        rows = rows[~np.isnan(beta[rows])]
        shares = np.minimum(1.0, 1.0 / np.clip(beta[rows], _LOWEST, _HIGHEST))
        weights = shares[:, None] * parts(market, {"miners": 1.0}, rows)
        return Decisions(weights=weights, contribution_split=weights, rows=rows)
