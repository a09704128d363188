"""Types of the values of a study, read from annotations, checked against TOML and exported as JSON schema."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["NONE", "FieldType", "WrongValueError", "kind_of"]

NONE = "none"
"""How a file says that a parameter is None, for which TOML has no word."""

Schema = dict[str, Any]


class WrongValueError(Exception):
    """A value is not of its kind; whoever knows the key says so."""


@dataclass(frozen=True)
class FieldType:
    """A kind of value: `give` says in words what is to be given, `read` returns the value or raises `WrongValueError`."""

    give: str
    schema: Schema
    read: Callable[[Any], Any]


def kind_of(annotation: str) -> FieldType:
    """Return the kind that a type annotation, as it is written, describes; anything that TOML has may stand where it says nothing known.

    ``"int | None"`` also takes the word "none". A mapping is a table, a tuple, list or other iterable a list.
    """
    parts = _split(annotation, "|")
    kinds = [_one(part) for part in parts if part != "None"]
    if "None" in parts:
        kinds.insert(0, FieldType(f'"{NONE}"', {"const": NONE}, _none))  # the first: it is a text, too
    return kinds[0] if len(kinds) == 1 else _any_of(kinds)


def _split(text: str, separator: str) -> list[str]:
    """Return the parts of a text between separators that stand outside brackets."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == separator and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    return [*parts, current.strip()]


def _one(text: str) -> FieldType:
    if text in PLAIN:
        return PLAIN[text]
    generic = re.fullmatch(r"(\w+)\[(.+)\]", text)
    if generic is None:
        return FieldType("a value", {}, lambda value: value)
    outer, inner = generic[1], _split(generic[2], ",")
    if outer in ("dict", "Mapping") and len(inner) == 2:
        return _table_of(kind_of(inner[1]))
    if outer == "tuple" and inner[-1] != "...":
        return _row_of([kind_of(one) for one in inner])
    if outer in ("tuple", "list", "Iterable", "Sequence"):
        return _list_of(kind_of(inner[0]))
    return FieldType("a value", {}, lambda value: value)


def _table_of(kind: FieldType) -> FieldType:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise WrongValueError
        return {name: kind.read(one) for name, one in value.items()}

    example = {"a number": "{ metal = 0.7, miners = 0.3 }"}.get(kind.give, "{ name = ... }")
    return FieldType(f"a table, each value {kind.give}, such as {example}", {"type": "object", "additionalProperties": kind.schema}, read)


def _row_of(kinds: list[FieldType]) -> FieldType:
    def read(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(kinds):
            raise WrongValueError
        return tuple(kind.read(one) for kind, one in zip(kinds, value, strict=True))

    count = len(kinds)
    schema = {"type": "array", "prefixItems": [kind.schema for kind in kinds], "items": False, "minItems": count, "maxItems": count}
    return FieldType(f"a list of {count}: {', '.join(kind.give for kind in kinds)}", schema, read)


def _list_of(kind: FieldType) -> FieldType:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise WrongValueError
        return tuple(kind.read(one) for one in value)

    return FieldType(f"a list, each {kind.give}", {"type": "array", "items": kind.schema}, read)


def _any_of(kinds: list[FieldType]) -> FieldType:
    def read(value: Any) -> Any:
        for kind in kinds:
            try:
                return kind.read(value)
            except WrongValueError:
                pass
        raise WrongValueError

    return FieldType(" or ".join(kind.give for kind in reversed(kinds)), {"anyOf": [kind.schema for kind in kinds]}, read)


def _none(value: Any) -> None:
    if value != NONE:
        raise WrongValueError


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise WrongValueError
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValueError
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise WrongValueError
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise WrongValueError
    return value


def _date(value: Any) -> str:
    """Return a date or moment, which TOML knows as such, as its text; a text is checked by whoever takes it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(_text(value))


PLAIN = {
    "bool": FieldType("true or false", {"type": "boolean"}, _flag),
    "int": FieldType("a whole number", {"type": "integer"}, _whole),
    "float": FieldType("a number", {"type": "number"}, _number),
    "str": FieldType("a text in quotes", {"type": "string"}, _text),
    "Date": FieldType("a date, as 2006-05-22", {"type": "string"}, _date),
}
