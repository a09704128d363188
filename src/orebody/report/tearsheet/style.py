"""How the pictures of a tearsheet look: quantstats' look on settings of our own, so that nothing a caller has set can change a page.

Drawing leaves the process as it was: matplotlib's settings, its open figures, the terminal.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd

from orebody.report.page import GENERATOR

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FONT", "METAL", "STRATEGY", "drawing", "finish", "legend", "on_time", "per_cent", "printable"]

FONT = ["DejaVu Sans", "sans-serif"]
"""The font that comes with matplotlib, which alone is measured; a reader without it sees a narrower one. quantstats asks for Arial."""
STRATEGY, METAL = "#348dc1", "#c99700"
"""quantstats' blue, and its yellow darkened until it can be read on white; colour-blind readers tell them apart."""

SETTINGS: dict[str, Any] = {
    "font.family": FONT,
    "font.size": 10.0,
    "text.parse_math": False,  # a label between dollars is a label
    "text.color": "#333333",
    "axes.axisbelow": True,
    "axes.edgecolor": "#ffffff",
    "axes.facecolor": "#ffffff",
    "axes.grid": True,
    "axes.labelcolor": "#333333",
    "axes.linewidth": 1.0,
    "axes.unicode_minus": True,
    "figure.facecolor": "#ffffff",
    "figure.max_open_warning": 0,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.5,
    "lines.solid_capstyle": "round",
    "path.simplify_threshold": 0.3,  # of a pixel: half the bytes, the same picture
    "patch.edgecolor": "#ffffff",
    "patch.force_edgecolor": True,
    "svg.fonttype": "none",
    "svg.hashsalt": GENERATOR,
    "xtick.bottom": False,
    "xtick.color": "#666666",
    "ytick.color": "#666666",
    "ytick.left": False,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with these settings, and keep quantstats' own, its warnings and its complaints about fonts inside.

    On import it changes matplotlib's settings for the whole process; later it asks for fonts that are not there (a line of log for each
    text) and calls deprecated functions of pandas.
    """
    if "matplotlib.pyplot" not in sys.modules:
        mpl.use("Agg")
    import matplotlib.pyplot as plt

    log, complaint = logging.getLogger("matplotlib.font_manager"), _NoComplaint()
    log.addFilter(complaint)
    try:
        with warnings.catch_warnings(), mpl.rc_context(), plt.ioff():
            warnings.simplefilter("ignore")
            import quantstats.plots  # noqa: F401

            mpl.rcdefaults()
            mpl.rcParams.update(SETTINGS)  # type: ignore[arg-type]
            yield
    finally:
        log.removeFilter(complaint)


class _NoComplaint(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return "findfont" not in record.getMessage()


def printable(label: str, limit: int = 40) -> str:
    """Return a label that a picture shows as it reads: short, of printable characters only, and not hidden from a legend."""
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in label)
    text = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return f" {text}" if text.startswith("_") else text  # matplotlib leaves names that begin with an underscore out


def finish(figure: Figure, *, label: str) -> Axes:
    """Return the axes of a figure with its margins set and its own titles taken off: the page has them."""
    figure.suptitle("")
    axes = figure.axes[0]
    axes.set_title("")
    width, height = figure.get_size_inches()
    figure.subplots_adjust(left=0.87 / width, right=1 - 0.15 / width, bottom=0.28 / height, top=1 - 0.32 / height)
    axes.set_ylabel(label, fontsize=10, fontweight="normal", color="#333333", fontfamily=FONT)
    axes.yaxis.set_label_coords(-0.69 / (width - 1.02), 0.5)
    axes.set_xlabel("")
    axes.tick_params(labelsize=9)
    return axes


def on_time(axes: Axes, dates: pd.DatetimeIndex) -> None:
    """Give an axis of dates the same ends on every picture, and labels that lie flat."""
    first, last = dates[0], dates[-1]
    room = max((last - first) * 0.01, pd.Timedelta(hours=12))
    axes.set_xlim(first - room, last + room)
    days = (last - first).days
    if days < 15:
        axes.xaxis.set_major_locator(mpl.dates.DayLocator(interval=max(1, days // 6)))  # type: ignore[no-untyped-call]
    else:
        axes.xaxis.set_major_locator(mpl.dates.AutoDateLocator(minticks=4, maxticks=10))  # type: ignore[no-untyped-call]
    pattern = "%Y-%m-%d" if days < 150 else "%b %Y" if days < 1_500 else "%Y"
    axes.xaxis.set_major_formatter(mpl.dates.DateFormatter(pattern))  # type: ignore[no-untyped-call]
    axes.tick_params(axis="x", rotation=0, labelsize=8 if days < 150 else 9)
    for text in axes.get_xticklabels():
        text.set_horizontalalignment("center")


def per_cent(axes: Axes, *, axis: str = "y") -> None:
    """Label an axis of fractions in per cent, with as many digits as tell its ticks apart."""
    side = axes.yaxis if axis == "y" else axes.xaxis
    side.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{round(100 * value, 9):,.6g}%".replace("-", "\N{MINUS SIGN}")))


def legend(axes: Axes, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Put the legend above the axes, where it hides nothing."""
    earlier = axes.get_legend()
    if earlier is not None:
        earlier.remove()
    axes.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, fontsize=8.5, borderaxespad=0.2, columnspacing=1.2
    )
