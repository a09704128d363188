"""A folder of files: prices in ``<TICKER>.csv``, and, where they are there, gauges, fundamentals and ratings."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from orebody.errors import DataError, MissingFileError
from orebody.sources.csv.columns import EXTRAS, date_column, date_texts, price_rows, refuse_mixtures
from orebody.sources.csv.dates import dates
from orebody.sources.csv.events import with_events
from orebody.sources.csv.headings import letters
from orebody.sources.csv.numbers import numbers
from orebody.sources.csv.texts import Texts, needed_column, read_texts

__all__ = ["PriceFiles", "file_name", "files_at", "read", "read_dated", "read_folder", "read_gauges", "read_table"]

_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}
_LONGEST = 255  # of a part of a path, in characters
_SHOWN = 80
_LISTED = 20


class PriceFiles(NamedTuple):
    """The table of each ticker, and (what, text) of what had to be inferred or was left out."""

    frames: dict[str, pd.DataFrame]
    notes: tuple[tuple[str, str], ...]


def read_folder(folder: Path, tickers: tuple[str, ...]) -> PriceFiles:
    """Return the table of each ticker, from ``<TICKER>.csv`` in `folder`.

    A ticker that Windows keeps for a device (CON, PRN, AUX, NUL, COM1, LPT1 and the like) has an underscore before it: ``_CON.csv``.

    Raises
    ------
    MissingFileError
        When the folder or a file is not there; the nearest file name is suggested.
    DataError
        For a file that cannot be read as a table of dated numbers.

    All files are read before anything is refused; the message has a line for each that cannot be.
    """
    if not _may_be_there(folder) or not folder.is_dir():
        raise MissingFileError(f"there is no folder {_show(folder)}: give the folder that holds {file_name(tickers[0])}")
    frames: dict[str, pd.DataFrame] = {}
    notes: list[tuple[str, str]] = []
    refused: list[DataError | MissingFileError] = []
    for ticker in tickers:
        try:
            frames[ticker], inferred = _read(_file(folder, ticker))
        except (DataError, MissingFileError) as error:
            refused.append(error)
        else:
            notes += [("file", note) for note in inferred]
    if len(refused) > 1:
        kind = MissingFileError if all(isinstance(error, MissingFileError) for error in refused) else DataError
        raise kind(f"{len(refused)} files cannot be used:\n" + "\n".join(f"  {error}" for error in refused))
    if refused:
        raise refused[0]
    return PriceFiles(frames, tuple(notes))


def file_name(ticker: str) -> str:
    """Return the name of the price file of a ticker."""
    reserved = ticker.split(".")[0].upper() in _DEVICES
    return f"{'_' if reserved else ''}{ticker}.csv"


def files_at(place: Path) -> list[Path]:
    """Return the file at a path, or the CSV files of the folder there; none where there is neither.

    Raises
    ------
    DataError
        For a folder that cannot be listed.
    """
    if not _may_be_there(place):
        return []
    if place.is_file():
        return [place]
    try:
        return sorted(path for path in place.iterdir() if path.suffix == ".csv" and path.is_file()) if place.is_dir() else []
    except OSError as error:
        raise DataError(f"{place} cannot be listed ({error.strerror}): give yourself the right to read it") from None


def _may_be_there(folder: Path) -> bool:
    """Whether the path can be that of a folder: what cannot is never asked of the file system."""
    return str(folder).isprintable() and all(len(part) <= _LONGEST for part in folder.parts)


def _show(folder: Path) -> str:
    text = str(folder)
    return text if _may_be_there(folder) else f"{text[:_SHOWN]!r}" + ("..." if len(text) > _SHOWN else "")


def _file(folder: Path, ticker: str) -> Path:
    path = folder / file_name(ticker)
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return path
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error.strerror}): give yourself the right to read {path.name} in it") from None
    there = sorted(p.stem for p in folder.glob("*.csv") if p.name.isprintable())
    near = get_close_matches(ticker, there, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    more = f" and {len(there) - _LISTED} more" if len(there) > _LISTED else ""
    raise MissingFileError(f"there is no {path.name} in {folder}{hint} (there are: {', '.join(there[:_LISTED]) or 'no CSV files'}{more})")


def read(path: Path) -> pd.DataFrame:
    """Return the table of one price file: prices, and Volume, Dividends and Stock Splits where it has them, as floats on dates.

    Parameters
    ----------
    path
        A file as Yahoo, yfinance, Stooq, Investing.com, Nasdaq or the London fixes have them, or one like these; see
        `orebody.sources.csv.columns`, `orebody.sources.csv.dates` and `orebody.sources.csv.numbers`.

    Returns
    -------
    pandas.DataFrame
        Price columns under the file's own names, on a DatetimeIndex called Date, in the file's order; NaN where a cell is empty.

    Raises
    ------
    DataError
        For an empty file, one without dates or prices or with several tickers, and for cells that are no date or number, or may be two.
    """
    return _read(path)[0]


def read_dated(path: Path) -> pd.DataFrame:
    """Return the table of a price file, or of one that has a single column beside its dates, whatever that is called."""
    texts = read_texts(path)
    date = date_column(texts)
    others = [str(name) for name in texts.table.columns if str(name) != date]
    if len(others) != 1:
        return read(path)
    known = texts.table[texts.table[others[0]].notna() & (texts.table[others[0]] != ".")]  # FRED's sign for no value
    values = numbers({others[0]: known[others[0]]}, known[date], path.name, texts.separator)[others[0]]
    return pd.DataFrame({others[0]: values}, index=dates(known[date], path.name))


def _read(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table of one price file, and what had to be inferred or was left out."""
    texts = read_texts(path)
    refuse_mixtures(texts)
    date = date_column(texts)
    texts = with_events(texts, date)
    table, kept = price_rows(texts)
    columns = {called: table[name] for name, called in kept.items()}
    extras = {called: columns.pop(called) for called in set(EXTRAS.values()) & set(columns)}
    index = dates(date_texts(texts, table, date), path.name)
    values = numbers(columns, table[date], path.name, texts.separator, extras=extras)
    return pd.DataFrame({called: values[called] for called in kept.values()}, index=index), texts.notes


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
    for path in _gauge_files(folder / "gauges"):
        if path.stem in without or path.name.startswith("."):
            continue
        if not path.stem.isprintable():
            raise DataError(f"{path.stem!r} is not the name of a gauge: rename that file, to letters and digits")
        texts = read_texts(path)
        date = date_column(texts)
        column = _value_column(texts, date)
        known = texts.table[texts.table[column] != "."]  # FRED's sign for no value
        days = known[date]
        values = numbers({"Value": known[column]}, days, path.name, texts.separator)["Value"]
        gauge = pd.Series(values, index=dates(days, path.name), name=path.stem)
        gauges[path.stem] = gauge.iloc[::-1] if gauge.index.is_monotonic_decreasing else gauge
    return gauges


def _gauge_files(folder: Path) -> list[Path]:
    """Return the files of a folder of gauges, none where there is no folder; one that cannot be listed is not taken for an empty one."""
    if not os.path.lexists(folder):
        return []
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder, or a link to none: gauges are files in a folder of that name, so rename or remove it")
    try:
        return sorted(path for path in folder.iterdir() if path.match("*.csv"))
    except OSError as error:
        raise DataError(f"{folder} cannot be listed ({error.strerror}): give yourself the right to read it, or remove it") from None


def _value_column(texts: Texts, date: str) -> str:
    """Return the column Value, or in a file of FRED the one beside the dates."""
    others = [str(name) for name in texts.table.columns if str(name) != date]
    return others[0] if len(others) == 1 and letters(date) == "observationdate" else needed_column(texts, "Value")


def read_table(path: Path) -> pd.DataFrame | None:
    """Return the cells of a file of fundamentals or ratings as texts, for `orebody.market.fundamentals` to check; None without a file."""
    return read_texts(path, drop=False).table.reset_index(drop=True) if path.is_file() else None
