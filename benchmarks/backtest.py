"""One RatioRotation run through the backtrader engine, against the same rule written as a backtrader user writes it, in one process.

    python benchmarks/backtest.py

Ours includes the look-ahead check (the strategy decides seventeen times), the Result and its equity. The idiomatic version loads pandas
feeds, uses backtrader's indicators and `order_target_percent` and keeps its equity, without observers and analyzers; it stands in
`peers/on_backtrader.py`. Prices are random walks; times are medians of several runs.
"""

from __future__ import annotations

from functools import partial

from peers.on_backtrader import Rotation, loaded
from timing import median

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

WINDOW, ENTRY = 252, 1.0


def idiomatic(market: ob.Market) -> float:
    cerebro = loaded(market)
    cerebro.addstrategy(Rotation, window=WINDOW, entry=ENTRY)
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
