"""Repairs: what is wrong is taken out, listed, and never replaced."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.errors import ParameterError
from orebody.market.validation import action_column, price_column
from orebody.quality.finding import Finding, Fix
from orebody.quality.report import QualityReport, refuse_errors

__all__ = ["HOW", "RepairResult", "repair_frame"]

HOW = ("drop", "mask")
_NO_SESSION = ("weekend", "duplicates")  # their days are none, or keep another row
_ACTIONS = ("dividends", "gains")


class RepairResult(NamedTuple):
    """A repaired table.

    Attributes
    ----------
    frame
        The table without the wrong rows and actions, otherwise as it was: the same columns, the same order unless it was sorted.
    notes
        (what, text) for each finding repaired, the text with every day that was changed.
    masked
        Days that stay in the calendar without a bar: those of the rows taken out under ``"mask"``, none under ``"drop"``.
    """

    frame: pd.DataFrame
    notes: tuple[tuple[str, str], ...]
    masked: pd.DatetimeIndex


def repair_frame(frame: pd.DataFrame, findings: Iterable[Finding], how: str) -> RepairResult:
    """Take out of `frame` what `findings` call wrong.

    Parameters
    ----------
    frame
        The table that was inspected; it is not changed.
    findings
        What `inspect` found in it; those that are only doubtful are left alone.
    how
        ``"drop"``: the wrong rows are gone, and so are their days unless another instrument traded. ``"mask"``: their days stay in the
        calendar, on which the instrument does not trade and is marked at its last close. Either way a wrong distribution is taken out
        of the record and of Adj Close, dates are named by their session, and shuffled rows sorted.

    Raises
    ------
    ParameterError
        For another `how`.
    DataError
        When something wrong cannot be repaired, or nothing would be left.
    """
    if how not in HOW:
        raise ParameterError(f"repair is {how!r}: it must be 'drop' or 'mask'")
    wrong = [finding for finding in findings if finding.wrong]
    refuse_errors(QualityReport(tuple(finding for finding in wrong if finding.fix is None)))
    days = _days(frame, wrong)
    gone, unreal = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    repaired = frame.copy()
    notes = []
    for finding in wrong:
        fix = finding.fix
        if fix is None:
            continue
        if fix.does == "rows":
            gone[fix.rows] = True
            if finding.kind in _NO_SESSION:
                unreal[fix.rows] = True
        elif fix.does == "action":
            _take_out(repaired, fix, days)
        elif fix.does == "dates":
            repaired.index = days.rename(frame.index.name)
        notes.append((f"repair of {finding.ticker}", _describe(finding, fix, days, how)))
    carried = _carry(repaired, gone, _unit_unknown(wrong, len(frame)), days)
    if carried:
        notes.append((f"repair of {wrong[0].ticker}", carried))
    kept = days[~gone]
    masked = days[gone & ~unreal].unique().difference(kept).sort_values() if how == "mask" else days[:0]
    repaired = repaired[~gone]
    if any(finding.fix is not None and finding.fix.does == "order" for finding in wrong):
        repaired = repaired.sort_index(kind="stable")
    return RepairResult(repaired, tuple(notes), pd.DatetimeIndex(masked))


def _days(frame: pd.DataFrame, wrong: list[Finding]) -> pd.DatetimeIndex:
    """Return the session of each row of the frame."""
    for finding in wrong:
        if finding.fix is not None and finding.fix.dates is not None:
            return finding.fix.dates
    return pd.DatetimeIndex(frame.index)


def _take_out(frame: pd.DataFrame, fix: Fix, days: pd.DatetimeIndex) -> None:
    """Take a distribution out of the record, or put the right amount there, and likewise in Adj Close on the days before it."""
    for at, column in enumerate(frame.columns):
        action = action_column(column)
        if action in _ACTIONS:
            values = frame.iloc[:, at].to_numpy(dtype=float, copy=True)
            values[fix.rows] = fix.amounts if action == "dividends" else 0.0
            frame.isetitem(at, values)
        elif price_column(column) == "adjclose" and fix.before is not None:
            values = frame.iloc[:, at].to_numpy(dtype=float, copy=True)
            values[np.asarray(days < fix.before)] *= fix.factor
            frame.isetitem(at, values)


def _unit_unknown(wrong: list[Finding], count: int) -> np.ndarray:
    """Return the rows whose distributions may be in the wrong currency as well."""
    unknown = np.zeros(count, dtype=bool)
    for finding in wrong:
        if finding.kind == "currency" and finding.fix is not None:
            unknown[finding.fix.rows] = True
    return unknown


def _carry(frame: pd.DataFrame, gone: np.ndarray, unknown: np.ndarray, days: pd.DatetimeIndex) -> str:
    """Put distributions of rows that go on the next row that stays, on which a holder first sees them in the price; say which."""
    stays = np.flatnonzero(~gone)
    stays = stays[np.argsort(days[stays], kind="stable")]
    said = []
    for at, column in enumerate(frame.columns):
        if action_column(column) not in _ACTIONS:
            continue
        values = frame.iloc[:, at].to_numpy(dtype=float, copy=True)
        for row in np.flatnonzero(gone & (values > 0)):
            to = int(np.searchsorted(days[stays], days[row]))
            if to < len(stays) and days[stays[to]] == days[row]:
                continue  # a copy: the row that stays has it
            amount, day = f"the distribution of {values[row]:g} on {days[row].date()}", None
            if 0 < to < len(stays) and not unknown[row]:
                values[stays[to]] = np.nan_to_num(values[stays[to]]) + values[row]
                day = days[stays[to]].date()
            said.append(f"{amount} counts on {day}" if day else f"{amount} is dropped with its row")
        frame.isetitem(at, values)
    return "; ".join(said)


def _describe(finding: Finding, fix: Fix, days: pd.DatetimeIndex, how: str) -> str:
    why = finding.what.rpartition("; ")[0] or finding.what  # the remedy, which stands last, is done
    if fix.does == "dates":
        return f"every row named by the date of its session ({why})"
    if fix.does == "order":
        return f"rows sorted by date ({why})"
    if fix.does == "action":
        factor = f", Adj Close before {fix.before.date()} times {fix.factor:.6f}" if fix.before is not None and fix.factor != 1 else ""
        amounts = np.broadcast_to(fix.amounts, len(fix.rows))
        done = f"set to {', '.join(f'{amount:g}' for amount in amounts)}" if amounts.any() else "taken out"
        return f"distribution of {_ranges(fix.rows, days)} {done}{factor} ({why})"
    verb = "dropped" if how == "drop" else "masked"
    rows = "1 row" if len(fix.rows) == 1 else f"{len(fix.rows)} rows"
    return f"{rows} {verb}, {_ranges(fix.rows, days)} ({why})"


def _ranges(rows: np.ndarray, days: pd.DatetimeIndex) -> str:
    """Return the days of the rows, those that follow each other in the frame as first..last."""
    rows = np.sort(rows)
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = rows[np.concatenate(([0], breaks + 1))], rows[np.concatenate((breaks, [len(rows) - 1]))]
    parts = []
    for one, two in zip(firsts, lasts, strict=True):
        early, late = sorted((days[one].date(), days[two].date()))
        parts.append(str(early) if one == two else f"{early}..{late}")
    return ", ".join(parts)
