"""Both engines side by side for every strategy, and how a compiled run grows with bars and instruments.

    python benchmarks/engines.py

Times are medians; a run includes the decisions, the Result and its equity, but no look-ahead check. Prices are random walks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from timing import median

import orebody as ob
from orebody.registry import strategies
from orebody.testing import random_market


def run(strategy: ob.Strategy, market: ob.Market, engine: str) -> Callable[[], object]:
    return lambda: ob.backtest(strategy, market, engine=engine, check=False).equity


def main() -> None:
    market = random_market(1, bars=5_000, start="2000-01-01")
    print("5,000 bars x 2 instruments, milliseconds a run")
    for name, strategy in strategies().items():
        slow, fast = (median(run(strategy(), market, engine), times) * 1e3 for engine, times in (("backtrader", 5), ("compiled", 31)))
        print(f"  {name:20} backtrader {slow:7.1f}   compiled {fast:6.2f}   {slow / fast:5.0f} x")

    class Monthly(ob.Strategy):
        """Equal weights, stated once a month."""

        def decide(self, market: ob.Market) -> ob.Decisions:
            rows = np.arange(0, len(market), 21)
            return ob.Decisions(weights=np.full((len(rows), len(market.tickers)), 1 / len(market.tickers)), rows=rows)

    print("growth of a compiled run that states equal weights each month, nanoseconds a bar and instrument (linear means level)")
    for bars, instruments in ((1_000, 2), (5_000, 2), (20_000, 2), (50_000, 2), (5_000, 5), (5_000, 10), (5_000, 20)):
        grown = random_market(1, bars=bars, miners=instruments - 1, start="1750-01-01")
        each = median(run(Monthly(), grown, "compiled"), 15) / bars / instruments
        print(f"  {bars:>6,} bars x {instruments:2}   {each * 1e9:6.1f}")


if __name__ == "__main__":
    main()
