"""quantstats' charts with their axes made right: the only place that imports quantstats.

Its public plots return figures; each is corrected here where quantstats draws something else than its title says.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from orebody.report.page import SVG_STYLE, image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Chart", "Series", "draw_all"]

FONT = "DejaVu Sans"  # comes with matplotlib; quantstats asks for Arial, which many machines lack


@dataclass(frozen=True)
class Series:
    """The two series that every chart shows, on the same dates, and what annualises them."""

    strategy: pd.Series
    metal: pd.Series
    periods_per_year: float
    cash_rate: float

    @property
    def half_year(self) -> int:
        """Bars in half a year, at least two."""
        return max(2, round(self.periods_per_year / 2))

    @property
    def year(self) -> int:
        """Bars in a year, at least two."""
        return max(2, round(self.periods_per_year))


@dataclass(frozen=True)
class Chart:
    """A picture as a data address, or, where it cannot be drawn, the reason."""

    title: str
    picture: str | None
    reason: str = ""


def draw_all(series: Series) -> list[Chart]:
    """Return every chart of the tearsheet, drawn or with the reason why not; nothing reaches the terminal."""
    with _quiet():
        return [_drawn(title, draw, series) for title, draw in CHARTS]


def _drawn(title: str, draw: Callable[[Series], Figure | str], series: Series) -> Chart:
    import matplotlib.pyplot as plt

    try:
        figure = draw(series)
        if isinstance(figure, str):
            return Chart(title, None, figure)
        figure.suptitle("")
        return Chart(title, image(figure))
    except Exception as error:  # a chart that a third party cannot draw must not cost the page
        return Chart(title, None, f"quantstats could not draw it: {type(error).__name__}")
    finally:
        plt.close("all")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep quantstats' style, warnings and font complaints inside.

    It changes matplotlib's settings for the whole process on import, asks for a font that is not there (a line of log for each text), and
    calls deprecated functions of pandas.
    """
    log = logging.getLogger("matplotlib.font_manager")
    complaint = _NoComplaint()
    log.addFilter(complaint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with mpl.rc_context({**_style(), **SVG_STYLE}):  # type: ignore[dict-item]
                yield
    finally:
        log.removeFilter(complaint)


class _NoComplaint(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return "findfont" not in record.getMessage()


@cache
def _style() -> dict[str, Any]:
    """Import quantstats and return the settings it makes, leaving the process's own as they were."""
    if "matplotlib.pyplot" not in sys.modules:
        mpl.use("Agg")
    with mpl.rc_context():
        import quantstats.plots  # noqa: F401

        return {name: value for name, value in mpl.rcParams.items() if not name.startswith("backend")}


def _plots() -> Any:
    import quantstats.plots

    return quantstats.plots


def _pair(series: Series, *, first: int = 0) -> dict[str, Any]:
    """Return fresh copies from bar `first` on: quantstats renames what it is given."""
    returns, benchmark = series.strategy.iloc[first:].copy(), series.metal.iloc[first:].copy()
    return {"returns": returns, "benchmark": benchmark, "fontname": FONT, "subtitle": False, "show": False}


def _growth(series: Series) -> Figure:
    figure: Figure = _plots().returns(**_pair(series), prepare_returns=False)
    return figure


def _log_growth(series: Series) -> Figure:
    """quantstats' "log scaled" axis is linear from -200 % to +200 % of the return: draw the growth of 1 on a true one."""
    figure: Figure = _plots().log_returns(**_pair(series), prepare_returns=False)
    axes = figure.axes[0]
    for line in list(axes.get_lines()):
        if len(line.get_xdata()) > 2:  # type: ignore[arg-type]
            line.set_ydata(1.0 + np.asarray(line.get_ydata(), dtype=float))
        else:
            line.remove()
    axes.set_yscale("log")
    axes.relim()
    axes.autoscale(axis="y")
    axes.set_ylabel("Growth of 1")
    axes.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
    return figure


def _underwater(series: Series) -> Figure:
    figure: Figure = _plots().drawdown(series.strategy.copy(), compound=True, fontname=FONT, subtitle=False, show=False)
    axes = figure.axes[0]
    for line in list(axes.get_lines()):
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] != 0:  # type: ignore[arg-type,index]
            line.remove()  # an average over all days that nothing explains
    _per_cent(axes)
    return figure


def _volatility(series: Series) -> Figure | str:
    window = series.half_year
    if len(series.strategy) <= window:
        return f"the run has {len(series.strategy)} bars, a half-year window needs more than {window}"
    pair = _pair(series, first=1)
    figure: Figure = _plots().rolling_volatility(**pair, period=window, period_label="6 months", periods_per_year=series.periods_per_year)
    _name_mean(figure.axes[0])
    _per_cent(figure.axes[0])
    return figure


def _sharpe(series: Series) -> Figure | str:
    window = series.half_year
    if len(series.strategy) <= window:
        return f"the run has {len(series.strategy)} bars, a half-year window needs more than {window}"
    figure: Figure = _plots().rolling_sharpe(
        **_pair(series, first=1), rf=series.cash_rate, period=window, period_label="6 months", periods_per_year=series.periods_per_year
    )
    axes = figure.axes[0]
    _reopen_gaps(axes, series.strategy.index)
    _name_mean(axes)
    return figure


def _beta(series: Series) -> Figure | str:
    window = series.half_year
    if len(series.strategy) <= series.year:
        return f"the run has {len(series.strategy)} bars, a one-year window needs more than {series.year}"
    if float(np.var(series.metal)) == 0.0:
        return "the metal never moved"
    figure: Figure = _plots().rolling_beta(
        **_pair(series, first=1),
        window1=window,
        window1_label="6 months",
        window2=series.year,
        window2_label="12 months",
        prepare_returns=False,
    )
    axes = figure.axes[0]
    first, second, mean = axes.get_lines()[:3]
    # quantstats draws windows that are not yet full as zero, and takes them into the mean
    for line, bars in ((first, window), (second, series.year)):
        values = np.asarray(line.get_ydata(), dtype=float).copy()
        values[: bars - 1] = np.nan
        line.set_ydata(values)
    mean.set_ydata([np.nanmean(np.asarray(first.get_ydata(), dtype=float))] * 2)
    known = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in (first, second)])
    axes.set_ylim(min(0.0, float(np.nanmin(known))) - 0.1, float(np.nanmax(known)) + 0.1)
    _name_mean(axes)
    return figure


