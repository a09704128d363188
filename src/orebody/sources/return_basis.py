"""Whether the prices of a table are a holder's total return or not, and what a market of both must say of itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.market.universe import Universe
from orebody.market.validation import action_column, price_column
from orebody.quality.bars import Bars, columns
from orebody.quality.price_basis import basis
from orebody.sources.adjustment import factors

__all__ = ["RAW", "adjusted", "notes", "of_table"]

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
    order = np.argsort(index.to_numpy(), kind="stable")
    close = values["close"][order]
    kept = {name: close if column is values["close"] else column[order] for name, column in values.items()}
    bars = Bars("", order, index.to_numpy()[order].astype("datetime64[D]"), kept).priced()
    kind = basis(bars)
    return _NOTHING if kind is None else _TOTAL if kind.inside else RAW


def adjusted(frame: pd.DataFrame, ticker: str) -> pd.DataFrame:
    """Return a table of raw prices with the Adj Close that its distributions make."""
    ordered = frame.sort_index(kind="stable")
    close = next(ordered[column] for column in ordered.columns if price_column(column) == "close")
    paid = next(ordered[column] for column in ordered.columns if action_column(column) == "dividends").fillna(0.0)
    return ordered.assign(**{"Adj Close": close.to_numpy(dtype=float) * factors(close, paid, ticker)})


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
