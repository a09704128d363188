"""A folder of files as a source: prices in ``<TICKER>.csv``, and, where they are there, gauges, fundamentals and ratings."""

from __future__ import annotations

import csv as _csv
import warnings
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from orebody.errors import DataError, MissingFileError
from orebody.market.door import price_column

__all__ = ["read", "read_folder", "read_gauges", "read_table"]


def read_folder(folder: Path, tickers: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return the table of each ticker, from ``<TICKER>.csv`` in `folder`.

    Raises
    ------
    MissingFileError
        When the folder or a file is not there; the nearest file name is suggested.
    DataError
        For a file that cannot be read as a table of dated numbers.
    """
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}: give the folder that holds {tickers[0]}.csv")
    return {ticker: read(_file(folder, ticker)) for ticker in tickers}


def _file(folder: Path, ticker: str) -> Path:
    path = folder / f"{ticker}.csv"
    if path.is_file():
        return path
    near = get_close_matches(ticker, sorted(p.stem for p in folder.glob("*.csv")), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise MissingFileError(f"there is no {path.name} in {folder}{hint}")


def read(path: Path) -> pd.DataFrame:
    """Return the table of one price file: the price columns as floats under the file's own names, on a DatetimeIndex called Date.

    Raises
    ------
    DataError
        For an empty file, one without a column Date, dates not in ISO order (2006-05-22), or a cell that is not a number.
    """
    cells = _cells(path)
    dates = cells.pop(_needed(cells, "Date", path))
    used = [name for name in cells.columns if price_column(name)]
    frame = pd.DataFrame({str(name).strip(): _numbers(cells[name], path, name, dates).to_numpy() for name in used})
    frame.index = _dates(dates, path)
    return frame


def read_gauges(folder: Path, without: Collection[str] = ()) -> dict[str, pd.Series]:
    """Return the gauges in ``gauges/<name>.csv`` of `folder` by name, from the columns Date and Value; none where there is no such folder.

    Parameters
    ----------
    folder
        The source.
    without
        Names of those not to read.

    Raises
    ------
    DataError
        As for `read`, and for a value that is empty.
    """
    gauges = {}
    for path in sorted((folder / "gauges").glob("*.csv")):
        if path.stem in without or path.name.startswith("."):
            continue
        cells = _cells(path)
        dates, values = cells[_needed(cells, "Date", path)], cells[_needed(cells, "Value", path)]
        gauge = pd.Series(_numbers(values, path, "Value", dates).to_numpy(), index=_dates(dates, path), name=path.stem)
        gauges[path.stem] = gauge.iloc[::-1] if gauge.index.is_monotonic_decreasing else gauge
    return gauges


def read_table(path: Path) -> pd.DataFrame | None:
    """Return the cells of a file of fundamentals or ratings as texts, for `orebody.market.side` to check; None where there is no file."""
    return _cells(path, drop=False) if path.is_file() else None


def _cells(path: Path, *, drop: bool = True) -> pd.DataFrame:
    """Return all cells as texts, without blank lines unless `drop` is false; the labels count lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with more cells than the header
            cells = pd.read_csv(path, dtype=str, encoding="utf-8-sig", skipinitialspace=True, index_col=False, skip_blank_lines=False)
    except pd.errors.EmptyDataError:
        raise DataError(f"{path.name} is empty: it needs a header line and rows") from None
    except pd.errors.ParserWarning:
        raise DataError(f"{path.name}: rows have more cells than the header (a comma at the end of each, or within numbers?)") from None
    except (pd.errors.ParserError, UnicodeDecodeError, _csv.Error) as error:
        raise DataError(f"{path.name} is not a readable CSV file: {error}") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
    if not cells.notna().any(axis=None):
        raise DataError(f"{path.name} has a header but no rows")
    return cells.dropna(how="all") if drop else cells


def _needed(cells: pd.DataFrame, name: str, path: Path) -> str:
    """Return the column of that name in any case."""
    for column in cells.columns:
        if str(column).strip().lower() == name.lower():
            return str(column)
    raise DataError(f"{path.name} has no column {name} among {', '.join(map(str, cells.columns))}")


def _dates(column: pd.Series, path: Path) -> pd.DatetimeIndex:
    try:
        parsed = pd.to_datetime(column, format="ISO8601", errors="coerce")
    except ValueError:
        raise DataError(f"{path.name}: the dates mix time zones: name each session by its local date, as 2006-05-22") from None
    bad = parsed.isna()
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            f"{path.name}, line {column.index[row] + 2}: {column.iloc[row]!r} is not a date ({int(bad.sum())} such in all): "
            "write dates as 2006-05-22"
        )
    return pd.DatetimeIndex(parsed, name="Date")


def _numbers(column: pd.Series, path: Path, name: str, dates: pd.Series) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce")
    bad = values.isna() & column.notna()
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(f"{path.name}, line {column.index[row] + 2} ({dates.iloc[row]}): {name} is {column.iloc[row]!r}, not a number")
    return values.astype(float)
