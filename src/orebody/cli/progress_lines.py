"""Progress lines on standard error: one at once, and one for each step. ``--quiet`` silences them."""

from __future__ import annotations

import time
from contextlib import suppress

import click

from orebody.io.text import printable

__all__ = ["begin", "silent", "step"]

_BEGAN = "orebody.began"


def begin(context: click.Context) -> None:
    """Print that a command has begun, before slow imports."""
    context.meta[_BEGAN] = time.monotonic()
    step(f"{context.command_path}: loading")


def step(text: str) -> None:
    """Print the step that begins and the elapsed time. A closed stream does not stop the command."""
    context = click.get_current_context(silent=True)
    if context is None or silent():
        return
    elapsed = time.monotonic() - context.meta.get(_BEGAN, time.monotonic())
    with suppress(OSError, ValueError):
        click.echo(f"{elapsed:6.1f} s  {printable(text)}", err=True)


def silent() -> bool:
    """Return whether the command that runs was given ``--quiet``."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.params.get("quiet"))
