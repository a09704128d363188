"""A strategy of ours in your own Cerebro, beside your sizers, analyzers and feeds; then the same in our account, to the cent.

python examples/05_in_your_own_cerebro.py
"""

from __future__ import annotations

import backtrader as bt
import pandas as pd

import orebody as ob
from orebody.strategies import RatioRotation


def your_cerebro(market: ob.Market, **settings: bool) -> bt.Cerebro:
    """Return a Cerebro as you make it: a feed for the metal, then one for its miners, each with its ticker as name."""
    cerebro = bt.Cerebro(stdstats=False, **settings)
    for i, ticker in enumerate(market.tickers):
        prices = {name: getattr(market, name)[:, i] for name in ("open", "high", "low", "close")}
        cerebro.adddata(bt.feeds.PandasData(dataname=pd.DataFrame(prices, index=market.dates).assign(volume=0.0)), name=ticker)
    cerebro.broker.setcash(100_000)
    cerebro.addanalyzer(bt.analyzers.DrawDown, _name="drawdown")
    return cerebro


def main() -> None:
    market = ob.load_market("gold", source="sample")
    rotation = ob.to_backtrader(RatioRotation)
    free = ob.Account(cash=100_000, costs=ob.Costs(slippage=0.0), cash_rate=0.0)
    print(f"orebody.backtest:            {ob.backtest(RatioRotation(window=120), market, free).equity.iloc[-1]:>14,.2f}")

    for how, settings in (("cheat_on_open=True", {"cheat_on_open": True}), ("sized from the close", {})):
        cerebro = your_cerebro(market, **settings)
        cerebro.addstrategy(rotation, window=120)
        (done,) = cerebro.run()
        worst = done.analyzers.drawdown.get_analysis().max.drawdown
        print(f"Cerebro, {how:<20}{cerebro.broker.getvalue():>14,.2f}  {worst:.1f} % at worst, {len(done.rejected)} orders rejected")

    cerebro = your_cerebro(market, cheat_on_open=True)
    cerebro.optstrategy(rotation, window=(60, 120, 250))
    for (run,) in cerebro.run(maxcpus=1):
        print(f"window {run.p.window:>3}: {run.analyzers.drawdown.get_analysis().max.drawdown:.1f} % at worst")


if __name__ == "__main__":
    main()
