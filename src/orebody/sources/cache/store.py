"""The cache: what was downloaded, kept with its vintages, refreshed by its end, and given back as of any date.

Nothing here knows a provider: whoever wants a refresh hands over what downloads.
"""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd

from orebody.errors import DataError, DownloadError, MissingFileError, OutputError, ParameterError
from orebody.sources.cache import checksummed
from orebody.sources.cache.checksummed import BrokenFileError
from orebody.sources.cache.entries import CachedQuotes, CachedTable, Entry
from orebody.sources.cache.history import QuoteHistory, validate_quotes
from orebody.sources.cache.paths import TickerFolder, default_folder, places
from orebody.sources.cache.reconcile import contradiction, describe_corrections, describe_distrust, with_last_bars
from orebody.sources.cache.tables import TableHistory
from orebody.sources.cache.vintages import VintageLog, ago
from orebody.sources.quotes import Quotes

__all__ = ["MAX_AGE", "OVERLAP", "WHOLE_EVERY", "Cache", "Fetch"]

MAX_AGE = dt.timedelta(hours=12)
"""How old what is kept may be before the provider is asked again: one day's work sees one state, the next day the next."""

WHOLE_EVERY = dt.timedelta(days=30)
"""How long ago the whole history may have been asked for, before a refresh asks for it again: corrections far in the past are seen then."""

OVERLAP = 10
"""Bars before the end that a refresh asks for again, to see whether the history is still the same."""

_QUOTES = "quotes"
_Kept = TypeVar("_Kept", QuoteHistory, TableHistory)
_Chosen = TypeVar("_Chosen", CachedQuotes, CachedTable)


class Fetch(Protocol):
    """What downloads quotes: of the whole history, or from the day `since` on."""

    def __call__(self, ticker: str, /, *, since: dt.date | None = None) -> Quotes:
        """Return the quotes, or raise `DownloadError`."""


