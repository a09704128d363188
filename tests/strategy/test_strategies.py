"""Each strategy's rule, in a case worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, market

import orebody as ob
from orebody.errors import DataError, UnknownNameError
from orebody.indicators import hold_last, miners_index, rolling_zscore
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import random_market

# log(miners / metal) is the exponent here: the metal stands at 1, the miners at e**x
EXPONENTS = [0.0, 0.0, 3.0, 0.0, -3.0, -3.0, 0.0, 6.0, 6.5, 6.0]
# rolling z over 3 bars, population sd, by hand:
#   bar 2: (0,0,3)      mean 1, sd sqrt(2):      z =  1.414
#   bar 3: (0,3,0)      mean 1:                  z = -0.707
#   bar 4: (3,0,-3)     mean 0, sd sqrt(6):      z = -1.225
#   bar 5: (0,-3,-3)    mean -2, sd sqrt(2):     z = -0.707
#   bar 6: (-3,-3,0)    mean -2:                 z =  1.414
#   bar 7: (-3,0,6)     mean 1, sd sqrt(14):     z =  1.336
#   bar 8: (0,6,6.5)    mean 4.1667, sd 2.9533:  z =  0.7901
#   bar 9: (6,6.5,6)    mean 6.167, sd 0.2357:   z = -0.707
Z = [np.nan, np.nan, 1.41421356, -0.70710678, -1.22474487, -0.70710678, 1.41421356, 1.33630621, 0.79006571, -0.70710678]


def ratio_market(exponents: list[float] = EXPONENTS) -> ob.Market:
    days = pd.bdate_range("2024-01-01", periods=len(exponents))
    return market(days, [[1.0, float(np.exp(x))] for x in exponents])


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("RatioRotation", "ratio-rotation"),
        ("HalfAfterAFall", "half-after-a-fall"),
        ("DCAOfMiners", "dca-of-miners"),
        ("Over200Days", "over200-days"),
    ],
)
def test_a_name_is_the_class_name_in_kebab_case(class_name: str, name: str) -> None:
    assert type(class_name, (ob.Strategy,), {}).name() == name


def test_rolling_z_by_hand() -> None:
    m = ratio_market()
    np.testing.assert_allclose(rolling_zscore(np.log(m.close[:, 1] / m.close[:, 0]), 3), Z, atol=1e-5)


def test_a_constant_window_has_no_z() -> None:
    assert np.isnan(rolling_zscore(np.full(10, 2.5), 3)).all()


def test_ratio_rotation_by_hand() -> None:
    plan = RatioRotation(window=3, entry=1.0).decide(ratio_market()).on(ratio_market())
    # bar 2, the first full window: metal; bar 4 below -1: miners; bar 6 above 1: metal; nothing else switches
    assert plan.rows.tolist() == [2, 4, 6]
    assert plan.weights.tolist() == [[1, 0], [0, 1], [1, 0]]
    assert plan.contribution_split.tolist() == plan.weights.tolist()


def test_ratio_rotation_with_an_exit_splits_evenly_near_the_mean() -> None:
    plan = RatioRotation(window=3, entry=1.0, exit=0.75).decide(ratio_market()).on(ratio_market())
    # |z| = 0.707 is inside 0.75 on bars 3, 5 and 9; 0.79 on bar 8 is between exit and entry and holds
    assert plan.rows.tolist() == [2, 3, 4, 5, 6, 9]
    assert plan.weights[:, 1].tolist() == [0, 0.5, 1, 0.5, 0, 0.5]


def test_ratio_rotation_starts_in_the_metal_unless_the_miners_are_cheap() -> None:
    quiet = RatioRotation(window=3, entry=2.0).decide(ratio_market()).on(ratio_market())
    assert (quiet.rows.tolist(), quiet.weights.tolist()) == ([2], [[1, 0]])
    cheap = ratio_market([0.0, 0.0, -3.0, -3.0])
    assert RatioRotation(window=3).decide(cheap).on(cheap).weights.tolist() == [[0, 1]]


def test_ratio_rotation_of_several_miners_trades_the_basket_and_re_forms_it_each_quarter() -> None:
    m = random_market(4, bars=300, miners=3)
    plan = RatioRotation(window=20).decide(m).on(m)
    in_miners = plan.weights[:, 0] == 0
    np.testing.assert_allclose(plan.weights[in_miners, 1:], 1 / 3)
    quarters = [bar for bar in range(1, 300) if m.dates[bar].quarter != m.dates[bar - 1].quarter]
    standing = {bar: row for row, bar in enumerate(plan.rows)}
    for bar in quarters:
        last = plan.weights[plan.rows.searchsorted(bar, side="right") - 1]
        if bar > 20 and last[0] == 0:
            assert bar in standing


def test_the_miners_index_is_an_equal_basket_re_formed_at_each_quarters_first_close() -> None:
    days = pd.DatetimeIndex(["2024-03-27", "2024-03-28", "2024-04-01", "2024-04-02"])
    m = market(days, [[1, 10, 100]] * 4, [[1, 10, 100], [1, 20, 100], [1, 20, 150], [1, 40, 150]])
    # to the second quarter's first close: half grew to 2, half to 1.5; then, equal parts again, half doubles
    assert miners_index(m).tolist() == pytest.approx([1.0, 1.5, 1.75, 1.75 * 1.5])


def test_latch_keeps_the_last_signal() -> None:
    assert hold_last(np.array([-1, 2, -1, 0, -1, -1])).tolist() == [-1, 2, 2, 0, 0, 0]
    assert hold_last(np.array([], dtype=int)).tolist() == []


def test_buy_and_hold_buys_once_by_its_split_and_never_sells() -> None:
    m = ratio_market()
    result = ob.backtest(BuyAndHold(split={"metal": 0.5, "miners": 0.25}), m, ob.Account(cash=1_000, costs=FREE))
    assert result.units.iloc[-1].tolist() == pytest.approx([500.0, 250.0])
    assert result.cash.iloc[-1] == pytest.approx(250.0)
    assert len(result.fills) == 2


def test_a_split_may_name_tickers_and_an_unknown_one_is_refused() -> None:
    m = ratio_market()
    assert m.shares({"A": 0.25, "miners": 0.5}).tolist() == [0.25, 0.5]
    with pytest.raises(UnknownNameError, match="unknown part of universe 'custom' 'miner'; did you mean 'miners'"):
        ob.backtest(BuyAndHold(split={"miner": 1.0}), m)


def test_averaging_in_never_spends_more_than_is_there_when_history_ends_first() -> None:
    m = ratio_market()
    result = ob.backtest(DollarCostAverage(installments=5, every="week"), m, ob.Account(cash=1_000, costs=FREE))
    assert (result.fills["units"] * result.fills["price"]).tolist() == pytest.approx([200.0, 200.0])  # two weeks are all there is
    assert result.cash.iloc[-1] == pytest.approx(600.0)


def test_too_short_a_history_says_how_much_is_needed() -> None:
    with pytest.raises(DataError, match="ratio-rotation needs 252 bars before it can decide, the market has 10"):
        ob.backtest(RatioRotation(), ratio_market())


def test_an_unknown_parameter_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown parameter of ratio-rotation 'windw'; did you mean 'window'"):
        RatioRotation.build(windw=3)
