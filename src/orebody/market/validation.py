"""The door: what a table of prices must be before anything behind it may trust it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.errors import DataError, unknown_name
from orebody.market import ranges
from orebody.market.bar_spacing import refusal_of_zone
from orebody.market.frequency import align_frames
from orebody.market.point_in_time import refuse_far

__all__ = ["OHLC", "action_column", "align", "price_column", "validate_table"]

OHLC = ("open", "high", "low", "close")
_ADJUSTED = ("adjustedclose", "closeadjusted", "closeadj")
_ACTIONS = {
    **dict.fromkeys(("dividend", "dividends", "divcash", "dividendamount"), "dividends"),
    **dict.fromkeys(("stocksplit", "stocksplits", "split", "splits", "splitfactor", "splitratio", "splitcoefficient"), "splits"),
    **dict.fromkeys(("capitalgain", "capitalgains"), "gains"),
}


def validate_table(
    frame: pd.DataFrame, ticker: str, *, closes_only: bool = False, notes: list[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """Return `frame` as ascending float columns open, high, low, close, adjusted where it has an ``Adj Close``.

    Columns are matched by name without regard to case, digits or punctuation. Adjusted prices are the raw ones times
    ``Adj Close / Close``, so that a day's shape is kept and its return includes the distribution. With `closes_only` a Close or an Adj
    Close suffices; what is not there is NaN. A bar whose open or close lies outside its range by no more than `orebody.market.ranges.FAR`
    is widened, and `notes` gets a line that says so.

    Raises
    ------
    DataError
        For an empty table, missing columns, dates that are no dates, carry a zone, repeat or are shuffled, and for prices that are
        missing, not positive, not finite, or lie far outside the day's low and high. The message names the ticker and the date.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"{ticker}: the prices are a {type(frame).__name__}: give a table of Open, High, Low, Close on dates, or a Series of closes "
            "with fill='close'"
        )
    if frame.empty:
        raise DataError(f"{ticker}: the table of prices is empty: give at least two rows of Open, High, Low, Close on dates")
    frame = _ascending(frame, ticker)
    columns = _columns(frame, ticker, closes_only=closes_only)
    try:
        prices = {name: frame.iloc[:, at].to_numpy(dtype=float) for name, at in columns.items()}
    except (TypeError, ValueError):
        raise DataError(f"{ticker}: a price column holds something that is not a number") from None
    for name, values in prices.items():
        bad = ~(np.isfinite(values) & (values > 0))
        if bad.any():
            raise DataError(
                f"{ticker}: {name} is {values[bad][0]:g} on {_day(frame.index[bad][0])} ({bad.sum()} such in all): "
                "prices must be positive and finite; mend or drop these rows"
            )
    prices.setdefault("close", prices.get("adjclose", np.empty(0)))
    prices = _in_range(prices, frame.index, ticker, notes)
    factor = prices.pop("adjclose") / prices["close"] if "adjclose" in prices else 1.0
    adjusted = pd.DataFrame({name: prices.get(name, np.full(len(frame), np.nan)) * factor for name in OHLC}, index=frame.index)
    if not np.isfinite(np.log(adjusted["close"].to_numpy(), where=adjusted["close"].to_numpy() > 0, out=np.full(len(frame), np.nan))).all():
        raise DataError(f"{ticker}: Adj Close over Close is too small or too large to adjust prices by: mend that column")
    return adjusted


def _ascending(frame: pd.DataFrame, ticker: str) -> pd.DataFrame:
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex):
        raise DataError(
            f"{ticker}: the rows are labelled by {type(index).__name__}, not by dates: give the frame a DatetimeIndex, as "
            "pandas.to_datetime(..., format=...) makes it"
        )
    if index.tz is not None:
        raise DataError(f"{ticker}: the dates {refusal_of_zone(index)}")
    if index.hasnans:
        raise DataError(f"{ticker}: row {int(np.flatnonzero(index.isna())[0]) + 1} has no date")
    if index.has_duplicates:
        twice = index[index.duplicated()]
        raise DataError(f"{ticker}: {_day(twice[0])} stands more than once ({len(twice)} repeated rows): which one is right cannot be told")
    refuse_far(index, ticker)
    if index.is_monotonic_increasing:
        return frame
    if index.is_monotonic_decreasing:
        return frame.iloc[::-1]
    back = int(np.flatnonzero(np.diff(index.to_numpy()) < np.timedelta64(0, "ns"))[0])
    raise DataError(f"{ticker}: the dates neither ascend nor descend: {_day(index[back + 1])} follows {_day(index[back])}; sort the rows")


def action_column(column: object) -> str | None:
    """Return which of dividends, splits, gains a column is by its name at Yahoo, yfinance, Tiingo or Alpha Vantage, or None."""
    return _ACTIONS.get("".join(letter for letter in str(column).lower() if letter.isalpha()))


def price_column(column: object) -> str | None:
    """Return which of open, high, low, close, adjclose a column is by its name, or None: case, digits and punctuation do not count."""
    name = "".join(letter for letter in str(column).lower() if letter.isalpha())
    name = "adjclose" if name in _ADJUSTED else name
    return name if name in (*OHLC, "adjclose") else None


