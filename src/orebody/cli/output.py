"""Standard output that may be closed at any time, and text that cannot move the cursor."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from orebody.printable import printable

__all__ = ["hang_up", "printable", "say", "say_paths"]


def say(text: str) -> None:
    """Print a line, as long as it is; where nobody reads any more, the work goes on without a word."""
    try:
        click.echo(text)
    except BrokenPipeError:
        hang_up()


def say_paths(written: Mapping[str, Path | None], *, quiet: bool) -> None:
    """Say what was written and where, a line each; of quiet commands the path alone."""
    for what, path in written.items():
        if path is not None:
            say(f"{path}" if quiet else f"{what}: {path}")


def hang_up() -> None:
    """Send what is still to be printed nowhere: whoever read standard output has stopped."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
