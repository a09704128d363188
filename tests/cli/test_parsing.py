"""What is typed after --set and --grid, read by types that a class keeps as types: there is no ``from __future__ import annotations``."""

import dataclasses
from dataclasses import dataclass
from typing import Optional

import numpy as np
import pytest

import orebody as ob
from orebody.cli.parsing import grid_from, settings_for
from orebody.errors import ParameterError
from orebody.strategies import RatioRotation
from orebody.strategy.parameters import kind_as_written


@dataclass(frozen=True)
class Plain(ob.Strategy):
    """Decides nothing."""

    window: int = ob.parameter(20, "bars", low=2)
    entry: float | None = ob.parameter(None, "a threshold", low=0.0)
    stop: Optional[float] = ob.parameter(None, "a stop", low=0.0)  # noqa: UP045
    inner: "ob.Strategy" = ob.parameter(RatioRotation(), "another")  # noqa: RUF009
    bold: bool = ob.parameter(False, "whether")
    rungs: tuple[float, ...] = ob.parameter((1.0,), "depths")
    split: dict[str, float] = ob.parameter({"metal": 1.0}, "shares")  # noqa: RUF009

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions.empty(market)


def test_kinds_are_as_they_are_written() -> None:
    kinds = [kind_as_written(field) for field in dataclasses.fields(Plain)]
    assert kinds == ["int", "float | None", "float | None", "Strategy", "bool", "tuple[float, ...]", "dict[str, float]"]


def test_values_are_read_by_them() -> None:
    told = ("window=30", "entry=none", "stop=0.5", "inner=trim-stretch", "bold=true", "rungs=0.5,1", "split=metal:0.5,miners:0.5")
    settings = settings_for(Plain, told)
    inner = settings.pop("inner")
    assert inner.name() == "trim-stretch"
    assert settings == {
        "window": 30,
        "entry": None,
        "stop": 0.5,
        "bold": True,
        "rungs": (0.5, 1.0),
        "split": {"metal": 0.5, "miners": 0.5},
    }
    assert Plain(stop=None).stop is None


def test_a_grid_too() -> None:
    assert grid_from(Plain(), ("window=20:40:10", "inner.window=60,120")) == {"window": [20, 30, 40], "inner.window": [60, 120]}


@pytest.mark.parametrize("text", ["window=20-260", "window=20..260"])
def test_a_range_written_otherwise_is_shown_how(text: str) -> None:
    with pytest.raises(ParameterError, match="it must be a whole number, or a range as 20:260:20"):
        grid_from(Plain(), (text,))


def test_numbers_of_numpy_become_plain_ones() -> None:
    assert repr(RatioRotation(window=np.int64(120), entry=np.float64(1.5))) == "RatioRotation(window=120, entry=1.5, exit=None)"
