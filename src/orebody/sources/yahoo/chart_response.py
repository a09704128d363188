"""The rows and the metadata of Yahoo's chart answer, read without trust: each form that is not as it should be is one sentence.

yfinance makes a table of the answer as well, and trips over forms that are harmless or of one event only (a currency beside a gain, no list
of valid ranges). Here nothing is looked at that is not needed, and what is needed is looked at before it is used.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from orebody.sources.quotes import PRICES
from orebody.sources.yahoo.retry import MalformedResponseError, TransientError

__all__ = ["days_of", "events", "number", "rows", "text", "unix_moment", "zone_of"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FOUR = PRICES[:4]
_LATEST = 9e9  # Unix seconds: the year 2255, before nanoseconds end
_DAY = pd.Timedelta(days=1)
_LATE_HOURS = (22, 23)  # a day that Yahoo dates an hour or two before midnight where it has the change of clocks wrong


def text(meta: Mapping[str, Any], name: str) -> str:
    """Return a text of the metadata; empty where there is none."""
    value = meta.get(name)
    return value if isinstance(value, str) else ""


def zone_of(meta: Mapping[str, Any]) -> ZoneInfo:
    """Return the exchange's time zone, or raise `MalformedResponseError`: no day can be told without one."""
    name = meta.get("exchangeTimezoneName")
    try:
        return ZoneInfo(name if isinstance(name, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MalformedResponseError(f"the answer names no time zone ({name!r:.40}), without which no day can be told") from None


def unix_seconds(value: object) -> float:
    """Return what Yahoo gives for a moment as a float; NaN for what is none."""
    fine = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < _LATEST
    return float(value) if fine else math.nan  # type: ignore[arg-type]


def unix_moment(value: object) -> dt.datetime | None:
    """Return the moment of Unix seconds, also of those before 1970, which Windows cannot turn; None for anything else."""
    seconds = unix_seconds(value)
    return None if math.isnan(seconds) else _EPOCH + dt.timedelta(seconds=seconds)


def days_of(seconds: np.ndarray, zone: ZoneInfo, now: dt.datetime, last_trade: float = math.nan) -> pd.DatetimeIndex:
    """Return the days of the exchange that rows or events belong to, by their Unix seconds.

    Yahoo begins a day's row at midnight or at the opening. Around some changes of clocks it is an hour or two early: 22:00:00 or 23:00:00
    of the day before. What is stamped by the second, or at the last trade, is a row of the session under way; and a day that has not
    begun has no row.

    Raises
    ------
    Unreadable
        For what lies outside the years that prices can be of.
    """
    if len(seconds) and not (np.abs(seconds) < _LATEST).all():  # NaN is not
        raise MalformedResponseError("the answer has a row or an event that is dated by no moment of the last or next hundred years")
    moments = pd.DatetimeIndex((seconds * 1000).round().astype("datetime64[ms]").astype("datetime64[ns]"), tz="UTC").tz_convert(zone)
    since_midnight = moments - moments.normalize()
    early = moments.hour.isin(_LATE_HOURS) & (since_midnight == since_midnight.floor("h")) & (seconds != last_trade)
    days = moments.tz_localize(None).normalize()
    following = days + _DAY
    started = following <= pd.Timestamp(now.astimezone(zone).date())
    return pd.DatetimeIndex(np.where(early & started, following, days).astype("datetime64[ns]"), name="Date")


def rows(result: Mapping[str, Any], zone: ZoneInfo, now: dt.datetime) -> pd.DataFrame:
    """Return raw prices and volumes on days of the exchange, oldest first, without the rows that have no price at all.

    Of two rows of one day the last counts where it is the newest day, which Yahoo has twice while it trades, at its opening and at its last
    trade; otherwise the first.

    Raises
    ------
    TransientError
        For an answer without rows, or without a single price.
    Unreadable
        For lists that are none, or of other lengths than the dates, and for cells that are not numbers.
    """
    stamps, quote, adjusted = _lists(result)
    seconds = _numbers(stamps, len(stamps), "dates")
    last_trade = unix_seconds(_mapping(result.get("meta")).get("regularMarketTime"))
    index = days_of(seconds, zone, now, last_trade)
    columns = {name: _numbers(quote.get(name.lower()), len(seconds), name.lower()) for name in (*_FOUR, "Volume")}
    columns["Volume"] = np.nan_to_num(columns["Volume"], nan=0.0)
    columns["Adj Close"] = columns["Close"] if adjusted is None else _numbers(adjusted, len(seconds), "adjclose")
    bars = pd.DataFrame(columns, index=index)[list(PRICES)].iloc[np.argsort(seconds, kind="stable")]
    bars = bars[bars[list(_FOUR)].notna().any(axis=1)]  # all four empty is how Yahoo writes a day without a trade
    if bars.empty:
        raise TransientError("Yahoo answered without a single price")
    newest = bars.index == bars.index.max()
    keep = np.where(newest, ~bars.index.duplicated(keep="last"), ~bars.index.duplicated(keep="first"))
    return bars[keep].sort_index(kind="stable")


def events(result: Mapping[str, Any], kind: str, zone: ZoneInfo, now: dt.datetime) -> list[tuple[dt.date, Mapping[str, Any]]]:
    """Return the day and the content of each event of one kind, or raise `MalformedResponseError`."""
    held = result.get("events") or {}
    of_kind = held.get(kind) or {} if isinstance(held, Mapping) else held
    listed = list(of_kind.values()) if isinstance(of_kind, Mapping) else of_kind
    if not isinstance(listed, list):
        raise MalformedResponseError(f"the answer's {kind} are {of_kind!r:.40}, no list of events")
    for event in listed:
        if not isinstance(event, Mapping) or math.isnan(unix_seconds(event.get("date"))):
            raise MalformedResponseError(f"the answer's {kind} hold {event!r:.60}, an event without a date")
    days = days_of(np.array([unix_seconds(event["date"]) for event in listed]), zone, now)
    return [(day.date(), event) for day, event in zip(days, listed, strict=True)]


def number(event: Mapping[str, Any], name: str, what: str) -> float:
    """Return a number of an event, or raise `MalformedResponseError`."""
    value = event.get(name)
    try:
        found = math.nan if isinstance(value, bool | str) else float(value)  # type: ignore[arg-type]
    except (OverflowError, TypeError):
        found = math.nan
    if not math.isfinite(found):
        raise MalformedResponseError(f"{what} has {value!r:.40} for its {name}, which is no number")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _lists(result: Mapping[str, Any]) -> tuple[list[Any], Mapping[str, Any], object]:
    """Return the dates, the lists of prices by name, and the adjusted closes, None where there are none."""
    indicators = _mapping(result.get("indicators"))
    stamps, quotes, adjusted = result.get("timestamp"), indicators.get("quote"), indicators.get("adjclose")
    quote = quotes[0] if isinstance(quotes, list) and quotes else None
    if not stamps and not quote:
        raise TransientError("Yahoo answered without prices")
    if not isinstance(stamps, list) or not isinstance(quote, Mapping):
        raise MalformedResponseError(f"the answer has {'no dates' if not isinstance(stamps, list) else 'dates and no list of prices'}")
    if not stamps or not quote:
        raise TransientError("Yahoo answered without prices")
    if adjusted is None:
        return stamps, quote, None
    first = adjusted[0] if isinstance(adjusted, list) and adjusted else None
    return stamps, quote, first.get("adjclose", ()) if isinstance(first, Mapping) else ()


def _numbers(values: object, count: int, name: str) -> np.ndarray:
    """Return a list of the answer as floats, NaN for its nulls."""
    if not isinstance(values, list):
        raise MalformedResponseError(f"the answer has no list of {name}")
    if len(values) != count:
        raise MalformedResponseError(f"the answer has {len(values):,} of {name} on {count:,} dates")
    try:
        found = np.array([np.nan if value is None else value for value in values])
    except ValueError:
        found = np.empty(0, dtype=object)
    if found.ndim != 1 or found.dtype.kind not in "fiu":
        raise MalformedResponseError(f"the answer's {name} hold something that is not a number")
    return found.astype(float)
