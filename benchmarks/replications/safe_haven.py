"""Baur and Lucey, Baur and McDermott, Baur and Trench: gold on the worst days of equities, and its miners on the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from replications.figure import Above, Below, Figure
from replications.prices import FIRST, LAST, closes, london_fix
from replications.study import Study

__all__ = ["STUDY", "slopes"]

TAILS = (0.05, 0.025, 0.01)
SIGNIFICANT = 1.96
FORM = "{:.2f} (t {:.1f})"


def figures(folder: Path) -> list[Figure]:
    shares, fix = closes(folder, "SPY", "adjclose"), london_fix(folder)
    lucey = slopes(fix, shares, "1995-11-30", "2005-11-30")
    wide = slopes(fix, shares, "1993-01-29", "2009-03-31")
    gold, miners = (slopes(closes(folder, ticker), shares, FIRST, LAST) for ticker in ("GLD", "GDX"))
    most, least = (float("inf"), SIGNIFICANT), (-float("inf"), SIGNIFICANT)
    how = "slopes(metal, shares, …)"
    haven, no_haven = "not above zero (safe haven)", "above zero (no safe haven)"
    definition = "theirs: uncorrelated or negatively correlated, so not above zero by 1.96 standard errors (White)"
    return [
        Figure(
            "slope of gold on American shares, 1995-11 to 2005-11", Below(most), lucey[0], FORM, how, definition, "not above zero (hedge)"
        ),
        Figure("the same on their worst 1 % of days", Below(most), lucey[-1], FORM, how, "the same", haven),
        Figure("slope of gold, 1993-01 to 2009-03", Below(most), wide[0], FORM, how, "their years begin in 1979", "not above zero (hedge)"),
        Figure("the same on the worst 1 % of days", Below(most), wide[-1], FORM, how, "the same", haven),
        Figure(
            "slope of GDX on the worst 1 % of days, 2006-05 to 2026-05",
            Above(least),
            miners[-1],
            FORM,
            how,
            "they look at Australian firms in 2020",
            no_haven,
        ),
        Figure("slope of GLD, 2006-05 to 2026-05", None, gold[0], FORM, how, "after their years gold has moved a little with shares"),
        Figure("slope of GLD on the worst 1 % of days, the same years", None, gold[-1], FORM, how, "and not on the days that matter"),
        Figure("slope of GDX, the same years", None, miners[0], FORM, how),
        Figure(
            "mean return of GLD / GDX on the worst 1 % of days, %",
            None,
            (worst(folder, "GLD"), worst(folder, "GDX")),
            how="worst(folder, ticker)",
        ),
    ]


def slopes(metal: pd.Series, shares: pd.Series, start: str, end: str) -> list[tuple[float, float]]:
    """Return the slope and its t on all days, and summed up to each tail, 5 %, 2.5 % and 1 %.

    r = a + c0 s + c1 s [s ≤ q5] + c2 s [s ≤ q2.5] + c3 s [s ≤ q1], in the manner of Baur and Lucey (2010); errors after White (1980).
    """
    returns = 100 * pd.concat((metal, shares), axis=1, join="inner").pct_change().loc[start:end].dropna().to_numpy()  # type: ignore[misc]
    mine, equity = returns.T
    columns = [np.ones(len(mine)), equity, *(equity * (equity <= np.quantile(equity, tail)) for tail in TAILS)]
    table = np.column_stack(columns)
    slope = np.linalg.lstsq(table, mine, rcond=None)[0]
    inverse = np.linalg.inv(table.T @ table)
    spread = inverse @ (table.T * (mine - table @ slope) ** 2) @ table @ inverse
    found = []
    for last in range(1, len(slope)):
        weights = np.zeros(len(slope))
        weights[1 : last + 1] = 1.0
        total = float(weights @ slope)
        found.append((total, total / float(weights @ spread @ weights) ** 0.5))
    return found


def worst(folder: Path, ticker: str) -> float:
    """Return the mean return in per cent on the worst 1 % of SPY's days."""
    both = pd.concat((closes(folder, ticker), closes(folder, "SPY")), axis=1, join="inner").loc[FIRST:LAST].pct_change().dropna()  # type: ignore[misc]
    return float(100 * both.loc[both["SPY"] <= both["SPY"].quantile(0.01), ticker].mean())


STUDY = Study(
    name="safe_haven",
    title="A safe haven, and whether its miners are one",
    source='D. G. Baur, B. M. Lucey (2010), "Is Gold a Hedge or a Safe Haven?", Financial Review 45(2); D. G. Baur, T. K. McDermott '
    '(2010), "Is gold a safe haven? International evidence", Journal of Banking & Finance 34(8); D. G. Baur, A. Trench (2020), '
    '"Not all Gold Shines in Crisis Times"; all as in their abstracts',
    claim="Gold does not move with American shares on average (a hedge), nor on their worst days (a safe haven). Shares of gold "
    "companies are exposed to the market and are no safe haven.",
    period="1995-11 to 2005-11; 1979 to 2009",
    prices="London's afternoon fixing on SPY, adjusted closes, from 1993; GLD and GDX on SPY, 2006-05 to 2026-05",
    why="""All hold by the authors' own definition, which is a weak one: not to fall with shares is enough. The afternoon fixing is made
six hours before New York closes, which hides what happens to gold in between; with the next day's fixings, morning or
afternoon, the four verdicts are the same. GLD and SPY close together, and there gold's slope on ordinary days is above zero in
the years since. On the worst 1 % of days GLD rose a little on average and GDX lost more than 3 %: whoever holds miners for the
day on which shares fall holds the wrong thing. `ob.stress` shows it for each strategy.""",
    figures=figures,
)
