"""Long the cheap leg and short the dear one, in proportion to a hedge ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import fixed_spread, positions, rolling_spread
from orebody.strategy import Decisions, Market, ParameterError, PathState, Strategy, changes, parameter, parts, role_prices

__all__ = ["SpreadTrade"]


@dataclass(frozen=True)
class SpreadTrade(Strategy):
    """Trade the spread between metal and miners, on the belief that it reverts: long the cheap leg, short the dear one.

    Reads closes. The spread is metal - h x miners, h the slope without intercept of the metal's closes on the miners'; z is how many
    standard deviations (population) it is from its mean. ``hedge="rolling"`` takes h, mean and deviation from the window that ends with
    the bar, ``"fixed"`` from the first `window` bars for good, as Chan does. Below -`entry` it buys the spread (metal long, miners
    short), above `entry` it sells it, and it leaves where abs(z) is at most `exit`. At or beyond `stop` it leaves too, and waits until
    abs(z) has been inside `exit`. On the bar that completes the first window it stands aside unless z says otherwise. The legs' values
    are in the ratio of the metal's price to h times the miners' at entry and sum to `gross` of equity; their units then stay as they
    are. Contributions stay cash until the next entry. Several miners are traded as their basket. Encodes "opportunities still exist -
    both on the long and short side". Chan, Quantitative Trading (2009), example 3.6.
    """

    hedge: str = parameter("rolling", "where the hedge ratio, mean and deviation come from", choices=("rolling", "fixed"))
    window: int = parameter(252, "bars they are taken from", low=2)
    entry: float = parameter(2.0, "deviations from the mean at which it enters", low=0.0)
    exit: float = parameter(0.5, "deviations from the mean at which it leaves", low=0.0)
    stop: float | None = parameter(4.0, "deviations at which it gives up; none: never", low=0.0)
    gross: float = parameter(1.0, "long plus short value at entry, as a share of equity", low=0.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.exit > self.entry:
            raise ParameterError(f"{self.name()}: exit is {self.exit!r}: it must not be above entry, which is {self.entry!r}")
        if self.stop is not None and self.stop <= self.entry:
            raise ParameterError(f"{self.name()}: stop is {self.stop!r}: it must be above entry, which is {self.entry!r}, or None")

    @property
    def bars_needed(self) -> int:
        """A full window."""
        return self.window

    def spread(self, market: Market) -> tuple[np.ndarray, np.ndarray]:
        """Return z and the hedge ratio on each bar, shape ``(T,)`` each.

        With a fixed hedge those before the end of the first window are what the window, once full, says of its own bars; nothing is
        decided there.
        """
        kind = fixed_spread if self.hedge == "fixed" else rolling_spread
        metal, miners = role_prices(market, "metal"), role_prices(market, "miners")
        return market.memo((self.hedge, "spread", self.window), lambda: kind(metal, miners, self.window, market.listed))

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Whether it waits after a stop; with a fixed hedge all of the past counts."""
        if self.hedge == "fixed":
            return None
        if self.stop is None:
            return ()
        z = np.abs(self.spread(market)[0])
        return (_newest(z >= self.stop, bars) > _newest(z <= self.exit, bars))[:, None]

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        z, hedge = self.spread(market)
        first = market.listed + self.window - 1
        z = np.where(np.arange(len(z)) < first, np.nan, z)
        held = positions(z, self.entry, self.exit, self.stop)  # -1 short the spread, 0 out, 1 long
        held[:first] = -2
        rows, states = changes(held + 1)
        metal = role_prices(market, "metal")[rows]
        miners = np.nan_to_num(hedge[rows] * role_prices(market, "miners")[rows])
        sizes = (states - 1) * self.gross / (metal + miners)
        weights = -(sizes * miners)[:, None] * parts(market, {"miners": 1.0}, rows)
        weights[:, 0] += sizes * metal
        contribution_split = np.zeros((len(rows), len(market.tickers)))
        return Decisions(weights=weights, contribution_split=contribution_split, rows=rows)


def _newest(mask: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """Return for each of `bars` the last bar up to it on which the mask is true; -1 where there is none."""
    true = np.concatenate(([-1], np.flatnonzero(mask)))
    return true[np.searchsorted(true, bars, side="right") - 1]
