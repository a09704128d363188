"""The market in one currency: what a folder states its prices to be in, the exchange rates that it holds, and the tables put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from orebody.errors import DataError, MissingFileError, ParameterError, UnsupportedError
from orebody.market.universe import Universe
from orebody.market.validation import price_column
from orebody.sources import csv
from orebody.sources.currency import convert, major, pair

__all__ = ["check_rates", "convert_to_one_currency", "rates_in", "stated_currencies"]

_FILE = "currencies.csv"
_RATE_FILE = re.compile(r"([A-Z]{6})(?:=X)?\.csv")
_EXCHANGES = {
    "": "USD",
    "L": "GBp",
    "AX": "AUD",
    "TO": "CAD",
    "V": "CAD",
    "CN": "CAD",
    "JO": "ZAc",
    "KW": "KWF",
    "TA": "ILA",
    "HK": "HKD",
    "DE": "EUR",
    "PA": "EUR",
    "SW": "CHF",
    "ST": "SEK",
    "OL": "NOK",
}  # what most shares are quoted in, by the ending of the ticker: good enough to ask, never to convert


def stated_currencies(folder: Path, tickers: tuple[str, ...]) -> dict[str, str]:
    """Return the currency of each ticker from ``currencies.csv`` in a folder (columns Ticker and Currency); empty without that file.

    Raises
    ------
    DataError
        For a file without these columns, a ticker of the universe that is not in it or stands twice, and what is not a currency.
    """
    table = csv.read_table(folder / _FILE)
    if table is None:
        return {}
    names = {str(name).strip().lower(): name for name in table.columns}
    if not {"ticker", "currency"} <= set(names):
        raise DataError(f"{_FILE} needs the columns Ticker and Currency")
    rows = table[[names["ticker"], names["currency"]]].dropna(how="all").fillna("").astype(str)
    found: dict[str, str] = {}
    for cell, currency in rows.itertuples(index=False):
        ticker = cell.strip()
        if ticker not in tickers:
            continue
        if ticker in found:
            raise DataError(f"{_FILE} states {ticker} twice: keep one row")
        try:
            major(currency)
        except DataError as error:
            raise DataError(f"{_FILE}, {ticker}: {error}") from None
        found[ticker] = currency.strip()
    missing = [ticker for ticker in tickers if ticker not in found]
    if missing:
        raise DataError(f"{_FILE} does not state the currency of {', '.join(missing)}: add a row for each")
    return found


def check_rates(rates: object) -> dict[str, pd.Series]:
    """Return the exchange rates that are given: Series by pair, or the file or folder that holds them.

    A file is named after its pair, ``GBPUSD=X.csv`` or ``GBPUSD.csv``; of a folder all files so named are read.

    Raises
    ------
    ParameterError
        For anything else.
    MissingFileError, DataError
        For a path that holds no rates, two files of one pair, and a file without closes.
    """
    if rates is None:
        return {}
    if isinstance(rates, str | Path):
        return _rates_at(Path(rates))
    if not isinstance(rates, Mapping):
        raise ParameterError(f"rates is {rates!r:.60}: give Series by pair, such as {{'GBPUSD=X': series}}, or the folder of their files")
    for name, series in rates.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Z]{6}=X", name) or not isinstance(series, pd.Series):
            raise ParameterError(f"rates holds {name!r:.60}: give Series by pair, such as {{'GBPUSD=X': series}}")
    return dict(rates)


def _rates_at(place: Path) -> dict[str, pd.Series]:
    """Return the rates of one file, or of all files of a folder that are named after a pair."""
    named = {path: match[1] for path in csv.files_at(place) if (match := _RATE_FILE.fullmatch(path.name))}
    if not named:
        raise MissingFileError(
            f"rates is {str(place)!r:.80}, which is no file or folder of exchange rates: give GBPUSD=X.csv (dollars for a pound, Date and "
            "Close), or a folder of such files"
        )
    found: dict[str, pd.Series] = {}
    for path, letters in named.items():
        if f"{letters}=X" in found:
            raise DataError(f"{path.parent.name or path.parent} holds {letters}=X.csv and {letters}.csv: leave one of them there")
        found[f"{letters}=X"] = _closes(path)
    return found


def rates_in(folder: Path, name: str) -> pd.Series:
    """Return the closes of ``<name>.csv`` in a folder, such as ``GBPUSD=X.csv``, as rates on ascending dates.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DataError
        For a file without closes.
    """
    path = folder / csv.file_name(name)
    if not path.is_file():
        raise MissingFileError(f"there is no {path.name} in {folder}: prices in several currencies need that exchange rate")
    return _closes(path)


def _closes(path: Path) -> pd.Series:
    """Return the closes of a file, or its only column beside the dates, on ascending dates."""
    frame = csv.read_dated(path)
    kinds = [price_column(column) for column in frame.columns]
    close = kinds.index("close") if "close" in kinds else 0 if kinds == [None] else None
    if close is None:
        raise DataError(f"{path.name} has no column Close: an exchange rate is a close on a date")
    rates = frame.iloc[:, close].rename(path.stem)
    return rates.iloc[::-1] if rates.index.is_monotonic_decreasing else rates


def convert_to_one_currency(
    frames: Mapping[str, pd.DataFrame],
    universe: Universe,
    currencies: Mapping[str, str],
    rates: Callable[[str], pd.Series],
    *,
    to: str | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[tuple[str, str], ...]]:
    """Return the tables of a universe in one currency, and what a report must say of it, as (``"currency"``, sentence).

    Parameters
    ----------
    frames
        Prices by ticker, as they are quoted.
    universe
        Its `currency` is that of the market, unless `to` is given; by default it is the metal's own, in whole units.
    currencies
        Of each ticker, as the source states them. Where it states none, nothing is converted, and tickers whose endings tell of exchanges
        with different currencies are refused.
    rates
        Returns the rates of a pair such as ``"GBPUSD=X"``; called once for each that is needed.
    to
        The currency wanted, before that of the universe.

    Raises
    ------
    ParameterError
        For a `to` that is not three capital letters.
    UnsupportedError
        For a currency that is wanted, or for exchanges that differ, where none is stated.
    DataError, MissingFileError
        For a ticker whose currency is not stated while others' are; and as `convert` and `rates` do.
    """
    wanted = to or universe.currency
    if wanted and not (isinstance(wanted, str) and re.fullmatch(r"[A-Z]{3}", wanted)):
        raise ParameterError(f"currency is {wanted!r:.60}: give three capital letters, such as 'USD'")
    known = {ticker: currencies[ticker] for ticker in universe.tickers if currencies.get(ticker)}
    if not known:
        _refuse_unstated(universe, wanted)
        return dict(frames), ()
    missing = [ticker for ticker in universe.tickers if ticker not in known]
    if missing:
        raise DataError(f"the currency of {', '.join(missing)} is not stated, while that of {', '.join(known)} is: state all")
    into = wanted or major(known[universe.metal])[0]
    out, notes, series = dict(frames), [], {}
    for ticker in universe.tickers:
        of, units = major(known[ticker])
        if of == into and units == 1:
            continue
        name = "" if of == into else pair(of, into)
        if name and name not in series:
            series[name] = rates(name)
        out[ticker] = convert(frames[ticker], known[ticker], to=into, rates=series.get(name), ticker=ticker)
        how = f", each bar at the last {name} at or before it" if name else ""
        notes.append(("currency", f"{ticker} from {known[ticker]} to {into}{how}"))
    return out, tuple(notes)


def _refuse_unstated(universe: Universe, wanted: str) -> None:
    """Raise `UnsupportedError` where prices without a stated currency cannot be put together."""
    if wanted:
        raise UnsupportedError(
            f"the market is to be in {wanted}, and the source does not state in what its prices are: add {_FILE} (Ticker,Currency)"
        )
    endings = {ticker: ticker.rpartition(".")[2] if "." in ticker else "" for ticker in universe.tickers}
    usual = {ticker: _EXCHANGES[ending] for ticker, ending in endings.items() if ending in _EXCHANGES}
    for other in usual:
        one = next(iter(usual))
        if usual[other] != usual[one]:
            raise UnsupportedError(
                f"{one} and {other} trade on exchanges of different currencies, and the source does not state in what their prices are: "
                f"add {_FILE} (Ticker,Currency; GBp for pence), with the same currency for all where they are in one already"
            )
