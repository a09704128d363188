"""Bars as the checks read them: plain arrays, oldest first, one row a session, with their places in the frame that was handed in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.market.validation import action_column, price_column

__all__ = ["LEAST_USUAL", "Bars", "columns", "moves_of", "typical"]

_VOLUMES = ("volume", "vol")
_AROUND = 30  # moves on either side that say what is usual: six weeks, about a season of news
_QUANTILE = 0.16  # the 84 % quantile is one standard deviation of normal moves and lets four false prints stand in the window
LEAST_USUAL = 0.003  # a move below 0.3 % is never large, however still the days around
_FEWEST = 8  # moves without which nothing is usual


@dataclass(frozen=True, eq=False)
class Bars:
    """The rows of one frame, oldest first, one for each session.

    Attributes
    ----------
    ticker
        Whose.
    rows
        Position of each in the frame that was handed in, shape ``(T,)``.
    days
        Its session, ascending, ``datetime64[D]``.
    values
        Arrays of shape ``(T,)`` by name: open, high, low, close, adjclose, volume, dividends, gains, splits, where the frame has them.
        ``close`` is always there: the adjusted one where there is no other.
    """

    ticker: str
    rows: np.ndarray
    days: np.ndarray
    values: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.days)

    @property
    def close(self) -> np.ndarray:
        """The closes."""
        return self.values["close"]

    @property
    def adjusted(self) -> np.ndarray | None:
        """The adjusted closes, where they stand beside raw ones."""
        adjusted = self.values.get("adjclose")
        return None if adjusted is self.close else adjusted

    def day(self, at: int | np.integer) -> pd.Timestamp:
        """Return the session of bar `at`."""
        return pd.Timestamp(self.days[at])

    def only(self, keep: np.ndarray) -> Bars:
        """Return the bars where `keep` is true."""
        if keep.all():
            return self
        close = self.values["close"]
        kept = {name: values[keep] for name, values in self.values.items() if values is not close}
        kept["close"] = close[keep]
        if self.values.get("adjclose") is close:
            kept["adjclose"] = kept["close"]
        return Bars(self.ticker, self.rows[keep], self.days[keep], kept)

    def priced(self) -> Bars:
        """Return the bars whose close, and Adj Close if they have one, are prices; others that are none are NaN in them."""
        bars = self.only(_prices(self.close) & _prices(self.values.get("adjclose", self.close)))
        values = dict(bars.values)
        for name in ("open", "high", "low"):
            if name in values:
                values[name] = np.where(_prices(values[name]), values[name], np.nan)
        return Bars(self.ticker, bars.rows, bars.days, values)


def _prices(values: np.ndarray) -> np.ndarray:
    priced: np.ndarray = np.isfinite(values) & (values > 0)
    return priced


def columns(
    ticker: str, frame: pd.DataFrame, distributions: pd.Series | None, days: pd.DatetimeIndex, *, merged: bool = True
) -> dict[str, np.ndarray]:
    """Return the columns of `frame` by the names of `Bars.values`, in the frame's own order.

    Capital gains are added to the dividends, unless they are to stay apart, as `gains`.

    Raises
    ------
    DataError
        For a table without a close, with two columns of the same meaning, or with something in them that is not a number.
    """
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(
            f"{ticker}: the table has {frame.columns.nlevels} rows of column names: give one ticker's plain Open, High, Low, Close"
        )
    found: dict[str, np.ndarray] = {}
    for at, column in enumerate(frame.columns):
        letters = "".join(letter for letter in str(column).lower() if letter.isalpha())
        name = price_column(column) or action_column(column) or ("volume" if letters in _VOLUMES else None)
        if name is None:
            continue
        if name in found:
            raise DataError(f"{ticker}: two columns are both called {column!r} or alike")
        try:
            found[name] = frame.iloc[:, at].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            raise DataError(f"{ticker}: the column {column} holds something that is not a number") from None
    if not {"close", "adjclose"} & set(found):
        raise DataError(f"{ticker}: no column Close among {', '.join(map(str, frame.columns))}")
    found.setdefault("close", found.get("adjclose", np.empty(0)))
    if distributions is not None and "dividends" not in found:
        paid = pd.Series(distributions).groupby(pd.DatetimeIndex(distributions.index).normalize()).sum()
        found["dividends"] = paid.reindex(days.normalize()).fillna(0.0).to_numpy(dtype=float)
    for name in ("dividends", "gains", "splits"):
        if name in found:
            found[name] = np.where(np.isnan(found[name]), 0.0, found[name])
    if "volume" in found:
        found["volume"] = np.where(np.isfinite(found["volume"]), found["volume"], np.nan)
    if merged and "gains" in found:
        found["dividends"] = found.get("dividends", 0.0) + found.pop("gains")
    return found


def oldest_first(ticker: str, stamps: np.ndarray, values: dict[str, np.ndarray]) -> Bars:
    """Return the rows in order, the first of each stamp's."""
    rows = np.argsort(stamps, kind="stable")
    ordered = stamps[rows]
    rows = rows[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
    close = values["close"][rows]
    kept = {name: close if column is values["close"] else column[rows] for name, column in values.items()}
    return Bars(ticker, rows, stamps[rows].astype("datetime64[D]"), kept)


def moves_of(prices: np.ndarray) -> np.ndarray:
    """Return the log moves from each price to the next, shape ``(T - 1,)``."""
    return np.diff(np.log(prices))


def typical(moves: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the usual size of a move around each of the moves `at`: the 84 % quantile of the 30 on either side that are not 0.

    A quantile and not a deviation, so that the move in question and a few others like it do not count as usual; without the days that
    stood still, so that a price that seldom moves, and then by a tick of 10 %, has large moves for its usual ones. At least 0.3 %, and
    infinite, so that nothing stands out, where there are fewer than 8 moves.
    """
    count = len(moves)
    if count < _FEWEST or not len(at):
        return np.full(len(at), np.inf)
    width = min(2 * _AROUND + 1, count)
    begins = np.clip(at - _AROUND, 0, count - width)
    windows = np.sort(np.abs(moves)[begins[:, None] + np.arange(width)], axis=1)
    moving = np.count_nonzero(windows, axis=1)
    rank = width - np.maximum(3, np.ceil(_QUANTILE * moving).astype(np.intp))
    sizes: np.ndarray = np.maximum(windows[np.arange(len(at)), rank], LEAST_USUAL)
    return sizes
