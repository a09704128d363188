"""The embedded sample of gold: real totals, chance years, planted gearing, and nothing that could pass for a real price."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.sources.sample import COST_RATIOS, SEED, UNIVERSES, YEAR_RETURNS, fundamentals, gold, sample

CENT = 0.005  # by how much a price is rounded at most


@pytest.fixture(scope="module")
def closes() -> pd.DataFrame:
    return pd.DataFrame({ticker: frame["Close"] for ticker, frame in sample().frames.items()})


@pytest.fixture(scope="module")
def moves(closes: pd.DataFrame) -> pd.DataFrame:
    return np.log(closes).diff().iloc[1:]


@pytest.mark.parametrize("ticker", ["SIM-GOLD", "SIM-MINERS", "SIM-JUNIORS"])
def test_all_published_years_together_return_what_the_fund_did(ticker: str, closes: pd.DataFrame) -> None:
    before = closes[ticker][: str(min(YEAR_RETURNS[ticker]) - 1)].iloc[-1]
    total = np.prod([1 + per_cent / 100 for per_cent in YEAR_RETURNS[ticker].values()])
    rounding = CENT / before + CENT / closes[ticker].iloc[-1]
    assert closes[ticker].iloc[-1] / before == pytest.approx(total, rel=rounding)


def test_volatility_correlation_and_beta_are_near_the_published(moves: pd.DataFrame) -> None:
    gold, miners = moves["SIM-GOLD"], moves["SIM-MINERS"]
    assert gold.std() * 252**0.5 == pytest.approx(0.182, abs=0.01)
    assert miners.std() * 252**0.5 == pytest.approx(0.412, abs=0.01)
    assert gold.corr(miners) == pytest.approx(0.76, abs=0.02)
    assert gold.cov(miners) / gold.var() == pytest.approx(1.72, abs=0.05)


@pytest.mark.parametrize("ticker", COST_RATIOS)
def test_planted_gearing_can_be_recovered(ticker: str, moves: pd.DataFrame) -> None:
    planted = sample().gearing[ticker].iloc[1:]
    geared, move = planted * moves["SIM-GOLD"], moves[ticker]
    slope = geared.cov(move) / geared.var()
    left = move - slope * geared
    error = left.std() / geared.std() / len(move) ** 0.5
    assert slope == pytest.approx(1.0, abs=3 * error)
    assert 0.36 < move.std() * 252**0.5 < 0.56
    spot, cost = sample().gauges["spot"], sample().aisc[ticker]
    bar = 3_000
    assert planted.iloc[bar - 1] == pytest.approx(spot.iloc[bar - 1] / (spot.iloc[bar - 1] - cost.iloc[bar]))


def test_gearing_falls_as_gold_rises_within_a_quarter() -> None:
    gearing, spot, cost = (
        table.iloc[1:] for table in (sample().gearing["SIM-HIGHCOST"], sample().gauges["spot"].shift(), sample().aisc["SIM-HIGHCOST"])
    )
    same_cost = cost.diff() == 0
    assert (gearing.diff()[same_cost] * spot.diff()[same_cost] <= 1e-12).all()


def test_bars_are_sane_rectangular_and_named_as_simulated() -> None:
    for ticker, frame in sample().frames.items():
        assert ticker.startswith("SIM-")
        assert frame.index.equals(sample().frames["SIM-GOLD"].index)
        assert (frame["High"] >= frame[["Open", "Close"]].max(axis=1)).all()
        assert (frame["Low"] <= frame[["Open", "Close"]].min(axis=1)).all()
        assert (frame["Low"] > 0).all()
        assert frame["Close"].iloc[0] == pytest.approx(100.0)


def test_gauges_are_what_they_claim(moves: pd.DataFrame) -> None:
    vix, bills = sample().gauges["vix"], sample().gauges["yield"]
    assert vix.between(9, 85).all()
    assert np.log(vix).diff().corr(moves["SIM-MINERS"]) < -0.2
    on_days = sample().cash_rate.reindex(bills.index.union(sample().cash_rate.index)).ffill().reindex(bills.index)
    assert (bills / 100 - on_days).abs().mean() < 0.002
    assert (bills > 0).all()
    assert sample().gauges["copper"].between(1, 8).all()
    assert sample().gauges["iron_ore"].between(30, 300).all()
    dollar = sample().gauges["dollar"]
    assert dollar.between(75, 125).all()
    assert np.log(dollar).diff().corr(moves["SIM-GOLD"]) == pytest.approx(-0.4, abs=0.05)
    assert sample().gauges["spot"].iloc[0] == pytest.approx(635.0)


def test_fundamentals_report_each_quarters_planted_cost_some_six_weeks_later() -> None:
    rows = sample().fundamentals
    assert set(rows["ticker"]) == set(COST_RATIOS)
    late = (rows["published"] - rows["period_end"]).dt.days
    assert late.between(38, 52).all()
    assert late.mean() == pytest.approx(45, abs=1)
    for row in rows.sample(20, random_state=1).itertuples():
        assert row.aisc == sample().aisc[row.ticker][: row.period_end].iloc[-1]
    by_ticker = rows.groupby("ticker")[["aisc", "net_debt_ebitda", "mines", "countries"]].mean()
    assert by_ticker["aisc"].idxmin() == by_ticker["mines"].idxmax() == by_ticker["net_debt_ebitda"].idxmin() == "SIM-ROYALTY"


def test_the_mood_of_ratings_follows_the_miners_past_half_year(closes: pd.DataFrame) -> None:
    rows = sample().ratings
    assert set(rows["ticker"]) == {*COST_RATIOS, "SIM-MINERS", "SIM-JUNIORS"}
    counts = rows[["bullish", "neutral", "bearish"]]
    assert (counts >= 0).all(axis=None)
    funds = rows[rows["ticker"] == "SIM-MINERS"].set_index("date")
    assert (funds[list(counts)].sum(axis=1) == 60).all()
    trailing = np.log(closes["SIM-MINERS"]).diff(126).shift(1).reindex(funds.index)
    assert (funds["bullish"] / 60).corr(trailing) > 0.8


def test_side_series_are_drawn_apart_so_that_prices_stay_what_they_are(closes: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    gauges = fundamentals.gauges

    def draws_more(draw: np.random.RandomState, *others: object) -> dict[str, pd.Series]:
        draw.standard_normal(1_000)
        return gauges(draw, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(fundamentals, "gauges", draws_more)
    days = gold.draw_days(SEED)
    assert not days.gauges["vix"].equals(sample().gauges["vix"])
    for ticker, moves in days.steps.items():
        assert np.abs(100 * np.exp(np.cumsum(moves)) - closes[ticker]).max() < CENT * 1.001


def test_everything_is_rounded_as_it_is_quoted() -> None:
    for metal in ("gold", "silver", "copper"):
        made = sample(metal)
        for frame in made.frames.values():
            assert (frame == frame.round(2)).all(axis=None)
        decimals = {"dollar": 2, "vix": 2, "yield": 3, "copper": 4, "iron_ore": 2, "spot": {"gold": 2, "silver": 3, "copper": 4}[metal]}
        assert decimals.keys() == made.gauges.keys()
        for name, gauge in made.gauges.items():
            assert (gauge == gauge.round(decimals[name])).all(), name
    assert (sample().fundamentals["aisc"] % 1 == 0).all()


@pytest.mark.parametrize("name", UNIVERSES)
def test_every_universe_of_the_sample_loads_and_says_it_is_simulated(name: str) -> None:
    market = ob.load_market(name, source="sample")
    assert market.simulated
    assert market.periods_per_year == 252
    assert "simulated" in market.source
    assert all(ticker.startswith("SIM-") for ticker in market.tickers)
    assert market.rate_known
