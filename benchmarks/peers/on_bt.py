"""bt: a table of target weights, rebalanced on the days on which it changes. One price a bar, so orders fill at the next close."""

from __future__ import annotations

from importlib.metadata import version

import bt
import numpy as np
import pandas as pd
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, figures, held, orders, scores

PACKAGE, FILL, PART = "bt", "close", 40
VERSION = version(PACKAGE)


def one(task: Task, point: Point) -> Figures:
    states = held(scores(task, point[0]), point)
    said = orders(states, task.begin)
    weights = pd.DataFrame(np.eye(2)[states[said]], index=task.dates[said + 1], columns=list(task.tickers))
    strategy = bt.Strategy("rotation", [bt.algos.RunOnDate(*weights.index), bt.algos.WeighTarget(weights), bt.algos.Rebalance()])
    prices = pd.DataFrame(task.close, index=task.dates, columns=list(task.tickers)).iloc[task.begin :]

    def cost(quantity: float, price: float) -> float:
        return abs(quantity) * price * SLIPPAGE

    test = bt.Backtest(strategy, prices, initial_capital=CASH, commissions=cost, integer_positions=False, progress_bar=False)
    test.run()
    return figures(test.strategy.values.to_numpy()[1:])  # bt puts a day of its own before the first


def many(task: Task, points: list[Point]) -> list[Figures]:
    return [one(task, point) for point in points]
