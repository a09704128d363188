"""Would the best parameters have been found in time? Chosen on three years, traded for one, again and again.

python examples/07_walk_forward.py                                        # on the embedded, simulated sample
python examples/07_walk_forward.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import orebody as ob
from orebody.strategies import RatioRotation


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--start", help="first day of the prices")
    options.add_argument("--out", default="walk_forward.html", help="where the page goes")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    grid = {"window": range(20, 261, 10), "entry": [0.5, 1.0, 1.5, 2.0]}
    walk = ob.walk_forward(RatioRotation, grid, market, account, train="3 years", test="1 year", purge=5)
    print(walk)
    print(f"\n{walk.windows[['test_from', 'test_to', *walk.parameters, 'in_sample', 'out_of_sample', 'rank', 'ranked']].to_string()}")
    print(f"\nWhat was left of it:\n{walk.efficiency.round(3).to_string()}")
    print(f"\nHow the choice moved:\n{walk.stability.round(2).to_string()}")

    hindsight = ob.sweep(RatioRotation, grid, market, account, start=walk.result.market.opening).best
    print(
        f"\nWho had known the best point of the same years would have had a Sharpe ratio of {hindsight['sharpe']:.2f}, "
        f"the walk-forward had {walk.result.metrics().sharpe:.2f}, the metal {walk.result.benchmark.metrics().sharpe:.2f}."
    )
    print("Page:", walk.report(asked.out))


if __name__ == "__main__":
    main()
