"""Parquet files that prove themselves: the SHA-256 of all their bytes is among these bytes, and is checked before anything is parsed."""

from __future__ import annotations

import hashlib
import io
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from orebody.errors import DataError
from orebody.io.atomic import write_bytes
from orebody.sources.quotes import GAINS

__all__ = ["FORMAT", "BrokenFileError", "pack", "read", "unpack", "write"]

FORMAT = 2
"""Version of the files' form; a file of a later one is not read. The second has capital gains beside dividends."""

_SEAL = b"orebody-sha256:"
_EMPTY = b"0" * 64
_HEADER = b"orebody"


class BrokenFileError(DataError):
    """A file that cannot be what was written: cut short, changed, of another form, or no parquet at all."""


def write(path: Path, header: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """Write the columns and the header as one sealed parquet file, whole or not at all, and on the disk when it returns.

    Parameters
    ----------
    path
        An earlier file there is replaced.
    header
        Anything that JSON can carry; kept in the file's metadata under ``orebody``, with the version of the form.
    columns
        By name, all of one length: arrays of numbers or of datetime64, or lists of bytes. Floats are kept to the last bit.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    stream = io.BytesIO()
    with pq.ParquetWriter(
        stream,
        table.schema,
        compression="lz4",
        use_dictionary=[name for name in table.column_names if name not in floats],
        use_byte_stream_split=floats,  # the bytes of floats compress by place: a third of the size, and faster to read
        store_schema=False,
        write_statistics=False,
    ) as writer:
        writer.write_table(table)
        form = FORMAT if GAINS in columns else 1  # what needs nothing of a later form stays readable to an earlier version
        metadata = {_HEADER.decode(): json.dumps({"format": form, **header}, separators=(",", ":")), "seal": (_SEAL + _EMPTY).decode()}
        writer.add_key_value_metadata(metadata)
    data = bytearray(stream.getvalue())
    at = data.rfind(_SEAL) + len(_SEAL)
    data[at : at + len(_EMPTY)] = hashlib.sha256(data).hexdigest().encode()
    write_bytes(path, bytes(data), durable=True)


def read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the columns of a file that `write` wrote: arrays, or lists of bytes.

    Raises
    ------
    BrokenFile
        When a single byte is not as it was written, or the file is of a later form.
    FileNotFoundError
        When there is none.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():  # reading a pipe would wait for ever
            raise BrokenFileError("it is no file but a pipe, a device or their like")
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BrokenFileError(f"it cannot be read: {error.strerror}") from None
    at = data.rfind(_SEAL) + len(_SEAL)
    if at < len(_SEAL):
        raise BrokenFileError("it is cut short, or no file of orebody's")
    said = data[at : at + len(_EMPTY)]
    digest = hashlib.sha256(memoryview(data)[:at])
    digest.update(_EMPTY)
    digest.update(memoryview(data)[at + len(_EMPTY) :])
    if digest.hexdigest().encode() != said:
        raise BrokenFileError("its content does not match its SHA-256")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        header = json.loads(file.metadata.metadata[_HEADER])
        form = header["format"]
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenFileError(f"it is no file of orebody's ({type(error).__name__})") from None
    if not isinstance(form, int) or not 1 <= form <= FORMAT:
        raise BrokenFileError(f"it was written by a newer orebody (form {form}, this version reads {FORMAT})")
    try:
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise BrokenFileError(f"its columns cannot be read ({type(error).__name__})") from None
    return header, {name: _values(table.column(name)) for name in table.column_names}


def _values(column: Any) -> np.ndarray | list[bytes]:
    return column.to_pylist() if pa.types.is_binary(column.type) else column.to_numpy()  # type: ignore[no-any-return]


def pack(table: pd.DataFrame) -> bytes:
    """Return any table with its index and types as bytes.

    Raises
    ------
    DataError
        For a column whose cells are of several types.
    """
    try:
        arrow = pa.Table.from_pandas(table)
    except pa.ArrowException as error:
        raise DataError(f"the table cannot be kept: {error}") from None
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, arrow.schema) as writer:
        writer.write_table(arrow)
    return stream.getvalue()


def unpack(data: bytes) -> pd.DataFrame:
    """Return the table that `pack` made into bytes."""
    with pa.ipc.open_stream(data) as reader:
        table: pd.DataFrame = reader.read_all().to_pandas()
    return table
