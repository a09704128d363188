"""Quotes: one ticker's raw bars and actions, as a provider gave them, and what the provider says the ticker is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["ACTIONS", "GAINS", "PRICES", "Quotes"]

PRICES = ("Open", "High", "Low", "Close", "Adj Close", "Volume")
ACTIONS = ("Dividends", "Stock Splits")
GAINS = "Capital Gains"


@dataclass(frozen=True, eq=False)
class Quotes:
    """One ticker's daily bars, raw: split-adjusted as the provider serves them, never adjusted for distributions.

    Attributes
    ----------
    ticker
        As the provider calls it.
    bars
        Float columns Open, High, Low, Close, Adj Close, Volume, Dividends, Stock Splits on ascending dates called Date, without a zone.
        A distribution stands on its ex-date, in the currency of the prices and per share as split-adjusted; 0 where there is none. A split
        stands as new shares for an old one; 0 where there is none. A provider that records capital gains of funds apart has a column
        Capital Gains as well; whether its dividends contain them is not known here.
    currency
        As the provider writes it: ``"USD"``, ``"GBp"`` (pence), ``"AUD"``; empty where it says nothing.
    exchange
        The provider's code, such as ``"PCX"``, ``"LSE"``, ``"ASX"``; empty where it says nothing.
    zone
        Time zone of the exchange, such as ``"America/New_York"``; empty where it says nothing.
    name
        Long name of what trades under the ticker today; empty where it says nothing.
    kind
        ``"EQUITY"``, ``"ETF"``, ``"FUTURE"``, ``"INDEX"``, ``"CURRENCY"``, or empty.
    """

    ticker: str
    bars: pd.DataFrame
    currency: str = ""
    exchange: str = ""
    zone: str = ""
    name: str = ""
    kind: str = ""
