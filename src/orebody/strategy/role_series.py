"""The price series of a role: what signals read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orebody.indicators import drawdown_from_high, miners_index, rolling_volatility
from orebody.market.market import Market

__all__ = [
    "cash_index",
    "drawdown",
    "first_held",
    "first_known",
    "listed",
    "log_ratio",
    "parts",
    "restate",
    "role_prices",
    "spread",
    "volatility",
]


def role_prices(market: Market, role: str) -> np.ndarray:
    """Return the closes of ``"metal"``, ``"miners"`` or a ticker, the last known one where there is no bar; shape ``(T,)``.

    Several miners are one series, their basket: see `orebody.indicators.miners_index`.
    """
    if role == "miners" and len(market.universe.miners) > 1:
        return market.memo("miners index", lambda: miners_index(market))
    column = market.columns(role)[0]
    return market.memo(("closes", column), lambda: market.marks_of(column))


def listed(market: Market, role: str) -> int:
    """Return the bar on which the price series of a role begins: where its instrument lists, or the first miner of a basket belongs."""
    columns = market.columns(role)
    return int(market.first[columns[0]] if len(columns) == 1 else market.joins[columns].min())


def log_ratio(market: Market) -> np.ndarray:
    """Return log(miners / metal), shape ``(T,)``, the miners as one basket."""
    return market.memo("log ratio", lambda: np.log(role_prices(market, "miners") / role_prices(market, "metal")))


def drawdown(market: Market, role: str, lookback: int) -> np.ndarray:
    """Return how far a role stands below its highest close of the last `lookback` bars, shape ``(T,)``; see `drawdown_from_high`."""
    return market.memo(("drawdown", role, lookback), lambda: drawdown_from_high(role_prices(market, role), lookback))


def volatility(market: Market, role: str, window: int) -> np.ndarray:
    """Return the annual volatility of a role's last `window` log returns, shape ``(T,)``; see `rolling_volatility`."""
    return market.memo(("volatility", role, window), lambda: rolling_volatility(role_prices(market, role), window, market.periods_per_year))


def cash_index(market: Market) -> np.ndarray:
    """Return what 1 in cash has grown to by each bar at the market's cash rate (simple between bars, actual/365), shape ``(T,)``."""
    earned = np.concatenate(([0.0], market.cash_rate[:-1])) * market.days / 365
    return market.memo("cash index", lambda: np.cumprod(1.0 + earned))


def parts(market: Market, split: Mapping[str, float], rows: np.ndarray) -> np.ndarray:
    """Return the shares of a split on each of `rows`, shape ``(K, N)``; see `Market.shares`."""
    if market.static:
        return np.repeat(market.memo(("shares", tuple(split.items())), lambda: market.shares(split))[None], len(rows), axis=0)
    return np.array([market.shares(split, int(row)) for row in rows]).reshape(len(rows), len(market.tickers))


def first_known(values: np.ndarray) -> int:
    """Return the first bar on which there is a value, of a series of shape ``(T,)``; T where there is none."""
    known = ~np.isnan(values)
    return int(np.argmax(known)) if known.any() else len(known)


def first_held(market: Market, split: Mapping[str, float]) -> int:
    """Return the first bar on which a part of a split has a member that belongs; the number of bars where none ever does."""
    return min((int(market.joins[market.columns(role)].min()) for role, share in split.items() if share > 0), default=0)


def spread(market: Market, split: Mapping[str, float], rows: np.ndarray) -> np.ndarray:
    """Return the shares of a split on each of `rows`, spread over what is there then; shape ``(K, N)``.

    A part of which nothing belongs on a bar (it is not listed yet, has ended, or is outside its dates) leaves its share to the other
    parts, in proportion to theirs. Where none is there all shares are 0.
    """
    if market.static:
        return parts(market, split, rows)
    shares = np.zeros((len(rows), len(market.tickers)))
    whole = sum(split.values())
    for at, row in enumerate(rows):
        belongs = market.belongs(int(row))
        there = {role: [column for column in market.columns(role) if belongs[column]] for role in split}
        kept = sum(split[role] for role, columns in there.items() if columns)
        for role, columns in there.items():
            if columns and kept > 0:
                shares[at, columns] += split[role] * (whole / kept) / len(columns)
    return shares


def restate(market: Market, split: Mapping[str, float], first: int) -> np.ndarray:
    """Return bar `first`, if there is one, and the later bars on which a part of a split joins or has left: where `spread` may change."""
    if market.static:
        return np.arange(first, min(first + 1, len(market)))
    columns = sorted({column for role in split for column in market.columns(role)})
    bars = np.union1d(market.joins[columns], market.leaves[columns] + 1)
    bars = np.union1d([first], bars[bars > first]).astype(int)
    return bars[bars < len(market)]
