"""The pictures of research as Bokeh figures, in the look of the charts of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bokeh.model import Model
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
    NoOverlap,
    NumeralTickFormatter,
    PrintfTickFormatter,
    Range1d,
)
from bokeh.models.annotations import ColorBar, Label, Span
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from orebody.presentation import INK, Axis, Chart, Picture, Section, Series
from orebody.report.interactive import document
from orebody.report.interactive.frames import NEUTRAL, Scale, Time, bare, timed
from orebody.report.interactive.line_styles import PALETTE

__all__ = ["pictures", "place"]

TICKS = {"number": "0.[000]", "percent": "0.[0] %", "money": "0,0.[00]a"}
EXACT = {"number": "0.000", "percent": "0.00 %", "money": "0,0.00", "multiple": "0.00"}
DASHES = {True: [6, 4], False: []}


def place(section: int, picture: int, chart: int) -> str:
    """Return the id of the element of a page that takes a chart."""
    return f"picture-{section}-{picture}-{chart}"


def pictures(sections: Sequence[Section]) -> str:
    """Return the charts of sections as a JSON text, each for the element that `place` names; empty if there are none."""
    made, shared = dict[str, Model](), _Shared()
    for i, section in enumerate(sections, start=1):
        for j, picture in enumerate(section.pictures, start=1):
            for k, one in enumerate(_drawn(picture, shared), start=1):
                made[place(i, j, k)] = one
    return document.json_text(document.embedded(made, "p")) if made else ""


@dataclass
class _Shared:
    """Columns of lines by their x, which lines on the same dates share; a page then has each array once."""

    sources: dict[int, tuple[Any, ColumnDataSource]] = field(default_factory=dict)

    def column(self, x: Any, **columns: Any) -> tuple[ColumnDataSource, dict[str, str]]:
        """Return the source of this x with columns added, and what they are called in it."""
        _, source = self.sources.setdefault(id(x), (x, ColumnDataSource({"x": _numbers(x)})))
        names = {}
        for name, values in columns.items():
            names[name] = f"{name}{len(source.data)}"
            source.data[names[name]] = np.asarray(values, dtype=np.float64)
        return source, names


def _drawn(picture: Picture, shared: _Shared) -> Iterator[figure]:
    several = len(picture.charts) > 1
    level = _bounds(picture.charts, "y") if several and picture.charts[0].y.unit not in ("names", "rows") else None
    for chart in picture.charts:
        yield _chart(chart, shared, level, tools=not several)


def _chart(chart: Chart, shared: _Shared, level: tuple[float, float] | None, *, tools: bool) -> figure:
    """Return one chart; `level` is the range of its vertical axis where others share it."""
    scales: list[Scale] = ["log" if axis.logarithmic else "linear" for axis in (chart.x, chart.y)]
    if chart.x.unit == "date":
        made = timed(Time.of(_dates(chart)), "chart", chart.tall, "0", scales[1])
    else:
        made = bare("chart", chart.tall, x_axis_type=scales[0], y_axis_type=scales[1])
        _scaled(made, "x", chart.x, _bounds([chart], "x") if chart.x.logarithmic else None)
    if not tools:
        made.toolbar_location = None
        made.min_border_left, made.min_border_right = 48, 12
    _scaled(made, "y", chart.y, (level or _bounds([chart], "y")) if chart.y.logarithmic or level else None)
    for series in chart.series:
        _mark(made, chart, series, shared)
    if not made.renderers:  # Bokeh warns of a chart of nothing
        made.scatter([math.nan], [math.nan])
    return made


def _dates(chart: Chart) -> np.ndarray:
    ends = [_numbers(one.x)[[0, -1]] for one in chart.series if one.kind != "vrule" and len(one.x)]
    return np.array([min(end[0] for end in ends), max(end[1] for end in ends)])


def _numbers(values: Any) -> np.ndarray:
    """Return numbers, dates as milliseconds since 1970."""
    found = np.asarray(values)
    if found.dtype.kind == "M":
        found = found.astype("datetime64[ms]").astype(np.int64)
    return found.astype(np.float64)


def _bounds(charts: Iterable[Chart], side: str) -> tuple[float, float]:
    """Return the range of all that is drawn along an axis, with room at the ends."""
    logarithmic, found = False, [np.empty(0)]
    for chart in charts:
        logarithmic = (chart.y if side == "y" else chart.x).logarithmic
        for one in chart.series:
            spans = (one.kind in ("area", "vbar")) if side == "y" else one.kind == "hbar"
            found += [np.asarray(values, dtype=float) for values in ((one.low, one.high) if spans else (_numbers(getattr(one, side)),))]
    values = np.concatenate(found)
    values = values[np.isfinite(values) & (values > 0 if logarithmic else True)]
    if not len(values):
        return (1.0, 10.0) if logarithmic else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if logarithmic:
        room = max((high / low) ** 0.05, 1.02)
        return low / room, high * room
    room = 0.05 * (high - low or abs(high) or 1.0)
    return low - room, high + room


def _scaled(made: figure, side: str, axis: Axis, bounds: tuple[float, float] | None) -> None:
    """Give an axis its range, ticks and words."""
    (drawn,) = made.xaxis if side == "x" else made.yaxis
    drawn.axis_label = document.inert(axis.label) or None
    if axis.unit == "rows":
        _rows(made, axis)
        return
    if axis.unit == "names":
        setattr(made, f"{side}_range", Range1d(start=-0.5, end=len(axis.names) - 0.5))
        step = max(1, -(-len(axis.names) // 15))
        drawn.ticker = FixedTicker(ticks=list(range(0, len(axis.names), step)))
        drawn.major_label_overrides = {i: document.inert(axis.names[i]) for i in range(0, len(axis.names), step)}
        drawn.major_label_policy = NoOverlap()
        made.grid.visible = False
        return
    drawn.formatter = PrintfTickFormatter(format="%g x") if axis.unit == "multiple" else NumeralTickFormatter(format=TICKS[axis.unit])
    if bounds is not None:
        setattr(made, f"{side}_range", Range1d(start=bounds[0], end=bounds[1]))
        if axis.logarithmic:
            drawn.ticker = _log_ticks(*bounds)
    if side == "x":
        drawn.minor_tick_line_color = None


def _log_ticks(low: float, high: float) -> FixedTicker | BasicTicker:
    """Return few ticks over many decades, more over few, and even ones where the axis is nearly linear."""
    decades = math.log10(high / low)
    steps = (1,) if decades > 3.2 else (1, 2, 5) if decades > 1 else (1, 1.5, 2, 3, 5, 7) if decades > 0.5 else ()
    if not steps:
        return BasicTicker(desired_num_ticks=5)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return FixedTicker(ticks=[step * 10.0**power for power in powers for step in steps], minor_ticks=[])


def _rows(made: figure, axis: Axis) -> None:
    """Write the names of rows above them, in the frame: beside it they would leave a phone no room for the chart."""
    made.y_range = Range1d(start=len(axis.names) - 0.3, end=-0.75)
    made.yaxis.visible = made.ygrid.visible = False
    made.min_border_left = 12
    for at, name in enumerate(axis.names):
        text = name if len(name) <= 44 else f"{name[:43]}…"
        made.add_layout(
            Label(
                x=2,
                y=at - 0.3,
                x_units="screen",
                text=document.inert(text),
                text_color=NEUTRAL,
                text_font_size="12px",
                text_baseline="bottom",
                text_line_height=1.0,
                tags=[INK],
            )
        )


def _mark(made: figure, chart: Chart, one: Series, shared: _Shared) -> None:
    if one.kind in ("vrule", "hrule"):
        _rule(made, one)
    elif one.kind in ("line", "step", "area"):
        _over(made, chart, one, shared)
    elif one.kind == "cells":
        _cells(made, chart, one)
    else:
        _single(made, one)


def _look(one: Series) -> tuple[str, list[str]]:
    """Return a color, and the tags by which the page's script paints it for light and dark."""
    if isinstance(one.color, str):
        return NEUTRAL, [one.color]
    return PALETTE[one.color % len(PALETTE)], []


