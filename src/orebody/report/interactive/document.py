"""Bokeh in a page: its JavaScript out of the installed package, and the charts as JSON that is the same for the same charts."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import bokeh
import numpy as np
from bokeh.document import Document
from bokeh.model import Model

__all__ = ["embedded", "inert", "javascript", "json_text", "own_script", "packed"]


@cache
def javascript() -> str:
    """Return BokehJS of the installed package, minified, without the widgets, tables and formulas that no chart here uses.

    Its ending tags, were there any, would end the script element: they are refused rather than shipped broken.
    """
    text = (Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js").read_text(encoding="utf-8")
    if "</script" in text.lower():
        raise AssertionError("bokeh.min.js holds an ending script tag and cannot stand in a page")
    return text


@cache
def own_script(name: str) -> str:
    """Return a script of this package, as ``page.js``."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def embedded(roots: dict[str, Model], letter: str = "m") -> dict[str, Any]:
    """Return the figures as what the page's script hands to ``Bokeh.embed.embed_items``.

    Parameters
    ----------
    roots
        Figures by the id of the element that takes them.
    letter
        With which ids begin; no two documents of a page have the same.

    Returns
    -------
    dict
        ``docs``: the document, ids numbered in order of appearance (Bokeh counts on from one page to the next, which would change
        the bytes); ``items``: which root goes where.
    """
    document = Document()
    for root in roots.values():
        document.add_root(root)
    numbers: dict[str, str] = {}
    content = _renumbered(document.to_json(deferred=False), numbers, letter)
    content["title"] = ""
    places = {numbers[root.id]: element for element, root in roots.items()}
    return {"docs": {"charts": content}, "items": [{"docid": "charts", "roots": places, "root_ids": list(places)}]}


def _renumbered(value: Any, numbers: dict[str, str], letter: str) -> Any:
    """Return Bokeh's JSON with every model's id replaced; data never has the key ``id``, since Bokeh writes maps as lists of pairs."""
    if isinstance(value, dict):
        return {
            key: numbers.setdefault(one, f"{letter}{len(numbers)}")
            if key == "id" and isinstance(one, str)
            else _renumbered(one, numbers, letter)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_renumbered(one, numbers, letter) for one in value]
    return value


def inert(text: str) -> str:
    """Return a text in which Bokeh sees no formula: it looks for ``$$``, ``\\[`` and ``\\(``, and then for MathJax on the network."""
    for mark in ("$$", "\\[", "\\("):
        text = text.replace(mark, f"{mark[0]}\u200b{mark[1]}")
    return text


def json_text(value: Any) -> str:
    """Return JSON that may stand in a script element: no tag or comment in it can begin, whatever names say."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def packed(values: np.ndarray) -> dict[str, Any]:
    """Return an array as the scripts unpack it: its kind, and its bytes, little end first, in base64."""
    little = values.astype(values.dtype.newbyteorder("<"))
    return {"kind": values.dtype.name, "bytes": base64.b64encode(little.tobytes()).decode("ascii")}
