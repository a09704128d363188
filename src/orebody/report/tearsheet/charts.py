"""quantstats' charts with their axes made right, from its public plots; where a plot has wrong numbers its lines are given right ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from orebody.report.page import image
from orebody.report.tearsheet.calendar_charts import quantiles, years
from orebody.report.tearsheet.series import Series
from orebody.report.tearsheet.style import FONT, METAL, drawing, finish, legend, on_time, per_cent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["CHARTS", "Chart", "draw_all"]

TALL, LOW = (8.0, 4.2), (8.0, 2.7)
YELLOW = "#fedd78"


@dataclass(frozen=True)
class Chart:
    """A picture as a data address, or, where it cannot be drawn, the reason."""

    title: str
    picture: str | None
    reason: str = ""


def draw_all(series: Series) -> list[Chart]:
    """Return every chart of the tearsheet, drawn or with the reason why not; nothing reaches the terminal."""
    if len(series.dates) < 2:
        return [Chart(title, None, "there is no return yet") for title, _ in CHARTS]
    with drawing():
        return [_drawn(title, draw, series) for title, draw in CHARTS]


def _drawn(title: str, draw: Callable[[Series], Figure | str], series: Series) -> Chart:
    import matplotlib.pyplot as plt

    open_before = set(plt.get_fignums())  # the caller's own stay open
    try:
        drawn = draw(series)
        return Chart(title, None, drawn) if isinstance(drawn, str) else Chart(title, image(drawn, dpi=72))
    except Exception as error:  # a chart that a third party cannot draw must not cost the page
        return Chart(title, None, f"quantstats could not draw it: {type(error).__name__}")
    finally:
        for number in set(plt.get_fignums()) - open_before:
            plt.close(number)


def _plots() -> Any:
    import quantstats.plots

    return quantstats.plots


def _stats() -> Any:
    import quantstats.stats

    return quantstats.stats


def _options(size: tuple[float, float]) -> dict[str, Any]:
    return {"figsize": size, "fontname": FONT, "subtitle": False, "show": False}


def _growth(series: Series) -> Figure:
    figure: Figure = _plots().returns(series.strategy.copy(), series.metal.copy(), prepare_returns=False, **_options(TALL))
    axes = _named(series, finish(figure, label="Cumulative return"))
    per_cent(axes)
    return figure


def _log_growth(series: Series) -> Figure:
    """quantstats' own "log scaled" axis is linear from -200 % to +200 % of the return: draw the growth of 1 on a true one."""
    figure: Figure = _plots().returns(series.strategy.copy(), series.metal.copy(), prepare_returns=False, **_options(TALL))
    axes = finish(figure, label="Growth of 1")
    for line in list(axes.get_lines()):
        if line.get_label() in series.names:
            value = 1.0 + np.asarray(line.get_ydata(), dtype=float)
            line.set_ydata(np.where(value > 0, value, np.nan))
        else:
            line.remove()
    axes.set_yscale("log")
    axes.relim()
    axes.autoscale(axis="y")
    low, high = axes.get_ylim()
    if high / low < 8:  # less than a decade: even steps tell more than 1, 2, 5
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(7, steps=[1, 2, 5, 10]))
    else:
        axes.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
    _named(series, axes)
    return figure


def _beta(series: Series) -> Figure | str:
    if reason := series.too_short(series.year):
        return reason
    if float(np.var(series.metal)) < 1e-30:
        return "the metal never moved"
    figure: Figure = _plots().rolling_beta(
        series.strategy.copy(),
        series.metal.copy(),
        window1=series.half_year,
        window1_label="6 months",
        window2=series.year,
        window2_label="12 months",
        prepare_returns=False,
        **_options(LOW),
    )
    axes = finish(figure, label="Beta")
    first, second, mean = axes.get_lines()[:3]
    # quantstats draws windows that are not yet full as 0 and takes them into the mean; the first bar has no return behind it
    for line, window in ((first, series.half_year), (second, series.year)):
        line.set_ydata(series.from_full_window(np.asarray(line.get_ydata(), dtype=float), window))
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(5, steps=[1, 2, 5, 10]))
    _set_mean(mean, first)
    _fit(axes, [first, second])
    on_time(axes, series.dates)
    legend(axes, [first, second, mean], ["6 months", "12 months", "mean of 6 months"])
    return figure