def _rule(made: figure, one: Series) -> None:
    color, tags = _look(one)
    down = one.kind == "vrule"
    for at in _numbers(one.x if down else one.y):
        made.add_layout(
            Span(
                location=float(at),
                dimension="height" if down else "width",
                line_color=color,
                line_width=one.width,
                line_dash=DASHES[one.dashed],
                tags=tags,
            )
        )


def _over(made: figure, chart: Chart, one: Series, shared: _Shared) -> None:
    """Draw a line, a step or an area over the axis."""
    color, tags = _look(one)
    name = document.inert(one.name)
    if one.kind == "area":
        source, names = shared.column(one.x, low=one.low, high=one.high)
        made.varea("x", names["low"], names["high"], source=source, name=name, fill_color=color, fill_alpha=one.opacity).tags = [
            *tags,
            "fill",
        ]
        return
    source, names = shared.column(one.x, y=one.y)
    options: dict[str, Any] = {
        "source": source,
        "name": name,
        "line_color": color,
        "line_width": one.width,
        "line_dash": DASHES[one.dashed],
        "line_alpha": one.opacity,
    }
    drawn = made.step("x", names["y"], mode="after", **options) if one.kind == "step" else made.line("x", names["y"], **options)
    drawn.tags = tags
    when = ("on", "$snap_x{%F}") if chart.x.unit == "date" else (document.inert(chart.x.label), "$snap_x{0.[00]}")
    label = document.inert(chart.y.label or chart.title or "Value")
    # a step chart has the names of its values on the axis
    value = f"$snap_y{{{EXACT.get(chart.y.unit, '0')}}}" if chart.y.unit != "names" else ""
    told = [("", "$name"), when, *([(label, value)] if value else [])]
    made.add_tools(
        HoverTool(
            renderers=[drawn],
            tooltips=told,
            formatters={"$snap_x": "datetime"} if chart.x.unit == "date" else {},
            mode="mouse",
            line_policy="nearest",
            visible=False,
        )
    )


