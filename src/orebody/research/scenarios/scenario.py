"""What a scenario is: how the days drawn from history are tilted, and the three cases for 2026."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from orebody.errors import ParameterError, unknown_name

__all__ = ["CASES", "Scenario", "named_scenario", "validate_scenarios"]

_BOUNDS = {  # lowest, highest; what lies beyond overflows, or is a slip of the decimal point
    "drift": (-5.0, 5.0, "annual log return of the metal, from -5 to 5"),
    "volatility": (0.0, 10.0, "a multiple of history's, from 0 to 10"),
    "gearing": (-10.0, 10.0, "log return of the miners for 1 of the metal, from -10 to 10"),
    "alpha": (-5.0, 5.0, "annual log return of the miners beyond their gearing, from -5 to 5"),
}


@dataclass(frozen=True)
class Scenario:
    """How drawn days are tilted; what is left out stays as in history. The formulas are in `docs/scenarios.md`.

    Parameters
    ----------
    name
        What tables call it.
    drift
        Expected annual log return of the metal; None keeps that of the days drawn from.
    volatility
        By which the metal's demeaned returns and the miners' residuals are multiplied.
    gearing
        Beta of the miners to the metal in daily log returns; of several miners the mean beta, each keeping its ratio to it. None keeps
        theirs.
    alpha
        Annual log return of the miners beyond gearing times the metal; None keeps theirs.
    derating
        Share that the ratio of miners to metal loses over the horizon, spread evenly, on top of all else.
    crash
        (bar, metal, miners): on that bar of the path, the first being 1, the close-to-close returns are these (-0.1 is -10 %), between
        open and close, so that no order gets out in time.
    pullback
        (every, length, depth): once in every so many bars the metal falls by `depth` over `length` bars, besides what the drawn days do,
        and rises by as much over the other bars of the cycle; the miners do so times their gearing. When the first comes is drawn.
    why
        Why these figures.

    Raises
    ------
    ParameterError
        For figures out of bounds, or that imply a price at or below 0.
    """

    name: str
    drift: float | None = None
    volatility: float = 1.0
    gearing: float | None = None
    alpha: float | None = None
    derating: float = 0.0
    crash: tuple[int, float, float] | None = None
    pullback: tuple[int, int, float] | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ParameterError(f"a scenario is called {self.name!r}: give it a name")
        for what, (low, high, text) in _BOUNDS.items():
            value = getattr(self, what)
            if (value is None and what != "volatility") or (_is_number(value) and low <= value <= high):
                continue
            raise ParameterError(f"scenario {self.name!r}: {what} is {value!r}: it must be {text}")
        if not _is_number(self.derating) or self.derating >= 1:
            raise ParameterError(
                f"scenario {self.name!r}: derating is {self.derating!r}: a share of 1 or more leaves miners without a price above 0, "
                "so give a share below 1 (0.2 is 20 %)"
            )
        if self.derating < -10:
            raise ParameterError(f"scenario {self.name!r}: derating is {self.derating!r}: a rise is at most 10 times, -10")
        self._check_crash()
        self._check_pullback()

    def _check_crash(self) -> None:
        if self.crash is None:
            return
        if not isinstance(self.crash, tuple) or len(self.crash) != 3 or not _is_bar(self.crash[0]) or self.crash[0] < 2:
            raise ParameterError(
                f"scenario {self.name!r}: crash is {self.crash!r}: give (bar, metal, miners) such as (21, -0.1, -0.13); accounts open on "
                "the close of bar 1, so the bar is at least 2"
            )
        for who, value in zip(("metal", "miners"), self.crash[1:], strict=True):
            if not _is_number(value) or not -1 < value <= 10:
                raise ParameterError(
                    f"scenario {self.name!r}: its crash moves the {who} by {value!r}: a return of -1 (-100 %) or less leaves no price "
                    "above 0, so give a return above -1 and up to 10"
                )

    def _check_pullback(self) -> None:
        if self.pullback is None:
            return
        right = isinstance(self.pullback, tuple) and len(self.pullback) == 3 and all(_is_bar(one) for one in self.pullback[:2])
        if not right or not 1 <= self.pullback[1] < self.pullback[0]:
            raise ParameterError(
                f"scenario {self.name!r}: pullback is {self.pullback!r}: give (every, length, depth) such as (63, 15, 0.1), in bars, the "
                "length from 1 to below every"
            )
        if not _is_number(self.pullback[2]) or not 0 <= self.pullback[2] < 1:
            raise ParameterError(
                f"scenario {self.name!r}: its pullbacks are {self.pullback[2]!r} deep: a fall of 1 (100 %) or more leaves no price above "
                "0, so give a share from 0 to below 1"
            )

    @property
    def text(self) -> str:
        """What it changes, in a line."""
        said = [
            f"{one.name} {value}"
            for one in fields(self)
            if one.name not in ("name", "why") and (value := getattr(self, one.name)) != one.default
        ]
        return ", ".join(said) or "history as it was"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool) and math.isfinite(value)


def _is_bar(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


CASES = (
    Scenario(
        "bullish",
        drift=0.20,
        volatility=1.25,
        why="about 22 % in a year: twice gold's long mean, a third of 2025; volatility between the long mean and that of the last year",
    ),
    Scenario(
        "bearish",
        drift=-0.20,
        volatility=1.5,
        gearing=2.0,
        derating=0.2,
        crash=(21, -0.103, -0.128),
        why="with the crash about the fall of 2013 (-28 %); miners at the gearing of two that Tufano (1998) found, and a fifth cheaper "
        "against the metal at the end; 30 January 2026 comes once more after a month",
    ),
    Scenario(
        "in between",
        drift=0.05,
        volatility=1.5,
        pullback=(63, 15, 0.1),
        why="volatility stays where it was in the year to spring 2026 (27 % a year against 18 % since 2006); each quarter three weeks that "
        "take 10 % off, and a renewed leg that brings them back",
    ),
)
"""Bullish, bearish, and in between: what is run unless others are given."""


def named_scenario(name: str) -> Scenario:
    """Return the one of `CASES` with this name, or raise `UnknownNameError`."""
    known = {one.name: one for one in CASES}
    if name not in known:
        raise unknown_name("scenario", name, known)
    return known[name]


def validate_scenarios(given: Iterable[Scenario | str] | Scenario | str | None, horizon: int) -> tuple[Scenario, ...]:
    """Return the scenarios that were asked for, those of `CASES` by name or all of them for None.

    Raises
    ------
    ParameterError
        For none, something else, a name given twice, or a crash after the horizon.
    UnknownNameError
        For a name that none of `CASES` has.
    """
    if given is None:
        given = CASES
    asked = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    if not asked:
        raise ParameterError("no scenarios were given: leave them out for the three of 2026, or give [orebody.Scenario('flat', drift=0.0)]")
    chosen = tuple(named_scenario(one) if isinstance(one, str) else one for one in asked)
    for one in chosen:
        if not isinstance(one, Scenario):
            raise ParameterError(f"{one!r} is no scenario: give orebody.Scenario(name, drift=..., volatility=...), or the name of a case")
        if one.crash is not None and one.crash[0] > horizon and given is not CASES:
            raise ParameterError(f"scenario {one.name!r} has its crash on bar {one.crash[0]}, after the horizon of {horizon} bars")
    names = [one.name for one in chosen]
    if len(set(names)) < len(names):
        raise ParameterError(f"a scenario is given twice: {', '.join(names)}")
    return chosen
