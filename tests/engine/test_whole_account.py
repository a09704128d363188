"""Shorts, debt, margin, ruin, whole shares, late, paused and ended instruments: cases worked by hand, on every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, Told, market

import orebody as ob

NAN = float("nan")
NO_COSTS = ob.Costs(commission=0.0, slippage=0.0, borrow_rate=0.0, financing_spread=0.0)


def run(engine: str, market_: ob.Market, account: ob.Account, **tables: object) -> ob.Result:
    return ob.backtest(Told(ob.Decisions(**tables)), market_, account, engine=engine, start=market_.opening, check_lookahead=False)  # type: ignore[arg-type]


def days(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=count, freq="D")


def on_b(*opens: float, closes: list[float] | None = None, **options: object) -> ob.Market:
    """A stands at 100; B opens, and unless told otherwise closes, at these."""
    ends = list(opens) if closes is None else closes
    return market(days(len(opens)), [[100.0, b] for b in opens], [[100.0, b] for b in ends], **options)  # type: ignore[arg-type]


def lines(result: ob.Result) -> list[tuple[int, str, float, str]]:
    return [(fill.bar, "AB"[fill.instrument], fill.units, fill.reason) for fill in result.record.fills]


def test_a_short_pays_borrow_and_its_proceeds_are_collateral(engine: str) -> None:
    account = ob.Account(cash=1_000, costs=ob.Costs(slippage=0.0, borrow_rate=0.0365))
    result = run(engine, on_b(10, 10, 8, cash_rate=0.073), account, weights=[[NAN, -0.5], [NAN, NAN], [NAN, NAN]])
    # bar 1: idle 1,000 for a day at 7.3 % earns 0.20; weights are of 1,000.20
    units = -0.5 * 1_000.20 / 10
    assert result.units["B"].iloc[1] == pytest.approx(units)
    # bar 2: a day's borrow on the short's value at 10; the proceeds are collateral, so idle cash is still 1,000.20 and earns
    borrow = -units * 10 * 0.0365 / 365
    assert result.borrow["B"].iloc[2] == pytest.approx(borrow)
    assert result.interest.iloc[2] == pytest.approx(1_000.20 * 0.073 / 365)
    assert result.equity.iloc[2] == pytest.approx(1_000.20 * (1 + 0.0002) - borrow - units * (10 - 8))
    assert result.profit["B"] == pytest.approx(-units * 2 - borrow)


def test_a_flip_is_a_full_exit_and_a_short_of_the_whole_target(engine: str) -> None:
    result = run(engine, on_b(10, 10, 12), ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, 1.0], [NAN, -0.5], [NAN, NAN]])
    # 100 bought at 10; at 12 equity is 1,200: 100 sold, 600 / 12 = 50 shorted
    assert lines(result) == [(1, "B", 100.0, "weight"), (2, "B", -100.0, "weight"), (2, "B", -50.0, "weight")]
    assert result.cash.iloc[2] == pytest.approx(1_800)
    assert result.equity.iloc[2] == pytest.approx(1_200)


def test_debt_pays_the_cash_rate_and_financing(engine: str) -> None:
    account = ob.Account(
        cash=1_000, leverage=2.0, costs=ob.Costs(slippage=0.0, financing_spread=0.0365), cash_rate=pd.Series([0.0, 0.0365], index=days(2))
    )
    result = run(engine, on_b(10, 10, 10), account, weights=[[2.0, NAN], [NAN, NAN], [NAN, NAN]])
    assert result.cash.iloc[1] == pytest.approx(-1_000)
    assert result.interest.iloc[2] == pytest.approx(-1_000 * (0.0365 + 0.0365) / 365)


def test_a_margin_call_cuts_to_the_leverage_limit(engine: str) -> None:
    result = run(engine, on_b(10, 10, 17), ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, -1.0], [NAN, NAN], [NAN, NAN]])
    # 100 short at 10: cash 2,000. At 17 equity is 300, less than a quarter of 1,700: cut until 300 are short
    left = 300 / 17
    assert [line[3] for line in lines(result)] == ["weight", "margin call"]
    assert result.units["B"].tolist() == pytest.approx([0, -100, -left])
    assert result.cash.iloc[2] == pytest.approx(600)
    assert result.equity.iloc[2] == pytest.approx(300)


def test_a_margin_call_pays_its_own_costs(engine: str) -> None:
    costs = ob.Costs(commission=0.01, slippage=0.0, borrow_rate=0.0, fixed_fee=3.0)
    result = run(engine, on_b(10, 10, 17), ob.Account(cash=1_000, costs=costs), weights=[[NAN, -1.0], [NAN, NAN], [NAN, NAN]])
    # 1,000 short is what 990.1 of equity after a fee of 3 and 1 % bears: x + 0.01 x = 997
    short = 997 / 1.01
    units = short / 10
    cash = 1_000 + short * 0.99 - 3
    assert result.cash.iloc[1] == pytest.approx(cash)
    value = units * 17
    equity = cash - value
    covered = (value - (equity - 3)) / (1 - 0.01)  # value - c = equity - 3 - 0.01 c
    assert result.units["B"].iloc[2] == pytest.approx(-(value - covered) / 17)
    assert (value - covered) == pytest.approx(result.equity.iloc[2])


def test_a_gap_through_everything_is_ruin_and_flows_stop(engine: str) -> None:
    dates = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-03-01", "2024-04-01"])
    m = market(dates, [[100.0, b] for b in (10, 10, 25, 25, 5)])
    account = ob.Account(cash=1_000, contribution=50, costs=NO_COSTS)
    result = run(engine, m, account, weights=[[NAN, -1.0], [NAN, NAN], [NAN, NAN], [1.0, NAN], [NAN, NAN]])
    # 100 short at 10; at 25, with 50 just arrived, equity is 2,000 + 50 - 2,500 = -450
    assert result.equity.tolist() == pytest.approx([1_000, 1_000, -450, -450, -450])
    assert result.flows.tolist() == [0, 0, 50, 0, 0]
    assert lines(result) == [(1, "B", -100.0, "weight"), (2, "B", 100.0, "ruined"), (3, "A", 0.0, "refused: ruined")]
    assert result.ruined == dates[2]
    assert result.returns.iloc[2] == pytest.approx(-450 / 1_050 - 1)
    assert result.returns.iloc[3:].tolist() == [0, 0]


def test_ruin_at_a_close_is_closed_at_that_close(engine: str) -> None:
    result = run(
        engine, on_b(10, 10, 10, closes=[10, 21, 5]), ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, -1.0], [NAN, NAN], [NAN, NAN]]
    )
    assert [(line[0], line[3]) for line in lines(result)] == [(1, "weight"), (1, "ruined")]
    assert result.equity.tolist() == pytest.approx([1_000, -100, -100])
    assert result.profit["B"] == pytest.approx(-1_100)


def test_what_is_not_listed_cannot_be_bought(engine: str) -> None:
    m = market(days(5), [[100.0, b] for b in (NAN, NAN, 10, 20, 20)])
    result = run(engine, m, ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, 1.0], [NAN, 1.0], [NAN, 1.0], [NAN, NAN], [NAN, NAN]])
    assert lines(result) == [(0, "B", 0.0, "refused: not listed"), (1, "B", 0.0, "refused: not listed"), (3, "B", 50.0, "weight")]


def test_what_ended_is_sold_at_its_last_close_with_costs(engine: str) -> None:
    m = market(days(4), [[100.0, b] for b in (10, 10, NAN, NAN)], [[100.0, b] for b in (10, 9, NAN, NAN)])
    account = ob.Account(cash=1_000, costs=ob.Costs(slippage=0.01, commission=0.02, fixed_fee=1.0))
    result = run(engine, m, account, deploy=[[NAN, 0.5], [NAN, 0.5], [NAN, 0.5], [NAN, NAN]])
    units = (500 - 1) / (10 * 1.01 * 1.02)
    assert lines(result) == [
        (1, "B", pytest.approx(units), "deploy"),
        (1, "B", 0.0, "refused: ended"),
        (2, "B", pytest.approx(-units), "ended"),
        (2, "B", 0.0, "refused: ended"),
    ]
    assert result.cash.iloc[2] == pytest.approx(500 + units * 9 * 0.99 * 0.98 - 1)


def test_an_order_for_what_pauses_waits_and_the_newest_counts(engine: str) -> None:
    m = market(days(5), [[100.0, b] for b in (10, NAN, NAN, 20, 20)])
    account = ob.Account(cash=1_000, costs=NO_COSTS)
    waited = run(engine, m, account, weights=[[NAN, 0.5], [NAN, NAN], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    assert lines(waited) == [(3, "B", 25.0, "weight")]
    newer = run(engine, m, account, weights=[[NAN, 0.5], [NAN, 0.2], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    assert lines(newer) == [(3, "B", 10.0, "weight")]


def test_a_sale_of_nothing_is_no_order_and_cancels_none(engine: str) -> None:
    """B waits for its bar; on the next bar the strategy sells half of what it holds of B, which is nothing."""
    m = market(days(5), [[100.0, b] for b in (10, NAN, NAN, 20, 20)])
    account, none = ob.Account(cash=1_000, costs=NO_COSTS), [NAN, NAN]
    weights, shares = [[NAN, 0.5], none, none, none, none], [none, [NAN, -0.5], none, none, none]
    waited = run(engine, m, account, weights=weights, deploy=shares)
    assert lines(waited) == [(3, "B", 25.0, "weight")]
    cancelled = run(engine, m, account, weights=[[NAN, 0.5], [NAN, 0.0], none, none, none])
    assert lines(cancelled) == []  # a weight of 0 is what the strategy wants to hold


def test_a_paused_instruments_share_of_a_contribution_stays_in_cash(engine: str) -> None:
    dates = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"])
    m = market(dates, [[100.0, b] for b in (10, 10, NAN, 10)])
    account = ob.Account(cash=0, contribution=100, costs=NO_COSTS)
    result = run(engine, m, account, contribution_split=[[0.5, 0.5], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    assert lines(result) == [(2, "A", 0.5, "invest")]
    assert result.cash.tolist() == [0, 0, 50, 50]


def test_a_holding_that_pauses_is_marked_at_its_last_close(engine: str) -> None:
    m = market(days(4), [[100.0, b] for b in (10, 10, NAN, 30)], [[100.0, b] for b in (10, 12, NAN, 30)])
    result = run(engine, m, ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, 1.0], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    assert result.equity.tolist() == pytest.approx([1_000, 1_200, 1_200, 3_000])


def test_whole_shares_to_the_last_coin(engine: str) -> None:
    third = 1_000 / 3
    result = run(
        engine,
        on_b(third, third, third),
        ob.Account(cash=1_000, costs=NO_COSTS, whole_shares=True),
        deploy=[[NAN, 1.0], [NAN, NAN], [NAN, NAN]],
    )
    assert lines(result) == [(1, "B", 3.0, "deploy")]
    assert result.cash.iloc[1] == 0.0
    dear = run(
        engine, on_b(600, 600, 600), ob.Account(cash=1_000, costs=NO_COSTS, whole_shares=True), weights=[[NAN, 0.5], [NAN, NAN], [NAN, NAN]]
    )
    assert lines(dear) == [(1, "B", 0.0, "dropped: less than a share")]


def test_whole_shares_sell_whole_and_leave_nothing_at_zero(engine: str) -> None:
    result = run(
        engine,
        on_b(10, 10, 10, 10),
        ob.Account(cash=105, costs=NO_COSTS, whole_shares=True),
        weights=[[NAN, 1.0], [NAN, 0.55], [NAN, 0.0], [NAN, NAN]],
    )
    # 10.5 is 10; 55 % of 105 is 5.775 shares, so 4.225 are too many and 4 are sold; then all
    assert [line[2] for line in lines(result)] == [10, -4, -6]


def test_fills_at_the_close_where_there_are_no_opens(engine: str) -> None:
    m = on_b(10, 10, 10, closes=[10, 20, 40], fill="close")
    result = run(engine, m, ob.Account(cash=1_000, costs=NO_COSTS), weights=[[NAN, 1.0], [NAN, NAN], [NAN, NAN]])
    assert lines(result) == [(1, "B", 50.0, "weight")]
    assert result.equity.tolist() == [1_000, 1_000, 2_000]


def test_each_ticker_its_own_costs(engine: str) -> None:
    costs = {"A": NO_COSTS, "miners": ob.Costs(slippage=0.1, borrow_rate=0.0, financing_spread=0.0)}
    result = run(engine, on_b(10, 10, 10), ob.Account(cash=1_000, costs=costs), deploy=[[0.5, 0.5], [NAN, NAN], [NAN, NAN]])
    assert [fill.price for fill in result.record.fills] == pytest.approx([100, 11])
    for bad in ({"A": FREE}, {"A": FREE, "B": FREE, "C": FREE}):
        with pytest.raises(ob.OrebodyError):
            run(engine, on_b(10, 10, 10), ob.Account(costs=bad), deploy=[[0.5, 0.5], [NAN, NAN], [NAN, NAN]])


def test_shares_that_wait_and_come_up_together_spend_the_cash_once(engine: str) -> None:
    m = market(days(4), [[100.0, b] for b in (10, NAN, 10, 10)])
    result = run(engine, m, ob.Account(cash=1_000, costs=NO_COSTS), deploy=[[NAN, 1.0], [1.0, NAN], [NAN, NAN], [NAN, NAN]])
    assert lines(result) == [(2, "A", 5.0, "deploy, scaled to cash"), (2, "B", 50.0, "deploy, scaled to cash")]
    assert result.cash.iloc[2] == 0


def test_tiny_orders_beside_large_ones_are_filled(engine: str) -> None:
    m = ob.testing.random_market(0, bars=60, miners=2)
    weights = np.array([[1 - 2e-8, 1e-8, 1e-8]])
    result = run(engine, m, ob.Account(), weights=weights, rows=np.array([5]))
    assert [fill.reason for fill in result.record.fills] == ["weight, scaled by costs"] * 3
    assert (result.cash >= 0).all()
    assert np.isfinite(result.equity).all()
