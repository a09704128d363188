"""The terminal itself, and progress on it while something runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from orebody.cli.progress_lines import silent, step
from orebody.cli.stdout import printable, silence_stdout
from orebody.market.caveats import NO_RATE

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.backtesting.comparison import Progress as Tell
    from orebody.market.market import Market

__all__ = ["SIMULATED", "console", "escape_text", "print_caveats", "print_notes", "progress", "steps"]

SIMULATED = "SIMULATED: these prices are made up, nothing here happened on any market."
LINES = 10
DOUBTS = 5
"""Doubts that are spelled out before figures."""
EVERY = 5.0
"""Seconds between two lines about the same long step where there is no terminal."""
_HOW_READ = ("Bars", "Labels", "Side series")


class Terminal(Console):
    """A console that keeps working after its reader closes the stream."""

    def on_broken_pipe(self) -> None:
        """Print nothing further."""
        silence_stdout()


class Seconds(ProgressColumn):
    """How long a step has taken, or took."""

    def render(self, task: Task) -> Text:
        """Return it in tenths of a second: most steps take no more than a few."""
        return Text(f"{(task.finished_time if task.finished else task.elapsed) or 0.0:.1f} s")


def print_notes(notes: Iterable[tuple[str, str]], *, stderr: bool = False) -> None:
    """Print how bars and their dates were read, of a market's notes: it decides what every figure means."""
    terminal = Terminal(highlight=False, emoji=False, stderr=stderr)
    for what, text in notes:
        if what in _HOW_READ:
            terminal.print(escape_text(f"{what}: {text}."))


def console() -> Console:
    """Return a console that colours nothing by itself, and takes no word for a picture."""
    return Terminal(highlight=False, emoji=False)


def escape_text(text: str) -> str:
    """Escape markup and control characters, so that the console prints a text unchanged."""
    return escape(printable(text))


def print_caveats(market: Market, account: Account | None = None) -> None:
    """Print what must be known before any figure: that prices are made up, what is doubtful, and that cash earned nothing if so."""
    terminal = console()
    if market.simulated:
        terminal.print(SIMULATED, style="bold yellow")
    for text in market.doubts[:DOUBTS]:
        terminal.print(escape_text(f"Doubtful: {text}."), style="yellow")
    if len(market.doubts) > DOUBTS:
        terminal.print(f"And {len(market.doubts) - DOUBTS} more doubts: --json and the report list all.", style="yellow")
    if account is not None and not account.rate_known(market):
        terminal.print(f"{NO_RATE} (--cash-rate gives one).", style="yellow")


@contextmanager
def progress() -> Iterator[Tell]:
    """Show a bar on standard error while it lasts; where that is no terminal, a line when something else begins and every few seconds."""
    console = Console(stderr=True, emoji=False)
    if silent() or not console.is_terminal:
        yield _lines(EVERY)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=escape_text(what), visible=True)

        yield tell


@contextmanager
def steps() -> Iterator[Tell]:
    """Show a line for each step on standard error while it lasts: on a terminal the last few of them.

    A step begins when the next one is told; on a terminal it is marked and timed when it is over.
    """
    console = Console(stderr=True, emoji=False)
    if silent() or not console.is_terminal:
        yield _lines(0.0)
        return
    columns = (SpinnerColumn("line", finished_text="[green]ok[/]"), TextColumn("{task.description}"), Seconds())
    with Progress(*columns, console=console, transient=True) as lines:
        under_way: deque[TaskID] = deque()

        def tell(done: int, total: int, what: str) -> None:
            if under_way:
                lines.update(under_way[-1], completed=1)
            if done >= total:
                return
            under_way.append(lines.add_task(f"{done + 1:>{len(str(total))}}/{total}  {escape_text(what)}", total=1))
            if len(under_way) > LINES:
                lines.remove_task(under_way.popleft())

        yield tell


def _lines(every: float) -> Tell:
    """Return what says a step in a line: when something else begins, and otherwise at most once in `every` seconds."""
    latest, then = "", 0.0

    def tell(done: int, total: int, what: str) -> None:
        nonlocal latest, then
        now = time.monotonic()
        if done < total and (what != latest or now - then >= every):
            step(f"{done + 1 if every == 0 else done}/{total} {what}")
            latest, then = what, now

    return tell