def _months(series: Series) -> Figure | str:
    month = series.strategy.index.to_period("M")
    for one in (series.strategy, series.metal):
        monthly = (1 + one).groupby(month).prod() - 1
        if len(monthly) < 3 or float(monthly.std()) < 1e-12:
            return "it needs at least three months that differ"
    figure: Figure = _plots().histogram(**_pair(series, first=1), resample="ME", prepare_returns=False)
    axes = figure.axes[0]
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))  # quantstats' own labels are cut off: -9 % for -10 %
    # quantstats calls its axis occurrences: it is a density over both series together, half of each one's own
    share = 2 * axes.containers[0][0].get_width()
    axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda density, _: f"{100 * share * density:.0f}%"))
    axes.set_ylabel("Share of months")
    return figure


def _per_cent(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))


def _name_mean(axes: Axes) -> None:
    """Say what quantstats' dashed line is: the mean of the first series."""
    for line in axes.get_lines()[2:]:
        level = np.asarray(line.get_ydata(), dtype=float)
        if len(level) == 2 and level[0] != 0:
            line.set_label(f"{axes.get_lines()[0].get_label()}, mean")
    axes.legend(fontsize=9)


def _reopen_gaps(axes: Axes, dates: pd.Index) -> None:
    """Break each line where its window had no value; quantstats bridges those with straight lines."""
    for line in axes.get_lines():
        values = np.asarray(line.get_ydata(), dtype=float)
        if len(values) > 2:
            known = pd.Series(values, index=pd.DatetimeIndex(line.get_xdata(orig=True)))
            known[~np.isfinite(known) | (known.abs() > 1e3)] = np.nan
            line.set_data(dates, known.reindex(dates).to_numpy())


CHARTS: tuple[tuple[str, Callable[[Series], Figure | str]], ...] = (
    ("Cumulative return, time-weighted", _growth),
    ("Growth of 1, logarithmic scale", _log_growth),
    ("Drawdown", _underwater),
    ("Distribution of monthly returns", _months),
    ("Rolling beta to the metal", _beta),
    ("Rolling volatility, 6 months", _volatility),
    ("Rolling Sharpe ratio over the cash rate, 6 months", _sharpe),
)
