"""Rotation with the trend, on the belief that strength lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import momentum
from orebody.strategy import (
    PERIODS,
    Decisions,
    Market,
    PathState,
    Strategy,
    cash_index,
    changes,
    first_and_each,
    parameter,
    role_prices,
    switches,
)

__all__ = ["MomentumRotation"]

_METAL, _MINERS, _CASH = range(3)
_SPLITS = ((("metal", 1.0),), (("miners", 1.0),), (("metal", 0.0),))


@dataclass(frozen=True)
class MomentumRotation(Strategy):
    """Hold whichever of metal and miners rose more, and cash when both trailed it.

    Reads closes and the cash rate. On the first bar with returns to compare and on the first bar of each later period it compares the total
    returns of metal and miners over the `lookback` bars that end `skip` bars ago; the stronger is held (the metal when they are equal).
    With `absolute`, cash is held when neither returned more than cash over the same bars. Weights are stated when the choice changes
    (with several miners also each quarter, to re-form the basket); contributions follow them. Encodes rotating with the trend, against
    which `RatioRotation` bets.
    """

    lookback: int = parameter(252, "bars over which returns are compared", low=1)
    skip: int = parameter(0, "latest bars left out of them", low=0)
    every: str = parameter("month", "how often it decides", choices=PERIODS)
    absolute: bool = parameter(True, "whether cash is held when both trail the cash rate")

    @property
    def bars_needed(self) -> int:
        """As many returns as are compared."""
        return self.lookback + self.skip + 1

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: each period is judged anew."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        rows = first_and_each(market.dates, self.every, market.listed + self.bars_needed - 1)
        metal, miners = (momentum(role_prices(market, role), self.lookback, self.skip)[rows] for role in ("metal", "miners"))
        choice = np.where(miners > metal, _MINERS, _METAL)
        if self.absolute:
            cash = momentum(cash_index(market), self.lookback, self.skip)[rows]
            choice[np.fmax(metal, miners) <= cash] = _CASH
        turns, states = changes(choice)
        return switches(market, rows[turns], states, _SPLITS)
