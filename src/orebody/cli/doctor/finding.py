"""Result of a check: ok, a note, or a problem with its remedy."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOTE", "OK", "PROBLEM", "Finding", "count"]

OK, NOTE, PROBLEM = "ok", "note", "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    Parameters
    ----------
    topic
        What was looked at, in a word or two.
    state
        ``"ok"``, ``"note"`` (works, but worth knowing) or ``"problem"``.
    text
        What was found.
    remedy
        What to do; empty where there is nothing to be done.
    """

    topic: str
    state: str
    text: str
    remedy: str = ""


def count(number: int, what: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
