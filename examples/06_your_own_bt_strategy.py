"""Your own `bt.Strategy` in our account: contributions, interest, costs, metrics and a tearsheet, and no order lost without a word.

python examples/06_your_own_bt_strategy.py
"""

from __future__ import annotations

import argparse

import backtrader as bt

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


def main() -> None:
    options = argparse.ArgumentParser(description="Your own bt.Strategy in our account.")
    options.add_argument("--out", default="crossover.html", help="where the tearsheet goes")
    asked = options.parse_args()
    market = ob.load_market("gold", source="sample")
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    for window in (100, 200):
        result = ob.backtest(Crossover, market, account, params={"window": window}, label=f"crossover {window}")
        figures = result.metrics()
        print(f"{result.description}: {result.equity.iloc[-1]:,.0f}, {figures.xirr:.1%} money-weighted, {figures.costs:,.0f} in costs")
    print(f"the metal with the same money: {result.benchmark.equity.iloc[-1]:,.0f}")
    print(f"checked: {result.checked}")
    print("orders and what became of them:")
    print(result.fills["reason"].value_counts().to_string())
    print("Tearsheet:", result.tearsheet(asked.out))


if __name__ == "__main__":
    main()
