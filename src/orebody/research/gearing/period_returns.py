"""The returns that gearing is measured on: of the metal, the miners as one, and each of them, by bar, week or month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market.market import Market
from orebody.market.schedule import period_begins
from orebody.strategy.role_series import cash_index, role_prices

__all__ = ["FREQUENCIES", "MINERS", "PeriodReturns", "returns_of"]

MINERS = "miners"
"""The name of the miners as one series."""
FREQUENCIES = {"day": 0.0, "week": 52.0, "month": 12.0}
KINDS = ("log", "simple")


@dataclass(frozen=True, eq=False)
class PeriodReturns:
    """Returns by period; P periods, M series of miners.

    Attributes
    ----------
    dates : pandas.DatetimeIndex
        The last bar of each period.
    bars : numpy.ndarray
        Shape ``(P,)``: the number of that bar in the market.
    before : numpy.ndarray
        Shape ``(P,)``: the bar at whose close each period begins, when what is to tell its kind must be known.
    metal, cash : numpy.ndarray
        Shape ``(P,)``: returns of the metal, and of cash at the market's rate.
    metal_before : float
        The metal's return of the period before the first one; NaN where its prices do not reach back so far.
    names : tuple of str
        Of the miners' series: all as one first, where there are several.
    miners : numpy.ndarray
        Shape ``(P, M)``; NaN where there is no return of one period: one of the two bars is missing.
    per_year : float
        Periods a year.
    kind : str
        ``"log"`` or ``"simple"``.
    """

    dates: pd.DatetimeIndex
    bars: np.ndarray
    before: np.ndarray
    metal: np.ndarray
    cash: np.ndarray
    metal_before: float
    names: tuple[str, ...]
    miners: np.ndarray
    per_year: float
    kind: str

    def simple(self, returns: np.ndarray) -> np.ndarray:
        """Return simple returns, whatever the kind."""
        return np.expm1(returns) if self.kind == "log" else returns


def returns_of(market: Market, frequency: str, kind: str) -> PeriodReturns:
    """Return the returns of a market, from the first bar on which the metal and a miner belong.

    A week runs from Monday, and a period from the last bar of the one before to its own last bar. The last period counts if no weekday
    is left in it.
    """
    if frequency not in FREQUENCIES:
        raise ParameterError(f"frequency is {frequency!r}: it must be one of {', '.join(FREQUENCIES)}")
    if kind not in KINDS:
        raise ParameterError(f"returns is {kind!r}: it must be 'log' or 'simple'")
    per_year = FREQUENCIES[frequency] or market.periods_per_year
    if market.periods_per_year < 0.9 * per_year:
        raise ParameterError(
            f"frequency is {frequency!r}, and the market has only {market.periods_per_year:g} bars a year: take 'day', which is each bar"
        )
    every = _closing_bars(market.dates, frequency)
    first = int(every.searchsorted(market.listed))
    closes = every[first:]
    if len(closes) < 3:
        raise DataError(
            f"the market {market.universe.name!r} has {max(0, len(closes) - 1)} returns by {frequency} from the first bar of metal and "
            "miners on: gearing needs at least 2, so take more prices or a finer frequency"
        )
    several = len(market.universe.miners) > 1
    names = ((MINERS,) if several else ()) + market.universe.miners
    prices = np.column_stack([role_prices(market, name)[closes] for name in names])
    metal = role_prices(market, "metal")[closes]
    there = _there(market, closes, names)
    returns = _returns(prices, kind)
    returns[~(there[1:] & there[:-1])] = np.nan
    on = _returns(metal, kind)
    traded = market.tradable[closes, 0]
    on[~(traded[1:] & traded[:-1])] = np.nan
    return PeriodReturns(
        dates=market.dates[closes[1:]],
        bars=closes[1:],
        before=closes[:-1],
        metal=on,
        cash=_returns(cash_index(market)[closes], kind),
        metal_before=_metal_return(market, every[max(0, first - 1) : first + 1], kind),
        names=names,
        miners=returns,
        per_year=float(per_year),
        kind=kind,
    )


def _metal_return(market: Market, closes: np.ndarray, kind: str) -> float:
    """Return the metal's return between two closing bars; NaN for fewer bars, or where it had no bar on one of them."""
    if len(closes) < 2 or closes[0] < 0 or not market.tradable[closes, 0].all():
        return float("nan")
    return float(_returns(market.close[closes, 0], kind)[0])


def _closing_bars(dates: pd.DatetimeIndex, frequency: str) -> np.ndarray:
    if frequency == "day":
        return np.arange(len(dates))
    bars = np.append(np.flatnonzero(period_begins(dates, frequency)) - 1, len(dates) - 1)
    next_weekday = dates[-1:] + pd.offsets.BDay(1)
    complete = bool(period_begins(dates[-1:].append(next_weekday), frequency)[-1])
    return bars if complete else bars[:-1]


def _there(market: Market, closes: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return whether each series has a price of its own on each closing bar: a miner its bar, the basket one of a member."""
    at = closes[:, None]
    there = market.tradable[closes] & (market.joins <= at) & (at <= market.leaves)
    return np.column_stack([there[:, market.columns(name)].any(axis=1) for name in names])


def _returns(prices: np.ndarray, kind: str) -> np.ndarray:
    changes: np.ndarray = np.log(prices[1:] / prices[:-1]) if kind == "log" else prices[1:] / prices[:-1] - 1.0
    return changes
