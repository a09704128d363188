"""What the cache hands over: quotes and tables with their vintage, and what there is to know of each of its files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from orebody.sources.cache.history import History
from orebody.sources.cache.log import Download, Log
from orebody.sources.cache.tables import Tables
from orebody.sources.quotes import Quotes

__all__ = ["Entry", "Stored", "StoredTable"]


@dataclass(frozen=True)
class Stored:
    """Quotes from the cache.

    Attributes
    ----------
    quotes
        As they were in force after `vintage`, raw.
    vintage
        The download that made them so; ``str(vintage)`` is what ``as_of`` takes.
    asked
        When the provider last confirmed the newest state, in UTC.
    vintages
        How many there are.
    new
        How many rows this call brought; 0 when nothing was asked, or nothing was new.
    notes
        What anybody who uses the quotes should know: what was out of the ordinary in that download.
    """

    quotes: Quotes
    vintage: Download
    asked: dt.datetime
    vintages: int
    new: int = 0
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, history: History, number: int | None = None, new: int = 0) -> Stored:
        """Return the state after that download, the newest by default; `new` rows came just now."""
        log = history.log
        quotes, vintage = (history.newest, log.last) if number is None else (history.quotes(number), log.downloads[number])
        return cls(quotes, vintage, log.asked, len(log.downloads), new, vintage.notes)


@dataclass(frozen=True)
class StoredTable:
    """A table from the cache; the attributes are those of `Stored`."""

    table: pd.DataFrame
    vintage: Download
    asked: dt.datetime
    vintages: int
    new: int = 0
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, tables: Tables, number: int | None = None, new: int = 0) -> StoredTable:
        """Return the state after that download, the newest by default; `new` rows came just now."""
        log = tables.log
        table, vintage = (tables.newest, log.last) if number is None else (tables.table(number), log.downloads[number])
        return cls(table, vintage, log.asked, len(log.downloads), new, vintage.notes)


@dataclass(frozen=True)
class Entry:
    """One file of the cache, for whoever looks after it.

    Attributes
    ----------
    ticker, kind
        What it is.
    size
        In bytes.
    log
        Of its downloads, or None where it cannot be read.
    quotes
        The newest state, or None for a table and where it cannot be read.
    problem
        Why it cannot be read; empty where it can.
    aside
        How many broken files were set aside.
    """

    ticker: str
    kind: str
    size: int
    log: Log | None
    quotes: Quotes | None
    problem: str
    aside: int
