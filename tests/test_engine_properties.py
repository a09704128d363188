"""The engine against an independent ledger and against the accounting identities, on markets and accounts drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import orebody as ob
from markets import market, run
from orebody.market.market import Market

NAN = np.nan


@dataclass(frozen=True)
class Case:
    """A market, an account, and decisions as dense tables."""

    market: Market
    account: ob.Account
    tables: dict[str, np.ndarray]
    band: float

    def result(self) -> ob.Result:
        return run(self.market, self.account, **self.tables, band=self.band)


def drawn(seed: int) -> Case:
    """Return a small case: gaps, crashes, tiny and huge prices, sparse or dense decisions, every kind of cost."""
    draw = np.random.RandomState(seed)
    bars, instruments = draw.randint(2, 45), draw.randint(2, 5)
    days = pd.DatetimeIndex(np.datetime64("2023-12-20") + np.cumsum(draw.choice([1, 1, 1, 3, 4, 11], size=bars)).astype("timedelta64[D]"))
    steps = draw.standard_normal((bars, instruments)) * draw.choice([0.0, 0.01, 0.05]) + np.where(
        draw.rand(bars, instruments) < 0.02, -1.5, 0.0
    )
    closes = 10.0 ** draw.uniform(-4, 6, size=instruments) * np.exp(np.cumsum(steps, axis=0))
    opens = closes * np.exp(draw.standard_normal((bars, instruments)) * draw.choice([0.0, 0.02]))
    rate = float(draw.choice([0.0, 0.03, 0.2]))
    account = ob.Account(
        cash=float(draw.choice([0.0, 100.0, 12_345.67, 1e7])),
        contribution=float(draw.choice([50.0, 777.7])) if seed % 3 else 10.0,
        every=str(draw.choice(["week", "month", "quarter", "year"])),
        costs=ob.Costs(
            commission=float(draw.choice([0.0, 0.001, 0.03])),
            slippage=float(draw.choice([0.0, 0.0005, 0.02])),
            fixed=float(draw.choice([0.0, 0.0, 1.5, 40.0])),
        ),
    )
    tables = _tables(draw, bars, instruments)
    return Case(market(days, opens, closes, cash_rate=rate), account, tables, float(draw.choice([0.0, 0.0, 0.02, 0.1])))


def _tables(draw: np.random.RandomState, bars: int, instruments: int) -> dict[str, np.ndarray]:
    weights, deploy, invest = (np.full((bars, instruments), NAN) for _ in range(3))
    often = draw.choice([0.05, 0.3, 1.0])
    invest[0] = draw.dirichlet(np.ones(instruments + 1))[:-1]
    for bar in range(bars):
        if draw.rand() >= often:
            continue
        kind = draw.rand(instruments)
        share = draw.dirichlet(np.ones(instruments + 1))[:-1]
        if draw.rand() < 0.3:
            share = np.eye(instruments)[draw.randint(instruments)]
        uses = draw.choice(["weights", "deploy", "mixed"])
        if uses != "deploy":
            weights[bar] = np.where(kind < 0.7, share, NAN)
        if uses != "weights":
            free = np.isnan(weights[bar])
            sold = draw.choice([-1.0, -0.5, -0.1, 0.0], size=instruments)
            deploy[bar] = np.where(free, np.where(draw.rand(instruments) < 0.5, sold, share), NAN)
        if draw.rand() < 0.3:
            invest[bar] = draw.dirichlet(np.ones(instruments + 1))[:-1]
    return {"weights": weights, "deploy": deploy, "invest": invest}


def against_the_oracle(case: Case) -> None:
    m, account = case.market, case.account
    told = oracle.run(
        list(m.dates),
        m.open.tolist(),
        m.close.tolist(),
        **{name: table.tolist() for name, table in case.tables.items()},
        band=case.band,
        cash=account.cash,
        contribution=account.contribution,
        every=account.every,
        commission=account.costs.commission,
        fixed=account.costs.fixed,
        slippage=account.costs.slippage,
        rates=m.cash_rate.tolist(),
    )
    result = case.result()
    scale = max(1.0, float(np.max(told.equity)))
    for mine, theirs in (
        (result.equity, told.equity),
        (result.cash, told.cash),
        (result.interest, told.interest),
        (result.flows, told.flows),
        (result.record.commission, told.commission),
        (result.record.slippage, told.slippage),
        (result.units.to_numpy() * m.close, np.array(told.units) * m.close),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9 * scale)
    mine_fills = [(fill.bar, fill.instrument, fill.reason) for fill in result.record.fills]
    assert mine_fills == [(fill.bar, fill.instrument, fill.reason) for fill in told.fills]
    for mine_fill, their_fill in zip(result.record.fills, told.fills, strict=True):
        assert mine_fill.units * m.close[mine_fill.bar, mine_fill.instrument] == pytest.approx(
            their_fill.units * m.close[mine_fill.bar, mine_fill.instrument], rel=1e-9, abs=1e-9 * scale
        )
        assert mine_fill.cost == pytest.approx(their_fill.cost, rel=1e-9, abs=1e-9 * scale)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_engine_agrees_with_the_independent_ledger(seed: int) -> None:
    against_the_oracle(drawn(seed))


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_engine_agrees_with_the_independent_ledger_for_hours(seed: int) -> None:
    against_the_oracle(drawn(seed))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_books_balance_at_every_bar(seed: int) -> None:
    case = drawn(seed)
    m, result = case.market, case.result()
    equity, units, closes = result.equity.to_numpy(), result.units.to_numpy(), m.close
    scale = max(1.0, float(equity.max()))
    # equity is cash and holdings
    np.testing.assert_allclose(equity, result.cash.to_numpy() + (units * closes).sum(axis=1), rtol=0, atol=1e-9 * scale)
    # and what came in, plus what prices, interest and costs made of it: each summed on its own, fill by fill
    account = np.full(len(m), case.account.cash)
    for bar in range(1, len(m)):
        change = result.flows.iloc[bar] + result.interest.iloc[bar] + float((units[bar - 1] * (closes[bar] - closes[bar - 1])).sum())
        for fill in result.record.fills:
            if fill.bar == bar and fill.units:
                change += fill.units * (closes[bar, fill.instrument] - fill.price) - fill.cost
        account[bar] = account[bar - 1] + change
    np.testing.assert_allclose(equity, account, rtol=0, atol=1e-9 * scale)
    # nothing is owed, nothing is short, and what is sold was held
    assert (result.cash >= 0).all()
    assert (units >= 0).all()
    # profit by ticker and interest are all the profit there is
    made = result.profit.sum() + result.interest.sum()
    assert made == pytest.approx(equity[-1] - case.account.cash - result.flows.sum(), abs=1e-9 * scale)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_return_is_what_the_money_in_the_account_earned(seed: int) -> None:
    result = drawn(seed).result()
    equity, flows, returns = (series.to_numpy() for series in (result.equity, result.flows, result.returns))
    assert returns[0] == 0.0
    for bar in range(1, len(equity)):
        assert (equity[bar - 1] + flows[bar]) * (1 + returns[bar]) == pytest.approx(equity[bar], rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), factor=st.sampled_from([1e-3, 7.0, 1e4]))
def test_money_has_no_scale(seed: int, factor: float) -> None:
    case = drawn(seed)
    account, costs = case.account, case.account.costs
    richer = ob.Account(
        cash=account.cash * factor,
        contribution=account.contribution * factor,
        every=account.every,
        costs=ob.Costs(commission=costs.commission, slippage=costs.slippage, fixed=costs.fixed * factor),
    )
    one, two = case.result(), run(case.market, richer, **case.tables, band=case.band)
    np.testing.assert_allclose(two.equity, one.equity * factor, rtol=1e-8, atol=1e-8 * factor)


def test_the_same_run_twice_gives_the_same_bytes() -> None:
    one, two = drawn(5).result(), drawn(5).result()
    assert one.equity.to_numpy().tobytes() == two.equity.to_numpy().tobytes()
    assert one.fills.to_csv() == two.fills.to_csv()
