"""From Yahoo's answer to `Quotes`: whose it is, actions on their days and in the price's currency, and the session that is still open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from orebody.errors import DataError, DownloadError
from orebody.sources.currency import major
from orebody.sources.quotes import ACTIONS, GAINS, Quotes
from orebody.sources.yahoo import chart_response
from orebody.sources.yahoo.retry import ELSEWHERE, MalformedResponseError

__all__ = ["SETTLED_AFTER", "Exchange", "read", "same_ticker", "session_open"]

SETTLED_AFTER = dt.timedelta(minutes=30)
"""How long after the regular session's end its bar is still taken for unfinished: closing auctions and delayed feeds come later."""

Exchange = Callable[[str, str, dt.date], float]
"""What one unit of a currency is worth in another on a day."""

_RATE = re.compile(r"([A-Z]{3})?([A-Z]{3})=X")


def read(ticker: str, result: Mapping[str, Any], now: dt.datetime, exchange: Exchange, since: dt.date | None = None) -> Quotes:
    """Return the finished sessions of one answer.

    Parameters
    ----------
    ticker
        What was asked for.
    result
        The chart's result in the answer.
    now
        With a zone.
    exchange
        Asked for dividends that are paid in another currency than the price's.
    since
        First day that is kept; by default all.

    Raises
    ------
    DownloadError
        For an answer about another ticker, in other than daily bars, or without one finished session.
    TransientError
        For an answer without rows.
    Unreadable
        For what is not as Yahoo's answers are: no time zone, lists of other lengths than the dates, a split of 3 for 0.
    """
    meta = result.get("meta")
    if not isinstance(meta, Mapping):
        raise MalformedResponseError("the answer has no metadata, so that nobody knows whose prices it holds")
    said = chart_response.text(meta, "symbol")
    if not same_ticker(ticker, said):
        raise DownloadError(f"{ticker} was asked for and Yahoo answered with {said!r:.40}: look up what the ticker is called today")
    if meta.get("dataGranularity", "1d") != "1d":
        raise DownloadError(f"{ticker} was asked for by day and Yahoo answered by {meta['dataGranularity']!r:.40}: {ELSEWHERE}")
    zone = chart_response.zone_of(meta)
    bars = chart_response.rows(result, zone, now)
    while len(bars) and session_open(bars.index[-1].date(), meta, zone, now):
        bars = bars.iloc[:-1]
    bars = _with_actions(bars, result, zone, now, chart_response.text(meta, "currency"), exchange)
    if since is not None:
        bars = bars[bars.index >= pd.Timestamp(since)]
    if bars.empty:
        when = "" if since is None else f" since {since}"
        raise DownloadError(f"{ticker} has no finished session{when}: ask for an earlier day, or again after the exchange has closed")
    return Quotes(
        ticker,
        bars,
        currency=chart_response.text(meta, "currency"),
        exchange=chart_response.text(meta, "exchangeName"),
        zone=str(zone),
        name=chart_response.text(meta, "longName") or chart_response.text(meta, "shortName"),
        kind=chart_response.text(meta, "instrumentType"),
    )


def same_ticker(asked: str, answered: str) -> bool:
    """Return whether two tickers name the same; an exchange rate from US dollars has a short name: USDGBP=X is GBP=X."""
    one, other = _RATE.fullmatch(asked), _RATE.fullmatch(answered.upper())
    if one is None or other is None:
        return answered.upper() == asked
    return (one[1] or "USD", one[2]) == (other[1] or "USD", other[2])


def session_open(day: dt.date, meta: Mapping[str, Any], zone: ZoneInfo, now: dt.datetime) -> bool:
    """Return whether the bar of `day`, the last one, may still change at `now`.

    The metadata name the current session's beginning and end. A bar of that session's day is unfinished until `SETTLED_AFTER` its end. A
    bar of another day, or of metadata without a session, is unfinished while that day lasts at the exchange.
    """
    period = meta.get("currentTradingPeriod")
    regular = period.get("regular") if isinstance(period, Mapping) else None
    start, end = (chart_response.unix_moment(regular.get(name)) if isinstance(regular, Mapping) else None for name in ("start", "end"))
    if start is not None and end is not None and start.astimezone(zone).date() == day:
        return now < end + SETTLED_AFTER
    return day >= now.astimezone(zone).date()


def _with_actions(
    bars: pd.DataFrame, result: Mapping[str, Any], zone: ZoneInfo, now: dt.datetime, currency: str, exchange: Exchange
) -> pd.DataFrame:
    """Return the bars with what was distributed and split on each, or on days without a bar before it."""
    held: dict[str, np.ndarray] = {}
    for kind, what in (("dividends", "dividend"), ("capitalGains", "capital gain")):
        paid = held[kind] = np.zeros(len(bars))
        for day, event in chart_response.events(result, kind, zone, now):
            at = _row(bars.index, day)
            if at is not None:
                amount = chart_response.number(event, "amount", f"the {what} of {day}")
                paid[at] += amount * _worth(event.get("currency"), currency, day, exchange)
    split = np.zeros(len(bars))
    for day, event in chart_response.events(result, "splits", zone, now):
        at = _row(bars.index, day)
        if at is not None:
            new, old = (chart_response.number(event, name, f"the split of {day}") for name in ("numerator", "denominator"))
            if not (new > 0 and old > 0):
                raise MalformedResponseError(f"the split of {day} is one of {new:g} for {old:g}, which is none")
            split[at] = (split[at] or 1.0) * new / old
    bars = bars.assign(**dict(zip(ACTIONS, (held["dividends"], split), strict=True)))
    return bars.assign(**{GAINS: held["capitalGains"]}) if held["capitalGains"].any() else bars


def _row(index: pd.DatetimeIndex, day: dt.date) -> int | None:
    """Return the row of `day` or of the next day with a bar; None for a day before the first bar or after the last."""
    at = int(index.searchsorted(pd.Timestamp(day)))
    return at if at < len(index) and pd.Timestamp(day) >= index[0] else None


def _worth(paid_in: object, currency: str, day: dt.date, exchange: Exchange) -> float:
    """Return what one unit of the dividend's currency is in the price's."""
    if not paid_in or not currency or paid_in == currency:
        return 1.0
    try:
        (of, small), (into, many) = major(paid_in), major(currency)  # type: ignore[arg-type]
    except DataError as error:
        raise MalformedResponseError(
            f"the distribution of {day} is paid in {paid_in!r:.40} on a price in {currency!r:.40}: {error}"
        ) from None
    return many / small * (1.0 if of == into else exchange(of, into, day))
