"""``orebody fetch``: download into the cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from orebody.cli import completion
from orebody.cli.error_messages import for_cli
from orebody.cli.help_groups import PRICES, Command, argument, option
from orebody.cli.options import cache_option
from orebody.cli.progress_lines import begin
from orebody.errors import DownloadError, OrebodyError, ParameterError

if TYPE_CHECKING:
    from orebody.sources.cache.entries import CachedQuotes
    from orebody.sources.quotes import Quotes

__all__ = ["command"]


@click.command("fetch", cls=Command)
@argument(
    "names",
    group=PRICES,
    about="Universes in small letters, tickers in capitals, as Yahoo writes them.",
    nargs=-1,
    required=True,
    metavar="UNIVERSE|TICKER…",
    shell_complete=completion.downloads,
)
@option("--whole", group=PRICES, is_flag=True, help="Ask for the whole history and take it, whatever it contradicts.")
@cache_option
def command(names: tuple[str, ...], cache: str | None, whole: bool) -> None:
    """Download from Yahoo what is new of a universe or of tickers, and keep it.

    Only the end of a history is asked for; the whole where it was re-adjusted, or was last asked for a month ago. What was kept before
    stays: "orebody data TICKER" lists its vintages.

    \b
    Examples:
      orebody fetch gold
      orebody fetch GLD GDX ^IRX --cache prices/
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.data import print_fetched
    from orebody.sources.cache.store import Cache
    from orebody.sources.yahoo.client import quotes
    from orebody.sources.yahoo.downloads import download

    begin(click.get_current_context())
    tickers = _tickers(names)
    store = Cache(cache)
    came: dict[str, CachedQuotes] = {}

    def refreshed(ticker: str, _: object, sleep: Callable[[float], object]) -> Quotes:
        came[ticker] = store.refresh(ticker, partial(quotes, sleep=sleep), max_age=dt.timedelta(0), whole=whole)
        return came[ticker].quotes

    with progress() as tell:
        outcomes = dict(download(tickers, fetch=refreshed, progress=tell))
    failed = {ticker: outcomes[ticker] for ticker in tickers if isinstance(outcomes[ticker], OrebodyError)}
    print_fetched(
        {ticker: came[ticker] for ticker in tickers if ticker not in failed},
        {one: for_cli(why, "orebody fetch") for one, why in failed.items()},
    )
    if failed:
        raise DownloadError(
            f"{len(failed)} of {len(tickers)} could not be downloaded: {', '.join(failed)}; the cache has what it had of them"
        )


def _tickers(names: tuple[str, ...]) -> list[str]:
    """Return the tickers that are named, those of universes among them, each once; all are checked before any is downloaded."""
    from orebody.market.universe import universe_named
    from orebody.sources.cache.folder_names import folder_of, printable_name

    tickers: dict[str, None] = {}
    for name in names:
        if name == name.lower() and name != name.upper():  # tickers are in capitals, universes in small letters
            tickers |= dict.fromkeys(universe_named(name).tickers)
        elif name != name.upper():
            raise ParameterError(
                f"{printable_name(name)} is neither a ticker nor a universe: write tickers in capitals, universes in small letters"
            )
        else:
            tickers[name] = None
    for ticker in tickers:
        folder_of(ticker)
    return list(tickers)
