"""The walk-forward that its tests have in common, and strategies and markets for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from small_markets import market

import orebody as ob
from orebody.research.walk_forward.windows import Window
from orebody.strategies import RatioRotation
from orebody.testing import random_market

__all__ = ["ACCOUNT", "GRID", "MARKET", "Holds", "bars_of", "days", "point", "walked"]


MARKET = random_market(11, bars=700)
GRID = {"window": range(20, 61, 10), "entry": [0.5, 1.0, 1.5]}
ACCOUNT = ob.Account(contribution=300, costs=ob.Costs(commission=0.001, fixed_fee=1.0))


@dataclass(frozen=True)
class Holds(ob.Strategy):
    """Hold one column from the first bar on, or cash; say so once."""

    column: int = ob.parameter(0, "the instrument; -1 is cash", low=-1)

    def decide(self, market: ob.Market) -> ob.Decisions:
        weights = np.zeros((1, len(market.tickers)))
        if self.column >= 0:
            weights[0, self.column] = 1.0
        return ob.Decisions(weights=weights, contribution_split=weights, rows=np.array([0]))


def walked(**options: object) -> ob.WalkForward:
    asked: dict[str, object] = {"train": 200, "test": 100} | options
    return ob.walk_forward(RatioRotation, GRID, MARKET, ACCOUNT, **asked)  # type: ignore[arg-type]


def bars_of(walk: ob.WalkForward) -> list[Window]:
    dates = walk.result.market.dates
    columns = (dates.get_indexer(walk.windows[name]) for name in ("train_from", "train_to", "test_from", "test_to"))
    return [Window(a, b + 1, c, d + 1) for a, b, c, d in zip(*columns, strict=True)]


def point(row: dict[str, object]) -> RatioRotation:
    return RatioRotation(window=row["window"], entry=row["entry"])  # type: ignore[arg-type]


def days(count: int, start: str = "2015-01-01") -> ob.Market:
    return market(pd.bdate_range(start, periods=count), np.ones((count, 2)))
