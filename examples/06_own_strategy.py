"""A strategy of your own in twenty lines: half and half, brought back when it has drifted. How tight should the band be?

python examples/06_own_strategy.py
python examples/06_own_strategy.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass

import numpy as np
from options import run

import orebody as ob
from orebody.market.schedule import first_and_each


@dataclass(frozen=True)
class HalfAndHalf(ob.Strategy):
    """Keep metal and miners at equal shares, brought back once a period when one has left its band."""

    every: str = ob.parameter("quarter", "how often it looks", choices=("month", "quarter", "year"))
    band: float = ob.parameter(0.05, "drift of a share that it bears", low=0.0, high=0.5)

    def decide(self, market: ob.Market) -> ob.Decisions:
        split = market.shares({"metal": 0.5, "miners": 0.5})
        rows = first_and_each(market.dates, self.every, market.opening)  # a period's first bar is known on that bar; its last is not
        splits = np.tile(split, (len(rows), 1))
        return ob.Decisions(weights=splits, contribution_split=splits, band=self.band, rows=rows)


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    ob.testing.assert_causal(HalfAndHalf(), market)  # tries many cuts; compare and backtest try a few of their own accord
    bands = {f"band of {band:.0%}": HalfAndHalf(band=band) for band in (0.01, 0.05, 0.20)}
    comparison = ob.compare(bands, market, ob.Account(contribution=1_000))
    print(comparison)

    print()
    for label in bands:
        figures = comparison.metrics[label]
        print(f"{label}: {figures.trades} fills, {figures.costs:,.0f} in costs, turnover {figures.turnover:.0%} a year.")
    finals = [comparison.metrics[label].final_equity for label in bands]
    best = next(label for label in comparison.results if label in bands)
    print(f"A {best} ended highest; between the best and the worst band lie {max(finals) / min(finals) - 1:.1%} of wealth.")
    print(f"The last orders of the {best}:\n{comparison.results[best].fills.tail(4).to_string(index=False)}")
    print("Report:", comparison.report(asked.out, tearsheets=False))


if __name__ == "__main__":
    run(main, __doc__, out="own-strategy")
