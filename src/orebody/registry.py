"""Which strategies there are: those that come with orebody, and those that other packages add.

Another package adds its own by an entry point in the group ``orebody.strategies``, the value being the class.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from multiprocessing import parent_process

import orebody_strategies
from orebody.errors import ParameterError, unknown_name
from orebody.io.text import printable
from orebody.strategy.base import Strategy

__all__ = ["GROUP", "find_strategy", "strategies"]

GROUP = "orebody.strategies"


@cache
def strategies() -> dict[str, type[Strategy]]:
    """Return every strategy class by its name on the command line, sorted.

    An entry point of an installed package that cannot be loaded, is no strategy, or takes a name that is taken is left out, and a line on
    standard error names the package and says why: what is wrong with one package is not refused to those who use others.
    """
    found: dict[str, type[Strategy]] = {}
    for name in orebody_strategies.__all__:
        strategy = getattr(orebody_strategies, name)
        found[strategy.name()] = strategy
    for entry in entry_points(group=GROUP):
        try:
            strategy = _load(entry)
            if found.setdefault(strategy.name(), strategy) is not strategy:
                raise ParameterError(f"it adds a second strategy called {strategy.name()}: its class must be renamed")
        except (Exception, SystemExit) as error:
            _say_left_out(entry, str(error) if isinstance(error, ParameterError) else repr(error))
    return dict(sorted(found.items()))


def _load(entry: EntryPoint) -> type[Strategy]:
    strategy = entry.load()
    if not (isinstance(strategy, type) and issubclass(strategy, Strategy)):
        raise ParameterError(f"it is {strategy!r:.200}: it must be a class derived from orebody.Strategy")
    return strategy


def _say_left_out(entry: EntryPoint, why: str) -> None:
    package = entry.dist.name if entry.dist is not None else "an installed package"
    if sys.stderr is not None and parent_process() is None:
        with suppress(OSError, ValueError):
            print(
                f"orebody: the strategy {printable(entry.name)} of {printable(package)} is left out: {printable(why):.300}", file=sys.stderr
            )


def find_strategy(name: str) -> type[Strategy]:
    """Return the strategy of that name, or raise `UnknownNameError` with the nearest."""
    known = strategies()
    if name not in known:
        raise unknown_name("strategy", name, known)
    return known[name]
