"""The price series of a role: what signals read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orebody.indicators import miners_index
from orebody.market.market import Market

__all__ = ["cash_index", "listed", "log_ratio", "parts", "role_prices"]


def role_prices(market: Market, role: str) -> np.ndarray:
    """Return the closes of ``"metal"``, ``"miners"`` or a ticker, the last known one where there is no bar; shape ``(T,)``.

    Several miners are one series, their basket: see `orebody.indicators.miners_index`.
    """
    if role == "miners" and len(market.universe.miners) > 1:
        return market.memo("miners index", lambda: miners_index(market))
    column = market.columns(role)[0]
    return market.memo(("closes", column), lambda: np.ascontiguousarray(market.marks[:, column]))


def listed(market: Market, role: str) -> int:
    """Return the bar on which the price series of a role begins: where its instrument lists, or the first miner of a basket belongs."""
    columns = market.columns(role)
    return int(market.first[columns[0]] if len(columns) == 1 else market.joins[columns].min())


def log_ratio(market: Market) -> np.ndarray:
    """Return log(miners / metal), shape ``(T,)``, the miners as one basket."""
    return market.memo("log ratio", lambda: np.log(role_prices(market, "miners") / role_prices(market, "metal")))


def cash_index(market: Market) -> np.ndarray:
    """Return what 1 in cash has grown to by each bar at the market's cash rate (simple between bars, actual/365), shape ``(T,)``."""
    earned = np.concatenate(([0.0], market.cash_rate[:-1])) * market.days / 365
    return market.memo("cash index", lambda: np.cumprod(1.0 + earned))


def parts(market: Market, split: Mapping[str, float], rows: np.ndarray) -> np.ndarray:
    """Return the shares of a split on each of `rows`, shape ``(K, N)``; see `Market.shares`."""
    if market.static:
        return np.tile(market.shares(split), (len(rows), 1))
    return np.array([market.shares(split, int(row)) for row in rows]).reshape(len(rows), len(market.tickers))
