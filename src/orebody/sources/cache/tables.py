"""Plain tables of a ticker (ratings, statements) with all their vintages: each kept as it was, types and all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from orebody.sources.cache.checksummed import BrokenFileError, pack, unpack
from orebody.sources.cache.vintages import Download, VintageLog

__all__ = ["TableHistory"]


@dataclass(frozen=True, eq=False)
class TableHistory:
    """Every state of one table, and the log of downloads.

    Attributes
    ----------
    log
        Of all downloads that brought another table than the one before.
    contents
        The table after each of them, as bytes.
    """

    log: VintageLog
    contents: tuple[bytes, ...]

    @classmethod
    def begun(
        cls, ticker: str, kind: str, table: pd.DataFrame, when: dt.datetime, library: str, notes: tuple[str, ...] = ()
    ) -> TableHistory:
        """Return the history that begins with this table."""
        content = pack(table)
        return cls(VintageLog(ticker, kind, when, when, (_download(content, table, when, library, notes),)), (content,))

    @classmethod
    def from_columns(cls, header: Mapping[str, Any], columns: Mapping[str, Any]) -> TableHistory:
        """Return the history that `columns` gave to a file, or raise `BrokenFileError`."""
        try:
            return cls(VintageLog.from_header(header), tuple(columns["content"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BrokenFileError(f"it holds no tables ({error!r})") from None

    def columns(self) -> dict[str, Any]:
        """Return all states as a file keeps them."""
        return {"brought": np.arange(len(self.contents), dtype=np.int32), "content": list(self.contents)}

    @cached_property
    def newest(self) -> pd.DataFrame:
        """The table in force now; see `table`."""
        return self.table()

    def table(self, number: int = -1) -> pd.DataFrame:
        """Return the table in force after a download, the last by default."""
        if hashlib.sha256(self.contents[number]).hexdigest() != self.log.downloads[number].sha256:
            raise BrokenFileError(f"the table of {self.log.downloads[number]} does not match its SHA-256")
        return unpack(self.contents[number])

    def extended(self, table: pd.DataFrame, when: dt.datetime, library: str) -> TableHistory:
        """Return the history after one more download."""
        if table.equals(self.newest):
            return replace(self, log=self.log.asked_again(when, whole=True))
        content = pack(table)
        return TableHistory(self.log.followed_by(_download(content, table, when, library)), (*self.contents, content))


def _download(content: bytes, table: pd.DataFrame, when: dt.datetime, library: str, notes: tuple[str, ...] = ()) -> Download:
    return Download(when, hashlib.sha256(content).hexdigest(), library, True, len(table), notes=notes)
