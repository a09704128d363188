"""Is it more than leverage? Gearing of the miners from prices and from costs, and what strategies' returns were made of.

python examples/09_gearing.py                                        # on the embedded, simulated sample
python examples/09_gearing.py --source prices/ --universe gold       # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import orebody as ob
from orebody.strategies import BetaMatched, CoreSatellite, MomentumRotation, RatioRotation


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--universe", default="gold-producers", help="gold-producers has costs in the sample")
    options.add_argument("--start", help="first day of the prices")
    options.add_argument("--out", default="gearing.html", help="where the page goes")
    asked = options.parse_args()

    market = ob.load_market(asked.universe, source=asked.source, start=asked.start)
    gearing = ob.gearing(market)
    print(gearing)
    print("\n" + "\n".join(gearing.words()))
    if gearing.operating is not None:
        falls = ob.gearing(market, move=-0.3).operating
        print(f"\nProfit an ounce if gold fell by 30 %:\n{falls['profit_change'].map('{:+.0%}'.format).to_string()}")

    strategies = [RatioRotation(), MomentumRotation(), CoreSatellite(), BetaMatched()]
    apart = ob.decompose(ob.compare(strategies, market, engine="compiled"))
    print(f"\nWhat the returns were made of, a year:\n{apart.annual.map('{:+.1%}'.format).to_string()}")
    print("Page:", gearing.report(asked.out, apart))


if __name__ == "__main__":
    main()
