"""Conover, Jensen, Johnson and Mercer: a quarter of a portfolio in the shares of precious metals."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import orebody as ob
from orebody.strategies import BuyAndHold, CoreSatellite
from replications.figure import Above, Below, Figure
from replications.prices import FIRST, LAST, closes, monthly
from replications.study import Study

__all__ = ["STUDY"]

SHARE = 0.25


def figures(folder: Path) -> list[Figure]:
    funds, index = with_the_fund(folder, 0.0), with_the_index(folder)
    reason = "the sign alone: other years and other shares can give no more"
    found = [
        Figure(
            "change of return / risk, points, with their index, 1973 to 2006",
            None,
            (),
            said="+1.65 / -1.86",
            missing="their index is not here",
        )
    ]
    for name, how, (gain, risk) in (
        ("GDX beside SPY, 2006-05 to 2026-05", "ob.backtest(CoreSatellite(core=0.75, band=0), …)", funds),
        ("HUI beside SPY, 1996-06 to 2006-12", "0.75 × SPY + 0.25 × HUI, monthly", index),
    ):
        found += [
            Figure(f"change of return, % a year: {name}", Above((0.0,)), (gain,), "{:+.2f}", how, reason, "rises (+1.65)"),
            Figure(f"change of volatility, % a year: {name}", Below((0.0,)), (risk,), "{:+.2f}", how, "the same", "falls (-1.86)"),
        ]
    return [
        *found,
        Figure(
            "change of return with GDX when rebalanced outside a band of 5 %, % a year",
            None,
            (with_the_fund(folder, 0.05)[0],),
            "{:+.2f}",
            "ob.backtest(CoreSatellite(core=0.75, band=0.05), …)",
        ),
    ]


def with_the_fund(folder: Path, band: float) -> tuple[float, float]:
    """Return what a quarter in GDX changes of SPY's return and volatility, in points a year, without costs."""
    universe = ob.Universe("shares", metal="SPY", miners=("GDX",))
    market = ob.load_market(universe, source=folder / "daily", start=FIRST, end=LAST)
    account = ob.Account(costs=ob.Costs(slippage=0.0))
    alone, mixed = (
        ob.backtest(strategy, market, account, engine="compiled").metrics()
        for strategy in (BuyAndHold(), CoreSatellite(core=1 - SHARE, band=band))
    )
    return 100 * (mixed.cagr - alone.cagr), 100 * (mixed.volatility - alone.volatility)


def with_the_index(folder: Path) -> tuple[float, float]:
    """Return the same for the index of unhedged gold shares, monthly, without its dividends."""
    shares = closes(folder, "SPY", "adjclose")
    last = shares.groupby(shares.index.to_period("M")).last()
    table = last.to_frame("SPY").join(monthly(folder, "HUI", "Close").rename("HUI"), how="inner").loc["1996-06":"2006-12"]  # type: ignore[misc]
    returns = table.pct_change().dropna()
    mixed = (1 - SHARE) * returns["SPY"] + SHARE * returns["HUI"]
    grown = [float(np.prod(1 + part) ** (12 / len(part)) - 1) for part in (returns["SPY"], mixed)]
    risks = [float(part.std(ddof=1)) * 12**0.5 for part in (returns["SPY"], mixed)]
    return 100 * (grown[1] - grown[0]), 100 * (risks[1] - risks[0])


STUDY = Study(
    name="shine",
    title="A quarter in miners",
    source='C. M. Conover, G. R. Jensen, R. R. Johnson, J. M. Mercer (2009), "Can Precious Metals Make Your Portfolio Shine?", Journal '
    "of Investing 18(1); the working paper of 2007",
    claim="A quarter of a portfolio of American shares moved into shares of precious metals raised the return by 1.65 points a year "
    "and lowered the standard deviation by 1.86.",
    period="1973-01 to 2006-12",
    prices="SPY with GDX, adjusted, 2006-05 to 2026-05; SPY with HUI, month-ends, 1996-06 to 2006-12",
    why="""The return rose, by much less than theirs; the risk did not fall in either set of years. Miners are twice as volatile as shares
in general, so that a quarter of them lowers risk only if the two move together less than they did here. HUI leaves out its
dividends, which would add to the gain. The gain with GDX comes from rebalancing every day without costs: outside a band of 5 %
it turns into a loss.""",
    figures=figures,
)
