"""The baseline of any comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.decisions import Decisions
from orebody.market.market import Market
from orebody.strategy import Carried, Strategy, check_split, parameter

__all__ = ["BuyAndHold"]


@dataclass(frozen=True)
class BuyAndHold(Strategy):
    """Put all cash and every contribution into a fixed split, and never sell.

    Reads nothing. Decides once, on the bar on which the account opens (or, if later, all parts of the split are listed): spend the
    cash by `split`, and let each contribution follow.
    The baseline of any comparison.
    """

    split: dict[str, float] = parameter({"metal": 1.0}, "share of the money for each of metal, miners or a ticker; the rest stays cash")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self.name(), self.split)

    @property
    def deploys(self) -> bool:
        """It spends cash."""
        return True

    def carries(self, market: Market, bars: np.ndarray) -> Carried:
        """Nothing: it decides once."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        row = market.held_from(self.split)
        shares = market.shares(self.split, row)[None]
        rows = np.array([row])
        return Decisions(deploy=shares, contribution_split=shares, rows=rows) if row < len(market) else Decisions(rows=rows[:0])
