"""Would the best parameters have been found in time, and is what is left more than luck? Walk-forward, then the tests of significance.

python examples/10_walk_forward.py
python examples/10_walk_forward.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import RatioRotation

GRID = {"window": range(20, 261, 20), "entry": [0.5, 1.0, 1.5, 2.0]}


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))

    # chosen on three years, traded for the next one, again and again, in one account
    walk = ob.walk_forward(RatioRotation, GRID, market, account, train="3 years", test="1 year", purge=5)
    print(walk)
    print(f"\n{walk.windows[['test_from', 'test_to', *walk.parameters, 'in_sample', 'out_of_sample', 'rank', 'ranked']].to_string()}")

    # the best of the same years with hindsight, and the metal with the same cash flows
    sweep = ob.sweep(RatioRotation, GRID, market, account, start=walk.result.market.opening, keep="equity")
    best = sweep.best
    kept = walk.efficiency.loc["sharpe"]
    metal = walk.result.benchmark.metrics().sharpe
    print(
        f"\nThe chosen had a Sharpe ratio of {kept['in_sample']:.2f} when they were chosen, {kept['out_of_sample']:.2f} in the years after."
    )
    print(f"The metal had {metal:.2f}; who had known the best point would have had {best['sharpe']:.2f}.")

    # is that best point more than the luckiest of so many?
    judged = ob.significance(sweep, samples=500)
    comparison = ob.compare({"best in hindsight": sweep.strategy(best)}, market, account, start=sweep.market.opening)
    alone = ob.significance(comparison, n_trials=sweep.n_trials, samples=500)
    assert alone.random_timing is not None  # unlike a sweep, a comparison keeps its decisions
    shifted = alone.random_timing.iloc[0]
    print(f"\nThe best of {sweep.n_trials} points, judged by all that was tried:")
    print("\n".join(judged.sentences))
    chance = shifted["note"] or f"they do as well with a probability of {shifted['p_value']:.3f}, before counting that it was chosen"
    print(f"Its own switches at random times: {chance}.")
    print("Report:", comparison.report(asked.out, tearsheets=False, research=[walk, judged]))


if __name__ == "__main__":
    run(main, __doc__, out="walk-forward")