def _cells(made: figure, chart: Chart, one: Series) -> None:
    values = np.asarray(one.value, dtype=float)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    # viridis is told apart by colour-blind readers and in grey
    mapper = LinearColorMapper(palette=Viridis256, low=low, high=high if high > low else low + 1.0, nan_color="rgba(0, 0, 0, 0)")
    data = {"x": _numbers(one.x), "y": _numbers(one.y), "value": values, "text": list(one.texts)}
    cells = made.rect(
        "x", "y", 1.0, 1.0, source=ColumnDataSource(data), fill_color={"field": "value", "transform": mapper}, line_color=None
    )
    made.add_tools(HoverTool(renderers=[cells], tooltips=[("", "@text")], mode="mouse", visible=False))
    bar = ColorBar(
        color_mapper=mapper,
        title=document.inert(chart.scale),
        title_text_font_style="normal",
        title_text_font_size="12px",
        title_text_color=NEUTRAL,
        title_standoff=4,
        major_label_text_color=NEUTRAL,
        major_label_text_font_size="12px",
        major_tick_line_color=None,
        bar_line_color=None,
        background_fill_color=None,
        height=10,
        padding=4,
        formatter=PrintfTickFormatter(format="%.4g"),
        ticker=BasicTicker(desired_num_ticks=4),
    )
    made.add_layout(bar, "below")


def _single(made: figure, one: Series) -> None:
    """Draw dots or bars, each of which says its own words."""
    color, tags = _look(one)
    columns = {"x": one.x, "y": one.y, "low": one.low, "high": one.high}
    count = max(len(values) for values in columns.values())
    data: dict[str, Any] = {name: _numbers(values) for name, values in columns.items() if len(values)}
    if len(one.texts):
        data["text"] = list(one.texts)
    source = ColumnDataSource(data)
    name = document.inert(one.name)
    made_of: Any
    if one.kind == "hbar":
        made_of = made.hbar(
            "y", one.width, "high", "low", source=source, name=name, fill_color=color, fill_alpha=one.opacity, line_color=None
        )
    elif one.kind == "vbar":
        made_of = made.vbar(
            "x", one.width, "high", "low", source=source, name=name, fill_color=color, fill_alpha=one.opacity, line_color=None
        )
    else:
        hollow = one.marker == "square"
        made_of = made.scatter(
            "x",
            "y",
            source=source,
            name=name,
            marker=one.marker,
            size=one.width,
            angle=math.pi / 2 if one.marker == "dash" else 0.0,
            fill_color=None if hollow else color,
            fill_alpha=one.opacity,
            line_color=color,
            line_width=2.2 if hollow or one.marker == "dash" else 1,
            line_alpha=one.opacity,
        )
    made_of.tags = [*tags, *(["fill"] if one.kind != "dots" else [] if one.marker in ("square", "dash") else ["fill", "stroke"])]
    if len(one.texts):
        assert len(one.texts) == count
        tooltips = [("", "$name"), ("", "@text")] if one.name else [("", "@text")]
        made.add_tools(HoverTool(renderers=[made_of], tooltips=tooltips, mode="mouse", visible=False))
