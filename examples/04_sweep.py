"""Which window? A thousand of them, and why the best one is not to be trusted alone.

python examples/04_sweep.py                                        # on the embedded, simulated sample
python examples/04_sweep.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse
import time

import orebody as ob
from orebody.strategies import BuyAndHold, RatioRotation


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--start", help="first day of the prices")
    options.add_argument("--out", default="sweep.html", help="where the page goes")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    grid = {"window": range(20, 270, 10), "entry": [0.1 * step for step in range(1, 41)]}
    begun = time.perf_counter()
    result = ob.sweep(RatioRotation, grid, market, account, metric="sharpe")
    print(f"{result.tried:,} points in {time.perf_counter() - begun:.1f} s, the kernel's compilation included where it was not kept\n")
    print(result)

    metal = ob.backtest(BuyAndHold(), market, account, start=result.market.opening).metrics()
    better = int((result.table["sharpe"] > metal.sharpe).sum())
    print(f"\nThe metal, held with the same cash flows, has a Sharpe ratio of {metal.sharpe:.2f}: {better:,} of the points are above it.")
    print("Page:", result.report(asked.out))


if __name__ == "__main__":
    main()
