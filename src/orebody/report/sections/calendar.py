"""Returns by calendar year and month, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.metrics import calendar_returns, format_figure, yearly_returns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orebody.backtesting.result import Result

__all__ = ["MONTHS", "months", "years", "years_beside"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL = 0.12
"""The return, of either sign, from which on a month has the fullest colour; a year has it from four times as much."""

Shaded = tuple[str, str]
"""Text and the class of its colour: gain1 to gain4, loss1 to loss4, none at zero."""


def years(results: Iterable[Result]) -> tuple[list[str], list[tuple[str, list[Shaded]]]]:
    """Return the years as they head the columns, part years marked, and for each run its label and its return of each year, in per cent.

    Where only one bar has passed there are no years and no rows.
    """
    heads: list[str] = []
    rows = []
    for result in results:
        if len(result.dates) < 2:
            continue
        table = yearly_returns(result.returns)
        heads = heads or [_named(year, whole) for year, whole in table["whole"].items()]
        rows.append((result.label, [_shaded(value, 4 * FULL) for value in table["return"]]))
    return heads, rows


def years_beside(result: Result) -> list[tuple[str, str, str, str]]:
    """Return (year, strategy, metal, points ahead) of each calendar year; part years are marked. None where only one bar has passed."""
    if len(result.dates) < 2:
        return []
    mine, metal = yearly_returns(result.returns), yearly_returns(result.benchmark.returns)["return"]
    rows = zip(mine.index, mine["whole"], mine["return"], metal, strict=True)
    return [
        (_named(year, whole), format_figure("percent", one), format_figure("percent", two), f"{100 * (one - two):+.2f}")
        for year, whole, one, two in rows
    ]


def months(result: Result) -> list[tuple[str, list[Shaded], str]]:
    """Return (year, each month's return, the year's return) in per cent.

    Part years are named so, months that the run covers only in part have a star, and months without a bar are blank.
    """
    if len(result.dates) < 2:
        return []
    monthly, yearly = calendar_returns(result.returns, "M"), yearly_returns(result.returns)
    known = {(period.year, period.month): _starred(one["return"], one["whole"]) for period, one in monthly.iterrows()}
    return [
        (
            _named(year, yearly.loc[year, "whole"]),
            [known.get((year, month), ("", "")) for month in range(1, 13)],
            f"{100 * yearly.loc[year, 'return']:.1f}",
        )
        for year in yearly.index
    ]


def _named(year: object, whole: object) -> str:
    return f"{year}" if whole else f"{year} (part)"


def _starred(value: float, whole: bool) -> Shaded:
    text, color = _shaded(value, FULL)
    return (text if whole else f"{text}*"), color


def _shaded(value: float, full: float) -> Shaded:
    if pd.isna(value):
        return "–", ""
    text = f"{100 * value:.1f}"
    if float(text) == 0:
        return "0.0", ""
    step = int(np.clip(np.ceil(4 * abs(value) / full), 1, 4))
    return text, f"{'gain' if value > 0 else 'loss'}{step}"