class Cache:
    """A folder of what was downloaded.

    Any number of processes and threads may use one folder at once. A file is replaced as a whole and under a lock, so whoever is killed at
    whatever moment leaves the earlier state or the later one.

    Parameters
    ----------
    folder
        By default the one that the environment variable OREBODY_CACHE names, or else the user's cache folder of the system.
    library
        Name of the package that downloads; it stands, with its version, beside each download.
    whole_every
        See `WHOLE_EVERY`.
    patience
        How many seconds to wait for another process that refreshes the same ticker.
    clock
        Returns the time, with its zone.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        library: str = "yfinance",
        whole_every: dt.timedelta = WHOLE_EVERY,
        patience: float = 600.0,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        if folder is not None and (not isinstance(folder, str | Path) or not str(folder).strip() or not str(folder).isprintable()):
            raise ParameterError(f"cache is {folder!r:.100}: give a folder")
        try:
            self.folder: Path = default_folder() if folder is None else Path(folder).expanduser()
        except RuntimeError:  # ~nobody, or nobody's home
            raise ParameterError(f"cache is {str(folder or '~')!r:.100}: there is no such home folder; give another folder") from None
        try:
            is_file = not stat.S_ISDIR(self.folder.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            is_file = False
        except OSError as error:  # Path.exists() hides it from Python 3.14 on
            raise OutputError(f"the cache {str(self.folder)[:100]!r} cannot be used: {error.strerror}") from None
        if is_file:
            raise OutputError(f"the cache {str(self.folder)!r} is a file: name a folder")
        self._made_by, self._whole_every, self._patience, self._clock = _version(library), whole_every, patience, clock

    def __repr__(self) -> str:
        return f"Cache({str(self.folder)!r})"

    def load(self, ticker: str, *, as_of: str | dt.date | None = None) -> CachedQuotes:
        """Return what is kept, without asking anybody.

        Parameters
        ----------
        ticker
            As the provider calls it.
        as_of
            The state of that date or moment, to the last bit: after the last download at or before it. A date stands until the end of that
            day in UTC. By default the newest.

        Raises
        ------
        MissingFileError
            When nothing is kept of that ticker, or nothing that old.
        DataError
            When the file is broken; it is left as it is.
        ParameterError
            For what is no ticker or no date.
        """
        return self._loaded(
            TickerFolder(self.folder, ticker, _QUOTES), QuoteHistory, lambda kept: CachedQuotes.of(kept, kept.log.number(as_of))
        )

    def refresh(self, ticker: str, fetch: Fetch, *, max_age: dt.timedelta = MAX_AGE, whole: bool = False) -> CachedQuotes:
        """Return the newest state; `fetch` is asked for what is new unless what is kept is younger than `max_age`.

        Only the end is asked for, with `OVERLAP` bars that are kept already. Where these contradict what is kept (another close,
        distribution or split; an adjustment that the distributions since do not explain), the whole is asked for and takes its place, and a
        note says why. A file that is broken is set aside, said in a note, and fetched again.

        Parameters
        ----------
        ticker
            As the provider calls it.
        fetch
            What downloads: ``fetch(ticker, since=day)``, or without `since` for the whole.
        max_age
            How long ago the provider may have been asked last; ``timedelta(0)`` asks now, unless another process did meanwhile.
        whole
            Ask for the whole history, and take it whatever it contradicts.

        Raises
        ------
        DownloadError
            From `fetch`. What is kept stays as it was, and the message says how old it is.
        DataError
            When the provider's history cannot be of the same instrument: see `orebody.sources.cache.reconcile.describe_distrust`.
        OutputError
            When the folder cannot be written, or another process keeps the ticker locked.
        ParameterError
            For what is no ticker, or a negative age.
        """
        place = TickerFolder(self.folder, ticker, _QUOTES)

        def renewed(history: QuoteHistory | None, notes: tuple[str, ...]) -> QuoteHistory:
            if history is None:
                return QuoteHistory.begun(self._fetched(fetch, ticker), self._now(), self._made_by, notes)
            return self._renewed(history, fetch, whole)

        history, new = self._refreshed(place, QuoteHistory, renewed, max_age, whole)
        return CachedQuotes.of(history, new=new)

    def load_table(self, ticker: str, kind: str, *, as_of: str | dt.date | None = None) -> CachedTable:
        """Return a table that is kept beside the quotes, without asking anybody; see `load`."""
        return self._loaded(
            TickerFolder(self.folder, ticker, kind), TableHistory, lambda kept: CachedTable.of(kept, kept.log.number(as_of))
        )

    def refresh_table(
        self, ticker: str, kind: str, fetch: Callable[[str], pd.DataFrame], *, max_age: dt.timedelta = MAX_AGE
    ) -> CachedTable:
        """Return the newest state of a table, which `fetch(ticker)` downloads whole; see `refresh`.

        Parameters
        ----------
        ticker
            As the provider calls it.
        kind
            Names the table: ``"ratings"``.
        fetch
            What downloads it; the table may be empty.
        max_age
            How long ago the provider may have been asked last.
        """
        place = TickerFolder(self.folder, ticker, kind)
        if kind == _QUOTES:
            raise ParameterError("'quotes' is not a kind of table: refresh() keeps quotes")

        def renewed(tables: TableHistory | None, notes: tuple[str, ...]) -> TableHistory:
            table = fetch(ticker)
            if tables is None:
                return TableHistory.begun(ticker, kind, table, self._now(), self._made_by, notes)
            return tables.extended(table, self._now(), self._made_by)

        tables, new = self._refreshed(place, TableHistory, renewed, max_age, False)
        return CachedTable.of(tables, new=new)

    def entries(self, ticker: str | None = None) -> list[Entry]:
        """Return all that is kept, or all of one ticker, each read and checked."""
        if ticker is not None:
            _ = TickerFolder(self.folder, ticker, _QUOTES).folder  # refuses what is no ticker
        return [_entry(place) for place in places(self.folder) if ticker in (None, place.ticker)]

    def _loaded(self, place: TickerFolder, kind: type[_Kept], chosen: Callable[[_Kept], _Chosen]) -> _Chosen:
        remedy = (
            f"download them with: orebody fetch {place.ticker}" if place.kind == _QUOTES else "ask for them while the provider may be asked"
        )
        try:
            kept = _read(place, kind)
        except FileNotFoundError:
            raise MissingFileError(f"there are no {place.kind} of {place.ticker} in the cache {self.folder}: {remedy}") from None
        except BrokenFileError as broken:
            raise _distrust_error(place, broken, remedy) from None
        try:
            return chosen(kept)
        except BrokenFileError as broken:
            raise _distrust_error(place, broken, remedy) from None

    def _refreshed(
        self,
        place: TickerFolder,
        kind: type[_Kept],
        renewed: Callable[[_Kept | None, tuple[str, ...]], _Kept],
        max_age: dt.timedelta,
        whole: bool,
    ) -> tuple[_Kept, int]:
        """Return what is kept afterwards, and how many rows came."""
        if max_age < dt.timedelta(0):
            raise ParameterError(f"max_age is {max_age}: it must not be negative; timedelta(0) asks the provider now")
        oldest = self._now() - (dt.timedelta(0) if whole else max_age)
        kept, broken = _try_read(place, kind)
        if kept is not None and self._fresh(kept.log, oldest, whole):
            return kept, 0
        with place.locked(self._patience):
            kept, broken = _try_read(place, kind)  # another process may have been here first
            if kept is not None and self._fresh(kept.log, oldest, whole):
                return kept, 0
            notes = (f"the cached {place.kind} could not be trusted ({broken}): set aside and fetched again",) if broken else ()
            try:
                new = renewed(kept, notes)
            except DownloadError as error:
                raise _failure(error, kept, self._now()) from error
            if broken:
                place.set_aside()
            checksummed.write(place.path, new.log.header(), new.columns())
        came = kept is None or len(new.log.downloads) > len(kept.log.downloads)
        return new, new.log.last.rows if came else 0

    def _fresh(self, log: VintageLog, oldest: dt.datetime, whole: bool) -> bool:
        """Whether what is kept needs no refresh; what a wrong clock dated in the future does."""
        asked = log.checked if whole else log.asked
        return oldest <= asked <= self._now()

    def _renewed(self, history: QuoteHistory, fetch: Fetch, whole: bool) -> QuoteHistory:
        """Return the history with what is new: by its end if that continues it, by the whole otherwise."""
        kept, ticker, why = history.newest, history.log.ticker, ""
        lately = dt.timedelta(0) <= self._now() - history.log.checked < self._whole_every
        if lately and not whole and len(kept.bars) > OVERLAP:
            since = kept.bars.index[-OVERLAP].normalize()
            tail, lacking = with_last_bars(kept, self._fetched(fetch, ticker, since.date()))
            why = contradiction(kept, tail, since)
            if not why:
                notes = tuple(note for note in (lacking, describe_corrections(kept, tail)) if note)
                return history.extended(tail, self._now(), self._made_by, whole=False, notes=notes)
        fetched, lacking = self._fetched(fetch, ticker), ""
        if not whole:
            fetched, lacking = with_last_bars(kept, fetched)
        distrust = "" if whole else describe_distrust(kept, fetched)
        if distrust:
            raise DataError(
                f"{ticker}: the provider's history is not the one downloaded until {history.log.last.when.date()}: {distrust}; the ticker "
                "may name something else now, or the answer was wrong; nothing was replaced: take what is cached with offline=True (or "
                f"as_of='{history.log.last.when.date()}'), or the new history, whatever it lacks, with: orebody fetch {ticker} --whole"
            )
        notes = (f"whole history fetched again ({why})",) if why else ()
        return history.extended(fetched, self._now(), self._made_by, whole=True, notes=(*notes, lacking) if lacking else notes)

    def _fetched(self, fetch: Fetch, ticker: str, since: dt.date | None = None) -> Quotes:
        return validate_quotes(fetch(ticker) if since is None else fetch(ticker, since=since), ticker)

    def _now(self) -> dt.datetime:
        now = self._clock().astimezone(dt.UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def _version(library: str) -> str:
    """Return the name of a package with the version that is installed."""
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library


def _read(place: TickerFolder, kind: type[_Kept]) -> _Kept:
    kept = kind.from_columns(*checksummed.read(place.path))
    if (kept.log.ticker, kept.log.kind) != (place.ticker, place.kind):
        raise BrokenFileError(f"it is the {kept.log.kind} of {kept.log.ticker!r}, moved here")
    return kept


def _try_read(place: TickerFolder, kind: type[_Kept]) -> tuple[_Kept | None, str]:
    """Return what is kept, or None; and why it cannot be read, where it is broken."""
    try:
        kept = _read(place, kind)
        _ = kept.newest  # proves it
        return kept, ""
    except FileNotFoundError:
        return None, ""
    except BrokenFileError as broken:
        return None, str(broken)


def _distrust_error(place: TickerFolder, broken: BrokenFileError, remedy: str) -> DataError:
    return DataError(f"the cached {place.kind} of {place.ticker} cannot be trusted: {broken}; {remedy}")


def _entry(place: TickerFolder) -> Entry:
    size, aside = place.path.lstat().st_size, len(place.aside)
    try:
        if place.kind == _QUOTES:
            history = _read(place, QuoteHistory)
            kept = CachedQuotes.of(history)
            return Entry(place.ticker, place.kind, size, history.log, kept.quotes, "", aside, kept.notes)
        log = _read(place, TableHistory).log
        return Entry(place.ticker, place.kind, size, log, None, "", aside, log.last.notes)
    except BrokenFileError as broken:
        return Entry(place.ticker, place.kind, size, None, None, str(broken), aside)
    except FileNotFoundError:
        return Entry(place.ticker, place.kind, size, None, None, "it is a link to nothing", aside)


def _failure(error: DownloadError, kept: QuoteHistory | TableHistory | None, now: dt.datetime) -> DownloadError:
    """Return the error with how old what is kept is."""
    if kept is None:
        return error
    return DownloadError(f"{error}; cached is {kept.log.ticker} as of {kept.log.last}, last confirmed {ago(now - kept.log.asked)} ago")
