"""Your own `bt.Strategy` in our account: contributions, interest, costs, metrics and a tearsheet, and no order lost without a word.

python examples/07_own_bt_strategy.py
python examples/07_own_bt_strategy.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

import backtrader as bt
from options import run

import orebody as ob


class Crossover(bt.Strategy):
    """All in the miners while they run above their mean, else all in the metal."""

    params = (("window", 200),)

    def __init__(self) -> None:
        self.metal, self.miners = self.datas
        self.mean = bt.indicators.SMA(self.miners, period=self.p.window)

    def next(self) -> None:
        wanted, other = (self.miners, self.metal) if self.miners.close[0] > self.mean[0] else (self.metal, self.miners)
        if not self.getposition(wanted).size:
            self.order_target_percent(wanted, 1.0)  # sent before the sale that pays for it, and paid all the same
            self.close(other)


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    if market.simulated:
        print("SIMULATED: these prices are made up.\n")
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    for window in (100, 200):
        result = ob.backtest(Crossover, market, account, params={"window": window}, label=f"crossover {window}")
        figures, metal = result.metrics(), result.benchmark.metrics()
        gap = figures.final_equity / metal.final_equity - 1
        print(f"{result.description}: {figures.final_equity:,.0f}, {figures.xirr:.1%} money-weighted, {figures.costs:,.0f} in costs,")
        print(f"  {abs(gap):.1%} {'above' if gap > 0 else 'below'} the metal with the same money ({metal.final_equity:,.0f}).")
    print(f"\n{result.checked.capitalize()}: a class that keeps state cannot be asked twice. But the bars come to it one by one.")
    print(f"Orders of the last one, and what became of them:\n{result.fills['reason'].value_counts().to_string()}")
    print("Tearsheet:", result.tearsheet(asked.out))


if __name__ == "__main__":
    run(main, __doc__, out="own-bt-strategy.html")
