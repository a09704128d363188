"""backtrader: its own indicators and `order_target_percent`; many points with `optstrategy` on all cores.

It sizes an order at the close on which it is given and refuses what the next open then makes dearer than the cash there is, so a target
of 99 % is what works; one hundredth of the money stays idle. Nothing but the strategy runs: no observers, no analyzers.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, figures

PACKAGE, FILL, PART = "backtrader", "open", 40
VERSION = version(PACKAGE)


class LogRatio(bt.Indicator):
    lines = ("value",)

    def next(self) -> None:
        self.lines.value[0] = math.log(self.datas[0].close[0] / self.datas[1].close[0])


class Rotation(bt.Strategy):
    params = (("window", 100), ("entry", 1.0), ("begin", 0), ("equity", None))

    def __init__(self) -> None:
        self.metal, self.miners = self.datas
        self.ratio = LogRatio(self.miners, self.metal)
        self.mean = bt.indicators.SMA(self.ratio, period=self.p.window)
        self.spread = bt.indicators.StdDev(self.ratio, period=self.p.window)
        self.held, self.wanted, self.worth = None, None, []

    def next(self) -> None:
        z = (self.ratio[0] - self.mean[0]) / self.spread[0]
        self.wanted = self.miners if z < -self.p.entry else self.metal if z > self.p.entry or self.wanted is None else self.wanted
        if len(self) <= self.p.begin:
            return
        self.worth.append(self.broker.getvalue())
        if self.wanted is not self.held:
            if self.held is not None:
                self.order_target_percent(self.held, 0.0)
            self.order_target_percent(self.wanted, 0.99)
            self.held = self.wanted

    def stop(self) -> None:
        self.p.equity = self.worth


def loaded(market: Any) -> bt.Cerebro:
    """Return a Cerebro with the bars of a market, cash and slippage."""
    cerebro = bt.Cerebro(stdstats=False)
    for i, ticker in enumerate(market.tickers):
        frame = pd.DataFrame({name: getattr(market, name)[:, i] for name in ("open", "high", "low", "close")}, index=market.dates)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame.assign(volume=0.0)), name=ticker)
    cerebro.broker.setcash(CASH)
    cerebro.broker.set_slippage_perc(SLIPPAGE)
    return cerebro


def one(task: Task, point: Point) -> Figures:
    cerebro = loaded(task)
    cerebro.addstrategy(Rotation, window=point[0], entry=point[1], begin=task.begin)
    (run,) = cerebro.run()
    return figures(np.array(run.p.equity))


def many(task: Task, points: list[Point]) -> list[Figures]:
    cerebro = loaded(task)
    windows, entries = (list(dict.fromkeys(column)) for column in zip(*points, strict=True))
    assert len(windows) * len(entries) == len(points)
    cerebro.optstrategy(Rotation, window=windows, entry=entries, begin=task.begin)
    done = {(run.p.window, run.p.entry): figures(np.array(run.p.equity)) for (run,) in cerebro.run(optdatas=True, optreturn=True)}
    return [done[point] for point in points]
