"""Two engines, one answer: equity, cash, units and fills at every bar, to 1e-9, on any market, strategy and account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cases import drawn
from real_data import FOLDER, needs_real_prices
from small_markets import Told, with_side_series

import orebody as ob
from orebody.engine.compiled import orders
from orebody.engine.inputs import build_inputs
from orebody.engine.kernel import STATE, WORKSPACE, simulate
from orebody.errors import EngineError
from orebody.registry import strategies
from orebody.strategies import RegimeFilter, VolatilityTarget
from orebody.testing import assert_causal, assert_engines_agree, random_market

SEEDS = st.integers(0, 2**32 - 1)


def agree(seed: int) -> None:
    case = drawn(seed)
    assert_engines_agree(Told(case.decisions), case.market, case.account)


@pytest.mark.parametrize("part", range(4))
@settings(max_examples=500, deadline=None)
@given(seed=SEEDS)
def test_the_engines_agree(part: int, seed: int) -> None:
    agree(seed)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(seed=SEEDS)
def test_the_engines_agree_for_hours(seed: int) -> None:
    agree(seed)


@settings(max_examples=500, deadline=None)
@given(seed=SEEDS)
def test_the_kernel_gives_the_same_equity_and_totals_without_the_record(seed: int) -> None:
    """Sweeps leave the record out, and quiet spans become plain loops: the same money must come out."""
    case = drawn(seed)
    record = case.result("compiled").record
    inputs = build_inputs(case.market, case.account)
    work = np.zeros((WORKSPACE, len(case.market.tickers)))
    money, equity, none = np.zeros(len(STATE)), np.empty(len(case.market)), np.empty((0, len(case.market.tickers)))
    flows = inputs.flows.copy()
    columns = np.ascontiguousarray(inputs.closes.T)
    simulate(inputs, columns, orders(case.plan, 0), flows, money, work, np.empty((0, 7)), equity, none[:, 0], none[:, 0], none, none)
    full = case.result("compiled").equity.to_numpy()
    np.testing.assert_allclose(equity, full, rtol=1e-9, atol=1e-9 * max(1.0, float(np.abs(full).max())))
    totals = dict(zip(STATE, money.tolist(), strict=True))
    assert totals["ruined"] == record.ruined
    assert totals["fills"] == len(record.fills)
    assert totals["commission"] == pytest.approx(record.commission.sum())
    assert totals["slippage"] == pytest.approx(record.slippage.sum())
    trades = [fill for fill in record.fills if fill.units]
    assert totals["trades"] == len(trades)
    assert totals["bought"] == pytest.approx(sum(fill.units * fill.price for fill in trades if fill.units > 0))
    assert totals["sold"] == pytest.approx(-sum(fill.units * fill.price for fill in trades if fill.units < 0))
    np.testing.assert_array_equal(flows, record.flows)


def test_a_market_opened_late_agrees() -> None:
    market = with_side_series(random_market(4, bars=900, miners=3))
    for start in (0, 1, 300, 898):
        for strategy in strategies().values():
            assert_engines_agree(strategy(), market.opened(start), ob.Account(contribution=500, every="week"))


def wrapped() -> list[ob.Strategy]:
    """Return every wrapper around every strategy it takes, and both ways around each other."""
    plain = [one() for one in strategies().values() if one not in (RegimeFilter, VolatilityTarget)]
    scaled = [VolatilityTarget(inner=one) for one in plain if not one.deploys]
    filtered = [RegimeFilter(inner=one, gauge="vix") for one in plain]
    both = [RegimeFilter(inner=one) for one in scaled] + [VolatilityTarget(inner=one) for one in filtered if not one.deploys]
    return [*scaled, *filtered, *both]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_wrapper_around_every_strategy(seed: int) -> None:
    market = with_side_series(random_market(seed, bars=1_000, miners=seed))
    account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001, fixed_fee=2.0))
    for strategy in wrapped():
        assert_causal(strategy, market, cuts=8)
        assert_engines_agree(strategy, market, account)


@needs_real_prices
@pytest.mark.parametrize(
    ("metal", "miners", "fill"),
    [
        ("GLD", ("GDX",), "open"),
        ("GLD", ("GDXJ",), "open"),
        ("SLV", ("COPX",), "open"),
        ("CPER", ("COPX",), "close"),
        ("GLD", ("NEM", "B", "AEM", "KGC", "GFI", "AU", "FNV", "WPM"), "open"),
        ("GLD", ("BHP", "RIO", "VALE", "FCX", "SCCO"), "open"),
    ],
)
def test_every_strategy_on_every_real_pair(metal: str, miners: tuple[str, ...], fill: str) -> None:
    universe = ob.Universe("real", metal, miners)
    market = with_side_series(ob.load_market(universe, source=FOLDER, start="2005-01-03", cash_rate=0.02, fill=fill, repair="drop"))
    market = market.opened(market.listed)
    account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001, fixed_fee=2.0))
    for strategy in strategies().values():
        assert_engines_agree(strategy(), market, account)
    if miners == ("GDX",):
        for one in wrapped():
            assert_engines_agree(one, market, account)


def test_a_disagreement_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from orebody.engine import compiled

    honest = compiled.run

    def crooked(*arguments: object) -> object:
        record = honest(*arguments)  # type: ignore[arg-type]
        record.cash[-1] += 1e-3
        return record

    monkeypatch.setattr(compiled, "run", crooked)
    with pytest.raises(EngineError, match="disagree on equity on|do not balance"):
        assert_engines_agree(next(iter(strategies().values()))(), random_market(1, bars=300))
