"""What a report shows of the study that it answers: the file itself, its hash, and what was asked for instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.presentation import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["section"]


def section(name: str, text: str, sha256: str, notes: Sequence[str]) -> Section:
    """Return the section.

    Parameters
    ----------
    name
        Of the file.
    text, sha256
        The file as it was given, and its hash.
    notes
        What else must be said, a sentence each.
    """
    return Section(
        title="The study",
        sentences=[
            f"Everything on this page follows from the file {name}. Its copy beside this page gives the same numbers again: "
            "orebody run study.toml.",
            *notes,
        ],
        listing=text.removeprefix("\ufeff").strip("\r\n"),
        settings=[("Study", f"{name}, SHA-256 {sha256}")],
    )
