"""A strategy of ours in your own Cerebro, beside your sizers, analyzers and feeds; then the same in our account, to the cent.

python examples/08_own_cerebro.py
python examples/08_own_cerebro.py --source prices/ --start 2006-05-22    # a folder with GLD.csv and GDX.csv
"""

from __future__ import annotations

from argparse import Namespace

import backtrader as bt
import pandas as pd
from matplotlib.figure import Figure
from options import run

import orebody as ob
from orebody.strategies import RatioRotation


def your_cerebro(market: ob.Market, **settings: bool) -> bt.Cerebro:
    """Return a Cerebro as you make it: a feed for the metal, then one for its miners, each with its ticker as name."""
    cerebro = bt.Cerebro(stdstats=False, **settings)
    for i, ticker in enumerate(market.tickers):
        prices = {name: getattr(market, name)[:, i] for name in ("open", "high", "low", "close")}
        frame = pd.DataFrame(prices, index=market.dates).assign(volume=0.0).dropna()  # a miner listed late has no bars before
        cerebro.adddata(bt.feeds.PandasData(dataname=frame), name=ticker)
    cerebro.broker.setcash(100_000)
    cerebro.addanalyzer(bt.analyzers.DrawDown, _name="drawdown")
    cerebro.addanalyzer(bt.analyzers.TimeReturn, _name="returns")
    return cerebro


def main(asked: Namespace) -> None:
    market = ob.load_market("gold", source=asked.source, start=asked.start, end=asked.end)
    if market.simulated:
        print("SIMULATED: these prices are made up.\n")
    like_a_stock_broker = ob.Account(cash=100_000, costs=ob.Costs(slippage=0.0), cash_rate=0.0)
    ours = ob.backtest(RatioRotation(window=120), market, like_a_stock_broker).equity
    print(f"In our account{ours.iloc[-1]:>39,.2f}")

    axes = (figure := Figure(figsize=(10, 5), layout="constrained")).subplots()
    axes.plot(ours, color="#768390", linewidth=5, alpha=0.5, label="our account")
    rotation = ob.to_backtrader(RatioRotation)  # a bt.Strategy class with the same parameters
    for how, settings in (("sized at the open", {"cheat_on_open": True}), ("sized from the close", {})):
        cerebro = your_cerebro(market, **settings)
        cerebro.addstrategy(rotation, window=120)
        (done,) = cerebro.run()
        value, worst = cerebro.broker.getvalue(), done.analyzers.drawdown.get_analysis().max.drawdown
        apart = f"{abs(value / ours.iloc[-1] - 1):.2%} apart"
        print(f"In your Cerebro, {how:<22}{value:>14,.2f}  {apart}; {worst:.1f} % at worst, {len(done.rejected)} orders rejected")
        axes.plot(100_000 * (1 + pd.Series(done.analyzers.returns.get_analysis())).cumprod(), linewidth=1, label=f"your Cerebro, {how}")

    cerebro = your_cerebro(market, cheat_on_open=True)
    cerebro.optstrategy(rotation, window=(60, 120, 250))
    falls = {run.p.window: run.analyzers.drawdown.get_analysis().max.drawdown for (run,) in cerebro.run(maxcpus=1)}
    print(f"Your optstrategy over windows: {', '.join(f'{window} bars fell by {fall:.1f} %' for window, fall in falls.items())}.")
    axes.set_title(f"{'SIMULATED: ' if market.simulated else ''}One strategy, two engines, equity")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend()
    figure.savefig(asked.out)
    print("Picture:", asked.out)


if __name__ == "__main__":
    run(main, __doc__, out="own-cerebro.png")
