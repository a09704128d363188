"""backtesting.py: one instrument to an account, so the rotation itself cannot be run; half of it is, the miners or cash.

Fractions of shares come from `FractionalBacktest`. Points run one after the other: `optimize` would use all cores, but gives one figure.
"""

from __future__ import annotations

import warnings
from importlib.metadata import version

import numpy as np
from backtesting.lib import FractionalBacktest
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, figures, held, orders, scores

from backtesting import Strategy

PACKAGE, FILL, PART, HALF = "backtesting", "open", 40, True
VERSION = version(PACKAGE)


class MinersOrCash(Strategy):
    window, entry, task = 100, 1.0, None

    def init(self) -> None:
        states = held(scores(self.task, self.window), (self.window, self.entry))
        said = orders(states, self.task.begin)
        self.wanted = np.zeros(len(states), dtype=int)
        self.wanted[said] = np.where(states[said] == 1, 1, -1)

    def next(self) -> None:
        wanted = self.wanted[len(self.data) - 1]
        if wanted > 0 and not self.position:
            self.buy()
        elif wanted < 0 and self.position:
            self.position.close()


def one(task: Task, point: Point) -> Figures:
    warnings.filterwarnings("ignore")  # it says that the position at the end is open
    frame = task.frames()[task.tickers[1]].assign(Volume=0)
    test = FractionalBacktest(frame, MinersOrCash, cash=CASH, commission=SLIPPAGE)
    stats = test.run(window=point[0], entry=point[1], task=task)
    return figures(stats["_equity_curve"]["Equity"].to_numpy()[task.begin :])


def many(task: Task, points: list[Point]) -> list[Figures]:
    return [one(task, point) for point in points]
