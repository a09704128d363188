"""All checks of one ticker's prices, in their order."""

from __future__ import annotations

import pandas as pd

from orebody.errors import DataError
from orebody.quality.bad_prints import find_bad_opens, find_bad_prints, find_bad_wicks, find_stale_closes
from orebody.quality.bars import Bars, columns, oldest_first
from orebody.quality.calendars import calendar_of
from orebody.quality.capital_gains import count_gains_once
from orebody.quality.corporate_actions import find_impossible_actions
from orebody.quality.corporate_actions import find_phantom_distributions as paid_out
from orebody.quality.finding import Finding
from orebody.quality.invalid_prices import find_contradictory_bars, find_invalid_prices
from orebody.quality.price_basis import price_basis, without_splits
from orebody.quality.scale_errors import find_missed_splits, find_scale_errors
from orebody.quality.sessions import find_session_errors
from orebody.quality.splices import find_splices, find_unsettled_bars
from orebody.quality.timestamps import daily, find_disorder, find_duplicates, find_times_of_day, session_days

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
    counted = count_gains_once(ticker, frame)
    values = columns(ticker, counted.frame, distributions, local)
    findings = list(counted.findings)
    findings += find_times_of_day(ticker, frame.index, local, by_day=by_day)
    findings += find_duplicates(ticker, days, values) + find_disorder(ticker, days)
    bars = oldest_first(ticker, days.to_numpy(), values)
    bars, found = find_impossible_actions(bars)
    findings += found + find_invalid_prices(bars) + find_contradictory_bars(bars)
    bars = without_splits(bars.priced())
    if len(bars):
        findings += _prices(bars, calendar, by_day=by_day)
    return tuple(sorted(findings, key=lambda finding: (not finding.wrong, finding.first, finding.kind)))


def _prices(bars: Bars, calendar: str | None, *, by_day: bool) -> list[Finding]:
    findings: list[Finding] = []
    if by_day:
        findings, out = find_session_errors(bars, calendar)
        bars = bars.only(~out)
    found, off = find_scale_errors(bars)
    findings += found
    bars = bars.only(~off)
    found, off = find_bad_prints(bars)
    findings += found
    bars = bars.only(~off)
    findings += find_bad_opens(bars) + find_bad_wicks(bars) + find_stale_closes(bars) + find_missed_splits(bars)
    return findings + _distributions(bars) + find_splices(bars) + find_unsettled_bars(bars)


def _distributions(bars: Bars) -> list[Finding]:
    """Check distributions where the price can show them: in raw closes."""
    if bars.values.get("adjclose") is bars.close:
        return []
    kind = price_basis(bars)
    doubt = [] if kind is None or kind.sure else [kind.doubt(bars)]
    return doubt if kind is not None and kind.inside else doubt + paid_out(bars)
