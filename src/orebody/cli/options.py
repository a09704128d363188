"""The options that commands share, and how what was typed becomes markets and accounts."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orebody.errors import ParameterError
from orebody.files import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

    from orebody.account import Account
    from orebody.market.market import Market

__all__ = ["account_from", "check_place", "market_from", "market_options", "table_writer"]

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARED = (
    click.argument("universe", required=False),
    click.option("--metal", metavar="TICKER", help="The metal, instead of a named UNIVERSE."),
    click.option("--miners", metavar="TICKER,…", help="Its miners, with --metal."),
    click.option("--source", default="yahoo", metavar="sample|FOLDER", help="The embedded sample, or a folder with one <TICKER>.csv each."),
    click.option("--start", metavar="DATE", help="First day of the prices, as 2006-05-22."),
    click.option("--end", metavar="DATE", help="Last day of the prices."),
    click.option("--open", "opening", metavar="DATE", help="Open the accounts on this day; earlier prices only warm up."),
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
)


def market_options(command: Command) -> Command:
    """Add the universe, the source, the period and the account to a command."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def market_from(asked: dict[str, Any]) -> Market:
    """Return the market that was asked for."""
    from orebody.market.universe import Universe
    from orebody.sources.load import load_market

    name, metal, miners = asked["universe"], asked["metal"], asked["miners"]
    if (name is None) == (metal is None and miners is None):
        raise ParameterError("name a universe, such as gold, or give --metal and --miners: one of the two")
    if name is None and (metal is None or miners is None):
        raise ParameterError("--metal and --miners go together: give both")
    universe = name if name is not None else Universe(metal, metal, tuple(ticker.strip() for ticker in miners.split(",") if ticker.strip()))
    return load_market(universe, source=asked["source"], start=asked["start"], end=asked["end"], fill=asked["fill"])


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


def check_place(path: str | None) -> None:
    """Raise `ParameterError` unless a file could be written there; None is no file."""
    if path is None:
        return
    if not Path(path).absolute().parent.is_dir():
        raise ParameterError(f"cannot write {path!r}: the folder that should hold it is not there")
    if Path(path).is_dir():
        raise ParameterError(f"cannot write {path!r}: it is a folder; give the name of a file")


def table_writer(path: str | None) -> Callable[[pd.DataFrame], Path] | None:
    """Return what writes a table to `path`, by its ending; refused now if it could not later."""
    if path is None:
        return None
    if path.endswith(".csv"):
        return lambda table: write_text(Path(path), table.to_csv(index=False))
    if not path.endswith(".parquet"):
        raise ParameterError(f"cannot write {path!r}: tables end in .csv or .parquet")
    if importlib.util.find_spec("pyarrow") is None:
        raise ParameterError(f"cannot write {path!r}: parquet needs the package pyarrow; install it, or write a .csv")

    def parquet(table: pd.DataFrame) -> Path:
        stream = io.BytesIO()
        table.to_parquet(stream, index=False)
        return write_bytes(Path(path), stream.getvalue())

    return parquet
