"""Skill or luck: is any strategy better than holding the metal, once all that was tried is counted?

python examples/08_significance.py                                        # on the embedded, simulated sample
python examples/08_significance.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import orebody as ob
from orebody.strategies import CoreSatellite, DollarCostAverage, MomentumRotation, RatioRotation, TrimStretch


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--start", help="first day of the prices")
    options.add_argument("--out", default="significance.html", help="where the page goes")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    strategies = [RatioRotation(), MomentumRotation(), TrimStretch(), CoreSatellite(), DollarCostAverage()]
    found = ob.significance(ob.compare(strategies, market, account, engine="compiled"), samples=1000)
    print(found)
    print(f"\nThe same switches at random times:\n{found.skilless.drop(columns='note').round(3).to_string()}")

    grid = {"window": range(20, 261, 20), "entry": [0.5, 1.0, 1.5, 2.0]}
    sweep = ob.sweep(RatioRotation, grid, market, account, keep="equity")
    best = sweep.best
    judged = ob.significance(sweep, samples=1000)
    print(f"\nThe best of {sweep.tried} points has a Sharpe ratio of {best['sharpe']:.2f}:")
    print("\n".join(judged.conclusions))

    point = RatioRotation(window=best["window"], entry=best["entry"])
    alone = ob.significance(ob.compare([point], market, account, engine="compiled"), tried=sweep.tried, samples=1000)
    p = alone.skilless["p_value"].iloc[0]
    print(f"\nIts switches at random times do as well with a probability of {p:.3f}, before counting that it was chosen.")
    print("Page:", found.report(asked.out))


if __name__ == "__main__":
    main()
