"""The tables of a tearsheet as text: every figure for the strategy and for the metal with the same cash flows, years, months, drawdowns."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.metrics import Metrics, calendar_returns, drawdowns, format_figure, yearly_returns
from orebody.report.tearsheet import statistics as more
from orebody.report.tearsheet.statistics import Row, Run

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["MISSING", "figures", "months", "percent", "worst_drawdowns", "years"]

MISSING = "–"
RELATIVE = ("beta", "up_capture", "down_capture", "information_ratio")
FIELDS = {field.name: field.metadata for field in dataclasses.fields(Metrics)}

MONEY = ("final_equity", "contributed", "contributions", "profit", "interest", "borrow")
GROWTH = ("total_return", "cagr", "xirr")
RISK = ("volatility", "sharpe", "sortino", "calmar")
FALLS = ("max_drawdown", "drawdown_peak", "drawdown_trough", "drawdown_recovery", "longest_under_water", "time_under_water")
TAILS = ("expected_shortfall",)
HELD = ("exposure", "highest_exposure", "dry_powder", "turnover", "commission", "slippage", "costs", "trades")


def figures(result: Result) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return (section, [(title, strategy, metal)]) as text, in the order of the page; a dash for what does not exist."""
    mine, metal = (Run(run, run.metrics()) for run in (result, result.benchmark))
    own = (_sections(mine), _sections(metal))
    sections = []
    for (name, ours), (_, theirs) in zip(*own, strict=True):
        both = zip(ours, theirs, strict=True)
        sections.append((name, [(title, _text(kind, one), _text(kind, two)) for (title, kind, one), (_, _, two) in both]))
    relative = [*_fields(mine, RELATIVE), *more.against_metal(mine, metal)]
    sections.append(("Against the metal", [(title, _text(kind, one), MISSING) for title, kind, one in relative]))
    return sections


def _sections(run: Run) -> list[tuple[str, list[Row]]]:
    named = {*MONEY, *GROWTH, *RISK, *FALLS, *TAILS, *HELD, *RELATIVE}
    units = run.result.record.units
    held: Row = ("Time in market", "percent", float(np.mean((units != 0).any(axis=1))))
    sections = [
        ("Money", _fields(run, MONEY)),
        ("Growth", [*_fields(run, GROWTH), more.cash_growth(run), *more.trailing(run)]),
        ("Risk and reward", [*_fields(run, RISK), *more.reward(run)]),
        ("Drawdowns", [*_fields(run, FALLS), *more.under_water(run)]),
        ("Tails", [*_fields(run, TAILS), *more.tails(run)]),
        (f"Single {run.bar}s", more.bars(run)),
        ("Months and years", more.months_and_years(run)),
        ("Holdings and costs", [held, *_fields(run, HELD)]),
    ]
    further = _fields(run, tuple(name for name in FIELDS if name not in named))
    return [*sections, ("Further", further)] if further else sections


def _fields(run: Run, names: tuple[str, ...]) -> list[Row]:
    return [(FIELDS[name]["title"], FIELDS[name]["kind"], getattr(run.metrics, name)) for name in names]


def _text(kind: str, value: Any) -> str:
    """Return a figure as people read it; nothing is less than nothing by rounding alone."""
    small = MISSING if kind == "small" and pd.isna(value) else None
    text = small or (f"{100 * value:.3f} %" if kind == "small" else format_figure(kind, value))
    return text.removeprefix("-") if text.startswith("-0") and not text.strip("-0. %") else text


def percent(value: float) -> str:
    """Return a share in per cent as all tables show it."""
    return _text("percent", value)


def years(result: Result) -> list[tuple[str, str, str, str]]:
    """Return (year, strategy, metal, difference in points) of each calendar year; part years are marked."""
    if len(result.returns) < 2:
        return []
    mine, metal = yearly_returns(result.returns), yearly_returns(result.benchmark.returns)
    rows = []
    for year, one in mine.iterrows():
        two = float(metal.loc[year, "return"])
        label = f"{year}" if one["whole"] else f"{year} (part)"
        ahead = f"{100 * (one['return'] - two):+.2f}"
        rows.append((label, percent(one["return"]), percent(two), "0.00" if ahead in ("+0.00", "-0.00") else ahead))
    return rows


def months(result: Result) -> list[tuple[int, list[tuple[str, str]], str]]:
    """Return (year, (text, colour class) of each month, year's return) of the strategy.

    Months without bars are blank, not 0; months and years that the run covers only in part have a star.
    """
    if len(result.returns) < 2:
        return []
    monthly, yearly = calendar_returns(result.returns, "M"), yearly_returns(result.returns)
    cells = {(period.year, period.month): _cell(one["return"], one["whole"]) for period, one in monthly.iterrows()}
    return [
        (year, [cells.get((year, month), ("", "")) for month in range(1, 13)], percent(one["return"]) + ("" if one["whole"] else "*"))
        for year, one in yearly.iterrows()
    ]


def _cell(value: float, whole: bool) -> tuple[str, str]:
    step = min(4, int(abs(value) * 100 // 3) + 1) if round(value, 3) else 0
    text = "0.0" if not round(100 * value, 1) else f"{100 * value:.1f}"
    return text if whole else f"{text}*", f"{'gain' if value > 0 else 'loss'}{step}" if step else ""


def worst_drawdowns(result: Result, count: int = 10) -> list[tuple[str, str, str, str, str]]:
    """Return (peak, trough, recovery, depth, days) of the deepest drawdowns; one that lasts to the end is open."""
    rows = []
    for fall in drawdowns(result.returns).head(count).itertuples():
        recovery = "open" if pd.isna(fall.recovery) else str(fall.recovery.date())
        days = f"{fall.days:,} so far" if pd.isna(fall.recovery) else f"{fall.days:,}"
        rows.append((str(fall.peak.date()), str(fall.trough.date()), recovery, percent(fall.depth), days))
    return rows
