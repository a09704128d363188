"""Text that cannot move a cursor or break a line, and names as they are typed."""

from __future__ import annotations

import re
import textwrap

__all__ = ["kebab_case", "printable", "printable_lines"]

_WIDTH = 80


def kebab_case(name: str) -> str:
    """Return the name of a class as it is typed on the command line: ``HTTPFilter`` is ``http-filter``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def printable(text: str) -> str:
    """Return a text as one line whose control characters are shown, not obeyed."""
    return " ".join("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in part) for part in text.split())


def printable_lines(text: str) -> str:
    """Return a text of one line as `printable` does; one of several (a list of findings) line by line, wrapped at 80 columns."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return printable(text)
    return "\n".join(_wrap(line) for line in lines)


def _wrap(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return textwrap.fill(
        printable(line),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
        break_on_hyphens=False,
        break_long_words=False,
    )
