"""Returns taken apart: the parts add up exactly, on every bar and in total, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from gearing_markets import ACCOUNT, TWO, frames_of
from small_markets import FREE, run

import orebody as ob
from orebody.errors import ParameterError
from orebody.research.gearing.decomposition import PARTS
from orebody.strategies import BetaMatched, BuyAndHold, CoreSatellite, DollarCostAverage, RatioRotation, SpreadTrade
from orebody.testing import random_market


def test_the_parts_add_up_on_every_bar_and_in_total() -> None:
    strategies = [RatioRotation(), CoreSatellite(), BetaMatched(), SpreadTrade(), DollarCostAverage()]
    comparison = ob.compare(strategies, random_market(5, bars=900, miners=3), ACCOUNT, engine="compiled")
    apart = ob.decompose(comparison)
    assert list(apart.table.index) == list(comparison.results)
    for label, result in comparison.results.items():
        bars, growth = apart.bars[label], (1 + result.returns).cumprod()
        np.testing.assert_allclose(bars[list(PARTS)].sum(axis=1), result.returns, atol=1e-12)
        np.testing.assert_allclose(apart.cumulated(label)[list(PARTS)].sum(axis=1), growth - 1, atol=1e-10)
        assert apart.table.loc[label, list(PARTS)].sum() == pytest.approx(growth.iloc[-1] - 1, abs=1e-10)
        years = (result.dates[-1] - result.dates[0]).days / 365.25
        assert apart.annual.loc[label, list(PARTS)].sum() == pytest.approx(math.log(growth.iloc[-1]) / years, abs=1e-10)
        earned = (result.interest - result.borrow.sum(axis=1) - result.costs).to_numpy()
        base = np.concatenate(([50_000.0], result.equity.to_numpy()[:-1] + result.flows.to_numpy()[1:]))
        np.testing.assert_allclose(bars["cash"] + bars["costs"], earned / base, atol=1e-12)


def test_parts_by_hand() -> None:
    """All in one miner that moves exactly twice as much as the metal: gearing brings as much as the metal, the rest nothing."""
    steps = np.array([0.0, 0.02, -0.01, 0.03, -0.02])
    dates = pd.bdate_range("2024-01-01", periods=5)
    closes = {"A": 100 * np.cumprod(1 + steps), "B": 10 * np.cumprod(1 + 2 * steps)}
    market = ob.Market.from_frames(frames_of(closes, dates))
    account = ob.Account(cash=1000.0, costs=FREE)
    apart = ob.decompose(ob.backtest(BuyAndHold(split={"miners": 1.0}), market, account))
    assert apart.betas["B"] == pytest.approx(2.0)
    row = apart.table.iloc[0]
    assert row["total"] == pytest.approx((1 - 0.02) * (1 + 0.06) * (1 - 0.04) - 1)
    linked, growth = 0.0, 1.0
    for step in steps[2:]:  # bought at the second open, which is the second close
        linked, growth = linked + growth * step, growth * (1 + 2 * step)
    assert row["metal"] == pytest.approx(linked, rel=1e-9)
    assert row["gearing"] == pytest.approx(linked, rel=1e-9)  # (2 - 1) times as much
    assert row[["miners", "timing_metal", "timing_miners", "cash", "costs"]].abs().max() < 1e-12
    assert apart.shares.iloc[0].tolist() == pytest.approx([0.0, 1.0, 2.0])


def test_timing_by_hand() -> None:
    """Metal from the second open on, half of it sold at the fourth: what an average holding would have had, and the difference."""
    dates = pd.bdate_range("2024-01-01", periods=5)
    metal = np.array([100.0, 100.0, 110.0, 110.0, 99.0])
    market = ob.Market.from_frames(frames_of({"A": metal, "B": 10 * np.array([1, 1.1, 1.2, 1.1, 1.0])}, dates))
    result = run(market, ob.Account(cash=1000.0, costs=FREE), rows=np.array([0, 2]), weights=np.array([[1.0, 0.0], [0.5, 0.0]]))
    row = ob.decompose(result).table.iloc[0]
    # steps that can hold something: day 2, day 3 and its night, night 4 with all in; day 4 and night 5 with half, and after the fall day 5
    mean = (4 * 1.0 + 2 * 0.5 + 495 / (550 + 495)) / 7
    # the metal moved in two of them: +10 % with all in, -10 % on 1.1 with half in
    assert row["metal"] == pytest.approx(mean * (0.1 - 0.11))
    assert row["timing_metal"] == pytest.approx((1 - mean) * 0.1 - (0.5 - mean) * 0.11)
    assert row["total"] == pytest.approx(0.1 - 0.5 * 0.11)


def test_leverage_is_not_sold_as_skill() -> None:
    """Miners that are the metal at 1.7 times, and nothing else, leave nothing for skill; timing them is timing."""
    draw, dates = np.random.RandomState(7), pd.bdate_range("2010-01-01", periods=2500)
    x = np.expm1(draw.standard_normal(2500) * 0.01 + 0.0004)
    closes = {"A": 100 * np.cumprod(1 + x), "B": 100 * np.cumprod(1 + 1.7 * x)}
    market = ob.Market.from_frames(frames_of(closes, dates))
    strategies = {"miners": BuyAndHold(split={"miners": 1.0}), "mixed": CoreSatellite()}
    apart = ob.decompose(ob.compare(strategies, market, ob.Account(costs=FREE)))
    assert apart.table.loc["miners", "gearing"] == pytest.approx(0.7 * apart.table.loc["miners", "metal"], rel=1e-9)
    assert (apart.table[["miners", "timing_miners"]].abs() < 1e-9).all(axis=None)
    assert abs(apart.table.loc["miners", "timing_metal"]) < 1e-9
    assert (apart.table["cash"] == 0).all()


def test_ruin_is_taken_apart_too() -> None:
    class Short(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            weights = np.full((1, 2), np.nan)
            weights[0, 1] = -1.0
            return ob.Decisions(weights=weights, rows=np.array([0]))

    dates = pd.bdate_range("2024-01-01", periods=6)
    closes = {"A": np.array([100.0, 101, 99, 103, 98, 100]), "B": np.array([10.0, 10, 11, 40, 41, 42])}
    market = ob.Market.from_frames(frames_of(closes, dates))
    apart = ob.decompose(ob.backtest(Short(), market, ob.Account(cash=1000.0, costs=FREE)))
    result = next(iter(apart.results.values()))
    assert result.ruined is not None
    row = apart.table.iloc[0]
    assert row[list(PARTS)].sum() == pytest.approx(result.equity.iloc[-1] / 1000 - 1, abs=1e-10)
    assert apart.annual.iloc[0].isna().all()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_an_account_went_through_adds_up(seed: int) -> None:
    """Debt, shorts, margin calls, ruin, halts, late listings, ends, fills at the close: the parts are the return on every bar."""
    draw = np.random.RandomState(seed)
    base = random_market(seed, bars=120, miners=2, start="2024-01-01")
    closes = {name: base.close[:, i] ** (3.0 if seed % 2 else 1.0) for i, name in enumerate("ABC")}
    closes["B"] = np.where((np.arange(120) > 40) & (np.arange(120) < 60), np.nan, closes["B"])
    closes["C"] = np.where(np.arange(120) < 30 if seed % 3 else np.arange(120) > 90, np.nan, closes["C"])
    market = ob.Market.from_frames(frames_of(closes, base.dates), cash_rate=0.04, fill="close" if seed % 4 == 0 else "open")
    rows = np.arange(0, 115, 5)
    weights = draw.uniform(-1.3, 1.3, (len(rows), 3))
    account = ob.Account(cash=1000.0, contribution=50.0, every="week", leverage=4.0, costs=ob.Costs(commission=0.002, borrow_rate=0.1))
    result = run(market, account, rows=rows, weights=weights)
    apart = ob.decompose(result)
    bars = apart.bars[result.label]
    np.testing.assert_allclose(bars[list(PARTS)].sum(axis=1), result.returns, atol=1e-9)
    assert apart.table[list(PARTS)].sum(axis=1).iloc[0] == pytest.approx(float((1 + result.returns).prod()) - 1, abs=1e-8)


def test_what_cannot_be_taken_apart() -> None:
    with pytest.raises(ParameterError, match="takes a Result or a Comparison, not a str"):
        ob.decompose("gold")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="the account has 2 bars"):
        ob.decompose(ob.backtest(BuyAndHold(), TWO, start=698))
