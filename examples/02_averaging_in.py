"""Does averaging in beat a lump sum? Half-yearly starts through the history, twelve instalments against all at once, valued a year on.

python examples/02_averaging_in.py                                        # on the embedded, simulated sample
python examples/02_averaging_in.py --source prices/ --start 2006-05-22   # on a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

import argparse

import pandas as pd

import orebody as ob
from orebody.strategies import BuyAndHold, DollarCostAverage


def one_year(market: ob.Market, start: pd.Timestamp, account: ob.Account, role: str) -> tuple[float, float]:
    """Return what a lump sum and twelve instalments from `start` are worth a year later."""
    bars = int(market.dates.searchsorted(start + pd.DateOffset(years=1), side="right"))
    year = market.cut(bars)
    lump = ob.backtest(BuyAndHold(split={role: 1.0}), year, account, start=start)
    parts = ob.backtest(DollarCostAverage(installments=12, split={role: 1.0}), year, account, start=start)
    return float(lump.equity.iloc[-1]), float(parts.equity.iloc[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", default="sample", help="'sample', or a folder with one <TICKER>.csv each")
    options.add_argument("--start", help="first day of the prices, such as the day on which the youngest fund was listed")
    asked = options.parse_args()

    market = ob.load_market("gold", source=asked.source, start=asked.start)
    if market.simulated:
        print("SIMULATED: these prices are made up.\n")
    account = ob.Account(cash=12_000, cash_rate=0.0)
    last_start = market.dates[-1] - pd.DateOffset(years=1)
    starts = [start for start in pd.date_range(market.dates[0], last_start, freq="MS") if start.month in (1, 7)]
    for role, ticker in zip(("metal", "miners"), market.tickers, strict=False):
        outcomes = pd.DataFrame([one_year(market, start, account, role) for start in starts], columns=["lump", "parts"])
        won = (outcomes["lump"] > outcomes["parts"]).mean()
        print(f"{ticker}: of {len(starts)} half-yearly starts the lump sum ended ahead in {won:.0%}.")
        print(f"  12,000 became on average {outcomes['lump'].mean():,.0f} at once and {outcomes['parts'].mean():,.0f} in twelve parts;")
        print(f"  the worst year left {outcomes['lump'].min():,.0f} and {outcomes['parts'].min():,.0f}.")


if __name__ == "__main__":
    main()
