"""What fixed years do to a rule: reversion and momentum on draws like the sample's gold, without and with fixed years.

    python benchmarks/sample_years.py              # 60 draws
    python benchmarks/sample_years.py --draws 200

The same noise four times. As the sample: one drift over all years, which end where chance leads. Totals free: the last year too.
Years fixed: each ends where the fund did, so what falls behind has to come back. Years' means: each year drifts as the fund did
and ends where chance leads, so years differ more than their days account for, and trends last.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

import orebody as ob
from orebody.sources.sample.generator import bars
from orebody.sources.sample.gold import SampleDays, draw_days
from orebody.sources.sample.published import YEAR_RETURNS
from orebody.strategies import MomentumRotation, RatioRotation

TICKERS = ("SIM-GOLD", "SIM-MINERS")
RULES = {"reversion": RatioRotation(), "momentum": MomentumRotation()}


def as_the_sample(days: SampleDays, draw: np.random.RandomState) -> list[np.ndarray]:
    """Return the log moves of metal and miners as they are."""
    return [days.steps[ticker] for ticker in TICKERS]


def totals_free(days: SampleDays, draw: np.random.RandomState) -> list[np.ndarray]:
    """Return the moves with the chance total that an exact mean of 0 takes from them."""
    metal, miners = as_the_sample(days, draw)
    beta = np.cov(metal, miners)[0, 1] / metal.var(ddof=1)
    off = draw.standard_normal(2) / len(metal) ** 0.5 * (metal.std(), (miners - beta * metal).std())
    return [metal + off[0], miners + beta * off[0] + off[1]]


def years_fixed(days: SampleDays, draw: np.random.RandomState) -> list[np.ndarray]:
    """Return the moves bent so that each year's total is the published one."""
    return [moves + _to_published(days, ticker, moves) for ticker, moves in zip(TICKERS, as_the_sample(days, draw), strict=True)]


def years_means(days: SampleDays, draw: np.random.RandomState) -> list[np.ndarray]:
    """Return the moves with each year's published mean in place of the one drift of all years."""
    drifts = (np.where(np.arange(len(days.dates)), days.steps[ticker][1:].mean(), 0.0) for ticker in TICKERS)
    published = (drift + _to_published(days, ticker, drift) for ticker, drift in zip(TICKERS, drifts, strict=True))
    return [days.steps[ticker] - days.steps[ticker][1:].mean() + mean for ticker, mean in zip(TICKERS, published, strict=True)]


def _to_published(days: SampleDays, ticker: str, moves: np.ndarray) -> np.ndarray:
    """Return what has to be added to a ticker's moves for its published years."""
    years, added = np.asarray(days.dates.year), np.zeros(len(moves))
    for year, per_cent in YEAR_RETURNS[ticker].items():
        inside = years == year
        added[inside] = np.log1p(per_cent / 100) / inside.sum() - moves[inside].mean()
    return added


WAYS: dict[str, Callable[[SampleDays, np.random.RandomState], list[np.ndarray]]] = {
    "as the sample": as_the_sample,
    "totals free": totals_free,
    "years fixed": years_fixed,
    "years' means": years_means,
}


def ahead_of_both(days: SampleDays, steps: list[np.ndarray], draw: np.random.RandomState) -> list[bool]:
    """Return of each rule whether it ended above the metal and above the miners."""
    market = ob.Market.from_frames(
        {ticker: bars(draw, moves, days.dates) for ticker, moves in zip(TICKERS, steps, strict=True)}, cash_rate=days.cash_rate
    )
    comparison = ob.compare(RULES, market, engine="compiled", check_lookahead=False)
    final = comparison.table["final_equity"]
    return [bool(final[rule] > final[list(comparison.benchmarks)].max()) for rule in RULES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=60)
    draws = parser.parse_args().draws
    ahead = {way: np.zeros((draws, len(RULES)), dtype=bool) for way in WAYS}
    for seed in range(draws):
        days = draw_days(seed)
        for at, (way, made) in enumerate(WAYS.items()):
            draw = np.random.RandomState((seed, at))
            ahead[way][seed] = ahead_of_both(days, made(days, draw), draw)
    print(f"ended above holding either, of {draws} draws (standard error at most {50 / draws**0.5:.0f} points):")
    print(pd.DataFrame({way: won.mean(axis=0) for way, won in ahead.items()}, index=list(RULES)).T.map("{:.0%}".format).to_string())


if __name__ == "__main__":
    main()
