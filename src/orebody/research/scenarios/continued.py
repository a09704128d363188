"""A market that goes on: real history, and after its last bar a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from orebody.market.market import Market
from orebody.research.scenarios.paths import Prices

__all__ = ["ARRAYS", "Reading", "continued", "each_of", "tail", "whole_tail"]

ARRAYS = ("open", "high", "low", "close")
_VARIES = frozenset((*ARRAYS, "cash_rate", "gauges"))
_DATED = ("tickers", "whole", "first", "listed", "joins", "leaves", "static", "days")
"""What a market derives from its dates and from which bars there are: the same on every path."""


class Late(Mapping[str, np.ndarray]):
    """Tables by name, each made when it is first asked for: most strategies ask for none."""

    def __init__(self, names: Iterable[str], make: Callable[[str], np.ndarray]) -> None:
        self._made: dict[str, np.ndarray | None] = dict.fromkeys(names)
        self._make = make

    def __getitem__(self, name: str) -> np.ndarray:
        made = self._made[name]
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class Reading(Market):
    """A market that notes in `read` whether anything looked at what differs from path to path: prices, the cash rate, gauges."""

    @classmethod
    def of(cls, market: Market) -> Reading:
        """Return the same market, watched from now on."""
        made = cls(**{name: getattr(market, name) for name in cls.__dataclass_fields__})
        made.__dict__["_read"] = False
        return made

    def __getattribute__(self, name: str) -> object:
        if name in _VARIES:
            object.__getattribute__(self, "__dict__")["_read"] = True
        return object.__getattribute__(self, name)

    @property
    def read(self) -> bool:
        """Whether anything was looked at."""
        return bool(self.__dict__.get("_read", False))


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


def continued(before: Market, prices: Prices, paths: slice, dates: pd.DatetimeIndex) -> Market:
    """Return `before` and what happens on the paths `paths`, joined; accounts open on the first bar of the first path.

    Of several paths each begins with `before` again: a market only for strategies to which what lay earlier makes no difference. Nothing is
    validated again, published figures and ratings stay what they last were.
    """
    bars, horizon = len(before), len(dates)
    count = prices.close[paths].shape[0]

    def one(past: np.ndarray, path: np.ndarray) -> np.ndarray:
        joined = np.empty((count, bars + horizon, *past.shape[1:]), dtype=past.dtype)
        joined[:, :bars], joined[:, bars:] = past, path
        flat = joined.reshape(count * (bars + horizon), *past.shape[1:])
        flat.flags.writeable = False
        return flat

    days = before.dates.append(dates)
    arrays: dict[str, Any] = {name: one(getattr(before, name), getattr(prices, name)[paths]) for name in ARRAYS}
    return replace(
        before,
        dates=days if count == 1 else pd.DatetimeIndex(np.tile(days.to_numpy(), count)),
        **arrays,
        tradable=one(before.tradable, before.tradable[-1:]),
        cash_rate=one(before.cash_rate, prices.rates[paths]),
        gauges=Late(before.gauges, lambda name: one(before.gauges[name], prices.gauges[name][paths])),
        fundamentals=Late(before.fundamentals, lambda name: one(before.fundamentals[name], before.fundamentals[name][-1:])),
        ratings=Late(before.ratings, lambda name: one(before.ratings[name], before.ratings[name][-1:])),
        opening=bars,
    )


def each_of(joined: Market, like: Market) -> list[Market]:
    """Return the markets that `continued` joined, each as a view; `like` is any one of them, and what it knows of its dates they all do.

    Made by copying what a market holds, which takes a tenth of the time of `dataclasses.replace`: there is one for each path and strategy.
    """
    length, found = len(like), []
    for name in _DATED:
        getattr(like, name)
    shared = {name: value for name, value in like.__dict__.items() if name in like.__dataclass_fields__ or name in _DATED}
    for begin in range(0, len(joined), length):
        part = slice(begin, begin + length)
        one = object.__new__(Market)
        one.__dict__.update(shared)
        one.__dict__.update({name: getattr(joined, name)[part] for name in (*ARRAYS, "cash_rate")})
        one.__dict__["gauges"] = Late(joined.gauges, lambda name, part=part: joined.gauges[name][part])  # type: ignore[misc]
        found.append(one)
    return found


def _each(tables: Mapping[str, np.ndarray], change: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    return {name: change(values) for name, values in tables.items()}
