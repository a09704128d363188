"""The bytes of a file as UTF-8: what Excel, browsers and older programs write is told by the bytes themselves."""

from __future__ import annotations

from pathlib import Path

from orebody.errors import DataError

__all__ = ["read_utf8"]

_BOM = b"\xef\xbb\xbf"
_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_SAVE_AGAIN = "save it again as CSV (UTF-8)"
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive: open it, and save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "an Excel workbook (.xls): open it, and save the sheet as CSV (UTF-8)",
    b"\x1f\x8b": "compressed by gzip: decompress it first",
    b"BZh": "compressed by bzip2: decompress it first",
    b"\xfd7zXZ": "compressed by xz: decompress it first",
    b"%PDF": "a PDF document: download the table as CSV",
    b"PAR1": "a Parquet file: write it as CSV, with pandas.read_parquet(...).to_csv(...)",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
}
_PROBED = 4096


def read_utf8(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a text file as UTF-8 without a byte-order mark, and a note where its encoding had to be inferred.

    UTF-16 and UTF-32 are told by their mark, or by the zeros between letters. A file that is not UTF-8 and holds no control characters is
    read as Windows-1252, which differs in accented letters and signs such as the euro's, never in digits.

    Raises
    ------
    DataError
        For a file that cannot be opened, is empty, is of another kind (a workbook, an archive), or holds bytes that are no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
    for start, what in _OTHER_FILES.items():
        if data.startswith(start):
            raise DataError(f"{path.name} is not a CSV file but {what}")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None) or _utf16_without_mark(data)
    if encoding is not None:
        return _decode(data, encoding, path.name).encode(), ()
    if b"\x00" in data[:_PROBED] or b"\x00" in data:
        raise DataError(f"{path.name} is not a readable CSV file: byte {data.index(0) + 1} is 0, which no text has: {_SAVE_AGAIN}")
    data = data.removeprefix(_BOM)
    if data.isascii():
        return data, ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode(data, "cp1252", path.name)
        return text.encode(), (f"{path.name} is not UTF-8: read as Windows-1252, as older programs write; digits are the same in both",)
    return data, ()


def _utf16_without_mark(data: bytes) -> str | None:
    """Return which UTF-16 it is when every other byte is zero, as in a text of digits and Latin letters."""
    probe = data[: _PROBED // 2 * 2]
    pairs = len(probe) // 2
    for encoding, high, low in (("utf-16-le", probe[1::2], probe[0::2]), ("utf-16-be", probe[0::2], probe[1::2])):
        if pairs and high.count(0) > 0.9 * pairs and low.count(0) == 0:
            return encoding
    return None


def _decode(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        known = "neither UTF-8 nor Windows-1252" if encoding == "cp1252" else f"not the {encoding.upper()} that it begins as"
        raise DataError(f"{file} is not a readable CSV file: from byte {error.start + 1} on it is {known}: {_SAVE_AGAIN}") from None
