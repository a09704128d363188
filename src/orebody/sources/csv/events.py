"""Rows of distributions and splits between the bars, as Yahoo's site shows them: ``Dec 20, 2024 | 0.12 Dividend``."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd

from orebody.errors import DataError
from orebody.sources.csv.texts import Texts

__all__ = ["with_events"]

_AMOUNT = r"[$€£]?\s*(?P<amount>\d[\d.,]*)"
_EVENTS = {
    "Dividends": re.compile(rf"{_AMOUNT}\s*(?:cash |special )?dividends?", re.IGNORECASE),
    "Capital Gains": re.compile(rf"{_AMOUNT}\s*capital gains?(?: distribution)?", re.IGNORECASE),
    "Stock Splits": re.compile(r"(?P<new>\d+(?:\.\d+)?)\s*[:/]\s*(?P<old>\d+(?:\.\d+)?)\s*(?:stock )?splits?", re.IGNORECASE),
}


def with_events(texts: Texts, date: str) -> Texts:
    """Return the cells with such rows as columns Dividends, Capital Gains and Stock Splits of the bars of the same day.

    Raises
    ------
    DataError
        For an event on a day without a bar, and two of one kind on a day.
    """
    table = texts.table
    others = [name for name in table.columns if name != date]
    if not others or not table[others[-1]].isna().any():  # nearly always
        return texts
    alone = table[others].notna().sum(axis=1) == 1
    if not alone.any():
        return texts
    cells = table.loc[alone, others].bfill(axis=1).iloc[:, 0].astype("str").str.strip()
    events = {line: found for line, cell in cells.items() if (found := _event(cell)) is not None}
    if not events:
        return texts
    bars = table.drop(index=list(events)).copy()
    days = bars[date].astype("str").str.strip()
    for line, (what, value) in events.items():
        day = str(table.at[line, date]).strip()
        of_it = days.index[days == day]
        if len(of_it) != 1:
            raise DataError(f"{texts.name}, line {line}: {cells[line]!r} on {day}, which has {len(of_it)} rows of prices: give it one")
        if what not in bars:
            bars[what] = pd.Series(pd.NA, index=bars.index, dtype=object)
        if isinstance(bars.at[of_it[0], what], str):
            raise DataError(f"{texts.name}, line {line}: a second entry in {what} on {day}: keep one row")
        bars.at[of_it[0], what] = value
    note = f"{texts.name}: {len(events)} row{'s' if len(events) > 1 else ''} of dividends, gains or splits between the bars read as such"
    return dataclasses.replace(texts, table=bars, notes=(*texts.notes, note))


def _event(cell: str) -> tuple[str, str] | None:
    """Return the column and the value of a cell such as ``0.12 Dividend`` or ``2:1 Stock Split``."""
    for what, pattern in _EVENTS.items():
        found = pattern.fullmatch(cell)
        if found and what == "Stock Splits":
            return (what, repr(float(found["new"]) / float(found["old"]))) if float(found["old"]) else None
        if found:
            return what, found["amount"]
    return None
