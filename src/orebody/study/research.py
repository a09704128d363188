"""The research of a study: which pieces there are, what can be asked of each, and how they are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orebody.backtesting.backtest import ENGINES
from orebody.backtesting.comparison import Comparison, Progress
from orebody.errors import ParameterError, unknown_name
from orebody.research.gearing import gearing
from orebody.research.gearing.period_returns import FREQUENCIES, KINDS
from orebody.research.scenarios import scenarios
from orebody.research.scenarios.scenario import validate_scenarios
from orebody.research.significance.analysis import significance, validate_options
from orebody.research.significance.kernel import METRICS as INTERVALS
from orebody.research.significance.overfitting import check_blocks
from orebody.research.stress.analysis import stress
from orebody.research.stress.episodes import episodes_of
from orebody.research.sweep.analysis import METRICS, sweep
from orebody.research.sweep.grid import points
from orebody.research.walk_forward.analysis import walk_forward
from orebody.research.walk_forward.windows import length
from orebody.study.fields import Field, Keys, naming, of_function, parameter_docs, read, schema_of
from orebody.study.types import Schema, kind_of
from orebody.study.values import EPISODES, GRID, SCENARIOS

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Research
    from orebody.market.market import Market
    from orebody.strategy.base import Strategy

__all__ = ["PIECES", "ResearchTask", "schema", "tasks_in"]

OF_ONE: dict[str, Callable[..., Any]] = {"sweep": sweep, "walk-forward": walk_forward}
"""Those that are about one strategy, of which there may be several."""
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "stress": stress,
    "gearing": gearing,
    "significance": significance,
    "scenarios": scenarios,
    **OF_ONE,
}
_ELSEWHERE = {"of", "strategies", "market", "account", "start", "check_lookahead", "workers", "progress", "keep", "regimes"}
"""Parameters of the functions that a study says elsewhere, or that a file cannot say."""
_KINDS = {"episodes": EPISODES, "scenarios": SCENARIOS, "grid": GRID}
_CHOICES = {"metric": METRICS, "metrics": INTERVALS, "engine": ENGINES, "frequency": tuple(FREQUENCIES), "returns": KINDS}
_LABEL = Field(kind_of("str"), "the label of the strategy in [strategies] whose other parameters stay")


def _keys(name: str) -> Keys:
    keys = of_function(_FUNCTIONS[name], _ELSEWHERE, choices=_CHOICES, about=parameter_docs(sweep))
    keys = {key: dataclasses.replace(one, kind=_KINDS.get(key, one.kind)) for key, one in keys.items()}
    return keys | {"strategy": _LABEL} if name in OF_ONE else keys


PIECES: dict[str, Keys] = {name: _keys(name) for name in _FUNCTIONS}
"""What can be asked of each piece, by its name."""


@dataclass(frozen=True)
class ResearchTask:
    """A piece of research that is asked for.

    Attributes
    ----------
    name : str
        Of `PIECES`.
    where : str
        The file and the table that ask for it.
    options : dict
        As its function takes them.
    base : Strategy or None
        The strategy it is about, where it is about one.
    """

    name: str
    where: str
    options: dict[str, Any] = field(default_factory=dict)
    base: Strategy | None = None

    def make(self, market: Market, comparison: Comparison, start: str | None, tell: Progress) -> Research:
        """Do it; what is refused names the table that asks for it."""
        made: Research
        options: dict[str, Any] = self.options
        with naming(self.where):
            if self.base is not None:
                made = OF_ONE[self.name](self.base, market=market, account=comparison.account, start=start, progress=tell, **options)
            elif self.name == "stress":
                made = stress(comparison, **options)
            elif self.name == "gearing":
                made = gearing(comparison.market, **options)
            elif self.name == "significance":
                made = significance(comparison, progress=tell, **options)
            else:
                made = scenarios(comparison.strategies, comparison.market, comparison.account, progress=tell, **options)
        return made


def tasks_in(table: Mapping[str, Any], strategies: Mapping[str, Strategy], where: str) -> tuple[ResearchTask, ...]:
    """Return the pieces that the table [research] asks for, in its order, whatever can be checked without prices checked.

    Raises
    ------
    UnknownNameError, ParameterError
        For pieces and options that there are not, or that are out of bounds.
    """
    found: list[ResearchTask] = []
    for name, raw in table.items():
        if name not in PIECES:
            with naming(f"{where} [research]"):
                raise unknown_name("key", name, PIECES)
        if raw is False:
            continue
        several = isinstance(raw, list) and name in OF_ONE
        for at, one in enumerate(raw if several else [raw], start=1):
            here = f"{where} [research.{name}]{f' no. {at}' if several else ''}"
            found.append(_task(name, {} if one is True else one, strategies, here))
    return tuple(found)


def _task(name: str, raw: object, strategies: Mapping[str, Strategy], where: str) -> ResearchTask:
    if not isinstance(raw, dict):
        also = "" if name in OF_ONE else f", or write {name} = true"
        raise ParameterError(f"{where} is {raw!r:.60}: give its options in a table{also}")
    options = read(raw, PIECES[name], where)
    base = None
    if name in OF_ONE:
        label = options.pop("strategy")
        if label not in strategies:
            with naming(where):
                raise unknown_name("strategy", label, strategies)
        base = strategies[label]
    defaults = {key: one.default for key, one in PIECES[name].items()}
    with naming(where):
        _check(name, defaults | options, base)
    return ResearchTask(name, where, options, base)


def _check(name: str, options: Mapping[str, Any], base: Strategy | None) -> None:
    """Raise for whatever can be seen to be wrong without prices."""
    if base is not None:
        points(base, options["grid"], options["sample"], options["seed"])
    if name == "walk-forward":
        length(options["train"], "train")
        length(options["test"], "test")
    elif name == "stress":
        episodes_of(options["episodes"])
    elif name == "scenarios":
        validate_scenarios(options["scenarios"], options["horizon"])
    elif name == "significance":
        validate_options(*(options[one] for one in ("metrics", "samples", "seed", "level")))
        check_blocks(options["blocks"])


def schema() -> Schema:
    """Return the JSON schema of the table [research]."""
    properties: Schema = {}
    for name, keys in PIECES.items():
        table = schema_of(keys)
        also: Schema = {"type": "array", "items": table, "minItems": 1} if name in OF_ONE else {"const": True}
        properties[name] = {"anyOf": [table, {"const": False}, also], "description": (_FUNCTIONS[name].__doc__ or name).split("\n")[0]}
    return {"type": "object", "properties": properties, "additionalProperties": False}