def _volatility(series: Series) -> Figure | str:
    if reason := series.too_short(series.half_year):
        return reason
    window, per_year = series.half_year, series.periods_per_year
    figure: Figure = _plots().rolling_volatility(
        series.strategy.copy(), series.metal.copy(), period=window, periods_per_year=per_year, **_options(LOW)
    )
    lines = [_stats().rolling_volatility(one, window, per_year, prepare_returns=False) for one in (series.strategy, series.metal)]
    axes = _rolling(series, finish(figure, label="Volatility"), lines)
    axes.set_ylim(bottom=0)
    per_cent(axes)
    return figure


def _sharpe(series: Series) -> Figure | str:
    """quantstats takes one rate for all years, none below 0, and none in its report: give it returns over the cash rate, and no rate."""
    if reason := series.too_short(series.half_year):
        return reason
    window, per_year = series.half_year, series.periods_per_year
    figure: Figure = _plots().rolling_sharpe(
        series.excess.copy(), series.metal_excess.copy(), rf=0.0, period=window, periods_per_year=per_year, **_options(LOW)
    )
    both = (series.excess, series.metal_excess)
    lines = [_stats().rolling_sharpe(one, 0.0, window, True, per_year, prepare_returns=False) for one in both]
    axes = _rolling(series, finish(figure, label="Sharpe ratio"), lines)
    axes.yaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
    return figure


def _rolling(series: Series, axes: Axes, values: list[pd.Series]) -> Axes:
    """Give both lines of a rolling figure their values on every bar: quantstats bridges the bars on which either has none."""
    mine, metal, mean = axes.get_lines()[:3]
    for line, one in zip((mine, metal), values, strict=True):
        line.set_data(series.dates.to_numpy(), series.from_full_window(one.to_numpy(dtype=float), series.half_year))
    _set_mean(mean, mine)
    metal.set(color=METAL, alpha=1.0, zorder=1.9)
    _fit(axes, [mine, metal])
    on_time(axes, series.dates)
    legend(axes, [mine, metal, mean], [*series.names, "mean of the strategy"])
    return axes


def _set_mean(mean: Line2D, line: Line2D) -> None:
    known = np.asarray(line.get_ydata(), dtype=float)
    known = known[np.isfinite(known)]
    mean.set_ydata([float(np.mean(known)) if len(known) else np.nan] * 2)


def _fit(axes: Axes, lines: list[Line2D]) -> None:
    """Fit the axis to the lines and to 0."""
    known = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in lines])
    known = known[np.isfinite(known)]
    low, high = (min(0.0, float(known.min())), max(0.0, float(known.max()))) if len(known) else (0.0, 1.0)
    room = 0.05 * (high - low) or 0.1
    axes.set_ylim(low - room, high + room)


def _underwater(series: Series) -> Figure:
    figure: Figure = _plots().drawdown(series.strategy.copy(), compound=True, **_options(LOW))
    axes = finish(figure, label="Drawdown")
    for line in list(axes.get_lines()):
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] != 0:  # type: ignore[arg-type,index]
            line.remove()  # an average over all days that nothing explains
    axes.set_ylim(top=0.0)
    per_cent(axes)
    on_time(axes, series.dates)
    return figure


