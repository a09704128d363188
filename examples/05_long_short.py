"""Long the cheap one, short the dear one: does the spread of metal and miners pay after costs, borrow and margin?

python examples/05_long_short.py
python examples/05_long_short.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

from options import run

import orebody as ob
from orebody.strategies import SpreadTrade


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    costs = ob.Costs(commission=0.001, slippage=0.0005, borrow_rate=0.02, financing_spread=0.015)
    if market.simulated:
        print("SIMULATED: these prices are made up.\n")
    results = {}
    for gross in (1.0, 2.0):  # long plus short, as a multiple of equity
        account = ob.Account(cash=100_000, costs=costs, leverage=gross, maintenance_margin=0.25)
        result = ob.backtest(SpreadTrade(entry=2.0, exit=0.5, gross=gross), market, account, label=f"spread, {gross:g} x equity")
        results[gross] = result
        figures, legs = result.metrics(), result.profit
        calls = result.fills.loc[result.fills["reason"] == "margin call", "date"].dt.date.astype(str).unique()
        made = "made" if figures.profit > 0 else "lost"
        print(f"{result.label}: {made} {abs(figures.profit):,.0f}, {figures.cagr:z.1%} a year, with a fall of {-figures.max_drawdown:.0%}.")
        # the legs, each after its own costs and borrow, and the interest are the profit to the cent
        shares = ", ".join(f"{ticker} {money:+,.0f}" for ticker, money in legs.items())
        print(f"  The legs: {shares}; interest on idle cash less financing {figures.interest:+,.0f}.")
        print(f"  Taken off already: {figures.costs:,.0f} of costs in {figures.trades} fills, and {figures.borrow:,.0f} for borrowing.")
        print(f"  Margin calls: {', '.join(calls) or 'none'}.")

    alone = results[1.0]
    trading, taken = float(alone.profit.sum()), alone.metrics().costs + alone.metrics().borrow
    if trading > 0:
        verdict = "it earned more than its costs"
    elif trading + taken > 0:
        verdict = "costs and borrow took more than it earned"
    else:
        verdict = "it lost before costs and borrow"
    print(f"\nOf the spread itself: {verdict} ({trading + taken:+,.0f} before them, {trading:+,.0f} after).")
    beta = alone.metrics().beta
    print(f"Its beta to the metal was {beta:+z.2f}: {'hardly' if abs(beta) < 0.1 else 'in part'} a bet on the metal's direction.")
    print("Tearsheet:", results[2.0].tearsheet(asked.out))


if __name__ == "__main__":
    run(main, __doc__, out="long-short.html")
