"""Open written pages in the user's browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

__all__ = ["browse"]


def browse(page: Path) -> None:
    """Open a page in the browser, or say where it is: the work is done either way."""
    try:
        opened = webbrowser.open(page.absolute().as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        click.echo(f"orebody: no browser could be started; open {page.absolute()} yourself", err=True)
