"""All checks of one ticker's prices, in their order."""

from __future__ import annotations

import pandas as pd

from orebody.errors import DataError
from orebody.quality.bad_prints import opens, prints, stale, wicks
from orebody.quality.bars import Bars, columns, oldest_first
from orebody.quality.calendars import calendar_of
from orebody.quality.capital_gains import counted_once
from orebody.quality.corporate_actions import distributions as paid_out
from orebody.quality.corporate_actions import impossible
from orebody.quality.finding import Finding
from orebody.quality.invalid_prices import cells, ranges
from orebody.quality.price_basis import basis, continuous
from orebody.quality.scale_errors import currency, splits
from orebody.quality.sessions import attendance
from orebody.quality.splices import seams, snapshots
from orebody.quality.timestamps import daily, duplicates, order, session_days, stamps

__all__ = ["inspect"]


def inspect(ticker: str, frame: pd.DataFrame, *, exchange: str = "", distributions: pd.Series | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong or doubtful about one ticker's prices.

    Each check runs on what those before it left: rows found wrong are left out of the later ones, so that one defect is one finding.

    Parameters
    ----------
    ticker
        As the provider calls it; its suffix names the exchange where `exchange` does not.
    frame
        Raw bars under any of the usual names: Close or Adj Close, and where they are there Open, High, Low, Volume, Dividends, Stock
        Splits, Capital Gains. Rows in any order, on a DatetimeIndex.
    exchange
        Yahoo's code of the exchange, such as ``"PCX"``; by default told from the suffix or, without one, from the dates.
    distributions
        Cash distributions by ex-date, per share, where the frame has no column for them.

    Returns
    -------
    tuple of Finding
        The wrong ones first, each part by date.

    Raises
    ------
    DataError
        For what cannot be inspected: an empty table, rows without dates, no column of closes, cells that are no numbers.
    """
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        raise DataError(f"{ticker}: the table of prices is empty: give at least two rows of Open, High, Low, Close on dates")
    calendar = calendar_of(ticker, exchange)
    local = session_days(ticker, frame.index, calendar)
    by_day = daily(local)
    days = pd.DatetimeIndex(local.to_numpy().astype("datetime64[D]").astype("datetime64[ns]")) if by_day else local
    counted = counted_once(ticker, frame)
    values = columns(ticker, counted.frame, distributions, local)
    findings = list(counted.findings)
    findings += stamps(ticker, frame.index, local, by_day=by_day)
    findings += duplicates(ticker, days, values) + order(ticker, days)
    bars = oldest_first(ticker, days.to_numpy(), values)
    bars, found = impossible(bars)
    findings += found + cells(bars) + ranges(bars)
    bars = continuous(bars.priced())
    if len(bars):
        findings += _prices(bars, calendar, by_day=by_day)
    return tuple(sorted(findings, key=lambda finding: (not finding.wrong, finding.first, finding.kind)))


def _prices(bars: Bars, calendar: str | None, *, by_day: bool) -> list[Finding]:
    findings: list[Finding] = []
    if by_day:
        findings, out = attendance(bars, calendar)
        bars = bars.only(~out)
    found, off = currency(bars)
    findings += found
    bars = bars.only(~off)
    found, off = prints(bars)
    findings += found
    bars = bars.only(~off)
    findings += opens(bars) + wicks(bars) + stale(bars) + splits(bars)
    return findings + _distributions(bars) + seams(bars) + snapshots(bars)


def _distributions(bars: Bars) -> list[Finding]:
    """Check distributions where the price can show them: in raw closes."""
    if bars.values.get("adjclose") is bars.close:
        return []
    kind = basis(bars)
    doubt = [] if kind is None or kind.sure else [kind.doubt(bars)]
    return doubt if kind is not None and kind.inside else doubt + paid_out(bars)
