"""The same 1,000 points through backtrader's own optstrategy, on all cores, and through a sweep, in one process.

    python benchmarks/optstrategy.py          # 40 of the points, scaled up
    python benchmarks/optstrategy.py --all    # all of them: some ten minutes

optstrategy is given its fast settings (data loaded once, runs return no lines). Prices are random walks.
"""

from __future__ import annotations

import sys
import time

import backtrader as bt
from backtest import Idiomatic, loaded
from timing import median

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

WINDOWS, ENTRIES = list(range(20, 220, 5)), [0.2 + 0.1 * k for k in range(25)]


class Valued(Idiomatic):
    """Keeps the final value where optstrategy's results can be asked for it."""

    def stop(self) -> None:
        self.p.value = self.broker.getvalue()

    params = (("value", 0.0),)


def optimised(market: ob.Market, windows: list[int], entries: list[float]) -> list[float]:
    cerebro: bt.Cerebro = loaded(market)
    cerebro.optstrategy(Valued, window=windows, entry=entries)
    return [run.p.value for (run,) in cerebro.run(optdatas=True, optreturn=True)]


def main() -> None:
    market = random_market(1, bars=5_000, start="2000-01-01", cash_rate=0.0)
    grid = {"window": WINDOWS, "entry": ENTRIES}
    windows = WINDOWS if "--all" in sys.argv else WINDOWS[::10]
    entries = ENTRIES if "--all" in sys.argv else ENTRIES[::3][:10]
    begun = time.perf_counter()
    values = optimised(market, windows, entries)
    slow = (time.perf_counter() - begun) * 1_000 / len(values)
    fast = median(lambda: ob.sweep(RatioRotation, grid, market, check=False), 15)
    how = "all of them" if len(values) == 1_000 else f"from {len(values)} of them"
    print(f"1,000 points: optstrategy {slow:.0f} s ({how}), orebody {fast:.4f} s, {slow / fast:,.0f} x (bound 10,000)")


if __name__ == "__main__":
    main()
