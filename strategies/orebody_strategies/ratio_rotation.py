"""Rotation between metal and miners, on the belief that their ratio reverts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.decisions import Decisions
from orebody.errors import ParameterError
from orebody.indicators import band_states, latch, miners_index, rolling_zscore
from orebody.market.market import Market
from orebody.schedule import period_begins
from orebody.strategy import Strategy, parameter

__all__ = ["RatioRotation"]

_METAL = 1
_SPLITS = ({"miners": 1.0}, {"metal": 1.0}, {"metal": 0.5, "miners": 0.5})  # by the state of band_states: below, above, inside


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

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        z = market.memo(("ratio z", self.window), lambda: rolling_zscore(log_ratio(market), self.window))
        rows, states = band_states(z, self.entry, self.exit, market.listed + self.window - 1, _METAL)
        if len(market.universe.miners) == 1:
            weights = market.memo("ratio splits", lambda: np.array([market.shares(split) for split in _SPLITS])).take(states, axis=0)
        else:
            rows, states = _reformed(market, rows, states)
            weights = np.array([market.shares(_SPLITS[state], int(row)) for row, state in zip(rows, states, strict=True)])
            weights = weights.reshape(len(rows), -1)
        return Decisions(weights=weights, invest=weights, rows=rows)


def log_ratio(market: Market) -> np.ndarray:
    """Return log(miners / metal), shape ``(T,)``, the miners as one basket."""
    return market.memo("log ratio", lambda: np.log(miners_index(market) / market.marks[:, 0]))


def _reformed(market: Market, rows: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the switches and, between them, the first bar of each quarter on which miners are held: their basket is formed anew."""
    quarters = np.flatnonzero(period_begins(market.dates, "quarter"))
    held = latch(_spread(rows, states, len(market)))[quarters]
    quarters = quarters[(held >= 0) & (held != _METAL)]
    bars = np.union1d(rows, quarters)
    return bars, latch(_spread(rows, states, len(market)))[bars]


def _spread(rows: np.ndarray, states: np.ndarray, bars: int) -> np.ndarray:
    spread = np.full(bars, -1)
    spread[rows] = states
    return spread
