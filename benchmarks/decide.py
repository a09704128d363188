"""How long each strategy takes to decide, against one bare compiled rolling z-score over the same bars.

    python benchmarks/decide.py

5,000 bars x 2 instruments of random walks with every side series; compiled, and on a market that remembers nothing of the run before.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import numpy as np
from timing import median

import orebody as ob
from orebody.indicators import rolling_zscore
from orebody.registry import strategies
from orebody.testing import random_market

BOUND = {"trim-stretch": 60.0}


def with_side_series(market: ob.Market) -> ob.Market:
    draw = np.random.RandomState(1)
    gauges = {name: 100 * np.exp(np.cumsum(draw.standard_normal(len(market)) * 0.01)) for name in ("dollar", "spot")}
    quarter = np.arange(len(market)) // 63
    shape = (quarter[-1] + 1, market.close.shape[1])
    known = {name: draw.uniform(20, 90, shape)[quarter] for name in ("aisc", "net_debt_ebitda", "mines", "countries")}
    counts = {name: draw.randint(1, 15, shape)[quarter].astype(float) for name in ("bullish", "neutral", "bearish")}
    return replace(market, gauges=gauges, fundamentals=known, ratings=counts, aisc_unit="USD/oz")


def taken(strategy: ob.Strategy, market: ob.Market, times: int) -> float:
    strategy.decide(replace(market))
    seconds = []
    for _ in range(times):
        fresh = replace(market)  # keeps no indicator
        _ = fresh.marks, fresh.first, fresh.listed, fresh.static
        begun = time.perf_counter()
        strategy.decide(fresh)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main() -> None:
    market = with_side_series(random_market(1, bars=5_000, start="2000-01-01"))
    longer = with_side_series(random_market(1, bars=20_000, start="1950-01-01"))
    ratio = np.log(market.close[:, 1] / market.close[:, 0])
    bare = median(lambda: rolling_zscore(ratio, 252), 101)
    print(f"one rolling z-score over 5,000 bars: {bare * 1e6:.0f} microseconds")
    print(f"{'strategy':24}{'microseconds':>14}{'ratio':>8}{'bound':>8}{'20,000 bars':>14}")
    for name, strategy in strategies().items():
        once, grown = taken(strategy(), market, 31), taken(strategy(), longer, 11)
        print(f"{name:24}{once * 1e6:14.0f}{once / bare:8.1f}{BOUND.get(name, 20.0):8.0f}{grown / once:12.1f} x")


if __name__ == "__main__":
    main()
