"""The points of a sweep: parameter combinations, checked by name before anything runs."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from orebody.engine.kernel import FIGURES
from orebody.errors import ParameterError, unknown_name
from orebody.strategy import Strategy

__all__ = ["Grid", "Point", "build", "plain", "points"]

TAKEN = {*FIGURES, "status"}  # columns of the table

Point = dict[str, Any]
Grid = Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]]


def points(strategy: type[Strategy] | Strategy, grid: Grid, sample: int | None = None, seed: int = 0) -> list[Point]:
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
    made = _product(grid) if isinstance(grid, Mapping) else _listed(grid)
    if not made or not made[0]:
        raise ParameterError("the grid is empty: give at least one parameter with one value, such as {'window': [60, 120]}")
    names = list(made[0])
    for point in made:
        if set(point) != set(names):
            raise ParameterError(
                f"the points of the grid name different parameters: {', '.join(names)}, but also {', '.join(point) or 'none'}"
            )
    made = [{name: point[name] for name in names} for point in made]
    for name in names:
        if name in TAKEN:
            raise ParameterError(f"{name} is also what a figure of the table is called: a parameter of that name cannot be swept")
        _check_name(strategy, name)
    seen = {tuple(map(plain, point.values())) for point in made}
    if len(seen) < len(made):
        raise ParameterError(f"the grid gives {len(made) - len(seen)} points more than once: name each once")
    if sample is None:
        return made
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise ParameterError(f"sample is {sample!r}: it must be a whole number, at least 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ParameterError(f"seed is {seed!r}: it must be a whole number from 0 to 4294967295")
    drawn = np.sort(np.random.RandomState(seed).choice(len(made), size=min(sample, len(made)), replace=False))
    return [made[at] for at in drawn]


def _listed(grid: object) -> list[Point]:
    if not isinstance(grid, Sequence) or isinstance(grid, str) or not all(isinstance(point, Mapping) for point in grid):
        raise ParameterError(f"the grid is {grid!r}: give values by parameter, such as {{'window': [60, 120]}}, or a list of points")
    return [{name: _python(value) for name, value in point.items()} for point in grid]


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def plain(value: Any) -> str:
    """Return the value so that equal numbers look equal."""
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def _product(grid: Mapping[str, Iterable[Any]]) -> list[Point]:
    values: dict[str, list[Any]] = {}
    for name, given in grid.items():
        if not isinstance(name, str):
            raise ParameterError(f"the grid names the parameter {name!r}: names are text")
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ParameterError(f"the grid's {name} is {given!r}: give a list or a range of values")
        values[name] = [_python(one) for one in given]
        if not values[name]:
            raise ParameterError(f"the grid's {name} has no values")
    return [dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())] if values else []


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


def build(strategy: type[Strategy] | Strategy, point: Point) -> Strategy:
    """Return the strategy with the parameters of `point`; bad ones raise `ParameterError`."""
    try:
        return _build(strategy, point)
    except TypeError as error:
        raise ParameterError(f"{strategy.name()} cannot be made with {', '.join(point)} alone: {error}") from None


def _build(strategy: type[Strategy] | Strategy, point: Point) -> Strategy:
    own = {name: value for name, value in point.items() if "." not in name}
    if len(own) == len(point) and isinstance(strategy, type):
        return strategy(**own)
    base = strategy() if isinstance(strategy, type) else strategy
    nested: dict[str, Point] = {}
    for name, value in point.items():
        first, dot, rest = name.partition(".")
        if dot:
            nested.setdefault(first, {})[rest] = value
    inner = {name: build(getattr(base, name), parameters) for name, parameters in nested.items()}
    return dataclasses.replace(base, **own, **inner)  # type: ignore[type-var]
