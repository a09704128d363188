"""Write and split off the values appended to the copy of a study in a report."""

from __future__ import annotations

import json
import re

__all__ = ["split_copy", "with_tail"]

_MARK = "# Written by orebody: from where, and with what, this copy gives the numbers of the report beside it."


def split_copy(text: str) -> tuple[str, str]:
    """Return a study as it was given, and what was written at the end of its copy; "" where nothing was."""
    found = re.search(rf"(\r?\n){{2}}{re.escape(_MARK)}\r?\n", text)
    return (text, "") if found is None else (text[: found.start()], text[found.end() :])


def with_tail(given: str, values: dict[str, object]) -> str:
    """Return the copy of a study, with values that stand in [copied]; those that are None are left out."""
    lines = [f"{name} = {_toml(value)}\n" for name, value in values.items() if value is not None]
    return f"{given}\n\n{_MARK}\n[copied]\n{''.join(lines)}"


def _toml(value: object) -> str:
    """Return a flag or a text as TOML has it: a basic string differs from JSON's only in one character."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
