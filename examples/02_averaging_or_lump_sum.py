"""Does averaging in beat a lump sum? From every month of the history, twelve instalments against all at once, valued a year on.

python examples/02_averaging_or_lump_sum.py
python examples/02_averaging_or_lump_sum.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from options import run

import orebody as ob
from orebody.market.schedule import period_begins
from orebody.strategies import BuyAndHold, DollarCostAverage

MONEY = 12_000


def a_year_on(market: ob.Market, first: int, role: str) -> tuple[float, float]:
    """Return what a lump sum and twelve instalments from bar `first` on are worth a year later."""
    end = market.dates.searchsorted(market.dates[first] + pd.DateOffset(years=1), side="right")
    year, account = market.cut(int(end)), ob.Account(cash=MONEY)  # cash that waits earns the market's rate
    ways = BuyAndHold(split={role: 1.0}), DollarCostAverage(installments=12, split={role: 1.0})
    # neither reads a price, so there is no future they could know of: 800 runs need not be tried for it
    lump, parts = (ob.backtest(way, year, account, engine="compiled", start=first, check_lookahead=False).equity.iloc[-1] for way in ways)
    return float(lump), float(parts)


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    months = np.flatnonzero(period_begins(market.dates, "month"))
    months = months[(months >= market.listed) & (market.dates[months] <= market.dates[-1] - pd.DateOffset(years=1))]
    if not len(months):
        raise SystemExit(f"{market.dates[0].date()} to {market.dates[-1].date()} has no month that is followed by a year of prices")
    if market.simulated:
        print("SIMULATED: these prices are made up.\n")

    figure = Figure(figsize=(10, 6), layout="constrained")
    for role, ticker, axes in zip(("metal", "miners"), market.tickers, figure.subplots(2, sharex=True), strict=True):
        lump, parts = np.array([a_year_on(market, first, role) for first in months]).T
        won, rose = lump > parts, lump > MONEY
        print(f"{ticker}: in {won.mean():.0%} of {len(months)} starting months the lump sum ended higher; it grew in {rose.mean():.0%}.")
        print(f"  {MONEY:,} became {lump.mean():,.0f} at once and {parts.mean():,.0f} in twelve parts on average;")
        print(f"  in one year of twenty it was below {np.quantile(lump, 0.05):,.0f} at once and {np.quantile(parts, 0.05):,.0f} in parts.")
        axes.bar(market.dates[months], lump - parts, width=25, color=np.where(won, "#0072B2", "#D55E00"))
        axes.set_ylabel("lump sum less instalments")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set_title(f"{'SIMULATED: ' if market.simulated else ''}{ticker}, by starting month; below zero averaging in ended higher")
    print("Years that overlap are no independent proof: think of them as one long history, looked at from each month.")
    figure.savefig(asked.out)
    print("Picture:", asked.out)


if __name__ == "__main__":
    run(main, __doc__, out="averaging-or-lump-sum.png")
