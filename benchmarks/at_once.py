"""What must not be waited for, against what comes before it: a comparison shown in a notebook, and price files looked through.

    python benchmarks/at_once.py

Fourteen strategies over twenty years of random walks: their figures, table and picture against making the runs. Twenty tickers of
twenty years: the quality report's inspection against reading them with pandas.read_csv.
"""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from timing import medians

import orebody as ob
from orebody.quality import inspect
from orebody.strategies import RatioRotation
from orebody.testing import random_market

TIMES = 5


def main() -> None:
    market = random_market(1, bars=5_040, start="2005-01-03")
    strategies = {f"window {60 + at}": RatioRotation(window=60 + at) for at in range(14)}
    made = compared(market, strategies)
    making, showing = medians(TIMES, lambda: compared(market, strategies), lambda: fresh(made)._repr_html_())
    print(f"14 strategies over 20 years in a notebook: {showing:.2f} s beside {making:.2f} s for the runs, {showing / making:.2f} x")

    texts = [prices(market, at).to_csv() for at in range(20)]
    frames = [pd.read_csv(io.StringIO(text), index_col=0, parse_dates=True) for text in texts]
    reading, inspecting = medians(
        TIMES,
        lambda: [pd.read_csv(io.StringIO(text), index_col=0, parse_dates=True) for text in texts],
        lambda: [inspect("X", frame) for frame in frames],
    )
    print(f"20 tickers of 20 years inspected: {inspecting:.2f} s beside {reading:.2f} s for reading them, {inspecting / reading:.2f} x")


def compared(market: ob.Market, strategies: dict[str, RatioRotation]) -> ob.Comparison:
    return ob.compare(strategies, market, ob.Account(contribution=1_000), engine="compiled", check_lookahead=False)


def fresh(made: ob.Comparison) -> ob.Comparison:
    """Return the comparison without any figures yet."""
    return ob.Comparison(made.market, made.account, made.results, made.benchmarks, made.opening)


def prices(market: ob.Market, at: int) -> pd.DataFrame:
    """Return bars of one ticker, another one for each number."""
    scale = 1 + at / 20
    names = ("Open", "High", "Low", "Close")
    return pd.DataFrame({name: np.round(scale * getattr(market, name.lower())[:, 1], 2) for name in names}, index=market.dates)


if __name__ == "__main__":
    main()
