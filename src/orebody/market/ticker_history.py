"""Tickers that changed hands: what traded under them when, and what to ask for instead.

A provider keeps one history under one ticker, that of whoever holds it today. So a list of miners that names a ticker from memory can bring
the prices of another company, or a folder those of two. The table holds only what companies and exchanges announced, with the days of
trading; it is not complete. Announcements: Barrick of 2 January 2019 (its ABX and Randgold's GOLD become one GOLD) and of 28 April 2025
(GOLD becomes B), A-Mark's on becoming Gold.com (2 December 2025), Barnes' filing of 27 January 2025, Silver Wheaton of 10 May 2017,
Newmont on Goldcorp of 18 April 2019, Pan American on Yamana of 31 March 2023, Newcrest of 17 October 2023.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from orebody.errors import DataError
from orebody.market.universe import Universe

__all__ = ["HELD", "Tenure", "check_identity", "identity_notes"]


@dataclass(frozen=True)
class Tenure:
    """A company's time under a ticker.

    Attributes
    ----------
    company
        What it is called, in words that every name of it contains.
    since, until
        First and last day of trading under the ticker, or None where it does not matter or has not ended.
    now
        What became of it, with the ticker under which it is found; empty while it holds the ticker.
    miner
        Whether it digs, or finances digging.
    history
        First day of the prices that a provider has for it, where that tells it from others.
    """

    company: str
    since: dt.date | None = None
    until: dt.date | None = None
    now: str = ""
    miner: bool = True
    history: dt.date | None = None

    def holds(self, when: dt.date) -> bool:
        """Whether it held the ticker on a day."""
        return (self.since is None or self.since <= when) and (self.until is None or when <= self.until)


HELD: Mapping[str, tuple[Tenure, ...]] = {
    "ABX": (Tenure("Barrick", until=dt.date(2019, 1, 1), now="B"),),
    "GOLD": (
        Tenure("Randgold", until=dt.date(2018, 12, 31), now="part of Barrick, B"),
        Tenure("Barrick", dt.date(2019, 1, 2), dt.date(2025, 5, 8), now="B"),
        Tenure("Gold.com", dt.date(2025, 12, 2), miner=False, history=dt.date(2014, 3, 17)),
    ),
    "B": (
        Tenure("Barnes", until=dt.date(2025, 1, 27), now="private", miner=False),
        Tenure("Barrick", dt.date(2025, 5, 9)),
    ),
    "SLW": (Tenure("Silver Wheaton", until=dt.date(2017, 5, 15), now="WPM"),),
    "GG": (Tenure("Goldcorp", until=dt.date(2019, 4, 18), now="part of Newmont, NEM"),),
    "AUY": (Tenure("Yamana", until=dt.date(2023, 4, 3), now="part of Pan American, PAAS, and Agnico, AEM"),),
    "NCM.AX": (Tenure("Newcrest", until=dt.date(2023, 10, 26), now="part of Newmont, NEM"),),
}
"""Who held a ticker, oldest first."""

_NEAR = dt.timedelta(days=7)


def check_identity(ticker: str, first: dt.date, last: dt.date, name: str = "", *, expected: str = "") -> str | None:
    """Return what must be said about whose prices these are, or None; refuse prices that are surely not those of the company asked for.

    Parameters
    ----------
    ticker
        As it was asked for.
    first, last
        Days of the first and last price.
    name
        What the provider calls that which trades under the ticker; empty where it does not say, as in a folder.
    expected
        What that name must contain (`Universe.names`); it decides alone where it and the name are given.

    Returns
    -------
    str or None
        A sentence for `Market.notes`.

    Raises
    ------
    DataError
        When the provider's name does not contain what is expected; and, where nothing is expected, when the ticker is in `HELD` and
        the name is not that of a miner who held it. Without a name nothing is refused: dates alone do not prove whose prices a file holds.
    """
    first, last = (when.date() if isinstance(when, dt.datetime) else when for when in (first, last))
    held = HELD.get(ticker, ())
    if name and expected:
        if _in(expected, name):
            return None
        raise DataError(
            f"{ticker} is {_show(name)}, not {expected}: tickers are reused{_elsewhere(held, expected)}; mend the ticker, or what names= "
            "says of it"
        )
    if not held:
        return None
    if name:
        meant = [tenure for tenure in held if tenure.miner and _in(tenure.company, name)]
        if not meant:
            raise DataError(
                f"{ticker} is {_show(name)}, but {_story(ticker, held)}: ask for the ticker of the company that you mean, or say that you "
                f"mean this one with names={{{ticker!r}: {_show(name)!r}}}"
            )
        return f"{_show(name)}, under its ticker of then: {_story(ticker, held)}" if meant[-1].now else None
    holder = next((tenure for tenure in held if tenure.holds(last)), None)
    if holder is not None and holder.miner and not holder.now:
        return None
    alike = next((tenure for tenure in held if tenure.history and abs(first - tenure.history) <= _NEAR), None)
    found = f"begins on {first}, as the prices of {alike.company} do" if alike else f"ends on {last}"
    return f"{found}, and {_story(ticker, held)}: make sure whose prices these are"


def identity_notes(
    universe: Universe, frames: Mapping[str, pd.DataFrame], names: Mapping[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """Return what must be said about the tickers of a universe, as (``"identity"``, sentence) for `Market.notes`.

    Parameters
    ----------
    universe
        With the names that it expects.
    frames
        Prices by ticker, on dates in any order.
    names
        What the provider calls each ticker, where it says.

    Raises
    ------
    DataError
        As `check_identity` does.
    """
    notes = []
    for ticker in universe.tickers:
        index = frames[ticker].index
        if not isinstance(index, pd.DatetimeIndex) or not len(index) or index.hasnans:
            continue  # the door says what is wrong with it
        note = check_identity(
            ticker, index.min().date(), index.max().date(), (names or {}).get(ticker, ""), expected=universe.names.get(ticker, "")
        )
        if note is not None:
            notes.append(("identity", f"{ticker}: {note}"))
    return tuple(notes)


def _story(ticker: str, held: tuple[Tenure, ...]) -> str:
    """Return who held a ticker when."""
    parts = []
    for tenure in held:
        span = f"until {tenure.until}" if tenure.since is None else f"{tenure.since}..{tenure.until}"
        now = f" (now {tenure.now})" if tenure.now else ""
        parts.append(f"is {tenure.company} since {tenure.since}" if tenure.until is None else f"was {tenure.company} {span}{now}")
    return f"{ticker} {', '.join(parts)}"


def _elsewhere(held: tuple[Tenure, ...], expected: str) -> str:
    """Return where the expected company trades now, for a message."""
    found = next((tenure for tenure in reversed(held) if _in(tenure.company, expected) and tenure.now), None)
    return f", and {found.company} is {found.now} since it left this one" if found else ""


def _in(words: str, name: str) -> bool:
    """Whether a name contains words, without regard to case and punctuation."""
    return _plain(words) in _plain(name)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _show(name: str) -> str:
    """Return a provider's name as a message may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:100])
