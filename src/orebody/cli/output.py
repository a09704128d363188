"""Standard output that may be closed at any time, and text that cannot move the cursor."""

from __future__ import annotations

import os
import sys

import click

from orebody.printable import printable

__all__ = ["hang_up", "printable", "say"]


def say(text: str) -> None:
    """Print a line, as long as it is; where nobody reads any more, the work goes on without a word."""
    try:
        click.echo(text)
    except BrokenPipeError:
        hang_up()


def hang_up() -> None:
    """Send what is still to be printed nowhere: whoever read standard output has stopped."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
