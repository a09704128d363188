"""The baseline of any comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.strategy import Decisions, Market, PathState, Strategy, check_split, first_held, parameter, restate, spread

__all__ = ["BuyAndHold"]


@dataclass(frozen=True)
class BuyAndHold(Strategy):
    """Put all cash and every contribution into a fixed split, and never sell.

    Reads nothing. On the bar on which the account opens it spends the cash by `split`, and each contribution follows. Where an account is
    asked to open before every part of the split is listed, the share of what is missing goes to the other parts, in proportion to theirs,
    and with nothing listed yet it decides on the first bar on which something is; contributions are split anew when a part lists or has
    ended, and what was bought is kept.
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

    def decides_from(self, market: Market) -> int:
        """Where the first part of the split is listed."""
        return first_held(market, self.split)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: it counts from the opening."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        rows = restate(market, self.split, max(market.opening, self.decides_from(market)))
        shares = spread(market, self.split, rows)
        deploy = np.full_like(shares, np.nan)
        deploy[:1] = shares[:1]
        return Decisions(deploy=deploy, contribution_split=shares, rows=rows)
