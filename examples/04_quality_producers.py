"""Do quality producers (low costs, little debt, many mines) beat the whole group? It needs fundamentals as they were known on the day.

python examples/04_quality_producers.py
python examples/04_quality_producers.py --source prices/    # GLD.csv, AEM.csv ..., fundamentals.csv and gauges/spot.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import QualityTilt


def main(asked: Namespace) -> None:
    market = ob.load_market("gold-producers", source=asked.source, start=asked.start, end=asked.end)
    if not market.fundamentals or "spot" not in market.gauges:
        lacking = "the metal's price in gauges/spot.csv" if market.fundamentals else "fundamentals of the producers"
        raise SystemExit(
            f"{market.source}: {lacking} not found, so there is nothing to rank by. A folder may hold both (docs/data.md has the columns); "
            "Yahoo has no costs, and its statements are not those known at the time."
        )
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    shares = {"the best third": 1 / 3, "the best half": 1 / 2, "all of them": 1.0}
    comparison = ob.compare({label: QualityTilt(top=top) for label, top in shares.items()}, market, account)
    print(comparison)

    # all three are brought back to equal parts each quarter, so that what differs between them is the choice alone
    everyone = comparison.metrics["all of them"]
    print()
    for label in list(shares)[:2]:
        figures, held = comparison.metrics[label], comparison.results[label].units.iloc[-1]
        gap = figures.cagr - everyone.cagr
        print(
            f"{label.capitalize()} grew {abs(gap):.1%} a year {'faster' if gap > 0 else 'slower'} than all of them, costs taken off, "
            f"and fell by {-figures.max_drawdown:.0%} where they fell by {-everyone.max_drawdown:.0%}."
        )
        print(f"  It holds {', '.join(held.index[held > 0])} now; its turnover was {figures.turnover:.0%} a year.")
    known = market.fundamental("aisc")[-1, 1:]
    cheapest = market.universe.miners[int(known.argmin())]
    print(f"Known on the last day: costs of {known.min():,.0f} to {known.max():,.0f} {market.aisc_unit}, the lowest at {cheapest}.")
    if market.universe.survivors_only:
        print("The list of producers has no dates: those that failed are not on it, which flatters all three alike.")
    print("Report:", comparison.report(asked.out, tearsheets=False))


if __name__ == "__main__":
    run(main, __doc__, out="quality-producers")