def _worst_drawdowns(series: Series) -> Figure | str:
    """quantstats' "worst" are the longest, from a bar late to a bar early: mark the deepest, from peak to recovery."""
    if not len(series.falls):
        return "it was never below an earlier high"
    figure: Figure = _plots().returns(series.strategy.copy(), prepare_returns=False, **_options(TALL))
    axes = finish(figure, label="Cumulative return")
    handles = [line for line in axes.get_lines() if line.get_label() == series.names[0]]
    labels = [series.names[0]]
    for fall in series.falls.head(5).itertuples():
        still_open = pd.isna(fall.recovery)
        until = series.dates[-1] if still_open else fall.recovery
        look = {"alpha": 0.25, "hatch": "////", "edgecolor": "white"} if still_open else {"alpha": 0.15}
        span = axes.axvspan(fall.peak, until, facecolor="red", linewidth=0, **look)
        if (label := "open drawdown" if still_open else "drawdown, peak to recovery") not in labels:
            handles.append(span)  # type: ignore[arg-type]
            labels.append(label)
    per_cent(axes)
    on_time(axes, series.dates)
    legend(axes, handles, labels)
    return figure


def _months(series: Series) -> Figure | str:
    if series.periods_per_year < 12:
        return "its bars are further apart than months"
    month = series.dates[1:].to_period("M")
    for one in (series.strategy, series.metal):
        monthly = (1 + one.iloc[1:]).groupby(month).prod() - 1
        if len(monthly) < 3 or float(monthly.std()) < 1e-12:
            return "it needs at least three months that differ"
    figure: Figure = _plots().histogram(
        series.strategy.iloc[1:].copy(), series.metal.iloc[1:].copy(), resample="ME", prepare_returns=False, **_options(TALL)
    )
    axes = finish(figure, label="Share of months")
    per_cent(axes, axis="x")  # quantstats cuts its own labels off: -9 % for -10 %
    # what quantstats calls occurrences is a density over both series together, half of each one's own
    share = 2 * axes.containers[0][0].get_width()
    highest = 105 * share * max(bar.get_height() for bars in axes.containers for bar in bars)  # a density of few months reaches the sky
    step = next((step for step in (2, 5, 10) if highest / step <= 9), 20)
    marks = np.arange(0, highest, step)
    axes.set_ylim(0, highest / (100 * share))
    axes.set_yticks(marks / (100 * share), [f"{mark:.0f}%" for mark in marks])
    for one in (*axes.patches, *axes.get_lines()):
        _darkened(one)
    drawn = axes.get_legend()
    handles, labels = list(drawn.legend_handles), [text.get_text() for text in drawn.get_texts()]  # type: ignore[union-attr]
    for handle in handles:
        _darkened(handle)
    legend(axes, [one for one in handles if one is not None][::-1], labels[::-1])  # the strategy first, as everywhere
    return figure


def _darkened(drawn: Any) -> None:
    """Give what quantstats drew in its yellow, hard to see on white, the colour that the metal has on the other charts."""
    colour = drawn.get_color() if hasattr(drawn, "get_color") else drawn.get_facecolor()
    if mpl.colors.to_hex(colour) == YELLOW:
        drawn.set_color(METAL) if hasattr(drawn, "get_color") else drawn.set_facecolor((*mpl.colors.to_rgb(METAL), 0.55))


def _named(series: Series, axes: Axes) -> Axes:
    """Colour and name the two lines of a chart over time."""
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    mine, metal = (lines[name] for name in series.names)
    metal.set(color=METAL, zorder=1.9)
    on_time(axes, series.dates)
    legend(axes, [mine, metal], series.names)
    return axes


CHARTS: tuple[tuple[str, Callable[[Series], Figure | str]], ...] = (
    ("Cumulative return, time-weighted", _growth),
    ("Growth of 1, logarithmic scale", _log_growth),
    ("Return of calendar years", years),
    ("Distribution of monthly returns", _months),
    ("Rolling beta to the metal", _beta),
    ("Rolling volatility, 6 months", _volatility),
    ("Rolling Sharpe ratio over the cash rate, 6 months", _sharpe),
    ("Five deepest drawdowns", _worst_drawdowns),
    ("Drawdown", _underwater),
    ("Quantiles of returns", quantiles),
)
"""The charts of a tearsheet in the order of quantstats' report, by title."""
