"""Where one choice hands over to the next: no seam without a change, each engine and an independent ledger the same."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import oracle
import pandas as pd
import pytest
from random_cases import drawn
from small_markets import FREE, Told, market
from walk_forward_fixture import ACCOUNT, MARKET, bars_of, point, walked

import orebody as ob
from orebody.engine import backtrader, compiled
from orebody.engine.run_record import Record
from orebody.research.walk_forward.splicing import Segment, splice
from orebody.strategies import BuyAndHold, CoreSatellite, DollarCostAverage, RatioRotation
from orebody.strategy.decisions import Plan

# seams


def same(one: Record, two: Record) -> None:
    for name in ("cash", "units", "flows", "interest", "borrow", "commission", "slippage"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    assert list(map(repr, one.fills)) == list(map(repr, two.fills))  # NaN prices are equal in words


@pytest.mark.parametrize("strategy", [RatioRotation(window=30, exit=0.3), CoreSatellite(band=0.02), DollarCostAverage(), BuyAndHold()])
def test_without_a_change_there_is_no_seam(strategy: ob.Strategy) -> None:
    opened = MARKET.opened(200)
    legs = [Segment(strategy, 200, len(MARKET))]
    plain = ob.backtest(strategy, MARKET, ACCOUNT, start=200, engine="compiled", check_lookahead=False).record
    same(compiled.run(opened, splice(legs, opened), ACCOUNT), plain)


def test_the_same_choice_throughout_is_the_plain_run() -> None:
    grid = [{"window": 20, "entry": 1.0}, {"window": 30, "entry": 1e9}]  # the second never trades again after its first purchase
    found = ob.walk_forward(RatioRotation, grid, MARKET, ACCOUNT, 200, 100, metric="trades")
    assert found.windows["entry"].tolist() == [1e9] * 5
    plain = ob.backtest(RatioRotation(window=30, entry=1e9), MARKET, ACCOUNT, start=found.result.market.opening, engine="compiled")
    same(found.result.record, plain.record)
    assert found.stability["changes"].tolist() == [0, 0]


def states(rows: list[int], *weights: list[float], **others: object) -> Told:
    return Told(ob.Decisions(weights=np.array(weights, dtype=float), rows=np.array(rows), **others))  # type: ignore[arg-type]


def rows_of(plan: Plan) -> dict[int, tuple[list[float], list[float], list[float]]]:
    tables = (np.nan_to_num(table, nan=-9.0).tolist() for table in (plan.weights, plan.deploy, plan.contribution_split))
    return {int(row): (one, two, three) for row, one, two, three in zip(plan.rows, *tables, strict=True)}


def test_who_takes_over_states_what_it_stands_for() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2))).opened(2)
    first = states([0, 5, 8], [1, 0], [0, 1], [1, 0])
    second = states([1, 3, 9], [0.5, 0.5], [0.25, 0.75], [0, 0])
    plan = splice([Segment(first, 2, 7), Segment(second, 7, 12)], bars)
    nothing = [-9.0, -9.0]
    assert rows_of(plan) == {
        2: ([1.0, 0.0], nothing, nothing),  # carried to the opening
        5: ([0.0, 1.0], nothing, nothing),
        7: ([0.25, 0.75], nothing, nothing),  # the newest that the second had said, at the seam; its 0.5 is history
        9: ([0.0, 0.0], nothing, nothing),
    }


def test_who_stands_for_what_is_in_force_says_nothing() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2)))
    plan = splice([Segment(states([0], [0.5, 0.5]), 0, 6), Segment(states([3, 8], [0.5, 0.5], [1, 0]), 6, 12)], bars)
    assert list(plan.rows) == [0, 8]
    own = splice([Segment(states([0], [0.5, 0.5]), 0, 6), Segment(states([3, 6], [0.5, 0.5], [0.5, 0.5]), 6, 12)], bars)
    assert list(own.rows) == [0, 6]  # what it decides on that very bar is said


def test_splits_are_taken_over_and_purchases_are_not() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2)))
    nan = math.nan
    one = Told(ob.Decisions(deploy=np.array([[1.0, nan]]), contribution_split=np.array([[0.75, nan]]), rows=np.array([0])))
    two = Told(
        ob.Decisions(
            deploy=np.array([[nan, 0.5], [nan, 0.25]]), contribution_split=np.array([[nan, 1.0], [nan, nan]]), rows=np.array([0, 7])
        )
    )
    plan = splice([Segment(one, 0, 5), Segment(two, 5, 12)], bars)
    assert rows_of(plan) == {
        0: ([-9.0, -9.0], [1.0, -9.0], [0.75, -9.0]),
        5: ([-9.0, -9.0], [-9.0, -9.0], [0.0, 1.0]),
        7: ([-9.0, -9.0], [-9.0, 0.25], [-9.0, -9.0]),
    }
    silent = Told(ob.Decisions(deploy=np.array([[nan, 0.5]]), rows=np.array([8])))
    assert rows_of(splice([Segment(one, 0, 5), Segment(silent, 5, 12)], bars))[5][2] == [0.0, 0.0]  # it gave contributions to nothing


@pytest.mark.parametrize("seed", range(20))
def test_engines_agree_on_legs_with_bands_of_their_own(seed: int) -> None:
    case = drawn(seed)
    bars = len(case.market)
    if bars < 6:
        return
    wide = replace(case.decisions, band=0.3)
    legs = [
        Segment(Told(case.decisions), 0, bars // 3),
        Segment(Told(wide), bars // 3, 2 * bars // 3),
        Segment(Told(case.decisions), 2 * bars // 3, bars),
    ]
    plan = splice(legs, case.market)
    one, two = (engine.run(case.market, plan, case.account) for engine in (backtrader, compiled))
    scale = 1e-9 * max(1.0, np.abs(one.cash).max(), np.abs(one.units * np.nan_to_num(case.market.marks)).max())
    np.testing.assert_allclose(one.cash, two.cash, rtol=1e-9, atol=scale)
    assert [(fill.bar, fill.instrument, fill.reason) for fill in one.fills] == [
        (fill.bar, fill.instrument, fill.reason) for fill in two.fills
    ]


@pytest.mark.parametrize("engine", [backtrader, compiled])
def test_the_band_in_force_is_that_of_whoever_is(engine: object) -> None:
    prices = np.array([[1.0, 1.0], [1.0, 1.0], [1.2, 1.0], [1.2, 1.0], [1.2, 1.0], [1.2, 1.0]])
    bars = market(pd.bdate_range("2024-01-01", periods=6), prices)
    half = {"weights": np.full((6, 2), 0.5)}
    legs = [Segment(Told(ob.Decisions(**half, band=0.1)), 0, 3), Segment(Told(ob.Decisions(**half, band=0.01)), 3, 6)]  # type: ignore[arg-type]
    record = engine.run(bars, splice(legs, bars), ob.Account(cash=1_000, costs=FREE, cash_rate=0.0))  # type: ignore[attr-defined]
    # 500 each at 1; A at 1.2 is 600 of 1,100, 4.5 points away: inside 10, outside 1, so the second brings it back to 550 at bar 4's open
    traded = [(fill.bar, fill.instrument, round(fill.units, 9)) for fill in record.fills if fill.units]
    assert traded == [(1, 0, 500.0), (1, 1, 500.0), (4, 0, round(-50 / 1.2, 9)), (4, 1, 50.0)]


def test_the_books_balance_and_engines_agree() -> None:
    one, two = (walked(engine=engine) for engine in ("compiled", "backtrader"))
    pd.testing.assert_frame_equal(one.windows, two.windows)
    np.testing.assert_allclose(one.result.equity, two.result.equity, rtol=1e-9)
    pd.testing.assert_frame_equal(one.result.fills, two.result.fills)
    record, money = one.result.record, one.result.flows.sum() + ACCOUNT.cash
    assert one.result.equity.iloc[-1] == pytest.approx(money + one.result.profit.sum() + record.interest.sum(), rel=1e-9)
    assert record.flows.sum() > 0
    wealth = (1 + one.result.returns.iloc[1:]).prod()
    assert (1 + one.windows["return"]).prod() == pytest.approx(wealth)


def joined_by_hand(walk: ob.WalkForward) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and splits of each bar from the opening on: what the point in force says on the market as seen until then."""
    opening, bars = walk.result.market.opening, len(MARKET)
    weights, splits = np.full((bars, 2), np.nan), np.full((bars, 2), np.nan)
    before: object = None
    for row, window in zip(walk.windows.to_dict("records"), bars_of(walk), strict=True):
        seen = MARKET.cut(window.tested)
        said = point(row).decide(seen)
        own = {int(bar): one for bar, one in zip(said.rows, np.asarray(said.weights), strict=True)}  # type: ignore[arg-type]
        newest = [own[bar] for bar in sorted(own) if bar <= window.test - 1][-1]
        in_force = [one for one in weights if not np.isnan(one).any()]
        changed = (row["window"], row["entry"]) != before
        if changed and (not in_force or window.test - 1 in own or list(in_force[-1]) != list(newest)):
            weights[window.test - 1] = splits[window.test - 1] = newest
        for bar in range(window.test - 1, window.tested - 1 if window.tested < bars else bars):
            if bar in own:
                weights[bar] = splits[bar] = own[bar]
        before = row["window"], row["entry"]
    return weights[opening:], splits[opening:]


