"""The cells of a file as texts: its separator, its header of one or several lines, and where each row stood."""

from __future__ import annotations

import csv as _csv
import io
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orebody.errors import DataError
from orebody.market.validation import price_column
from orebody.sources.csv.contents import refuse_message, refuse_other_contents
from orebody.sources.csv.encodings import read_utf8
from orebody.sources.csv.headings import DATES, PRICES, plain

__all__ = ["Texts", "list_columns", "needed_column", "read_texts"]

_SEPARATORS = (",", ";", "\t", "|")
_STATED = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)  # what Excel writes and reads above a table
_LABELS = {"ticker", "price", "date", "datetime"}  # what yfinance calls the rows of its header
_MOST_HEADERS = 3
_MOST_ABOVE = 60  # lines above the header, such as a title or a disclaimer
_HEAD = 16_384
_SHOWN = 8
_SHOWN_LINE = 80
_HEADINGS = frozenset(DATES), frozenset(name for names in PRICES.values() for name in names)


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
        Comma, semicolon, tab or bar.
    notes
        What had to be inferred, or was left out because it is no row.
    head
        The first lines as they stand in the file, for messages.
    """

    name: str
    table: pd.DataFrame
    separator: str
    notes: tuple[str, ...] = ()
    head: tuple[str, ...] = ()


def read_texts(path: Path, *, drop: bool = True) -> Texts:
    """Return the cells of a file, without blank lines unless `drop` is false.

    Lines above the header (a title, a disclaimer, ``sep=;``) are left out, and a closing line of words, such as
    ``Downloaded from Barchart.com as of …``; a note says so.

    Raises
    ------
    DataError
        For a file that is empty, cannot be read or is no table of texts, rows longer than the header, and a header of several tickers.
    """
    data, notes = read_utf8(path)
    start = data[:_HEAD].decode("utf-8", errors="ignore")
    head = start.splitlines()
    if not any(line.strip() for line in head):
        raise DataError(f"{path.name} is empty: it needs a header line and rows")
    refuse_other_contents(start, path.name)
    above, separator = _table_start(head)
    names, lines = _header(list(_csv.reader(head[above : above + _MOST_HEADERS], delimiter=separator)), path.name)
    table = _parse(data, path.name, separator, above, names, lines)
    lines += above
    table.index = pd.RangeIndex(lines + 1, lines + 1 + len(table))
    if any(not _STATED.match(line) and line.strip() for line in head[:above]):
        notes += (f"{path.name}: {above} line{'s' if above > 1 else ''} above the headings left out",)
    table, left_out = _without_closing_words(table, path.name)
    filled = table.dropna(how="all")
    if filled.empty:
        if len(table.columns) == 1:
            refuse_message(head[:_MOST_ABOVE], path.name)
        raise DataError(f"{path.name} has a header but no rows")
    return Texts(path.name, filled if drop else table, separator, notes + left_out, tuple(head[:_MOST_ABOVE]))


def list_columns(names: Iterable[object]) -> str:
    """Return names out of a file as a message shows them: escaped where they cannot be printed, and not all of very many."""
    shown = [name if name.isprintable() else repr(name) for name in map(str, names)]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


def needed_column(texts: Texts, name: str) -> str:
    """Return the column of that name in any case, or raise `DataError`."""
    for column in texts.table.columns:
        if str(column).strip().lower() == name.lower():
            return str(column)
    raise DataError(f"{texts.name} has no column {name} among {list_columns(texts.table.columns)}")


def _table_start(head: list[str]) -> tuple[int, str]:
    """Return how many lines stand above the header, and the separator.

    The header is the first line with a heading of dates and one of prices; failing that, the first line that is not blank.
    """
    stated = next((found.group(1) for line in head[:1] if (found := _STATED.match(line.strip()))), None)
    first = next((at for at, line in enumerate(head) if line.strip() and not (at == 0 and stated)), 0)
    dates, prices = _HEADINGS
    for at, line in enumerate(head[first : first + _MOST_ABOVE], first):
        separator = stated or _separator(line)
        cells = {plain(cell) for row in _csv.reader([line], delimiter=separator) for cell in row}
        if cells & dates and cells & prices:
            return at, separator
    return first, stated or _separator(head[first])


def _separator(header: str) -> str:
    """Return the separator that stands most often in the header outside quotes; a comma where none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)


