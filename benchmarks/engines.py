"""Both engines side by side for every strategy, and how a compiled run grows with bars and instruments.

    python benchmarks/engines.py [picture.svg]

Times are medians; a run includes the decisions, the Result and its equity, but no look-ahead check. Prices are random walks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from timing import median

import orebody as ob
from orebody.errors import DataError, UnknownNameError
from orebody.registry import strategies
from orebody.testing import random_market


def run(strategy: ob.Strategy, market: ob.Market, engine: str) -> Callable[[], object]:
    return lambda: ob.backtest(strategy, market, engine=engine, check_lookahead=False).equity


def main() -> None:
    market = random_market(1, bars=5_000, start="2000-01-01")
    print("5,000 bars x 2 instruments, milliseconds a run")
    for name, strategy in strategies().items():
        try:
            slow, fast = (median(run(strategy(), market, engine), times) * 1e3 for engine, times in (("backtrader", 5), ("compiled", 31)))
        except (DataError, UnknownNameError):
            print(f"  {name:20} reads side series, which random walks have none of")
            continue
        print(f"  {name:20} backtrader {slow:7.1f}   compiled {fast:6.2f}   {slow / fast:5.0f} x")

    class Monthly(ob.Strategy):
        """Equal weights, stated once a month."""

        def decide(self, market: ob.Market) -> ob.Decisions:
            rows = np.arange(0, len(market), 21)
            return ob.Decisions(weights=np.full((len(rows), len(market.tickers)), 1 / len(market.tickers)), rows=rows)

    def taken(bars: int, instruments: int) -> float:
        grown = random_market(1, bars=bars, miners=instruments - 1, start="1750-01-01")
        return median(run(Monthly(), grown, "compiled"), 15)

    print("growth of a compiled run that states equal weights each month, milliseconds a run, and nanoseconds a bar and instrument")
    by_bars = {bars: taken(bars, 2) for bars in (1_000, 2_000, 5_000, 10_000, 20_000, 35_000, 50_000)}
    by_width = {instruments: taken(5_000, instruments) for instruments in (2, 5, 10, 15, 20)}
    for bars, seconds in by_bars.items():
        print(f"  {bars:>6,} bars x  2   {seconds * 1e3:6.2f}   {seconds / bars / 2 * 1e9:6.1f}")
    for instruments, seconds in by_width.items():
        print(f"   5,000 bars x {instruments:2}   {seconds * 1e3:6.2f}   {seconds / 5_000 / instruments * 1e9:6.1f}")
    if len(sys.argv) > 1:
        draw(by_bars, by_width, sys.argv[1])


def draw(by_bars: dict[int, float], by_width: dict[int, float], path: str) -> None:
    """Draw both, each with the straight line through its ends."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, taken, label in zip(
        figure.subplots(1, 2), (by_bars, by_width), ("bars, of 2 instruments", "instruments, of 5,000 bars"), strict=True
    ):
        sizes, times = list(taken), [seconds * 1e3 for seconds in taken.values()]
        axes.plot([sizes[0], sizes[-1]], [times[0], times[-1]], color="#999999", linewidth=1, label="straight line")
        axes.plot(sizes, times, "o", color="#0072B2", label="measured")
        axes.set(xlabel=label, ylabel="ms a run", xlim=(0, None), ylim=(0, None))
        axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
