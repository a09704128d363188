"""What the cache hands over: quotes and tables with their vintage, and what there is to know of each of its files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from orebody.sources.cache.history import QuoteHistory
from orebody.sources.cache.tables import TableHistory
from orebody.sources.cache.vintages import Download, VintageLog
from orebody.sources.quotes import Quotes

__all__ = ["CachedQuotes", "CachedTable", "Entry"]


@dataclass(frozen=True)
class _CachedState:
    """What was in force after a download, and what there is to know of that.

    Attributes
    ----------
    log
        Of all downloads.
    number
        Of the download among them; -1 is the newest.
    new
        How many rows this call brought; 0 when nothing was asked, or nothing was new.
    """

    log: VintageLog
    number: int
    new: int

    @property
    def vintage(self) -> Download:
        """The download; ``str(vintage)`` is what ``as_of`` takes."""
        return self.log.downloads[self.number]

    @property
    def asked(self) -> dt.datetime:
        """When the provider last confirmed the newest state, in UTC."""
        return self.log.asked

    @property
    def vintages(self) -> int:
        """How many there are."""
        return len(self.log.downloads)

    @property
    def notes(self) -> tuple[str, ...]:
        """What anybody who uses it should know: what was out of the ordinary in that download."""
        return self.vintage.notes


@dataclass(frozen=True)
class CachedQuotes(_CachedState):
    """Quotes from the cache, raw.

    Attributes
    ----------
    quotes
        Of that state.
    vanished
        Notes on sessions that an earlier state had.
    """

    quotes: Quotes
    vanished: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What anybody who uses it should know: of that download, and of sessions that went missing before."""
        return (*self.vintage.notes, *self.vanished)

    @classmethod
    def of(cls, history: QuoteHistory, number: int = -1, new: int = 0) -> CachedQuotes:
        """Return the state after that download, the newest by default; `new` rows came just now."""
        quotes = history.newest if number == -1 else history.quotes(number)
        return cls(history.log, number, new, quotes, history.vanished(number))


@dataclass(frozen=True)
class CachedTable(_CachedState):
    """A table from the cache."""

    table: pd.DataFrame

    @classmethod
    def of(cls, tables: TableHistory, number: int = -1, new: int = 0) -> CachedTable:
        """Return the state after that download, the newest by default; `new` rows came just now."""
        return cls(tables.log, number, new, tables.newest if number == -1 else tables.table(number))


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
    notes
        Of the newest state.
    """

    ticker: str
    kind: str
    size: int
    log: VintageLog | None
    quotes: Quotes | None
    problem: str
    aside: int
    notes: tuple[str, ...] = ()
