"""Tables of downloads and cached files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from orebody.cli.show.console import console
from orebody.sources.cache.entries import CachedQuotes, Entry
from orebody.sources.cache.vintages import Download, ago

__all__ = ["print_entries", "print_fetched", "print_nothing", "print_vintages"]

_VINTAGES = 20


def print_fetched(came: Mapping[str, CachedQuotes], failed: Mapping[str, str]) -> None:
    """Print what a download brought, a line for each ticker, and what there is to say of it below."""
    terminal = console()
    table = _table("Ticker", "From", "To", "Rows>", "New>", "Vintage")
    for ticker, stored in came.items():
        dates = stored.quotes.bars.index
        cells = (ticker, f"{dates[0].date()}", f"{dates[-1].date()}", f"{len(dates):,}", f"{stored.new:,}", f"{stored.vintage}")
        table.add_row(*map(escape, cells))
    if came:
        terminal.print(table)
    for ticker, stored in came.items():
        of_today = stored.asked - stored.vintage.when < dt.timedelta(seconds=1)  # the vintage is of this call
        for note in stored.notes if of_today else stored.vanished:
            _say(f"{ticker}: {note}")
    for why in failed.values():
        _say(f"Failed: {why}")


def print_entries(entries: Sequence[Entry], folder: Path, now: dt.datetime, wrong: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """Print each cached file in a line of at most 80 columns, and below what is wrong with it.

    Parameters
    ----------
    entries
        All to show.
    folder
        Of the cache.
    now
        Ages are told from it.
    wrong
        Sentences on each, by ticker and kind.
    """
    table = _table("Ticker", "From", "To", "Rows>", "Asked>", "Vint.>", "kB>", "Cur.", "Exch.")
    for entry in entries:
        table.add_row(*map(escape, _cells(entry, now)))
    console().print(table)
    for entry in entries:
        for sentence in wrong[entry.ticker, entry.kind]:
            _say(f"{_name(entry)}: {sentence}")
    size = sum(entry.size for entry in entries)
    _say(f"{_files(len(entries))}, {size / 1e6:,.1f} MB, in {folder}")


def print_nothing(folder: Path) -> None:
    """Print that nothing is cached there, and how to change that."""
    _say(f"Nothing is cached in {folder}: download with orebody fetch gold")


def print_vintages(entries: Sequence[Entry]) -> None:
    """Print the newest vintages of each: when, what of the history was asked for, what it brought; ``as_of`` takes the first column."""
    for entry in entries:
        if entry.log is None:
            continue
        downloads = entry.log.downloads[-_VINTAGES:]
        left = len(entry.log.downloads) - len(downloads)
        console().print(escape(f"\nVintages of {_name(entry)}{f', without the first {left}' if left else ''}:"))
        table = _table("As of", "Asked for", "Brought>", "Superseded>", "SHA-256")
        for download in downloads:
            table.add_row(*map(escape, _vintage(download)))
        console().print(table)


def _vintage(download: Download) -> tuple[str, ...]:
    return str(download), "all" if download.whole else "the end", f"{download.rows:,}", f"{download.gone:,}", download.sha256[:12]


def _cells(entry: Entry, now: dt.datetime) -> tuple[str, ...]:
    size = f"{entry.size / 1e3:,.0f}"
    if entry.log is None:
        return (_name(entry), "broken", "", "", "", "", size, "", "")
    age = _shorten(ago(now - entry.log.asked))
    if entry.quotes is None:
        return (_name(entry), "", "", f"{entry.log.last.rows:,}", age, f"{len(entry.log.downloads):,}", size, "", "")
    dates, quotes = entry.quotes.bars.index, entry.quotes
    period = (f"{dates[0].date()}", f"{dates[-1].date()}", f"{len(dates):,}")
    return (_name(entry), *period, age, f"{len(entry.log.downloads):,}", size, _plain(quotes.currency), _plain(quotes.exchange))


def _name(entry: Entry) -> str:
    return entry.ticker if entry.kind == "quotes" else f"{entry.ticker} {entry.kind}"


def _files(count: int) -> str:
    return f"{count} file{'s' if count > 1 else ''}"


def _shorten(age: str) -> str:
    """Return ``3 d`` for ``3 days``."""
    count, _, unit = age.partition(" ")
    return "now" if count == "under" else f"{count} {'min' if unit.startswith('minute') else unit[0]}"


def _plain(text: str) -> str:
    """Return what a provider wrote as a terminal may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:6]


def _say(text: str) -> None:
    line = "".join(letter if letter.isprintable() else "?" for letter in text)
    console().print(escape(line))


def _table(*columns: str) -> Table:
    """Return an empty table; columns of numbers are marked with ``>``."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            column.rstrip(">"), justify="right" if column.endswith(">") else "left", overflow="fold" if column == "Ticker" else "ellipsis"
        )
    return table
