"""The JSON schema of a study, with which editors complete and check it: made of the same keys that check it when it is run."""

from __future__ import annotations

from collections.abc import Iterable

from orebody.market.universe import NAMED, Universe
from orebody.market.universe_file import KEYS
from orebody.strategy.base import Strategy
from orebody.study.fields import parameter_docs, schema_of
from orebody.study.loader import TOP
from orebody.study.research import schema as research
from orebody.study.strategies import definitions, known_strategies
from orebody.study.tables import ACCOUNT, COPIED, COSTS, OUTPUT, PERIOD, PRICES
from orebody.study.types import Schema

__all__ = ["study_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def study_schema(*, own: Iterable[type[Strategy]] = ()) -> Schema:
    """Return the JSON schema (2020-12) of a study.

    Parameters
    ----------
    own
        As in `orebody.load_study`.
    """
    of = known_strategies(own)
    account = schema_of(ACCOUNT)
    costs = schema_of(COSTS)
    account["properties"]["costs"] = {
        "description": "what trading and holding cost: for all tickers, or a table for each ticker, metal, miners or *",
        "anyOf": [costs, {"type": "object", "minProperties": 1, "additionalProperties": costs}],
    }
    schema = schema_of(TOP)
    tables = {
        "universe": _universe(),
        "prices": schema_of(PRICES),
        "period": schema_of(PERIOD),
        "account": account,
        "strategies": {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/strategy"}},
        "research": research(),
        "output": schema_of(OUTPUT),
    }
    for name, table in tables.items():
        schema["properties"][name] = {"description": TOP[name].about, **table}
    schema["properties"]["copied"] = {"description": "written by orebody at the end of the copy in a report", **schema_of(COPIED)}
    return {"$schema": _DIALECT, "title": "A study of orebody", **schema, "$defs": definitions(of)}


def _universe() -> Schema:
    """Return the schema of a universe: a name, which editors complete, or a table."""
    about = parameter_docs(Universe)
    texts: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
    tickers: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    kinds: dict[str, Schema] = {"miners": {"anyOf": [{"type": "string"}, tickers]}, **dict.fromkeys(("since", "until", "names"), texts)}
    properties = {key: {**kinds.get(key, {"type": "string"}), "description": about[key]} for key in ("name", *KEYS)}
    table = {"type": "object", "properties": properties, "required": ["metal", "miners"], "additionalProperties": False}
    return {"anyOf": [{"enum": list(NAMED)}, {"type": "string"}, table]}
