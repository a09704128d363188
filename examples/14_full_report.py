"""All of it in one report: strategies compared, crises, gearing, what returns were made of, significance, scenarios, tearsheets.

python examples/14_full_report.py
python examples/14_full_report.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import BuyWeakness, CoreSatellite, DollarCostAverage, MomentumRotation, RatioRotation


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    strategies = [RatioRotation(), MomentumRotation(), CoreSatellite(), DollarCostAverage(), BuyWeakness()]
    comparison = ob.compare(strategies, market, account)
    print(comparison)

    # each is a section of the report, and can be asked for its figures
    print("\nThe research and the tearsheets take a moment.", flush=True)
    stress = ob.stress(comparison)
    gearing = ob.gearing(market)
    apart = ob.decompose(comparison)
    significance = ob.significance(comparison, samples=500)
    scenarios = ob.scenarios(comparison.strategies, market, account, paths=500)
    index = comparison.report(asked.out, research=[stress, gearing, apart, significance, scenarios])

    if not stress.table.empty:
        worst = stress.table.loc[stress.table["return"].idxmin()]
        print(f"\nThe worst crisis: {worst['strategy']} returned {worst['return']:.0%} in {worst['episode']}.")
    print(gearing.sentences[0])
    print(significance.sentences[0])
    print(f"Of the three scenarios, {scenarios.regret.index[0]} has the least to regret.")
    tearsheets = list(index.parent.glob("tearsheet-*.html"))
    print(f"Report: {index}, with {len(tearsheets)} tearsheets beside it")


if __name__ == "__main__":
    run(main, __doc__, out="full-report")
