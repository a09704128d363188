"""The frames of all charts: quiet axes that follow the page, the tools above, and the axis of time that charts share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from bokeh.models import (
    BoxZoomTool,
    CrosshairTool,
    DataRange1d,
    DatetimeTickFormatter,
    NumeralTickFormatter,
    Range1d,
    ResetTool,
    SaveTool,
)
from bokeh.models.annotations import Span
from bokeh.plotting import figure

__all__ = ["NEUTRAL", "Scale", "Time", "bare", "timed"]

NEUTRAL = "#768390"
"""Stands for the colours that follow the page until its script has painted them."""
DAY = "%d %b %y"
Scale = Literal["linear", "log"]


@dataclass(frozen=True)
class Time:
    """The axis of time that charts share: the window of dates, and the line under the pointer."""

    window: Range1d
    cursor: Span

    @classmethod
    def of(cls, date: np.ndarray) -> Time:
        """Return the axis of dates in milliseconds, of which the first and the last count."""
        edge = max(float(date[-1] - date[0]) * 0.01, 86_400e3)
        bounds = (float(date[0]) - edge, float(date[-1]) + edge)
        cursor = Span(dimension="height", line_dash="solid", line_width=1, line_color=NEUTRAL)
        return cls(Range1d(start=bounds[0], end=bounds[1], bounds=bounds), cursor)


def bare(name: str, height: int, zoom: Literal["width", "both"] = "both", **options: Any) -> figure:
    """Return a figure without series; its name is the first of its tags. `options` go to Bokeh's `figure`."""
    made = figure(tags=[name], height=height, sizing_mode="stretch_width", toolbar_location="above", tools=[], **options)
    box = BoxZoomTool(dimensions=zoom)
    made.add_tools(box, ResetTool(), SaveTool(filename=name))
    made.toolbar.logo = None
    made.toolbar.active_drag = box
    made.background_fill_color = made.border_fill_color = made.outline_line_color = None
    made.min_border_left, made.min_border_right = 62, 32  # room for the names of the last ticks
    for axis in (made.xaxis, made.yaxis):
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = NEUTRAL
        axis.major_label_text_color = axis.axis_label_text_color = NEUTRAL
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "12px"
        axis.axis_label_text_font_style = "normal"
    made.yaxis.minor_tick_line_color = None
    made.grid.grid_line_color, made.grid.grid_line_alpha = NEUTRAL, 0.22
    return made


def timed(time: Time, name: str, height: int, ticks: str, scale: Scale = "linear") -> figure:
    """Return a figure over time without series, `ticks` being how the values of its vertical axis are written."""
    made = bare(
        name,
        height,
        "width",
        y_axis_type=scale,
        x_axis_type="datetime",
        x_range=time.window,
        y_range=DataRange1d(only_visible=True, range_padding=0.06),
        window_axis="x",
    )
    made.add_tools(CrosshairTool(overlay=time.cursor, dimensions="height", visible=False))
    made.xaxis.formatter = DatetimeTickFormatter(years="%Y", months="%b %Y", days=DAY, hours=DAY, minutes=DAY, seconds=DAY)
    made.yaxis.formatter = NumeralTickFormatter(format=ticks)
    return made
