"""The account's rules, in cases worked by hand: the expected figures are arithmetic in the test, never the engine's own."""

from __future__ import annotations

import weakref

import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, market, run

import orebody as ob
from orebody.engine.inputs import build_inputs
from orebody.strategies import BuyAndHold, DollarCostAverage

NAN = np.nan


def rows(*said: tuple[int, list[float]], bars: int) -> np.ndarray:
    table = np.full((bars, len(said[0][1])), NAN)
    for bar, values in said:
        table[bar] = values
    return table


def test_a_decision_is_filled_at_the_next_open_never_at_its_own_close() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    m = market(days, [[10, 5], [12, 5], [20, 5], [20, 5]], [[11, 5], [16, 5], [20, 5], [20, 5]])
    result = run(m, ob.Account(cash=1_200, costs=FREE), weights=rows((0, [1.0, NAN]), bars=4))
    fill = result.fills.iloc[0]
    assert (fill["date"], fill["ticker"], fill["price"], fill["units"]) == (days[1], "A", 12.0, 100.0)
    assert result.equity.tolist() == [1_200.0, 1_600.0, 2_000.0, 2_000.0]
    assert result.returns.tolist() == pytest.approx([0.0, 1 / 3, 0.25, 0.0], abs=1e-15)


def test_a_market_keeps_what_engines_read_of_an_account_only_as_long_as_the_account_is() -> None:
    m, account = market(pd.bdate_range("2024-01-01", periods=3), [[10, 5], [12, 5], [20, 5]]), ob.Account(contribution=100)
    assert build_inputs(m, account) is build_inputs(m, account)
    gone = weakref.ref(account)
    del account
    assert gone() is None


def test_a_gap_up_on_an_all_in_order_is_filled_and_leaves_no_debt() -> None:
    days = pd.bdate_range("2024-01-01", periods=3)
    m = market(days, [[10, 5], [25, 5], [25, 5]], [[10, 5], [25, 5], [25, 5]])
    account = ob.Account(cash=10_000, costs=ob.Costs(commission=0.01, slippage=0.02))
    result = run(m, account, weights=rows((0, [1.0, NAN]), bars=3))
    units = 10_000 / (25 * 1.02 * 1.01)  # the money pays the slipped price and the commission on it
    assert result.units["A"].tolist() == pytest.approx([0.0, units, units], rel=1e-14)
    assert result.cash.iloc[1] == 0.0
    fill = result.fills.iloc[0]
    assert fill["price"] == pytest.approx(25.5)
    assert fill["cost"] == pytest.approx(units * 25.5 * 0.01)
    assert fill["slippage"] == pytest.approx(units * 0.5)
    assert fill["reason"] == "weight, scaled by costs"


def test_twelve_instalments_beside_monthly_contributions() -> None:
    months = pd.period_range("2024-01", periods=14, freq="M")
    days = pd.DatetimeIndex([f"{month}-{day}" for month in months for day in ("02", "03", "10")])
    m = market(days, [[10.0, 4.0]] * len(days))
    result = ob.backtest(DollarCostAverage(), m, ob.Account(cash=12_000, contribution=100, costs=FREE))
    bought = result.fills.assign(money=result.fills["units"] * result.fills["price"])
    parts = bought[bought["reason"] == "deploy"]
    # 12 equal parts of 1,000: decided on the first bar of each month, filled at the second
    assert parts["money"].tolist() == pytest.approx([1_000.0] * 12, abs=1e-9)
    assert parts["date"].tolist() == days[1::3][:12].tolist()
    # each contribution goes in whole on the bar on which it arrives: the first bar of each month but the opening one
    contributions = bought[bought["reason"] == "invest"]
    assert contributions["money"].tolist() == pytest.approx([100.0] * 13, abs=1e-9)
    assert contributions["date"].tolist() == days[3::3].tolist()
    assert result.cash.iloc[-1] == pytest.approx(0.0, abs=1e-9)
    assert result.cash.iloc[4] == pytest.approx(10_000.0)  # two parts are in, no contribution waits
    assert set(bought["ticker"]) == {"B"}


def test_instalments_spread_interest_on_the_cash_that_waits() -> None:
    days = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-02-01", "2024-02-02"])
    m = market(days, [[10.0, 4.0]] * 4, cash_rate=0.365)  # 0.1 % a day
    result = ob.backtest(DollarCostAverage(installments=2), m, ob.Account(cash=1_000, costs=FREE))
    after_first = 1_000 * 1.001 / 2  # a day's interest, then half of the cash
    second = after_first * (1 + 0.365 * 30 / 365) * (1 + 0.365 / 365)  # thirty days, then one, then all of it
    money = (result.fills["units"] * result.fills["price"]).tolist()
    assert money == pytest.approx([after_first, second], rel=1e-14)


