"""Reading the data of an interactive page back: Bokeh's document and the script's own, unpacked."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import numpy as np


def block(html: str, name: str) -> Any:
    """Return the JSON of the script element of that id."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html, re.DOTALL)
    assert found is not None, name
    return json.loads(found[1])


def models(value: Any) -> list[dict[str, Any]]:
    """Return every model in Bokeh's JSON."""
    if isinstance(value, list):
        return [model for one in value for model in models(one)]
    if not isinstance(value, dict):
        return []
    return ([value] if value.get("type") == "object" else []) + [model for one in value.values() for model in models(one)]


def figures(html: str) -> dict[str, dict[str, Any]]:
    """Return the attributes of each figure by its name."""
    roots = block(html, "document")["docs"]["charts"]["roots"]
    return {root["attributes"]["tags"][0]: root["attributes"] for root in roots}


def columns(html: str) -> dict[str, np.ndarray]:
    """Return the columns that all runs share."""
    for model in models(block(html, "document")):
        if model["name"] == "ColumnDataSource":
            data = {name: unpacked(one) for name, one in model["attributes"]["data"]["entries"]}
            if "e0" in data:
                return data
    raise AssertionError("no source has the equity of the first run")


def unpacked(one: dict[str, Any]) -> np.ndarray:
    """Return an array as Bokeh or the page's own script packs it."""
    if "kind" in one:
        return np.frombuffer(base64.b64decode(one["bytes"]), dtype=np.dtype(one["kind"]).newbyteorder("<"))
    raw = base64.b64decode(one["array"]["data"])
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw  # newer Bokehs compress
    return np.frombuffer(raw, dtype=np.dtype(one["dtype"]).newbyteorder({"little": "<", "big": ">"}[one["order"]]))


def lines(figure: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (name, column, attributes of the glyph) of each line of a figure."""
    found = []
    for renderer in figure["renderers"]:
        glyph = renderer["attributes"]["glyph"]
        if glyph["name"] == "Line":
            found.append((renderer["attributes"]["name"], glyph["attributes"]["y"]["field"], glyph["attributes"]))
    return found
