"""What each strategy is called in the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orebody.errors import ParameterError
from orebody.run import check_strategy
from orebody.strategy import Strategy

__all__ = ["labelled"]


def labelled(strategies: Mapping[str, Strategy] | Iterable[Strategy] | Strategy, taken: Iterable[str] = ()) -> dict[str, Strategy]:
    """Return strategies by label: as in a mapping, else by name, and those that share one by how they are written.

    Raises
    ------
    ParameterError
        For what is no strategy, a label that is no text, one given twice, or one of those `taken`.
    """
    if isinstance(strategies, Mapping):
        pairs = list(strategies.items())
    else:
        given = list(strategies) if isinstance(strategies, Iterable) else [strategies]
        for one in given:
            check_strategy(one)
        names = [one.name() for one in given]
        pairs = [(name if names.count(name) == 1 else repr(one), one) for name, one in zip(names, given, strict=True)]
    reserved, named = set(taken), {}
    for label, strategy in pairs:
        if not isinstance(label, str) or not label.strip():
            raise ParameterError(f"the label {label!r} is no text: give labels, as in {{'one': …, 'two': …}}")
        check_strategy(strategy)
        if label in reserved:
            raise ParameterError(f"the label {label!r} is that of a benchmark: choose another")
        if label in named:
            raise ParameterError(f"{label} is given twice: give labels, as in {{'one': …, 'two': …}}")
        named[label] = strategy
    return named
