"""Yahoo as a source: a universe's quotes, cash rate, gauges, ratings and statements, through the cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from orebody.errors import DataError, DownloadError, MissingFileError, OrebodyError
from orebody.market.universe import Universe
from orebody.sources.cache.entries import CachedQuotes
from orebody.sources.currency import major
from orebody.sources.quotes import Quotes
from orebody.sources.raw_market import RawMarket
from orebody.sources.yahoo import rates_and_gauges
from orebody.sources.yahoo.access import Progress, QuoteProvider
from orebody.sources.yahoo.ratings import ratings
from orebody.sources.yahoo.statements import NOT_POINT_IN_TIME, net_debt_ebitda

__all__ = ["METALS", "load"]

METALS = {
    "gold": ("GLD", "IAU", "GLDM", "SGOL", "BAR", "PHYS", "GC=F"),
    "silver": ("SLV", "SIVR", "PSLV", "SI=F"),
    "copper": ("CPER", "HG=F"),
    "platinum": ("PPLT", "PL=F"),
    "palladium": ("PALL", "PA=F"),
    "iron ore": ("TIO=F",),
}
"""Which tickers are which metal, for its spot price."""

_METAL_OF = {ticker: metal for metal, tickers in METALS.items() for ticker in tickers}
_EQUITIES = rates_and_gauges.Gauge("equities", ("SPY",), "USD", "price of a fund of the S&P 500, distributions not counted")
_ABSENT = (DownloadError, MissingFileError, DataError)  # what leaves a gauge or ratings out; anything else is a defect or a wrong call
_STOPPED = pd.Timedelta(days=10)
Notes = list[tuple[str, str]]


def load(
    universe: Universe,
    access: QuoteProvider,
    *,
    without: Collection[str] = (),
    with_rate: bool = True,
    with_ratings: bool = True,
    with_statements: bool = False,
    currency: str | None = None,
    progress: Progress | None = None,
    period: tuple[pd.Timestamp | None, pd.Timestamp | None] = (None, None),
) -> RawMarket:
    """Return what Yahoo has of a universe.

    Parameters
    ----------
    universe
        Whose tickers are Yahoo's.
    access
        How quotes are come by.
    without
        Names of gauges not to ask for.
    with_rate
        Ask for the bill that the cash rate is made of.
    with_ratings, with_statements
        Ask for analysts' grades, and for statements, of the miners that are companies.
    currency
        In which the market is to be; by default the universe's, or else the metal's own.
    progress
        Told how many tickers are done, of how many, and which was the last.
    period
        First and last day of the market: a rate outside it concerns nobody.

    Raises
    ------
    DownloadError, MissingFileError, DataError
        When the quotes of a ticker of the universe cannot be had; all such are named. A gauge, rating or statement that cannot be had is
        left out, and a note says so; a market without it refuses by name the strategy that asks for it. Without a bill that can be used no
        cash rate is known, and a doubt says so.
    """
    gauges = [gauge for gauge in _gauges(universe) if gauge.name not in without]
    beside = [gauge.tickers[0] for gauge in gauges] + ([rates_and_gauges.BILL] if with_rate else [])
    came = access.quotes((*universe.tickers, *beside), progress)
    stored = _all_required({ticker: came[ticker] for ticker in universe.tickers})
    notes = _vintages(stored, access)
    metal = stored[universe.metal].quotes
    last = metal.bars.index[-1]
    into = currency or universe.currency or (major(metal.currency)[0] if metal.currency else "USD")
    rate = _cash_rate(came[rates_and_gauges.BILL], into, last, notes, period) if with_rate else None
    companies = [ticker for ticker in universe.miners if stored[ticker].quotes.kind == "EQUITY"]
    quotes = {ticker: one.quotes for ticker, one in stored.items()}
    return RawMarket(
        universe,
        {ticker: one.bars for ticker, one in quotes.items()},
        f"Yahoo Finance, {_with_vintage(stored)}",
        cash_rate=rate,
        gauges=_gauges_had(gauges, came, access, last, notes),
        fundamentals=_statements(companies, access, notes) if with_statements else None,
        ratings=_ratings(companies, access, notes) if with_ratings else None,
        notes=tuple(notes),
        by_distributions=True,
        exchanges={ticker: one.exchange for ticker, one in quotes.items()},
        currencies={ticker: one.currency for ticker, one in quotes.items()},
        names={ticker: one.name for ticker, one in quotes.items()},
        rates=partial(_rates, access),
        rates_known_after=dt.timedelta(days=1),  # its bar ends at midnight in London, when the day's exchanges have closed
    )


def _gauges(universe: Universe) -> list[rates_and_gauges.Gauge]:
    """Return the gauges that go with a universe."""
    metal = _METAL_OF.get(universe.metal)
    spot = rates_and_gauges.spot_gauge(metal) if metal else None
    return [*rates_and_gauges.GAUGES.values(), _EQUITIES, *([spot] if spot and universe.metal not in spot.tickers else [])]


def _rates(access: QuoteProvider, pair: str) -> pd.Series:
    """Return an exchange rate's closes."""
    came = access.quotes([pair])[pair]
    if isinstance(came, OrebodyError):
        raise type(came)(f"the prices need the exchange rate {pair} (rates= takes another): {came}") from came
    return came.quotes.bars["Close"].dropna()


