"""Frames as users have them, for the door: one table a ticker, with plain columns and dates, also out of what yfinance returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from orebody.errors import DataError
from orebody.market.bar_spacing import spacing_of
from orebody.market.validation import action_column, price_column

__all__ = ["by_ticker"]

_BESIDE = {"volume", "repaired"}
_DATES = ("date", "datetime", "timestamp", "time")
_ISO = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?|\d{4}/\d{2}/\d{2}"
_NO_EXCHANGE = {"UTC", "GMT", "ETC/UTC", "ETC/GMT", "UTC+00:00", "+00:00"}


def by_ticker(frames: Mapping[str, pd.DataFrame | pd.Series] | pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the table of each ticker, with plain columns, and dates without a zone where the zone tells them.

    Parameters
    ----------
    frames
        A mapping of tickers to tables, or one table with two rows of column names, prices and tickers in either order, as
        ``yfinance.download`` returns it. There a day on which a ticker has nothing at all is a day without a bar: the table has rows for
        the days of all. One table with plain columns of which none is a price (Open, Close ...) holds closes, a column a ticker. A
        table within the mapping may have two rows of column names as well: it is the one ticker's, or, of several, that of its key. A
        Series is a ticker's closes.

        Dates stand in the index, as timestamps, `datetime.date`, periods (known at their end) or texts such as ``2024-01-31``; or in a
        column Date, Datetime, Timestamp or Time where the index only counts.

    Returns
    -------
    dict of str to pandas.DataFrame
        In the order given. Dates that are midnight in the zone of an exchange, as ``yfinance.Ticker.history`` returns them, are the local
        dates, and bars within its days keep their local times; any others with a zone are left for the door to refuse.

    Raises
    ------
    DataError
        For no table, one table with the plain columns of one ticker, one whose two rows are not prices and tickers, and a table in the
        mapping that holds several tickers, but not its key's, or only the ticker of another key.
    """
    if isinstance(frames, pd.Series):
        raise DataError("one Series does not say whose closes they are: pass a mapping, {'GLD': closes, 'GDX': closes}")
    if isinstance(frames, pd.DataFrame):
        if frames.empty:
            raise DataError("the table of prices is empty: give at least two rows of Open, High, Low, Close on dates")
        if isinstance(frames.columns, pd.MultiIndex):
            return {ticker: _local(_with_dates(table)) for ticker, table in _split(frames, "the table").items()}
        return {ticker: _local(closes) for ticker, closes in _closes(_with_dates(frames)).items()}
    if not isinstance(frames, Mapping) or not frames:
        raise DataError("no prices were given: pass a mapping of ticker to a table of Open, High, Low, Close")
    return {ticker: _local(_with_dates(_own_columns(frame, ticker, frames))) for ticker, frame in frames.items()}


def _closes(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return each column of a table of closes as the table of its ticker, without the days on which it has none."""
    if any(_is_field(str(name)) for name in frame.columns):
        raise DataError("one table with plain columns does not say whose prices they are: pass a mapping, {'GLD': table, 'GDX': table}")
    if not frame.columns.is_unique:
        raise DataError(f"the table of closes has two columns called {frame.columns[frame.columns.duplicated()][0]!r}: keep one")
    return {str(name): frame[[name]].set_axis(["Close"], axis=1).dropna() for name in frame.columns}


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame on a DatetimeIndex where its dates can be read in one way; else as it is, for the door to refuse."""
    if not isinstance(frame, pd.DataFrame) or isinstance(frame.index, pd.DatetimeIndex):
        return frame
    index = frame.index
    if isinstance(index, pd.RangeIndex) or pd.api.types.is_integer_dtype(index):
        letters = {name: "".join(letter for letter in str(name).lower() if letter.isalpha()) for name in frame.columns}
        named = next((name for known in _DATES for name, plain in letters.items() if plain == known), None)
        if named is None or isinstance(frame.columns, pd.MultiIndex):
            return frame
        read = _timestamps(pd.Index(frame[named]))
        return frame if read is None else frame.drop(columns=named).set_axis(read)
    read = _timestamps(index)
    return frame if read is None else frame.set_axis(read)


def _timestamps(index: pd.Index) -> pd.DatetimeIndex | None:
    """Return labels as timestamps; None where they are no dates, or could be read in two ways."""
    if isinstance(index, pd.DatetimeIndex):
        return index
    if isinstance(index, pd.PeriodIndex):
        ends, starts = index.to_timestamp(how="end").normalize(), index.to_timestamp(how="start")
        return ends if (ends >= starts).all() else starts  # of periods within a day the end would be the day's midnight
    cells = index.tolist()
    if cells and (all(isinstance(cell, dt.date) for cell in cells) or index.astype("str").str.fullmatch(_ISO).all()):
        read = pd.to_datetime(pd.Series(cells, dtype=object), errors="coerce")
        if pd.api.types.is_datetime64_any_dtype(read) and not read.hasnans:
            return pd.DatetimeIndex(read, name=index.name)
    return None


def _own_columns(frame: pd.DataFrame | pd.Series, ticker: str, frames: Mapping[str, pd.DataFrame | pd.Series]) -> pd.DataFrame:
    """Return the plain table of a key in a mapping; of a Series, its values as closes."""
    if isinstance(frame, pd.Series):
        return frame.to_frame("Close")
    if not isinstance(frame, pd.DataFrame) or not isinstance(frame.columns, pd.MultiIndex):
        return frame
    split = _split(frame, ticker)
    if ticker in split:
        return split[ticker]
    if len(split) != 1 or next(iter(split)) in frames:
        raise DataError(f"{ticker}: the table holds {', '.join(split)}: give the table of {ticker} under its own name")
    return next(iter(split.values()))


def _split(frame: pd.DataFrame, what: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a frame with two rows of column names, by ticker in the frame's order."""
    levels = [list(map(str, frame.columns.get_level_values(level))) for level in range(frame.columns.nlevels)]
    prices = [level for level, names in enumerate(levels) if all(map(_is_field, names)) and frame.columns.names[level] != "Ticker"]
    if len(levels) != 2 or len(prices) != 1:
        raise DataError(
            f"{what} has {len(levels)} rows of column names: one must name prices (Open, High, Low, Close), the other tickers; "
            "or give one ticker's plain columns"
        )
    of = levels[1 - prices[0]]
    tables = {}
    for ticker in dict.fromkeys(of):
        columns = [at for at, name in enumerate(of) if name == ticker]
        table = frame.iloc[:, columns].set_axis([levels[prices[0]][at] for at in columns], axis=1)
        tables[ticker] = table.dropna(how="all", subset=[name for name in dict.fromkeys(table.columns) if price_column(name)])
    return tables if len(tables) > 1 else {ticker: frame.set_axis(levels[prices[0]], axis=1) for ticker in tables}


def _is_field(name: str) -> bool:
    plain = "".join(letter for letter in name.lower() if letter.isalpha())
    return price_column(name) is not None or action_column(name) is not None or plain in _BESIDE


def _local(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame on local dates where all are midnight in the zone of an exchange, or bars within its days; else as it is."""
    index = frame.index if isinstance(frame, pd.DataFrame) else None
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None or str(index.tz).upper() in _NO_EXCHANGE:
        return frame
    local = index.tz_localize(None)
    plain = (local == local.normalize()).all() or spacing_of(local).kind == "intraday"
    return frame.set_axis(local) if plain else frame
