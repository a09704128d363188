"""The options that commands share, and how what was typed becomes markets, accounts and strategies."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orebody.errors import ParameterError, unknown_name

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market
    from orebody.strategy import Strategy

__all__ = ["account_from", "market_from", "market_options", "settings_for", "strategies_from"]

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
    return load_market(universe, source=asked["source"], start=asked["start"], end=asked["end"])


def account_from(asked: dict[str, Any]) -> Account:
    """Return the account that was asked for."""
    from orebody.account import Account, Costs

    return Account(
        cash=asked["cash"],
        contribution=asked["contribution"],
        every=asked["every"],
        cash_rate=asked["cash_rate"],
        costs=Costs(commission=asked["commission"], fixed=asked["fixed"], slippage=asked["slippage"]),
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


def settings_for(strategy: type[Strategy], changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the parameters that ``PARAM=VALUE`` texts set, read by the type of each."""
    fields: dict[str, Any] = {field.name: field for field in dataclasses.fields(strategy)} if dataclasses.is_dataclass(strategy) else {}
    settings: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals:
            raise ParameterError(f"--set {change!r}: write it as PARAM=VALUE, such as window=120")
        if name not in fields:
            raise unknown_name(f"parameter of {strategy.name()}", name, fields)
        if name in settings:
            raise ParameterError(f"{strategy.name()}: {name} is set twice")
        settings[name] = _value(f"{strategy.name()}: {name}", str(fields[name].type), text.strip())
    return settings


def _value(what: str, kind: str, text: str) -> Any:
    if "None" in kind and text.lower() in ("none", ""):
        return None
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