def _columns(frame: pd.DataFrame, ticker: str, *, closes_only: bool) -> dict[str, int]:
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(
            f"{ticker}: the table has {frame.columns.nlevels} rows of column names: give one ticker's plain Open, High, Low, Close"
        )
    found: dict[str, int] = {}
    for at, column in enumerate(frame.columns):
        name = price_column(column)
        if name is not None:
            if name in found:
                raise DataError(f"{ticker}: two columns are both called {column!r} or alike")
            found[name] = at
    missing = [name.capitalize() for name in OHLC if name not in found]
    if closes_only:
        missing = [] if {"close", "adjclose"} & set(found) else ["Close"]
    if missing:
        note = " (a source without opens cannot be filled at the open: fill='close' fills at the next close)" if "Open" in missing else ""
        raise DataError(f"{ticker}: no column {', '.join(missing)} among {', '.join(map(str, frame.columns))}{note}")
    return found


def _in_range(prices: dict[str, np.ndarray], index: pd.Index, ticker: str, notes: list[tuple[str, str]] | None) -> dict[str, np.ndarray]:
    """Return the prices with bars widened whose open or close lies a little outside; refuse what lies far outside."""
    found = ranges.find_excursions(prices)
    if found is None or not found.outside.any():
        return prices
    if found.far.any():
        at = int(np.flatnonzero(found.far)[0])
        day = ", ".join(f"{part} {prices[part][at]:g}" for part in OHLC if part in prices)
        name = next((name for name in ("open", "close") if name in prices and _far(prices, name, at)), "high")
        what = "the high is below the low" if prices["high"][at] < prices["low"][at] else f"the {name} lies outside low..high"
        far = int(found.far.sum())
        raise DataError(f"{ticker}: {what} on {_day(index[at])} ({day}; {far} such in all): mend or drop these rows")
    if notes is not None:
        notes.append(("doubtful", f"{ticker}: {ranges.describe(found, len(index))}"))
    return ranges.widen(prices, found.outside)


def _far(prices: Mapping[str, np.ndarray], name: str, at: int) -> bool:
    price = prices[name][at]
    return bool(price > prices["high"][at] * (1 + ranges.FAR) or price * (1 + ranges.FAR) < prices["low"][at])


def align(
    frames: Mapping[str, pd.DataFrame],
    tickers: tuple[str, ...],
    *,
    closes_only: bool = False,
    calendar: pd.DatetimeIndex | None = None,
    frequency: str | None = None,
) -> tuple[pd.DatetimeIndex, dict[str, np.ndarray], tuple[tuple[str, str], ...]]:
    """Return all dates, an array ``(T, N)`` for each of open, high, low, close, and what reports must say.

    Columns are in the order of `tickers`, NaN where there is no bar. `frequency` makes longer bars of finer ones; see
    `orebody.market.frequency.align_frames`.

    Raises
    ------
    UnknownNameError
        For a ticker without a table.
    DataError
        For series that are not bars of one spacing, do not overlap in time, or have fewer than two bars.
    """
    for ticker in tickers:
        if ticker not in frames:
            raise unknown_name("ticker", ticker, frames)
    widened: list[tuple[str, str]] = []
    tables = _validate_all(frames, tickers, closes_only=closes_only, notes=widened)
    tables, calendar, notes = align_frames(tables, frequency, calendar)
    metal, miners = tickers[0], tickers[1:]
    first, last = tables[metal].index[0], tables[metal].index[-1]
    for ticker in miners:
        begins, ends = tables[ticker].index[0], tables[ticker].index[-1]
        if begins > last or ends < first:
            early, late = (ticker, metal) if ends < first else (metal, ticker)
            raise DataError(
                f"{late} begins on {_day(tables[late].index[0])}, after {early} ended on {_day(tables[early].index[-1])}: "
                "they do not overlap in time; choose tickers that traded together"
            )
    dates = pd.DatetimeIndex(tables[metal].index)
    for ticker in miners:
        dates = dates.union(pd.DatetimeIndex(tables[ticker].index))
    if calendar is not None and len(calendar):
        dates = dates.union(calendar[(calendar > dates[0]) & (calendar < dates[-1])])
    if len(dates) < 2:
        raise DataError(f"{', '.join(tickers)}: {len(dates)} bar is too short a history: at least two are needed")
    at = {ticker: dates.get_indexer(tables[ticker].index) for ticker in tickers}
    arrays = {}
    for name in OHLC:
        arrays[name] = np.full((len(dates), len(tickers)), np.nan)
        for column, ticker in enumerate(tickers):
            arrays[name][at[ticker], column] = tables[ticker][name].to_numpy()
    return dates.rename("Date"), arrays, (*widened, *notes)


def _validate_all(
    frames: Mapping[str, pd.DataFrame], tickers: tuple[str, ...], *, closes_only: bool, notes: list[tuple[str, str]]
) -> dict[str, pd.DataFrame]:
    """Return the checked table of each ticker, or refuse all that cannot be used at once, a line each."""
    tables, refused = {}, []
    for ticker in tickers:
        try:
            tables[ticker] = validate_table(frames[ticker], ticker, closes_only=closes_only, notes=notes)
        except DataError as error:
            refused.append(error)
    if len(refused) > 1:
        raise DataError(f"{len(refused)} tables of prices cannot be used:\n" + "\n".join(f"  {error}" for error in refused))
    if refused:
        raise refused[0]
    return tables


def _day(when: pd.Timestamp) -> str:
    return str(when.date()) if when == when.normalize() else str(when)
