"""Does it pay to wait for weakness? Miners bought in layers as they fall, or ever more the deeper, against buying at once.

python examples/03_buying_weakness.py
python examples/03_buying_weakness.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import BuyWeakness, DollarCostAverage, DryPowderAveraging


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))  # what waits earns the cash rate
    patient = {
        "layers": BuyWeakness(rungs=(0.5, 0.75, 1.0, 1.5)),  # in units of the miners' own annual volatility, below the year's high
        "dry powder": DryPowderAveraging(base=0.05, slope=10.0),  # 5 % of the cash a month at the high, 10 % when 10 % below it
    }
    comparison = ob.compare({**patient, "twelve parts": DollarCostAverage()}, market, account)
    print(comparison)

    miners = comparison.metrics[comparison.benchmarks[1]]
    print()
    for label in patient:
        figures, result = comparison.metrics[label], comparison.results[label]
        bought = result.fills[result.fills["units"] > 0]
        paid = (bought["units"] * bought["price"]).sum() / bought["units"].sum()
        unspent = result.cash.iloc[-1] / result.equity.iloc[-1]
        gap = figures.final_equity - miners.final_equity
        print(
            f"{label}: {len(bought)} purchases at {paid:,.2f} on average; {figures.dry_powder:.0%} lay in cash, {unspent:.0%} at the end."
        )
        print(
            f"  It ended {abs(gap):,.0f} {'above' if gap > 0 else 'below'} the miners bought at once, "
            f"after a fall of {-figures.max_drawdown:.0%} on the way, where theirs was {-miners.max_drawdown:.0%}."
        )
    ahead = [label for label in patient if comparison.metrics[label].final_equity > miners.final_equity]
    print(f"\nWaiting for weakness paid with {' and '.join(ahead) or 'neither'} here. What waits also misses the rises before a fall.")
    print("Report:", comparison.report(asked.out, tearsheets=False))


if __name__ == "__main__":
    run(main, __doc__, out="buying-weakness")
