"""The options that commands share, and how what was typed becomes markets and accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orebody.errors import ParameterError

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market

__all__ = ["account_from", "check_output", "check_place", "check_places", "market_from", "market_options", "output_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARED = (
    click.argument("universe", required=False),
    click.option("--metal", metavar="TICKER", help="The metal, instead of a named UNIVERSE."),
    click.option("--miners", metavar="TICKER,…", help="Its miners, with --metal."),
    click.option(
        "--source",
        default="yahoo",
        show_default=True,
        metavar="yahoo|sample|FOLDER",
        help="Yahoo Finance, the embedded sample, or a folder with one <TICKER>.csv each.",
    ),
    click.option("--start", metavar="DATE", help="First day of the prices, as 2006-05-22."),
    click.option("--end", metavar="DATE", help="Last day of the prices."),
    click.option("--opening", metavar="DATE", help="Open the accounts on this day; earlier prices only warm up."),
    click.option("--cash", type=float, default=100_000.0, show_default=True, help="Money at the start."),
    click.option("--contribution", type=float, default=0.0, show_default=True, help="Money that arrives each period."),
    click.option("--every", default="month", show_default=True, metavar="PERIOD", help="That period: week, month, quarter or year."),
    click.option("--commission", type=float, default=0.0, show_default=True, help="Share of the traded value, 0.001 is 0.1 %."),
    click.option("--fixed", type=float, default=0.0, show_default=True, help="Money for each fill."),
    click.option("--slippage", type=float, default=0.0005, show_default=True, help="Share by which fills are worse than the open."),
    click.option("--cash-rate", type=float, help="Annual rate on cash as a fraction; the market's own by default."),
    click.option("--leverage", type=float, default=1.0, show_default=True, help="Limit of longs plus shorts over equity."),
    click.option("--maintenance", type=float, default=0.25, show_default=True, help="Margin call below this share of exposure."),
    click.option("--borrow", type=float, default=0.01, show_default=True, help="Annual rate paid on shorts."),
    click.option("--financing", type=float, default=0.015, show_default=True, help="Annual rate paid on debt, above the cash rate."),
    click.option("--whole-shares", is_flag=True, help="Trade whole shares only."),
    click.option("--fill", default="open", show_default=True, metavar="open|close", help="Fill at the next open, or at the next close."),
    click.option("--repair", metavar="drop|mask", help="Take out prices that are wrong, and list them, instead of refusing them."),
    click.option("--currency", metavar="CODE", help="Currency of the market, such as USD; the metal's own by default."),
    click.option(
        "--cache", metavar="FOLDER", help="Where Yahoo's data are kept; by default OREBODY_CACHE, or else the user's cache folder."
    ),
    click.option("--offline", is_flag=True, help="Take what is cached; ask nobody."),
    click.option("--max-age", type=float, metavar="HOURS", help="Ask Yahoo again for what is older; 12 by default."),
    click.option("--as-of", metavar="DATE", help="What was cached at the end of that day: the same numbers again."),
    click.option("--statements", is_flag=True, help="Ask Yahoo for statements too; they are not point in time."),
)


def market_options(command: Command) -> Command:
    """Add the universe, the source, the period and the account to a command."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """Add --quiet and --json, which scripts read."""
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)
    return click.option("--quiet", is_flag=True, help="Print nothing but where files were written.")(command)


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

    for path in (*pages.values(), table):
        check_place(path)
    if table is None:
        return
    for option, page in pages.items():
        if page == table:
            raise ParameterError(f"--table and {option} are both {table!r}: give two files")
    check(table)
