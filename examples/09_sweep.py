"""Which window, which threshold? A thousand points and their heatmap, and why the best one is not to be trusted alone.

python examples/09_sweep.py
python examples/09_sweep.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import time
from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import BuyAndHold, RatioRotation


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    grid = {"window": range(20, 270, 10), "entry": [0.1 * step for step in range(1, 41)]}
    begun = time.perf_counter()
    sweep = ob.sweep(RatioRotation, grid, market, account, metric="sharpe")
    print(f"{sweep.n_trials:,} points in {time.perf_counter() - begun:.1f} s, the kernel's compilation included where it was not kept\n")
    print(sweep)

    # the same money in the metal, from the day on which all points could decide
    metal = ob.backtest(BuyAndHold(), market, account, start=sweep.market.opening).metrics()
    better = int((sweep.table["sharpe"] > metal.sharpe).sum())
    print(f"\nThe metal, held with the same cash flows, has a Sharpe ratio of {metal.sharpe:.2f}: {better:,} of the points are above it.")

    best, near = sweep.best, sweep.neighbourhood["sharpe"]
    middle = sweep.table["sharpe"].median()
    lone = near.median() - middle < (best["sharpe"] - middle) / 2
    verdict = "a lone peak, which is luck more often than not" if lone else "a height, not a lone peak"
    print(f"The best point has {best['sharpe']:.2f}, it and its neighbours a median of {near.median():.2f}, all {middle:.2f}: {verdict}.")
    print("Page:", sweep.report(asked.out))


if __name__ == "__main__":
    run(main, __doc__, out="sweep.html")
