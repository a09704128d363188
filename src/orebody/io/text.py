"""Text that cannot move a cursor or break a line, names as they are typed, and names in a sentence."""

from __future__ import annotations

import re
import textwrap

__all__ = ["in_a_list", "kebab_case", "printable", "printable_lines"]

_WIDTH = 80
_NAMED = 3  # names in a list, before "and 5 more"


def kebab_case(name: str) -> str:
    """Return the name of a class as it is typed on the command line: ``HTTPFilter`` is ``http-filter``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def in_a_list(names: list[str]) -> str:
    """Return names as a list in a sentence, the first of them if there are many: ``A, B, C and 5 more``."""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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
