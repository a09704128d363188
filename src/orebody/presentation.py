"""Results as plain data, without a format: a section of sentences, tables and pictures.

Pages, notebooks and the terminal draw these; nothing here knows HTML or a library of charts.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from orebody.account import Account
    from orebody.market.market import Market

__all__ = [
    "INK",
    "LINE",
    "SOFT",
    "Axis",
    "Chart",
    "Color",
    "Marker",
    "Picture",
    "Presentable",
    "Section",
    "Series",
    "Table",
    "draw",
    "write_page",
]

INK, SOFT, LINE = "ink", "soft", "line"
"""Colors that follow the page: those of its text, of its notes, and of its rules."""

Color = int | str
"""A number counts through the palette of the charts, from 0; a text is `INK`, `SOFT` or `LINE`."""

Kind = Literal["line", "step", "area", "dots", "hbar", "vbar", "vrule", "hrule", "cells"]
Marker = Literal["circle", "diamond", "triangle", "square", "dash"]
Unit = Literal["number", "percent", "money", "multiple", "date", "names", "rows"]


@dataclass(frozen=True)
class Table:
    """A table of printed text.

    Attributes
    ----------
    caption : str
    columns : sequence of str
    rows : sequence of sequences of str
        The first cell of a row names it.
    note : str
        Stands below.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Axis:
    """An axis of a chart.

    Attributes
    ----------
    label : str
    unit : str
        What its values are. ``"names"`` are values of few letters at the places 0, 1, 2 ..., written beside the axis. ``"rows"``
        are names of any length, written above what is drawn at their places, the first at the top.
    names : sequence of str
        Of those two.
    logarithmic : bool
    """

    label: str = ""
    unit: Unit = "number"
    names: Sequence[str] = ()
    logarithmic: bool = False


@dataclass(frozen=True, eq=False)
class Series:
    """One kind of mark in a chart, and its data.

    Attributes
    ----------
    kind : str
        ``line`` and ``step`` join (x, y); ``area`` fills between `low` and `high` over x; ``dots`` stand at (x, y); ``hbar`` and
        ``vbar`` span from `low` to `high` at each y or x; ``vrule`` and ``hrule`` cross the chart at each x or y; ``cells``
        are colored by `value` at (x, y).
    name : str
        For the key; empty where it needs none.
    x, y, low, high, value : sequence
        As the kind needs them; NaN where there is none.
    texts : sequence of str
        What each of the marks says when pointed at; lines and areas say their values instead.
    color, width, dashed, opacity, marker
        Width in pixels of lines and dots, in steps of the axis of bars.
    """

    kind: Kind
    name: str = ""
    x: Any = ()
    y: Any = ()
    low: Any = ()
    high: Any = ()
    value: Any = ()
    texts: Sequence[str] = ()
    color: Color = 0
    width: float = 1.8
    dashed: bool = False
    opacity: float = 1.0
    marker: Marker = "circle"


@dataclass(frozen=True, eq=False)
class Chart:
    """Series on two axes.

    Attributes
    ----------
    x, y : Axis
    series : sequence of Series
        The first is drawn first.
    title : str
        Where a picture has several charts.
    height : int
        In pixels.
    scale : str
        What the values of cells are.
    """

    x: Axis
    y: Axis
    series: Sequence[Series]
    title: str = ""
    height: int = 320
    scale: str = ""

    @property
    def tall(self) -> int:
        """The height in pixels, that of all rows for an axis of rows."""
        return 70 + 46 * len(self.y.names) if self.y.unit == "rows" else self.height


@dataclass(frozen=True, eq=False)
class Picture:
    """One chart, or several side by side on the same vertical scale.

    Attributes
    ----------
    caption : str
        What it shows, in a line.
    charts : sequence of Chart
    alternative : str
        The same for those who cannot see it: what is drawn, and which table has its figures.
    note : str
        How to read it.
    """

    caption: str
    charts: Sequence[Chart]
    alternative: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """The results of one piece of research.

    Attributes
    ----------
    title : str
    sentences : sequence of str
        In plain words, the most important first; a paragraph each.
    tables, pictures : sequence
    settings : sequence of (str, str)
        How it was computed, beyond the market and the account.
    listing : str
        A text to be printed as it is, line by line.
    warnings : sequence of str
        What has to be known before any figure, such as ruin.
    brief : Table or None
        The table for where there is room for one alone; without it the first.
    """

    title: str
    sentences: Sequence[str]
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    settings: Sequence[tuple[str, str]] = field(default_factory=tuple)
    listing: str = ""
    warnings: Sequence[str] = ()
    brief: Table | None = None

    def with_below(self, other: Section) -> Section:
        """Return this section with the contents of another below its own."""
        return Section(
            title=self.title,
            sentences=[*self.sentences, *other.sentences],
            tables=[*self.tables, *other.tables],
            pictures=[*self.pictures, *other.pictures],
            settings=[*self.settings, *other.settings],
            warnings=[*self.warnings, *other.warnings],
            brief=self.brief,
        )


def write_page(section: Section, path: str | os.PathLike[str], market: Market, account: Account | None, *, overwrite: bool = False) -> Path:
    """Write a section as one page, an HTML file that needs nothing else, and return its path."""
    from orebody.report.research.page import write

    return write(section, path, market, account, overwrite=overwrite)


def draw(picture: Picture) -> Figure:
    """Return a picture of one chart as a figure of matplotlib, which does not move."""
    from orebody.report.still import figure

    return figure(picture)


class Presentable(ABC):
    """A result that pages, notebooks and the terminal draw from one `section`."""

    @abstractmethod
    def section(self) -> Section:
        """Return its sentences, tables and pictures."""

    @property
    @abstractmethod
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""

    @abstractmethod
    def _origin(self) -> tuple[Market, Account | None]:
        """Return the market and the account that it was computed from; no account where money plays no part."""

    def report(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write one page, an HTML file that needs nothing else, and return its path.

        Parameters
        ----------
        path
            An earlier file is replaced if orebody wrote it and nobody changed it since.
        overwrite
            Replace any plain file.
        """
        return write_page(self.section(), path, *self._origin(), overwrite=overwrite)

    def _repr_html_(self) -> str:
        from orebody.report.notebook.research import card_of

        return card_of(self.section(), *self._origin())
