"""Strategy: a frozen, validated set of parameters that turns prices into decisions."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from orebody.errors import ParameterError, unknown_parameter
from orebody.io.text import kebab_case
from orebody.market.market import Market
from orebody.strategy.decisions import Decisions
from orebody.strategy.parameters import NamedParameters, check_split, parameter, rules

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Decisions", "PathState", "Strategy", "check_split", "parameter"]

PathState: TypeAlias = np.ndarray | tuple[()] | None
"""What `Strategy.carries` returns."""


class Strategy(NamedParameters, ABC):
    """A frozen set of parameters with one method, `decide`, that turns prices into intentions.

    Derive a frozen dataclass from it, declare each parameter with `parameter`, and write `decide`. A strategy knows nothing of
    cash, orders or engines. Bounds are checked on construction, so a strategy that exists is a valid one; `repr` can be pasted back.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a class whose parameters nobody made fields of; a dataclass never comes here."""
        rules(type(self))
        if args or kwargs:
            raise ParameterError(f"{type(self).__name__} has no parameters, but was given {', '.join(map(str, (*args, *kwargs)))}")

    def __post_init__(self) -> None:
        for rule in rules(type(self)):
            value = getattr(self, rule.name)
            if value.__class__ in rule.plain and rule.low <= value <= rule.high:  # nearly always
                continue
            if not rule.allows(value):
                raise ParameterError(f"{type(self).name()}: {rule.name} is {value!r}: it must be {rule.text}")
            if isinstance(value, np.generic):  # so that repr can be pasted back
                object.__setattr__(self, rule.name, value.item())

    @classmethod
    def name(cls) -> str:
        """The name on the command line: the class name in kebab case, ``RatioRotation`` is ``ratio-rotation``."""
        return kebab_case(cls.__name__)

    @classmethod
    def build(cls, **parameters: Any) -> Self:
        """Return the strategy with these parameters; a name it does not have raises `UnknownParameterError`."""
        known: list[str] = [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
        for name in parameters:
            if name not in known:
                raise unknown_parameter(cls.name(), name, known)
        return cls(**parameters)

    @property
    def bars_needed(self) -> int:
        """How many bars it must have seen before it can decide; 1 unless a strategy says otherwise."""
        return 1

    def decides_from(self, market: Market) -> int:
        """Return the first bar of a market on which it can decide: accounts open then or later, unless they are asked to open earlier.

        Where metal and miners are listed and `bars_needed` bars are seen, unless a strategy reads something that may begin later, or needs
        less; the number of bars, or more, where it never can. It depends on nothing after that bar, nor on `market.opening`.
        """
        return market.listed + self.bars_needed - 1

    @property
    def deploys(self) -> bool:
        """Whether it spends cash instead of setting weights: some wrappers ask."""
        return False

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Return what of the past still counts after each of some bars.

        That is besides the `bars_needed` bars that end with it, and what was last stated.
        `orebody.scenarios` shows a strategy less of history where this allows it.

        Parameters
        ----------
        market
            What is decided on.
        bars
            Shape ``(K,)``, int, ascending.

        Returns
        -------
        numpy.ndarray, tuple or None
            Shape ``(K, M)``: numbers that are equal, to 1e-9, wherever the same would be decided from then on; NaN equals NaN. ``()`` where
            nothing counts. None, unless a strategy says otherwise: perhaps all of the past does.
        """
        return None

    @abstractmethod
    def decide(self, market: Market) -> Decisions:
        """Return the decisions for every bar, those on bar t from bars up to and including t.

        They are filled at the open of bar t + 1. `market.opening` is the bar on which the account opens: one-off purchases are
        decided then or later; weights and the standing split stated before it are carried to it.
        """
