"""Is it the same beyond gold? Miners against metal, and a rotation chosen on gold, in every universe that the source has prices for.

python examples/13_beyond_gold.py                     # the sample: gold with seniors, juniors and single producers, silver, copper
python examples/13_beyond_gold.py --source yahoo
python examples/13_beyond_gold.py --source prices/    # a folder with the tickers of docs/data.md, or some of them
"""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from matplotlib.figure import Figure
from options import run

import orebody as ob
from orebody.errors import DownloadError
from orebody.strategies import RatioRotation

# no fund holds lithium or what diversified miners dig: one of all such miners stands in for the metal
UNIVERSES = ("gold", "gold-juniors", "gold-producers", "silver", "copper", "diversified", "battery-metals")


def compared(name: str, asked: Namespace) -> ob.Comparison | None:
    """Return the comparison on one universe, or None where the source does not have it, and say why."""
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    try:
        # many files have closes alone, so all is filled at the next close; rows that cannot be right are taken out, and listed
        load = partial(ob.load_market, name, source=asked.source, start=asked.start, fill="close", repair="drop")
        market = load(end=asked.end)
        if (market.ends[1:] >= 0).all():  # no miner is left: what they were sold for would lie in cash, beside a metal that goes on
            last = market.dates[market.ends[1:].max()]
            print(f"{name}: only until {last.date()}, when the prices of its miners end")
            market = load(end=last)
        comparison = ob.compare({"rotation": RatioRotation()}, market, account, engine="compiled")
    except DownloadError:
        raise  # nobody answers, so there is no point in asking for the others
    except ob.OrebodyError as error:
        print(f"{name}: left out, {error}")
        return None
    for kind, note in market.notes:
        if kind.startswith("repair"):
            print(f"{name}: {kind}, {note}")
    return comparison


def main(asked: Namespace) -> None:
    found = {name: comparison for name in UNIVERSES if (comparison := compared(name, asked)) is not None}
    if not found:
        raise SystemExit(f"{asked.source} has prices for none of {', '.join(UNIVERSES)}")
    simulated = any(comparison.market.simulated for comparison in found.values())
    print("\nSIMULATED: these prices are made up." if simulated else "")

    miners_won, rotation_won = [], []
    axes = (figure := Figure(figsize=(10, 5), layout="constrained")).subplots()
    for name, comparison in found.items():
        (metal, miners), final = comparison.benchmarks, comparison.table["final_equity"]
        opened, beta = comparison.results[metal].dates[0].date(), comparison.metrics[miners].beta
        ends = f"metal {final[metal]:,.0f}, miners {final[miners]:,.0f} (beta {beta:.2f}), rotation {final['rotation']:,.0f}"
        print(f"{name}, from {opened}: {ends}")
        miners_won += [name] if final[miners] > final[metal] else []
        rotation_won += [name] if final["rotation"] > max(final[metal], final[miners]) else []
        equity = comparison.to_frame("equity")
        axes.plot(equity[miners] / equity[metal], linewidth=1.2, label=name)

    print(f"\nHolding the miners ended above holding their metal in {len(miners_won)} of {len(found)} ({', '.join(miners_won) or 'none'}).")
    print(f"The rotation ended above both in {len(rotation_won)} ({', '.join(rotation_won) or 'none'}).")
    print("The universes differ in when they begin, and their miners move together: they are no independent trials.")
    if simulated:
        print("And each day of the sample is drawn by itself: a rule that wins on it wins by chance (docs/data.md).")
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.axhline(1.0, color="#768390", linewidth=0.8)
    axes.set_title(f"{'SIMULATED: ' if simulated else ''}Wealth in the miners over wealth in their metal, same cash flows")
    axes.legend()
    figure.savefig(asked.out)
    print("Picture:", asked.out)


if __name__ == "__main__":
    run(main, __doc__, out="beyond-gold.png")
