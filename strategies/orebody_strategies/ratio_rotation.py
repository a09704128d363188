"""Rotation between metal and miners, on the belief that their ratio reverts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.decisions import Decisions
from orebody.errors import ParameterError
from orebody.indicators import latch, miners_index, rolling_zscore
from orebody.market.market import Market
from orebody.schedule import period_begins
from orebody.strategy import Strategy, parameter

__all__ = ["RatioRotation"]

_MINERS, _METAL, _BOTH = 0, 1, 2


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
        z = rolling_zscore(np.log(miners_index(market) / market.marks[:, 0]), self.window)
        state = latch(self._signal(z, market.listed + self.window - 1))
        switch = np.diff(state, prepend=-1) != 0
        if len(market.universe.miners) > 1:
            switch |= period_begins(market.dates, "quarter") & (state != _METAL) & (state >= 0)
        rows = np.flatnonzero(switch)
        splits = ({"miners": 1.0}, {"metal": 1.0}, {"metal": 0.5, "miners": 0.5})
        weights = np.array([market.shares(splits[state[row]], int(row)) for row in rows]).reshape(len(rows), -1)
        return Decisions(weights=weights, invest=weights, rows=rows)

    def _signal(self, z: np.ndarray, first: int) -> np.ndarray:
        """Return the state that each bar's z asks for, -1 where it asks for none; `first` is the first bar with a full window."""
        signal = np.full(len(z), -1)
        if self.exit is not None:
            signal[np.abs(z) < self.exit] = _BOTH
        signal[z > self.entry] = _METAL
        signal[z < -self.entry] = _MINERS
        if first < len(z) and signal[first] < 0:
            signal[first] = _METAL
        return signal