def _required(one: CachedQuotes | OrebodyError) -> CachedQuotes:
    if isinstance(one, OrebodyError):
        raise one
    return one


def _all_required(came: Mapping[str, CachedQuotes | OrebodyError]) -> dict[str, CachedQuotes]:
    """Return what came of each ticker, or raise what failed: of several, all of them with their reasons."""
    failed = [one for one in came.values() if isinstance(one, OrebodyError)]
    if len(failed) > 1:
        kind = type(failed[0]) if len({type(one) for one in failed}) == 1 else DownloadError
        raise kind(f"{len(failed)} of {len(came)} tickers cannot be had: " + "; ".join(str(error) for error in failed)) from failed[0]
    return {ticker: _required(one) for ticker, one in came.items()}


def _with_vintage(stored: Mapping[str, CachedQuotes]) -> str:
    """Return when the quotes were downloaded, in words."""
    days = sorted({one.vintage.when.date().isoformat() for one in stored.values()})
    return f"downloaded {days[0]}" if len(days) == 1 else f"downloaded {days[0]} to {days[-1]}"


def _vintages(stored: Mapping[str, CachedQuotes], access: QuoteProvider) -> Notes:
    texts = [
        f"{ticker} {one.vintage} by {one.vintage.library}, {len(one.quotes.bars):,} bars, SHA-256 {one.vintage.sha256[:12]}…"
        for ticker, one in stored.items()
    ]
    asked = f" (as of {access.as_of})" if access.as_of is not None else ""
    notes: Notes = [(f"Vintages{asked}", "; ".join(texts))]
    notes += [("Cache", f"{ticker}: {note}") for ticker, one in stored.items() for note in one.notes]
    return notes


def _cash_rate(
    bill: CachedQuotes | OrebodyError,
    currency: str,
    last: pd.Timestamp,
    notes: Notes,
    period: tuple[pd.Timestamp | None, pd.Timestamp | None],
) -> pd.Series | None:
    """Return the bill's rate, where the market is in its currency and the bill can be used; otherwise None, and say so."""
    name = rates_and_gauges.BILL
    if currency != "USD":
        notes.append(("Cash rate", f"none: {name} is a rate of US dollars and the market is in {currency}; give cash_rate="))
        return None
    try:
        rate = rates_and_gauges.cash_rate(_in_period(_required(bill).quotes, *period))
    except _ABSENT as error:
        what = str(error).removesuffix("; give cash_rate= yourself")
        notes.append(("doubtful", f"no cash rate is known, and cash earns nothing: {what}; give a cash rate, such as 0.04"))
        return None
    _note_end(name, rate, last, notes)
    notes.append(("Cash rate", f"{name}, 13-week Treasury bill, discount turned into a simple rate on actual/365, known from its day on"))
    return rate


