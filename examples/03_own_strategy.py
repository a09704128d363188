"""An own strategy in twenty lines: half and half, brought back when it has drifted, tried for look-ahead and compared.

python examples/03_own_strategy.py
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import orebody as ob
from orebody.schedule import period_begins


@dataclass(frozen=True)
class HalfAndHalf(ob.Strategy):
    """Keep metal and miners at equal shares, brought back once a period when one has left its band."""

    every: str = ob.parameter("quarter", "how often it looks", choices=("month", "quarter", "year"))
    band: float = ob.parameter(0.05, "drift of a share that it bears", low=0.0, high=0.5)

    def decide(self, market: ob.Market) -> ob.Decisions:
        split = market.shares({"metal": 0.5, "miners": 0.5})
        begins = period_begins(market.dates, self.every)
        begins[market.opening] = True
        rows = np.flatnonzero(begins)
        return ob.Decisions(weights=np.tile(split, (len(rows), 1)), invest=np.tile(split, (len(rows), 1)), band=self.band, rows=rows)


def main() -> None:
    market = ob.load_market("gold", source="sample")
    ob.testing.assert_causal(HalfAndHalf(), market)
    comparison = ob.compare({"tight": HalfAndHalf(band=0.01), "loose": HalfAndHalf(band=0.10)}, market, ob.Account(contribution=1_000))
    print(comparison)
    for label in ("tight", "loose"):
        figures = comparison.metrics[label]
        print(f"{label}: {figures.trades} fills, {figures.costs:,.0f} in costs, {figures.max_drawdown:.0%} at worst")
    print(comparison.results["loose"].fills.tail(4).to_string(index=False))


if __name__ == "__main__":
    main()
