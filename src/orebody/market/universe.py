"""Which metal, and which of its producers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from orebody.errors import ParameterError, unknown_name

__all__ = ["NAMED", "SURVIVORS", "Universe", "named"]

SURVIVORS = "survivors only: the list of miners has no dates"
"""What is said wherever a market is described whose several miners were chosen with hindsight."""

_TICKER = re.compile(r"[A-Za-z0-9^=][A-Za-z0-9^=._\-]{0,31}")


@dataclass(frozen=True)
class Universe:
    """One metal and the miners it is compared with.

    Parameters
    ----------
    name
        What tables and reports call it.
    metal
        Ticker of the metal (a fund that holds it, say ``"GLD"``).
    miners
        Tickers of its producers, or of funds of them; at least one. A single string is taken as one ticker.
    since, until
        First and last day, both included, on which a miner belongs to the universe, by ticker, as dates or ISO texts. A miner without
        a date belongs as long as it trades.

    Raises
    ------
    ParameterError
        For no miner, a repeated ticker, or a ticker that is no plain name of up to 32 letters, digits and ``^ = . _ -``; for something
        that is not a date, or a miner that leaves before it joins.
    UnknownNameError
        For a date of something that is not one of the miners.
    """

    name: str
    metal: str
    miners: tuple[str, ...]
    since: Mapping[str, str] = field(default_factory=dict, hash=False)
    until: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        miners = (self.miners,) if isinstance(self.miners, str) else tuple(self.miners)
        object.__setattr__(self, "miners", miners)
        if not miners:
            raise ParameterError(f"universe {self.name!r} has no miners: name at least one producer or fund of producers")
        for ticker in self.tickers:
            if not isinstance(ticker, str) or not _TICKER.fullmatch(ticker):
                raise ParameterError(
                    f"{ticker!r} is not a ticker: up to 32 letters, digits and ^ = . _ - are, beginning with none of . _ -"
                )
        if len(set(self.tickers)) < len(self.tickers):
            raise ParameterError(f"universe {self.name!r} names a ticker twice: {', '.join(self.tickers)}")
        for what in ("since", "until"):
            object.__setattr__(self, what, self._dates(what))
        for ticker in self.since.keys() & self.until.keys():
            if self.since[ticker] > self.until[ticker]:
                raise ParameterError(
                    f"universe {self.name!r}: {ticker} belongs since {self.since[ticker]}, after it left: until {self.until[ticker]}"
                )

    def _dates(self, what: str) -> dict[str, str]:
        """Return `since` or `until` as ISO texts."""
        given = getattr(self, what)
        if not isinstance(given, Mapping):
            raise ParameterError(
                f"universe {self.name!r}: {what} is {given!r}: give a mapping of tickers to dates, {{'AEM': '2010-01-04'}}"
            )
        dates = {}
        for ticker, when in given.items():
            if ticker not in self.miners:
                raise unknown_name(f"miner of universe {self.name!r} in {what}", str(ticker), self.miners)
            dates[ticker] = _iso(when, f"universe {self.name!r}: {what} of {ticker}")
        return dates

    def __repr__(self) -> str:
        dates = "".join(f", {what}={getattr(self, what)!r}" for what in ("since", "until") if getattr(self, what))
        return f"Universe(name={self.name!r}, metal={self.metal!r}, miners={self.miners!r}{dates})"

    @property
    def dated(self) -> bool:
        """Whether any miner has a date from which or until which it belongs."""
        return bool(self.since or self.until)

    @property
    def with_dates(self) -> frozenset[str]:
        """The miners that have such a date."""
        return frozenset((*self.since, *self.until))

    @property
    def survivors_only(self) -> bool:
        """Whether several miners are named and none has a date: a list made today leaves out those that failed."""
        return len(self.miners) > 1 and not self.dated

    @property
    def tickers(self) -> tuple[str, ...]:
        """All tickers, the metal first."""
        return (self.metal, *self.miners)

    def members(self, role: str) -> tuple[str, ...]:
        """Return the tickers that `role` stands for: ``"metal"``, ``"miners"``, or one ticker of the universe."""
        if role == "metal":
            return (self.metal,)
        if role == "miners":
            return self.miners
        if role in self.tickers:
            return (role,)
        raise unknown_name(f"part of universe {self.name!r}", role, ("metal", "miners", *self.tickers))


def _iso(when: object, what: str) -> str:
    """Return a date or an ISO text as an ISO text."""
    try:
        if isinstance(when, str):
            return dt.date.fromisoformat(when).isoformat()
        if isinstance(when, dt.date):
            return dt.date.fromisoformat(when.isoformat()[:10]).isoformat()  # a datetime is a date, too; NaT is not
    except ValueError:
        pass
    raise ParameterError(f"{what} is {when!r}, not a date: write it as '2006-05-22'")


NAMED = {
    universe.name: universe
    for universe in (
        Universe("gold", "GLD", ("GDX",)),
        Universe("gold-juniors", "GLD", ("GDXJ",)),
        Universe("gold-producers", "GLD", ("AEM", "AU", "B", "FNV", "GFI", "KGC", "NEM", "WPM")),
        Universe("silver", "SLV", ("SIL",)),
        Universe("copper", "CPER", ("COPX",)),
        Universe("diversified", "PICK", ("BHP", "RIO", "VALE")),
        Universe("battery-metals", "LIT", ("ALB",)),
    )
}
"""The universes that can be asked for by name, with the tickers of real funds and companies."""


def named(name: str) -> Universe:
    """Return the named universe, or raise `UnknownNameError` with the nearest name."""
    try:
        return NAMED[name]
    except KeyError:
        raise unknown_name("universe", name, NAMED) from None
