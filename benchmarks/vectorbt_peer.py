"""The same 1,000-point sweep, and one run, on vectorbt and on orebody, in one process. vectorbt is not among orebody's dependencies.

    pip install vectorbt orebody; python benchmarks/vectorbt_peer.py

vectorbt gets target weights at the opens that follow the signals, all points at once with cash shared between the two instruments; its
signals come from the same z-scores. Final equity and Sharpe are asked of both; both are warm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import vectorbt as vbt
from timing import median

import orebody as ob
from orebody.indicators import rolling_zscore
from orebody.strategies import RatioRotation
from orebody.testing import random_market

WINDOWS, ENTRIES = list(range(20, 220, 5)), [0.2 + 0.1 * k for k in range(25)]


def targets(market: ob.Market, points: list[tuple[int, float]], start: int) -> pd.DataFrame:
    """Return target weights by (point, instrument), stated on the bar after each switch; NaN in between."""
    ratio = np.log(market.close[:, 1] / market.close[:, 0])
    scores = {window: rolling_zscore(ratio, window) for window, _ in points}
    table = np.full((len(market), 2 * len(points)), np.nan)
    for at, (window, entry) in enumerate(points):
        z = scores[window]
        signal = np.where(z > entry, 0, np.where(z < -entry, 1, -1))
        if signal[window - 1] < 0:
            signal[window - 1] = 0
        state = pd.Series(np.where(signal >= 0, signal, np.nan)).ffill().to_numpy()
        switch = np.flatnonzero(np.diff(state, prepend=np.nan) != 0)
        switch = np.union1d(switch[(switch > start)], [start])
        switch = switch[switch < len(market) - 1]
        for bar in switch[~np.isnan(state[switch])]:
            held = int(state[bar])
            table[bar + 1, 2 * at + held], table[bar + 1, 2 * at + 1 - held] = 1.0, 0.0
    columns = pd.MultiIndex.from_product([range(len(points)), market.tickers])
    return pd.DataFrame(table, index=market.dates, columns=columns)


def peer(market: ob.Market, points: list[tuple[int, float]], start: int) -> tuple[pd.Series, pd.Series]:
    size = targets(market, points, start)

    def wide(prices: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(np.tile(prices, len(points)), index=market.dates, columns=size.columns)

    book = vbt.Portfolio.from_orders(
        wide(market.close),
        size,
        size_type="targetpercent",
        price=wide(market.open),
        slippage=0.0005,
        group_by=0,
        cash_sharing=True,
        call_seq="auto",
        init_cash=100_000,
        freq="1D",
    )
    return book.final_value(), book.sharpe_ratio()


def main() -> None:
    market = random_market(1, bars=5_000, start="2000-01-01", cash_rate=0.0)
    points, start = [(window, entry) for window in WINDOWS for entry in ENTRIES], max(WINDOWS) - 1
    account = ob.Account(costs=ob.Costs(slippage=0.0005))
    mine = ob.sweep(RatioRotation, {"window": WINDOWS, "entry": ENTRIES}, market, account)
    theirs, _ = peer(market, points, start)
    off = (theirs.to_numpy() / mine.table["final_equity"].to_numpy() - 1).__abs__()
    print(f"final equity differs by {np.median(off):.1e} in the median, {off.max():.1e} at most")
    slow = median(lambda: peer(market, points, start), 3)
    fast = median(lambda: ob.sweep(RatioRotation, {"window": WINDOWS, "entry": ENTRIES}, market, account, check=False), 9)
    print(f"1,000 points: vectorbt {slow:.2f} s, orebody {fast:.4f} s, {slow / fast:.0f} x (bound 100)")
    one, two = (100, 1.0), RatioRotation(window=100)
    slow = median(lambda: peer(market, [one], 99), 9)
    fast = median(lambda: ob.backtest(two, market, account, engine="compiled", check=False).equity, 31)
    print(f"one run: vectorbt {slow:.4f} s, orebody {fast:.5f} s, {slow / fast:.0f} x (bound 30)")


if __name__ == "__main__":
    main()
