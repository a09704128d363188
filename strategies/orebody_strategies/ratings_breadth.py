"""Leaving the miners when analysts turn away from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import trailing_stop_state
from orebody.strategy import Decisions, Market, Strategy, changes, first_known, parameter, switches

__all__ = ["RatingsBreadth"]


@dataclass(frozen=True)
class RatingsBreadth(Strategy):
    """Hold the miners, and cut them when the share of bullish ratings has fallen from its high.

    Reads ratings as they were known on each bar: bullish over all, counted over the miners that belong then. When that share stands
    `fall` or more below its high of the last `window` bars, the share `cut` of the miners is sold for the metal; when it has regained half
    of the way from its lowest since to that high, they are bought back, and the high counts anew. It can decide once there are `window`
    bars since the first rating; an account that is asked to open earlier holds the miners whole from bar `window` on. Contributions
    follow the weights.
    Encodes "bullish ratings on mining stocks have declined noticeably".
    """

    window: int = parameter(126, "bars in the high", low=1)
    fall: float = parameter(0.1, "how far below its high the share of bullish ratings must be", low=0.0, high=1.0)
    cut: float = parameter(1.0, "share of the miners that is sold", low=0.0, high=1.0)

    @property
    def bars_needed(self) -> int:
        """A full window."""
        return self.window

    def decides_from(self, market: Market) -> int:
        """Where the window is full of bars with a rating known."""
        begins = market.memo("ratings begin", lambda: first_known(self.breadth(market)))
        return max(market.listed, begins) + self.window - 1

    def breadth(self, market: Market) -> np.ndarray:
        """Return the share of bullish ratings known on each bar, shape ``(T,)``; NaN before the first."""
        bars = np.arange(len(market))[:, None]
        belongs = (market.joins <= bars) & (bars <= market.leaves)
        bullish, neutral, bearish = (
            np.nansum(np.where(belongs, market.rating(name), 0.0), axis=1) for name in ("bullish", "neutral", "bearish")
        )
        total = bullish + neutral + bearish
        share: np.ndarray = np.divide(bullish, total, out=np.full(len(total), np.nan), where=total > 0)
        return share

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        back = trailing_stop_state(self.breadth(market), self.window, self.fall, market.listed + self.window - 1)
        rows, states = changes(back)
        return switches(market, rows, states, ((("miners", 1.0),), (("metal", self.cut), ("miners", 1.0 - self.cut))))
