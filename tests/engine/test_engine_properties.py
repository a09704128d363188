"""The engine against an independent ledger and against the accounting identities, on markets and accounts drawn at random."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cases import Case, drawn, richer

import orebody as ob
from orebody.engine.compiled import REASONS

SEEDS = st.integers(0, 2**32 - 1)


def told_by_the_oracle(case: Case) -> oracle.Outcome:
    m, account = case.market, case.account
    costs = account.costs_of(m.universe)
    return oracle.run(
        list(m.dates),
        m.open.tolist(),
        m.close.tolist(),
        ends=m.ends.tolist(),
        **{name: table.tolist() for name, table in case.tables.items()},
        band=case.band,
        cash=account.cash,
        contribution=account.contribution,
        every=account.every,
        **{name: [getattr(one, name) for one in costs] for name in ("commission", "fixed_fee", "slippage", "borrow_rate")},
        financing_spread=account.financing_spread,
        rates=m.cash_rate.tolist(),
        whole_shares=account.whole_shares,
        leverage=account.leverage,
        maintenance_margin=account.maintenance_margin,
    )


def against_the_oracle(case: Case) -> None:
    told, result = told_by_the_oracle(case), case.result()
    marks = result.closes
    scale = max(1.0, float(np.max(np.abs(told.equity))))
    assert result.record.ruined == (-1 if told.ruined is None else told.ruined)
    for mine, theirs in (
        (result.equity, told.equity),
        (result.cash, told.cash),
        (result.interest, told.interest),
        (result.borrow, told.borrow),
        (result.flows, told.flows),
        (result.record.commission, told.commission),
        (result.record.slippage, told.slippage),
        (result.units.to_numpy() * marks, np.array(told.units) * marks),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9 * scale)
    assert [(fill.bar, fill.instrument, fill.reason) for fill in result.record.fills] == [
        (fill.bar, fill.instrument, fill.reason) for fill in told.fills
    ]
    for one, two in zip(result.record.fills, told.fills, strict=True):
        price = 1.0 if math.isnan(two.price) else two.price
        assert one.units * price == pytest.approx(two.units * price, rel=1e-9, abs=1e-9 * scale)
        assert one.price == pytest.approx(two.price, rel=1e-12, nan_ok=True)
        assert one.cost == pytest.approx(two.cost, rel=1e-9, abs=1e-9 * scale)


@settings(max_examples=400, deadline=None)
@given(seed=SEEDS)
def test_the_engine_agrees_with_the_independent_ledger(seed: int) -> None:
    against_the_oracle(drawn(seed))


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(seed=SEEDS)
def test_the_engine_agrees_with_the_independent_ledger_for_hours(seed: int) -> None:
    against_the_oracle(drawn(seed))


def books_balance(case: Case, engine: str = "backtrader") -> None:
    result = case.result(engine)
    equity, units, closes = result.equity.to_numpy(), result.units.to_numpy(), result.closes
    scale = max(1.0, float(np.abs(equity).max()), float((np.abs(units) * closes).sum(axis=1).max()))
    # equity is cash and holdings
    np.testing.assert_allclose(equity, result.cash.to_numpy() + (units * closes).sum(axis=1), rtol=0, atol=1e-9 * scale)
    # and what came in, plus what prices, interest and costs made of it: each summed on its own, fill by fill
    account = np.full(len(equity), case.account.cash)
    for bar in range(1, len(equity)):
        moved = np.where(units[bar - 1] != 0, units[bar - 1] * (closes[bar] - closes[bar - 1]), 0.0)
        change = result.flows.iloc[bar] + result.interest.iloc[bar] - result.borrow.iloc[bar].sum() + float(moved.sum())
        for fill in result.record.fills:
            if fill.bar == bar and fill.units:
                change += fill.units * (closes[bar, fill.instrument] - fill.price) - fill.cost
        account[bar] = account[bar - 1] + change
    np.testing.assert_allclose(equity, account, rtol=0, atol=1e-9 * scale)
    # profit by ticker and interest are all the profit there is
    made = result.profit.sum() + result.interest.sum()
    assert made == pytest.approx(equity[-1] - case.account.cash - result.flows.sum(), abs=1e-9 * scale)


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_the_books_balance_at_every_bar(seed: int) -> None:
    books_balance(drawn(seed))


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_without_shorts_and_leverage_nothing_is_owed(seed: int) -> None:
    result = drawn(seed, plain=True).result()
    assert (result.cash >= 0).all()
    assert (result.units >= 0).all().all()
    assert result.ruined is None


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_exposure_stays_within_the_leverage_where_weights_trade(seed: int) -> None:
    case = drawn(seed)
    result = case.result()
    opens, units = result.opens, result.units.to_numpy()
    for fill in result.record.fills:
        if fill.units and fill.reason.startswith("weight") and abs(fill.units) > abs(units[fill.bar - 1, fill.instrument]):
            at = fill.bar
            if any(other.bar == at and not other.reason.startswith("weight") for other in result.record.fills):
                continue
            value = np.abs(units[at] * opens[at]).sum()
            equity = result.cash.iloc[at] + (units[at] * opens[at]).sum()
            assert value <= case.account.leverage * equity * (1 + 1e-9) + 1e-9 * max(value, 1.0)


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_a_return_is_what_the_money_in_the_account_earned(seed: int) -> None:
    result = drawn(seed).result()
    equity, flows, returns = (series.to_numpy() for series in (result.equity, result.flows, result.returns))
    assert returns[0] == 0.0
    for bar in range(1, len(equity)):
        base = equity[bar - 1] + flows[bar]
        if base > 0:
            assert base * (1 + returns[bar]) == pytest.approx(equity[bar], rel=1e-9, abs=1e-9 * base)
        else:
            assert returns[bar] == 0.0


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, factor=st.sampled_from([1e-3, 7.0, 1e4]))
def test_money_has_no_scale(seed: int, factor: float) -> None:
    case = drawn(seed)
    if case.account.whole_shares:
        return
    one, two = case.result(), replace(case, account=richer(case.account, factor)).result()
    scale = float(np.abs(one.equity).max())
    np.testing.assert_allclose(two.equity, one.equity * factor, rtol=1e-8, atol=1e-8 * factor * scale)


def test_the_same_run_twice_gives_the_same_bytes() -> None:
    one, two = drawn(5).result(), drawn(5).result()
    assert one.equity.to_numpy().tobytes() == two.equity.to_numpy().tobytes()
    assert one.fills.to_csv() == two.fills.to_csv()


def test_the_cases_reach_every_reason() -> None:
    seen = {fill.reason for seed in range(1_500) for fill in drawn(seed).result().record.fills}
    assert seen == set(REASONS)


def test_accounts_that_cannot_be_are_refused() -> None:
    for bad in (
        {"leverage": 0.0},
        {"leverage": 5.0, "maintenance_margin": 0.25},
        {"maintenance_margin": 1.0},
        {"whole_shares": 1},
        {"costs": {}},
        {"costs": {"A": 0.1}},
        {"costs": {"A": ob.Costs(financing_spread=0.01), "B": ob.Costs(financing_spread=0.02)}},
    ):
        with pytest.raises(ob.OrebodyError):
            ob.Account(**bad)  # type: ignore[arg-type]