def _parse(data: bytes, file: str, separator: str, above: int, names: list[str] | None, lines: int) -> pd.DataFrame:
    """Return the rows below the header; cells that are empty behind the last column are no cells."""
    how = {"header": 0, "skiprows": above} if names is None else {"header": None, "names": names, "skiprows": above + lines}
    settings = {"sep": separator, "dtype": object, "skipinitialspace": True, "index_col": False, "skip_blank_lines": False, **how}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows with more cells than the header
        try:
            return pd.read_csv(io.BytesIO(data), **settings)
        except pd.errors.EmptyDataError:
            raise DataError(f"{file} is empty: it needs a header line and rows") from None
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            trimmed = _without_empty_ends(data.decode(), file, separator, above, lines, str(error))
            return pd.read_csv(io.BytesIO(trimmed), **settings)


def _without_empty_ends(text: str, file: str, separator: str, above: int, lines: int, met: str) -> bytes:
    """Return the file without empty cells behind its last column, or raise `DataError` for the first row with more cells than that."""
    rows = text.splitlines()
    width = max(len(row) for row in _csv.reader(rows[above : above + lines], delimiter=separator))
    try:
        for at, line in enumerate(rows[above:], above):
            cells = next(_csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True), [])
            if len(cells) > width:
                if any(cell.strip() for cell in cells[width:]):
                    refuse_message(rows[:_MOST_ABOVE], file)
                    shown = line if len(line) <= _SHOWN_LINE else f"{line[:_SHOWN_LINE]}..."
                    raise DataError(
                        f"{file}, line {at + 1}: it has {len(cells)} cells, more cells than the header has ({width}): {shown!r}; a "
                        f"{'comma within a number needs quotes' if separator == ',' else 'separator within a cell needs quotes'}, and "
                        "all rows need the same columns"
                    )
                rows[at] = re.sub(rf"(?:{re.escape(separator)}\s*){{{len(cells) - width}}}$", "", line)
    except _csv.Error:
        raise DataError(f"{file}, line {at + 1}: a quotation mark opens and does not close: mend that line") from None
    trimmed = "\n".join(rows).encode()
    if trimmed == text.encode():
        raise DataError(f"{file} is not a readable CSV file: {met.removeprefix('Error tokenizing data. C error: ')}")
    return trimmed


def _without_closing_words(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table without the lines of words at its end, such as where and when it was downloaded, and a note of them."""
    last = len(table)
    words: list[str] = []
    while last and len(table.columns) > 1 and len(words) < _MOST_ABOVE:
        first, *others = table.iloc[last - 1].tolist()
        if any(isinstance(cell, str) and cell.strip() for cell in others):
            break
        if isinstance(first, str) and first.strip():
            if not re.search(r"[^\W\d_]{3,}\W+(?:\w+\W+)*[^\W\d_]{2,}", first):  # at least two words; a lone date is a row
                break
            words.append(" ".join(first.split()))
        last -= 1
    if not words:
        return table, ()
    shown = words[-1][:_SHOWN_LINE]
    more = f" and {len(words) - 1} more" if len(words) > 1 else ""
    return table.iloc[:last], (f"{file}: left out at its end, {shown!r}{more}",)


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
        raise DataError(f"{file} holds several tickers, {list_columns(tickers)}: write a file for each, named after it")
    names = [cell.strip() for cell in fields[1:]]
    if len(set(names)) < len(names):
        raise DataError(f"{file}: two columns have the same name: {list_columns(names)}")
    return ["Date", *names], lines


def _continues(row: list[str]) -> bool:
    """Whether a line belongs to the header that yfinance writes: Price, then Ticker, then Date."""
    if not row:
        return False
    label, cells = row[0].strip().lower(), [cell.strip() for cell in row[1:] if cell.strip()]
    if label in _LABELS:
        return True
    return not label and bool(cells) and not any(re.fullmatch(r"[-+.,\d]+|nan|null", cell.lower()) for cell in cells)
