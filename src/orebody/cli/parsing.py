"""Parse strategies, their parameters and grids from the command line."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import TYPE_CHECKING, Any

from orebody.cli.own_strategies import strategy_class
from orebody.errors import DataError, ParameterError, UnknownNameError, unknown_name

if TYPE_CHECKING:
    from orebody.market.market import Market
    from orebody.strategy.base import Strategy

__all__ = ["grid_from", "points_from", "settings_for", "split_runnable", "strategies_from", "strategy_from"]


def strategies_from(names: tuple[str, ...], changes: tuple[str, ...], excluded: tuple[str, ...] = ()) -> dict[str, Strategy]:
    """Return the strategies that were named, or all of them but those excluded, with their changed parameters.

    Without names, `buy-and-hold` is left out unless it is changed: the benchmarks are it.
    """
    from orebody.registry import strategies

    named = [strategy_class(name) for name in names]
    own = {one.name(): one for one in named}
    by_strategy: dict[str, list[str]] = {}
    for change in changes:
        name, dot, rest = change.partition(".")
        if not dot or "=" in name:
            raise ParameterError(f"--set {change!r}: write it as NAME.PARAM=VALUE, such as ratio-rotation.window=120")
        by_strategy.setdefault(name if name in own else strategy_class(name).name(), []).append(rest)
    chosen = [one.name() for one in named] or [name for name in strategies() if name != "buy-and-hold" or name in by_strategy]
    if names and excluded:
        raise ParameterError("--strategy names what is run and --exclude what is not: give one of the two")
    without = {strategy_class(name).name() for name in excluded}
    chosen = [name for name in chosen if name not in without]
    if not chosen:
        raise ParameterError("--exclude leaves no strategy: leave one in")
    if len(set(chosen)) < len(chosen):
        raise ParameterError(f"a strategy is named twice: {', '.join(chosen)}")
    for name in by_strategy:
        if name not in chosen:
            remedy = "leave out one of the two" if name in without else f"add --strategy {name}"
            raise ParameterError(f"--set changes {name}, which is {'excluded' if name in without else 'not compared'}: {remedy}")
    classes = own if named else strategies()
    return {name: classes[name].build(**settings_for(classes[name], tuple(by_strategy.get(name, ())))) for name in chosen}


def strategy_from(name: str, changes: tuple[str, ...]) -> Strategy:
    """Return the strategy of that name with its changed parameters."""
    strategy = strategy_class(name)
    return strategy.build(**settings_for(strategy, changes))


def split_runnable(strategies: dict[str, Strategy], market: Market) -> tuple[dict[str, Strategy], dict[str, str]]:
    """Return the strategies that the market has what they need for, and why the others are left out."""
    from orebody.strategy.opening import too_short
    from orebody.strategy.rhythm import check_rhythms

    fit, left_out = {}, {}
    for name, strategy in strategies.items():
        if why := too_short(strategy, market, "it"):
            left_out[name] = why
            continue
        try:
            check_rhythms(market, strategy=strategy)
            strategy.decide(market)
        except (DataError, ParameterError, UnknownNameError) as error:
            left_out[name] = str(error)
        else:
            fit[name] = strategy
    return fit, left_out


def settings_for(strategy: type[Strategy], changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the parameters that ``PARAM=VALUE`` texts set, read by the type of each; a wrapped strategy's are ``inner.PARAM=VALUE``."""
    from orebody.strategy.base import Strategy as Base

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
    from orebody.strategy.parameters import kind_as_written

    fields: dict[str, Any] = {field.name: field for field in dataclasses.fields(strategy)} if dataclasses.is_dataclass(strategy) else {}
    if name not in fields:
        raise unknown_name(f"parameter of {strategy.name()}", name, fields)
    return kind_as_written(fields[name])


def _value(what: str, kind: str, text: str) -> Any:
    if "None" in kind and text.lower() in ("none", ""):
        return None
    if kind == "Strategy":
        return strategy_class(text)()
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
        raise ParameterError(f"{what} is {text!r}: it must be a {'whole number' if kind is int else 'number'}{_hint(text)}") from None


def _hint(text: str) -> str:
    """Return how a range is written, where something like one was."""
    return ", or a range as 20:260:20" if re.fullmatch(r"\s*\d+(\.\d+)?\s*(-|\.\.+)\s*\d+(\.\d+)?.*", text) else ""


def grid_from(strategy: Strategy, texts: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the values that ``PARAM=VALUES`` texts give, read by the type of each parameter; a wrapped strategy's are ``inner.PARAM``."""
    from orebody.strategy.base import Strategy as Base

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


def points_from(name: str, changes: tuple[str, ...], texts: tuple[str, ...]) -> tuple[Strategy, dict[str, list[Any]]]:
    """Return the strategy of that name with its changed parameters, and the values of those that a grid varies."""
    strategy = strategy_class(name)
    settings = settings_for(strategy, changes)
    base = strategy.build(**settings)
    values = grid_from(base, texts)
    for both in settings.keys() & values.keys():
        raise ParameterError(f"{both} is given by --set and by --grid: give one of them")
    return base, values


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
