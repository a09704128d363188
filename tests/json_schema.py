"""A reader of JSON schemas for tests: the few keywords that ours use, each as the specification (2020-12) has it; any other is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

Schema = dict[str, Any] | bool

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_SAID_ONLY = {"$schema", "$defs", "title", "description", "default"}


def accepts(schema: Schema, value: Any, root: dict[str, Any] | None = None) -> bool:
    """Return whether a value is what the schema describes; a date, which TOML has and JSON has not, is a text."""
    if isinstance(schema, bool):
        return schema
    root = schema if root is None else root
    value = value.isoformat() if isinstance(value, dt.date) else value
    return all(_holds(keyword, operand, schema, value, root) for keyword, operand in schema.items() if keyword not in _SAID_ONLY)


def _holds(keyword: str, operand: Any, schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match keyword:
        case "$ref":
            return accepts(root["$defs"][operand.removeprefix("#/$defs/")], value, root)
        case "type":
            return isinstance(value, _TYPES[operand]) and (operand == "boolean" or not isinstance(value, bool))
        case "const":
            return type(value) is type(operand) and value == operand
        case "enum":
            return any(type(value) is type(one) and value == one for one in operand)
        case "anyOf":
            return any(accepts(one, value, root) for one in operand)
        case "oneOf":
            return sum(accepts(one, value, root) for one in operand) == 1
        case "not":
            return not accepts(operand, value, root)
        case "minimum":
            return not number or value >= operand
        case "maximum":
            return not number or value <= operand
        case "required":
            return not isinstance(value, dict) or all(name in value for name in operand)
        case "properties":
            return not isinstance(value, dict) or all(accepts(one, value[name], root) for name, one in operand.items() if name in value)
        case "additionalProperties":
            others = [name for name in value if name not in schema.get("properties", {})] if isinstance(value, dict) else []
            return all(accepts(operand, value[name], root) for name in others)
        case "minProperties":
            return not isinstance(value, dict) or len(value) >= operand
        case "prefixItems":
            return not isinstance(value, list) or all(accepts(one, item, root) for one, item in zip(operand, value, strict=False))
        case "items":
            rest = value[len(schema.get("prefixItems", [])) :] if isinstance(value, list) else []
            return all(accepts(operand, item, root) for item in rest)
        case "minItems":
            return not isinstance(value, list) or len(value) >= operand
        case "maxItems":
            return not isinstance(value, list) or len(value) <= operand
    raise NotImplementedError(f"the keyword {keyword} of a schema")
