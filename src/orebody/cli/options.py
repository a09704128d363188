"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from orebody.cli import completion
from orebody.cli.help_groups import ACCOUNT, COSTS, MARKET, OUTPUT, PRICES, STRATEGIES, YAHOO, argument, one_of, option

__all__ = [
    "cache_option",
    "choosing_options",
    "engine_option",
    "file_option",
    "grid_option",
    "market_options",
    "market_options_with",
    "output_options",
    "set_option",
    "strategy_argument",
    "strategy_options",
    "workers_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])

CHOOSING, WORK = "Choosing", "Where it runs"
_PERIODS = ("week", "month", "quarter", "year")
_PERIOD_NAMES = "week, month, quarter or year"

_SHARED = (
    argument(
        "universe",
        group=MARKET,
        about="A name, such as gold or silver-london, or a file, mine.toml or mine.toml:my-gold.",
        required=False,
        shell_complete=completion.universes,
    ),
    option("--metal", group=MARKET, metavar="TICKER", shell_complete=completion.tickers, help="The metal, instead of a named UNIVERSE."),
    option("--miners", group=MARKET, metavar="TICKER,…", shell_complete=completion.tickers, help="Its miners, with --metal."),
    option(
        "--source",
        group=MARKET,
        default="yahoo",
        metavar="yahoo|sample|FOLDER",
        shell_complete=completion.sources,
        help="Yahoo Finance, the embedded simulated sample, or a folder with one <TICKER>.csv each.",
    ),
    option("--currency", group=MARKET, metavar="CODE", help="Currency of the market, such as USD; the metal's own by default."),
    option(
        "--rates",
        group=MARKET,
        type=click.Path(),
        metavar="FILE|FOLDER",
        help="Exchange rates before those of the source: GBPUSD=X.csv, or a folder of such files.",
    ),
    option("--start", group=PRICES, metavar="DATE", help="First day of the prices, as 2006-05-22."),
    option("--end", group=PRICES, metavar="DATE", help="Last day of the prices."),
    option("--account-start", group=PRICES, metavar="DATE", help="Open the accounts on this day; earlier prices only warm up."),
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
    option(
        "--contribution-every",
        group=ACCOUNT,
        default="month",
        metavar="PERIOD",
        shell_complete=one_of(_PERIODS),
        help=f"That period: {_PERIOD_NAMES}.",
    ),
    option(
        "--cash-rate",
        group=ACCOUNT,
        metavar="RATE|TICKER",
        help="Annual rate on cash, 0.04 is 4 %, or a series of the source, as IRX, DFF, BIL; the market's own by default.",
    ),
    option("--leverage", group=ACCOUNT, type=float, default=1.0, metavar="MULTIPLE", help="Limit of longs plus shorts over equity."),
    option(
        "--maintenance-margin",
        group=ACCOUNT,
        type=float,
        default=0.25,
        metavar="FRACTION",
        help="Margin call below this fraction of exposure.",
    ),
    option("--whole-shares", group=ACCOUNT, is_flag=True, help="Trade whole shares only."),
    option("--commission", group=COSTS, type=float, default=0.0, metavar="FRACTION", help="Of the traded value, 0.001 is 0.1 %."),
    option("--fixed-fee", group=COSTS, type=float, default=0.0, metavar="MONEY", help="For each fill."),
    option("--slippage", group=COSTS, type=float, default=0.0005, metavar="FRACTION", help="By which fills are worse than the price."),
    option("--borrow-rate", group=COSTS, type=float, default=0.01, metavar="RATE", help="Annual rate paid on shorts."),
    option(
        "--financing-spread", group=COSTS, type=float, default=0.015, metavar="RATE", help="Annual rate paid on debt, above the cash rate."
    ),
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
    return market_options_with("--frequency")(command)


def market_options_with(frequency: str) -> Callable[[Command], Command]:
    """Add the same, with another name for the option ``--frequency``: a command may have one of its own."""
    longer = option(
        frequency,
        group=PRICES,
        metavar="PERIOD",
        shell_complete=one_of(("day", *_PERIODS)),
        help=f"Make longer bars of finer ones: day, {_PERIOD_NAMES}.",
    )

    def add(command: Command) -> Command:
        for one in reversed((*_SHARED, longer)):
            command = one(command)
        return command

    return add


def strategy_argument(command: Command) -> Command:
    """Add the one strategy of a command."""
    about = "Its name (orebody strategies lists them), or a class of yours, mine.py:AboveItsMean."
    return argument("name", group=STRATEGIES, about=about, metavar="STRATEGY", shell_complete=completion.strategies)(command)  # type: ignore[no-any-return]


def strategy_options(help: str, *, exclude: bool = True) -> Callable[[Command], Command]:
    """Add --strategy, which `help` explains, --exclude and --set to a command that runs several strategies."""

    def add(command: Command) -> Command:
        command = option(
            "--set",
            "changes",
            group=STRATEGIES,
            multiple=True,
            metavar="NAME.PARAM=VALUE",
            shell_complete=completion.strategy_changes,
            help="A parameter, such as ratio-rotation.window=120; repeat it.",
        )(command)
        chosen = {"multiple": True, "metavar": "NAME", "shell_complete": completion.strategies}
        if exclude:
            about = "All but this one, such as one whose long warm-up the others would wait for; repeat it for more."
            command = option("--exclude", "excluded", group=STRATEGIES, help=about, **chosen)(command)
        return option("--strategy", "names", group=STRATEGIES, help=help, **chosen)(command)  # type: ignore[no-any-return]

    return add


def set_option(help: str) -> Callable[[Command], Command]:
    """Add --set to a command that runs one strategy."""
    changed = {"multiple": True, "metavar": "PARAM=VALUE", "shell_complete": completion.own_changes}
    return option("--set", "changes", group=STRATEGIES, help=help, **changed)


def grid_option(help: str = "Values as 0.5,1,1.5 or 20:260:5 (from, to, step); repeat it.") -> Callable[[Command], Command]:
    """Add --grid to a command."""
    return option("--grid", "grid", group=STRATEGIES, multiple=True, metavar="PARAM=VALUES", shell_complete=completion.grids, help=help)


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


def choosing_options(help: str) -> Callable[[Command], Command]:
    """Add --metric, which `help` explains, --random and --seed to a command that chooses among the points of a grid."""

    def add(command: Command) -> Command:
        command = option("--seed", group=CHOOSING, type=int, default=0, metavar="NUMBER", help="Of that draw.")(command)
        command = option("--random", "sample", group=CHOOSING, type=int, metavar="COUNT", help="Try only so many points, drawn at random.")(
            command
        )
        figure = {"default": "sharpe", "metavar": "NAME", "shell_complete": completion.figures}
        return option("--metric", group=CHOOSING, help=help, **figure)(command)  # type: ignore[no-any-return]

    return add


def workers_option(command: Command) -> Command:
    """Add --workers to a command that a cluster can carry out."""
    help = "Have the workers of a Dask scheduler do it, such as tcp://127.0.0.1:8786."
    return option("--workers", group=WORK, metavar="ADDRESS", help=help)(command)  # type: ignore[no-any-return]


def cache_option(command: Command) -> Command:
    """Add --cache to a command that has nothing else to do with a market."""
    help = "The cache; by default $OREBODY_CACHE, or else the user's cache folder."
    return option("--cache", group=PRICES, type=click.Path(), metavar="FOLDER", help=help)(command)  # type: ignore[no-any-return]


def output_options(command: Command) -> Command:
    """Add --quiet and --json, which scripts read, and --force."""
    command = option("--force", group=OUTPUT, is_flag=True, help="Replace files that orebody did not write or that were changed since.")(
        command
    )
    command = option("--json", "as_json", group=OUTPUT, is_flag=True, help="Print one JSON document and nothing else.")(command)
    return option("--quiet", group=OUTPUT, is_flag=True, help="Print nothing but where files were written.")(command)  # type: ignore[no-any-return]
