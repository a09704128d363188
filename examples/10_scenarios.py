"""What might come: four choices on a thousand resampled years, bullish, bearish, in between, and one of your own.

python examples/10_scenarios.py                                        # on the embedded, simulated sample
python examples/10_scenarios.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import orebody as ob
from orebody.research.scenarios import CASES
from orebody.strategies import CoreSatellite, DryPowderAveraging, RatioRotation, VolatilityTarget


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--start", help="first day of the prices")
    options.add_argument("--paths", type=int, default=1_000, help="of each scenario")
    options.add_argument("--out", default="scenarios.html", help="where the page goes")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    strategies = [CoreSatellite(), DryPowderAveraging(), RatioRotation(), VolatilityTarget()]
    slow_bleed = ob.Scenario("slow bleed", drift=-0.1, volatility=0.7, gearing=2.2, derating=0.15)
    result = ob.scenarios(strategies, market, account, paths=asked.paths, scenarios=[*CASES, slow_bleed])
    print(result)
    print(f"\nRegret, the least first:\n{result.regret.round(0).to_string()}")

    worst = result.wealth("slow bleed")["ratio-rotation"].idxmin()
    again = ob.backtest(RatioRotation(), result.path("slow bleed", int(worst)), account)
    print(
        f"\nThe rotation's worst path of the slow bleed is path {worst}; a backtest on it ends at {again.equity.iloc[-1]:,.2f}, "
        f"the simulation ended at {result.wealth('slow bleed').loc[worst, 'ratio-rotation']:,.2f}."
    )
    print("Page:", result.report(asked.out))


if __name__ == "__main__":
    main()
