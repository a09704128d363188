"""Text that cannot move a cursor or break a line, whatever it was made of."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    """Return a text as one line whose control characters are shown, not obeyed."""
    return " ".join("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in part) for part in text.split())
