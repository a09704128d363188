"""The points of a sweep: parameter combinations, checked by name before anything runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from orebody.engine.kernel import FIGURES
from orebody.errors import ParameterError, in_a_row, unknown_name
from orebody.strategy.base import Strategy

__all__ = ["Grid", "Points", "plain", "points"]

TAKEN = {*FIGURES, "status"}  # columns of the table

Point = dict[str, Any]
Grid = Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]]
Make = Callable[[type[Strategy] | Strategy, Point], Strategy]


@dataclass(frozen=True, eq=False)
class Points:
    """A strategy at many points: a column of values for each parameter, which is all that they take in memory."""

    strategy: type[Strategy] | Strategy
    columns: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The points as a table; values stay as they are: pandas would make None a NaN and 1 beside 0.5 a 1.0."""
        plainly = ({int}, {float})
        return pd.DataFrame(
            {name: pd.Series(column, dtype=None if set(map(type, column)) in plainly else object) for name, column in self.columns.items()}
        )

    def built(self, begin: int, end: int) -> list[Strategy | str]:
        """Return the strategies at the points from `begin` to before `end`, or, where there is none, why."""
        names, rows = list(self.columns), zip(*(column[begin:end] for column in self.columns.values()), strict=True)
        make = _build if any("." in name for name in names) else _flat
        return [_try_build(make, self.strategy, dict(zip(names, row))) for row in rows]  # noqa: B905 - as many names as columns


def points(strategy: type[Strategy] | Strategy, grid: Grid, sample: int | None = None, seed: int = 0) -> Points:
    """Return the points of `grid`, in order: the product of its values, or the list as it is.

    Parameters
    ----------
    strategy
        The class, or an instance whose other parameters stay; a wrapped strategy's parameters are addressed as ``inner.window``.
    grid
        Values by parameter, or a list of points.
    sample
        So many points, drawn at random without repeating, in the order of the grid; None takes all.
    seed
        Of the draw.

    Raises
    ------
    ParameterError, UnknownNameError
        For an empty grid, a parameter without values or with repeated ones, repeated points, unknown parameters, or a sample that is
        not positive.
    """
    if not (isinstance(strategy, Strategy) or (isinstance(strategy, type) and issubclass(strategy, Strategy))):
        raise ParameterError(f"{strategy!r} is not a strategy: give a class derived from orebody.Strategy, or an instance of one")
    columns, distinct = _product(grid) if isinstance(grid, Mapping) else _from_list(grid)
    for name in columns:
        if name in TAKEN:
            raise ParameterError(f"{name} is also what a figure of the table is called: a parameter of that name cannot be swept")
        _check_name(strategy, name)
    count = len(next(iter(columns.values())))
    if distinct < count:
        raise ParameterError(f"the grid gives {count - distinct} points more than once: name each once")
    if sample is not None:
        if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
            raise ParameterError(f"sample is {sample!r}: it must be a whole number, at least 1")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
            raise ParameterError(f"seed is {seed!r}: it must be a whole number from 0 to 4294967295")
        drawn = np.sort(np.random.RandomState(seed).choice(count, size=min(sample, count), replace=False)).tolist()
        columns = {name: [column[at] for at in drawn] for name, column in columns.items()}
    return Points(strategy, columns)


MOST = 20_000_000
"""Points of a grid: their table takes some 100 bytes each."""
_EMPTY = "the grid is empty: give at least one parameter with one value, such as {'window': [60, 120]}"


def _product(grid: Mapping[str, Iterable[Any]]) -> tuple[dict[str, list[Any]], int]:
    """Return the columns of all combinations, the last parameter changing fastest, and how many are distinct."""
    values: dict[str, list[Any]] = {}
    for name, given in grid.items():
        if not isinstance(name, str):
            raise ParameterError(f"the grid names the parameter {name!r}: names are text")
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ParameterError(f"the grid's {name} is {given!r}: give a list or a range of values")
        values[name] = [_python(one) for one in given]
        if not values[name]:
            raise ParameterError(f"the grid's {name} has no values")
    if not values:
        raise ParameterError(_EMPTY)
    columns, before, after = {}, 1, math.prod(map(len, values.values()))
    if after > MOST:
        raise ParameterError(f"the grid has {after:,} points: at most {MOST:,} can be kept in a table; make it coarser")
    for name, one in values.items():
        after //= len(one)
        columns[name] = [value for value in one for _ in range(after)] * before
        before *= len(one)
    return columns, math.prod(len(set(map(plain, one))) for one in values.values())


def _from_list(grid: object) -> tuple[dict[str, list[Any]], int]:
    """Return the columns of a list of points, and how many are distinct."""
    if not isinstance(grid, Sequence) or isinstance(grid, str) or not all(isinstance(point, Mapping) for point in grid):
        raise ParameterError(f"the grid is {grid!r}: give values by parameter, such as {{'window': [60, 120]}}, or a list of points")
    if not grid or not grid[0]:
        raise ParameterError(_EMPTY)
    names = list(grid[0])
    for point in grid:
        if set(point) != set(names):
            raise ParameterError(
                f"the points of the grid name different parameters: {', '.join(names)}, but also {', '.join(point) or 'none'}"
            )
    columns = {name: [_python(point[name]) for point in grid] for name in names}
    return columns, len(set(zip(*(map(plain, column) for column in columns.values()), strict=True)))


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def plain(value: Any) -> str:
    """Return the value so that equal numbers look equal."""
    value = _python(value)
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def _check_name(strategy: type[Strategy] | Strategy, name: str) -> None:
    """Raise `UnknownNameError` unless the strategy has the parameter; an inner one is looked for in what is wrapped."""
    first, _, rest = name.partition(".")
    known: list[str] = [field.name for field in dataclasses.fields(strategy)] if dataclasses.is_dataclass(strategy) else []
    who = strategy.name()
    if first not in known:
        raise unknown_name(f"parameter of {who}", first, known)
    if rest:
        inner = getattr(strategy() if isinstance(strategy, type) else strategy, first)
        if not isinstance(inner, Strategy):
            raise ParameterError(f"{who}: {first} is no strategy, so there is no {name}")
        _check_name(inner, rest)


def _try_build(make: Make, strategy: type[Strategy] | Strategy, point: Point) -> Strategy | str:
    """Return the strategy with the parameters of `point`, or what is wrong with them."""
    try:
        built = make(strategy, point)
    except TypeError as error:
        return f"{strategy.name()} cannot be made with {', '.join(point)} alone: {error}"
    except Exception as error:  # whatever the code of one point raises: the others stand
        return in_a_row(error)
    try:
        built.bars_needed  # noqa: B018 (asked for what it raises)
    except Exception as error:
        return in_a_row(error)
    return built


def _flat(strategy: type[Strategy] | Strategy, point: Point) -> Strategy:
    return strategy(**point) if isinstance(strategy, type) else dataclasses.replace(strategy, **point)  # type: ignore[type-var]


def _build(strategy: type[Strategy] | Strategy, point: Point) -> Strategy:
    """Return the strategy with the parameters of `point`, those of what it wraps among them."""
    nested: dict[str, Point] = {}
    for name in point:
        if "." in name:
            first, _, rest = name.partition(".")
            nested.setdefault(first, {})[rest] = point[name]
    base = _flat(strategy, {name: value for name, value in point.items() if "." not in name})
    inner = {name: _build(getattr(base, name), parameters) for name, parameters in nested.items()}
    return dataclasses.replace(base, **inner) if inner else base  # type: ignore[type-var]
