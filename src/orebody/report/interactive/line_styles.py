"""How the lines look: told apart by colour-blind readers by colour, and in grey by dashes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from orebody.presentation import INK, SOFT

__all__ = ["INK", "PALETTE", "SOFT", "Look", "looks"]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito (2008), "Color Universal Design"; without black, which the benchmarks have, and yellow, which white paper swallows."""

DASHES: tuple[tuple[int, ...], ...] = ((), (7, 4), (2, 3), (9, 3, 2, 3), (14, 4), (2, 7), (9, 3, 2, 3, 2, 3))


@dataclass(frozen=True)
class Look:
    """A line's colour (one of the palette, `INK` or `SOFT`), dashes in pixels (none: solid) and width in pixels."""

    color: str
    dash: tuple[int, ...]
    width: float


def looks(labels: Iterable[str], benchmarks: Iterable[str]) -> dict[str, Look]:
    """Return the look of each label, in their order: the benchmarks heavy in ink, the strategies in colour, first solid, then dashed."""
    heavy = dict(zip(benchmarks, (Look(INK, (), 2.6), Look(SOFT, (10, 4), 2.6)), strict=False))
    strategies = (Look(PALETTE[at % len(PALETTE)], DASHES[at // len(PALETTE) % len(DASHES)], 1.8) for at in itertools.count())
    return {label: heavy.get(label) or next(strategies) for label in labels}
