"""A study: what somebody claimed, where, from which prices, and the figures that decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from replications.figure import Figure, Verdict

__all__ = ["Study", "summary"]


@dataclass(frozen=True)
class Study:
    """One page of the shelf.

    Attributes
    ----------
    name : str
        Of the page, and what the command takes.
    title : str
        Heading of the page.
    source : str
        Author, year, title; and where the figures were read, when not in the work itself.
    claim : str
        What was claimed, in our words.
    period : str
        The period of the claim.
    prices : str
        Prices and period here.
    why : str
        Why it differs where it does; what to make of it.
    figures : callable
        From the folder of prices to the figures.
    """

    name: str
    title: str
    source: str
    claim: str
    period: str
    prices: str
    why: str
    figures: Callable[[Path], list[Figure]]


def summary(figures: list[Figure]) -> str:
    """Return the verdict on a study from those on its figures."""
    counts = Counter(figure.verdict for figure in figures)
    holds, fails, unchecked = counts[Verdict.HOLDS], counts[Verdict.FAILS], counts[Verdict.UNCHECKED]
    if not holds and not fails:
        return "cannot be checked here"
    partly = f"**in part: {holds} of {holds + fails} hold**"
    words = partly if holds and fails else "holds" if holds else "**fails**"
    return words + (f"; {unchecked} cannot be checked" if unchecked else "")
