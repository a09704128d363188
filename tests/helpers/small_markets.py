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
    at = market.opening if start is None else start  # the whole of it, also what no strategy would be opened on
    return ob.backtest(Told(ob.Decisions(**tables)), market, account, check_lookahead=False, start=at)  # type: ignore[arg-type]


def with_gauges(market: ob.Market, names: Sequence[str]) -> ob.Market:
    """Return the market with gauges of these names, random walks around 100."""
    draw = np.random.RandomState(len(names))
    walks = {name: 100 * np.exp(np.cumsum(draw.standard_normal(len(market)) * 0.01)) for name in names}
    for walk in walks.values():
        walk.flags.writeable = False
    return replace(market, gauges=walks)


def with_side_series(market: ob.Market) -> ob.Market:
    """Return the market with every gauge, and with fundamentals and ratings that change each quarter, as random as its prices."""
    draw = np.random.RandomState(len(market))
    shape, quarter = market.close.shape, np.arange(len(market)) // 63
    tables = {
        "aisc": draw.uniform(20, 90, (quarter[-1] + 1, shape[1])),
        "net_debt_ebitda": draw.uniform(-1, 4, (quarter[-1] + 1, shape[1])),
        "mines": draw.randint(1, 20, (quarter[-1] + 1, shape[1])).astype(float),
        "countries": draw.randint(1, 9, (quarter[-1] + 1, shape[1])).astype(float),
    }
    known = {name: table[quarter] for name, table in tables.items()}
    counts = {
        name: draw.randint(0, 15, (quarter[-1] + 1, shape[1])).astype(float)[quarter] + 1 for name in ("bullish", "neutral", "bearish")
    }
    for table in (*known.values(), *counts.values()):
        table[:, 0] = np.nan
        table.flags.writeable = False
    gauged = with_gauges(market, ("dollar", "yield", "vix", "copper", "iron_ore", "spot"))
    return replace(gauged, fundamentals=known, aisc_unit="USD/oz", ratings=counts)
