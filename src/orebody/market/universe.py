"""Which metal, and which of its producers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orebody.errors import ParameterError, unknown_name
from orebody.market.years import YEARS

__all__ = ["NAMED", "SURVIVORS", "Universe", "universe_named"]

SURVIVORS = "survivors only: the list of miners has no dates"
"""What is said wherever a market is described whose several miners were chosen with hindsight."""

_LONGEST = 100  # of a name, in characters: it stands in terminals and titles of pages
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

    names
        What the name of the company or fund behind a ticker must contain, by ticker, such as ``{"B": "Barrick"}``; case and punctuation
        do not count. Tickers are reused: a source that knows names refuses others.
    currency
        Three letters of the currency in which the market is to be, such as ``"USD"``; by default the metal's own.

    Raises
    ------
    ParameterError
        For a name that is not printable or longer than 100 characters; for no miner, a repeated ticker, or a ticker that is no plain name
        of up to 32 letters, digits and ``^ = . _ -``; for something that is not a date, a miner that leaves before it joins, a name that
        is no text with a letter or digit, and a currency that is not three capital letters.
    UnknownNameError
        For a date of something that is not one of the miners, or a name of what is not in the universe.
    """

    name: str
    metal: str
    miners: tuple[str, ...]
    since: Mapping[str, str] = field(default_factory=dict, hash=False)
    until: Mapping[str, str] = field(default_factory=dict, hash=False)
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    currency: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or not self.name.isprintable() or len(self.name) > _LONGEST:
            raise ParameterError(
                f"{_show(self.name)} is not the name of a universe: 1 to {_LONGEST} characters that can be printed are, on one line"
            )
        miners = (self.miners,) if isinstance(self.miners, str) else tuple(self.miners)
        object.__setattr__(self, "miners", miners)
        if not miners:
            raise ParameterError(f"universe {self.name!r} has no miners: name at least one producer or fund of producers")
        for ticker in self.tickers:
            if not isinstance(ticker, str) or not _TICKER.fullmatch(ticker):
                raise ParameterError(
                    f"{_show(ticker)} is not a ticker: up to 32 letters, digits and ^ = . _ - are, beginning with none of . _ -"
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

        object.__setattr__(self, "names", self._names())
        if self.currency and not (isinstance(self.currency, str) and re.fullmatch(r"[A-Z]{3}", self.currency)):
            raise ParameterError(f"universe {self.name!r}: currency is {_show(self.currency)}: give three capital letters, such as 'USD'")

    def _names(self) -> dict[str, str]:
        """Return `names`, checked."""
        if not isinstance(self.names, Mapping):
            raise ParameterError(f"universe {self.name!r}: names is {_show(self.names)}: give a mapping of tickers, {{'B': 'Barrick'}}")
        for ticker, words in self.names.items():
            if ticker not in self.tickers:
                raise unknown_name(f"ticker of universe {self.name!r} in names", str(ticker), self.tickers)
            if not isinstance(words, str) or not words.isprintable() or not any(map(str.isalnum, words)) or len(words) > _LONGEST:
                raise ParameterError(
                    f"universe {self.name!r}: the name of {ticker} is {_show(words)}: give what the company's name must contain, 'Barrick'"
                )
        return dict(self.names)

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
        optional = ("since", "until", "names", "currency")
        given = "".join(f", {what}={getattr(self, what)!r}" for what in optional if getattr(self, what))
        return f"Universe(name={self.name!r}, metal={self.metal!r}, miners={self.miners!r}{given})"

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

    @cached_property
    def _columns(self) -> dict[str, tuple[int, ...]]:
        each = {ticker: (column,) for column, ticker in enumerate(self.tickers)}
        return each | {"metal": (0,), "miners": tuple(range(1, len(self.tickers)))}

    def columns(self, role: str) -> tuple[int, ...]:
        """Return the places in `tickers` of what `role` stands for: ``"metal"``, ``"miners"``, or one ticker of the universe."""
        if role not in self._columns:
            raise unknown_name(f"part of universe {self.name!r}", role, ("metal", "miners", *self.tickers))
        return self._columns[role]

    def members(self, role: str) -> tuple[str, ...]:
        """Return the tickers that `role` stands for: ``"metal"``, ``"miners"``, or one ticker of the universe."""
        return tuple(self.tickers[column] for column in self.columns(role))


def _show(given: object) -> str:
    """Return how a message shows what was given: escaped, and cut short."""
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _iso(when: object, what: str) -> str:
    """Return a date or an ISO text as an ISO text."""
    found = None
    try:
        if isinstance(when, str):
            found = dt.date.fromisoformat(when)
        elif isinstance(when, dt.date):
            found = dt.date.fromisoformat(when.isoformat()[:10])  # a datetime is a date, too; NaT is not
    except ValueError:
        pass
    if found is None:
        raise ParameterError(f"{what} is {when!r}, not a date: write it as '2006-05-22'")
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise ParameterError(f"{what} is {found}: it must lie between {YEARS[0]} and {YEARS[1]}; leave out what has no end")
    return found.isoformat()


NAMED = {
    universe.name: universe
    for universe in (
        Universe("gold", "GLD", ("GDX",)),
        Universe("gold-juniors", "GLD", ("GDXJ",)),
        Universe(
            "gold-producers",
            "GLD",
            ("AEM", "AU", "B", "FNV", "GFI", "KGC", "NEM", "WPM"),
            names={
                "AEM": "Agnico",
                "AU": "AngloGold",
                "B": "Barrick",
                "FNV": "Franco-Nevada",
                "GFI": "Gold Fields",
                "KGC": "Kinross",
                "NEM": "Newmont",
                "WPM": "Wheaton",
            },
        ),
        Universe(
            "gold-australia",
            "GLD",
            ("EVN.AX", "NST.AX", "PRU.AX", "RMS.AX", "RRL.AX"),
            names={"EVN.AX": "Evolution", "NST.AX": "Northern Star", "PRU.AX": "Perseus", "RMS.AX": "Ramelius", "RRL.AX": "Regis"},
        ),
        Universe("silver", "SLV", ("SIL",)),
        Universe("silver-london", "SLV", ("FRES.L", "HOC.L"), names={"FRES.L": "Fresnillo", "HOC.L": "Hochschild"}),
        Universe("copper", "CPER", ("COPX",)),
        Universe("copper-london", "CPER", ("ANTO.L",), names={"ANTO.L": "Antofagasta"}),
        Universe("diversified", "PICK", ("BHP", "RIO", "VALE"), names={"BHP": "BHP", "RIO": "Rio Tinto", "VALE": "Vale"}),
        Universe(
            "diversified-london",
            "PICK",
            ("AAL.L", "GLEN.L", "RIO.L"),
            names={"AAL.L": "Anglo", "GLEN.L": "Glencore", "RIO.L": "Rio Tinto"},
        ),
        Universe(
            "diversified-australia",
            "PICK",
            ("BHP.AX", "FMG.AX", "RIO.AX", "S32.AX"),
            names={"BHP.AX": "BHP", "FMG.AX": "Fortescue", "RIO.AX": "Rio Tinto", "S32.AX": "South32"},
        ),
        Universe("battery-metals", "LIT", ("ALB",), names={"ALB": "Albemarle"}),
    )
}
"""The universes that can be asked for by name, with the tickers of real funds and companies, and the names of the companies."""


def universe_named(name: str) -> Universe:
    """Return the universe of that name, or the one in a TOML file: ``"gold"``, ``"mine.toml"``, ``"mine.toml:my-gold"``.

    Raises
    ------
    UnknownNameError
        For an unknown name, with the nearest.
    MissingFileError, DataError, ParameterError, UnknownNameError
        For a file that is not there or says something that cannot be; see `orebody.market.universe_file`.
    """
    if name in NAMED:
        return NAMED[name]
    from orebody.market.universe_file import in_file, names_a_file  # it reads universes, so it comes after them

    if names_a_file(name):
        return in_file(name)
    raise unknown_name("universe", _show(name)[1:-1] if len(name) > _LONGEST else name, NAMED)
