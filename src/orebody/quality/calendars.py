"""Which days an exchange was open, from exchange_calendars and a list of closures beside it; and which exchange a ticker trades on."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np

__all__ = ["FIRST_SESSION", "calendar_of", "sessions", "zone_of"]

FIRST_SESSION = np.datetime64("1970-01-01")  # before, few of the calendars know their holidays

_ZONES = {
    "XNYS": "America/New_York",
    "XLON": "Europe/London",
    "XASX": "Australia/Sydney",
    "XTSE": "America/Toronto",
    "XJSE": "Africa/Johannesburg",
}
_SUFFIXES = {"L": "XLON", "IL": "XLON", "AX": "XASX", "TO": "XTSE", "V": "XTSE", "CN": "XTSE", "NE": "XTSE", "JO": "XJSE"}
_CODES = {
    **dict.fromkeys(("NYQ", "NMS", "NGM", "NCM", "PCX", "ASE", "BTS", "NYS", "NAS", "PNK", "OQB", "OQX", "OEM"), "XNYS"),
    **dict.fromkeys(("LSE", "IOB"), "XLON"),
    "ASX": "XASX",
    **dict.fromkeys(("TOR", "VAN", "CNQ", "NEO"), "XTSE"),
    "JNB": "XJSE",
}

_CLOSED = {
    "XJSE": (
        *("1999-06-02", "1999-12-31", "2000-01-03"),  # an election, the change of the millennium
        *("2021-11-01", "2024-05-29", "2026-11-04"),  # elections
        *("2022-12-27", "2023-12-15"),  # by the president's decree
    ),
    "XTSE": ("2008-12-17",),  # no trade all day: the feed of prices had failed
}
"""Closures that exchange_calendars 4.13.2 lacks: South Africa's public holidays are those of holidays 0.109 (which cannot be a dependency
while it asks for python-dateutil below 3)."""


def calendar_of(ticker: str, exchange: str = "") -> str | None:
    """Return the calendar of a ticker: ``"XNYS"``, ``"XLON"`` …, ``""`` where neither code nor suffix says, None where it has none.

    Parameters
    ----------
    ticker
        As Yahoo writes it: ``GLD``, ``FRES.L``, ``NST.AX``. Futures (``GC=F``), currencies (``EURUSD=X``), indices (``^VIX``,
        ``DX-Y.NYB``) and simulated tickers have no calendar.
    exchange
        Yahoo's code, such as ``"PCX"``; it comes before the suffix.
    """
    if "=" in ticker or ticker.startswith(("^", "SIM-")):
        return None
    stem, dot, suffix = ticker.rpartition(".")
    by_suffix = _SUFFIXES.get(suffix.upper()) if dot and stem else ""
    return _CODES.get(exchange.upper(), by_suffix or None) if exchange else by_suffix


def zone_of(calendar: str | None) -> str:
    """Return the time zone of a calendar, that of New York where there is none."""
    return _ZONES.get(calendar or "XNYS", _ZONES["XNYS"])


def sessions(calendar: str, last: np.datetime64) -> np.ndarray:
    """Return the sessions of an exchange from 1970 to at least `last`, as ascending ``datetime64[D]``; made once per process."""
    year = int(str(last.astype("datetime64[Y]")))
    return _build(calendar, max(2030, year + 10 - year % 10))


@cache
def _build(calendar: str, year: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange_calendars 4.13 calls what pandas 3.1 has deprecated
        from exchange_calendars.calendar_utils import get_calendar  # type: ignore[import-untyped]

        made = get_calendar(calendar, start=str(FIRST_SESSION), end=f"{year}-12-31")
    days: np.ndarray = made.sessions.to_numpy().astype("datetime64[D]")
    days = days[~np.isin(days, np.array(_CLOSED.get(calendar, ()), dtype="datetime64[D]"))]
    days.flags.writeable = False
    return days
