"""From a universe's name to its market: the sources, and the period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError, UnsupportedError, unknown_name
from orebody.market import series
from orebody.market.market import Market
from orebody.market.series import day
from orebody.market.universe import Universe, named
from orebody.sources import csv, sample
from orebody.sources.loaded import Loaded

__all__ = ["load_market"]


def load_market(
    universe: str | Universe,
    *,
    source: str | Path = "yahoo",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    cash_rate: float | pd.Series | None = None,
    gauges: Mapping[str, pd.Series] | None = None,
    fundamentals: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    fill: str = "open",
) -> Market:
    """Load the bars of a universe from a source and return them as a `Market`.

    Parameters
    ----------
    universe
        A `Universe`, or the name of one: ``"gold"``, ``"gold-juniors"`` …
    source
        ``"sample"`` for the embedded simulated market, or a folder with one ``<TICKER>.csv`` for each ticker. The folder may hold
        ``gauges/<name>.csv``, ``fundamentals.csv`` and ``ratings.csv`` as well, which are then loaded.
    start, end
        First and last day to use, both included; by default all there is.
    cash_rate
        Simple annual rate as a fraction, or a dated Series of them. By default the sample's own, and 0 for a folder.
    gauges
        Dated series by name, beside those of the source and before them.
    fundamentals, ratings
        Tables as in `orebody.market.side`, instead of those of the source. Rows before `start` count, once they are known.
    fill
        ``"open"``, or ``"close"`` to fill at the next bar's close; files that have closes only need it.

    Raises
    ------
    UnknownNameError
        For an unknown universe or source.
    MissingFileError, DataError, UnsupportedError
        For files that are not there or cannot be trusted; see `orebody.sources.csv` and `orebody.market.door`.
    ParameterError
        For a start or end that is no date, or that leaves nothing in between.
    """
    first, last = (None if when is None else day(when, what) for when, what in ((start, "start"), (end, "end")))
    if not isinstance(universe, str | Universe):
        raise ParameterError(f"universe is {universe!r}: give orebody.Universe(name, metal, miners) or the name of one")
    if first is not None and last is not None and first > last:
        raise ParameterError(f"start {first.date()} is after end {last.date()}")
    series.check_gauges(gauges)
    if source == "sample":
        loaded = _from_sample(universe)
    elif source == "yahoo":
        raise UnsupportedError(
            "the source 'yahoo' is not supported yet: take source='sample' or a folder with one <TICKER>.csv for each ticker"
        )
    else:
        loaded = _from_folder(Path(source), named(universe) if isinstance(universe, str) else universe, without=gauges or ())
    universe = loaded.universe
    for ticker in universe.tickers:
        if ticker not in loaded.frames:
            raise unknown_name("ticker", ticker, loaded.frames)
    if cash_rate is None:
        cash_rate = loaded.cash_rate
    return Market.from_frames(
        {ticker: _between(loaded.frames[ticker], first, last, ticker) for ticker in universe.tickers},
        universe=universe,
        cash_rate=0.0 if cash_rate is None else cash_rate,
        gauges={**loaded.gauges, **(gauges or {})},
        fundamentals=loaded.fundamentals if fundamentals is None else fundamentals,
        ratings=loaded.ratings if ratings is None else ratings,
        source=loaded.label,
        notes=loaded.notes,
        fill=fill,
    )


def _from_sample(universe: str | Universe) -> Loaded:
    if isinstance(universe, str):
        if universe not in sample.UNIVERSES:
            raise unknown_name("universe in the sample", universe, sample.UNIVERSES)
        universe = Universe(universe, *sample.UNIVERSES[universe])
    data = sample.sample()
    label = f"simulated sample, seed {sample.SEED}"
    return Loaded(universe, data.frames, label, data.cash_rate, data.gauges, data.fundamentals, data.ratings)


def _from_folder(folder: Path, universe: Universe, without: Collection[str]) -> Loaded:
    return Loaded(
        universe,
        csv.read_folder(folder, universe.tickers),
        f"CSV files in {folder.name or folder}",
        gauges=csv.read_gauges(folder, without=without),
        fundamentals=csv.read_table(folder / "fundamentals.csv"),
        ratings=csv.read_table(folder / "ratings.csv"),
    )


def _between(frame: pd.DataFrame, first: pd.Timestamp | None, last: pd.Timestamp | None, ticker: str) -> pd.DataFrame:
    index = frame.index
    if (first is None and last is None) or not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans or frame.empty:
        return frame  # the door says what is wrong with it
    keep = np.ones(len(index), dtype=bool)
    if first is not None:
        keep &= index >= first
    if last is not None:
        keep &= index < last.normalize() + pd.Timedelta(days=1)
    if not keep.any():
        asked = f"from {first.date() if first else 'the beginning'} to {last.date() if last else 'the end'}"
        raise DataError(f"{ticker} has no bar {asked}: its prices span {index.min().date()}..{index.max().date()}")
    return frame[keep]
