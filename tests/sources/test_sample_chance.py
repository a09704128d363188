"""No rule wins on the sample by how it is drawn: it does as well there as on days that know nothing of any year."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.sources.sample.generator import bars
from orebody.sources.sample.gold import draw_days
from orebody.strategies import MomentumRotation, RatioRotation

FREE = ob.Account(costs=ob.Costs(slippage=0.0), cash_rate=0.0)
BARS = 4_822
Drawn = tuple[pd.DatetimeIndex, np.ndarray, np.ndarray]


def as_the_sample(seed: int) -> Drawn:
    """Return dates and daily log moves of metal and miners, drawn as the sample's are."""
    days = draw_days(seed)
    return days.dates, days.steps["SIM-GOLD"], days.steps["SIM-MINERS"]


def without_years(seed: int) -> Drawn:
    """Return the like with volatilities of 18.2 and 41.2 %, a beta of 1.72, and what GLD and GDX became in 19 years: 6.27 and 2.53."""
    draw = np.random.RandomState(1_000_000 + seed)
    metal, own = draw.standard_normal((2, BARS)) / 252**0.5
    metal *= 0.182
    miners = 1.72 * metal + (0.412**2 - (1.72 * 0.182) ** 2) ** 0.5 * own
    metal[0] = miners[0] = 0.0
    for moves, became in ((metal, 6.27), (miners, 2.53)):
        moves[1:] += np.log(became) / (BARS - 1) - moves[1:].mean()
    return pd.bdate_range("2006-12-29", periods=BARS), metal, miners


def ahead_of_both(rule: ob.Strategy, seed: int, drawn: Callable[[int], Drawn]) -> bool:
    """Return whether a rule ended above the metal and above the miners, all from the bar on which it can first decide."""
    dates, *moves = drawn(seed)
    draw = np.random.RandomState(seed)
    market = ob.Market.from_frames({f"SIM-{at}": bars(draw, one, dates) for at, one in enumerate(moves)})
    opening = rule.bars_needed - 1
    final = ob.backtest(rule, market, FREE, engine="compiled", check_lookahead=False, start=dates[opening]).equity.iloc[-1]
    held = FREE.cash * market.close[-1] / market.open[opening + 1]
    return bool(final > held.max())


def test_years_vary_as_much_as_their_days_make_them() -> None:
    # of independent days the variance of a year's sum is that of a day times their number; fixed years gave 0.5, years' means 1.5
    ratios = []
    for seed in range(60):
        dates, metal, miners = as_the_sample(seed)
        apart = pd.Series(miners - metal, index=dates).iloc[1:]
        years = apart.groupby(apart.index.year).sum()
        ratios.append(years.var() / (apart.var() * len(apart) / len(years)))
    # each has a relative error of sqrt(2 / 18), so their mean one of 0.043
    assert np.mean(ratios) == pytest.approx(1.0, abs=3 * (2 / 18 / 60) ** 0.5)


def test_a_day_does_not_know_the_days_before() -> None:
    lags, seeds = (1, 5, 21, 63, 252), range(20)
    known = np.zeros(len(lags))
    for seed in seeds:
        _, metal, miners = as_the_sample(seed)
        apart = (miners - metal)[1:]
        known += [np.corrcoef(apart[:-lag], apart[lag:])[0, 1] / len(seeds) for lag in lags]
    assert np.abs(known).max() < 3.5 / (BARS * len(seeds)) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("rule", [RatioRotation(), MomentumRotation()], ids=["reversion", "momentum"])
def test_a_rule_is_ahead_as_often_as_without_years(rule: ob.Strategy) -> None:
    count = 200
    ours, theirs = (np.mean([ahead_of_both(rule, seed, drawn) for seed in range(count)]) for drawn in (as_the_sample, without_years))
    both = (ours + theirs) / 2
    assert abs(ours - theirs) < 3 * (2 * both * (1 - both) / count) ** 0.5, (ours, theirs)
