"""Is it better to hold gold, to hold its miners, or to rotate between the two?

python examples/01_hold_or_rotate.py                                        # on the embedded, simulated sample
python examples/01_hold_or_rotate.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import orebody as ob
from orebody.strategies import RatioRotation


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--out", default="hold-or-rotate", help="where the report goes")
    options.add_argument("--start", help="first day of the prices, such as the day on which the youngest fund was listed")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    account = ob.Account(cash=100_000, contribution=1_000, every="month", costs=ob.Costs(commission=0.001, slippage=0.0005))
    comparison = ob.compare(
        {
            "rotate, a year": RatioRotation(window=252, entry=1.0),
            "rotate, a quarter": RatioRotation(window=63, entry=1.0),
            "rotate, split inside 0.5": RatioRotation(window=252, entry=1.0, exit=0.5),
        },
        market,
        account,
    )
    print(comparison)

    metal, miners = (comparison.metrics[label] for label in comparison.yardsticks)
    best = next(label for label in comparison.results if label not in comparison.yardsticks)
    figures = comparison.metrics[best]
    print()
    print(f"Of the rotations {best!r} ended highest: {figures.final_equity:,.0f} from {figures.contributed:,.0f} put in.")
    print(f"The metal with the same cash flows ended at {metal.final_equity:,.0f}, the miners at {miners.final_equity:,.0f}.")
    falls = [f"{-one.max_drawdown:.0%}" for one in (figures, metal, miners)]
    print(f"On the way it fell by {falls[0]}, the metal by {falls[1]}, the miners by {falls[2]}.")
    print("Report:", comparison.report(asked.out, tearsheets=False))


if __name__ == "__main__":
    main()