def test_a_contribution_due_on_a_holiday_arrives_on_the_next_bar() -> None:
    days = pd.DatetimeIndex(["2023-12-28", "2023-12-29", "2024-01-02", "2024-01-03", "2024-02-01"])
    m = market(days, [[10.0, 5.0]] * 5)
    result = ob.backtest(BuyAndHold(), m, ob.Account(cash=1_000, contribution=50, costs=FREE))
    assert result.flows.tolist() == [0.0, 0.0, 50.0, 0.0, 50.0]
    assert result.units["A"].tolist() == pytest.approx([0.0, 100.0, 105.0, 105.0, 110.0])


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("week", ["2024-03-25", "2024-04-01", "2024-12-31"]),  # a Tuesday: the same ISO week as 2025-01-02
        ("month", ["2024-04-01", "2024-12-31", "2025-01-02"]),
        ("quarter", ["2024-04-01", "2024-12-31", "2025-01-02"]),
        ("year", ["2025-01-02"]),
    ],
)
def test_contributions_keep_their_rhythm(every: str, expected: list[str]) -> None:
    days = pd.DatetimeIndex(["2024-03-22", "2024-03-25", "2024-03-28", "2024-04-01", "2024-12-31", "2025-01-02"])
    m = market(days, [[10.0, 5.0]] * 6)
    result = ob.backtest(BuyAndHold(), m, ob.Account(cash=0, contribution=50, every=every, costs=FREE))
    assert [str(day.date()) for day in result.flows.index[result.flows > 0]] == expected


def test_a_band_just_touched_does_not_trade_and_a_hair_beyond_it_does() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    # 500 in A at 10, 500 in B at 5; then A opens at 15: weights 750/1250 = 0.6 and 0.4, exactly a band of 0.1 away
    for opened, trades in ((15.0, False), (15.001, True)):
        m = market(days, [[10, 5], [10, 5], [opened, 5], [opened, 5]])
        weights = rows((0, [0.5, 0.5]), (1, [0.5, 0.5]), bars=4)
        result = run(m, ob.Account(cash=1_000, costs=FREE), weights=weights, band=0.1)
        later = result.fills[result.fills["date"] == days[2]]
        assert len(later) == (2 if trades else 0)
        if trades:  # to the target, not to the edge of the band
            value = result.units.iloc[2] * [opened, 5]
            assert value["A"] == pytest.approx(value["B"], rel=1e-14)


def test_weight_zero_ignores_the_band_and_sells_the_last_unit() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    m = market(days, [[3, 7]] * 4)
    result = run(m, ob.Account(cash=1_000, costs=FREE), weights=rows((0, [0.03, NAN]), (1, [0.0, NAN]), bars=4), band=0.02)
    assert result.units["A"].tolist() == [0.0, pytest.approx(10.0), 0.0, 0.0]


def test_a_switch_sells_before_it_buys_and_spends_what_the_sale_left() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    m = market(days, [[10, 5], [10, 5], [20, 4], [20, 4]])
    account = ob.Account(cash=1_000, costs=ob.Costs(commission=0.001, slippage=0.0))
    result = run(m, account, weights=rows((0, [1.0, 0.0]), (1, [0.0, 1.0]), bars=4))
    first = 1_000 / 10.01
    proceeds = first * 20 * 0.999
    assert result.units["A"].iloc[2] == 0.0
    assert result.units["B"].iloc[2] == pytest.approx(proceeds / (4 * 1.001), rel=1e-14)
    assert result.fills["ticker"].tolist() == ["A", "A", "B"]
    assert result.cash.iloc[2] == 0.0


