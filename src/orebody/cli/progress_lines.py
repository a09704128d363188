"""What is said on standard error while one waits: a line at once, and one for each step; ``--quiet`` silences them."""

from __future__ import annotations

import time
from contextlib import suppress

import click

from orebody.io.text import printable

__all__ = ["begin", "silent", "step"]

_BEGAN = "orebody.began"


def begin(context: click.Context) -> None:
    """Say that a command has begun, before anything that takes time is imported."""
    context.meta[_BEGAN] = time.monotonic()
    step(f"{context.command_path}: loading")


def step(text: str) -> None:
    """Say which step begins, and how long the command has run; nobody who listens is no reason to stop."""
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
