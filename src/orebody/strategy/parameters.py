"""A strategy's parameters: how they are declared, and what they may be."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from orebody.errors import ParameterError, UnknownParameterError, unknown_parameter

if TYPE_CHECKING:
    from typing import Self

__all__ = ["NamedParameters", "Rule", "check_split", "kind_as_written", "parameter", "rules"]

_NUMBERS = (int, float, np.integer, np.floating)
_WHOLE = (int, np.integer)


def parameter(default: Any, about: str, *, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """Declare a strategy's parameter: a dataclass field with its meaning (units included) and its bounds.

    Parameters
    ----------
    default
        Its default; a dict is copied for each instance. ``| None`` in its type means that None is allowed.
    about
        What it means, with its unit, for `orebody strategies` and the docs.
    low, high
        Bounds for a number, both allowed themselves.
    choices
        The words allowed, for a string.
    """
    meta = {"about": about, "low": low, "high": high, "choices": choices}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=meta)
    return dataclasses.field(default=default, metadata=meta)


def kind_as_written(field: dataclasses.Field[Any]) -> str:
    """Return the type of a parameter as it is written in the class: ``"int"``, ``"float | None"``, ``"Strategy"``.

    It is the same with ``from __future__ import annotations`` and without, where Python keeps the type itself.
    """
    kind = field.type
    text = kind.__name__ if isinstance(kind, type) and "[" not in str(kind) else str(kind)
    text = re.sub(r"\b(?:\w+\.)+", "", text)  # where it comes from: typing.Optional, ob.Strategy
    return re.sub(r"^Optional\[(.+)\]$", r"\1 | None", text)


@cache
def _signature(cls: type) -> tuple[tuple[str, ...], tuple[str, ...], int] | None:
    """Return the names that a class is constructed with, those it cannot do without, and how many may be given by position.

    None where it takes any.
    """
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters):
        return None
    by_position = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    return tuple(one.name for one in parameters), tuple(one.name for one in parameters if one.default is one.empty), len(by_position)


class NamedParameters:
    """A base for frozen dataclasses that refuses what they have no parameter for with the nearest name, not with Python's TypeError."""

    __slots__ = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Raise `UnknownParameterError` for unknown names, and for too many or too few values."""
        if (args or kwargs) and cls.__init__ is not object.__init__:
            _check_given(cls, args, kwargs)
        return super().__new__(cls)


def _check_given(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    signature = _signature(cls)
    if signature is None:
        return
    names, needed, places = signature
    for name in kwargs:
        if name not in names:
            raise unknown_parameter(cls.__name__, name, names)
    if len(args) > places:
        takes = f"{places} ({', '.join(names[:places])})" if places else f"none: give them by name, as {names[0]}=..." if names else "none"
        raise UnknownParameterError(f"{cls.__name__} was given {len(args)} values without a name, it takes {takes}")
    for name in names[: len(args)]:
        if name in kwargs:
            raise UnknownParameterError(f"{cls.__name__} was given {name} twice, by its place and by name")
    missing = [name for name in needed if name not in kwargs and name not in names[: len(args)]]
    if missing:
        raise UnknownParameterError(f"{cls.__name__} needs {', '.join(missing)}: give {missing[0]}=...")


class Rule:
    """What one parameter may be; `text` says it in words, empty where anything goes."""

    __slots__ = ("choices", "high", "kinds", "low", "name", "optional", "plain", "text")

    def __init__(self, field: dataclasses.Field[Any]) -> None:
        meta = field.metadata
        low, high = meta["low"], meta["high"]
        self.name: str = field.name
        self.choices: tuple[str, ...] = meta["choices"]
        kind_of = kind_as_written(field)
        self.optional: bool = "None" in kind_of
        self.low: float = -math.inf if low is None else low
        self.high: float = math.inf if high is None else high
        whole, flag = kind_of == "int", kind_of == "bool"
        self.kinds: tuple[type[Any], ...] = (bool,) if flag else _WHOLE if whole else _NUMBERS
        self.plain: tuple[type[Any], ...] = () if flag or self.choices else (int,) if whole else (float, int)
        kind = "a whole number" if whole else "a number"
        self.text: str
        if flag:
            self.text = "True or False"
        elif self.choices:
            self.text = f"one of {', '.join(self.choices)}"
        elif low is None and high is None:
            self.text = ""
        elif low is None or high is None:
            self.text = f"{kind}, at least {low:g}" if high is None else f"{kind}, at most {high:g}"
        else:
            self.text = f"{kind} from {low:g} to {high:g}"

    def allows(self, value: Any) -> bool:
        """Whether the parameter may have this value."""
        if value.__class__ in self.plain:
            return bool(self.low <= value <= self.high)
        if value is None:
            return bool(self.optional)
        if self.choices:
            return value in self.choices
        if value.__class__ is bool:
            return self.kinds[0] is bool
        if not isinstance(value, self.kinds):
            return False
        number: Any = value
        return bool(self.low <= number <= self.high)


@cache
def rules(strategy: type) -> tuple[Rule, ...]:
    """Return the rules of a strategy's parameters, those without bounds or choices left out.

    Raises
    ------
    ParameterError
        For a class that declares parameters and is no dataclass.
    """
    declared = [name for name, value in vars(strategy).items() if isinstance(value, dataclasses.Field)]
    if declared and "__dataclass_fields__" not in vars(strategy):
        raise ParameterError(
            f"{strategy.__name__} declares {', '.join(declared)} but is no dataclass: put @dataclass(frozen=True) above it"
        )
    fields = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
    return tuple(rule for rule in (Rule(field) for field in fields if "about" in field.metadata) if rule.text)


def check_split(strategy: str, split: object, *, whole: bool = False) -> None:
    """Raise `ParameterError` unless `split` maps roles or tickers to shares that are not negative and sum to at most 1.

    Parameters
    ----------
    strategy
        Name of the strategy that asks, for the message.
    split
        Such as ``{"metal": 0.7, "miners": 0.3}``.
    whole
        The shares must sum to 1.
    """
    if not isinstance(split, dict) or not split:
        raise ParameterError(f"{strategy}: split is {split!r}: give a mapping such as {{'metal': 0.7, 'miners': 0.3}}")
    for role, share in split.items():
        number = isinstance(share, int | float | np.integer | np.floating) and not isinstance(share, bool)
        if not isinstance(role, str) or not number or not 0 <= share <= 1:
            raise ParameterError(f"{strategy}: split gives {role!r} the share {share!r}: shares lie between 0 and 1")
    total = math.fsum(split.values())
    if total <= 0 or total > 1 + 1e-12 or (whole and total < 1 - 1e-12):
        raise ParameterError(
            f"{strategy}: the shares of split sum to {total:g}: they must sum to {'1' if whole else 'more than 0 and at most 1'}"
        )
