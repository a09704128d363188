"""Which days have a row that should not, and which have none that should."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.quality.bars import Bars
from orebody.quality.calendars import FIRST_SESSION, sessions
from orebody.quality.finding import Finding, Fix

__all__ = ["find_session_errors"]

_HOLE = 21  # sessions without a row in between: a month, longer than exchanges close
_LONE = 21  # rows apart from the history by a hole: fewer than a month's are no history of their own
_MANY = 0.02  # share of sessions without a row that is no accident: five a year
_FEW = 10  # sessions without a row that are few whatever their share
_OURS = 0.995  # share of rows on New York's sessions from which a ticker without suffix is taken to trade there; London's share is 0.976
_ENOUGH = 20  # rows from which that share says anything
_SPARSE = np.timedelta64(4, "D")  # rows usually this far apart are weeks or months
_REGULAR = 0.5  # of the rows of the commonest day of the week: fewer do not make another day one of trading
_SHOWN = 3


def find_session_errors(bars: Bars, calendar: str | None) -> tuple[list[Finding], np.ndarray]:
    """Return findings about the days of `bars`, and where bars are to be left out of further checks.

    Parameters
    ----------
    bars
        Daily bars, oldest first.
    calendar
        As `orebody.quality.calendars.calendar_of` says: ``""`` takes New York where nearly all rows are its sessions.
    """
    days = bars.days
    out = np.zeros(len(days), dtype=bool)
    if 2 * np.count_nonzero(np.diff(days) >= _SPARSE) >= len(days) - 1:
        return [], out
    weekend = ~np.is_busday(days)
    if _trades_on_weekends(days):
        return [], out
    findings = [_weekend(bars, weekend)] if weekend.any() else []
    out |= weekend
    lone = _stray(bars, out)
    findings += [_lone(bars, rows, gap) for rows, gap in lone]
    for rows, _ in lone:
        out[rows] = True
    calendar = _guess_calendar(days[~weekend]) if calendar == "" else calendar
    inside = ~out & (days >= FIRST_SESSION)
    if calendar is not None and inside.any():
        findings += _against(bars.ticker, days[inside], calendar)
    return findings, out


def _trades_on_weekends(days: np.ndarray) -> bool:
    """Return whether Saturday or Sunday is a day of trading like others, as for crypto, currencies, or exchanges of the Gulf."""
    counts = np.bincount((days.astype(np.int64) + 3) % 7, minlength=7)  # the first day of 1970 was a Thursday; Monday is 0
    return bool(counts[5:].max() >= _REGULAR * counts.max())


def _weekend(bars: Bars, weekend: np.ndarray) -> Finding:
    at = np.flatnonzero(weekend)
    what = f"{_rows(len(at))} on a weekend ({_name_days(bars.days[at])}) in a series of weekdays; drop them"
    return Finding(bars.ticker, "weekend", bars.day(at[0]), bars.day(at[-1]), len(at), True, what, Fix("rows", bars.rows[at]))


def _stray(bars: Bars, out: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Return (bars, sessions in the hole) of what stands apart at either end; weekdays do for sessions here."""
    at = np.flatnonzero(~out)
    if len(at) < 2:
        return []
    gaps = np.busday_count(bars.days[at[:-1]], bars.days[at[1:]]) - 1
    holes = np.flatnonzero(gaps >= _HOLE)
    found = []
    early = holes[holes + 1 < _LONE]
    if len(early) and len(at) - 1 - early[-1] > early[-1] + 1:
        found.append((at[: early[-1] + 1], int(gaps[early[-1]])))
    late = holes[len(at) - 1 - holes < _LONE]
    if len(late) and late[0] + 1 > len(at) - 1 - late[0]:
        found.append((at[late[0] + 1 :], int(gaps[late[0]])))
    return found


def _lone(bars: Bars, rows: np.ndarray, gap: int) -> Finding:
    what = f"{_rows(len(rows))} apart from the history by a hole of {gap} weekdays; drop {'it' if len(rows) == 1 else 'them'}"
    return Finding(bars.ticker, "stray", bars.day(rows[0]), bars.day(rows[-1]), len(rows), True, what, Fix("rows", bars.rows[rows]))


def _guess_calendar(days: np.ndarray) -> str | None:
    days = days[days >= FIRST_SESSION]
    if len(days) < _ENOUGH:
        return None
    return "XNYS" if _among(days, sessions("XNYS", days[-1])).mean() >= _OURS else None


def _against(ticker: str, days: np.ndarray, calendar: str) -> list[Finding]:
    known = sessions(calendar, days[-1])
    known = known[np.searchsorted(known, days[0]) : np.searchsorted(known, days[-1], side="right")]
    missing, extra = known[~_among(known, days)], days[~_among(days, known)]
    findings = []
    if len(extra):
        what = f"{_rows(len(extra))} on days that were no session of {calendar} ({_name_days(extra)}); look at where they come from"
        findings.append(Finding(ticker, "sessions", _day(extra[0]), _day(extra[-1]), len(extra), False, what))
    if len(missing):
        share = len(missing) / len(known)
        wrong = len(missing) > _FEW and share > _MANY
        what = f"{len(missing)} of {len(known)} sessions of {calendar} have no row ({_name_days(missing)})"
        what += f", more than {_MANY:.0%}; take another source, or begin after the hole" if wrong else ""
        findings.append(Finding(ticker, "sessions", _day(missing[0]), _day(missing[-1]), len(missing), wrong, what))
    return findings


def _among(days: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which of `days` are in `known`, which ascends."""
    if not len(known):
        return np.zeros(len(days), dtype=bool)
    found: np.ndarray = known[np.minimum(np.searchsorted(known, days), len(known) - 1)] == days
    return found


def _rows(count: int) -> str:
    return "1 row stands" if count == 1 else f"{count} rows stand"


def _name_days(days: np.ndarray) -> str:
    more = " …" if len(days) > _SHOWN else ""
    return ", ".join(str(day) for day in days[:_SHOWN]) + more


def _day(day: np.datetime64) -> pd.Timestamp:
    return pd.Timestamp(day)
