"""The terminal itself, and progress on it while something runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from orebody.comparison import Progress as Tell

__all__ = ["SIMULATED", "console", "progress"]

SIMULATED = "SIMULATED: these prices are made up, nothing here happened on any market."


def console() -> Console:
    """Return a console that colours nothing by itself."""
    return Console(highlight=False)


@contextmanager
def progress() -> Iterator[Tell]:
    """Show a bar on standard error while it lasts, and nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=escape(what), visible=True)

        yield tell
