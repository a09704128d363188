"""Is it more than leverage? Gearing of the miners from prices and from costs, and what strategies' returns were made of.

python examples/11_gearing.py
python examples/11_gearing.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and the producers' AEM.csv, AU.csv ...
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import BetaMatched, CoreSatellite, MomentumRotation, RatioRotation


def main(asked: Namespace) -> None:
    market = ob.load_market("gold-producers", source=asked.source, start=asked.start, end=asked.end)
    gearing = ob.gearing(market)
    print(gearing)
    print("\n" + "\n".join(gearing.sentences))
    falls = ob.gearing(market, move=-0.3).operating
    if falls is not None:  # where the source has costs, and the metal's price in their unit
        print(f"\nProfit an ounce if the metal fell by 30 %:\n{falls['profit_change'].map('{:+.0%}'.format).to_string()}")

    # each return in parts that add up: being invested, leverage, the miners' own, timing, cash, costs
    strategies = [RatioRotation(), MomentumRotation(), CoreSatellite(), BetaMatched()]
    comparison = ob.compare(strategies, market, engine="compiled")
    apart = ob.decompose(comparison)
    print(f"\nWhat the returns were made of, a year:\n{apart.annual.map('{:+.1%}'.format).to_string()}")
    timing = apart.annual.loc[list(comparison.strategies), ["timing_metal", "timing_miners"]].sum(axis=1)
    print(
        f"Timing and drift brought {timing.idxmax()} the most ({timing.max():+.1%}) and {timing.idxmin()} the least ({timing.min():+.1%})."
    )
    print("Page:", gearing.report(asked.out, apart))


if __name__ == "__main__":
    run(main, __doc__, out="gearing.html")
