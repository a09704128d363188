"""The ways in which the loopback Yahoo can misbehave; see `yahoo_server`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yahoo_series import PRICES


@dataclass(frozen=True)
class Fault:
    """One way to answer a request wrongly: a status, a delay, or a change to what would have been the answer."""

    what: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    change: Callable[[dict[str, Any]], None] | None = None


RATE_LIMITED = Fault("status", 429)
SERVER_ERROR = Fault("status", 500)
UNAVAILABLE = Fault("status", 503)
DROPPED = Fault("dropped")
CUT_OFF = Fault("cut off")  # promises the whole length, sends half
TRUNCATED = Fault("truncated")  # valid HTTP, half of the JSON
HTML = Fault("html")
EMPTY = Fault("empty")  # no result and no error
NO_ROWS = Fault("no rows")  # metadata, but no bars
UNKNOWN = Fault("unknown", 404)


def rate_limited(retry_after: int | str) -> Fault:
    """Return a 429 that says how long to wait."""
    return Fault("status", 429, (("Retry-After", str(retry_after)),))


def slow(seconds: float) -> Fault:
    """Return a right answer that comes late."""
    return Fault("slow", delay=seconds)


def changed(change: Callable[[dict[str, Any]], None]) -> Fault:
    """Return a right answer but for what `change` does to the chart's result: {meta, timestamp, events, indicators}."""
    return Fault("changed", change=change)


def in_currency(currency: str) -> Fault:
    """Return an answer in another currency than the ticker's."""
    return changed(lambda result: result["meta"].update(currency=currency))


def of_other_ticker(ticker: str) -> Fault:
    """Return an answer that says it is another ticker's."""
    return changed(lambda result: result["meta"].update(symbol=ticker))


def nan_rows(*rows: int, columns: tuple[str, ...] = PRICES) -> Fault:
    """Return an answer whose given rows hold nulls: in all four prices, the adjusted close and the volume, or in `columns` only."""

    def change(result: dict[str, Any]) -> None:
        for row in rows:
            for name in columns:
                result["indicators"]["quote"][0][name.lower()][row] = None
            if columns == PRICES:
                result["indicators"]["quote"][0]["volume"][row] = None
                result["indicators"]["adjclose"][0]["adjclose"][row] = None

    return changed(change)


def with_split(new: object, old: object) -> Fault:
    """Return an answer with a split of 2020-06-01 of these numbers."""
    at = 1591018200  # 2020-06-01 13:30 UTC
    split = {"date": at, "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
    return changed(lambda result: result.setdefault("events", {}).setdefault("splits", {}).update({str(at): split}))
