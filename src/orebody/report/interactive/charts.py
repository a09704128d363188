"""The charts of a comparison as Bokeh figures on one shared axis of time.

Nothing in them is a script: the page's own picks runs, moves windows and paints for light and dark, and finds figures and lines by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from orebody.report.interactive.frames import NEUTRAL, Scale, Time, timed
from orebody.report.interactive.line_styles import INK, SOFT, Look

__all__ = ["Sources", "charts", "one_beside"]

METAL, MINERS, CASH = "#E69F00", "#0072B2", "#8b949e"
BOUGHT, SOLD = "#009E73", "#D55E00"

FAINT = 0.3
MONEY = "0,0.[00]a"
"""Ticks as 800k and 1.25m; tooltips have every digit."""
WHEN = ("on", "$snap_x{%F}")


@dataclass(frozen=True)
class Sources:
    """What the charts draw from: the columns of `series.columns`, and three tables that the page's script fills for the run picked."""

    runs: ColumnDataSource
    shade: ColumnDataSource
    stack: ColumnDataSource
    marks: ColumnDataSource

    @classmethod
    def of(cls, columns: dict[str, np.ndarray]) -> Sources:
        """Return the sources of the columns, nothing picked yet."""
        # until a run is picked the frame spans the dates from 0 to 1, since Bokeh warns of ranges without an end
        ends = {"date": columns["date"][[0, -1]], "cash1": np.array([0.0, 1.0])}
        stack = ends | {name: np.zeros(2) for name in ("metal0", "metal1", "miners0", "miners1", "cash0")}
        marks: dict[str, list[Any]] = {name: [] for name in ("date", "ratio", "marker", "color", "size", "what", "why")}
        put_in = columns["p0"][[0, -1]]
        shade = {"date": ends["date"], "put_in": put_in, "above": put_in, "below": put_in}
        return cls(ColumnDataSource(columns), ColumnDataSource(shade), ColumnDataSource(stack), ColumnDataSource(marks))


def charts(sources: Sources, looks: dict[str, Look], faint: Collection[str], ratio_name: str) -> dict[str, figure]:
    """Return the figures by name, which is also the first of their tags.

    Parameters
    ----------
    sources
        What they draw from.
    looks
        How each run is drawn, by label, in the order of the numbers of the columns.
    faint
        The labels that stand back at first.
    ratio_name
        What the ratio divides by what.

    Returns
    -------
    dict
        Of all runs ``equity`` (logarithmic), ``drawdown`` and, where a window is full, ``beta``; of the run
        picked ``value``, ``allocation``, ``ratio``.
    """
    time = Time.of(np.asarray(sources.runs.data["date"]))
    made = beside(sources.runs, looks, faint, time)
    made |= {
        "beta": _of_all(time, sources.runs, None, looks, faint, "beta", "b", 260, "0.0", "Beta", "0.00"),
        "value": _value(timed(time, "value", 300, MONEY), sources),
        "allocation": _allocation(timed(time, "allocation", 300, "0 %"), sources.stack),
        "ratio": _ratio(timed(time, "ratio", 320, "0.000"), sources, ratio_name),
    }
    if np.isnan([sources.runs.data[f"b{i}"] for i in range(len(looks))]).all():
        del made["beta"]
    return made


def beside(
    runs: ColumnDataSource,
    looks: dict[str, Look],
    faint: Collection[str] = (),
    time: Time | None = None,
    own: ColumnDataSource | None = None,
) -> dict[str, figure]:
    """Return the charts ``equity`` (logarithmic) and ``drawdown`` of runs beside each other; see `charts`.

    The last of them is drawn from `own` where that is given, a table that the page's script fills.
    """
    time = time or Time.of(np.asarray(runs.data["date"]))
    equity = _of_all(time, runs, own, looks, faint, "equity", "e", 400, MONEY, "Equity", "0,0.00", "log")
    # the page's script fits it to the window, since Bokeh's own range does not look at the window on a logarithmic axis
    money = np.concatenate([runs.data[f"e{i}"] for i in range(len(looks) - (own is not None))])
    some = money[money > 0] if (money > 0).any() else np.ones(1)
    equity.y_range = Range1d(start=float(some.min()) * 0.95, end=float(some.max()) * 1.05)
    equity.window_axis = "none"
    drawdown = _of_all(time, runs, own, looks, faint, "drawdown", "d", 260, "0 %", "Below the highest", "0.00 %")
    return {"equity": equity, "drawdown": drawdown}


