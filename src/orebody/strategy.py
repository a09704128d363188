"""Strategy: a frozen, validated set of parameters that turns prices into decisions."""

from __future__ import annotations

import dataclasses
import math
import re
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from orebody.decisions import Decisions
from orebody.errors import ParameterError, unknown_name
from orebody.market.market import Market

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Decisions", "Strategy", "check_split", "parameter"]


def parameter(default: Any, about: str, *, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """Declare a strategy's parameter: a dataclass field with its meaning (units included) and its bounds.

    Parameters
    ----------
    default
        Its default; a dict is copied for each instance. None in the default means that None is allowed.
    about
        What it means, with its unit, for `orebody strategies` and the docs.
    low, high
        Bounds for a number, both allowed themselves.
    choices
        The words allowed, for a string.
    """
    meta = {"about": about, "low": low, "high": high, "choices": choices, "optional": default is None}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=meta)
    return dataclasses.field(default=default, metadata=meta)


class Strategy(ABC):
    """A frozen set of parameters with one method, `decide`, that turns prices into intentions.

    Derive a frozen dataclass from it, declare each parameter with `parameter`, and write `decide`. A strategy knows nothing of
    cash, orders or engines. Bounds are checked on construction, so a strategy that exists is a valid one; `repr` can be pasted back.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._declared = [name for name, value in vars(cls).items() if isinstance(value, dataclasses.Field)]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Refuse a class whose parameters nobody made fields of."""
        if cls._declared and "__dataclass_fields__" not in vars(cls):
            raise ParameterError(
                f"{cls.__name__} declares {', '.join(cls._declared)} but is no dataclass: put @dataclass(frozen=True) above it"
            )
        return super().__new__(cls)

    _declared: ClassVar[list[str]] = []

    def __post_init__(self) -> None:
        for field in _declared(type(self)):
            value = getattr(self, field.name)
            if not _allows(field, value):
                raise ParameterError(f"{type(self).name()}: {field.name} is {value!r}: it must be {_bound(field)}")

    @classmethod
    def name(cls) -> str:
        """The name on the command line: the class name in kebab case, ``RatioRotation`` is ``ratio-rotation``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def build(cls, **parameters: Any) -> Self:
        """Return the strategy with these parameters; a name it does not have raises `UnknownNameError`."""
        known: list[str] = [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
        for name in parameters:
            if name not in known:
                raise unknown_name(f"parameter of {cls.name()}", name, known)
        return cls(**parameters)

    @property
    def bars_needed(self) -> int:
        """How many bars it must have seen before it can decide; 1 unless a strategy says otherwise."""
        return 1

    @abstractmethod
    def decide(self, market: Market) -> Decisions:
        """Return the decisions for every bar, those on bar t from bars up to and including t.

        They are filled at the open of bar t + 1. `market.opening` is the bar on which the account opens: one-off purchases are
        decided then or later; weights and the standing split stated before it are carried to it.
        """


@cache
def _declared(strategy: type[Strategy]) -> tuple[dataclasses.Field[Any], ...]:
    """Return the parameters declared with bounds or choices."""
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
    return tuple(field for field in fields if "about" in field.metadata and _bound(field))


def _allows(field: dataclasses.Field[Any], value: Any) -> bool:
    meta = field.metadata
    if value is None:
        return bool(meta["optional"])
    if meta["choices"]:
        return value in meta["choices"]
    if isinstance(value, bool) or not isinstance(value, (int, np.integer) if _whole(field) else (int, float, np.integer, np.floating)):
        return False
    low, high = meta["low"], meta["high"]
    return (value >= low if low is not None else value == value) and (high is None or bool(value <= high))


def _whole(field: dataclasses.Field[Any]) -> bool:
    return field.type in ("int", int)


def _bound(field: dataclasses.Field[Any]) -> str:
    """Return what a parameter must be, in words; empty where anything goes."""
    meta = field.metadata
    low, high = meta["low"], meta["high"]
    if meta["choices"]:
        return f"one of {', '.join(meta['choices'])}"
    if low is None and high is None:
        return ""
    kind = "a whole number" if _whole(field) else "a number"
    if low is None or high is None:
        return f"{kind}, at least {low:g}" if high is None else f"{kind}, at most {high:g}"
    return f"{kind} from {low:g} to {high:g}"


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
