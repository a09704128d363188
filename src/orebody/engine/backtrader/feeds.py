"""The feeds of a quant's Cerebro as a market: all bars at once where they are preloaded, else those so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from orebody.errors import ParameterError, UnsupportedError, unknown_name
from orebody.market.market import Market
from orebody.market.universe import Universe, universe_named

__all__ = ["Feeds"]

_FIELDS = ("open", "high", "low", "close")
_EPOCH = 719_163  # backtrader's number of 1970-01-01
_DAY = np.timedelta64(1, "D")


class Feeds:
    """Some feeds of a Cerebro, in the order of a universe.

    Parameters
    ----------
    datas
        The Cerebro's feeds.
    universe
        A `Universe`, the name of one, or None: the first feed is the metal and the others its miners, by their names.
    side
        What prices do not tell, as in `Market.from_frames`.

    Raises
    ------
    UnsupportedError
        For resampled or replayed feeds, and for those with a time zone.
    """

    def __init__(self, datas: Sequence[Any], universe: Universe | str | None, side: Mapping[str, Any]) -> None:
        names = [data._name for data in datas]
        if universe is None:
            if not all(names):
                raise ParameterError(
                    f"feed {names.index('') + 1} of the Cerebro has no name, by which it would be the metal or a miner: "
                    "cerebro.adddata(feed, name='GLD')"
                )
            universe = Universe("cerebro", names[0], tuple(names[1:]))
        elif isinstance(universe, str):
            universe = universe_named(universe)
        elif not isinstance(universe, Universe):
            raise ParameterError(f"universe is {universe!r}: give orebody.Universe(name, metal, miners) or the name of one")
        for ticker in universe.tickers:
            if ticker not in names:
                raise unknown_name("feed of the Cerebro", ticker, [name for name in names if name])
        self.universe = universe
        self.datas: list[Any] = [datas[names.index(ticker)] for ticker in universe.tickers]
        self._side = {name: value for name, value in side.items() if value is not None}
        self._bars: list[list[tuple[float, ...]]] = [[] for _ in self.datas]
        for data in self.datas:
            _check(data)

    @property
    def preloaded(self) -> bool:
        """Whether the feeds' buffers hold all of their bars before the first is delivered."""
        return all(data.buflen() and not len(data) for data in self.datas)

    def key(self, data: Any) -> float:
        """Return the time of a feed's bar as a number; days for daily bars."""
        when: float = data.datetime[0]
        return float(int(when)) if data._timeframe >= bt.TimeFrame.Days else when

    def now(self) -> float:
        """Return the time of the newest bar; 0 before the first."""
        return max((self.key(data) for data in self.datas if len(data)), default=0.0)

    def delivered(self, now: float) -> list[int]:
        """Return which feeds have a bar now."""
        return [i for i, data in enumerate(self.datas) if len(data) and self.key(data) == now]

    def whole(self) -> tuple[Market, dict[float, int]]:
        """Return the market of all bars, and the bar of each time.

        Raises
        ------
        UnsupportedError
            When a feed ends before the others: a stock broker cannot sell what has no further bar.
        """
        columns = []
        for data in self.datas:
            count = data.buflen()
            columns.append([np.array(getattr(data.lines, name).array, dtype=float)[:count] for name in ("datetime", *_FIELDS)])
        keys = [
            np.floor(column[0]) if data._timeframe >= bt.TimeFrame.Days else column[0]
            for data, column in zip(self.datas, columns, strict=True)
        ]
        frames = {
            ticker: pd.DataFrame(dict(zip(_FIELDS, column[1:], strict=True)), index=_dates(key))
            for ticker, key, column in zip(self.universe.tickers, keys, columns, strict=True)
        }
        market = self._market(frames)
        if (market.ends >= 0).any():
            i = int(np.argmax(market.ends >= 0))
            raise UnsupportedError(
                f"the feed {market.tickers[i]} ends on {market.dates[market.ends[i]].date()}, before the others: a stock broker cannot "
                "sell what has no further bar; give all feeds one end with todate="
            )
        return market, {float(key): bar for bar, key in enumerate(np.unique(np.concatenate(keys)))}

    def note(self, now: float) -> None:
        """Keep the bars that have just been delivered."""
        for i in self.delivered(now):
            data = self.datas[i]
            self._bars[i].append((now, *(getattr(data, name)[0] for name in _FIELDS)))

    def sofar(self) -> Market:
        """Return the market of the bars kept until now."""
        # the bar that is added and cut off again lets a market stand on one bar, and no pause look like an end
        last = _dates(np.array([max(bars[-1][0] for bars in self._bars if bars)]))[0] + _DAY
        frames = {}
        for ticker, bars in zip(self.universe.tickers, self._bars, strict=True):
            table = np.array([*bars, (0.0, *(bars[-1][4:] * 4 if bars else (1.0,) * 4))])
            dates = _dates(table[:-1, 0]).append(pd.DatetimeIndex([last]))
            frames[ticker] = pd.DataFrame(table[:, 1:], columns=list(_FIELDS), index=dates)
        market = self._market(frames)
        return market.cut(len(market) - 1)

    def _market(self, frames: Mapping[str, pd.DataFrame]) -> Market:
        return Market.from_frames(frames, universe=self.universe, source="the feeds of a Cerebro", **self._side)


def _dates(keys: np.ndarray) -> pd.DatetimeIndex:
    microseconds = np.round((keys - _EPOCH) * 86_400e6).astype(np.int64)
    return pd.DatetimeIndex(microseconds.astype("datetime64[us]"))


def _check(data: Any) -> None:
    if data.resampling or data.replaying:
        raise UnsupportedError(
            f"the feed {data._name} is resampled or replayed inside the Cerebro: its bars are not final when they come; "
            "resample the table before"
        )
    zone = data.p.tz or data.p.tzinput or getattr(getattr(data.p.dataname, "index", None), "tz", None)
    if zone is not None:
        raise UnsupportedError(
            f"the feed {data._name} has the time zone {zone}: backtrader moves its bars to other days; name sessions by their local date"
        )
