"""Episodes: named stretches of history, and where they lie on a market's bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from orebody.errors import ParameterError
from orebody.market.market import Market
from orebody.market.point_in_time import day

__all__ = ["EPISODES", "Episode", "episodes_of", "locate"]


@dataclass(frozen=True)
class Episode:
    """A stretch of history, measured from the close of one day to the close of another.

    Parameters
    ----------
    name
        What tables call it.
    first, last
        The day on whose close the stretch begins, before anything of it has happened, and the day on whose close it ends.
    why
        Why these days.

    Raises
    ------
    ParameterError
        For something that is no date, or a stretch that ends before it begins.
    """

    name: str
    first: str
    last: str
    why: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ParameterError(f"an episode is called {self.name!r}: give it a name")
        for what in ("first", "last"):
            object.__setattr__(self, what, str(day(getattr(self, what), f"the {what} day of episode {self.name!r}").date()))
        if self.first >= self.last:
            raise ParameterError(f"episode {self.name!r} runs from {self.first} to {self.last}: its last day must come after its first")


EPISODES = (
    Episode("2008 crash", "2008-03-14", "2008-10-27", "highest to lowest close of the fund of gold miners (GDX) in the financial crisis"),
    Episode("2011-2016 bear market", "2011-09-08", "2016-01-19", "highest close of GDX ever until 2025 to the lowest after it"),
    Episode("March 2020", "2020-02-24", "2020-03-13", "highest to lowest close of GDX in the first weeks of the pandemic"),
    Episode("2025 rise", "2024-12-31", "2025-12-31", "the calendar year in which gold gained 64 % and GDX 155 %"),
    Episode("30 January 2026", "2026-01-29", "2026-01-30", "one session: gold fell 10 %, silver 29 %, gold miners 13 %"),
)
"""The episodes looked at unless others are given."""


def episodes_of(given: Mapping[str, tuple[str, str]] | tuple[Episode, ...] | None) -> tuple[Episode, ...]:
    """Return the episodes that were asked for: None is `EPISODES`; a mapping has (first, last) by name.

    Raises
    ------
    ParameterError
        For none at all, a name given twice, or what `Episode` refuses.
    """
    if given is None:
        return EPISODES
    episodes = []
    if isinstance(given, Mapping):
        for name, dates in given.items():
            if isinstance(dates, str) or len(tuple(dates)) != 2:
                raise ParameterError(f"episode {name!r} is {dates!r}: give its first and its last day, ('2008-03-14', '2008-10-27')")
            episodes.append(Episode(name, *dates))
    else:
        for one in given:
            if not isinstance(one, Episode):
                raise ParameterError(f"{one!r} is no episode: give Episode(name, first, last), or a mapping")
            episodes.append(one)
    if not episodes:
        raise ParameterError(
            "no episodes were given: leave them out for the named ones, or give {'my crash': ('2008-03-14', '2008-10-27')}"
        )
    names = [episode.name for episode in episodes]
    if len(set(names)) < len(names):
        raise ParameterError(f"an episode is given twice: {', '.join(names)}")
    return tuple(episodes)


def locate(episode: Episode, market: Market) -> tuple[int, int] | str:
    """Return the bars of the episode's two closes, counted from the opening, or, where accounts did not see all of it, why not.

    A day without a bar counts as the last bar before it.
    """
    dates = market.dates[market.opening :]
    first, last = (pd.Timestamp(one) for one in (episode.first, episode.last))
    if first < dates[0].normalize():
        return f"the accounts open on {dates[0].date()}, after it began"
    if last > dates[-1].normalize():
        return f"the prices end on {dates[-1].date()}, before it ended"
    begin, end = (int(dates.normalize().searchsorted(one, side="right")) - 1 for one in (first, last))
    return (begin, end) if begin < end else "there is no bar in it"
