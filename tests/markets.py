"""Small markets for cases worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

import orebody as ob

FREE = ob.Costs(commission=0.0, slippage=0.0)


def market(
    dates: Sequence[str] | pd.DatetimeIndex,
    opens: Sequence[Sequence[float]],
    closes: Sequence[Sequence[float]] | None = None,
    *,
    cash_rate: float | pd.Series = 0.0,
    fill: str = "open",
) -> ob.Market:
    """Return a market of tickers A (the metal), B, C … with these opens and closes, a row a bar; NaN where there is no bar."""
    first, last = np.asarray(opens, dtype=float), np.asarray(opens if closes is None else closes, dtype=float)
    frames = {
        ticker: pd.DataFrame(
            {
                "Open": first[:, i],
                "High": np.maximum(first, last)[:, i],
                "Low": np.minimum(first, last)[:, i],
                "Close": last[:, i],
            },
            index=pd.DatetimeIndex(dates),
        ).dropna()
        for i, ticker in enumerate("ABCDEFGH"[: first.shape[1]])
    }
    return ob.Market.from_frames(frames, cash_rate=cash_rate, fill=fill)


@dataclass(frozen=True)
class Told(ob.Strategy):
    """Decides what it is told, whatever the prices."""

    decisions: ob.Decisions

    def decide(self, market: ob.Market) -> ob.Decisions:
        return self.decisions


def run(market: ob.Market, account: ob.Account, start: int | None = None, **tables: object) -> ob.Result:
    """Run the decisions given as tables; what is told needs no look-ahead check."""
    return ob.backtest(Told(ob.Decisions(**tables)), market, account, check=False, start=start)  # type: ignore[arg-type]


def with_gauges(market: ob.Market, names: Sequence[str]) -> ob.Market:
    """Return the market with gauges of these names, random walks around 100."""
    draw = np.random.RandomState(len(names))
    walks = {name: 100 * np.exp(np.cumsum(draw.standard_normal(len(market)) * 0.01)) for name in names}
    for walk in walks.values():
        walk.flags.writeable = False
    return replace(market, gauges=walks)
