"""Numbers as files write them: 1234.5, 1,234.50, 1.234,50 or 1 234,50, decided for a whole file by what its prices can only mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.errors import DataError

__all__ = ["numbers"]

_POINT = r"[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?"
_COMMA = r"[+-]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d*)?(?:[eE][+-]?\d+)?"
_MONEY = r"^\s+|\s+$|(?<![^\s+-])[$€£¥]\s*|\s*(?:[$€£¥]|USD|EUR|GBP)\s*$"
_SPACED = r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))"
_MULTIPLES = {"K": "e3", "M": "e6", "B": "e9", "T": "e12"}  # of volumes; appended to the digits, so that 19.91M is 19910000 to the last bit
_NO_VOLUME = ("", "-", "–", "—")


def numbers(
    columns: Mapping[str, pd.Series], dates: pd.Series, file: str, separator: str, *, extras: Mapping[str, pd.Series] | None = None
) -> dict[str, np.ndarray]:
    """Return the values of columns of texts; empty cells are NaN.

    Parameters
    ----------
    columns
        Prices by name, labelled by their lines.
    dates
        The texts of the dates, for messages.
    file, separator
        Of the file. In one with commas between cells a point is a decimal point unless some price says otherwise.
    extras
        Columns beside them (volume, actions), written in the same style; a dash is no value, and ``19.91M`` is 19910000.

    Raises
    ------
    DataError
        For a cell that is not a number, prices in two styles, and prices such as ``1.234`` alone, which may be 1234.
    """
    values = {name: _plain(texts) for name, texts in columns.items()}
    comma = False
    if separator != "," or any(_odd(values[name], texts).any() for name, texts in columns.items()):
        comma = _decimal_comma(columns, file, separator)
        values = {name: _plain(_clean(texts, comma=comma)) for name, texts in columns.items()}
    written = dict(columns)
    for name, texts in (extras or {}).items():
        written[name], values[name] = texts, _plain(texts)
        if comma or _odd(values[name], texts).any():
            written[name] = texts.mask(texts.astype("str").str.strip().isin(_NO_VOLUME))
            values[name] = _plain(_multiply(_clean(written[name], comma=comma)))
    for name, texts in written.items():
        odd = _odd(values[name], texts)
        if odd.any():
            row = int(odd.argmax())
            raise DataError(f"{file}, line {texts.index[row]} ({dates.iloc[row]}): {name} is {texts.iloc[row]!r}, not a number")
    return {name: read.to_numpy(dtype=float) for name, read in values.items()}


def _plain(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce")


def _odd(values: pd.Series, texts: pd.Series) -> np.ndarray:
    """Return where a cell that is not empty is no number."""
    if not values.hasnans:
        return np.zeros(len(values), dtype=bool)
    odd: np.ndarray = (values.isna() & texts.notna()).to_numpy()
    return odd


def _decimal_comma(columns: Mapping[str, pd.Series], file: str, separator: str) -> bool:
    """Return whether a comma is the decimal sign: what the prices that can be read in one way only say."""
    cells = _bare(pd.concat(list(columns.values())).dropna())
    point, comma = cells.str.fullmatch(_POINT).astype(bool), cells.str.fullmatch(_COMMA).astype(bool)
    if not (point | comma).all():
        return bool(comma.sum() > point.sum())  # the caller names the cell that is no number
    by_point, by_comma = cells[point & ~comma], cells[comma & ~point]
    if len(by_point) and len(by_comma):
        raise DataError(
            f"{file}: {by_point.iloc[0]!r} on line {by_point.index[0]} has a decimal point and {by_comma.iloc[0]!r} on line "
            f"{by_comma.index[0]} a decimal comma: write all prices as 1234.56"
        )
    if len(by_point) or len(by_comma):
        return bool(len(by_comma))
    either = cells[cells.str.contains(r"[.,]")]
    if either.empty or (separator == "," and not either.str.contains(",").any()):
        return False
    text = either.iloc[0]
    readings = sorted({text.replace(",", "").replace(".", ""), text.replace(",", ".")})
    raise DataError(
        f"{file}, line {either.index[0]}: {text!r} may mean {readings[0]} or {readings[1]}, and no other price in the file tells which: "
        "write prices as 1234.56, without a sign between thousands"
    )


def _clean(texts: pd.Series, *, comma: bool) -> pd.Series:
    """Return texts as the plain way of writing has them; what does not fit the style is left as it is."""
    stripped = _bare(texts)
    fits = stripped.str.fullmatch((_COMMA if comma else _POINT).replace(r"(?:[eE]", r"[KMBTkmbt]?(?:[eE]")).eq(True)
    thousands, decimal = (".", ",") if comma else (",", ".")
    plain = stripped.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)
    # a text of the other style must not become a number by chance
    return plain.where(fits, "?" + stripped)


def _bare(texts: pd.Series) -> pd.Series:
    """Return texts without signs of currencies, and without spaces and apostrophes between groups of three digits."""
    return texts.astype("str").str.replace(_MONEY, "", regex=True).str.replace(_SPACED, "", regex=True)


def _multiply(texts: pd.Series) -> pd.Series:
    """Return volumes with their K, M, B or T as an exponent."""
    for letter, exponent in _MULTIPLES.items():
        texts = texts.str.replace(rf"(?i){letter}$", exponent, regex=True)
    return texts
