"""Taking money off the table when the miners look dear by their own past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import hold_last, percentile_of_past
from orebody.strategy import Decisions, Market, ParameterError, PathState, Strategy, changes, log_ratio, parameter, switches

__all__ = ["TrimStretch"]

_WHOLE, _TRIMMED = 0, 1


@dataclass(frozen=True)
class TrimStretch(Strategy):
    """Hold the miners, and part of them in cash while they are stretched against the metal.

    Reads closes: where log(miners / metal) stands among its own `window` values before, from 0 the lowest to 1 the highest, equal ones
    counted half. Above `trim_at` it sells the share `trim` of the miners to cash, below `restore_at` it buys back; in between it stays
    as it is. It starts on the first bar that has `window` bars before it, whole unless it is stretched then. Contributions follow the
    weights. Encodes "valuations look stretched compared to historical norms".
    """

    window: int = parameter(756, "bars of the past that it is compared with", low=1)
    trim_at: float = parameter(0.9, "percentile above which it sells", low=0.0, high=1.0)
    restore_at: float = parameter(0.5, "percentile below which it buys back", low=0.0, high=1.0)
    trim: float = parameter(0.5, "share of the miners that is sold", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.restore_at > self.trim_at:
            raise ParameterError(
                f"{self.name()}: restore_at is {self.restore_at!r}: it must not be above trim_at, which is {self.trim_at!r}"
            )

    @property
    def bars_needed(self) -> int:
        """The past and the bar that is compared with it."""
        return self.window + 1

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: where it stands is what it stated."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        place = market.memo(("ratio percentile", self.window), lambda: percentile_of_past(log_ratio(market), self.window))
        signal = np.where(place > self.trim_at, _TRIMMED, np.where(place < self.restore_at, _WHOLE, -1))
        first = market.listed + self.window
        if first < len(signal) and signal[first] < 0:
            signal[first] = _WHOLE
        signal[:first] = -1
        rows, states = changes(hold_last(signal))
        return switches(market, rows, states, ((("miners", 1.0),), (("miners", 1.0 - self.trim),)))
