"""From analysts' grades to how many of them were bullish, neutral and bearish on each day, as it was known then."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market.fundamentals import RATINGS

__all__ = ["GRADES", "MONTHS", "RatingCounts", "ratings"]

MONTHS = 12
"""How long a firm's grade counts when it says nothing further, in months."""

GRADES: Mapping[str, tuple[str, ...]] = {
    "bullish": (
        *("buy", "strong buy", "conviction buy", "long term buy", "moderate buy", "speculative buy", "trading buy", "action list buy"),
        *("outperform", "outperformer", "market outperform", "sector outperform", "sector outperformer", "strong outperform"),
        *("overweight", "sector overweight", "overperform", "accumulate", "add", "increase", "positive", "top pick", "above average"),
    ),
    "neutral": (
        *("neutral", "sector neutral", "hold", "hold neutral", "speculative hold", "maintain", "mixed", "average", "fair value"),
        *("equal weight", "equalweight", "market weight", "sector weight", "peer perform", "perform", "market perform", "market performer"),
        *("marketperform", "sector perform", "sector performer", "in line", "inline"),
    ),
    "bearish": (
        *("sell", "strong sell", "moderate sell", "speculative sell", "underperform", "underperformer", "market underperform"),
        *("sector underperform", "sector underperformer", "strong underperform", "underweight", "sector underweight", "reduce", "decrease"),
        *("trim", "lighten", "negative", "below average", "avoid"),
    ),
    "": (
        "not rated",
        "no rating",
        "suspended",
        "rating suspended",
        "coverage suspended",
        "coverage dropped",
        "dropped",
        "restricted",
        "nr",
    ),
}
"""What firms' words count as; under the empty name those that withdraw a grade. Case, hyphens and spaces do not matter."""

_MEANING = {word: meaning for meaning, words in GRADES.items() for word in words}
_DAY = pd.Timedelta(days=1)
_KEEPS = ("main", "reit")  # what Yahoo calls maintained and reiterated
_NO_WORD = ("", "none", "nan", "<na>")  # and how tables write a cell without one


@dataclass(frozen=True, eq=False)
class RatingCounts:
    """What became of one ticker's grades.

    Attributes
    ----------
    table
        Columns date, ticker, bullish, neutral, bearish, as `orebody.market.fundamentals` reads them: a row for each day on
        which a count changed.
    unknown
        Grades that are in no list, with how often they came. They count as neither, and end the firm's earlier grade.
    lapsed
        Days from which nobody's grade counted any longer. The table has no row for them, because a row says what somebody thinks: the row
        before stays in force.
    """

    table: pd.DataFrame
    unknown: Mapping[str, int]
    lapsed: tuple[pd.Timestamp, ...]


def ratings(ticker: str, grades: pd.DataFrame, *, months: int = MONTHS) -> RatingCounts:
    """Return how many firms were bullish, neutral and bearish about a ticker.

    A firm's latest grade counts from the day after its date (in UTC), because the hour at which it was published is not known, until the
    firm gives another or `months` have passed, whichever comes first. Of several grades of one firm on one day the last counts.

    Parameters
    ----------
    ticker
        Whom the grades are about.
    grades
        As of `client.grades`: columns graded, firm, grade, and where there are any before and action; in any order. A firm that maintains
        or reiterates its grade and does not repeat the word stays with the one it names as before, or else with its last.
    months
        See `MONTHS`; at least 1.

    Raises
    ------
    ParameterError
        For fewer than one month.
    DataError
        For missing columns or grades without a date.
    """
    if not isinstance(months, int) or isinstance(months, bool) or months < 1:
        raise ParameterError(f"months is {months!r}: give a whole number of at least 1")
    missing = [name for name in ("graded", "firm", "grade") if name not in grades.columns]
    if missing or (len(grades) and grades["graded"].isna().any()):
        raise DataError(f"the grades of {ticker} have {'no column ' + ', '.join(missing) if missing else 'rows without a date'}")
    changes, unknown = _changes(grades, pd.DateOffset(months=months))
    counts = dict.fromkeys(RATINGS, 0)
    rows, lapsed = [], []
    before = tuple(counts.values())
    for day in sorted(changes):
        for meaning, step in changes[day]:
            counts[meaning] += step
        now = tuple(counts.values())
        if now != before and any(now):
            rows.append({"date": day, "ticker": ticker, **counts})
        elif now != before:
            lapsed.append(day)
        before = now
    table = pd.DataFrame(rows, columns=["date", "ticker", *RATINGS])
    table["date"] = pd.DatetimeIndex(table["date"]).as_unit("ns")
    return RatingCounts(table, unknown, tuple(lapsed))


def _changes(grades: pd.DataFrame, lasts: pd.DateOffset) -> tuple[dict[pd.Timestamp, list[tuple[str, int]]], dict[str, int]]:
    """Return by day which counts go up and down, and the words that are not known."""
    changes: dict[pd.Timestamp, list[tuple[str, int]]] = {}
    unknown: Counter[str] = Counter()
    rows = grades.sort_values("graded", kind="stable")
    for _, own in rows.groupby(rows["firm"].astype(str).str.strip().str.casefold(), sort=True):
        given = {moment.normalize() + _DAY: grade for moment, grade in zip(own["graded"], _words(own), strict=True)}
        days = list(given)
        for day, following in zip(days, [*days[1:], None], strict=True):
            word = _plain(given[day])
            meaning = _MEANING.get(word)
            if meaning is None:
                unknown[given[day].strip()] += 1
            elif meaning:
                ends = min(day + lasts, following or day + lasts)
                changes.setdefault(day, []).append((meaning, 1))
                changes.setdefault(ends, []).append((meaning, -1))
    return changes, dict(sorted(unknown.items()))


def _words(own: pd.DataFrame) -> list[str]:
    """Return one firm's grades, oldest first, with the word that is in force where it keeps its grade without a word."""
    kept = pd.Series("", index=own.index)
    words: list[str] = []
    for grade, before, action in zip(own["grade"], own.get("before", kept), own.get("action", kept), strict=True):
        word = _word(grade)
        if not word and str(action).strip().casefold() in _KEEPS:
            word = _word(before) or (words[-1] if words else "")
        words.append(word)
    return words


def _word(cell: object) -> str:
    return "" if str(cell).strip().casefold() in _NO_WORD else str(cell)


def _plain(grade: str) -> str:
    return re.sub(r"[\W_]+", " ", grade).strip().casefold()
