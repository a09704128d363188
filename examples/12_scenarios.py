"""What might come: four choices on a thousand resampled years, bullish, bearish, in between, and one of your own. No forecast.

python examples/12_scenarios.py
python examples/12_scenarios.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import CoreSatellite, DryPowderAveraging, RatioRotation, VolatilityTarget


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    strategies = [CoreSatellite(), DryPowderAveraging(), RatioRotation(), VolatilityTarget()]
    slow_bleed = ob.Scenario("slow bleed", drift=-0.1, volatility=0.7, gearing=2.2, derating=0.15)
    result = ob.scenarios(strategies, market, account, paths=1_000, scenarios=["bullish", "bearish", "in between", slow_bleed])
    print(result)
    print(f"\nBy how much each median falls short of the best one's, the least first:\n{result.regret.round(0).to_string()}")

    least, most = result.regret.index[0], result.regret.index[-1]
    print(f"\nWho does not know which of these will come regrets {least} least: at most {result.regret['worst'].iloc[0]:,.0f},")
    print(f"and {most} most: up to {result.regret['worst'].iloc[-1]:,.0f}, of {account.cash:,.0f} and a year of contributions.")

    # a path is a market again, so the worst of them can be looked at bar by bar
    worst = int(result.wealth("slow bleed")["ratio-rotation"].idxmin())
    again = ob.backtest(RatioRotation(), result.path("slow bleed", worst), account)
    simulated = result.wealth("slow bleed").loc[worst, "ratio-rotation"]
    print(f"The rotation's worst path of the slow bleed is path {worst}, which ends at {simulated:,.2f};")
    print(f"a backtest on that path ends at {again.equity.iloc[-1]:,.2f}.")
    print("Page:", result.report(asked.out))


if __name__ == "__main__":
    run(main, __doc__, out="scenarios.html")
