"""What a notebook shows of research: what came out in words, the table that says most, and a picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from orebody.presentation import Picture, Section
from orebody.report.key import key
from orebody.report.notebook.card import Table, card
from orebody.report.notebook.sparkline import COLORS, still
from orebody.report.page import doubts

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market

__all__ = ["card_of"]

ROWS = 50


def card_of(section: Section, market: Market, account: Account | None) -> str:
    """Return a section's short table, its first picture and its sentences as HTML that a notebook can show."""
    table = section.brief or section.tables[0]
    rows = list(table.rows)
    more = [f"{len(rows) - ROWS} more rows in the report."] if len(rows) > ROWS else []
    drawn = [f"Drawn: {one.caption}." for one in section.pictures[:1]]
    return card(
        section.title,
        Table(list(table.columns), rows[:ROWS]),
        "".join(map(_drawn, section.pictures[:1])),
        warnings=[*doubts(market, account), *section.warnings],
        notes=[*more, *([table.note] if table.note else []), *drawn, *section.sentences, f"{market.source}, {market.digest}…"],
        simulated=market.simulated,
    )


def _drawn(picture: Picture) -> str:
    marks = "".join(
        f'<svg width="26" height="10" aria-hidden="true"><path d="{path}" style="{style}"/></svg> {escape(name)} &ensp;'
        for name, path, style in key(picture, {"ink": "currentColor", "soft": "currentColor", "line": "currentColor"}, COLORS)
    )
    return (f'<p class="note">{marks}</p>' if marks else "") + still(picture)
