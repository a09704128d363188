"""One RatioRotation run through the backtrader engine, against the same rule written as a backtrader user writes it, in one process.

    python benchmarks/backtest.py

Ours includes the look-ahead check (the strategy decides seventeen times), the Result and its equity. The idiomatic version loads pandas
feeds and uses backtrader's indicators and `order_target_percent`, without observers and analyzers, which would only slow it. Prices are
random walks; times are medians of several runs.
"""

from __future__ import annotations

import math
from functools import partial

import backtrader as bt
import pandas as pd
from timing import median

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

WINDOW, ENTRY = 252, 1.0


class LogRatio(bt.Indicator):  # type: ignore[misc]
    lines = ("value",)

    def next(self) -> None:
        self.lines.value[0] = math.log(self.datas[0].close[0] / self.datas[1].close[0])


class Idiomatic(bt.Strategy):  # type: ignore[misc]
    params = (("window", WINDOW), ("entry", ENTRY))

    def __init__(self) -> None:
        self.metal, self.miners = self.datas
        self.ratio = LogRatio(self.miners, self.metal)
        self.mean = bt.indicators.SMA(self.ratio, period=self.p.window)
        self.spread = bt.indicators.StdDev(self.ratio, period=self.p.window)
        self.held = None

    def next(self) -> None:
        z = (self.ratio[0] - self.mean[0]) / self.spread[0]
        wanted = self.miners if z < -self.p.entry else self.metal if z > self.p.entry or self.held is None else self.held
        if wanted is not self.held:
            if self.held is not None:
                self.order_target_percent(self.held, 0.0)
            self.order_target_percent(wanted, 0.99)
            self.held = wanted


def loaded(market: ob.Market) -> bt.Cerebro:
    """Return a Cerebro with the market's bars, cash and slippage."""
    cerebro = bt.Cerebro(stdstats=False)
    for i, ticker in enumerate(market.tickers):
        frame = pd.DataFrame({name: getattr(market, name)[:, i] for name in ("open", "high", "low", "close")}, index=market.dates)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame.assign(volume=0.0)), name=ticker)
    cerebro.broker.setcash(100_000)
    cerebro.broker.set_slippage_perc(0.0005)
    return cerebro


def idiomatic(market: ob.Market) -> float:
    cerebro = loaded(market)
    cerebro.addstrategy(Idiomatic)
    cerebro.run()
    return float(cerebro.broker.getvalue())


def ours(market: ob.Market) -> float:
    return float(ob.backtest(RatioRotation(window=WINDOW, entry=ENTRY), market).equity.iloc[-1])


def main() -> None:
    market = random_market(1, bars=5_000, start="2000-01-01")
    slow, fast = median(lambda: idiomatic(market), 5), median(lambda: ours(market), 9)
    print(f"5,000 bars x 2 instruments: idiomatic backtrader {slow:.3f} s, orebody {fast:.3f} s, ratio {fast / slow:.3f} (bound 0.2)")
    print("growth of ours, microseconds a bar (linear means level):")
    for bars in (1_000, 5_000, 10_000, 50_000):
        longer = random_market(1, bars=bars, start="1700-01-01")
        each = median(partial(ours, longer), 3) / bars
        print(f"  {bars:>6,} bars  {each * 1e6:6.1f}")


if __name__ == "__main__":
    main()
