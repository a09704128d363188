"""Pictures that do not move, drawn by matplotlib: for notebooks, and for whoever asks for a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator, PercentFormatter, StrMethodFormatter

from orebody.presentation import Axis, Chart, Picture, Series
from orebody.report.interactive.line_styles import PALETTE

__all__ = ["draw", "figure", "thinned"]

COLORS = {"ink": "#24292f", "soft": "#57606a", "line": "#8b949e"}
MARKERS = {"circle": "o", "diamond": "D", "triangle": "^", "square": "s", "dash": "|"}
CELLS = 64  # along each side of a table of cells
MOST = 400  # values of a line


def figure(picture: Picture) -> Figure:
    """Return a picture as a figure of matplotlib, whatever the caller's matplotlib is set to."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"font.size": 9.5, "axes.spines.top": False, "axes.spines.right": False})
        return draw(picture, 11.0, COLORS)


def draw(picture: Picture, width: float, colors: Mapping[str, str], palette: Sequence[str] = PALETTE) -> Figure:
    """Return a picture so many inches wide, in matplotlib's settings of the moment.

    Parameters
    ----------
    picture
        What to draw.
    width
        In inches.
    colors
        Those of `orebody.presentation.INK` and its like.
    palette
        The colors that have numbers.
    """
    tall = max(chart.tall for chart in picture.charts)
    made = Figure(figsize=(width, min(8.0, width * (0.08 + tall / 900))))
    several = len(picture.charts) > 1
    for axes, chart in zip(made.subplots(1, len(picture.charts), sharey=several, squeeze=False)[0], picture.charts, strict=True):
        _axis(axes, "x", chart.x)
        _axis(axes, "y", chart.y)
        for one in chart.series:
            _MARKS[one.kind](axes, chart, one, _color(one, colors, palette))
        if several:
            axes.set_title(chart.title, fontsize="small", parse_math=False)
            axes.tick_params(axis="x", labelrotation=45)
    if picture.note:
        made.axes[0].set_title(picture.note, fontsize=9, parse_math=False)
    return made


def _color(one: Series, colors: Mapping[str, str], palette: Sequence[str]) -> str:
    return colors[one.color] if isinstance(one.color, str) else palette[one.color % len(palette)]


def _axis(axes: Axes, side: str, axis: Axis) -> None:
    drawn = axes.xaxis if side == "x" else axes.yaxis
    label = axes.set_xlabel if side == "x" else axes.set_ylabel
    if axis.label:
        label(axis.label, parse_math=False)
    if axis.unit in ("names", "rows"):
        step = max(1, -(-len(axis.names) // (15 if axis.unit == "names" else 40)))
        words = [name if len(name) <= 30 else f"{name[:29]}…" for name in axis.names]
        drawn.set_ticks(range(0, len(words), step), words[::step], parse_math=False)
        limits = (-0.5, len(axis.names) - 0.5)
        (axes.set_xlim if side == "x" else axes.set_ylim)(*(reversed(limits) if axis.unit == "rows" else limits))
        return
    if axis.logarithmic:
        (axes.set_xscale if side == "x" else axes.set_yscale)("log")
        drawn.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        drawn.set_minor_locator(NullLocator())
        drawn.set_minor_formatter(NullFormatter())
    if axis.unit == "percent":
        drawn.set_major_formatter(PercentFormatter(1.0, decimals=None))
    elif axis.unit == "money":
        drawn.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    elif axis.unit == "multiple":
        drawn.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} x"))
    axes.grid(axis="x" if side == "x" else "y", color="#808080", alpha=0.3, linewidth=0.5)


def thinned(values: np.ndarray, most: int) -> np.ndarray:
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


def _line(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    if one.kind == "step":
        axes.step(one.x, one.y, where="post", color=color, linewidth=one.width)
        return
    y = np.asarray(one.y, dtype=float)
    at = thinned(y, MOST)
    x, y = np.asarray(one.x)[at], y[at]
    axes.plot(x, y, color=color, linewidth=0.8 * one.width, linestyle="--" if one.dashed else "-", marker="o" if len(x) == 1 else None)


def _area(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    axes.fill_between(one.x, np.asarray(one.low), np.asarray(one.high), color=color, alpha=one.opacity, linewidth=0)


def _dots(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    fill = "none" if one.marker == "square" else color
    axes.plot(
        one.x,
        one.y,
        MARKERS[one.marker],
        color=color,
        markerfacecolor=fill,
        alpha=one.opacity,
        markersize=0.75 * one.width,
        markeredgewidth=2 if one.marker in ("square", "dash") else 0.5,
    )


def _hbar(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    low, high = np.asarray(one.low, dtype=float), np.asarray(one.high, dtype=float)
    axes.barh(one.y, high - low, left=low, height=one.width, color=color, alpha=one.opacity)


def _vbar(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    low, high = np.asarray(one.low, dtype=float), np.asarray(one.high, dtype=float)
    axes.bar(one.x, high - low, bottom=low, width=one.width, color=color, alpha=one.opacity)


def _vrule(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    for at in one.x:
        axes.axvline(at, color=color, linewidth=0.8 * one.width, linestyle="--" if one.dashed else "-")


def _hrule(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    for at in one.y:
        axes.axhline(at, color=color, linewidth=0.8 * one.width, linestyle="--" if one.dashed else "-")


def _cells(axes: Axes, chart: Chart, one: Series, color: str) -> None:
    """Draw a table of cells; beyond `CELLS` along a side neighbours are averaged."""
    table = np.full((len(chart.y.names), len(chart.x.names)), np.nan)
    table[np.asarray(one.y, dtype=int), np.asarray(one.x, dtype=int)] = one.value
    down, right = (-(-size // CELLS) for size in table.shape)
    shown = np.ma.masked_invalid(_coarse(table, down, right))
    ends = (-0.5, shown.shape[1] * right - 0.5, -0.5, shown.shape[0] * down - 0.5)
    # viridis is told apart by colour-blind readers and in grey
    cells = axes.imshow(shown, aspect="auto", origin="lower", cmap="viridis", interpolation="none", extent=ends)
    axes.grid(visible=False)
    assert axes.figure is not None
    axes.figure.colorbar(cells, ax=axes).set_label(chart.scale, parse_math=False)


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


_MARKS: dict[str, Callable[[Axes, Chart, Series, str], None]] = {
    "line": _line,
    "step": _line,
    "area": _area,
    "dots": _dots,
    "hbar": _hbar,
    "vbar": _vbar,
    "vrule": _vrule,
    "hrule": _hrule,
    "cells": _cells,
}
