"""Two charts that quantstats gets wrong, drawn anew in its look: calendar years, and the spread of returns by length of period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orebody.metrics import calendar_returns, yearly_returns
from orebody.report.tearsheet.calendar_periods import bar_adjective
from orebody.report.tearsheet.series import Series
from orebody.report.tearsheet.style import METAL, STRATEGY, finish, legend, per_cent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["quantiles", "years"]

COLOURS = ("#fedd78", "#348dc1", "#ba516b", "#4fa487", "#9b59b6")  # quantstats' own, from short periods to long ones


def _axes(height: float, label: str) -> Axes:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8.0, height))
    for spine in axes.spines.values():
        spine.set_visible(False)
    return finish(figure, label=label)


def years(series: Series) -> Figure:
    """Return bars of calendar years; those that the run covers only in part are hatched and have a star."""
    mine, metal = yearly_returns(series.strategy), yearly_returns(series.metal)
    axes = _axes(3.2, "Return")
    at, bars = np.arange(len(mine)), []
    for offset, table, colour in ((0.2, metal, METAL), (-0.2, mine, STRATEGY)):
        drawn = axes.bar(at + offset, table["return"], width=0.38, color=colour, linewidth=0)
        for patch, whole in zip(drawn, mine["whole"], strict=True):
            if not whole:
                patch.set(alpha=0.45, hatch="////")
        bars.append(drawn[int(np.argmax(mine["whole"].to_numpy()))])
    labels = [f"{year}" if whole else f"{year}*" for year, whole in mine["whole"].items()]
    every = -(-len(at) // 14)  # the last year always has its label, and room before it
    shown = [place for place in range(0, len(at) - 1, every) if len(at) - 1 - place >= every] + [len(at) - 1]
    axes.set_xticks(shown, [labels[place] for place in shown])
    axes.set_xlim(-0.7, max(len(at), 3) - 0.3)
    axes.axhline(0, linestyle="--", linewidth=1, color="#000000", zorder=2)
    axes.grid(visible=False, axis="x")
    per_cent(axes)
    part = "" if mine["whole"].all() else "   (* part of a year)"
    legend(axes, bars[::-1], [series.names[0], f"{series.names[1]}{part}"])
    figure: Figure = axes.figure  # type: ignore[assignment]
    return figure


def quantiles(series: Series) -> Figure | str:
    """Return boxes of the strategy's returns a bar, week, month, quarter and year, each compounded, none counted twice.

    A box ends at the quartiles, its line is the median; whiskers reach the furthest return within 1.5 times the box. Periods that the run
    covers only in part are left out.
    """
    if len(series.dates) < 3:
        return "one return has no spread"
    boxes = {bar_adjective(series.periods_per_year).capitalize() or "Each bar": series.strategy.to_numpy()[1:]}
    for name, unit, often in (("Weekly", "W", 52), ("Monthly", "M", 12), ("Quarterly", "Q", 4), ("Yearly", "Y", 1)):
        if series.periods_per_year > 1.5 * often:
            table = calendar_returns(series.strategy, unit)
            if table["whole"].sum() >= 3:
                boxes[name] = table.loc[table["whole"], "return"].to_numpy()
    axes = _axes(3.6, "Return")
    drawn = axes.boxplot(
        list(boxes.values()),
        widths=0.6,
        patch_artist=True,
        medianprops={"color": "#333333"},
        flierprops={"marker": "d", "markersize": 3, "markerfacecolor": "#666666", "markeredgewidth": 0},
    )
    for box, colour in zip(drawn["boxes"], COLOURS, strict=False):
        box.set(facecolor=colour, edgecolor="#333333")
    axes.set_xticks(range(1, len(boxes) + 1), list(boxes))
    axes.grid(visible=False, axis="x")
    axes.axhline(0, linestyle="--", linewidth=1, color="#000000", zorder=1)
    per_cent(axes)
    figure: Figure = axes.figure  # type: ignore[assignment]
    return figure
