"""``orebody data``: cached files and their defects."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from orebody.cli import completion
from orebody.cli.help_groups import PRICES, Command, argument
from orebody.cli.options import cache_option
from orebody.errors import DataError, MissingFileError

if TYPE_CHECKING:
    from orebody.sources.cache.entries import Entry

__all__ = ["command"]

_GAUGES = ("FUTURE", "INDEX", "CURRENCY")  # of which only closes are used, and whose rows contradict themselves as a matter of course


@click.command("data", cls=Command)
@argument(
    "tickers",
    group=PRICES,
    about="Only these, with their vintages; all by default.",
    nargs=-1,
    metavar="[TICKER…]",
    shell_complete=completion.complete_cached_tickers,
)
@cache_option
def command(tickers: tuple[str, ...], cache: str | None) -> None:
    """List the cached files with their period, age and defects.

    \b
    Examples:
      orebody data
      orebody data GLD GDX
    """
    from orebody.cli.show.data import print_entries, print_nothing, print_vintages
    from orebody.sources.cache.store import Cache

    store = Cache(cache)
    entries = [entry for ticker in dict.fromkeys(tickers) for entry in _of(store.entries(ticker), ticker)] if tickers else store.entries()
    if not entries:
        print_nothing(store.folder)
        return
    print_entries(entries, store.folder, dt.datetime.now(dt.UTC), {(one.ticker, one.kind): describe_defects(one) for one in entries})
    if tickers:
        print_vintages(entries)
    broken = [entry.ticker for entry in entries if entry.problem]
    if broken:
        raise DataError(
            f"{len(broken)} of {len(entries)} cached files cannot be trusted: fetch again with: orebody fetch {' '.join(broken)}"
        )


def _of(entries: list[Entry], ticker: str) -> list[Entry]:
    if entries:
        return entries
    raise MissingFileError(f"{ticker} is not in the cache: download it with: orebody fetch {ticker}")


def describe_defects(entry: Entry) -> list[str]:
    """Return what is wrong with a cached file, a sentence each: the one place where findings about cached data are gathered."""
    found = [f"broken: {entry.problem}"] if entry.problem else []
    if entry.aside:
        found.append(f"{entry.aside} broken file{'s' if entry.aside > 1 else ''} set aside in its folder")
    found.extend(entry.notes)
    if entry.quotes is not None and entry.quotes.kind not in _GAUGES:
        from orebody.quality import inspect
        from orebody.quality.finding import span

        findings = inspect(entry.ticker, entry.quotes.bars, exchange=entry.quotes.exchange)
        found.extend(f"{'wrong' if one.wrong else 'doubtful'}, {span(one.first, one.last)}: {one.what}" for one in findings)
    return found
