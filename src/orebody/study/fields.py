"""The keys of a table: taken from the dataclass or the function that the table is handed to, with their docs."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from orebody.errors import OrebodyError, ParameterError, unknown_name
from orebody.strategy.parameters import Rule, kind_as_written
from orebody.study.types import NONE, FieldType, Schema, WrongValueError, kind_of

__all__ = ["Field", "Keys", "naming", "of_fields", "of_function", "parameter_docs", "read", "schema_of", "table_in"]

NEEDED = object()
"""The default of what has none."""


@dataclass(frozen=True)
class Field:
    """A key of a table.

    Attributes
    ----------
    kind : FieldType
    about : str
        What it means.
    default
        What holds without it; `NEEDED` where it must be given.
    rule : Rule or None
        Its bounds, where the dataclass declares them.
    choices : tuple of str
        The words allowed, where only some are.
    """

    kind: FieldType
    about: str = ""
    default: Any = NEEDED
    rule: Rule | None = None
    choices: tuple[str, ...] = ()

    @property
    def give(self) -> str:
        """What is to be given, in words."""
        if self.rule is not None and self.rule.text and not self.choices:
            return self.rule.text.replace("True or False", "true or false") + (f' or "{NONE}"' if self.rule.optional else "")
        some = "a list of some of" if self.kind.schema.get("type") == "array" else "one of"
        return f"{some} {', '.join(self.choices)}" if self.choices else self.kind.give


Keys = Mapping[str, Field]


def parameter_docs(of: object) -> dict[str, str]:
    """Return what the docstring's Parameters say, by parameter."""
    lines = inspect.cleandoc(of.__doc__ or "").splitlines()
    if "Parameters" not in lines:
        return {}
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines[lines.index("Parameters") + 2 :]:
        if line.startswith("---"):
            break
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(",")]
        elif line:
            found |= {name: f"{found.get(name, '')} {line.strip()}".strip() for name in names}
    return found


def of_fields(of: type, leave_out: Collection[str] = (), kinds: Mapping[str, str] | None = None) -> dict[str, Field]:
    """Return the keys that the fields of a dataclass are, those declared with `parameter` with their bounds.

    Parameters
    ----------
    of
        The dataclass.
    leave_out
        Fields that are no keys.
    kinds
        Annotations for fields whose own is wider than what a file can say.
    """
    about, keys = parameter_docs(of), {}
    for field in dataclasses.fields(of) if dataclasses.is_dataclass(of) else ():
        if field.name in leave_out:
            continue
        declared = "about" in field.metadata
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        default = NEEDED if default is dataclasses.MISSING else default
        keys[field.name] = Field(
            kind_of((kinds or {}).get(field.name, kind_as_written(field))),
            str(field.metadata["about"]) if declared else about.get(field.name, ""),
            default,
            Rule(field) if declared else None,
            tuple(field.metadata["choices"]) if declared else (),
        )
    return keys


def of_function(
    of: Callable[..., Any],
    leave_out: Collection[str],
    kinds: Mapping[str, str] | None = None,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    about: Mapping[str, str] | None = None,
) -> dict[str, Field]:
    """Return the keys that the parameters of a function are; see `of_fields`. `about` stands where its docs send the reader elsewhere."""
    docs, keys = parameter_docs(of), {}
    for name, parameter in inspect.signature(of).parameters.items():
        if name in leave_out:
            continue
        default = NEEDED if parameter.default is inspect.Parameter.empty else parameter.default
        said = docs.get(name, "")
        keys[name] = Field(
            kind_of((kinds or {}).get(name, str(parameter.annotation))),
            (about or {}).get(name, "") if said.startswith("As in") else said,
            default,
            choices=(choices or {}).get(name, ()),
        )
    return keys


@contextmanager
def naming(where: str) -> Iterator[None]:
    """Put the table, and the file it is in, in front of whatever is refused inside."""
    try:
        yield
    except OrebodyError as error:
        raise type(error)(f"{where} {error}") from None


def table_in(raw: object, where: str) -> dict[str, Any]:
    """Return a table as it is, or raise `ParameterError`."""
    if not isinstance(raw, dict):
        heading = where.rpartition("[")[2].rstrip("]")
        raise ParameterError(f"{where} is {_shown(raw)}: write it as a table, under the heading [{heading}]")
    return raw


def read(raw: object, keys: Keys, where: str) -> dict[str, Any]:
    """Return the values of a table by key, those left out not among them.

    Raises
    ------
    UnknownNameError
        For a key that there is not, with the nearest.
    ParameterError
        For a key that is needed and not there, or a value of the wrong kind.
    """
    table = table_in(raw, where)
    for name in table:
        if name not in keys:
            with naming(where):
                raise unknown_name("key", name, keys)
    for name, key in keys.items():
        if key.default is NEEDED and name not in table:
            raise ParameterError(f"{where} has no {name}: give {key.give}{f' ({key.about})' if key.about else ''}")
    return {name: _value(name, value, keys[name], where) for name, value in table.items()}


def _value(name: str, raw: Any, key: Field, where: str) -> Any:
    try:
        with naming(where):
            value = key.kind.read(raw)
        if key.choices and value is not None and not set(value if isinstance(value, tuple) else (value,)) <= set(key.choices):
            raise WrongValueError
        if key.rule is not None and key.rule.text and not key.rule.allows(value):
            raise WrongValueError
    except WrongValueError:
        raise ParameterError(f"{where} {name} is {_shown(raw)}: give {key.give}") from None
    return value


def _shown(value: object) -> str:
    """Return how a message shows what a file says: as TOML has it where that is simple, and cut short."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def schema_of(keys: Keys) -> Schema:
    """Return the JSON schema of a table with these keys and no others."""
    properties = {name: _schema(key) for name, key in keys.items()}
    needed = [name for name, key in keys.items() if key.default is NEEDED]
    return {"type": "object", "properties": properties, "additionalProperties": False} | ({"required": needed} if needed else {})


def _schema(key: Field) -> Schema:
    """Return the schema of one key: kind, bounds, meaning and default."""
    schema = dict(key.kind.schema)
    if key.choices and schema.get("type") == "array":
        schema["items"] = {"enum": list(key.choices)}
    elif key.choices:
        optional = key.rule is not None and key.rule.optional
        schema = {"enum": [*key.choices, *([NONE] if optional else [])]}
    if key.rule is not None:
        bounds: Schema = {}
        if key.rule.low > float("-inf"):
            bounds["minimum"] = key.rule.low
        if key.rule.high < float("inf"):
            bounds["maximum"] = key.rule.high
        schema |= bounds  # of a text, such as "none", they say nothing
    if key.about:
        schema["description"] = key.about
    default = list(key.default) if isinstance(key.default, tuple) else key.default
    if isinstance(default, bool | int | float | str | list | dict):
        schema["default"] = default
    return schema
