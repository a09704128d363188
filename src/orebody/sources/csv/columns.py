"""Which column of a file is what, in the forms of Yahoo, Stooq, Investing.com, Nasdaq, the London fixes and others."""

from __future__ import annotations

import re

import pandas as pd

from orebody.errors import DataError
from orebody.market.validation import action_column, price_column
from orebody.sources.csv.contents import refuse_message
from orebody.sources.csv.headings import DATES, PRICES, TIMES, letters, plain
from orebody.sources.csv.texts import Texts, list_columns

__all__ = ["EXTRAS", "date_column", "date_texts", "price_rows", "refuse_mixtures"]

EXTRAS = {"volume": "Volume", "dividends": "Dividends", "splits": "Stock Splits", "gains": "Capital Gains"}
"""Columns beside the prices that the quality checks read, by what they are."""

_VOLUMES = ("volume", "vol", "tickvol", "v", "volumen", "stuecke", "stucke")
_CALLED = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "adjclose": "Adj Close"}
_FIXES = {"usd", "usdam", "usdpm", "gbp", "gbpam", "gbppm", "euro", "euroam", "europm", "eur", "euram", "eurpm"}
_FIX = ("usdpm", "usd")
_TICKERS = ("ticker", "symbol")
_PERIODS = {"D", "W", "M", "DAY", "WEEK", "MONTH", "DAILY", "WEEKLY", "MONTHLY"}
_TIME_OF_DAY = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|\d{6}|\d{4}"
_DATED = r'"?(?:\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{9,13})\b.*'


def date_column(texts: Texts) -> str:
    """Return the column that holds the dates: Date or a like heading, or the first where it has no name, as pandas writes an index."""
    names = [str(name) for name in texts.table.columns]
    headings = {name: plain(name) for name in names}
    for known in DATES:
        for name, heading in headings.items():
            if heading == known:
                return name
    if names[0] == "Unnamed: 0":
        return names[0]
    refuse_message(texts.head, texts.name)
    if re.fullmatch(_DATED, names[0]):
        raise DataError(
            f"{texts.name} has no line of headings, its first line is a row already ({list_columns(names)}): write one above it, such as "
            "Date,Open,High,Low,Close,Volume"
        )
    raise DataError(f"{texts.name} has no column Date among {list_columns(names)}")


def date_texts(texts: Texts, table: pd.DataFrame, date: str) -> pd.Series:
    """Return the texts of the dates, each with its time of day where that has a column of its own, as MetaTrader writes it."""
    days = table[date]
    time = next((name for name in map(str, table.columns) if name != date and plain(name) in TIMES), None)
    if time is None:
        return days
    cells = table[time].astype("str").str.strip()
    if not cells.str.fullmatch(_TIME_OF_DAY).all():
        return days
    times = cells.str.replace(r"^(\d\d)(\d\d)(\d\d)$", r"\1:\2:\3", regex=True).str.replace(r"^(\d\d)(\d\d)$", r"\1:\2", regex=True)
    if times.str.fullmatch(r"0?0:00(?::00(?:\.0+)?)?").all():
        return days
    return days.astype("str").str.strip() + " " + times


def price_rows(texts: Texts) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows that are bars, and for each column to keep, by its name in the file, what it is called from here on.

    Prices keep the file's own names, for the door to match; those that are called otherwise (``Price``, ``o``, ``Schlusskurs``) are
    called Open, High, Low, Close and Adj Close. Of a file of London fixes the close is the afternoon's in dollars (silver has one fix),
    and a day without one is no bar. A file of FRED has one column beside the dates, and a point where there is no value.

    Raises
    ------
    DataError
        When no column holds prices.
    """
    table = texts.table
    names = {str(name): letters(name) for name in table.columns}
    kept = {name: "".join(filter(str.isprintable, name)).strip() for name in names if price_column(name)}
    _add_other_headings(kept, names)
    if not kept and set(names.values()) - {"date", "datetime"} <= _FIXES:
        fix = next((name for known in _FIX for name, letter in names.items() if letter == known), None)
        if fix is not None:
            kept[fix] = "Close"
            table = table[table[fix].notna()]
    if not kept and len(names) == 2 and "observationdate" in names.values():
        series = next(name for name, letter in names.items() if letter != "observationdate")
        kept[series] = "Close"
        table = table[table[series].notna() & (table[series] != ".")]
    if not kept:
        refuse_message(texts.head, texts.name)
        raise DataError(
            f"{texts.name} has no column of prices among {list_columns(names)}: it needs Open, High, Low and Close, or a Close alone"
        )
    for name, letter in names.items():
        called = EXTRAS.get(action_column(name) or ("volume" if letter in _VOLUMES else ""))
        if called is not None and called not in kept.values():
            kept[name] = called
    return table, kept


def _add_other_headings(kept: dict[str, str], names: dict[str, str]) -> None:
    """Add, for each price that no column is plainly called, the column whose heading means it; where two do, the one in dollars."""
    headings = {name: plain(name) for name in names}
    has = {price_column(called) for called in kept.values()}
    for price, words in PRICES.items():
        if price in has:
            continue
        for word in words:
            of_it = [name for name, heading in headings.items() if heading == word and name not in kept]
            if len(of_it) > 1:
                of_it = [name for name in of_it if "usd" in name.lower()]
            if len(of_it) == 1:
                kept[of_it[0]] = _CALLED[price]
                break


def refuse_mixtures(texts: Texts) -> None:
    """Raise `DataError` for rows of several tickers, and for Stooq's rows of minutes or hours."""
    for name in texts.table.columns:
        heading = letters(name)
        if heading in _TICKERS:
            tickers = sorted(texts.table[name].dropna().astype("str").str.strip().unique())
            if len(tickers) > 1:
                raise DataError(f"{texts.name} holds several tickers, {list_columns(tickers)}: write a file for each, named after it")
        if heading == "per" and not set(texts.table[name].dropna().astype("str").str.strip().str.upper()) <= _PERIODS:
            raise DataError(f"{texts.name}: its rows are not of days ({name} is {texts.table[name].iloc[0]}): take the daily file")
