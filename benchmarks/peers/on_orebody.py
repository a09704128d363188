"""orebody, asked as its users ask: market from frames, look-ahead check and all, on either engine; `half` is the miners or cash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from peers.work import SLIPPAGE, Figures, Point, Task, figures, held

import orebody as ob
from orebody.indicators import rolling_zscore
from orebody.strategies import RatioRotation

PACKAGE, VERSION = "orebody", ob.__version__
ACCOUNT = ob.Account(costs=ob.Costs(slippage=SLIPPAGE))


@dataclass(frozen=True)
class MinersOrCash(ob.Strategy):
    """The half of the rotation that one instrument allows."""

    window: int = ob.parameter(100, "bars in the z-score", low=2)
    entry: float = ob.parameter(1.0, "standard deviations", low=0.0)

    @property
    def bars_needed(self) -> int:
        return self.window

    def decide(self, market: ob.Market) -> ob.Decisions:
        z = market.memo(("z", self.window), lambda: rolling_zscore(np.log(market.close[:, 1] / market.close[:, 0]), self.window))
        states = held(z, (self.window, self.entry))
        rows = np.concatenate(([market.opening], np.flatnonzero(np.diff(states)) + 1))
        rows = rows[np.concatenate(([True], rows[1:] > market.opening))]
        weights = np.zeros((len(rows), 2))
        weights[:, 1] = states[rows]
        return ob.Decisions(weights=weights, rows=rows)


def market(frames: dict[str, pd.DataFrame], fill: str) -> ob.Market:
    return ob.Market.from_frames(frames, fill=fill, cash_rate=0.0, source="random walks")


KEPT: list[ob.Market] = []


def one(task: Task, point: Point, fill: str, half: bool, engine: str, again: bool = False) -> Figures:
    """From frames and with the look-ahead check, or `again` on the market of the last run, as a session that has one goes on."""
    if not again:
        KEPT[:] = [market(task.frames(), fill)]
    strategy = (MinersOrCash if half else RatioRotation)(*point)
    run = ob.backtest(strategy, KEPT[0], ACCOUNT, start=task.begin, engine=engine, check_lookahead=not again)
    return figures(run.equity.to_numpy())


def many(task: Task, points: list[Point], fill: str, half: bool) -> list[Figures]:
    grid = [{"window": window, "entry": entry} for window, entry in points]
    swept = ob.sweep(MinersOrCash if half else RatioRotation, grid, market(task.frames(), fill), ACCOUNT, start=task.begin)
    return list(zip(swept.table["final_equity"].tolist(), swept.table["sharpe"].tolist(), strict=True))
