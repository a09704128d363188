"""Pictures that are light in a light page and dark in a dark one: an SVG whose neutral colours are variables of its own."""

from __future__ import annotations

import re

__all__ = ["light_and_dark"]

_PAPER, _INK, _SOFT, _LINE = "#0d1117", "#e6edf3", "#9da7b3", "#3d444d"  # as `templates/base.html.j2` has them

DARK = {
    "#ffffff": _PAPER,
    **dict.fromkeys(("#000000", "#24292f", "#333333"), _INK),
    **dict.fromkeys(("#57606a", "#666666"), _SOFT),
    **dict.fromkeys(("#b0b0b0", "#cccccc", "#d0d7de", "#dddddd"), _LINE),
}
"""What paper, ink and lines become in the dark. Greys between them and all hues can be seen on both, and stay."""

_TAG = re.compile(r"<[^>]*>")
_NEUTRAL = re.compile(rf"\b(fill|stroke): ({'|'.join(DARK)})\b")


def light_and_dark(svg: str) -> str:
    """Return a picture of matplotlib's that follows the colour scheme of the page around it, and is light on paper.

    Where a browser does not tell pictures of the scheme it is light as before: its paper is a part of it.
    """
    light = "".join(f"--{one[1:]}:{one};" for one in DARK)
    dark = "".join(f"--{one[1:]}:{other};" for one, other in DARK.items())
    # matplotlib leaves out the fill of what is black
    style = f":root{{{light}fill:var(--000000)}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    drawn = _TAG.sub(lambda tag: _NEUTRAL.sub(lambda found: f"{found[1]}: var(--{found[2][1:]})", tag[0]), svg)
    return drawn.replace("</style>", f"{style}</style>", 1)