def test_the_record_is_that_of_an_independent_ledger_told_bar_by_bar() -> None:
    walk = walked(train=120, test=40)
    assert len(walk.windows) > 10
    assert walk.stability["changes"].max() > 3
    weights, splits = joined_by_hand(walk)
    opening, costs = walk.result.market.opening, ACCOUNT.costs_of(MARKET.universe)
    told = oracle.run(
        list(MARKET.dates[opening:]),
        MARKET.open[opening:].tolist(),
        MARKET.close[opening:].tolist(),
        ends=[-1, -1],
        weights=weights.tolist(),
        deploy=np.full_like(weights, np.nan).tolist(),
        contribution_split=splits.tolist(),
        band=0.0,
        cash=ACCOUNT.cash,
        contribution=ACCOUNT.contribution,
        every=ACCOUNT.every,
        **{name: [getattr(one, name) for one in costs] for name in ("commission", "fixed_fee", "slippage", "borrow_rate")},
        financing_spread=ACCOUNT.financing_spread,
        rates=MARKET.cash_rate[opening:].tolist(),
        whole_shares=False,
        leverage=1.0,
        maintenance_margin=0.25,
    )
    np.testing.assert_allclose(walk.result.equity, told.equity, rtol=1e-9)
    np.testing.assert_allclose(walk.result.units, told.units, rtol=1e-9, atol=1e-9)
    assert [(fill.bar, fill.instrument, fill.reason) for fill in walk.result.record.fills] == [
        (fill.bar, fill.instrument, fill.reason) for fill in told.fills
    ]
