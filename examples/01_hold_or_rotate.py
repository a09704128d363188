"""Is it better to hold gold, to hold its miners, or to rotate between the two?

python examples/01_hold_or_rotate.py
python examples/01_hold_or_rotate.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import RatioRotation


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, every="month", costs=ob.Costs(commission=0.001, slippage=0.0005))
    rotations = {
        "rotate, a year": RatioRotation(window=252, entry=1.0),
        "rotate, a quarter": RatioRotation(window=63, entry=1.0),
        "rotate, split inside 0.5": RatioRotation(window=252, entry=1.0, exit=0.5),
    }
    comparison = ob.compare(rotations, market, account)
    print(comparison)

    # runs stand best first, and the metal and the miners held with the same cash flows are among them
    metal, miners = (comparison.metrics[label] for label in comparison.benchmarks)
    best = next(label for label in comparison.results if label in rotations)
    rotated = comparison.metrics[best]
    dearest = max(rotations, key=lambda label: comparison.metrics[label].costs)
    ahead = sum(comparison.metrics[label].final_equity > max(metal.final_equity, miners.final_equity) for label in rotations)
    print(
        f"\n{rotated.contributed:,.0f} was put in. The metal made {metal.final_equity:,.0f} of it, the miners {miners.final_equity:,.0f}."
    )
    print(f"Of the {len(rotations)} rotations {ahead} ended above both; the best, {best!r}, at {rotated.final_equity:,.0f}.")
    falls = [f"{-one.max_drawdown:.0%}" for one in (rotated, metal, miners)]
    print(f"On the way it fell by {falls[0]}, the metal by {falls[1]}, the miners by {falls[2]}.")
    print(
        f"Trading cost most with {dearest!r}: {comparison.metrics[dearest].costs:,.0f}. The best of several is partly luck: see example 10."
    )
    print("Report:", comparison.report(asked.out, tearsheets=False))


if __name__ == "__main__":
    run(main, __doc__, out="hold-or-rotate")
