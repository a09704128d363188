"""A cash rate made of a series of the source: a yield in per cent, such as ^IRX or DFF, or a fund of bills, such as BIL or SHV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from orebody.errors import DataError, MissingFileError
from orebody.sources import csv
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo.rates_and_gauges import cash_rate as of_discount

__all__ = ["rate_file", "rate_of"]

DISCOUNTS = ("IRX", "DTB3", "TB3MS")
"""Yields of 13-week bills on a discount basis."""
MONEY_MARKET = ("DFF", "FEDFUNDS", "EFFR", "SOFR")
"""Yields on actual/360."""
YIELDS = (*DISCOUNTS, *MONEY_MARKET, "DGS1MO", "DGS3MO")
LOWEST, HIGHEST = -5.0, 25.0
"""Per cent: yields lie between, prices of funds above."""
FRACTIONS = 0.25
"""A series that is not known by its name and never leaves these bounds may be per cent or fractions."""
STEADY = 0.01
"""No fund of bills moves by more in a bar."""
WINDOW = 21
"""Rows over which a fund's return is annualised: a price rounded to a cent makes 4 % a year out of a single day."""

Notes = list[tuple[str, str]]


def rate_file(folder: Path, name: str) -> pd.DataFrame:
    """Return the table of ``<name>.csv`` in a folder, with or without the ``^`` of an index.

    Raises
    ------
    MissingFileError, DataError
        When there is none, or one of each name.
    """
    plain = name.removesuffix(".csv").removeprefix("^")
    there = [path for path in (folder / f"{plain}.csv", folder / f"^{plain}.csv") if path.is_file()]
    if not there:
        raise MissingFileError(
            f"cash_rate is {name!r}, and there is no {plain}.csv in {folder}: put the file there, or give a rate such as 0.04"
        )
    if len(there) > 1:
        raise DataError(f"cash_rate is {name!r}, and {folder} holds {there[0].name} and {there[1].name}: leave one of them there")
    return csv.read_dated(there[0])


def rate_of(name: str, table: pd.DataFrame) -> tuple[pd.Series, Notes]:
    """Return the simple annual rate, a fraction on actual/365, that a series states, and what reports must say of it.

    Parameters
    ----------
    name
        What the series is called.
    table
        Its columns on dates: ``Adj Close`` or ``Close`` or a single one of another name, and perhaps ``Dividends``.

    Raises
    ------
    DataError
        For a series that is neither plainly per cent nor plainly a fund of bills.
    """
    plain = name.removesuffix(".csv").removeprefix("^").upper()
    named = {str(column).lower().replace(" ", ""): column for column in table.columns}
    close = table[named.get("close", named.get("adjclose", table.columns[0]))].astype(float)
    close = close[np.isfinite(close.to_numpy())].sort_index()
    if close.empty:
        raise DataError(f"cash_rate is {name!r}, which has no value: take another series, or give a rate such as 0.04")
    low, high = float(close.min()), float(close.max())
    if low >= LOWEST and high <= HIGHEST and (plain in YIELDS or high > FRACTIONS):
        return _of_yield(plain, close)
    moves = float(close.pct_change().abs().max()) if len(close) > 1 else 0.0
    if plain not in YIELDS and low > HIGHEST and moves <= STEADY and len(close) > WINDOW:
        return _of_fund(name, table, named)
    raise DataError(
        f"cash_rate is {name!r}, whose values go from {low:g} to {high:g}: give yields in per cent ({LOWEST:g} to {HIGHEST:g}), or the "
        f"prices of a fund of bills (no move above {STEADY:.0%}, more than {WINDOW} rows)"
    )


def _of_yield(name: str, per_cent: pd.Series) -> tuple[pd.Series, Notes]:
    if name in DISCOUNTS:
        rate = of_discount(Quotes(name, pd.DataFrame({"Close": per_cent})))
        return rate, [("Cash rate", f"{name}, 13-week bill in per cent, discount turned into a simple rate on actual/365")]
    if name in MONEY_MARKET:
        return per_cent / 100 * 365 / 360, [("Cash rate", f"{name}, per cent on actual/360, turned into a simple rate on actual/365")]
    return per_cent / 100, [("Cash rate", f"{name}, taken as per cent a year, simple, on actual/365")]


def _of_fund(name: str, table: pd.DataFrame, named: dict[str, str]) -> tuple[pd.Series, Notes]:
    notes: Notes = [("Cash rate", f"{name}, total return of its last {WINDOW} rows as a simple rate on actual/365")]
    if "adjclose" in named:
        growth = table[named["adjclose"]].astype(float).dropna().sort_index()
    else:
        close = table[named.get("close", table.columns[0])].astype(float).dropna().sort_index()
        paid = table[named["dividends"]].astype(float).reindex(close.index).fillna(0.0) if "dividends" in named else close * 0.0
        growth = ((close + paid) / close.shift(1)).fillna(1.0).cumprod()
        if not paid.any():
            notes.append(("doubtful", f"the cash rate is made of the closes of {name} alone: what it distributed is not in them"))
    days = growth.index.to_series().diff(WINDOW).dt.days
    return ((growth / growth.shift(WINDOW) - 1.0) * 365 / days).iloc[WINDOW:], notes
