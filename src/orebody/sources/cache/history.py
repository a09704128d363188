"""One ticker's quotes with everything they ever were: no row is changed or removed, a later download only supersedes it.

Each row says which download brought it and which superseded it, so the state after any download is a choice of rows. A row that a later
download repeats is kept as it was, so that figures do not wobble in their last digits from one download to the next.

``Adj Close`` needs more: each distribution that goes ex multiplies the provider's whole column before it by one factor. That is no news
of these rows. The factor is kept with the download (`Download.scale`) and applied to earlier rows when a state is read, so that the
column is that of one download always, and two vintages of it never meet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.sources.cache.checksummed import BrokenFileError
from orebody.sources.cache.vintages import Download, VintageLog
from orebody.sources.quotes import ACTIONS, GAINS, PRICES, Quotes

__all__ = ["COLUMNS", "SAME", "QuoteHistory", "same", "validate_quotes"]

COLUMNS = (*PRICES, *ACTIONS, GAINS)
SAME = 1e-6
"""Relative difference up to which two downloads say the same: providers round to seven digits."""

_CLOSE, _ADJUSTED = COLUMNS.index("Close"), COLUMNS.index("Adj Close")
_ABOUT = ("currency", "exchange", "zone", "name", "kind")
_IN_FORCE = np.iinfo(np.int32).max
_LAST_ROWS = 10


@dataclass(frozen=True, eq=False)
class QuoteHistory:
    """All rows that ever were, and the log of downloads.

    Attributes
    ----------
    log
        Of all downloads.
    dates
        Of each row, datetime64 in microseconds; ascending, a date again for each time it was superseded.
    figures
        Shape ``(rows, 9)``, in the order of `COLUMNS`; the last is all 0 for whoever has no capital gains.
    brought, superseded
        Number of the download that brought each row, and of the one that superseded it (the largest int32 where none did).
    """

    log: VintageLog
    dates: np.ndarray
    figures: np.ndarray
    brought: np.ndarray
    superseded: np.ndarray

    @classmethod
    def begun(cls, quotes: Quotes, when: dt.datetime, library: str, notes: tuple[str, ...] = ()) -> QuoteHistory:
        """Return the history that begins with this download of the whole."""
        dates, figures = _arrays(quotes)
        first = Download(when, _digest(dates, figures, _about(quotes)), library, True, len(dates), about=_about(quotes), notes=notes)
        log = VintageLog(quotes.ticker, "quotes", when, when, (first,))
        return cls(log, dates, figures, np.zeros(len(dates), np.int32), np.full(len(dates), _IN_FORCE, np.int32))

    @classmethod
    def from_columns(cls, header: Mapping[str, Any], columns: Mapping[str, Any]) -> QuoteHistory:
        """Return the history that `columns` gave to a file, or raise `BrokenFileError`."""
        try:
            none = np.zeros(len(columns["Date"]))
            figures = np.column_stack([columns.get(name, none) if name == GAINS else columns[name] for name in COLUMNS])
            return cls(VintageLog.from_header(header), columns["Date"], figures, columns["brought"], columns["superseded"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BrokenFileError(f"it holds no quotes ({error!r})") from None

    def columns(self) -> dict[str, np.ndarray]:
        """Return all rows as a file keeps them."""
        named = _named(self.figures)
        figures = {name: np.ascontiguousarray(self.figures[:, at]) for at, name in enumerate(named)}
        return {"Date": self.dates, **figures, "brought": self.brought, "superseded": self.superseded}

    def state(self, number: int = -1) -> tuple[np.ndarray, np.ndarray]:
        """Return the dates and figures in force after a download, the last by default."""
        downloads = self.log.downloads
        number %= len(downloads)
        rows = (self.brought <= number) & (self.superseded > number)
        scales = np.array([one.scale for one in downloads[: number + 1]])
        after = np.append(np.cumprod(scales[:0:-1])[::-1], 1.0)  # of all downloads later than each
        figures = self.figures[rows]
        figures[:, _ADJUSTED] *= after[self.brought[rows]]
        return self.dates[rows], figures

    @cached_property
    def newest(self) -> Quotes:
        """The quotes in force now; see `quotes`."""
        return self.quotes()

    def quotes(self, number: int = -1) -> Quotes:
        """Return the quotes in force after a download, the last by default.

        Raises
        ------
        BrokenFile
            When they are not, to the last bit, what was in force then.
        """
        dates, figures = self.state(number)
        download = self.log.downloads[number]
        if _digest(dates, figures, download.about) != download.sha256:
            raise BrokenFileError(f"the state of {download} does not match its SHA-256")
        index, named = pd.DatetimeIndex(dates, name="Date"), _named(figures)
        bars = pd.DataFrame(figures[:, : len(named)], index=index, columns=list(named), copy=False)
        return Quotes(self.log.ticker, bars, **download.about)

    def vanished(self, number: int = -1) -> tuple[str, ...]:
        """Return a note on sessions between the first and the last in force that an earlier download had and this one has not."""
        number %= len(self.log.downloads)
        dates, _ = self.state(number)
        gone = (self.superseded <= number) & (self.dates > dates[0]) & (self.dates < dates[-1]) & ~np.isin(self.dates, dates)
        if not gone.any():
            return ()
        days = np.unique(self.dates[gone].astype("datetime64[D]"))
        had = self.log.downloads[int(self.superseded[gone].min()) - 1]
        which = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
        what = "1 session that was" if len(days) == 1 else f"{len(days):,} sessions that were"
        return (f"{what} downloaded earlier and the provider no longer has, {which}: as_of='{had}' has what was there",)

    def extended(self, quotes: Quotes, when: dt.datetime, library: str, *, whole: bool, notes: tuple[str, ...] = ()) -> QuoteHistory:
        """Return the history after one more download.

        Parameters
        ----------
        quotes
            All of the history if `whole`, otherwise its end: rows before its first are left as they are.
        when, library
            Of the download.
        whole
            Which of the two.
        notes
            Anything out of the ordinary.
        """
        dates, figures = _arrays(quotes)
        old_dates, old = self.state()
        scale = self._scale(old_dates, old, dates, figures)
        old = old.copy()
        old[:, _ADJUSTED] *= scale
        kept_old, kept_new = _repeat(old_dates, old, dates, figures)
        in_scope = np.ones(len(old_dates), bool) if whole else old_dates >= dates[0]
        number = len(self.log.downloads)
        superseded = self.superseded.copy()
        superseded[np.flatnonzero(superseded == _IN_FORCE)[in_scope & ~kept_old]] = number
        gone, rows = int((in_scope & ~kept_old).sum()), int((~kept_new).sum())
        about = _about(quotes)
        if whole and gone and not notes:
            notes = (f"the provider corrected {gone:,} earlier row{'s' if gone > 1 else ''}",)
        said = not notes or notes == self.log.last.notes  # a note needs a vintage to stand beside
        if not gone and not rows and scale == 1.0 and about == self.log.last.about and said:
            return replace(self, log=self.log.asked_again(when, whole=whole))
        made = QuoteHistory(
            log=self.log.followed_by(Download(when, "", library, whole, rows, gone, scale, about, notes)),
            dates=np.concatenate((self.dates, dates[~kept_new])),
            figures=np.concatenate((self.figures, figures[~kept_new])),
            brought=np.concatenate((self.brought, np.full(rows, number, np.int32))),
            superseded=np.concatenate((superseded, np.full(rows, _IN_FORCE, np.int32))),
        )
        return made._sorted()._sealed()

    def _scale(self, old_dates: np.ndarray, old: np.ndarray, dates: np.ndarray, figures: np.ndarray) -> float:
        """Return by what the earlier rows' Adj Close is multiplied in the new download, as the last rows that both have show it."""
        _, ours, theirs = np.intersect1d(old_dates, dates, return_indices=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = figures[theirs, _ADJUSTED] / old[ours, _ADJUSTED]
        ratio = ratio[same(figures[theirs, _CLOSE], old[ours, _CLOSE]) & np.isfinite(ratio) & (ratio > 0)][-_LAST_ROWS:]
        scale = float(np.median(ratio)) if len(ratio) else 1.0
        return 1.0 if abs(scale - 1) <= SAME else scale

    def _sorted(self) -> QuoteHistory:
        order = np.lexsort((self.brought, self.dates))
        return replace(self, **{name: getattr(self, name)[order] for name in ("dates", "figures", "brought", "superseded")})

    def _sealed(self) -> QuoteHistory:
        """Return it with the SHA-256 of its last state."""
        last = self.log.last._replace(sha256=_digest(*self.state(), self.log.last.about))
        return replace(self, log=replace(self.log, downloads=(*self.log.downloads[:-1], last)))


def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return where two arrays of figures say the same: within `SAME`, or both nothing."""
    close = np.abs(one - other) <= SAME * np.maximum(np.abs(one), np.abs(other))
    both: np.ndarray = close | (np.isnan(one) & np.isnan(other))
    return both


def validate_quotes(quotes: Quotes, ticker: str) -> Quotes:
    """Return the quotes, or raise `DataError` where a source hands over what its contract excludes."""
    problem = _problem(quotes, ticker)
    if problem:
        raise DataError(f"{ticker}: its source handed over {problem}, which cannot be kept; what was kept stays as it was")
    return quotes


def _problem(quotes: Quotes, ticker: str) -> str:
    bars, index = quotes.bars, quotes.bars.index
    if quotes.ticker != ticker:
        return f"quotes of {quotes.ticker!r}"
    if bars.empty:
        return "no rows"
    if sorted({*map(str, bars.columns), GAINS}) != sorted(COLUMNS) or not bars.columns.is_unique:
        return f"the columns {', '.join(map(str, bars.columns))}"
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans:
        return "rows that are not on dates without a zone"
    if not (index.is_monotonic_increasing and index.is_unique):
        return "dates that do not ascend"
    return "" if all(pd.api.types.is_numeric_dtype(kind) for kind in bars.dtypes) else "cells that are not numbers"


def _repeat(old_dates: np.ndarray, old: np.ndarray, dates: np.ndarray, figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which old rows the new download repeats, and which new rows these are."""
    _, ours, theirs = np.intersect1d(old_dates, dates, return_indices=True)
    equal = same(old[ours], figures[theirs]).all(axis=1)
    kept_old, kept_new = np.zeros(len(old_dates), bool), np.zeros(len(dates), bool)
    kept_old[ours[equal]] = kept_new[theirs[equal]] = True
    return kept_old, kept_new


def _arrays(quotes: Quotes) -> tuple[np.ndarray, np.ndarray]:
    dates = quotes.bars.index.to_numpy().astype("datetime64[us]")
    return dates, quotes.bars.reindex(columns=list(COLUMNS), fill_value=0.0).to_numpy(dtype=float, copy=True)


def _named(figures: np.ndarray) -> tuple[str, ...]:
    """Return the columns that say something: gains are a column of their own only where there are any."""
    return COLUMNS if figures[:, -1].any() else COLUMNS[:-1]


def _about(quotes: Quotes) -> dict[str, str]:
    return {name: str(getattr(quotes, name)) for name in _ABOUT}


def _digest(dates: np.ndarray, figures: np.ndarray, about: Mapping[str, str]) -> str:
    """Return the SHA-256 of a state: the same bytes on every machine and in every version.

    States without capital gains are those of the first form, which had no column for them.
    """
    figures = figures[:, : len(_named(figures))]
    digest = hashlib.sha256(json.dumps({name: about.get(name, "") for name in _ABOUT}).encode())
    digest.update(dates.astype("datetime64[us]").astype("<i8").tobytes())
    digest.update(figures.astype("<f8", copy=False).tobytes())
    return digest.hexdigest()
