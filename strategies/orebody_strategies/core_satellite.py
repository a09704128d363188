"""A core that stays and a satellite that may stray a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import drift_rebalances
from orebody.strategy import Decisions, Market, PathState, Strategy, parameter, parts

__all__ = ["CoreSatellite"]


@dataclass(frozen=True)
class CoreSatellite(Strategy):
    """Hold the metal as the core and the miners as the satellite, and bring them back only when a weight has left its band.

    Reads no prices with one miner: from the bar on which both are listed the target weights are restated on every bar, with a band of
    `band` around each, and the account trades when a weight is outside. Several miners would each stay inside a band meant for all of
    them; there the metal's weight is computed from what was bought when all were last brought back (its fill prices, and each close
    since), and all are brought back together when it leaves the band. The band is looked at on closes, contributions aside: an account
    that receives some is nearer to its targets. Contributions are split as the targets are. Encodes "a balanced approach makes sense".
    """

    core: float = parameter(0.7, "weight of the metal; the miners have the rest", low=0.0, high=1.0)
    band: float = parameter(0.05, "how far a weight may drift from its target", low=0.0, high=1.0)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: shares are followed from the opening."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        split = {"metal": self.core, "miners": 1 - self.core}
        first = market.listed
        if len(market.universe.miners) == 1 and not market.universe.dated:
            weights = np.full(market.close.shape, np.nan)
            weights[first:] = market.shares(split)
            contribution_split = np.full_like(weights, np.nan)
            contribution_split[first : first + 1] = market.shares(split)
            return Decisions(weights=weights, contribution_split=contribution_split, band=self.band)
        first = max(first, market.opening)  # the account has its targets then
        targets = parts(market, split, np.arange(len(market)))
        rows = drift_rebalances(market.marks, market.fills, targets, self.band, first)
        held = targets[rows]
        return Decisions(weights=held, contribution_split=held, rows=rows)
