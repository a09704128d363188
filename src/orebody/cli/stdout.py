"""Standard output that may be closed at any time, and text that cannot move the cursor."""

from __future__ import annotations

import io
import os
import sys

import click

from orebody.io.text import printable

__all__ = ["echo", "escape_unprintable", "flush", "printable", "silence_stdout"]


def escape_unprintable() -> None:
    """Have what standard output cannot encode, such as a beta in ASCII, printed as an escape instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Hand everything printed to the system, which may refuse it only now."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


def echo(text: str) -> None:
    """Print a line unwrapped. If standard output is closed, continue silently."""
    try:
        click.echo(text)
    except BrokenPipeError:
        silence_stdout()


def silence_stdout() -> None:
    """Discard further output, because the reader closed standard output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
