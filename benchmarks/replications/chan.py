"""Chan's pair of GLD and GDX, on his own prices, and what became of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from arch.unitroot.cointegration import engle_granger

import orebody as ob
from orebody.indicators import positions
from orebody.strategies import SpreadTrade
from replications.figure import Figure, Near
from replications.prices import gold
from replications.study import Study

__all__ = ["STUDY"]

TRAINING = 252
PAIR = SpreadTrade(hedge="fixed", window=TRAINING, entry=2, exit=1, stop=None)


def figures(folder: Path) -> list[Figure]:
    frames = {ticker: pd.read_csv(folder / "chan" / f"{ticker}.csv", index_col=0, parse_dates=True) for ticker in ("GLD", "GDX")}
    common = frames["GLD"].index.intersection(frames["GDX"].index)
    market = ob.Market.from_frames({ticker: frame.loc[common] for ticker, frame in frames.items()})
    adjusted = {ticker: frame.loc[common, "Adj Close"].iloc[:TRAINING] for ticker, frame in frames.items()}
    z, hedge = PAIR.spread(market)
    spread = market.close[:TRAINING, 0] - hedge[0] * market.close[:TRAINING, 1]
    held = positions(z, PAIR.entry, PAIR.exit, None)
    returns = market.close[1:] / market.close[:-1] - 1
    earned = held[:-1] * (returns[:, 0] - returns[:, 1])
    halves = (np.append(0.0, earned[: TRAINING - 1]), earned[TRAINING - 1 :])
    sharpe = [float(252**0.5 * half.mean() / half.std(ddof=1)) for half in halves]
    rule, file = "SpreadTrade(hedge='fixed', window=252, entry=2, exit=1, stop=None)", "his file of December 2007, both legs at 1, no costs"
    return [
        Figure("hedge ratio on the first 252 days", Near((1.631009,), 5e-7), (float(hedge[0]),), "{:.6f}", f"{rule}.spread(market)"),
        Figure(
            "mean / standard deviation of the spread on them",
            Near((0.052196, 1.944861), 5e-7),
            (float(spread.mean()), float(spread.std())),
            "{:.6f}",
            "close[:252, 0] - hedge * close[:252, 1]",
        ),
        Figure("Sharpe on the training year", Near((2.3,), 0.05), (sharpe[0],), "{:.2f}", "positions(z, 2, 1, None)", file, "about 2.3"),
        Figure(
            "Sharpe on the year after it", Near((1.5,), 0.05), (sharpe[1],), "{:.2f}", "positions(z, 2, 1, None)", "the same", "about 1.5"
        ),
        Figure(
            "Engle and Granger's t on the first 252 days, example 7.2",
            Near((-2.359127,), 5e-7),
            (float(engle_granger(adjusted["GLD"], adjusted["GDX"], trend="c", method="aic").stat),),
            "{:.6f}",
            "arch.unitroot.cointegration.engle_granger",
            "not cointegrated: the notebook's own p is 0.34",
        ),
        Figure(
            "hedge ratio / t of the residuals, example 7.2 of the first edition",
            None,
            (),
            said="1.6766 / -3.357",
            missing="made from a longer file than the one that survives",
        ),
        _later(folder),
    ]


def _later(folder: Path) -> Figure:
    """Return what 100,000 became when the pair went on with the hedge ratio of its first year."""
    market = gold(folder, start="2006-05-23")
    result = ob.backtest(PAIR, market, ob.Account(), engine="compiled", start=int(market.dates.searchsorted(pd.Timestamp("2007-12-03"))))
    return Figure(
        "100,000 from December 2007 to 2026-05-01, the same rule, next open, default costs",
        None,
        (float(result.equity.iloc[-1]),),
        "{:,.0f}",
        "ob.backtest(SpreadTrade(…), market, ob.Account(), start=…)",
        "the year after the two he shows and all that followed",
    )


STUDY = Study(
    name="chan",
    title="Chan's pair of GLD and GDX",
    source="E. P. Chan (2009), Quantitative Trading, examples 3.6 and 7.2; further digits from the notebook that goes with the second "
    "edition",
    claim="GLD against 1.63 GDX is a spread that reverts: bought at two standard deviations below its mean, sold at two above, closed "
    "at one, it earned a Sharpe ratio of 2.3 in the year it was fitted on and 1.5 in the next.",
    period="2006-05 to 2007-11",
    prices="Chan's own workbooks of December 2007 for his figures; GLD and GDX, adjusted closes, for what came later",
    why="""Every figure he printed comes back from his file to the last digit, the test that finds no cointegration in the year he fitted
on among them. They say nothing of later: with a ratio fixed in 2007 the spread left in January 2008 and has not come back, the
position stayed on, and most of the account was lost. His convention is generous besides: both legs filled at the close that
gave the signal, with equal money in legs of unequal size, and no costs.""",
    figures=figures,
)
