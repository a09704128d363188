"""Shapes that Yahoo's chart answers really have, beside the plain one; each is a change to a right answer. See `yahoo_faults.changed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
from yahoo_faults import Fault, changed

__all__ = [
    "capital_gain_in_a_currency",
    "float32",
    "live_row",
    "next_session",
    "null_last_day",
    "short_of",
    "without_day",
]

Result = dict[str, Any]
_LISTS = ("open", "high", "low", "close", "volume")


def unix(moment: str) -> int:
    """Return the Unix time of a moment in UTC."""
    return int(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC).timestamp())


def live_row(moment: str, price: float, *, traded: str = "") -> Fault:
    """Return an answer with a further row at the last trade, beside the row of the opening, as while a session is open."""

    def change(result: Result) -> None:
        at = unix(moment)
        result["timestamp"].append(at)
        quote = result["indicators"]["quote"][0]
        for name in _LISTS:
            quote[name].append(price if name != "volume" else 8)
        result["indicators"]["adjclose"][0]["adjclose"].append(price)
        result["meta"]["regularMarketTime"] = unix(traded) if traded else at

    return changed(change)


def next_session(start: str, end: str) -> Fault:
    """Return an answer whose current trading period is that of the next session."""

    def change(result: Result) -> None:
        result["meta"]["currentTradingPeriod"]["regular"].update(start=unix(start), end=unix(end))

    return changed(change)


def float32() -> Fault:
    """Return an answer whose prices are single floats written as doubles: 12.34 is 12.34000015258789."""

    def change(result: Result) -> None:
        quote, adjusted = result["indicators"]["quote"][0], result["indicators"]["adjclose"][0]
        for held, names in ((quote, _LISTS[:4]), (adjusted, ("adjclose",))):
            for name in names:
                held[name] = [None if value is None else float(np.float32(value)) for value in held[name]]

    return changed(change)


def _at(result: Result, day: str) -> int:
    days = [str(dt.datetime.fromtimestamp(at, dt.UTC).date()) for at in result["timestamp"]]
    return days.index(day)


def without_day(day: str) -> Fault:
    """Return an answer in which the row of a day (in UTC) is not there."""

    def change(result: Result) -> None:
        at = _at(result, day)
        del result["timestamp"][at]
        for name in _LISTS:
            del result["indicators"]["quote"][0][name][at]
        del result["indicators"]["adjclose"][0]["adjclose"][at]

    return changed(change)


def null_last_day() -> Fault:
    """Return an answer whose last row has no price."""

    def change(result: Result) -> None:
        for name in _LISTS:
            result["indicators"]["quote"][0][name][-1] = None
        result["indicators"]["adjclose"][0]["adjclose"][-1] = None

    return changed(change)


def capital_gain_in_a_currency(day: str, gain: float, dividend: float, currency: str = "USD") -> Fault:
    """Return an answer with a capital gain that names its currency (13:30 UTC of a day), beside a dividend."""

    def change(result: Result) -> None:
        at = unix(f"{day} 13:30")
        events = result.setdefault("events", {})
        events.setdefault("capitalGains", {})[str(at)] = {"date": at, "amount": gain, "currency": currency}
        if dividend:
            events.setdefault("dividends", {})[str(at)] = {"date": at, "amount": dividend}

    return changed(change)


def short_of(*keys: str) -> Fault:
    """Return an answer whose metadata lack these keys, or whose valid ranges lack the longest."""

    def change(result: Result) -> None:
        for key in keys:
            if key == "max":
                result["meta"]["validRanges"].remove("max")
            else:
                del result["meta"][key]

    return changed(change)


def of_symbol(symbol: str) -> Callable[[Result], None]:
    """Return the change that makes an answer say it is another symbol's."""
    return lambda result: result["meta"].update(symbol=symbol)
