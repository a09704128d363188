"""The statistics of significance: formulas against published examples, tests against plain loops, scipy and arch."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from arch.bootstrap import SPA

from orebody.research.significance.bootstrap import block_length, draws
from orebody.research.significance.deflated_sharpe import Moments, expected_best, moments, probabilistic_sharpe, spread_of
from orebody.research.significance.multiple_testing import resampled_means, superiority_test
from orebody.research.significance.overfitting import overfitting


def test_probabilistic_sharpe_as_published() -> None:
    """Bailey and Lopez de Prado (2012): 24 months, a Sharpe ratio of 0.458 a month, skewness -2.448, kurtosis 10.164."""
    assert probabilistic_sharpe(Moments(0.458, 0.0, 3.0, 24)) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(Moments(0.458, -2.448, 10.164, 24)) == pytest.approx(0.913, abs=5e-4)


def test_deflated_sharpe_as_published() -> None:
    """Bailey and Lopez de Prado (2014): 2.5 a year over 1,250 days, skewness -3, kurtosis 10, variance of the tries 0.5 a year."""
    chosen = Moments(2.5 / math.sqrt(250), -3.0, 10.0, 1250)
    assert expected_best(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    assert probabilistic_sharpe(chosen, expected_best(100, 0.5 / 250)) == pytest.approx(0.9004, abs=2e-4)
    assert probabilistic_sharpe(chosen, expected_best(46, 0.5 / 250)) == pytest.approx(0.9505, abs=2e-4)
    assert expected_best(1, 0.5 / 250) == 0.0


def test_expected_best_is_near_the_mean_of_the_largest_drawn() -> None:
    drawn = np.random.default_rng(1).normal(0.0, 0.3, (20_000, 50)).max(axis=1)
    assert expected_best(50, 0.3**2) == pytest.approx(drawn.mean(), abs=0.01)  # an asymptotic formula: within 2 %


def test_moments_as_scipy_has_them() -> None:
    returns = np.random.default_rng(2).standard_t(5, 800) * 0.01 + 0.0004
    mine = moments(returns)
    assert mine.skewness == pytest.approx(scipy.stats.skew(returns), rel=1e-12)
    assert mine.kurtosis == pytest.approx(scipy.stats.kurtosis(returns, fisher=False), rel=1e-12)
    assert mine.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)
    assert spread_of([0.1], 101) == 0.01
    assert spread_of([0.1, 0.3], 101) == pytest.approx(0.02)


def test_block_length_is_the_median_of_arch_s() -> None:
    from arch.bootstrap import optimal_block_length

    draw = np.random.default_rng(6)
    series = draw.normal(size=(1000, 3))
    for at in range(1, 1000):
        series[at, 2] += 0.8 * series[at - 1, 2]
        series[at, 1] += 0.3 * series[at - 1, 1]
    best = [float(optimal_block_length(one)["stationary"].iloc[0]) for one in series.T]
    assert block_length(series) == math.ceil(sorted(best)[1])
    assert block_length(np.ones((100, 2))) == 1


def test_resampled_means_are_those_of_the_drawn_bars() -> None:
    series = np.random.default_rng(7).normal(size=(120, 3))
    bundles = list(draws(120, 5, 230, 1))
    assert [len(one) for one in bundles] == [100, 100, 30]
    plain = np.array([series[history].mean(axis=0) for bundle in bundles for history in bundle])
    np.testing.assert_allclose(resampled_means(series, bundles), plain, atol=1e-14)


def test_spa_and_romano_wolf_by_plain_loops() -> None:
    series = np.random.default_rng(8).normal([0.10, 0.05, -0.4, 0.0, 0.15], [1, 1, 1, 2, 1], (400, 5))
    histories = [history for bundle in draws(400, 3, 400, 2) for history in bundle]
    mine = superiority_test(series, iter([np.array(histories)]))
    mean = series.mean(axis=0)
    drawn = [series[history].mean(axis=0) for history in histories]
    error = np.std(drawn, axis=0)
    t = mean / error
    for name, kept in (("upper", [True] * 5), ("consistent", t >= -math.sqrt(2 * math.log(math.log(400)))), ("lower", t > 0)):
        count = 0
        for one in drawn:
            highest = max(0.0, *((one[k] - (mean[k] if kept[k] else 0.0)) / error[k] for k in range(5)))
            count += highest >= max(0.0, *t)
        assert getattr(mine, name) == pytest.approx((1 + count) / 401), name
    assert mine.lower <= mine.consistent < mine.upper + 1e-12
    left, last = list(range(5)), 0.0
    for _ in range(5):  # the best of those left, against the largest of those left
        k = max(left, key=lambda at: t[at])
        p = (1 + sum(max((one[j] - mean[j]) / error[j] for j in left) >= t[k] for one in drawn)) / 401
        last = max(last, p)
        assert mine.adjusted[k] == pytest.approx(last)
        assert mine.alone[k] == pytest.approx((1 + sum((one[k] - mean[k]) / error[k] >= t[k] for one in drawn)) / 401)
        left.remove(k)


def test_spa_is_arch_s_where_all_are_equally_wild() -> None:
    """arch's does not divide by standard errors; where those are equal, both are the same test."""
    series = np.random.default_rng(9).normal(0.0, 1.0, (500, 4))
    series = (series - series.mean(axis=0)) / series.std(axis=0) + [0.06, 0.0, -0.02, 0.03]
    plainly = SPA(np.zeros(500), -series, block_size=1, reps=4000, seed=1)
    plainly.compute()
    also = SPA(np.zeros(500), -series, block_size=1, reps=4000, seed=1, studentize=False)
    also.compute()
    assert plainly.pvalues.tolist() == also.pvalues.tolist()
    mine = superiority_test(series, draws(500, 1, 4000, 1))
    assert [mine.lower, mine.consistent, mine.upper] == pytest.approx(plainly.pvalues.tolist(), abs=0.02)


