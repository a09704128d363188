"""The strategies of a study: each by its name in the registry, with its parameters, around others where it is a wrapper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orebody.backtesting.labels import label_strategies
from orebody.errors import ParameterError, unknown_name
from orebody.registry import strategies
from orebody.strategy.base import Strategy
from orebody.study.fields import Field, naming, of_fields, read, schema_of
from orebody.study.types import FieldType, Schema

__all__ = ["definitions", "known_strategies", "strategies_in"]

KIND = "kind"
Known = Mapping[str, type[Strategy]]


def known_strategies(own: Iterable[type[Strategy]] = ()) -> dict[str, type[Strategy]]:
    """Return every strategy class by the name that a study calls it: those of the registry, and classes of one's own.

    Raises
    ------
    ParameterError
        For what is no strategy class, or has the name of another.
    """
    found = dict(strategies())
    for one in own:
        if not (isinstance(one, type) and issubclass(one, Strategy)):
            raise ParameterError(f"{one!r} is not a strategy class: give classes derived from orebody.Strategy")
        if found.setdefault(one.name(), one) is not one:
            raise ParameterError(f"there are two strategies called {one.name()}: rename your class {one.__name__}")
    return found


def strategies_in(table: Mapping[str, Any], of: Known, where: str) -> dict[str, Strategy]:
    """Return the strategies of a study by label.

    Parameters
    ----------
    table
        By label the name of a strategy, or a table with its ``kind`` and its parameters.
    of
        See `known_strategies`.
    where
        The file, for messages.

    Raises
    ------
    UnknownNameError, ParameterError
        For strategies and parameters that there are not, or that are out of bounds; for none, and for one that is given twice.
    """
    if not table:
        raise ParameterError(f'{where} [strategies] is empty: name at least one, such as rotation = "ratio-rotation"')
    found: dict[str, Strategy] = {}
    for label, raw in table.items():
        here = f"{where} [strategies.{label}]"
        one = _strategy(raw, of, here)
        for other, earlier in found.items():
            if earlier == one:
                raise ParameterError(f"{here} is the same as [strategies.{other}], {one!r}: change a parameter, or take one of them out")
        found[label] = one
    with naming(f"{where} [strategies]"):
        return label_strategies(found)


def _strategy(raw: object, of: Known, where: str) -> Strategy:
    given = {KIND: raw} if isinstance(raw, str) else raw
    if not isinstance(given, dict) or not isinstance(given.get(KIND), str):
        raise ParameterError(f'{where} has no kind: name the strategy, as kind = "ratio-rotation", beside its parameters')
    name = given[KIND]
    if name not in of:
        with naming(where):
            raise unknown_name("strategy", name, of)
    wraps = _wraps(of[name])
    settings = {key: value for key, value in given.items() if key != KIND}
    inner = {key: _strategy(settings.pop(key), of, f"{where} {key}") for key in wraps if key in settings}
    keys = {key: one for key, one in _keys(of[name]).items() if key not in inner}
    values = read(settings, keys, where)
    with naming(where):
        return _make(of[name], values | inner)


def _make(strategy: type[Strategy], values: dict[str, Any]) -> Strategy:
    try:
        return strategy.build(**values)
    except TypeError as error:
        raise ParameterError(f"{strategy.name()} cannot be made of {', '.join(values) or 'nothing'} alone: {error}") from None


def _wraps(strategy: type[Strategy]) -> list[str]:
    """Return the parameters that are strategies themselves."""
    return [name for name, key in _keys(strategy).items() if isinstance(key.default, Strategy)]


def _keys(strategy: type[Strategy]) -> dict[str, Field]:
    return of_fields(strategy)


def definitions(of: Known) -> Schema:
    """Return JSON schemas by name: one for each strategy, and ``strategy`` for any of them, or its name alone."""
    found: Schema = {}
    for name, one in of.items():
        keys = {KIND: Field(FieldType("", {"const": name}, str), (one.__doc__ or name).strip().split("\n\n")[0].replace("`", ""))}
        schema = schema_of(keys | _keys(one))
        for wrapped in _wraps(one):
            schema["properties"][wrapped] = {"$ref": "#/$defs/strategy", "description": _keys(one)[wrapped].about}
        found[name] = schema
    names: Schema = {"enum": list(of), "description": "A strategy with the parameters that it has by default."}
    return {"strategy": {"oneOf": [names, *({"$ref": f"#/$defs/{name}"} for name in of)]}} | found
