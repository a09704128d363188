"""Prices in another currency, with dated exchange rates; pence are not pounds."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.market.point_in_time import refuse_far
from orebody.market.validation import price_column

__all__ = ["STALE_DAYS", "convert", "major", "pair"]

STALE_DAYS = 7
"""For how many calendar days a rate may stand in for a missing one: a long weekend and a holiday are, a gap in the series is not."""

_MINOR = {
    **dict.fromkeys(("GBp", "GBX"), ("GBP", 100)),
    **dict.fromkeys(("ZAc", "ZAC"), ("ZAR", 100)),
    "ILA": ("ILS", 100),
    "KWF": ("KWD", 1000),
    "USX": ("USD", 100),
}
_CODE = re.compile(r"[A-Z]{3}")
_MONEY = ("dividends", "capitalgains")


def major(currency: str) -> tuple[str, int]:
    """Return the currency that a provider's code belongs to, and how many of its units make one of that: ``"GBp"`` is GBP, 100.

    Raises
    ------
    DataError
        For anything but three capital letters and the codes of minor units: GBp and GBX (pence), ZAc, ZAC and USX (cents), ILA (agorot),
        KWF (fils, of which a thousand are a dinar).
    """
    code = currency.strip() if isinstance(currency, str) else ""
    if code in _MINOR:
        return _MINOR[code]
    if not _CODE.fullmatch(code):
        raise DataError(f"{currency!r:.60} is not a currency: write three capital letters, such as USD, or GBp for pence")
    return code, 1


def pair(currency: str, to: str = "USD") -> str:
    """Return the provider's ticker of a rate, how many `to` one of a currency costs: ``pair("GBp")`` is ``"GBPUSD=X"``.

    Raises
    ------
    DataError
        For what is not a currency, and for one and the same.
    """
    of, into = major(currency)[0], major(to)[0]
    if of == into:
        raise DataError(f"{currency} and {to} are the same currency: no exchange rate is between them")
    return f"{of}{into}=X"


def convert(
    frame: pd.DataFrame,
    currency: str,
    *,
    to: str = "USD",
    rates: pd.Series | None = None,
    ticker: str = "",
    stale_days: int = STALE_DAYS,
) -> pd.DataFrame:
    """Return a table of prices in another currency.

    All prices of a bar, its Adj Close and its dividends are divided by 100 where they are pence or cents, by 1000 where they are fils, and
    then multiplied by one rate: the last one dated at or before the bar, never a later one. Volumes and splits stay.

    Parameters
    ----------
    frame
        Open, High, Low, Close, Adj Close, Dividends by any spelling, on dates without a zone.
    currency
        Of the prices, as the provider writes it.
    to
        The currency wanted, three capital letters.
    rates
        How many `to` one whole unit of the currency costs (a pound, not a penny), on ascending dates; not needed within one currency.
    ticker
        Of the prices, for messages.
    stale_days
        For how many calendar days a rate may be used after its own.

    Raises
    ------
    DataError
        For rates that are missing, not positive, not ascending or repeated, prices before the first rate, and a rate older than
        `stale_days` on a bar; the message names the days.
    """
    of, units = major(currency)
    into, into_units = major(to)
    if into_units != 1:
        raise DataError(f"prices cannot be put into {to}, a minor unit: ask for {into}")
    what = ticker or "the table"
    columns = [at for at, name in enumerate(frame.columns) if price_column(name) or _letters(name) in _MONEY]
    factor = np.full(len(frame), 1.0)
    if of != into:
        factor = _last_known_rates(rates, frame.index, f"{of}{into}=X", what, stale_days)
    out = frame.copy()
    for at in columns:
        try:
            values = frame.iloc[:, at].to_numpy(dtype=float)
        except (TypeError, ValueError):
            raise DataError(f"{what}: {frame.columns[at]} holds something that is not a number") from None
        out.isetitem(at, values / units * factor)
    return out


def _letters(name: object) -> str:
    return "".join(letter for letter in str(name).lower() if letter.isalpha())


def _last_known_rates(rates: pd.Series | None, index: pd.Index, name: str, what: str, stale_days: int) -> np.ndarray:
    """Return the last rate dated at or before each bar."""
    if not isinstance(rates, pd.Series) or rates.empty:
        raise DataError(f"{what}: its prices need the exchange rate {name}: give a Series of rates on dates")
    dates = rates.index
    if not isinstance(dates, pd.DatetimeIndex) or dates.tz is not None or dates.hasnans:
        raise DataError(f"the exchange rate {name} must stand on dates without a time zone")
    refuse_far(dates, f"the exchange rate {name}")
    if not dates.is_monotonic_increasing or dates.has_duplicates:
        raise DataError(f"the dates of the exchange rate {name} must ascend without repeats: sort them and drop the repeats")
    values = rates.to_numpy(dtype=float)
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        raise DataError(f"the exchange rate {name} is {values[bad][0]:g} on {dates[bad][0].date()}: rates must be positive; drop such rows")
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans:
        raise DataError(f"{what}: prices to be converted must stand on dates without a time zone")
    at = np.asarray(dates.normalize().searchsorted(index.normalize(), side="right")) - 1
    if (at < 0).any():
        early = index[at < 0]
        raise DataError(
            f"{what}: {len(early)} bars from {early.min().date()} are before the first {name} of {dates[0].date()}: "
            "start the market later or extend the rates"
        )
    days = np.asarray((index.normalize() - dates.normalize()[at]).days)
    old = days > stale_days
    if old.any():
        worst = index[old]
        raise DataError(
            f"{what}: on {worst.min().date()} the last {name} is that of {dates[at[old][0]].date()}, and {int(old.sum())} bars up to "
            f"{worst.max().date()} have one more than {stale_days} days old: fill the gap in the rates, or end the market before it"
        )
    used: np.ndarray = values[at]
    return used
