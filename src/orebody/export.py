"""Tables as files: CSV that a spreadsheet can open without running anything, and parquet, each whole or not there."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orebody.errors import ParameterError
from orebody.io.owned_files import check_ending, write_output

if TYPE_CHECKING:
    from orebody.market.market import Market

__all__ = ["ENDINGS", "check", "escape_formulas", "save", "to_csv"]

ENDINGS = (".csv", ".parquet")
"""What the name of a table's file may end in."""

# The cells that spreadsheets take for formulas, after OWASP, "CSV Injection"; the wide forms count in Japanese locales.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def check(path: str | os.PathLike[str]) -> Path:
    """Return the path, or raise `ParameterError` unless it ends in one of `ENDINGS`; to be called before long work, not after it."""
    return check_ending(path, ENDINGS, "tables end in .csv or .parquet")


def save(frame: pd.DataFrame, path: str | os.PathLike[str], market: Market, *, overwrite: bool = False) -> Path:
    """Write a table as CSV or parquet, by the ending of `path`, and return the path.

    A last column, ``prices``, says what the figures were made from: ``SIMULATED``, or the digest of the market. An index that has a name
    is written as a column. An earlier file stays as it was unless the new one is whole, and is replaced only if orebody wrote it and
    nobody changed it since, by the record ``.orebody.sha256`` in its folder.

    Parameters
    ----------
    frame
        In CSV its text is made `escape_formulas`. In parquet everything is kept as it is, but columns of mixed kinds, which become text.
    path
        Ends in ``.csv`` or ``.parquet``.
    market
        Of the figures.
    overwrite
        Replace any earlier file.

    Raises
    ------
    ParameterError
        For another ending, or two columns of one name.
    OutputError
        When it cannot be written there, or something that orebody did not write is there.
    """
    place = check(path)
    names = [*([frame.index.name] if frame.index.name is not None else []), *frame.columns, "prices"]
    twice = [name for name in names if names.count(name) > 1] if len(set(names)) < len(names) else []
    if twice:
        raise ParameterError(f"cannot write {place}: two columns would be called {twice[0]!r}; give the strategies other labels")
    marked = frame.assign(prices="SIMULATED" if market.simulated else market.digest)
    return write_output(place, to_csv(marked) if place.name.lower().endswith(".csv") else _parquet(marked), overwrite=overwrite)


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV, its text `escape_formulas`, its numbers written so that they read back to the last bit, NaN as nothing."""
    text: str = escape_formulas(frame).to_csv(index=frame.index.name is not None, lineterminator="\n")
    return text


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy whose text no spreadsheet takes for a formula: an apostrophe stands before what begins with ``= + - @`` and their like.

    Headers and the index are made inert too. Numbers and dates stay as they are, also negative ones. After OWASP, "CSV Injection".
    """
    safe = {place: _safe(frame.iloc[:, place]) for place in range(frame.shape[1])}
    copy = pd.DataFrame(safe, index=frame.index)
    copy.columns = pd.Index([_cell(name) for name in frame.columns])
    copy.index = pd.Index(_safe(frame.index.to_series()), name=_cell(frame.index.name))
    return copy


def _safe(column: pd.Series) -> pd.Series:
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        return column
    return pd.Series([_cell(value) for value in column], index=column.index, dtype=object)


def _cell(value: Any) -> Any:
    """Return a value as it may stand in a cell; what is neither number nor date is text there, whatever it is here."""
    if value is None or value is pd.NaT or isinstance(value, bool | int | float | pd.Timestamp):
        return value
    text = str(value)
    return "'" + text if text.startswith(_STARTS) else text


def _parquet(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]

    for name in [name for name, column in frame.items() if column.dtype == object]:
        try:
            pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            frame[name] = pd.Series([None if value is None else str(value) for value in frame[name]], index=frame.index, dtype=object)
    stream = io.BytesIO()
    frame.to_parquet(stream, index=frame.index.name is not None)
    return stream.getvalue()
