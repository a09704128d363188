"""Error messages for the command line: options in place of Python arguments, and the remedy."""

from __future__ import annotations

import re

import click

from orebody.errors import DownloadError

__all__ = ["for_cli"]

_ARGUMENT = re.compile(r"(?<![(,] )(?<!\()\b(engine|fill|frequency|repair|source)='([\w-]+)'")  # not inside a call that is quoted
_SUBJECT = re.compile(r"^(as_of|max_age|cache|currency|rates|frequency|repair|fill|start|end) is\b")
_OF_MARKET = re.compile(r"--frequency(?= \w+ makes| is '[\w-]+'(, and|: it must be one of day, week, month, quarter))")
_FLAGS = {
    "offline=True": "--offline",
    "overwrite=True": "--force",
    "allow_outside=True": "--allow-outside",
    "(rates= takes another)": "(--rates takes another)",
}
_OF_YAHOO_ALONE = ("orebody fetch", "orebody doctor")
_EXTRA = re.compile(r"\binstall orebody\[(\w+)\]")


def for_cli(error: object, command: str = "orebody") -> str:
    """Return the message of an error in the terms of the command line, for `command`."""
    if isinstance(error, click.NoSuchOption):
        near = f"; did you mean {error.possibilities[0]}?" if error.possibilities else ""
        return f"unknown option {error.option_name}{near} ({_path(error, command)} --help lists them)"
    if isinstance(error, click.UsageError):
        said = error.format_message().rstrip(".")
        return f"{said[:1].lower()}{said[1:]}: {_path(error, command)} --help shows how"
    if isinstance(error, click.ClickException):
        return error.format_message()
    said = _ARGUMENT.sub(r"--\1 \2", str(error))
    for argument, flag in _FLAGS.items():
        said = said.replace(argument, flag)
    said = _SUBJECT.sub(lambda found: f"--{found.group(1).replace('_', '-')} is", said)
    if command == "orebody gearing":
        said = _OF_MARKET.sub("--bars", said)
    said = _EXTRA.sub(r"pip install 'orebody[\1]'", said)
    if isinstance(error, DownloadError) and said.endswith("--offline") and command not in _OF_YAHOO_ALONE:
        said = f"{said}; --source sample needs no network"
    return said


def _path(error: click.UsageError, command: str) -> str:
    return error.ctx.command_path if error.ctx is not None else command
