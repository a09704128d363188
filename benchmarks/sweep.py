"""A sweep of 1,000 points of RatioRotation over 5,000 bars x 2 instruments, against a kernel written by hand for just this rule.

    python benchmarks/sweep.py

The kernel by hand knows nothing but the rule: all in or out at the next open, slippage, no contributions, no interest, no books; it gives
final equity and Sharpe, its z-scores computed once for each window, on as many threads as the sweep has. Both are warm.
"""

from __future__ import annotations

import math
import resource
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from timing import medians

import orebody as ob
from orebody.indicators import rolling_zscore
from orebody.strategies import RatioRotation
from orebody.testing import random_market

WINDOWS, ENTRIES = list(range(20, 220, 5)), [0.2 + 0.1 * k for k in range(25)]
SLIPPAGE = 0.0005


@njit(nogil=True, cache=True, fastmath=True)
def by_hand(z: np.ndarray, entries: np.ndarray, opens: np.ndarray, closes: np.ndarray, first: int, start: int, out: np.ndarray) -> None:
    bars = len(z)
    for p in range(len(entries)):
        entry, cash, units, held, wanted = entries[p], 100_000.0, 0.0, -1, -1
        for t in range(first, start + 1):
            if z[t] > entry or (t == first and z[t] >= -entry):
                wanted = 0
            elif z[t] < -entry:
                wanted = 1
        before, total, squares = cash, 0.0, 0.0
        for t in range(start + 1, bars):
            if wanted != held:
                if held >= 0:
                    cash = units * opens[t, held] * (1 - SLIPPAGE)
                units = cash / (opens[t, wanted] * (1 + SLIPPAGE))
                cash = 0.0
                held = wanted
            equity = units * closes[t, held]
            one = equity / before - 1.0
            total += one
            squares += one * one
            before = equity
            if z[t] > entry:
                wanted = 0
            elif z[t] < -entry:
                wanted = 1
        count = bars - 1 - start
        out[p, 0] = before
        out[p, 1] = total / count / math.sqrt((squares - total * total / count) / (count - 1)) * math.sqrt(252)


def hand_written(market: ob.Market) -> np.ndarray:
    ratio = np.log(market.close[:, 1] / market.close[:, 0])
    entries, start = np.array(ENTRIES), max(WINDOWS) - 1
    out = np.empty((len(WINDOWS), len(ENTRIES), 2))
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(by_hand, rolling_zscore(ratio, window), entries, market.open, market.close, window - 1, start, out[at])
            for at, window in enumerate(WINDOWS)
        ]
        for job in jobs:
            job.result()
    return out


def main() -> None:
    def market() -> ob.Market:  # a new one each time, so that no indicator is kept from before
        return random_market(1, bars=5_000, start="2000-01-01", cash_rate=0.0)

    markets = [market()]
    grid = {"window": WINDOWS, "entry": ENTRIES}
    account = ob.Account(costs=ob.Costs(slippage=SLIPPAGE))
    saving = ob.Account(costs=ob.Costs(slippage=SLIPPAGE), contribution=1_000, cash_rate=0.02)

    result = ob.sweep(RatioRotation, grid, markets[0], account)
    first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    markets += [market() for _ in range(44)]  # after the memory of one sweep was measured: they take 28 MB
    expected = hand_written(markets[0])
    np.testing.assert_allclose(result.table["final_equity"], expected[..., 0].ravel(), rtol=1e-9)
    np.testing.assert_allclose(result.table["sharpe"], expected[..., 1].ravel(), rtol=1e-6)

    hand, plain, rich, checked = medians(
        19,
        lambda: hand_written(markets[1]),
        lambda: ob.sweep(RatioRotation, grid, markets.pop(), account, check_lookahead=False),
        lambda: ob.sweep(RatioRotation, grid, markets.pop(), saving, check_lookahead=False),
        lambda: ob.sweep(RatioRotation, grid, markets[2], account),
    )
    print(f"1,000 points: by hand {hand:.4f} s; orebody {plain:.4f} s, {plain / hand:.1f} x (bound 2.5)")
    print(f"with monthly contributions and interest {rich:.4f} s, {rich / plain:.1f} x the plain one (bound 2)")
    print(f"with the look-ahead check at three points {checked:.4f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of the process at its highest, after the first 1,000 points {first:.0f} MB (bound 250)")
    begun = time.perf_counter()
    many = ob.sweep(
        RatioRotation, {"window": range(20, 220), "entry": np.linspace(0.2, 2.7, 500)}, markets[2], account, check_lookahead=False
    )
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = many.table.memory_usage(deep=True).sum() / 2**20
    print(f"{many.tried:,} points {time.perf_counter() - begun:.1f} s, {more - peak:.0f} MB more, the table of them {table:.0f} MB")


if __name__ == "__main__":
    main()
