"""A market that goes on: real history, and after its last bar a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from orebody.market.market import Market
from orebody.research.scenarios.lazy_market import ARRAYS, LazyMarket, LazyTables, StackedMarket
from orebody.research.scenarios.paths import Prices

__all__ = ["PathHistory", "continue_market", "tail", "whole_tail"]

_VARIES = (*ARRAYS, "cash_rate", "gauges")
_CALENDAR = np.timedelta64(146_097, "D")  # 400 years, which are whole weeks
_DATED = ("tickers", "whole", "first", "listed", "joins", "leaves", "static", "days")
"""What a market derives from its dates and from which bars there are: the same on every path."""


class PathHistory:
    """The last bars of a market, as many as are asked for, and after them paths.

    What is the same whatever happens on a path is made once for each number of bars and paths; tables are made when they are read.

    Parameters
    ----------
    market
        Its last bar is the one after which paths begin.
    dates
        Of a path.
    """

    def __init__(self, market: Market, dates: pd.DatetimeIndex) -> None:
        self.market, self.dates = market, dates
        self._same: dict[tuple[int, int], dict[str, object]] = {}

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_same": {}}

    def joined(self, bars: int, prices: Prices, paths: slice) -> StackedMarket:
        """Return these paths, each after the last `bars` real bars, in one market; accounts open on the first bar of the first path.

        Each path begins with the same real bars again: a market only for strategies to which what lay earlier makes no difference.
        """
        same = self._as_ever(bars, paths.stop - paths.start)
        return StackedMarket.of_paths(same, *self._made(bars, prices, paths), bars + len(self.dates))

    def one(self, bars: int, prices: Prices, path: int) -> LazyMarket:
        """Return one path after the last `bars` real bars; accounts open on its first bar."""
        return LazyMarket.late(self._as_ever(bars, 1), *self._made(bars, prices, slice(path, path + 1)))

    def each(self, bars: int, joined: StackedMarket) -> list[LazyMarket]:
        """Return the markets that `joined` joins, each as a view."""
        length, same = bars + len(self.dates), self._as_ever(bars, 1)

        def one(part: slice) -> LazyMarket:
            gauges = LazyTables(joined.gauges, lambda name: joined.gauges[name][part])
            return LazyMarket.late(same, lambda name: getattr(joined, name)[part], gauges)

        return [one(slice(begin, begin + length)) for begin in range(0, len(joined), length)]

    def _made(self, bars: int, prices: Prices, paths: slice) -> tuple[Callable[[str], np.ndarray], LazyTables]:
        """Return what makes prices and the cash rate, by name, and gauges."""
        before = tail(self.market, bars)

        def make(name: str) -> np.ndarray:
            return _join(getattr(before, name), prices.table(name)[paths])

        return make, LazyTables(before.gauges, lambda name: _join(before.gauges[name], prices.gauges[name][paths]))

    def _as_ever(self, bars: int, count: int) -> dict[str, object]:
        """Return all of a market that `count` paths after `bars` bars have whatever happens on them."""
        if (bars, count) not in self._same:
            before = tail(self.market, bars)
            days = before.dates.append(self.dates)
            like = _after(before, days if count == 1 else _apart(days, count), count, len(self.dates))
            same = {name: getattr(like, name) for name in like.__dataclass_fields__ if name not in _VARIES}
            if count > 1:
                like.__dict__["days"] = np.tile(np.asarray(self._as_ever(bars, 1)["days"], dtype=float), count)
            self._same[bars, count] = same | {name: getattr(like, name) for name in _DATED}
        return self._same[bars, count]


def continue_market(before: Market, prices: Prices, path: int, dates: pd.DatetimeIndex) -> Market:
    """Return `before` and what happens on a path, joined; accounts open on the path's first bar.

    Nothing is validated again; published figures and ratings stay what they last were.
    """
    one = slice(path, path + 1)
    tables: dict[str, Any] = {name: _join(getattr(before, name), prices.table(name)[one]) for name in _VARIES if name != "gauges"}
    return replace(
        _after(before, before.dates.append(dates), 1, len(dates)),
        **tables,
        gauges={name: _join(past, prices.gauges[name][one]) for name, past in before.gauges.items()},
    )


def whole_tail(market: Market) -> int:
    """Return how many of the last bars may stand for all of history: on them every instrument trades, none of them bound to dates."""
    if market.universe.dated:
        return 0
    short = np.flatnonzero(~market.tradable.all(axis=1))
    return len(market) - (int(short[-1]) + 1 if len(short) else 0)


def tail(market: Market, bars: int) -> Market:
    """Return the last `bars` bars of a market, as a view; all of it for as many as it has."""
    if bars >= len(market):
        return market
    cut = len(market) - bars
    return replace(
        market,
        dates=market.dates[cut:],
        **{name: getattr(market, name)[cut:] for name in (*ARRAYS, "tradable", "cash_rate")},
        ends=np.where(market.ends >= 0, np.maximum(market.ends - cut, 0), -1),
        gauges=_each(market.gauges, lambda values: values[cut:]),
        fundamentals=_each(market.fundamentals, lambda values: values[cut:]),
        ratings=_each(market.ratings, lambda values: values[cut:]),
        opening=0,
    )


def _after(before: Market, dates: pd.DatetimeIndex, count: int, horizon: int) -> Market:
    """Return a market of `count` paths, each after `before`, that still lacks what differs from path to path."""

    def stays(past: np.ndarray) -> np.ndarray:
        return _join(past, np.broadcast_to(past[-1:], (count, horizon, *past.shape[1:])))

    return replace(
        before,
        dates=dates,
        tradable=stays(before.tradable),
        fundamentals=LazyTables(before.fundamentals, lambda name: stays(before.fundamentals[name])),
        ratings=LazyTables(before.ratings, lambda name: stays(before.ratings[name])),
        opening=len(before),
    )


def _apart(days: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """Return the same days `count` times, each time 400 years later, after which the calendar comes again with its weekdays.

    So they ascend, and who looks a date up never finds another path's.
    """
    later = np.arange(count)[:, None] * _CALENDAR
    return pd.DatetimeIndex((days.to_numpy().astype("datetime64[us]") + later).ravel())


def _join(past: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Return the same past and then a path, for each of `paths`, one after the other."""
    count, bars, horizon = len(paths), len(past), paths.shape[1]
    joined = np.empty((count, bars + horizon, *past.shape[1:]), dtype=past.dtype)
    joined[:, :bars], joined[:, bars:] = past, paths
    flat = joined.reshape(count * (bars + horizon), *past.shape[1:])
    flat.flags.writeable = False
    return flat


def _each(tables: Mapping[str, np.ndarray], change: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    return {name: change(values) for name, values in tables.items()}
