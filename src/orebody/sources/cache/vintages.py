"""The log of what was downloaded when, and which state a date asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from orebody.errors import MissingFileError, ParameterError

__all__ = ["Download", "VintageLog", "ago", "format_moment", "moment"]

_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(milliseconds=1)


class Download(NamedTuple):
    """One download that brought something: a vintage.

    Attributes
    ----------
    when
        When it was stored, in UTC, to the millisecond; later than the one before.
    sha256
        Of the state in force after it: all dates, all figures to the last bit, and what the provider says the ticker is.
    library
        What downloaded it, with its version: ``"yfinance 1.7.0"``.
    whole
        Whether the whole history was asked for, or only its tail.
    rows, gone
        How many rows it brought, and how many of the rows in force before it superseded.
    scale
        What the earlier rows' ``Adj Close`` is multiplied by from here on: a distribution went ex after them.
    about
        Currency, exchange, zone, name and kind as the provider gave them.
    notes
        Sentences on anything out of the ordinary.
    """

    when: dt.datetime
    sha256: str
    library: str
    whole: bool
    rows: int
    gone: int = 0
    scale: float = 1.0
    about: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return format_moment(self.when)


@dataclass(frozen=True)
class VintageLog:
    """All downloads of one ticker, oldest first.

    Attributes
    ----------
    ticker, kind
        What is kept: ``"quotes"``, or the name of a table.
    asked
        When the provider was last asked with success, whether or not it had anything new.
    checked
        When the whole history was last asked for.
    downloads
        At least one.
    """

    ticker: str
    kind: str
    asked: dt.datetime
    checked: dt.datetime
    downloads: tuple[Download, ...]

    @property
    def last(self) -> Download:
        """The newest vintage."""
        return self.downloads[-1]

    def number(self, as_of: str | dt.date | None) -> int:
        """Return which download made the state of that date or moment: the last at or before it; see `moment`.

        Raises
        ------
        MissingFileError
            When the first download is later.
        """
        if as_of is None:
            return len(self.downloads) - 1
        until = moment(as_of)
        earlier = [number for number, download in enumerate(self.downloads) if download.when <= until]
        if earlier:
            return earlier[-1]
        raise MissingFileError(
            f"there is no vintage of {self.ticker} as of {format_moment(until)}: the nearest is its first, {self.downloads[0]} "
            f"({len(self.downloads)} in all): ask as of then or later"
        )

    def asked_again(self, when: dt.datetime, *, whole: bool) -> VintageLog:
        """Return the log after a download that brought nothing new."""
        return replace(self, asked=when, checked=when if whole else self.checked)

    def followed_by(self, download: Download) -> VintageLog:
        """Return the log with one more download, dated a millisecond after the last where the clock stood still or went back."""
        dated = download._replace(when=max(download.when, self.last.when + _TICK))
        return replace(self.asked_again(download.when, whole=download.whole), downloads=(*self.downloads, dated))

    def header(self) -> dict[str, Any]:
        """Return all of it as JSON carries it; what a download says as the one before it is left out."""
        entries, about, library = [], None, None
        for one in self.downloads:
            entry: dict[str, Any] = {"when": _iso(one.when), "sha256": one.sha256, "whole": one.whole, "rows": one.rows}
            entry |= {"gone": one.gone} if one.gone else {}
            entry |= {"scale": one.scale} if one.scale != 1.0 else {}
            entry |= {"about": dict(one.about)} if one.about != about else {}
            entry |= {"library": one.library} if one.library != library else {}
            entry |= {"notes": list(one.notes)} if one.notes else {}
            about, library = one.about, one.library
            entries.append(entry)
        return {
            "ticker": self.ticker,
            "kind": self.kind,
            "asked": _iso(self.asked),
            "checked": _iso(self.checked),
            "downloads": entries,
        }

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> VintageLog:
        """Return the log that `header` was made from; `KeyError`, `TypeError` or `ValueError` where it is none."""
        downloads: list[Download] = []
        about: Mapping[str, str] = {}
        library = ""
        for entry in header["downloads"]:
            about, library = entry.get("about", about), entry.get("library", library)
            downloads.append(
                Download(
                    when=dt.datetime.fromisoformat(entry["when"]),
                    sha256=entry["sha256"],
                    library=library,
                    whole=entry["whole"],
                    rows=entry["rows"],
                    gone=entry.get("gone", 0),
                    scale=entry.get("scale", 1.0),
                    about=about,
                    notes=tuple(entry.get("notes", ())),
                )
            )
        if not downloads:
            raise ValueError("no downloads")
        asked, checked = (dt.datetime.fromisoformat(header[name]) for name in ("asked", "checked"))
        return cls(header["ticker"], header["kind"], asked, checked, tuple(downloads))


def moment(when: str | dt.date) -> dt.datetime:
    """Return the last millisecond that a date or moment stands for, in UTC.

    A date (``"2026-05-01"``, a `datetime.date`, or a midnight without a zone) stands until the end of that day in UTC; a moment for
    itself, in UTC where it has no zone. The end of the calendar, 9999-12-31, is what many write for no end.

    Raises
    ------
    ParameterError
        For anything else.
    """
    try:
        given = dt.datetime.fromisoformat(when.removesuffix(" UTC")) if isinstance(when, str) else when
        if not isinstance(given, dt.datetime):
            given = dt.datetime(given.year, given.month, given.day)
        given = dt.datetime.fromisoformat(given.isoformat())  # a plain one of a pandas Timestamp; NaT is refused here
    except (AttributeError, TypeError, ValueError):
        raise ParameterError(f"as_of is {when!r}, not a date or a moment: write it as '2026-05-01' or '2026-05-01 21:03:17'") from None
    try:
        if given.tzinfo is not None:
            return given.astimezone(dt.UTC)
        given = given.replace(tzinfo=dt.UTC)
        return given + (_DAY - _TICK) if given.time() == dt.time() else given
    except OverflowError:  # a zone carries it over an end of the calendar
        return (dt.datetime.max if given.year > 1 else dt.datetime.min).replace(tzinfo=dt.UTC)


def format_moment(when: dt.datetime) -> str:
    """Return a moment as messages, reports and ``as_of`` write it: ``2026-05-01 21:03:17.250 UTC``."""
    return f"{when.astimezone(dt.UTC).replace(tzinfo=None).isoformat(' ', 'milliseconds')} UTC"


def ago(span: dt.timedelta) -> str:
    """Return how long ago something was, in the largest unit that fits: ``3 days``."""
    seconds = max(0.0, span.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "under a minute"


def _iso(when: dt.datetime) -> str:
    return when.isoformat(timespec="milliseconds")
