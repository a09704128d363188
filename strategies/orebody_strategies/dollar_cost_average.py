"""Averaging in: "Dollar-cost averaging can smooth out volatility"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.strategy import (
    PERIODS,
    Decisions,
    Market,
    PathState,
    Strategy,
    check_split,
    first_and_each,
    first_held,
    parameter,
    restate,
    spread,
)

__all__ = ["DollarCostAverage"]


@dataclass(frozen=True)
class DollarCostAverage(Strategy):
    """Put the initial cash in as equal instalments, one each period; contributions go in whole as they arrive.

    Reads the calendar only. The first instalment is decided on the bar on which the account opens, the others on the first bar of each
    later period; the k-th of n spends 1/(n - k + 1) of the cash then free, so that all are equal and none is left. Interest earned on
    waiting cash is spread over the instalments that remain. Where an account is asked to open before every part of the split is listed,
    the share of what is missing goes to the other parts, as in `BuyAndHold`, and with nothing listed the first instalment waits. Encodes
    "Dollar-cost averaging can smooth out volatility".
    """

    installments: int = parameter(12, "number of equal parts of the initial cash", low=1)
    every: str = parameter("month", "one part each", choices=PERIODS)
    split: dict[str, float] = parameter({"miners": 1.0}, "share of each part for metal, miners or a ticker; together 1")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self.name(), self.split, whole=True)

    @property
    def deploys(self) -> bool:
        """It spends cash."""
        return True

    def decides_from(self, market: Market) -> int:
        """Where the first part of the split is listed."""
        return first_held(market, self.split)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: it counts from the opening."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        first = max(market.opening, self.decides_from(market))
        paid = first_and_each(market.dates, self.every, first)[: self.installments]
        rows = np.union1d(paid, restate(market, self.split, first))
        shares = spread(market, self.split, rows)
        deploy = np.full_like(shares, np.nan)
        at = np.searchsorted(rows, paid)
        deploy[at] = shares[at] / (self.installments - np.arange(len(paid)))[:, None]
        return Decisions(deploy=deploy, contribution_split=shares, rows=rows)
