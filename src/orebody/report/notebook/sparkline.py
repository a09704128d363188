"""Small pictures for a notebook: SVG that takes the notebook's text colour, the same bytes for the same figures."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, StrMethodFormatter

from orebody.presentation import Picture
from orebody.report.notebook.card import Stroke
from orebody.report.still import draw, thinned

__all__ = ["COLORS", "INK", "Line", "lines", "still"]

INK = "currentColor"
"""The colour of the text around the picture, light on dark and dark on light."""

COLORS = ("#0072B2", "#D55E00", "#009E73", "#B8609B", "#A87000")
"""Okabe and Ito's hues, told apart by colour-blind readers, those kept or darkened that stand out from white and from black."""

POINTS = 3_600  # of all lines of a picture together: what keeps it small
_INK = "#010203"  # stands for the text's colour while matplotlib draws
_STYLE = {
    "svg.hashsalt": "orebody",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.0,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": "#808080",
    "grid.alpha": 0.3,
    "grid.linewidth": 0.5,
}

Line = tuple[np.ndarray, Stroke]


@contextmanager
def _our_settings() -> Iterator[None]:
    """Draw with matplotlib's own settings and ours, whatever the notebook has set; give back what it had."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser's fonts draw the text, not matplotlib's
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield


def lines(dates: pd.DatetimeIndex, drawn: Sequence[Line], *, about: str) -> str:
    """Return lines over time as SVG; the first is drawn last, on top.

    Of many bars the lowest and the highest of each short span are drawn. The axis is logarithmic where all values are positive and they
    span more than a factor of 10.

    Parameters
    ----------
    dates
        Length T.
    drawn
        Values of shape ``(T,)``, NaN for a gap, and how to draw them.
    about
        What a screen reader says.
    """
    with _our_settings():
        figure = Figure(figsize=(6.4, 2.4))
        axes = figure.subplots()
        for values, stroke in reversed(drawn):
            at = thinned(values, min(400, max(8, POINTS // max(1, len(drawn)))))
            marker = "o" if len(at) == 1 else None
            (line,) = axes.plot(dates[at], values[at], color=_ink(stroke), linewidth=stroke.width, marker=marker, markersize=4)
            if stroke.dashes:
                line.set_dashes(stroke.dashes)
        known = [values[np.isfinite(values)] for values, _ in drawn]
        _scaled(axes, np.concatenate(known) if known else np.empty(0))
        return _svg(figure, about)


def still(picture: Picture) -> str:
    """Return a picture of research as SVG."""
    with _our_settings():
        return _svg(draw(picture, 6.4, {"ink": _INK, "soft": "#808080", "line": "#808080"}, COLORS), picture.alternative)


def _scaled(axes: Axes, known: np.ndarray) -> None:
    axes.grid(True)
    if len(known) and known.min() > 0 and known.max() > 10 * known.min():
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if known.max() < 200 * known.min() else (1.0,), numticks=12))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_formatter(NullFormatter())
    most = float(np.abs(known).max()) if len(known) else 1.0
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" if most >= 100 else "{x:,.4g}"))


def _ink(stroke: Stroke) -> str:
    return _INK if stroke.color == INK else stroke.color


def _svg(figure: Figure, about: str) -> str:
    """Return the figure as SVG that can stand within a page: no prologue, no style for the whole page, no names but those referred to."""
    stream = io.StringIO()
    figure.savefig(
        stream, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<style.*?</style>\s*", "", text, flags=re.DOTALL)
    referred = set(re.findall(r"#([\w.-]+)", text))
    text = re.sub(r' id="([\w.-]+)"', lambda found: found.group(0) if found.group(1) in referred else "", text)
    text = text.replace(_INK, INK)
    head = f'<svg role="img" aria-label="{escape(about)}" style="width:100%;max-width:640px;height:auto;stroke-linejoin:round"'
    opening, rest = text.split(">", 1)
    opening = re.sub(r'\s(width|height)="[^"]*"', "", opening.removeprefix("<svg"))
    return f"{head}{opening}>" + re.sub(r"\n\s*", "\n", rest).strip()
