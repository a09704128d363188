"""Market: aligned bars of a universe, validated once and then immutable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market import date_shift, membership, point_in_time, validation
from orebody.market import fundamentals as side_tables
from orebody.market.caveats import list_doubts
from orebody.market.gauges import gauges_on_bars
from orebody.market.input_frames import by_ticker
from orebody.market.point_in_time import day
from orebody.market.universe import SURVIVORS, Universe, universe_named

__all__ = ["Market", "day"]

_NANOSECONDS_PER_DAY = 86_400e9
T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class Market:
    """Aligned bars of a universe with the cash rate and dated side series; build one with `from_frames` or `orebody.load_market`.

    All arrays are read-only. T is the number of bars, N that of instruments, the metal first.

    Attributes
    ----------
    universe : Universe
    dates : pandas.DatetimeIndex
        Length T, ascending, without a time zone.
    open, high, low, close : numpy.ndarray
        Shape ``(T, N)``, in the currency of the source, adjusted for splits and distributions.
    tradable : numpy.ndarray
        Shape ``(T, N)``, bool: the instrument has a bar.
    ends : numpy.ndarray
        Shape ``(N,)``: the bar on which an instrument's series ended for good, or -1.
    cash_rate : numpy.ndarray
        Shape ``(T,)``: simple annual rate (0.02 is 2 %) that cash earns from each bar on, actual/365.
    gauges : mapping of str to numpy.ndarray
        Shape ``(T,)`` each: the last value dated at or before each bar, NaN before the first.
    periods_per_year : float
        By which per-bar figures are annualised.
    source : str
        Where the prices came from, for reports.
    fill : str
        ``"open"``, or ``"close"`` where orders fill at the next bar's close because the source has no opens.
    opening : int
        The bar on which accounts open; earlier bars only warm up.
    fundamentals : mapping of str to numpy.ndarray
        ``aisc``, ``net_debt_ebitda``, ``mines`` and ``countries``, shape ``(T, N)`` each: what had been published before each bar, NaN
        where nothing had; empty without fundamentals.
    aisc_unit : str
        The unit of all costs, such as ``"USD/oz"``.
    ratings : mapping of str to numpy.ndarray
        ``bullish``, ``neutral`` and ``bearish``, shape ``(T, N)`` each: the last counts dated at or before each bar, NaN before the
        first; empty without ratings.
    notes : tuple of (str, str)
        What reports must say besides, as (what, text): the vintage, conversions, repairs.
    rate_known : bool
        Whether anybody stated a cash rate; otherwise `cash_rate` is 0 because none is known.
    """

    universe: Universe
    dates: pd.DatetimeIndex
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    tradable: np.ndarray
    ends: np.ndarray
    cash_rate: np.ndarray
    gauges: Mapping[str, np.ndarray]
    periods_per_year: float
    source: str
    fill: str = "open"
    opening: int = 0
    fundamentals: Mapping[str, np.ndarray] = field(default_factory=dict)
    aisc_unit: str = ""
    ratings: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()
    rate_known: bool = True

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, pd.DataFrame | pd.Series] | pd.DataFrame,
        *,
        universe: Universe | str | None = None,
        cash_rate: float | pd.Series | None = None,
        gauges: Mapping[str, pd.Series] | None = None,
        fundamentals: pd.DataFrame | None = None,
        ratings: pd.DataFrame | None = None,
        periods_per_year: float | None = None,
        source: str = "data frames",
        fill: str = "open",
        notes: tuple[tuple[str, str], ...] = (),
        calendar: pd.DatetimeIndex | None = None,
        frequency: str | None = None,
    ) -> Self:
        """Return the market of `frames`, after checking everything about them once.

        Parameters
        ----------
        frames
            For each ticker a table with Open, High, Low, Close (any case) on a DatetimeIndex; with an ``Adj Close`` the prices are
            adjusted by it. Or what ``yfinance.download`` returns; see `orebody.market.input_frames`.
        universe
            A `Universe` or the name of one; by default the first in a mapping is the metal and the others its miners.
        cash_rate
            Simple annual rate as a fraction, or a dated Series of rates that begins no later than the first bar. None: none is known,
            cash earns nothing, and reports say so.
        gauges
            Dated Series by name, known from their dates on. ``spot`` is the metal's price in the unit of the costs, never a fund's.
        fundamentals
            A row for each ticker and ``period_end``, known after its day of publication; see `orebody.market.fundamentals`.
        ratings
            A row for each date and ticker, known from its date on; see `orebody.market.fundamentals`.
        periods_per_year
            By default counted from the dates; 252, 52, 12 and their like near these; see `orebody.market.point_in_time.periods_per_year`.
        source
            Where the prices came from, for reports.
        fill
            ``"open"``: orders fill at the next bar's open. ``"close"``: at its close, for sources that have closes only; every
            report says so.
        notes
            What reports must say besides, as (what, text).
        calendar
            Days between the first bar and the last that belong to the dates though nobody may have a bar on them.
        frequency
            Make bars of a ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"`` of finer ones; see `orebody.market.frequency`.

        Raises
        ------
        DataError, UnknownNameError, ParameterError
            See `orebody.market.validation` and `orebody.market.fundamentals` for what is refused.
        """
        given, frames = frames, by_ticker(frames)
        if universe is None:
            if isinstance(given, pd.DataFrame):
                raise ParameterError("one table of several tickers does not say which is the metal: give universe=")
            metal, *miners = frames
            universe = Universe("custom", metal, tuple(miners))
        elif isinstance(universe, str):
            universe = universe_named(universe)
        elif not isinstance(universe, Universe):
            raise ParameterError(f"universe is {universe!r}: give orebody.Universe(name, metal, miners) or the name of one")
        if fill not in ("open", "close"):
            raise ParameterError(f"fill is {fill!r}: it must be 'open' or 'close'")
        closes_only = fill == "close"
        dates, arrays, read = validation.align(frames, universe.tickers, closes_only=closes_only, calendar=calendar, frequency=frequency)
        per_year = point_in_time.periods_per_year(dates, stated=periods_per_year)
        on_bars, dated = gauges_on_bars(gauges, dates)
        if gauges and "spot" in gauges:
            side_tables.refuse_price_as_spot(gauges["spot"], dates, arrays["close"], frames, universe.tickers)
        known, unit = side_tables.fundamentals(fundamentals, dates, universe.tickers)
        tradable = ~np.isnan(arrays["close"])
        last = len(dates) - 1 - np.argmax(tradable[::-1], axis=0)
        market = cls(
            universe=universe,
            dates=dates,
            open=_frozen(arrays["open"]),
            high=_frozen(arrays["high"]),
            low=_frozen(arrays["low"]),
            close=_frozen(arrays["close"]),
            tradable=_frozen(tradable),
            ends=_frozen(np.where(last < len(dates) - 1, last, -1)),
            cash_rate=point_in_time.as_of(0.0 if cash_rate is None else cash_rate, dates, "the cash rate", covered=True),
            gauges=on_bars,
            periods_per_year=per_year,
            source=source,
            fill=fill,
            fundamentals=known,
            aisc_unit=unit,
            ratings=side_tables.ratings(ratings, dates, universe.tickers),
            notes=(*notes, *read, *date_shift.check_same_dates(arrays["close"], universe.tickers, per_year), *dated),
            rate_known=cash_rate is not None,
        )
        if market.listed == len(dates):
            raise DataError(
                f"no miner of universe {universe.name!r} belongs to it on any bar of {dates[0].date()}..{dates[-1].date()}: "
                "mend its since and until, or choose another period"
            )
        return market

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """The tickers in the order of the columns, the metal first."""
        return self.universe.tickers

    @property
    def simulated(self) -> bool:
        """Whether any of the prices are made up: every simulated ticker begins with ``SIM-``."""
        return any(ticker.startswith("SIM-") for ticker in self.tickers)

    @cached_property
    def whole(self) -> bool:
        """Whether every instrument has a bar on every date."""
        return bool(self.tradable.all())

    @property
    def fills(self) -> np.ndarray:
        """The prices at which orders fill, shape ``(T, N)``: opens, or closes with ``fill="close"``; NaN where there is no bar."""
        return self.open if self.fill == "open" else self.close

    @cached_property
    def marks(self) -> np.ndarray:
        """The last close at or before each bar, by which holdings are valued, shape ``(T, N)``; NaN before the first."""
        if self.whole:
            return self.close
        rows = np.maximum.accumulate(np.where(self.tradable, np.arange(len(self))[:, None], -1), axis=0)
        return _frozen(np.where(rows >= 0, np.take_along_axis(self.close, np.maximum(rows, 0), axis=0), np.nan))

    def marks_of(self, column: int) -> np.ndarray:
        """Return one instrument's column of `marks` as a series of its own, shape ``(T,)``: what signals read."""
        return np.ascontiguousarray(self.marks[:, column])

    @cached_property
    def first(self) -> np.ndarray:
        """The bar on which each instrument lists, shape ``(N,)``; T where it has not."""
        if self.whole:
            return _frozen(np.zeros(len(self.tickers), dtype=int))
        return _frozen(np.where(self.tradable.any(axis=0), np.argmax(self.tradable, axis=0), len(self)))

    @cached_property
    def listed(self) -> int:
        """The first bar by which the metal and at least one miner are listed and belong."""
        return int(max(self.joins[0], self.joins[1:].min()))

    @cached_property
    def joins(self) -> np.ndarray:
        """The bar from which each instrument belongs, shape ``(N,)``: listed, and within its dates; T where it never does."""
        return (
            self.first if not self.universe.dated else _frozen(membership.joining_bars(self.universe, self.dates, self.first, self.leaves))
        )

    @cached_property
    def leaves(self) -> np.ndarray:
        """The last bar on which each instrument belongs, shape ``(N,)``: its last one, or that of its `until`."""
        return _frozen(membership.leaving_bars(self.universe, self.dates, self.ends))

    @cached_property
    def static(self) -> bool:
        """Whether every instrument belongs on every bar."""
        return self.whole and not self.universe.dated

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is doubtful about the prices, a sentence each; it stands wherever figures stand."""
        return list_doubts(self.notes)

    @cached_property
    def days(self) -> np.ndarray:
        """Calendar days since the previous bar, shape ``(T,)``; the first is 0."""
        stamps = point_in_time.ticks(self.dates)
        return _frozen(np.diff(stamps, prepend=stamps[:1]) / _NANOSECONDS_PER_DAY)

    @cached_property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of dates, tickers and their dates, prices, rates and side series."""
        sha = hashlib.sha256(repr((self.tickers, sorted(self.gauges), self.fill)).encode())
        prices = (self.open, self.high, self.low, self.close)
        for values in (point_in_time.ticks(self.dates), *prices, self.tradable, self.ends, self.cash_rate):
            sha.update(np.ascontiguousarray(values).tobytes())
        for name in sorted(self.gauges):
            sha.update(self.gauges[name].tobytes())
        if self.universe.dated:
            sha.update(repr((sorted(self.universe.since.items()), sorted(self.universe.until.items()))).encode())
        for what, tables in (("fundamentals " + self.aisc_unit, self.fundamentals), ("ratings", self.ratings)):
            for name in sorted(tables):
                sha.update(f"{what} {name}".encode())
                sha.update(np.ascontiguousarray(tables[name]).tobytes())
        return sha.hexdigest()[:16]

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_memo"}

    def __len__(self) -> int:
        return len(self.dates)

    def __repr__(self) -> str:
        span = f"{self.dates[0].date()}..{self.dates[-1].date()}" if len(self) else "no bars"
        note = f"; {SURVIVORS}" if self.universe.survivors_only else ""
        note += f"; doubtful, see market.doubts: {len(self.doubts)}" if self.doubts else ""
        return f"<Market {self.universe.name}: {', '.join(self.tickers)}; {len(self)} bars {span}; {self.source}{note}>"

    def _repr_html_(self) -> str:
        from orebody.report.notebook.nouns import of_market

        return of_market(self)

    def memo(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` made of this market when `key` was first asked for; strategies that need the same share it.

        What it returns must depend on the market and the key alone, and must not be changed.
        """
        kept: dict[Hashable, T] = self.__dict__.setdefault("_memo", {})
        if key not in kept:
            kept[key] = compute()
        return kept[key]

    def columns(self, role: str) -> list[int]:
        """Return the column numbers of ``"metal"``, ``"miners"`` or a ticker."""
        return list(self.universe.columns(role))

    def belongs(self, bar: int) -> np.ndarray:
        """Return whether each instrument belongs to the universe on a bar, ``(N,)``: listed, not ended before it, within its dates."""
        return (self.joins <= bar) & (bar <= self.leaves)

    def shares(self, split: Mapping[str, float], bar: int | None = None) -> np.ndarray:
        """Return each instrument's share, shape ``(N,)``, of a split by roles and tickers; the members of a role share equally.

        Parameters
        ----------
        split
            Such as ``{"metal": 0.7, "miners": 0.3}``.
        bar
            Give a role's share only to those of its members that belong on this bar; to none, if there is none. A single miner is held
            to the universe's dates only.
        """
        shares = np.zeros(len(self.tickers))
        for role, share in split.items():
            columns = self.columns(role)
            if bar is not None and not self.static and (len(columns) > 1 or self.tickers[columns[0]] in self.universe.with_dates):
                belongs = self.belongs(bar)
                columns = [column for column in columns if belongs[column]]
            if columns:
                shares[columns] += share / len(columns)
        return shares

    def gauge(self, name: str) -> np.ndarray:
        """Return the gauge of that name, shape ``(T,)``, or raise `UnknownNameError` with how to get one."""
        if name not in self.gauges:
            raise point_in_time.no_gauge(name, self.gauges)
        return self.gauges[name]

    def fundamental(self, name: str) -> np.ndarray:
        """Return a fundamental of every instrument, shape ``(T, N)``: ``"aisc"``, ``"net_debt_ebitda"``, ``"mines"``, ``"countries"``.

        Raises
        ------
        DataError
            When the market has no fundamentals; it says how to get them.
        UnknownNameError
            For another name.
        """
        return side_tables.named_table(self.fundamentals, name, "fundamentals", self.universe.name)

    def rating(self, name: str) -> np.ndarray:
        """Return the counts of a rating of every instrument, shape ``(T, N)``: ``"bullish"``, ``"neutral"`` or ``"bearish"``.

        Raises
        ------
        DataError
            When the market has no ratings; it says how to get them.
        UnknownNameError
            For another name.
        """
        return side_tables.named_table(self.ratings, name, "ratings", self.universe.name)

    def cut(self, bars: int) -> Self:
        """Return the market of the first `bars` bars, as a view: no copy, and nothing is validated again."""
        if not 0 <= bars <= len(self):
            raise ParameterError(f"cannot cut a market of {len(self)} bars at {bars}: give a number from 0 to {len(self)}")
        return replace(
            self,
            dates=self.dates[:bars],
            **{name: getattr(self, name)[:bars] for name in ("open", "high", "low", "close", "tradable", "cash_rate")},
            gauges=_first(self.gauges, bars),
            fundamentals=_first(self.fundamentals, bars),
            ratings=_first(self.ratings, bars),
        )

    def opened(self, start: str | pd.Timestamp | int | None) -> Self:
        """Return the same market with accounts opening at `start`: a bar number, or a date (the first bar at or after it)."""
        if start is None:
            return self
        whole = isinstance(start, int | np.integer) and not isinstance(start, bool)
        bar = int(start) if whole else int(self.dates.searchsorted(day(start, "start")))
        if not 0 <= bar < len(self):
            span = f"{self.dates[0].date()}..{self.dates[-1].date()}"
            raise ParameterError(f"accounts cannot open at {start}: the market's {len(self)} bars span {span}")
        return replace(self, opening=bar)


def _first(tables: Mapping[str, np.ndarray], bars: int) -> dict[str, np.ndarray]:
    return {name: values[:bars] for name, values in tables.items()}


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
