"""The options that commands share, and how what was typed becomes markets and accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orebody.cli import completing
from orebody.cli.asking import ACCOUNT, COSTS, MARKET, OUTPUT, PRICES, STRATEGIES, YAHOO, argument, one_of, option
from orebody.errors import ParameterError, unknown_name

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market

__all__ = [
    "account_from",
    "cache_option",
    "check_output",
    "check_place",
    "check_places",
    "draw_options",
    "engine_option",
    "file_option",
    "grid_option",
    "market_from",
    "market_options",
    "metric_option",
    "output_options",
    "set_option",
    "strategy_argument",
    "strategy_options",
    "workers_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])

CHOOSING, WORK = "Choosing", "Where it runs"
_PERIODS = ("week", "month", "quarter", "year")
_SAID = "week, month, quarter or year"

_SHARED = (
    argument(
        "universe",
        group=MARKET,
        about="A name, such as gold or silver-london, or a file, mine.toml or mine.toml:my-gold.",
        required=False,
        shell_complete=completing.universes,
    ),
    option("--metal", group=MARKET, metavar="TICKER", shell_complete=completing.tickers, help="The metal, instead of a named UNIVERSE."),
    option("--miners", group=MARKET, metavar="TICKER,…", shell_complete=completing.tickers, help="Its miners, with --metal."),
    option(
        "--source",
        group=MARKET,
        default="yahoo",
        metavar="yahoo|sample|FOLDER",
        shell_complete=completing.sources,
        help="Yahoo Finance, the embedded simulated sample, or a folder with one <TICKER>.csv each.",
    ),
    option("--currency", group=MARKET, metavar="CODE", help="Currency of the market, such as USD; the metal's own by default."),
    option("--start", group=PRICES, metavar="DATE", help="First day of the prices, as 2006-05-22."),
    option("--end", group=PRICES, metavar="DATE", help="Last day of the prices."),
    option("--opening", group=PRICES, metavar="DATE", help="Open the accounts on this day; earlier prices only warm up."),
    option(
        "--fill",
        group=PRICES,
        default="open",
        metavar="open|close",
        shell_complete=one_of(("open", "close")),
        help="Fill at the next open, or at the next close.",
    ),
    option(
        "--repair",
        group=PRICES,
        metavar="drop|mask",
        shell_complete=one_of(("drop", "mask")),
        help="Take out prices that are wrong, and list them, instead of refusing them.",
    ),
    option("--cash", group=ACCOUNT, type=float, default=100_000.0, metavar="MONEY", help="Money at the start."),
    option("--contribution", group=ACCOUNT, type=float, default=0.0, metavar="MONEY", help="Money that arrives each period."),
    option("--every", group=ACCOUNT, default="month", metavar="PERIOD", shell_complete=one_of(_PERIODS), help=f"That period: {_SAID}."),
    option("--cash-rate", group=ACCOUNT, type=float, metavar="RATE", help="Annual rate on cash, 0.04 is 4 %; the market's own by default."),
    option("--leverage", group=ACCOUNT, type=float, default=1.0, metavar="TIMES", help="Limit of longs plus shorts over equity."),
    option("--maintenance", group=ACCOUNT, type=float, default=0.25, metavar="SHARE", help="Margin call below this share of exposure."),
    option("--whole-shares", group=ACCOUNT, is_flag=True, help="Trade whole shares only."),
    option("--commission", group=COSTS, type=float, default=0.0, metavar="SHARE", help="Of the traded value, 0.001 is 0.1 %."),
    option("--fixed", group=COSTS, type=float, default=0.0, metavar="MONEY", help="For each fill."),
    option("--slippage", group=COSTS, type=float, default=0.0005, metavar="SHARE", help="By which fills are worse than the price."),
    option("--borrow", group=COSTS, type=float, default=0.01, metavar="RATE", help="Annual rate paid on shorts."),
    option("--financing", group=COSTS, type=float, default=0.015, metavar="RATE", help="Annual rate paid on debt, above the cash rate."),
    option(
        "--cache",
        group=YAHOO,
        type=click.Path(),
        metavar="FOLDER",
        help="Where Yahoo's data are kept; by default $OREBODY_CACHE, or else the user's cache folder.",
    ),
    option("--offline", group=YAHOO, is_flag=True, help="Take what is cached; ask nobody."),
    option("--max-age", group=YAHOO, type=float, metavar="HOURS", help="Ask Yahoo again for what is older; 12 by default."),
    option("--as-of", group=YAHOO, metavar="DATE", help="What was cached at the end of that day: the same numbers again."),
    option("--statements", group=YAHOO, is_flag=True, help="Ask Yahoo for statements too; they are not point in time."),
)


def market_options(command: Command) -> Command:
    """Add the universe, the source, the period and the account to a command."""
    for one in reversed(_SHARED):
        command = one(command)
    return command


def strategy_argument(command: Command) -> Command:
    """Add the one strategy of a command."""
    about = "Its name; orebody strategies lists them."
    return argument("name", group=STRATEGIES, about=about, metavar="STRATEGY", shell_complete=completing.strategies)(command)  # type: ignore[no-any-return]


def strategy_options(help: str) -> Callable[[Command], Command]:
    """Add --strategy, which `help` explains, and --set to a command that runs several strategies."""

    def add(command: Command) -> Command:
        command = option(
            "--set",
            "changes",
            group=STRATEGIES,
            multiple=True,
            metavar="NAME.PARAM=VALUE",
            shell_complete=completing.strategy_changes,
            help="A parameter, such as ratio-rotation.window=120; repeat it.",
        )(command)
        chosen = {"multiple": True, "metavar": "NAME", "shell_complete": completing.strategies}
        return option("--strategy", "names", group=STRATEGIES, help=help, **chosen)(command)  # type: ignore[no-any-return]

    return add


def set_option(help: str) -> Callable[[Command], Command]:
    """Add --set to a command that runs one strategy."""
    changed = {"multiple": True, "metavar": "PARAM=VALUE", "shell_complete": completing.own_changes}
    return option("--set", "changes", group=STRATEGIES, help=help, **changed)


def grid_option(help: str = "Values as 0.5,1,1.5 or 20:260:5 (from, to, step); repeat it.") -> Callable[[Command], Command]:
    """Add --grid to a command."""
    return option("--grid", "grid", group=STRATEGIES, multiple=True, metavar="PARAM=VALUES", shell_complete=completing.grids, help=help)


def engine_option(
    default: str, help: str = "Which keeps the books: backtrader, or compiled, the fast one."
) -> Callable[[Command], Command]:
    """Add --engine to a command."""
    return option(
        "--engine", group=STRATEGIES, default=default, metavar="NAME", shell_complete=one_of(("backtrader", "compiled")), help=help
    )


def file_option(name: str, help: str) -> Callable[[Command], Command]:
    """Add an option that names a file to be written."""
    return option(name, group=OUTPUT, type=click.Path(), metavar="FILE", help=help)


def metric_option(help: str) -> Callable[[Command], Command]:
    """Add --metric to a command that chooses among points."""
    return option("--metric", group=CHOOSING, default="sharpe", metavar="NAME", shell_complete=completing.figures, help=help)


def draw_options(command: Command) -> Command:
    """Add --sample and --seed to a command that runs the points of a grid."""
    command = option("--seed", group=CHOOSING, type=int, default=0, metavar="NUMBER", help="Of that draw.")(command)
    return option("--sample", group=CHOOSING, type=int, metavar="COUNT", help="Try only so many points, drawn at random.")(command)  # type: ignore[no-any-return]


def workers_option(command: Command) -> Command:
    """Add --workers to a command that a cluster can carry out."""
    help = "Have the workers of a Dask scheduler do it, such as tcp://127.0.0.1:8786."
    return option("--workers", group=WORK, metavar="ADDRESS", help=help)(command)  # type: ignore[no-any-return]


def cache_option(command: Command) -> Command:
    """Add --cache to a command that has nothing else to do with a market."""
    help = "The cache; by default $OREBODY_CACHE, or else the user's cache folder."
    return option("--cache", group=PRICES, type=click.Path(), metavar="FOLDER", help=help)(command)  # type: ignore[no-any-return]


def output_options(command: Command) -> Command:
    """Add --quiet and --json, which scripts read."""
    command = option("--json", "as_json", group=OUTPUT, is_flag=True, help="Print one JSON document and nothing else.")(command)
    return option("--quiet", group=OUTPUT, is_flag=True, help="Print nothing but where files were written.")(command)  # type: ignore[no-any-return]


def market_from(asked: dict[str, Any]) -> Market:
    """Return the market that was asked for."""
    from orebody.cli.show.console import progress
    from orebody.market.universe import Universe
    from orebody.sources.load import load_market

    name, metal, miners = asked["universe"], asked["metal"], asked["miners"]
    if (name is None) == (metal is None and miners is None):
        raise ParameterError("name a universe, such as gold, or give --metal and --miners: one of the two")
    if name is None and (metal is None or miners is None):
        raise ParameterError("--metal and --miners go together: give both")
    _check_source(asked["source"])
    universe = name if name is not None else Universe(metal, metal, tuple(ticker.strip() for ticker in miners.split(",") if ticker.strip()))
    yahoos: dict[str, Any] = {name: asked[name] for name in ("cache", "as_of") if asked[name] is not None}
    if asked["max_age"] is not None:
        yahoos["max_age"] = _hours(asked["max_age"])
    if asked["statements"]:
        yahoos["fundamentals"] = "yahoo"
    with progress() as tell:
        return load_market(
            universe,
            **{name: asked[name] for name in ("source", "start", "end", "fill", "repair", "currency", "offline")},
            **yahoos,
            progress=tell,
        )


def _check_source(source: str) -> None:
    """Raise `UnknownNameError` for what is no folder and nearly one of the two words."""
    words = ("yahoo", "sample")
    if (
        source.isidentifier()
        and get_close_matches(source.lower(), words, n=1)
        and source.lower() not in words
        and not Path(source).exists()
    ):
        raise unknown_name("source", source, words)


def _hours(given: float) -> timedelta:
    if not 0 <= given <= 1_000_000:
        raise ParameterError(f"--max-age is {given:g}: give hours, 0 or more")
    return timedelta(hours=given)


def account_from(asked: dict[str, Any]) -> Account:
    """Return the account that was asked for."""
    from orebody.account import Account, Costs

    return Account(
        cash=asked["cash"],
        contribution=asked["contribution"],
        every=asked["every"],
        cash_rate=asked["cash_rate"],
        leverage=asked["leverage"],
        whole_shares=asked["whole_shares"],
        maintenance=asked["maintenance"],
        costs=Costs(**{name: asked[name] for name in ("commission", "fixed", "slippage", "borrow", "financing")}),
    )


def check_output(*, quiet: bool, as_json: bool) -> None:
    """Raise `ParameterError` when both --quiet and --json were given."""
    if quiet and as_json:
        raise ParameterError("--quiet and --json are two ways to print: give one of them")


def check_place(path: str | None) -> None:
    """Raise `ParameterError` unless a file could be written there; None is no file."""
    if path is None:
        return
    if not Path(path).absolute().parent.is_dir():
        raise ParameterError(f"cannot write {path!r}: the folder that should hold it is not there")
    if Path(path).is_dir():
        raise ParameterError(f"cannot write {path!r}: it is a folder; give the name of a file")


def check_places(pages: dict[str, str | None], table: str | None) -> None:
    """Raise `ParameterError` unless a table and each page, by the option that asks for it, could be written to files of their own."""
    from orebody.export import check

    asked = {**pages, "--table": table}
    taken: dict[Path, str] = {}
    for option_name, path in asked.items():
        check_place(path)
        if path is None:
            continue
        first = taken.setdefault(Path(path).absolute(), option_name)
        if first != option_name:
            raise ParameterError(f"{option_name} and {first} are both {path!r}: give two files")
    if table is not None:
        check(table)
