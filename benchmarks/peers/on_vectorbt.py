"""vectorbt: target weights at the opens after the switches, all points at once, cash shared between the two instruments."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pandas as pd
import vectorbt as vbt
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, held, orders, scores

PACKAGE, FILL, PART = "vectorbt", "open", 1_000
VERSION = version(PACKAGE)


def many(task: Task, points: list[Point]) -> list[Figures]:
    begin, tickers = task.begin, task.tickers
    z = {window: scores(task, window) for window, _ in points}
    table = np.full((len(task.dates), 2 * len(points)), np.nan)
    for at, point in enumerate(points):
        states = held(z[point[0]], point)
        said = orders(states, begin)
        table[said + 1, 2 * at + states[said]], table[said + 1, 2 * at + 1 - states[said]] = 1.0, 0.0
    columns = pd.MultiIndex.from_product([range(len(points)), tickers])

    def wide(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values[begin:], index=task.dates[begin:], columns=columns)

    book = vbt.Portfolio.from_orders(
        wide(np.tile(task.close, len(points))),
        wide(table),
        size_type="targetpercent",
        price=wide(np.tile(task.open, len(points))),
        slippage=SLIPPAGE,
        group_by=0,
        cash_sharing=True,
        call_seq="auto",
        init_cash=CASH,
        freq="1D",
    )
    ratio = book.sharpe_ratio(year_freq="252 days")
    return list(zip(np.atleast_1d(book.final_value()).tolist(), np.atleast_1d(ratio).tolist(), strict=True))


def one(task: Task, point: Point) -> Figures:
    return many(task, [point])[0]
