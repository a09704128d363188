"""The frame of what a notebook shows: a heading, warnings, a small table, a picture and notes, every word of them escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Stroke", "Table", "card"]

SIMULATED = "SIMULATED: these prices are made up, nothing here happened on any market."
LONGEST = 300  # letters of a cell or line; what is longer ends in dots

_STYLE = """<style>
.orebody { font: 13px/1.45 system-ui, sans-serif; max-width: 900px; overflow-x: auto }
.orebody p { margin: .25em 0 }
.orebody .warning { font-weight: 700; border-left: 4px solid #d55e00; padding-left: .5em }
.orebody .note { opacity: .75 }
.orebody table { border-collapse: collapse; margin: .4em 0; font-size: 13px }
.orebody th, .orebody td { padding: .15em .6em; text-align: right; border-bottom: 1px solid rgba(128, 128, 128, .35);
  font-variant-numeric: tabular-nums; white-space: nowrap; background: none; color: inherit }
.orebody th[scope=row] { text-align: left; font-weight: 400; white-space: normal; overflow-wrap: anywhere;
  min-width: 12em; max-width: 24em }
.orebody thead th { font-weight: 700 } .orebody thead th:first-child { text-align: left }
.orebody tr.marked th, .orebody tr.marked td { font-style: italic }
.orebody svg { vertical-align: middle }
</style>"""


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: colour, dashes as lengths in points (none: solid), and width; the table's rows carry it as their key."""

    color: str
    dashes: tuple[float, ...] = ()
    width: float = 1.5

    def key(self) -> str:
        """Return a short piece of the line as a picture."""
        dashes = f' stroke-dasharray="{" ".join(f"{2 * length:g}" for length in self.dashes)}"' if self.dashes else ""
        line = f'<line x1="0" y1="4" x2="22" y2="4" stroke="{self.color}" stroke-width="{self.width + 0.5:g}"{dashes}/>'
        return f'<svg width="22" height="8" aria-hidden="true">{line}</svg> '


@dataclass(frozen=True)
class Table:
    """Rows of text under headings: the first cell names the row; `strokes` and `marked` go with the rows."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    strokes: Sequence[Stroke | None] = ()
    marked: Sequence[bool] = ()

    def html(self) -> str:
        """Return the table as HTML."""
        strokes = self.strokes or [None] * len(self.rows)
        marked = self.marked or [False] * len(self.rows)
        head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in self.headings)
        body = []
        for (name, *cells), stroke, mark in zip(self.rows, strokes, marked, strict=True):
            key = stroke.key() if stroke is not None else ""
            row = f'<th scope="row">{key}{_text(name)}</th>' + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
            body.append(f'<tr class="marked">{row}</tr>' if mark else f"<tr>{row}</tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def card(title: str, table: Table, picture: str, *, warnings: Iterable[str] = (), notes: Iterable[str] = (), simulated: bool) -> str:
    """Return the whole as HTML that a notebook can show.

    Parameters
    ----------
    title, warnings, notes
        Plain text.
    table
        See `Table`.
    picture
        SVG, as `orebody.report.notebook.sparkline` makes it; the only part that is not escaped.
    simulated
        Whether the prices are made up, which is then said first.
    """
    said = [SIMULATED, *warnings] if simulated else list(warnings)
    above = "".join(f'<p class="warning">{_text(line)}</p>' for line in said)
    below = "".join(f'<p class="note">{_text(line)}</p>' for line in notes)
    return f'<div class="orebody">{_STYLE}{above}<p><b>{_text(title)}</b></p>{table.html()}{picture}{below}</div>'


def _text(words: object) -> str:
    text = str(words)
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
