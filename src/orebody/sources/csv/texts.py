"""The cells of a file as texts: its separator, its header of one or several lines, and where each row stood."""

from __future__ import annotations

import csv as _csv
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orebody.errors import DataError
from orebody.market.door import price_column

__all__ = ["Texts", "listed", "needed", "read_texts"]

_SEPARATORS = (",", ";", "\t")
_LABELS = {"ticker", "price", "date", "datetime"}  # what yfinance calls the rows of its header
_MOST_HEADERS = 3
_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Texts:
    """All cells of a file.

    Attributes
    ----------
    name
        Of the file, for messages.
    table
        Texts, NaN where a cell is empty; labelled by the line on which a row stands, blank lines counted.
    separator
        Comma, semicolon or tab.
    """

    name: str
    table: pd.DataFrame
    separator: str


def read_texts(path: Path, *, drop: bool = True) -> Texts:
    """Return the cells of a file, without blank lines unless `drop` is false.

    Raises
    ------
    DataError
        For a file that is empty, cannot be read or is no table of texts, rows longer than the header, and a header of several tickers.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = [stream.readline() for _ in range(_MOST_HEADERS)]
        separator = _separator(head[0])
        names, lines = _header(list(_csv.reader(head, delimiter=separator)), path.name)
        how = {"header": 0} if names is None else {"header": None, "names": names, "skiprows": lines}
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with more cells than the header
            table = pd.read_csv(
                path,
                sep=separator,
                dtype=object,  # sooner read than the type str
                encoding="utf-8-sig",
                skipinitialspace=True,
                index_col=False,
                skip_blank_lines=False,
                **how,
            )
    except pd.errors.EmptyDataError:
        raise DataError(f"{path.name} is empty: it needs a header line and rows") from None
    except pd.errors.ParserWarning:
        raise DataError(f"{path.name}: rows have more cells than the header (a comma at the end of each, or within numbers?)") from None
    except (pd.errors.ParserError, UnicodeDecodeError, _csv.Error) as error:
        raise DataError(f"{path.name} is not a readable CSV file: {error}") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
    table.index = pd.RangeIndex(lines + 1, lines + 1 + len(table))
    filled = table.dropna(how="all")
    if filled.empty:
        raise DataError(f"{path.name} has a header but no rows")
    return Texts(path.name, filled if drop else table, separator)


def listed(names: Iterable[object]) -> str:
    """Return names out of a file as a message shows them: escaped where they cannot be printed, and not all of very many."""
    shown = [name if name.isprintable() else repr(name) for name in map(str, names)]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


def needed(texts: Texts, name: str) -> str:
    """Return the column of that name in any case, or raise `DataError`."""
    for column in texts.table.columns:
        if str(column).strip().lower() == name.lower():
            return str(column)
    raise DataError(f"{texts.name} has no column {name} among {listed(texts.table.columns)}")


def _separator(header: str) -> str:
    """Return the separator that stands most often in the header outside quotes; a comma where none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)


def _header(rows: list[list[str]], file: str) -> tuple[list[str] | None, int]:
    """Return the column names that a header of several lines gives, or None for the usual one, and how many lines it has."""
    lines = 1
    while lines < len(rows) and _continues(rows[lines]):
        lines += 1
    fields = next((row for row in rows[:lines] if any(price_column(cell) in ("close", "adjclose") for cell in row[1:])), None)
    if lines == 1 or fields is None:
        return None, 1
    others = [row for row in rows[:lines] if row is not fields]
    tickers = sorted({cell.strip() for row in others for cell in row[1:] if cell.strip()})
    if len(tickers) > 1:
        raise DataError(f"{file} holds several tickers, {listed(tickers)}: write a file for each, named after it")
    names = [cell.strip() for cell in fields[1:]]
    if len(set(names)) < len(names):
        raise DataError(f"{file}: two columns have the same name: {listed(names)}")
    return ["Date", *names], lines


def _continues(row: list[str]) -> bool:
    """Whether a line belongs to the header that yfinance writes: Price, then Ticker, then Date."""
    if not row:
        return False
    label, cells = row[0].strip().lower(), [cell.strip() for cell in row[1:] if cell.strip()]
    if label in _LABELS:
        return True
    return not label and bool(cells) and not any(re.fullmatch(r"[-+.,\d]+|nan|null", cell.lower()) for cell in cells)