def test_overfitting_by_a_plain_loop() -> None:
    returns = np.random.default_rng(10).normal(0.0002, 0.01, (125, 5))  # 5 are left over at the beginning
    mine = overfitting(returns, 252.0, blocks=6)
    assert not isinstance(mine, str)
    parts = np.split(returns[5:], 6)
    below, at, logits, pairs = 0, 0, [], []
    for half in combinations(range(6), 3):
        inside = np.concatenate([parts[at] for at in half])
        outside = np.concatenate([parts[at] for at in range(6) if at not in half])
        one, two = (part.mean(axis=0) / part.std(axis=0, ddof=1) for part in (inside, outside))
        best = int(np.argmax(one))
        rank = 1 + sum(other < two[best] for other in two)
        logits.append(math.log((rank / 6) / (1 - rank / 6)))
        below, at = below + (rank < 3), at + (rank == 3)
        pairs.append((one[best] * 252**0.5, two[best] * 252**0.5))
    assert len(logits) == 20
    np.testing.assert_allclose(mine.logits, logits, atol=1e-12)
    np.testing.assert_allclose(np.column_stack((mine.inside, mine.outside)), pairs, rtol=1e-9)
    assert (mine.below_median, mine.at_median) == pytest.approx((below / 20, at / 20))
    assert mine.probability == pytest.approx((below + at) / 20)  # the paper counts logits of 0
    assert mine.expected == pytest.approx(3 / 5)  # of ranks 1 to 5 three are at or below the median
    assert mine.slope == pytest.approx(np.polyfit(*zip(*pairs, strict=True), 1)[0])
    assert mine.loss == pytest.approx(sum(two < 0 for _, two in pairs) / 20)
    assert (mine.blocks, mine.bars) == (6, 20)


def test_two_alike_are_always_the_median_and_none_falls_below_it() -> None:
    one = np.random.default_rng(13).normal(0.0, 0.01, 320)
    alike = overfitting(np.column_stack((one, one)), 252.0)
    assert not isinstance(alike, str)
    assert (alike.below_median, alike.at_median, alike.probability, alike.expected) == (0.0, 1.0, 1.0, 0.5)


def test_one_that_is_always_best_is_not_overfitted() -> None:
    returns = np.random.default_rng(11).normal([0.0, 0.0, 0.02], 0.01, (320, 3))
    sure = overfitting(returns, 252.0)
    assert not isinstance(sure, str)
    assert (sure.probability, sure.loss) == (0.0, 0.0)
    assert len(sure.logits) == math.comb(16, 8)


def test_what_was_best_by_chance_alone_is_overfitted() -> None:
    """All the same over the whole history: what was better on one half is worse on the other."""
    returns = np.random.default_rng(12).normal(0.0, 0.01, (320, 8))
    flat = overfitting(returns - returns.mean(axis=0), 252.0)
    assert not isinstance(flat, str)
    assert flat.probability == 1.0
