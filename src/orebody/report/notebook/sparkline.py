"""Small pictures for a notebook: SVG that takes the notebook's text colour, the same bytes for the same figures."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, StrMethodFormatter

from orebody.report.notebook.card import Stroke

__all__ = ["INK", "Line", "curve", "lines", "surface"]

INK = "currentColor"
"""The colour of the text around the picture, light on dark and dark on light."""

POINTS = 3_600  # of all lines of a picture together: what keeps it small
CELLS = 64  # along each side of a surface
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
            at = _thinned(values, min(400, max(8, POINTS // max(1, len(drawn)))))
            marker = "o" if len(at) == 1 else None
            (line,) = axes.plot(dates[at], values[at], color=_ink(stroke), linewidth=stroke.width, marker=marker, markersize=4)
            if stroke.dashes:
                line.set_dashes(stroke.dashes)
        known = [values[np.isfinite(values)] for values, _ in drawn]
        _scaled(axes, np.concatenate(known) if known else np.empty(0))
        return _svg(figure, about)


def curve(places: Sequence[float], values: np.ndarray, *, across: str, up: str, about: str) -> str:
    """Return one line over numbers as SVG, such as a metric over a parameter."""
    with _our_settings():
        figure = Figure(figsize=(6.4, 2.0))
        axes = figure.subplots()
        at = _thinned(values, POINTS)
        axes.plot(np.asarray(places, dtype=float)[at], values[at], color="#0072B2", marker="o" if len(at) <= 60 else None, markersize=3)
        axes.set_xlabel(across, parse_math=False)
        axes.set_ylabel(up, parse_math=False)
        axes.grid(True)
        return _svg(figure, about)


def surface(
    table: np.ndarray, rows: Sequence[str], columns: Sequence[str], best: tuple[int, int], labels: tuple[str, str, str], about: str
) -> str:
    """Return a table of numbers as a picture in SVG, dark for low and light for high, NaN left out, the best cell framed.

    Parameters
    ----------
    table
        Shape ``(R, C)``. Beyond `CELLS` along a side, neighbours are averaged.
    rows, columns
        What the values along the sides are called.
    best
        Row and column of the best cell.
    labels
        Of the columns, the rows and the values.
    """
    down, right = (-(-size // CELLS) for size in table.shape)
    with _our_settings():
        figure = Figure(figsize=(6.4, 2.6))
        axes = figure.subplots()
        coarse = np.ma.masked_invalid(_coarse(table, down, right))
        # viridis is told apart by colour-blind readers and in grey
        picture = axes.imshow(coarse, aspect="auto", origin="lower", cmap="viridis", interpolation="none")
        bar = figure.colorbar(picture, ax=axes)
        bar.set_label(labels[2], parse_math=False)
        for axis, names, step in ((axes.xaxis, columns, right), (axes.yaxis, rows, down)):
            shown = list(names)[::step]
            apart = max(1, -(-len(shown) // 8))
            axis.set_ticks(range(0, len(shown), apart), [name[:14] for name in shown[::apart]], parse_math=False)
        axes.set_xlabel(labels[0], parse_math=False)
        axes.set_ylabel(labels[1], parse_math=False)
        axes.plot(best[1] // right, best[0] // down, marker="s", fillstyle="none", color="#D55E00", markersize=9, markeredgewidth=2)
        return _svg(figure, about)


def _coarse(table: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the means of blocks of `down` by `right` cells, NaN left out of them."""
    tall, wide = (-(-size // step) * step for size, step in zip(table.shape, (down, right), strict=True))
    padded = np.full((tall, wide), np.nan)
    padded[: table.shape[0], : table.shape[1]] = table
    blocks = padded.reshape(tall // down, down, wide // right, right)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    sums = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    means: np.ndarray = np.divide(sums, count, out=np.full(sums.shape, np.nan), where=count > 0)
    return means


def _thinned(values: np.ndarray, most: int) -> np.ndarray:
    """Return the places of at most `most` values that look like all of them: of each span its lowest and highest, and both ends."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    spans = max(1, (most - 2) // 2)
    edges = np.linspace(0, count, spans + 1).astype(int)
    kept = {0, count - 1}
    for begin, end in pairwise(edges):
        part = values[begin:end]
        if not np.isnan(part).all():
            kept |= {begin + int(np.nanargmin(part)), begin + int(np.nanargmax(part))}
        else:
            kept.add(int(begin))  # the gap stays a gap
    return np.array(sorted(kept))


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
