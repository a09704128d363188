"""From a universe's name to its market: the sources, and the period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from orebody.errors import OrebodyError, ParameterError, unknown_name
from orebody.market import point_in_time
from orebody.market.market import Market
from orebody.market.point_in_time import day
from orebody.market.universe import Universe, universe_named
from orebody.market.universe_file import names_a_file
from orebody.sources import csv, sample
from orebody.sources.cash_rate import rate_file, rate_of
from orebody.sources.conversion import check_rates, rates_in, stated_currencies
from orebody.sources.preparation import check_repair, prepare
from orebody.sources.raw_market import RawMarket

if TYPE_CHECKING:
    from orebody.sources.cache.store import Cache
    from orebody.sources.yahoo.access import QuoteProvider

__all__ = ["load_market"]

YAHOO = "yahoo"


def load_market(
    universe: str | Universe,
    *,
    source: str | Path = YAHOO,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    cash_rate: float | str | pd.Series | None = None,
    gauges: Mapping[str, pd.Series] | None = None,
    fundamentals: pd.DataFrame | str | None = None,
    ratings: pd.DataFrame | None = None,
    fill: str = "open",
    repair: str | None = None,
    currency: str | None = None,
    frequency: str | None = None,
    rates: Mapping[str, pd.Series] | str | Path | None = None,
    cache: Cache | str | Path | None = None,
    offline: bool = False,
    max_age: dt.timedelta | None = None,
    as_of: str | dt.date | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Market:
    """Load the bars of a universe from a source and return them as a `Market`.

    Parameters
    ----------
    universe
        A `Universe`; the name of one: ``"gold"``, ``"gold-juniors"`` …; or ``"mine.toml"``, a file that holds one, or
        ``"mine.toml:my-gold"``, one of several in a file.
    source
        ``"yahoo"``: Yahoo Finance, through the local cache. ``"sample"``: the embedded simulated market. Otherwise a folder with one
        ``<TICKER>.csv`` for each ticker. The folder may hold ``gauges/<name>.csv``, ``fundamentals.csv`` and ``ratings.csv`` as well, which
        are then loaded, and ``currencies.csv`` with the currency of each ticker.
    start, end
        First and last day to use, both included; by default all there is.
    cash_rate
        Simple annual rate as a fraction, or a dated Series of them; or the name of a series of the source: ``"IRX"`` or ``"DFF"`` (yields
        in per cent), ``"BIL"`` (a fund of bills), see `orebody.sources.cash_rate`. By default the sample's own, that of 13-week Treasury
        bills with Yahoo, and for a folder none: cash earns nothing, and reports say that no rate is known.
    gauges
        Dated series by name, beside those of the source and before them.
    fundamentals, ratings
        Tables as in `orebody.market.fundamentals`, instead of those of the source. Rows before `start` count, once they are known. With
        Yahoo ``fundamentals="yahoo"`` asks for statements, which are not point in time, and are labelled so.
    fill
        ``"open"``, or ``"close"`` to fill at the next bar's close; files that have closes only need it.
    repair
        None refuses prices that are wrong, with a list. ``"drop"`` takes the wrong rows out, ``"mask"`` too but leaves their days in the
        calendar; either lists every repair in `Market.notes`. See `orebody.quality`.
    currency
        Three letters of the currency in which the market is to be; by default the universe's, or else the metal's own.
    frequency
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``: make such bars of finer ones, adjusted before. By default bars are
        taken as they are, and series of several spacings are refused; see `orebody.market.frequency`.
    rates
        Exchange rates by pair, ``{"GBPUSD=X": series}``: how many dollars a pound costs, on dates from which each is known. Taken before
        those of the source. Or a file ``GBPUSD=X.csv`` of such rates, or a folder of such files.
    cache
        With Yahoo: the folder of the cache, or a `Cache`; by default that of OREBODY_CACHE, or else the user's.
    offline
        With Yahoo: take what is cached and ask nobody.
    max_age
        With Yahoo: how old what is cached may be before Yahoo is asked again; by default 12 hours.
    as_of
        With Yahoo: what was cached at the end of that day, or at that moment, to the last bit; nobody is asked.
    progress
        With Yahoo: told how many tickers are done, of how many, and which was the last.

    Raises
    ------
    UnknownNameError
        For an unknown universe or source.
    MissingFileError, DownloadError, DataError, UnsupportedError
        For prices that are not there, cannot be had or cannot be trusted; see `orebody.sources.csv`, `orebody.sources.yahoo.client`,
        `orebody.quality` and `orebody.market.validation`.
    ParameterError
        For a start or end that is no date, or that leaves nothing in between; for what only Yahoo has, asked of another source.
    """
    first, last = (None if when is None else day(when, what) for when, what in ((start, "start"), (end, "end")))
    if not isinstance(universe, str | Universe):
        raise ParameterError(f"universe is {universe!r:.100}: give orebody.Universe(name, metal, miners) or the name of one")
    if first is not None and last is not None and first > last:
        raise ParameterError(f"start {first.date()} is after end {last.date()}")
    if not isinstance(source, str | Path) or not str(source).strip():
        raise ParameterError(f"source is {source!r:.100}: give 'yahoo', 'sample', or a folder")
    if isinstance(source, str) and source.lower() in (YAHOO, "sample"):
        source = source.lower()
    point_in_time.check_gauges(gauges)
    own_rates = check_rates(rates)
    check_repair(repair)
    if isinstance(universe, str) and names_a_file(universe):
        universe = universe_named(universe)
    access = None
    if source == YAHOO:
        access = _access(cache, offline, max_age, as_of)
        loaded = _from_yahoo(
            universe, access, gauges or (), cash_rate is None, ratings is None, fundamentals, currency, progress, (first, last)
        )
    else:
        _refuse_yahoos(cache, offline, max_age, as_of, fundamentals)
        given = gauges or ()
        loaded = _from_sample(universe) if source == "sample" else _from_folder(Path(source), universe, given, fundamentals, ratings)
    ready = prepare(replace(loaded, own_rates=own_rates), first, last, repair=repair, currency=currency, frequency=frequency)
    if cash_rate is None:
        cash_rate = loaded.cash_rate
    notes = ready.notes
    if isinstance(cash_rate, str):
        cash_rate, said = rate_of(cash_rate, _rate_table(source, cash_rate, access))
        notes = (*notes, *said, *_rate_ends(cash_rate, ready.frames[loaded.universe.metal].index[-1]))
    return Market.from_frames(
        ready.frames,
        universe=loaded.universe,
        cash_rate=cash_rate,
        gauges={**loaded.gauges, **(gauges or {})},
        fundamentals=fundamentals if isinstance(fundamentals, pd.DataFrame) else loaded.fundamentals,
        ratings=loaded.ratings if ratings is None else ratings,
        source=loaded.label,
        notes=notes,
        calendar=ready.masked,
        fill=fill,
        frequency=frequency,
    )


def _rate_table(source: str | Path, name: str, access: QuoteProvider | None) -> pd.DataFrame:
    """Return the table of the series that a cash rate is to be made of."""
    if source == "sample":
        raise ParameterError(f"cash_rate is {name!r}: the sample has its own rate; give a number, such as 0.04, or leave it out")
    if access is None:
        return rate_file(Path(source), name)
    ticker = "^IRX" if name.upper() == "IRX" else name
    came = access.quotes([ticker])[ticker]
    if isinstance(came, OrebodyError):
        raise type(came)(f"cash_rate is {name!r}: {came}") from came
    return came.quotes.bars


def _rate_ends(rate: pd.Series, last: pd.Timestamp) -> list[tuple[str, str]]:
    """Return a doubt where a cash rate stops well before the prices: its last value stands from there on."""
    if last - rate.index[-1] <= pd.Timedelta(days=31):
        return []
    return [("doubtful", f"the cash rate ends on {rate.index[-1].date()}: its last value stands from there to {last.date()}")]


def _from_sample(universe: str | Universe) -> RawMarket:
    if isinstance(universe, str):
        if universe not in sample.UNIVERSES:
            raise unknown_name("universe in the sample", universe, sample.UNIVERSES)
        universe = Universe(universe, *sample.UNIVERSES[universe])
    for ticker in universe.tickers:
        if ticker not in sample.METAL_OF:
            raise unknown_name("ticker in the sample", ticker, sample.METAL_OF)
    of_metals = {metal: sample.sample(metal) for metal in dict.fromkeys(sample.METAL_OF[ticker] for ticker in universe.tickers)}
    own = next(iter(of_metals.values()))  # rates, gauges and fundamentals are those of the metal, which comes first
    return RawMarket(
        universe,
        {ticker: of_metals[sample.METAL_OF[ticker]].frames[ticker] for ticker in universe.tickers},
        f"simulated sample, seed {sample.SEED}",
        own.cash_rate,
        own.gauges,
        own.fundamentals,
        pd.concat([one.ratings for one in of_metals.values()], ignore_index=True),
        inspected=False,
    )


def _from_folder(
    folder: Path, universe: str | Universe, without: Collection[str], fundamentals: object, ratings: pd.DataFrame | None
) -> RawMarket:
    universe = universe_named(universe) if isinstance(universe, str) else universe
    prices = csv.read_folder(folder, universe.tickers)
    return RawMarket(
        universe,
        prices.frames,
        f"CSV files in {folder.name or folder}",
        gauges=csv.read_gauges(folder, without=without),
        fundamentals=csv.read_table(folder / "fundamentals.csv") if fundamentals is None else None,
        ratings=csv.read_table(folder / "ratings.csv") if ratings is None else None,
        notes=prices.notes,
        currencies=stated_currencies(folder, universe.tickers),
        rates=lambda pair: rates_in(folder, pair),
    )


def _from_yahoo(
    universe: str | Universe,
    access: QuoteProvider,
    without: Collection[str],
    with_rate: bool,
    with_ratings: bool,
    fundamentals: object,
    currency: str | None,
    progress: Callable[[int, int, str], None] | None,
    period: tuple[pd.Timestamp | None, pd.Timestamp | None],
) -> RawMarket:
    from orebody.sources.yahoo import source

    if isinstance(fundamentals, str) and fundamentals != YAHOO:
        raise ParameterError(f"fundamentals is {fundamentals!r:.60}: give a table, or {YAHOO!r} for Yahoo's statements")
    return source.load(
        universe_named(universe) if isinstance(universe, str) else universe,
        access,
        without=without,
        with_rate=with_rate,
        with_ratings=with_ratings,
        with_statements=isinstance(fundamentals, str),
        currency=currency,
        progress=progress,
        period=period,
    )


def _access(cache: Cache | str | Path | None, offline: bool, max_age: dt.timedelta | None, as_of: str | dt.date | None) -> QuoteProvider:
    from orebody.sources.cache.store import MAX_AGE, Cache
    from orebody.sources.yahoo.access import QuoteProvider

    kept = cache if isinstance(cache, Cache) else Cache(cache)
    return QuoteProvider(kept, offline, MAX_AGE if max_age is None else max_age, as_of)


def _refuse_yahoos(cache: object, offline: bool, max_age: object, as_of: object, fundamentals: object) -> None:
    """Raise `ParameterError` for what only Yahoo has."""
    asked = {"cache": cache, "offline": offline or None, "max_age": max_age, "as_of": as_of}
    for name, value in asked.items():
        if value is not None:
            raise ParameterError(f"{name} is {value!r:.60}: only source={YAHOO!r} has a cache")
    if isinstance(fundamentals, str):
        raise ParameterError(f"fundamentals is {fundamentals!r:.60}: give a table; only source={YAHOO!r} knows statements by that name")
