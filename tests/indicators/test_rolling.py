"""Rolling indicators: by hand, and against plain numpy over every window."""

from __future__ import annotations

import numpy as np
import pytest

from orebody.errors import ParameterError
from orebody.indicators import (
    drawdown_from_high,
    drift_rebalances,
    ladder,
    momentum,
    percentile_of_past,
    rolling_beta,
    rolling_high,
    rolling_mean,
    rolling_volatility,
)

DRAW = np.random.RandomState(3)
PRICES = 100 * np.exp(np.cumsum(DRAW.standard_normal(300) * 0.02))
METAL = 50 * np.exp(np.cumsum(DRAW.standard_normal(300) * 0.01))
RETURNS, ON = np.diff(np.log(PRICES), prepend=np.nan), np.diff(np.log(METAL), prepend=np.nan)


@pytest.mark.parametrize("window", [2, 7, 60, 300])
def test_every_window_against_numpy(window: int) -> None:
    mean, high, depth = rolling_mean(PRICES, window), rolling_high(PRICES, window), drawdown_from_high(PRICES, window)
    volatility, beta = rolling_volatility(PRICES, window, 252.0), rolling_beta(PRICES, METAL, window)
    for t in range(len(PRICES)):
        if t < window - 1:
            assert np.isnan([mean[t], high[t], depth[t]]).all()
        else:
            part = PRICES[t - window + 1 : t + 1]
            assert mean[t] == pytest.approx(part.mean(), rel=1e-12)
            assert high[t] == part.max()
            assert depth[t] == pytest.approx(1 - PRICES[t] / part.max(), abs=1e-15)
        if t < window:
            assert np.isnan([volatility[t], beta[t]]).all()
        else:
            part, on = RETURNS[t - window + 1 : t + 1], ON[t - window + 1 : t + 1]
            assert volatility[t] == pytest.approx(part.std() * np.sqrt(252), rel=1e-9)
            assert beta[t] == pytest.approx(np.polyfit(on, part, 1)[0], rel=1e-6)


@pytest.mark.parametrize(("side", "sign"), [("up", 1), ("down", -1)])
def test_beta_of_one_side(side: str, sign: int) -> None:
    beta = rolling_beta(PRICES, METAL, 40, side)
    for t in (40, 41, 79, 80, 81, 299):
        part, on = RETURNS[t - 39 : t + 1], ON[t - 39 : t + 1]
        taken = on * sign > 0
        assert beta[t] == pytest.approx(np.polyfit(on[taken], part[taken], 1)[0], rel=1e-6)
    with pytest.raises(ParameterError, match="side is 'sideways': it must be 'up', 'down' or None"):
        rolling_beta(PRICES, METAL, 40, "sideways")


def test_beta_of_a_metal_that_does_not_move_is_unknown() -> None:
    assert np.isnan(rolling_beta(PRICES, np.full(300, 5.0), 20)).all()


def test_percentile_by_hand() -> None:
    # each value among the three before it, equals counted half: 4 is above all; 2 above 1, equal to 2; 0 below all; 2 equal to 2, above 0
    place = percentile_of_past(np.array([1.0, 2.0, 3.0, 4.0, 2.0, 0.0, 2.0]), 3)
    np.testing.assert_allclose(place[3:], [1.0, 0.5 / 3, 0.0, 1.5 / 3])
    assert np.isnan(place[:3]).all()


def test_momentum_by_hand() -> None:
    prices = np.array([10.0, 11.0, 12.0, 9.0, 18.0])
    np.testing.assert_allclose(momentum(prices, 2)[2:], [0.2, 9 / 11 - 1, 0.5])
    np.testing.assert_allclose(momentum(prices, 2, 1)[3:], [0.2, 9 / 11 - 1])
    assert np.isnan(momentum(prices, 5)).all()


def test_an_unknown_value_begins_the_window_anew() -> None:
    values = np.array([1.0, 2.0, np.nan, 4.0, 6.0, 8.0])
    np.testing.assert_allclose(rolling_mean(values, 2), [np.nan, 1.5, np.nan, np.nan, 5.0, 7.0])
    np.testing.assert_allclose(rolling_high(values, 2), [np.nan, 2.0, np.nan, np.nan, 6.0, 8.0])
    np.testing.assert_allclose(percentile_of_past(values, 2), [np.nan] * 5 + [1.0])


def test_ladder_by_hand() -> None:
    depth = np.array([0.0, 0.06, 0.05, 0.11, 0.0, 0.35, 0.40, np.nan, 0.0, 0.10])
    rows, shares = ladder(depth, np.ones(10), (0.05, 0.1, 0.3), 0)
    # bar 1 the first of three, bar 3 the second; a new high on bar 4; bar 5 all three at once; armed again on bar 8, bar 9 two of three
    assert rows.tolist() == [1, 3, 5, 9]
    np.testing.assert_allclose(shares, [1 / 3, 1 / 2, 1.0, 2 / 3])
    rows, shares = ladder(depth, np.full(10, 2.0), (0.05, 0.1, 0.3), 2)
    assert rows.tolist() == [3, 5, 9]  # in units of 2 the rungs are 0.1, 0.2 and 0.6; what came before bar 2 does not count
    np.testing.assert_allclose(shares, [1 / 3, 2 / 3, 1 / 3])


def test_drift_by_hand() -> None:
    # 70 : 30; the first doubles: 140 : 30 is 82.4 %; brought back; then the second doubles: 70 : 60 is 53.8 %
    closes = np.column_stack(([1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0, 2.0]))
    targets = np.tile([0.7, 0.3], (5, 1))
    assert drift_rebalances(closes, closes, targets, 0.05, 0).tolist() == [0, 2, 4]
    assert drift_rebalances(closes, closes, targets, 0.5, 1).tolist() == [1]


def test_drift_counts_from_the_fill_price_and_with_each_holding() -> None:
    # bought at the open of bar 1: 0.7 at 1.4 and 0.15 each at 1; on bar 2 the metal is worth 0.7 x 2 / 1.4 = 1 of 1.3, 76.9 %
    closes = np.array([[1.0, 1.0, 1.0], [1.4, 1.0, 1.0], [2.0, 1.0, 1.0]])
    opens = np.array([[1.0, 1.0, 1.0], [1.4, 1.0, 1.0], [2.0, 1.0, 1.0]])
    targets = np.tile([0.7, 0.15, 0.15], (3, 1))
    assert drift_rebalances(closes, opens, targets, 0.07, 0).tolist() == [0]  # from the close of bar 0 it would be 82.4 %
    assert drift_rebalances(closes, opens, targets, 0.069, 0).tolist() == [0, 2]
    # half of it in cash, which does not grow: 0.35 x 2 / 1 of 0.85 + 0.5 is 51.9 % where the target is 35 %
    assert drift_rebalances(closes, np.ones((3, 3)), targets / 2, 0.168, 0).tolist() == [0, 2]
    assert drift_rebalances(closes, np.ones((3, 3)), targets / 2, 0.17, 0).tolist() == [0]
