"""What a source hands over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from orebody.errors import UnsupportedError
from orebody.market.universe import Universe

__all__ = ["RawMarket"]


def _no_rates(pair: str) -> pd.Series:
    raise UnsupportedError(f"the source has no exchange rate {pair}")


@dataclass(frozen=True)
class RawMarket:
    """Everything that a source knows about a universe: raw, not yet cut to a period, inspected, adjusted, or in one currency.

    Attributes
    ----------
    universe
        With its tickers as the source calls them.
    frames
        For each ticker a table with Open, High, Low, Close, and what else there is of Adj Close, Volume, Dividends, Stock Splits, on dates.
    label
        Where the prices came from, for reports.
    cash_rate
        Simple annual rates, or None where the source has none.
    gauges
        Dated series by name.
    fundamentals, ratings
        Tables as in `orebody.market.fundamentals`, or None.
    notes
        (what, text) of anything else that a report must say, such as the vintage.
    inspected
        Whether the prices are real, so that their quality is to be looked at.
    by_distributions
        Whether prices are adjusted by the distributions beside them; otherwise by an Adj Close, where there is one.
    exchanges, currencies, names
        By ticker, as the source states them; empty where it states nothing.
    rates
        Returns the closes of an exchange rate such as ``"GBPUSD=X"``.
    rates_known_after
        How long after its date a rate is known.
    own_rates
        Rates by pair that were handed over by the caller, taken before those of the source and known on their own dates.
    """

    universe: Universe
    frames: Mapping[str, pd.DataFrame]
    label: str
    cash_rate: float | pd.Series | None = None
    gauges: Mapping[str, pd.Series] = field(default_factory=dict)
    fundamentals: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    notes: tuple[tuple[str, str], ...] = ()
    inspected: bool = True
    by_distributions: bool = False
    exchanges: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    rates: Callable[[str], pd.Series] = _no_rates
    rates_known_after: dt.timedelta = dt.timedelta(0)
    own_rates: Mapping[str, pd.Series] = field(default_factory=dict)
