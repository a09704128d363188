"""Rotation between metal and miners, on the belief that their ratio reverts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import hysteresis_states, rolling_zscore
from orebody.strategy import Decisions, Market, ParameterError, PathState, Strategy, log_ratio, parameter, switches

__all__ = ["RatioRotation"]

_METAL = 1
_SPLITS = ((("miners", 1.0),), (("metal", 1.0),), (("metal", 0.5), ("miners", 0.5)))  # by the state of band_states: below, above, inside


@dataclass(frozen=True)
class RatioRotation(Strategy):
    """Hold the miners when they are cheap against the metal, the metal when they are dear.

    Reads closes: z is the rolling z-score of log(miners / metal), the miners as one basket. Into the miners when z < -`entry`, into the
    metal when z > `entry`, unchanged in between, or an even split where abs(z) < `exit`. On the first full window it goes into the
    metal unless z says otherwise. Weights are stated at switches only (with several miners also each quarter, to re-form the basket);
    contributions follow them. Encodes the rotation between gold and its producers.
    """

    window: int = parameter(252, "bars in the rolling z-score", low=2)
    entry: float = parameter(1.0, "standard deviations from the mean at which it switches", low=0.0)
    exit: float | None = parameter(None, "standard deviations within which it splits evenly; none: it holds what it has", low=0.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.exit is not None and self.exit > self.entry:
            raise ParameterError(f"{self.name()}: exit is {self.exit!r}: it must not be above entry, which is {self.entry!r}")

    @property
    def bars_needed(self) -> int:
        """A full window."""
        return self.window

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: where it stands is what it stated."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        z = market.memo(("ratio z", self.window), lambda: rolling_zscore(log_ratio(market), self.window))
        rows, states = hysteresis_states(z, self.entry, self.exit, market.listed + self.window - 1, _METAL)
        return switches(market, rows, states, _SPLITS)
