"""Which strategies there are: those that come with orebody, and those that other packages add.

Another package adds its own by an entry point in the group ``orebody.strategies``, the value being the class.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

import orebody_strategies
from orebody.errors import ParameterError, unknown_name
from orebody.strategy import Strategy

__all__ = ["GROUP", "find", "strategies"]

GROUP = "orebody.strategies"


@cache
def strategies() -> dict[str, type[Strategy]]:
    """Return every strategy class by its name on the command line, sorted.

    Raises
    ------
    ParameterError
        When an installed package's entry point cannot be loaded, is no strategy, or takes a name that is taken.
    """
    found: dict[str, type[Strategy]] = {}
    for name in orebody_strategies.__all__:
        strategy = getattr(orebody_strategies, name)
        found[strategy.name()] = strategy
    for entry in entry_points(group=GROUP):
        strategy = _load(entry.name, entry.load)
        if found.setdefault(strategy.name(), strategy) is not strategy:
            raise ParameterError(f"the entry point {entry.name!r} adds a second strategy called {strategy.name()}: rename its class")
    return dict(sorted(found.items()))


def _load(name: str, load: object) -> type[Strategy]:
    try:
        strategy = load()  # type: ignore[operator]
    except Exception as error:
        raise ParameterError(f"the entry point {name!r} in the group {GROUP} cannot be loaded: {error}") from error
    if not (isinstance(strategy, type) and issubclass(strategy, Strategy)):
        raise ParameterError(
            f"the entry point {name!r} in the group {GROUP} is {strategy!r}: it must be a class derived from orebody.Strategy"
        )
    return strategy


def find(name: str) -> type[Strategy]:
    """Return the strategy of that name, or raise `UnknownNameError` with the nearest."""
    known = strategies()
    if name not in known:
        raise unknown_name("strategy", name, known)
    return known[name]
