"""Shell completion of universes, strategies, their parameters and tickers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from orebody.cli import completion_index
from orebody.errors import ParameterError

__all__ = [
    "complete_cached_tickers",
    "downloads",
    "figures",
    "grids",
    "own_changes",
    "sources",
    "strategies",
    "strategy_changes",
    "tickers",
    "universes",
]

Items = list[CompletionItem]


def universes(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete a universe: of the sample, where that is the source, else of all."""
    if ctx.params.get("source") == "sample":
        return _starting(typed, completion_index.sample_universes())
    from orebody.market.universe import NAMED

    return [*_starting(typed, NAMED), *_files(typed, "*.toml")]


def sources(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete a source: the two words, or else a folder."""
    return _starting(typed, ("yahoo", "sample")) or [CompletionItem(typed, type="dir")]


def strategies(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete a strategy's name."""
    return _starting(typed, completion_index.strategies())


def own_changes(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete ``PARAM=`` of the strategy that the command line names."""
    return _parameters(_parameter_named(ctx), "", typed)


def grids(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete ``PARAM=`` of the one strategy named by an argument or by --strategy."""
    chosen = ctx.params.get("names") or (_parameter_named(ctx),)
    return _parameters(chosen[0], "", typed)


def strategy_changes(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete ``NAME.`` of a strategy, then ``NAME.PARAM=``."""
    name, dot, rest = typed.partition(".")
    if dot:
        return _parameters(name, f"{name}.", rest)
    return _starting(typed, (f"{one}." for one in ctx.params.get("names") or completion_index.strategies()))


def figures(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete a figure of a sweep."""
    return _starting(typed, completion_index.figures())


def tickers(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete the last of several tickers with a comma between: those of the source's folder, or else those in the cache."""
    before, comma, _ = typed.rpartition(",")
    source = str(ctx.params.get("source") or "yahoo")
    if source == "yahoo":
        known = _cached_tickers(ctx.params.get("cache"))
    elif source == "sample":
        known = []
    else:
        known = sorted(path.stem for path in Path(source).glob("*.csv") if path.stem.isprintable())
    return _starting(typed, (f"{before}{comma}{one}" for one in known))


def complete_cached_tickers(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete a ticker that is in the cache."""
    return _starting(typed, _cached_tickers(ctx.params.get("cache")))


def downloads(ctx: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """Complete what can be fetched: a universe, or a ticker that is in the cache."""
    from orebody.market.universe import NAMED

    return _starting(typed, [*NAMED, *_cached_tickers(ctx.params.get("cache"))])


def _parameter_named(ctx: click.Context) -> str:
    """Return the strategy that is the first argument; behind an option without its value yet, click leaves arguments unread."""
    return str(ctx.params.get("name") or next(iter(ctx.args), ""))


def _parameters(strategy: str, before: str, typed: str) -> Items:
    known = completion_index.parameters().get(strategy, {})
    return [CompletionItem(f"{before}{one}=", help=about) for one, about in known.items() if one.startswith(typed)]


def _cached_tickers(folder: object) -> list[str]:
    from orebody.sources.cache.paths import at_home, default_folder, places

    try:
        root = at_home(str(folder)) if folder else default_folder()
        return list(dict.fromkeys(place.ticker for place in places(root)))
    except (OSError, ParameterError):
        return []


def _starting(typed: str, words: Iterable[str]) -> Items:
    return [CompletionItem(word) for word in words if word.startswith(typed)]


def _files(typed: str, pattern: str) -> Items:
    """Return the files of a kind in the folder that what is typed lies in."""
    folder = Path(typed).parent if typed and not typed.endswith("/") else Path(typed)
    try:
        found = [path.as_posix() for path in sorted(folder.glob(pattern)) if path.as_posix().isprintable()]
    except (OSError, ValueError):
        return []
    return _starting(typed, found)