def _in_period(bill: Quotes, first: pd.Timestamp | None, last: pd.Timestamp | None) -> Quotes:
    """Return the closes that a market of that period can read: those in it, and the last before it."""
    closes = bill.bars["Close"].dropna()
    index = closes.index
    begin = 0 if first is None else max(int(index.searchsorted(first.normalize(), side="right")) - 1, 0)
    end = len(index) if last is None else int(index.searchsorted(last, side="right"))
    return replace(bill, bars=closes.iloc[begin:end].to_frame()) if begin < end else bill


def _note_end(ticker: str, series: pd.Series, last: pd.Timestamp, notes: Notes) -> None:
    """Note a series that stopped well before the prices: its last value stands from there on."""
    if last - series.index[-1] > _STOPPED:
        notes.append(("doubtful", f"{ticker} ends on {series.index[-1].date()}: its last value stands from there to {last.date()}"))


def _gauges_had(
    gauges: list[rates_and_gauges.Gauge],
    came: Mapping[str, CachedQuotes | OrebodyError],
    access: QuoteProvider,
    last: pd.Timestamp,
    notes: Notes,
) -> dict[str, pd.Series]:
    """Return the gauges that can be had, and note what each is, or why it is left out.

    Another ticker stands in only where the first was never had: one that fails today does not change what a gauge means.
    """
    had = {}
    for gauge in gauges:
        one, ticker = came[gauge.tickers[0]], gauge.tickers[0]
        if isinstance(one, _ABSENT) and not access.has(ticker):
            for other in gauge.tickers[1:]:
                stand_in = access.quotes([other])[other]
                if isinstance(stand_in, CachedQuotes):
                    notes.append(("Gauge", f"{gauge.name}: {other} stands in for {ticker}: {one}"))
                    one, ticker = stand_in, other
                    break
        try:
            had[gauge.name] = rates_and_gauges.gauge(gauge.name, _required(one).quotes)
        except _ABSENT as error:
            notes.append(("Left out", f"gauge {gauge.name}: {error}"))
        else:
            _note_end(ticker, had[gauge.name], last, notes)
            notes.append(("Gauge", f"{gauge.name}: {ticker}, {gauge.unit}; {gauge.note}"))
    return had


def _ratings(companies: list[str], access: QuoteProvider, notes: Notes) -> pd.DataFrame | None:
    """Return the ratings of companies as one table, or None where there are none."""
    tables = []
    for ticker in companies:
        try:
            rated = ratings(ticker, access.table(ticker, "grades", _grades).table)
        except _ABSENT as error:
            notes.append(("Left out", f"ratings of {ticker}: {error}"))
            continue
        if len(rated.table):
            tables.append(rated.table)
        if rated.lapsed:
            days = ", ".join(str(day.date()) for day in rated.lapsed)
            notes.append(
                ("Ratings", f"{ticker}: from {days} on nobody's grade was younger than 12 months, the last counts stand until the next")
            )
        if rated.unknown:
            words = ", ".join(f"{word!r} ({count})" for word, count in rated.unknown.items())
            notes.append(("Ratings", f"{ticker}: grades whose meaning is not known count as none: {words}"))
    if not tables:
        return None
    notes.append(("Ratings", "analysts' grades as Yahoo lists them, each counted from the day after its date, for 12 months at most"))
    return pd.concat(tables, ignore_index=True)


def _statements(companies: list[str], access: QuoteProvider, notes: Notes) -> pd.DataFrame | None:
    """Return net debt over EBITDA of companies as one table, labelled for what it is."""
    tables = []
    for ticker in companies:
        try:
            table = net_debt_ebitda(ticker, access.table(ticker, "statements", _quarters).table)
        except _ABSENT as error:
            notes.append(("Left out", f"statements of {ticker}: {error}"))
            continue
        if len(table):
            tables.append(table)
        else:
            notes.append(("Left out", f"statements of {ticker}: Yahoo has none"))
    if not tables:
        return None
    notes.append(("Fundamentals", NOT_POINT_IN_TIME))
    return pd.concat(tables, ignore_index=True)


def _grades(ticker: str) -> pd.DataFrame:
    from orebody.sources.yahoo import client

    return client.grades(ticker)


def _quarters(ticker: str) -> pd.DataFrame:
    from orebody.sources.yahoo import client

    return client.statements(ticker)