def one_beside(columns: dict[str, np.ndarray], looks: dict[str, Look]) -> dict[str, figure]:
    """Return what `beside` does for the runs of the columns, and one more, the last of the looks, whose line is still to be filled."""
    last, nothing = len(looks) - 1, np.full(2, np.nan)
    own = {"date": columns["date"][[0, -1]], f"e{last}": nothing, f"d{last}": nothing}
    return beside(ColumnDataSource(columns), looks, own=ColumnDataSource(own))


def _of_all(
    time: Time,
    runs: ColumnDataSource,
    own: ColumnDataSource | None,
    looks: dict[str, Look],
    faint: Collection[str],
    name: str,
    column: str,
    height: int,
    ticks: str,
    label: str,
    exact: str,
    scale: Scale = "linear",
) -> figure:
    made = timed(time, name, height, ticks, scale)
    for i, (run, look) in enumerate(looks.items()):
        source = own if own is not None and i == len(looks) - 1 else runs
        line = _line(made, source, f"{column}{i}", run, look)
        if run in faint:
            line.level, line.glyph.line_alpha, line.glyph.line_width = "underlay", FAINT, 1
    made.add_tools(
        HoverTool(
            tooltips=[("", "$name"), WHEN, (label, f"$snap_y{{{exact}}}")],
            formatters={"$snap_x": "datetime"},
            mode="mouse",
            line_policy="nearest",
            visible=False,
        )
    )
    return made


def _line(made: figure, source: ColumnDataSource, column: str, name: str, look: Look) -> Any:
    color = NEUTRAL if look.color in (INK, SOFT) else look.color
    line = made.line(
        "date",
        column,
        source=source,
        name=name,
        line_color=color,
        line_dash=list(look.dash),
        line_width=look.width,
        line_join="round",
    )
    line.tags = [look.color]
    return line


def _value(made: figure, sources: Sources) -> figure:
    """Draw the value of the run picked and the money put in, the shade between them in one colour for profit and another for loss."""
    runs = sources.runs
    made.varea("date", "put_in", "above", source=sources.shade, name="profit", fill_color=BOUGHT, fill_alpha=0.16, level="underlay")
    made.varea("date", "below", "put_in", source=sources.shade, name="loss", fill_color=SOLD, fill_alpha=0.22, level="underlay")
    _line(made, runs, "e0", "value", Look(MINERS, (), 2.0))
    put_in = made.step("date", "p0", source=runs, name="money put in", mode="after", line_color=NEUTRAL, line_width=1.8, line_dash=[5, 3])
    put_in.tags = [SOFT]
    made.add_tools(
        HoverTool(
            tooltips=[("", "$name"), WHEN, ("Money", "$snap_y{0,0.00}")],
            formatters={"$snap_x": "datetime"},
            mode="mouse",
            visible=False,
        )
    )
    return made


def _allocation(made: figure, stack: ColumnDataSource) -> figure:
    """Draw the shares of equity, stacked from 0; shorts and debt below it."""
    for name, color in (("metal", METAL), ("miners", MINERS), ("cash", CASH)):
        alpha = 0.35 if name == "cash" else 0.8
        made.varea("date", f"{name}0", f"{name}1", source=stack, name=name, fill_color=color, fill_alpha=alpha)
    return made


def _ratio(made: figure, sources: Sources, name: str) -> figure:
    """Draw miners / metal, and on it the fills of the run picked."""
    _line(made, sources.runs, "ratio", name, Look(SOFT, (), 1.4))
    marks = made.scatter(
        "date",
        "ratio",
        source=sources.marks,
        name="fills",
        marker="marker",
        size="size",
        fill_color="color",
        line_color="color",
        fill_alpha=0.75,
    )
    made.add_tools(HoverTool(renderers=[marks], tooltips=[("", "@what"), ("why", "@why")], mode="mouse", visible=False))
    return made
