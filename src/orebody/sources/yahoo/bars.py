"""From yfinance's table and the answer behind it to `Quotes`: dates, actions on their days, and the session that is still open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from orebody.errors import DownloadError
from orebody.sources.quotes import ACTIONS, PRICES, Quotes
from orebody.sources.yahoo.retrying import OFFLINE, Passing

__all__ = ["SETTLED_AFTER", "Exchange", "read", "session_open"]

SETTLED_AFTER = dt.timedelta(minutes=30)
"""How long after the regular session's end its bar is still taken for unfinished: closing auctions and delayed feeds come later."""

Exchange = Callable[[str, str, dt.date], float]
"""What one unit of a currency is worth in another on a day."""

_MINOR = {"GBp": ("GBP", 100.0), "GBX": ("GBP", 100.0), "ZAc": ("ZAR", 100.0), "ILA": ("ILS", 100.0)}
_FOUR = list(PRICES[:4])


def read(
    ticker: str, table: pd.DataFrame, result: Mapping[str, Any], now: dt.datetime, exchange: Exchange, since: dt.date | None = None
) -> Quotes:
    """Return the finished sessions of one answer.

    Parameters
    ----------
    ticker
        What was asked for.
    table
        What yfinance made of the answer: raw prices on days of the exchange.
    result
        The chart's result in the answer itself. Actions are taken from it, because yfinance puts one that falls on a day without a
        row on the row *before* and passes over the currency of a dividend.
    now
        With a zone.
    exchange
        Asked for dividends that are paid in another currency than the price's.
    since
        First day that is kept; by default all.

    Raises
    ------
    DownloadError
        For an answer about another ticker, in other than daily bars, without a known time zone, or without one finished session.
    Passing
        For an answer without rows, or with rows that are no numbers.
    """
    meta = result.get("meta") or {}
    said = str(meta.get("symbol") or "")
    if said.upper() != ticker:
        raise DownloadError(f"{ticker} was asked for and Yahoo answered with {said!r}: look up what the ticker is called today")
    if meta.get("dataGranularity", "1d") != "1d":
        raise DownloadError(f"{ticker} was asked for by day and Yahoo answered by {meta['dataGranularity']!r}: {OFFLINE}")
    zone = _zone(ticker, meta)
    bars = _bars(ticker, table)
    if len(bars) and session_open(bars.index[-1].date(), meta, zone, now):
        bars = bars.iloc[:-1]
    bars = _with_actions(bars, result.get("events") or {}, zone, str(meta.get("currency") or ""), exchange)
    if since is not None:
        bars = bars[bars.index >= pd.Timestamp(since)]
    if bars.empty:
        when = "" if since is None else f" since {since}"
        raise DownloadError(f"{ticker} has no finished session{when}: ask for an earlier day, or again after the exchange has closed")
    return Quotes(
        ticker,
        bars,
        currency=str(meta.get("currency") or ""),
        exchange=str(meta.get("exchangeName") or ""),
        zone=str(zone),
        name=str(meta.get("longName") or meta.get("shortName") or ""),
        kind=str(meta.get("instrumentType") or ""),
    )


def session_open(day: dt.date, meta: Mapping[str, Any], zone: ZoneInfo, now: dt.datetime) -> bool:
    """Return whether the bar of `day`, the last one, may still change at `now`.

    The metadata name the current session's beginning and end. A bar of that session's day is unfinished until `SETTLED_AFTER` its end. A
    bar of another day, or of metadata without a session, is unfinished while that day lasts at the exchange.
    """
    regular = (meta.get("currentTradingPeriod") or {}).get("regular") or {}
    start, end = _moment(regular.get("start")), _moment(regular.get("end"))
    if start is not None and end is not None and start.astimezone(zone).date() == day:
        return now < end + SETTLED_AFTER
    return day >= now.astimezone(zone).date()


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, dt.datetime):  # yfinance writes moments into what it was given
        return value
    return dt.datetime.fromtimestamp(value, dt.UTC) if isinstance(value, int | float) else None


def _zone(ticker: str, meta: Mapping[str, Any]) -> ZoneInfo:
    name = str(meta.get("exchangeTimezoneName") or "")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DownloadError(f"{ticker} came with the time zone {name!r}, which is none: no day can be told: {OFFLINE}") from None


def _bars(ticker: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return raw prices on plain dates, without the rows of days without a trade."""
    missing = [name for name in PRICES if name not in table.columns]
    if missing or not isinstance(table.index, pd.DatetimeIndex):
        raise Passing(f"Yahoo answered with a table that has no {', '.join(missing) or 'dates'}")
    try:
        bars = table[list(PRICES)].astype(float)
    except (TypeError, ValueError):
        raise Passing("Yahoo answered with prices that are no numbers") from None
    days = table.index.tz_localize(None).normalize()
    bars.index = pd.DatetimeIndex(days.to_numpy().astype("datetime64[ns]"), name="Date")
    bars = bars[bars[_FOUR].notna().any(axis=1)]  # all four empty is how Yahoo writes a day without a trade
    if bars.empty:
        raise Passing("Yahoo answered without a single price")
    return bars


def _with_actions(bars: pd.DataFrame, events: Mapping[str, Any], zone: ZoneInfo, currency: str, exchange: Exchange) -> pd.DataFrame:
    """Return the bars with what was distributed and split on each, or on days without a bar before it."""
    paid, split = np.zeros(len(bars)), np.zeros(len(bars))
    for kind in ("dividends", "capitalGains"):
        for event in (events.get(kind) or {}).values():
            day = _day(event, zone)
            at = _row(bars.index, day)
            if at is not None:
                paid[at] += float(event["amount"]) * _worth(str(event.get("currency") or ""), currency, day, exchange)
    for event in (events.get("splits") or {}).values():
        at = _row(bars.index, _day(event, zone))
        if at is not None:
            split[at] = (split[at] or 1.0) * float(event["numerator"]) / float(event["denominator"])
    return bars.assign(**dict(zip(ACTIONS, (paid, split), strict=True)))


def _day(event: Mapping[str, Any], zone: ZoneInfo) -> dt.date:
    local = dt.datetime.fromtimestamp(event["date"], dt.UTC).astimezone(zone)
    return (local + dt.timedelta(hours=2)).date() if local.minute == 0 and local.hour >= 22 else local.date()  # as yfinance dates the rows


def _row(index: pd.DatetimeIndex, day: dt.date) -> int | None:
    """Return the row of `day` or of the next day with a bar; None for a day before the first bar or after the last."""
    at = int(index.searchsorted(pd.Timestamp(day)))
    return at if at < len(index) and pd.Timestamp(day) >= index[0] else None


def _worth(paid_in: str, currency: str, day: dt.date, exchange: Exchange) -> float:
    """Return what one unit of the dividend's currency is in the price's."""
    if not paid_in or not currency or paid_in == currency:
        return 1.0
    (paid_in, small), (currency, many) = _MINOR.get(paid_in, (paid_in, 1.0)), _MINOR.get(currency, (currency, 1.0))
    return many / small * (1.0 if paid_in == currency else exchange(paid_in, currency, day))
