"""Whether the prices of a table are a holder's total return or not, and what a market of both must say of itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.market.universe import Universe
from orebody.market.validation import action_column, price_column
from orebody.quality.bars import columns, oldest_first
from orebody.quality.price_basis import price_basis, without_splits
from orebody.sources.adjustment import factors

__all__ = ["RAW", "adjust_raw", "notes", "of_table", "on_one_scale"]

RAW = "raw, distributions beside them"
_TOTAL = "distributions counted"
_NOTHING = "nothing distributed"
_UNKNOWN = "closes alone"
_SAME = 1e-6  # relative: Adj Close is the close


def of_table(frame: pd.DataFrame) -> str:
    """Return what the prices of a table are: its distributions counted, `RAW`, nothing distributed, or closes that do not say.

    Parameters
    ----------
    frame
        After its inspection, so that no cell of it is wrong.
    """
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or index.hasnans or not index.is_unique:
        return _UNKNOWN  # the market refuses it
    there = {price_column(column) or action_column(column) for column in frame.columns}
    if "adjclose" not in there and "dividends" not in there:
        return _UNKNOWN
    if "adjclose" in there:
        if "close" not in there:
            return _TOTAL
        close, counted = (
            next(frame[column] for column in frame.columns if price_column(column) == name).to_numpy(dtype=float)
            for name in ("close", "adjclose")
        )
        return _NOTHING if bool((np.abs(counted - close) <= _SAME * close).all()) else _TOTAL
    values = columns("the table", frame, None, index)
    kind = price_basis(oldest_first("", index.to_numpy(), values).priced())
    return _NOTHING if kind is None else _TOTAL if kind.inside else RAW


def adjust_raw(frame: pd.DataFrame, ticker: str) -> pd.DataFrame:
    """Return a table of raw prices with the Adj Close that its distributions make."""
    ordered = frame.sort_index(kind="stable")
    close = next(ordered[column] for column in ordered.columns if price_column(column) == "close")
    paid = next(ordered[column] for column in ordered.columns if action_column(column) == "dividends").fillna(0.0)
    return ordered.assign(**{"Adj Close": close.to_numpy(dtype=float) * factors(close, paid, ticker)})


def on_one_scale(ticker: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[pd.Timestamp, str]]]:
    """Return a table whose earlier closes carry what its Adj Close carries beyond distributions, and each such day with a sentence.

    Who counts distributions by their record, and not by Adj Close, would otherwise take a split or a spin-off for a loss.
    """
    index = frame.index
    there = {price_column(column) for column in frame.columns}
    if not {"close", "adjclose"} <= there or not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans:
        return frame, []
    bars = oldest_first(ticker, index.to_numpy(), columns(ticker, frame, None, index)).priced()
    whole = without_splits(bars)
    if whole is bars:
        return frame, []
    factor = whole.close / bars.close
    steps = []
    for at in map(int, np.flatnonzero(np.abs(np.diff(np.log(factor))) > _SAME)):
        day = bars.day(at + 1)
        what = f"{ticker}: the close goes from {bars.close[at]:.6g} to {bars.close[at + 1]:.6g} on {day.date()}"
        what += ", and Adj Close has no such step: a split or spin-off that earlier closes do not carry"
        steps.append((day, f"{what}; they are multiplied by {factor[at] / factor[at + 1]:.6g}"))
    after = np.searchsorted(bars.days, index.to_numpy().astype("datetime64[D]"), side="right") - 1
    scale = np.append(factor[0], factor)[after + 1]
    names = {"open", "high", "low", "close"}
    if "dividends" in bars.values and not np.array_equal(whole.values["dividends"], bars.values["dividends"]):
        names.add("dividends")
    scaled = {
        column: frame[column].to_numpy(dtype=float) * scale
        for column in frame.columns
        if price_column(column) in names or action_column(column) in names
    }
    return frame.assign(**scaled), steps


def notes(universe: Universe, kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what must be said of a market by what the prices of each ticker are.

    A metal pays nothing; a miner may, and where the distributions of another are counted and nobody knows of its own, that is doubtful.
    """
    by_record = [ticker for ticker in kinds if kinds[ticker] == RAW]
    found = [("Distributions", f"{ticker}: raw closes, adjusted by the distributions beside them, 1 - D / C") for ticker in by_record]
    counted = [ticker for ticker in universe.tickers if kinds[ticker] in (RAW, _TOTAL)]
    unknown = [ticker for ticker in universe.miners if kinds[ticker] == _UNKNOWN]
    if counted and unknown:
        what = f"{', '.join(unknown)}: closes alone do not say whether distributions are in them, while those of {', '.join(counted)}"
        what += " are counted; if they are not, this compares a price return with a total return: give Adj Close or Dividends"
        found.append(("doubtful", what))
    return found
