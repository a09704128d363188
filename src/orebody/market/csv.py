"""A folder of price files, one ``<TICKER>.csv`` each, as a source."""

from __future__ import annotations

import csv as _csv
import warnings
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from orebody.errors import DataError, MissingFileError
from orebody.market.door import price_column

__all__ = ["read", "read_folder"]


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
    by_name = {str(column).strip().lower(): column for column in cells.columns}
    if "date" not in by_name:
        raise DataError(f"{path.name} has no column Date among {', '.join(map(str, cells.columns))}")
    cells = cells.dropna(how="all")  # blank lines; the labels go on counting lines
    if cells.empty:
        raise DataError(f"{path.name} has a header but no rows")
    dates = cells.pop(by_name["date"])
    used = [name for name in cells.columns if price_column(name)]
    frame = pd.DataFrame({str(name).strip(): _numbers(cells[name], path, name, dates).to_numpy() for name in used})
    frame.index = _dates(dates, path)
    return frame


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
