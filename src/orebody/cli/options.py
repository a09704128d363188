"""The options that commands share, and how what was typed becomes markets, accounts and strategies."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orebody.errors import DataError, ParameterError, UnknownNameError, unknown_name
from orebody.report.files import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

    from orebody.account import Account
    from orebody.market.market import Market
    from orebody.strategy import Strategy

__all__ = [
    "account_from",
    "check_place",
    "grid_from",
    "market_from",
    "market_options",
    "runnable",
    "settings_for",
    "strategies_from",
    "table_writer",
]

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
    from orebody.market.load import load_market
    from orebody.market.universe import Universe

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


def strategies_from(names: tuple[str, ...], changes: tuple[str, ...]) -> dict[str, Strategy]:
    """Return the strategies that were named, or all of them, with their changed parameters.

    Without names, `buy-and-hold` is left out unless it is changed: the yardsticks are it.
    """
    from orebody.registry import find, strategies

    by_strategy: dict[str, list[str]] = {}
    for change in changes:
        name, dot, rest = change.partition(".")
        if not dot or "=" in name:
            raise ParameterError(f"--set {change!r}: write it as NAME.PARAM=VALUE, such as ratio-rotation.window=120")
        by_strategy.setdefault(find(name).name(), []).append(rest)
    chosen = [find(name).name() for name in names] or [name for name in strategies() if name != "buy-and-hold" or name in by_strategy]
    if len(set(chosen)) < len(chosen):
        raise ParameterError(f"a strategy is named twice: {', '.join(chosen)}")
    for name in by_strategy:
        if name not in chosen:
            raise ParameterError(f"--set changes {name}, which is not compared: add --strategy {name}")
    return {name: find(name).build(**settings_for(find(name), tuple(by_strategy.get(name, ())))) for name in chosen}


def runnable(strategies: dict[str, Strategy], market: Market) -> tuple[dict[str, Strategy], dict[str, str]]:
    """Return the strategies that the market has what they need for, and why the others are left out."""
    fit, left_out = {}, {}
    has = max(0, len(market) - market.listed)
    for name, strategy in strategies.items():
        if strategy.bars_needed > has:
            left_out[name] = f"it needs {strategy.bars_needed} bars before it can decide, the market has {has}"
            continue
        try:
            strategy.decide(market)
        except (DataError, UnknownNameError) as error:
            left_out[name] = str(error)
        else:
            fit[name] = strategy
    return fit, left_out


def settings_for(strategy: type[Strategy], changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the parameters that ``PARAM=VALUE`` texts set, read by the type of each; a wrapped strategy's are ``inner.PARAM=VALUE``."""
    from orebody.strategy import Strategy as Base

    settings: dict[str, Any] = {}
    nested: dict[str, list[str]] = {}
    for text in changes:
        name, value = _split(text, "--set", "PARAM=VALUE, such as window=120")
        first, dot, rest = name.partition(".")
        kind = _kind(strategy, first)
        if dot:
            nested.setdefault(first, []).append(f"{rest}={value}")
            continue
        if name in settings:
            raise ParameterError(f"{strategy.name()}: {name} is set twice")
        settings[name] = _value(f"{strategy.name()}: {name}", kind, value.strip())
    for first, texts in nested.items():
        inner = settings[first] if first in settings else getattr(strategy(), first)
        if not isinstance(inner, Base):
            raise ParameterError(f"{strategy.name()}: {first} is no strategy, so it has no parameters to set")
        settings[first] = dataclasses.replace(inner, **settings_for(type(inner), tuple(texts)))  # type: ignore[type-var]
    return settings


def _split(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"{option} {text!r}: write it as {form}")
    return name, value


def _kind(strategy: type[Strategy], name: str) -> str:
    """Return the type of a parameter as it is written in the class."""
    fields: dict[str, Any] = {field.name: field for field in dataclasses.fields(strategy)} if dataclasses.is_dataclass(strategy) else {}
    if name not in fields:
        raise unknown_name(f"parameter of {strategy.name()}", name, fields)
    return str(fields[name].type)


def _value(what: str, kind: str, text: str) -> Any:
    if "None" in kind and text.lower() in ("none", ""):
        return None
    if kind == "Strategy":
        from orebody.registry import find

        return find(text)()
    if kind.startswith("tuple"):
        return tuple(_number(what, part, float) for part in text.split(","))
    if kind.startswith("dict"):
        pairs = [part.partition(":") for part in text.split(",")]
        roles = [role.strip() for role, _, _ in pairs]
        if len(set(roles)) < len(roles):
            raise ParameterError(f"{what} is {text!r}: it names one part twice")
        return {role.strip(): _number(what, share, float) for role, _, share in pairs}
    if kind.startswith("int"):
        return _number(what, text, int)
    if kind.startswith("float"):
        return _number(what, text, float)
    if kind.startswith("bool"):
        if text.lower() not in ("true", "false"):
            raise ParameterError(f"{what} is {text!r}: it must be true or false")
        return text.lower() == "true"
    return text


def _number(what: str, text: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ParameterError(f"{what} is {text!r}: it must be a {'whole number' if kind is int else 'number'}") from None


def grid_from(strategy: Strategy, texts: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the values that ``PARAM=VALUES`` texts give, read by the type of each parameter; a wrapped strategy's are ``inner.PARAM``."""
    from orebody.strategy import Strategy as Base

    if not texts:
        raise ParameterError("a sweep needs a grid: give --grid window=20:260:5 and its like")
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, values = _split(text, "--grid", "PARAM=VALUES, such as window=20:260:5")
        if name in grid:
            raise ParameterError(f"--grid gives {name} twice: give all its values at once, as {name}=1,2,3")
        holder, last = strategy, name
        while "." in last:
            first, _, last = last.partition(".")
            _kind(type(holder), first)
            holder = getattr(holder, first)
            if not isinstance(holder, Base):
                raise ParameterError(f"{strategy.name()}: {first} is no strategy, so there is no {name}")
        what, kind = f"{holder.name()}: {last}", _kind(type(holder), last)
        if kind.startswith(("dict", "tuple")):
            raise ParameterError(f"{what} has several parts, which --grid cannot list: sweep it in Python, or set it with --set")
        parts = [part.strip() for part in values.split(",")]
        grid[name] = [
            one for part in parts for one in (_range(what, part, kind.startswith("int")) if ":" in part else [_value(what, kind, part)])
        ]
    return grid


def _range(what: str, text: str, whole: bool) -> list[float]:
    """Return the numbers from:to:step, the end included where a step falls on it; whole numbers stay whole."""
    parts = text.split(":")
    if len(parts) in (2, 3) and whole and not all(part.strip().lstrip("+-").isdigit() for part in parts):
        raise ParameterError(f"{what} is {text!r}: it takes whole numbers, so its range needs a whole first, last and step")
    kind: type[int] | type[float] = int if all(part.strip().lstrip("+-").isdigit() for part in parts) else float
    if len(parts) not in (2, 3):
        raise ParameterError(f"{what} is {text!r}: write a range as from:to or from:to:step")
    first, last, step = (*(_number(what, part, kind) for part in parts), 1)[:3]
    count = (last - first) / step if step else -1.0
    if not 0 <= count < 1_000_000:
        raise ParameterError(f"{what} is {text!r}: the range must lead from its first number to its last in less than a million steps")
    return [kind(round(first + at * step, 12)) for at in range(math.floor(count + 1e-9) + 1)]


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
