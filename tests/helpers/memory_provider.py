"""A provider in memory, for tests of the cache: what it holds can change behind the cache's back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from yahoo_series import Series, bars, simulated

from orebody.errors import DownloadError
from orebody.sources.quotes import Quotes

_simulated = cache(simulated)


def short(count: int = 300, ticker: str = "NEM") -> Series:
    """Return the last bars of a simulated ticker that pays a dividend each quarter."""
    series = _simulated()[ticker]
    kept = series.bars.iloc[-count:]
    first = str(kept.index[0].date())
    return replace(series, bars=kept, dividends={day: paid for day, paid in series.dividends.items() if day > first})


def made(closes: list[float], first: str = "2024-01-01") -> Series:
    """Return bars of these closes, a step apart in their opens, on weekdays."""
    close = pd.Series(closes, index=pd.bdate_range(first, periods=len(closes), name="Date"))
    return Series(bars(pd.DataFrame({"Open": close + 0.5, "High": close + 1, "Low": close - 1, "Close": close, "Volume": 1e6})))


def quotes(ticker: str, series: Series) -> Quotes:
    """Return what a client would make of the whole history; the adjusted closes come from the series' own loop."""
    table = series.bars.astype(float).assign(**{"Adj Close": series.adjusted_closes(), "Dividends": 0.0, "Stock Splits": 0.0})
    for day, paid in series.dividends.items():
        if day in table.index:
            table.loc[day, "Dividends"] = paid
    for day, (new, old) in series.splits.items():
        table.loc[day, "Stock Splits"] = new / old
    return Quotes(ticker, table, series.currency or "", series.exchange, series.zone, series.name, series.kind)


class Provider:
    """Serves one series; `fails` is raised by the next requests, in order, None being none."""

    def __init__(self, series: Series) -> None:
        self.series = series
        self.asked: list[dt.date | None] = []
        self.fails: list[Exception | None] = []
        self.change: Callable[[Quotes], Quotes] = lambda served: served

    def __call__(self, ticker: str, /, *, since: dt.date | None = None) -> Quotes:
        self.asked.append(since)
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure
        whole = quotes(ticker, self.series)
        if since is not None and pd.Timestamp(since) > whole.bars.index[-1]:
            raise DownloadError(f"{ticker}: no rows since {since}")
        table = whole.bars if since is None else whole.bars.loc[pd.Timestamp(since) :]
        return self.change(Quotes(ticker, table, whole.currency, whole.exchange, whole.zone, whole.name, whole.kind))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: str = "2026-01-05 22:00") -> None:
        self.now = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def wait(self, **span: float) -> dt.datetime:
        self.now += dt.timedelta(**span)
        return self.now


def identical(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables of bars are the same to the last bit."""
    other = other[list(one.columns)]
    return bool((one.index == other.index).all()) and np.array_equal(one.to_numpy(), other.to_numpy(), equal_nan=True)
