"""How the pictures of research look: the colours, the fonts and the quiet axes of the interactive charts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import matplotlib as mpl

from orebody.report.page import SVG_STYLE, image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["page_image", "styled"]

P = ParamSpec("P")
T = TypeVar("T")

_MEASURED = "'DejaVu Sans'"
_PAGE_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
"""The fonts of `templates/base.html.j2`; matplotlib measures with the one that it ships."""

_SOFT, _LINE = "#57606a", "#d0d7de"  # `orebody.report.color_scheme` turns them for the dark

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": _SOFT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": "#24292f",
    "figure.facecolor": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "savefig.facecolor": "none",
    "text.color": "#24292f",
    "xtick.color": _LINE,
    "xtick.labelcolor": _SOFT,
    "ytick.color": _LINE,
    "ytick.labelcolor": _SOFT,
}


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Have a function draw in this look, whatever the caller's matplotlib is set to."""

    @wraps(draw)
    def drawn(*given: P.args, **named: P.kwargs) -> T:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
            return draw(*given, **named)

    return drawn


def page_image(figure: Figure) -> str:
    """Return a figure as a data address, the same bytes each time, with the fonts of the page around it."""
    with mpl.rc_context(SVG_STYLE):  # type: ignore[arg-type]
        return image(figure, change=lambda svg: svg.replace(_MEASURED, _PAGE_FONT), bbox_inches="tight")
