"""On noise the tests reject about as often as they say; on a planted edge they find it. Seeds are fixed, bounds binomial: 1 in 1,000."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import orebody as ob
from orebody.research.significance.bootstrap import block_length, draws
from orebody.research.significance.deflated_sharpe import expected_best, moments, probabilistic_sharpe, spread_of
from orebody.research.significance.kernel import figures
from orebody.research.significance.multiple_testing import superiority_test
from orebody.research.significance.overfitting import overfitting
from orebody.research.significance.random_timing import random_timing_test
from orebody.strategies import RatioRotation

SEEDS, BARS, TRIES = 100, 500, 8
MARKETS, LONG = 40, 700


def noise(seed: int, edge: float = 0.0) -> np.ndarray:
    """Return eight strategies' returns over the metal, half of their moves shared; the third has a daily Sharpe ratio of `edge`."""
    draw = np.random.default_rng((11, seed))
    returns = 0.01 * (draw.normal(size=(BARS, 1)) + draw.normal(size=(BARS, TRIES))) / math.sqrt(2)
    returns[:, 2] += 0.01 * edge
    return returns


def within(rejected: int, of: int, level: float) -> bool:
    low, high = scipy.stats.binom.ppf([0.0005, 0.9995], of, level)
    return bool(low <= rejected <= high)


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    rows = []
    for seed in range(SEEDS):
        series = noise(seed)
        tests = superiority_test(series, draws(BARS, block_length(series), 199, seed))
        of = [moments(one) for one in series.T]
        best = max(of, key=lambda one: one.sharpe)
        fit = overfitting(series, 252.0, blocks=10)
        assert not isinstance(fit, str)
        rows.append(
            {
                "spa": tests.consistent,
                "step": tests.adjusted.min(),
                "alone": tests.alone[0],
                "luckiest": tests.alone.min(),
                "psr": 1 - probabilistic_sharpe(of[0]),
                "dsr": 1 - probabilistic_sharpe(best, expected_best(TRIES, spread_of([one.sharpe for one in of], BARS))),
                "pbo": fit.probability,
            }
        )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("test", ["alone", "psr", "spa", "step"])
@pytest.mark.parametrize("level", [0.05, 0.10])
def test_noise_is_rejected_about_as_often_as_the_level_says(judged: pd.DataFrame, test: str, level: float) -> None:
    assert within(int((judged[test] <= level).sum()), SEEDS, level), float((judged[test] <= level).mean())


def test_the_luckiest_looked_at_alone_is_rejected_far_too_often(judged: pd.DataFrame) -> None:
    assert not within(int((judged["luckiest"] <= 0.05).sum()), SEEDS, 0.05)


def test_the_deflated_ratio_does_not_take_noise_for_skill(judged: pd.DataFrame) -> None:
    assert (judged["dsr"] <= 0.05).sum() <= scipy.stats.binom.ppf(0.9995, SEEDS, 0.05)


def test_the_probability_of_overfitting_is_near_one_half_on_noise(judged: pd.DataFrame) -> None:
    error = judged["pbo"].std(ddof=1) / math.sqrt(SEEDS)
    assert abs(judged["pbo"].mean() - 0.5) < 3.5 * error


def test_an_edge_is_found_and_named() -> None:
    found = named = kept = 0
    for seed in range(20):
        series = noise(seed, edge=0.25)  # almost 4 a year
        tests = superiority_test(series, draws(BARS, block_length(series), 199, seed))
        fit = overfitting(series, 252.0, blocks=10)
        assert not isinstance(fit, str)
        found += tests.consistent <= 0.05
        named += bool(tests.adjusted[2] <= 0.05)
        kept += fit.probability < 0.1
    assert min(found, named, kept) >= 19


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """A true annual Sharpe ratio of 1 and a true annual volatility, in the 90 % intervals of 100 histories."""
    held = np.zeros(2)
    for seed in range(SEEDS):
        returns = np.random.default_rng((12, seed)).normal(0.01 / math.sqrt(252), 0.01, (BARS, 1))
        drawn = np.concatenate([figures(one, returns, returns, 252.0, 2.0) for one in draws(BARS, 1, 200, seed)])
        low, high = np.quantile(drawn[:, 0, [2, 1]], [0.05, 0.95], axis=0)
        truth = np.array([1.0, 0.01 * math.sqrt(252)])
        held += (low <= truth) & (truth <= high)
    assert within(int(held[0]), SEEDS, 0.9)
    assert within(int(held[1]), SEEDS, 0.9)


def market(seed: int, half_life: float) -> ob.Market:
    """Return random walks of one log drift, or miners whose distance to the metal returns with a half-life."""
    draw = np.random.default_rng((13, seed))
    metal, shocks = np.cumsum(draw.normal(0.0, 0.01, LONG)), draw.normal(0.0, 0.02, LONG)
    apart, keep = np.zeros(LONG), 0.5 ** (1 / half_life)
    for at in range(1, LONG):
        apart[at] = keep * apart[at - 1] + shocks[at]
    frames = {}
    for name, path in (("METAL", metal), ("MINER", metal + apart)):
        close = 100 * np.exp(path)
        opens = np.concatenate((close[:1], close[:-1]))
        table = {"Open": opens, "High": np.maximum(opens, close), "Low": np.minimum(opens, close), "Close": close}
        frames[name] = pd.DataFrame(table, index=pd.bdate_range("2015-01-01", periods=LONG))
    return ob.Market.from_frames(frames)


def test_random_times_tell_a_rule_that_knows_from_one_that_does_not() -> None:
    free = ob.Account(costs=ob.Costs(slippage=0.0), cash_rate=0.0)
    rule = {"rotate": RatioRotation(window=30)}
    p = {}
    for half_life, count in ((math.inf, MARKETS), (5.0, 10)):
        told = []
        for seed in range(count):
            comparison = ob.compare(rule, market(seed, half_life), free, engine="compiled", check_lookahead=False)
            told.append(random_timing_test(comparison, 199, seed, 0.9, lambda label: None).at["rotate", "p_value"])
        p[half_life] = np.array(told)
    assert within(int((p[math.inf] <= 0.10).sum()), MARKETS, 0.10), p[math.inf]
    assert (p[5.0] <= 0.05).sum() >= 9