def test_interest_runs_by_calendar_days_at_the_previous_bars_rate() -> None:
    days = pd.DatetimeIndex(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"])  # a Friday, then a Monday
    rates = pd.Series([0.0365, 0.073], index=pd.DatetimeIndex(["2024-01-01", "2024-01-08"]))
    m = market(days, [[10, 5]] * 4, cash_rate=rates)
    result = run(m, ob.Account(cash=10_000, costs=FREE))
    assert result.interest.tolist() == pytest.approx([0, 1.0, 10_001 * 0.0003, (10_001 * 1.0003) * 0.0002], rel=1e-13)
    other = run(m, ob.Account(cash=10_000, costs=FREE, cash_rate=0.0))
    assert other.interest.sum() == 0.0


def test_deploy_spends_a_share_of_the_free_cash_after_the_contribution_went_in() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"])
    m = market(days, [[10, 5]] * 4)
    result = run(
        m,
        ob.Account(cash=1_000, contribution=100, costs=FREE),
        deploy=rows((1, [0.25, 0.5]), bars=4),
        contribution_split=rows((0, [0.6, 0.0]), bars=4),
    )
    # on 1 February: 60 of the contribution into A, 40 stay; then 1,040 are free, a quarter to A, half to B
    assert result.units.iloc[2].tolist() == pytest.approx([(60 + 260) / 10, 520 / 5])
    assert result.fills["reason"].tolist() == ["invest", "deploy", "deploy"]


def test_a_negative_deploy_share_sells_that_share_of_the_holding() -> None:
    days = pd.bdate_range("2024-01-01", periods=5)
    m = market(days, [[10, 5]] * 5)
    result = run(m, ob.Account(cash=1_000, costs=FREE), deploy=rows((0, [1.0, NAN]), (1, [-0.25, NAN]), (2, [-1.0, NAN]), bars=5))
    assert result.units["A"].tolist() == pytest.approx([0, 100, 75, 0, 0])
    assert result.units["A"].iloc[3] == 0.0


def test_a_contribution_follows_the_weight_that_trades_and_not_the_standing_split() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01"])
    m = market(days, [[10, 5]] * 3)
    both = {"weights": rows((1, [0.5, NAN]), bars=3), "contribution_split": rows((0, [0.0, 1.0]), bars=3)}
    result = run(m, ob.Account(cash=1_000, contribution=100, costs=FREE), **both)
    assert result.units.iloc[2].tolist() == pytest.approx([55.0, 0.0])


def test_a_fixed_fee_is_paid_out_of_the_money_spent_and_money_below_it_is_dropped_by_name() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"])
    m = market(days, [[10, 5]] * 4)
    account = ob.Account(cash=105, contribution=4, costs=ob.Costs(slippage=0.0, fixed_fee=5.0))
    result = ob.backtest(BuyAndHold(), m, account)
    assert result.units["A"].tolist() == pytest.approx([0, 10, 10, 10])
    assert result.fills["reason"].tolist() == ["deploy", "dropped: no cash"]
    assert result.fills["units"].tolist() == pytest.approx([10, 0])
    assert result.cash.iloc[-1] == pytest.approx(4.0)


def test_what_holdings_left_alone_leave_no_cash_for_is_scaled_and_says_so() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    m = market(days, [[10, 5]] * 4)
    result = run(m, ob.Account(cash=1_000, costs=FREE), weights=rows((0, [0.6, NAN]), (1, [NAN, 0.8]), bars=4))
    assert result.units.iloc[-1].tolist() == pytest.approx([60.0, 80.0])  # 400 of the 800 wanted
    assert result.fills["reason"].tolist() == ["weight", "weight, scaled to cash"]


def test_decisions_on_the_last_bar_are_refused_by_name() -> None:
    days = pd.bdate_range("2024-01-01", periods=2)
    m = market(days, [[10, 5]] * 2)
    result = run(m, ob.Account(cash=1_000, costs=FREE), weights=rows((1, [0.6, NAN]), bars=2))
    assert result.fills[["ticker", "units", "reason"]].to_numpy().tolist() == [["A", 0.0, "refused: last bar"]]


def test_an_account_that_opens_late_takes_the_weights_that_stand_and_forgets_old_purchases() -> None:
    days = pd.bdate_range("2024-01-01", periods=6)
    m = market(days, [[10, 5]] * 6)
    tables = {"weights": rows((0, [0.25, NAN]), (1, [NAN, 0.5]), bars=6), "contribution_split": rows((0, [0.1, 0.2]), bars=6)}
    result = run(m, ob.Account(cash=1_000, costs=FREE), start=3, **tables)
    assert result.equity.index[0] == days[3]
    assert result.fills["date"].tolist() == [days[4]] * 2
    assert result.units.iloc[-1].tolist() == pytest.approx([25.0, 100.0])
    bought = run(m, ob.Account(cash=1_000, costs=FREE), start=3, deploy=rows((1, [1.0, NAN]), bars=6))
    assert bought.fills.empty
    held = ob.backtest(BuyAndHold(), m, ob.Account(cash=1_000, costs=FREE), start=str(days[3].date()))
    assert held.fills["date"].tolist() == [days[4]]


def test_contributions_are_no_profit_and_profit_by_ticker_adds_up() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"])
    m = market(days, [[10, 5], [10, 5], [10, 4], [11, 4]], cash_rate=0.0365)
    result = ob.backtest(BuyAndHold(split={"A": 0.5, "B": 0.5}), m, ob.Account(cash=1_000, contribution=100))
    money_in = 1_000 + 100
    assert result.profit.sum() + result.interest.sum() == pytest.approx(result.equity.iloc[-1] - money_in, abs=1e-9)
    assert result.returns.iloc[0] == 0.0
    flat = market(days, [[10, 5]] * 4)
    unchanged = ob.backtest(BuyAndHold(), flat, ob.Account(cash=1_000, contribution=100, costs=FREE))
    assert unchanged.returns.tolist() == pytest.approx([0.0] * 4, abs=1e-15)


def test_an_account_that_starts_empty_lives_on_contributions() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"])
    m = market(days, [[10, 5], [10, 5], [10, 5], [20, 5]])
    result = ob.backtest(BuyAndHold(), m, ob.Account(cash=0, contribution=100, costs=FREE))
    assert result.equity.tolist() == pytest.approx([0, 0, 100, 200])
    assert result.returns.tolist() == pytest.approx([0, 0, 0, 1.0])


def test_prices_far_from_one_are_traded_as_exactly() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)
    m = market(days, [[1e-6, 1e9], [1e-6, 1e9], [2e-6, 1e9], [2e-6, 1e9]])
    result = run(m, ob.Account(cash=1_000, costs=FREE), weights=rows((0, [0.5, 0.5]), bars=4))
    assert result.equity.iloc[-1] == pytest.approx(1_500.0, rel=1e-12)
