"""What to conclude, the tests after counting, and the intervals of the differences to the metal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from orebody.cli.show.console import console, escape_text, print_caveats
from orebody.research.significance.section import FIELDS, interval_rows, random_timing_rows, significance_rows

if TYPE_CHECKING:
    from orebody.research.significance.result import Significance

__all__ = ["print_significance"]


def print_significance(found: Significance) -> None:
    """Print the tests, the intervals, random times, and then what to conclude of them."""
    terminal = console()
    print_caveats(found.source.market, found.source.account)
    _, rows = significance_rows(found)
    headings = ("Strategy", "Sharpe", "above 0", "above luck", "Ahead", "p alone", "p, all")
    _print("After counting; ahead: growth a year over the metal", headings, [[row[at] for at in (0, 1, 2, 3, 4, 7, 8)] for row in rows])
    terminal.print(
        "Above 0, above luck: the probability that the Sharpe ratio is above 0, and above what the best of all tries would have without "
        "skill. p: the probability of being so far ahead by luck, alone and after counting all."
    )
    terminal.print()
    _, rows = interval_rows(found)
    given = found.intervals["metric"].unique()
    few = [FIELDS[name]["heading"] for name in given if name in ("cagr", "sharpe")] or [FIELDS[name]["heading"] for name in given]
    title = f"Less the metal's, with {found.level:.0%} intervals{'; the page has more figures' if len(few) < len(given) else ''}"
    _print(
        title,
        ("Strategy", "Figure", "Value", "Difference", "from", "to"),
        [[*row[:3], *row[5:8]] for row in rows if row[5] != "–" and row[1] in few],
    )
    if found.random_timing is not None:
        _, rows = random_timing_rows(found)
        tested = [[*row[:6], row[6]] for row in rows if not row[8]]
        if tested:
            _print("The same switches at random times", ("Strategy", "Return", "Shifted from", "Median", "to", "Beaten", "p"), tested)
        for row in rows:
            if row[8]:
                terminal.print(escape_text(f"No shifted runs of {row[0]}: {row[8]}."))
        terminal.print()
    for sentence in found.sentences:
        terminal.print(escape_text(sentence))
    terminal.print(escape_text(found.source.opening))


def _print(title: str, headings: tuple[str, ...], rows: list[list[str]]) -> None:
    table = Table(title=escape_text(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    for at, heading in enumerate(headings):
        left = at == 0 or heading == "Figure"
        table.add_column(
            escape_text(heading),
            justify="left" if left else "right",
            overflow="fold",
            no_wrap=at > 0 and heading != "Figure" and len(heading) < 8,
        )
    for row in rows:
        table.add_row(*map(escape_text, row))
    terminal = console()
    terminal.print(table)
    terminal.print()
