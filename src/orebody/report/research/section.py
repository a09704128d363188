"""A section of a report: sentences, tables and pictures of one piece of research."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orebody.io.owned_files import check_page, write_output
from orebody.report.page import account_settings, market_settings, render, versions
from orebody.report.pictures import page_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from orebody.account import Account
    from orebody.market.market import Market

__all__ = ["Picture", "Section", "Table", "write"]


@dataclass(frozen=True)
class Table:
    """A table as it is printed: every cell is text; the first cell of a row names it. `note` stands below."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, what it shows in a line, and the same in words for those who cannot see it."""

    caption: str
    figure: Figure
    alternative: str

    @property
    def source(self) -> str:
        """The figure as a data address; the same bytes each time."""
        return page_image(self.figure)


@dataclass(frozen=True, eq=False)
class Section:
    """What a report shows of one piece of research.

    Attributes
    ----------
    title : str
    sentences : sequence of str
        What came out, in plain words, the most important first; a paragraph each.
    listing : str
        A text to be shown as it is, line by line.
    pictures, tables : sequence
    settings : sequence of (str, str)
        How it was computed, beyond the market and the account.
    """

    title: str
    sentences: Sequence[str]
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    settings: Sequence[tuple[str, str]] = field(default_factory=tuple)
    listing: str = ""


def write(
    section: Section, path: str | os.PathLike[str], market: Market, account: Account | None = None, *, overwrite: bool = False
) -> Path:
    """Write a page of one section, all or nothing, and return its path."""
    check_page(path, overwrite=overwrite)
    settings = [*market_settings(market), *(account_settings(account, market) if account else ()), *section.settings]
    page = render(
        "section.html.j2",
        market,
        title=section.title,
        period=f"{market.universe.name}, {market.dates[market.opening].date()} to {market.dates[-1].date()}.",
        section=section,
        settings=[*settings, ("Versions", versions())],
    )
    return write_output(path, page, overwrite=overwrite)
