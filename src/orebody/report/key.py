"""The key of a picture: each named series with its mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orebody.presentation import INK, LINE, SOFT, Picture, Series
from orebody.report.interactive.line_styles import PALETTE

__all__ = ["key"]

COLORS = {INK: "var(--ink)", SOFT: "var(--soft)", LINE: "var(--line)"}
PATHS = {
    "circle": "M9 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "diamond": "M13 0l5 5l-5 5l-5-5z",
    "triangle": "M13 0l6 10h-12z",
    "square": "M8.5 .5h9v9h-9z",
    "dash": "M12 0h2v10h-2z",
    "bar": "M6 0h14v10h-14z",
    "line": "M1 5h24",
    "rule": "M13 0v10",
}


def key(picture: Picture, colors: Mapping[str, str] = COLORS, palette: Sequence[str] = PALETTE) -> list[tuple[str, str, str]]:
    """Return (name, path, style) of each series with a name, once, as they stand in its charts.

    `colors` are those of `orebody.presentation.INK` and its like, `palette` those that have numbers.
    """
    found = {}
    for chart in picture.charts:
        for one in chart.series:
            if one.name and one.name not in found:
                found[one.name] = (one.name, *_mark(one, colors, palette))
    return list(found.values())


def _mark(one: Series, colors: Mapping[str, str], palette: Sequence[str]) -> tuple[str, str]:
    color = colors[one.color] if isinstance(one.color, str) else palette[one.color % len(palette)]
    if one.kind in ("line", "step", "hrule", "vrule"):
        dashes = ";stroke-dasharray:4 3" if one.dashed else ""
        return PATHS["rule" if one.kind == "vrule" else "line"], f"fill:none;stroke:{color};stroke-width:{one.width:g}{dashes}"
    if one.kind == "dots" and one.marker == "square":
        return PATHS["square"], f"fill:none;stroke:{color};stroke-width:2"
    return PATHS[one.marker if one.kind == "dots" else "bar"], f"fill:{color};opacity:{one.opacity:g}"
