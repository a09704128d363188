"""Values that research takes and a file writes in a way of its own: grids, episodes and scenarios."""

from __future__ import annotations

import math
from typing import Any

from orebody.errors import ParameterError, unknown_name
from orebody.research.scenarios.scenario import CASES, Scenario
from orebody.study.fields import of_fields, read, schema_of
from orebody.study.types import FieldType, Schema, WrongValueError, kind_of

__all__ = ["EPISODES", "GRID", "SCENARIOS"]

RANGE = ("from", "to", "step")
MOST = 1_000_000
SCENARIO = of_fields(Scenario)
NAMED = {one.name: one for one in CASES}


def _grid(raw: Any) -> dict[str, list[Any]]:
    """Return values by parameter; those of a wrapped strategy as ``inner.window``, however the file nests them."""
    if not isinstance(raw, dict):
        raise WrongValueError
    found: dict[str, list[Any]] = {}
    for name, values in raw.items():
        if isinstance(values, list):
            found[name] = values
        elif isinstance(values, dict) and values and set(values) <= set(RANGE):
            found[name] = _range(name, values)
        elif isinstance(values, dict):
            found |= {f"{name}.{inner}": one for inner, one in _grid(values).items()}
        else:
            raise WrongValueError
    return found


def _range(name: str, given: dict[str, Any]) -> list[float]:
    """Return the numbers of a range, the end included where a step falls on it; whole numbers stay whole."""
    number = kind_of("float")
    try:
        first, last = number.read(given["from"]), number.read(given["to"])
        step = number.read(given.get("step", 1))
        count = (last - first) / step
    except (KeyError, WrongValueError, ZeroDivisionError):
        raise ParameterError(f"grid gives {name} the range {given!r}: write {{ from = 20, to = 260, step = 20 }}, in numbers") from None
    if not 0 <= count < MOST:
        raise ParameterError(f"grid gives {name} the range {given!r}: it must lead from first to last in less than {MOST:,} steps")
    whole = all(isinstance(one, int) for one in (first, last, step))
    numbers = [round(first + at * step, 12) for at in range(math.floor(count + 1e-9) + 1)]
    return numbers if whole else [float(one) for one in numbers]


def _episodes(raw: Any) -> dict[str, tuple[str, str]]:
    if not isinstance(raw, dict):
        raise WrongValueError
    pair = kind_of("tuple[Date, Date]")
    return {name: pair.read(dates) for name, dates in raw.items()}


def _scenarios(raw: Any) -> list[Scenario]:
    if not isinstance(raw, list):
        raise WrongValueError
    found = []
    for at, one in enumerate(raw, start=1):
        if isinstance(one, str) and one in NAMED:
            found.append(NAMED[one])
        elif isinstance(one, str):
            raise unknown_name("scenario", one, NAMED)
        else:
            values = read(one, SCENARIO, f"scenario no. {at}")
            found.append(Scenario(**values))
    return found


_STEPS: Schema = {
    "type": "object",
    "properties": {name: {"type": "number"} for name in RANGE},
    "required": list(RANGE[:2]),
    "additionalProperties": False,
}
GRID = FieldType(
    "a table with a list of values for each parameter, such as { window = [60, 120], entry = { from = 0.5, to = 2, step = 0.5 } }",
    {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [{"type": "array", "minItems": 1}, _STEPS, {"type": "object", "not": {"required": ["from"]}}]},
    },
    _grid,
)
EPISODES = FieldType(
    'a table with two closes for each, such as { "2013 crash" = [2013-04-09, 2013-06-27] }',
    {"type": "object", "minProperties": 1, "additionalProperties": kind_of("tuple[Date, Date]").schema},
    _episodes,
)
SCENARIOS = FieldType(
    'a list of names and tables, such as ["bearish", { name = "flat", drift = 0.0 }]',
    {"type": "array", "minItems": 1, "items": {"anyOf": [{"enum": list(NAMED)}, schema_of(SCENARIO)]}},
    _scenarios,
)
