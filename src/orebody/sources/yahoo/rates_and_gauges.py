"""Cash rate and gauges from Yahoo's closes: which tickers, in what unit, and how a bill's discount becomes a rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.errors import DataError, unknown_name
from orebody.sources.quotes import Quotes

__all__ = ["BILL", "GAUGES", "SPOT", "Gauge", "cash_rate", "gauge", "spot_gauge"]

BILL = "^IRX"
"""The 13-week Treasury bill, in per cent on a discount basis."""

_DAYS = 91
_LOWEST, _HIGHEST = -5.0, 25.0  # per cent; from 1981's 17 to 2020's -0.1 there is room on both sides


@dataclass(frozen=True)
class Gauge:
    """A gauge and where it comes from.

    Attributes
    ----------
    name
        As strategies ask for it.
    tickers
        Of Yahoo, in order of preference: a later one only where those before it cannot be had.
    unit
        Of the first ticker.
    note
        What a reader of a figure made from it must know.
    """

    name: str
    tickers: tuple[str, ...]
    unit: str
    note: str


_FRONT = "continuous front contract, never adjusted: it jumps where contracts change; only its closes are used"

GAUGES = {
    row.name: row
    for row in (
        Gauge("dollar", ("DX-Y.NYB", "UUP"), "index", "ICE dollar index; UUP, a fund of its futures in USD, stands in where it is missing"),
        Gauge("vix", ("^VIX",), "per cent a year", "implied volatility of the S&P 500 over the next 30 days"),
        Gauge("yield", ("^TNX",), "per cent", "ten-year Treasury yield"),
        Gauge("copper", ("HG=F",), "USD/lb", f"COMEX, {_FRONT}; US tariffs moved it away from London's price in 2025"),
        Gauge("iron_ore", ("TIO=F",), "USD/t", f"62 % Fe fines, {_FRONT}; quoted on few days before 2013"),
    )
}
"""What can be had beside prices, by name; `spot` depends on the metal and is in `SPOT`."""

SPOT = {
    metal: Gauge("spot", (ticker,), unit, f"{what}, {_FRONT}")
    for metal, ticker, unit, what in (
        ("gold", "GC=F", "USD/oz", "COMEX gold"),
        ("silver", "SI=F", "USD/oz", "COMEX silver"),
        ("copper", "HG=F", "USD/lb", "COMEX copper"),
        ("platinum", "PL=F", "USD/oz", "NYMEX platinum"),
        ("palladium", "PA=F", "USD/oz", "NYMEX palladium"),
        ("iron ore", "TIO=F", "USD/t", "62 % Fe fines"),
    )
}
"""The gauge ``spot`` by metal."""


def spot_gauge(metal: str) -> Gauge:
    """Return the gauge ``spot`` of a metal, or raise `UnknownNameError`."""
    if metal not in SPOT:
        raise unknown_name("metal", str(metal), SPOT)
    return SPOT[metal]


def gauge(name: str, quotes: Quotes) -> pd.Series:
    """Return a gauge's closes on their dates, unadjusted; days without a close are left out.

    Raises
    ------
    DataError
        When there is none.
    """
    closes = quotes.bars["Close"]
    closes = closes[np.isfinite(closes.to_numpy(dtype=float))].astype(float).rename(name)
    if closes.empty:
        raise DataError(f"gauge {name!r}: {quotes.ticker} has no close: take another series with gauges={{{name!r}: series}}")
    return closes


def cash_rate(quotes: Quotes) -> pd.Series:
    """Return the simple annual rate, on actual/365, of a 13-week bill quoted on a discount basis.

    With the discount d as a fraction, a bill of face value 1 with 91 days to run costs 1 - d 91/360 and pays 1, so its simple rate on
    actual/365 is (365/91) (1/price - 1) = 365 d / (360 - 91 d): the investment yield, or coupon equivalent, of 31 CFR part 356, appendix B,
    section III, and of Stigum and Robinson, Money Market and Bond Calculations (1996), chapter 4. Zero and negative values are
    kept: there were some in March 2020.

    Parameters
    ----------
    quotes
        Of ^IRX; the closes are per cent.

    Returns
    -------
    pandas.Series
        Fractions on the days of the closes.

    Raises
    ------
    DataError
        When there is no close, or one outside -5 to 25 per cent, which cannot be per cent a year.
    """
    per_cent = gauge("cash_rate", quotes)
    wrong = (per_cent < _LOWEST) | (per_cent > _HIGHEST)
    if wrong.any():
        at = wrong.idxmax()
        raise DataError(
            f"{quotes.ticker} is {per_cent[at]:g} on {at.date()}: a bill's discount lies between {_LOWEST:g} and {_HIGHEST:g} per cent; "
            "give cash_rate= yourself"
        )
    discount = per_cent / 100
    rate: pd.Series = 365 * discount / (360 - _DAYS * discount)
    return rate
