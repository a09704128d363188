"""CXO Advisory: weekly returns of GLD and GDX, and whether their ratio comes back within a quarter."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import orebody as ob
from orebody.indicators import rolling_zscore
from orebody.research.gearing.period_returns import returns_of
from orebody.strategy.role_series import log_ratio, role_prices
from replications.figure import Figure, Near
from replications.prices import gold
from replications.study import Study

__all__ = ["STUDY"]

WEEKS = 13


def figures(folder: Path) -> list[Figure]:
    market = gold(folder, "2016-05-20")
    weekly = returns_of(market, "week", "simple")
    both = np.column_stack((weekly.metal, weekly.miners[:, 0]))
    row = ob.gearing(market, frequency="week", returns="simple").table.loc["GDX"]
    early = ob.gearing(gold(folder, "2015-09-30"), frequency="week", returns="simple").table.loc["GDX"]
    mean, spread = (tuple(float(one) for one in 100 * part) for part in (both.mean(axis=0), both.std(axis=0, ddof=1)))
    returns, table = 'returns_of(market, "week", "simple")', 'ob.gearing(market, frequency="week", returns="simple").table'
    vintage = "0.03: his weekdays are not known, and others give 0.15 to 0.17 and 0.07 to 0.12"
    return [
        Figure("weekly mean of GLD / GDX, %", Near((0.17, 0.08), 0.03), mean, how=returns, why=vintage),
        Figure("weekly standard deviation of GLD / GDX, %", Near((2.62, 5.55), 0.05), spread, how=returns, why="the same"),
        Figure("correlation of weekly returns", Near((0.80,), 0.005), (float(row["correlation"]),), how=table),
        Figure(
            "weekly beta of GDX on GLD / R², %, to 2015-09",
            Near((1.62, 64.0), (0.005, 0.5)),
            (float(early["beta"]), 100 * float(early["r2"])),
            "{:.3g}",
            table,
        ),
        _divergence(market, "metal", "GLD"),
        _divergence(market, "miners", "GDX"),
        _changes(market),
    ]


def _divergence(market: ob.Market, role: str, name: str) -> Figure:
    """Return the correlation of the ratio's z over 13 weeks with the next week's return of one of the two."""
    weekly = returns_of(market, "week", "simple")
    bars = np.append(weekly.before[:1], weekly.bars)
    ratio = np.exp(-log_ratio(market)[bars])
    z = rolling_zscore(ratio, WEEKS)
    after = np.diff(role_prices(market, role)[bars]) / role_prices(market, role)[bars][:-1]
    known = np.isfinite(z[:-1])
    chance = 1.96 / int(known.sum()) ** 0.5
    return Figure(
        f"correlation of GLD/GDX's z over {WEEKS} weeks with the next week's return of {name}",
        Near((0.0,), round(chance, 3)),
        (float(np.corrcoef(z[:-1][known], after[known])[0, 1]),),
        how=f"rolling_zscore(ratio, {WEEKS}) at each week's last bar",
        said="no reliable convergence",
        why=f"what chance gives 95 times in 100 in {int(known.sum())} weeks",
    )


def _changes(market: ob.Market) -> Figure:
    weekly = returns_of(market, "week", "simple")
    ratio = log_ratio(market)[np.append(weekly.before[:1], weekly.bars)]
    change = ratio[WEEKS:] - ratio[:-WEEKS]
    past, after = change[:-WEEKS], change[WEEKS:]
    apart = len(past) // WEEKS
    return Figure(
        f"correlation of the ratio's change over {WEEKS} weeks with that over the next {WEEKS}",
        Near((0.0,), round(1.96 / apart**0.5, 2)),
        (float(np.corrcoef(past, after)[0, 1]),),
        how="log_ratio(market) at each week's last bar",
        said="no reversion",
        why=f"chance again, for the {apart} windows that do not overlap",
    )


STUDY = Study(
    name="cxo",
    title="Does the ratio of gold to its miners come back?",
    source='CXO Advisory (2016), "Simple Gold-Gold Miner Stocks Fund Pair Trading"; beta and R² of 2015 as reported by Benzinga (2016)',
    claim="Weekly, GDX moves twice as much as GLD with a correlation of 0.80 and a lower mean; their ratio has no average to which it "
    "reliably returns, and how far it stands from its mean of 13 weeks says nothing about the week that follows.",
    period="2006-05 to 2016-05",
    prices="GLD and GDX, adjusted closes, from the last session of one week to that of the next, 2006-05-22 to 2016-05-20",
    why="""The mean of GLD is 0.02 lower here. GLD pays nothing out, so that the vintage of the prices cannot be why; his weeks may end on
another day. Standard deviation, correlation, beta and R² agree to the digit published or nearly, and both tests of reversion
find nothing beyond chance, as his does. `ratio-rotation` bets on the opposite: [what it did](../results.md) on the same two
funds is worth reading beside this.""",
    figures=figures,
)
