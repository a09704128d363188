"""Which column of a file is what, in the forms of Yahoo, Stooq, Investing.com, Nasdaq and the London fixes."""

from __future__ import annotations

import pandas as pd

from orebody.errors import DataError
from orebody.market.door import price_column
from orebody.sources.csv.texts import Texts, listed

__all__ = ["EXTRAS", "date_column", "price_rows", "refuse_mixtures"]

EXTRAS = {
    "volume": "Volume",
    "vol": "Volume",
    "dividend": "Dividends",
    "dividends": "Dividends",
    "stocksplit": "Stock Splits",
    "stocksplits": "Stock Splits",
}
"""Columns beside the prices that the quality checks read, by the letters of their names."""

_CLOSES = ("price", "closelast", "last")  # what Investing.com and Nasdaq call the close
_FIXES = {"usd", "usdam", "usdpm", "gbp", "gbpam", "gbppm", "euro", "euroam", "europm", "eur", "euram", "eurpm"}
_FIX = ("usdpm", "usd")
_DATES = ("date", "datetime")
_TICKERS = ("ticker", "symbol")
_PERIODS = {"D", "W", "M"}


def letters(name: object) -> str:
    """Return the letters of a column's name in small ones: ``Adj Close**`` and ``<ADJ_CLOSE>`` are the same."""
    return "".join(letter for letter in str(name).lower() if letter.isalpha())


def date_column(texts: Texts) -> str:
    """Return the column that holds the dates: Date or Datetime, or the first where it has no name, as pandas writes an index."""
    names = [str(name) for name in texts.table.columns]
    for known in _DATES:
        for name in names:
            if letters(name) == known:
                return name
    if names[0] == "Unnamed: 0":
        return names[0]
    raise DataError(f"{texts.name} has no column Date among {listed(names)}")


def price_rows(texts: Texts) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows that are bars, and for each column to keep, by its name in the file, what it is called from here on.

    Prices keep the file's own names, for the door to match; a close that is called otherwise is called Close. Of a file of London fixes
    the close is the afternoon's in dollars (silver has one fix), and a day without one is no bar.

    Raises
    ------
    DataError
        When no column holds prices.
    """
    table = texts.table
    names = {str(name): letters(name) for name in table.columns}
    kept = {name: "".join(filter(str.isprintable, name)).strip() for name in names if price_column(name)}
    if not any(price_column(name) == "close" for name in kept):
        other = next((name for close in _CLOSES for name, plain in names.items() if plain == close), None)
        if other is not None:
            kept[other] = "Close"
    if not kept and set(names.values()) - set(_DATES) <= _FIXES:
        fix = next((name for known in _FIX for name, plain in names.items() if plain == known), None)
        if fix is not None:
            kept[fix] = "Close"
            table = table[table[fix].notna()]
    if not kept:
        raise DataError(f"{texts.name} has no column of prices among {listed(names)}: it needs Open, High, Low and Close, or a Close alone")
    for name, plain in names.items():
        if plain in EXTRAS and EXTRAS[plain] not in kept.values():
            kept[name] = EXTRAS[plain]
    return table, kept


def refuse_mixtures(texts: Texts) -> None:
    """Raise `DataError` for rows of several tickers, and for Stooq's rows of minutes or hours."""
    for name in texts.table.columns:
        plain = letters(name)
        if plain in _TICKERS:
            tickers = sorted(texts.table[name].dropna().astype("str").str.strip().unique())
            if len(tickers) > 1:
                raise DataError(f"{texts.name} holds several tickers, {listed(tickers)}: write a file for each, named after it")
        if plain == "per" and not set(texts.table[name].dropna().astype("str").str.strip().str.upper()) <= _PERIODS:
            raise DataError(f"{texts.name}: its rows are not of days ({name} is {texts.table[name].iloc[0]}): take the daily file")
