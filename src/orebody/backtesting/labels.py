"""What each strategy is called in the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orebody.account import Account
from orebody.backtesting.backtest import check_strategy, is_native_strategy
from orebody.errors import ParameterError
from orebody.market.market import Market
from orebody.strategy.base import Strategy

__all__ = ["label_strategies", "label_strategies_and_classes"]


def label_strategies(strategies: Mapping[str, Strategy] | Iterable[Strategy] | Strategy, taken: Iterable[str] = ()) -> dict[str, Strategy]:
    """Return strategies by label: as in a mapping, else by name, and those that share one by how they are written.

    Raises
    ------
    ParameterError
        For what is no strategy, a label that is no text, one given twice, or one of those `taken`.
    """
    return _differing_parameters(strategies, taken, check_strategy)


def label_strategies_and_classes(strategies: object) -> tuple[dict[str, Strategy], dict[str, type], list[str]]:
    """Return strategies by label, classes derived from `backtrader.Strategy` by label, and all labels in the order given.

    Raises
    ------
    ParameterError
        As `label_strategies`.
    """
    named = _differing_parameters(strategies, (), _check_strategy_or_class)
    classes = {label: one for label, one in named.items() if isinstance(one, type)}
    return {label: one for label, one in named.items() if label not in classes}, classes, list(named)


def _check_strategy_or_class(strategy: object) -> None:
    if not (isinstance(strategy, type) and is_native_strategy(strategy)):
        check_strategy(strategy)


def _differing_parameters(strategies: Any, taken: Iterable[str], check: Callable[[object], None]) -> dict[str, Any]:
    if isinstance(strategies, Mapping):
        pairs = list(strategies.items())
    else:
        plain = isinstance(strategies, str | type | Market | Account) or not isinstance(strategies, Iterable)
        given = [strategies] if plain else list(strategies)
        for one in given:
            check(one)
        names = [one.__name__ if isinstance(one, type) else one.name() for one in given]
        pairs = [(name if names.count(name) == 1 else repr(one), one) for name, one in zip(names, given, strict=True)]
    reserved, named = set(taken), dict[str, Any]()
    for label, strategy in pairs:
        if not isinstance(label, str) or not label.strip():
            raise ParameterError(f"the label {label!r} is no text: give labels, as in {{'one': …, 'two': …}}")
        check(strategy)
        if label in reserved:
            raise ParameterError(f"the label {label!r} is that of a benchmark: choose another")
        if label in named:
            raise ParameterError(f"{label} is given twice: give labels, as in {{'one': …, 'two': …}}")
        named[label] = strategy
    return named
