"""A published figure beside ours, and how it is judged: a verdict is computed, never typed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Above", "Below", "Figure", "Near", "Verdict"]


class Verdict(StrEnum):
    """What became of a published figure."""

    HOLDS = "holds"
    FAILS = "fails"
    UNCHECKED = "cannot be checked here"
    OURS = "ours alone"


@dataclass(frozen=True)
class Near:
    """Each of our figures is within a bound, one for all or one each, of the published one."""

    published: tuple[float, ...]
    within: float | tuple[float, ...] = 0.0

    def holds(self, ours: tuple[float, ...]) -> bool:
        if len(ours) != len(self.published):
            return False
        bounds = self.within if isinstance(self.within, tuple) else (self.within,) * len(ours)
        return all(abs(one - mine) <= bound for one, mine, bound in zip(self.published, ours, bounds, strict=True))

    def __str__(self) -> str:
        bounds = self.within if isinstance(self.within, tuple) else (self.within,)
        return "within " + " / ".join(f"{bound:g}" for bound in bounds) if any(bounds) else "the same"


@dataclass(frozen=True)
class Above:
    """Each of our figures is above its limit; minus infinity leaves one unjudged."""

    limits: tuple[float, ...]

    def holds(self, ours: tuple[float, ...]) -> bool:
        return all(mine > limit for mine, limit in zip(ours, self.limits, strict=True))

    def __str__(self) -> str:
        return "above " + " / ".join(f"{limit:g}" for limit in self.limits if math.isfinite(limit))


@dataclass(frozen=True)
class Below:
    """Each of our figures is below its limit; infinity leaves one unjudged."""

    limits: tuple[float, ...]

    def holds(self, ours: tuple[float, ...]) -> bool:
        return all(mine < limit for mine, limit in zip(ours, self.limits, strict=True))

    def __str__(self) -> str:
        return "below " + " / ".join(f"{limit:g}" for limit in self.limits if math.isfinite(limit))


@dataclass(frozen=True)
class Figure:
    """One line of a study.

    Attributes
    ----------
    what : str
        What was measured, with its unit.
    judge : Near, Above, Below or None
        What decides; None where nobody has published the figure, or where `missing` says why it cannot be checked.
    ours : tuple of float
        Ours; empty where it cannot be checked.
    form : str
        Format of a number; with several places, of all of ours at once.
    how : str
        The expression that makes ours.
    why : str
        The reason of the tolerance, or of a difference.
    said : str
        What was published, where that is no number or is rounder than its judge.
    missing : str
        Why it cannot be checked from these prices.
    """

    what: str
    judge: Near | Above | Below | None
    ours: tuple[float, ...]
    form: str = "{:.2f}"
    how: str = ""
    why: str = ""
    said: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        if bool(self.missing) != (not self.ours):
            raise ValueError(f"{self.what}: either our figures or why there are none")
        if self.missing and self.judge is not None:
            raise ValueError(f"{self.what}: nothing to judge")
        if not all(math.isfinite(mine) for mine in self.ours):
            raise ValueError(f"{self.what}: {self.ours} are not all numbers")

    @property
    def verdict(self) -> Verdict:
        if self.missing:
            return Verdict.UNCHECKED
        if self.judge is None:
            return Verdict.OURS
        return Verdict.HOLDS if self.judge.holds(self.ours) else Verdict.FAILS

    @property
    def claimed(self) -> str:
        return self.said or (self._shown(self.judge.published) if isinstance(self.judge, Near) else "–")

    @property
    def made(self) -> str:
        return self._shown(self.ours) if self.ours else "–"

    def _shown(self, values: tuple[float, ...]) -> str:
        if self.form.count("{") > 1:
            return self.form.format(*values)
        return " / ".join(self.form.format(value) for value in values)
