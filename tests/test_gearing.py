"""Gearing: against statsmodels, plain loops and hand arithmetic; what was planted in the sample; and returns taken apart exactly."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import orebody as ob
from markets import FREE, run, with_gauges
from orebody.cli.main import main
from orebody.errors import DataError, ParameterError
from orebody.research.gearing.decomposition import PARTS
from orebody.research.gearing.operating import elasticity, profit_change
from orebody.research.gearing.periods import returns_of
from orebody.research.gearing.regression import regress
from orebody.sources.sample import COST_RATIOS, sample
from orebody.strategies import BetaMatched, BuyAndHold, CoreSatellite, DollarCostAverage, RatioRotation, SpreadTrade
from orebody.testing import random_market
from realdata import FOLDER, needs_real_prices

PRODUCERS = ob.load_market("gold-producers", source="sample")
SAMPLE = ob.gearing(PRODUCERS)
TWO = random_market(4, bars=700, miners=2)


def frames_of(closes: dict[str, np.ndarray], dates: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    columns = ("Open", "High", "Low", "Close")
    return {name: pd.DataFrame(dict.fromkeys(columns, values), index=dates).dropna() for name, values in closes.items()}


def logs(market: ob.Market) -> np.ndarray:
    return np.diff(np.log(market.close), axis=0)


# ---- regressions


@pytest.mark.parametrize("width", [1, 3])
def test_regression_and_its_errors_against_statsmodels(width: int) -> None:
    draw = np.random.RandomState(width)
    x = draw.standard_normal((400, width))
    y = x.sum(axis=1) + np.convolve(draw.standard_normal(402), [1, 0.7, 0.3], "valid") * (1 + np.abs(x[:, 0]))
    fit = regress(y, x)
    assert fit.lags == 5  # floor(4 x 4^(2/9)) = floor(5.44)
    theirs = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": 5, "use_correction": False})
    np.testing.assert_allclose(fit.coefficients, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(fit.se, theirs.bse, rtol=1e-10)
    plain = sm.OLS(y, sm.add_constant(x)).fit()
    np.testing.assert_allclose(fit.iid, plain.bse, rtol=1e-10)
    assert fit.r2 == pytest.approx(plain.rsquared, rel=1e-10)


def test_what_is_left_out_keeps_its_place_in_time() -> None:
    """Scores by a loop over pairs that really are neighbours in time."""
    draw = np.random.RandomState(8)
    x, used = draw.standard_normal(200), draw.uniform(size=200) < 0.5
    y = 2 * x + np.cumsum(draw.standard_normal(200)) * 0.2
    y[17] = np.nan
    counts = used & np.isfinite(y)
    fit = regress(y, x, used)
    slope, intercept = np.polyfit(x[counts], y[counts], 1)
    assert fit.coefficients.tolist() == pytest.approx([intercept, slope], rel=1e-9)
    scores = {t: (y[t] - intercept - slope * x[t]) * np.array([1.0, x[t]]) for t in np.flatnonzero(counts)}
    middle = np.zeros((2, 2))
    for t, one in scores.items():
        for s, other in scores.items():
            if abs(t - s) <= fit.lags:
                middle += (1 - abs(t - s) / (fit.lags + 1)) * np.outer(one, other)
    design = np.column_stack((np.ones(counts.sum()), x[counts]))
    inverse = np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(fit.covariance, inverse @ middle @ inverse, rtol=1e-9)


def test_standard_errors_cover_what_they_should() -> None:
    """Of 400 samples with a beta of 1.7 and uneven, autocorrelated errors, about 95 % have it within 1.96 errors; 92 to 98 % pass."""
    draw, inside = np.random.RandomState(0), 0
    for _ in range(400):
        x = draw.standard_normal(1000)
        y = 1.7 * x + draw.standard_normal(1000) * (0.5 + np.abs(x))
        fit = regress(y, x)
        inside += abs(fit.coefficients[1] - 1.7) <= 1.96 * fit.se[1]
    assert 0.92 <= inside / 400 <= 0.98


# ---- realised


def test_the_table_by_numpy() -> None:
    table = ob.gearing(TWO).table
    assert list(table.index) == ["miners", "SIM-MINER1", "SIM-MINER2"]
    x, y = logs(TWO)[:, 0], logs(TWO)[:, 1]
    row = table.loc["SIM-MINER1"]
    assert row["beta"] == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-9)
    assert row["correlation"] == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-9)
    assert row["up_beta"] == pytest.approx(np.polyfit(x[x > 0], y[x > 0], 1)[0], rel=1e-9)
    assert row["down_beta"] == pytest.approx(np.polyfit(x[x < 0], y[x < 0], 1)[0], rel=1e-9)
    for side, column in ((x > 0, "up_capture"), (x < 0, "down_capture")):
        mine, its = (math.exp(values[side].mean()) - 1 for values in (y, x))
        assert row[column] == pytest.approx(mine / its, rel=1e-9)
    mine, its = np.expm1(y), np.expm1(x)
    slope, intercept = np.polyfit(its, mine, 1)
    cash = (0.02 * np.diff(TWO.dates).astype("timedelta64[D]").astype(int) / 365).mean()
    assert row["alpha"] == pytest.approx(252 * (intercept - (1 - slope) * cash), rel=1e-9)
    over = sm.OLS(mine - cash, sm.add_constant(its - cash)).fit(cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": False})
    assert row["lags"] == 6
    assert row["alpha_se"] == pytest.approx(252 * over.bse[0], rel=1e-9)
    shifted = np.column_stack([x[2:], x[1:-1], x[:-2]])
    dimson = np.linalg.lstsq(np.column_stack((np.ones(len(shifted)), shifted)), y[1:-1], rcond=None)[0][1:].sum()
    assert row["dimson_beta"] == pytest.approx(dimson, rel=1e-9)
    assert row["returns"] == len(x)


def test_rolling_beta_is_that_of_each_window() -> None:
    measured = ob.gearing(TWO, window=60)
    x, y = logs(TWO)[:, 0], logs(TWO)[:, 2]
    beta = measured.rolling["SIM-MINER2", "all"].to_numpy()
    assert np.isnan(beta[:59]).all()
    for t in (59, 60, 300, 698):
        part = slice(t - 59, t + 1)
        assert beta[t] == pytest.approx(np.polyfit(x[part], y[part], 1)[0], rel=1e-8)
        down = x[part] < 0
        expected = np.polyfit(x[part][down], y[part][down], 1)[0]
        assert measured.rolling["SIM-MINER2", "down"].iloc[t] == pytest.approx(expected, rel=1e-8)


def test_weeks_and_months_are_those_of_pandas_and_an_unfinished_one_does_not_count() -> None:
    market = random_market(6, bars=503)
    assert market.dates[-1].weekday() == 0  # a Monday
    close = pd.Series(market.close[:, 0], index=market.dates)
    for frequency, rule in (("week", "W-SUN"), ("month", "ME")):
        expected = np.log(close.resample(rule).last()).diff().iloc[1:-1]
        np.testing.assert_allclose(returns_of(market, frequency, "log").metal, expected, rtol=1e-9, atol=1e-15)
    friday = market.cut(502)
    assert friday.dates[-1].weekday() == 4
    expected = close.iloc[:502].resample("W-SUN").last().pct_change().iloc[1:]
    np.testing.assert_allclose(returns_of(friday, "week", "simple").metal, expected, rtol=1e-9, atol=1e-15)


def test_miners_that_answer_a_day_late_show_in_leads_and_in_the_sum() -> None:
    draw, dates = np.random.RandomState(3), pd.bdate_range("2015-01-01", periods=2000)
    x = draw.standard_normal(2000) * 0.01
    y = 0.9 * x + 0.6 * np.concatenate(([0.0], x[:-1])) + draw.standard_normal(2000) * 0.004
    closes = {"A": 100 * np.exp(np.cumsum(x)), "B": 100 * np.exp(np.cumsum(y))}
    measured = ob.gearing(ob.Market.from_frames(frames_of(closes, dates)))
    row = measured.table.loc["B"]
    assert row["beta"] == pytest.approx(0.9, abs=0.05)
    assert abs(row["dimson_beta"] - 1.5) < 2 * row["dimson_se"]
    assert row["dimson_se"] < 0.05
    lead = measured.lead_lag
    r = np.diff(np.log(closes["A"])), np.diff(np.log(closes["B"]))
    assert lead.loc[1, "B"] == pytest.approx(np.corrcoef(r[0][:-1], r[1][1:])[0, 1], rel=1e-9)
    assert lead.loc[-2, "B"] == pytest.approx(np.corrcoef(r[0][2:], r[1][:-2])[0, 1], rel=1e-9)
    assert lead["bound"].iloc[0] == pytest.approx(1.96 / math.sqrt(1999))
    assert lead.loc[1, "B"] > lead.loc[1, "bound"]
    assert (lead.loc[[-5, -4, -3, -2, -1, 2, 3, 4, 5], "B"].abs() < 1.5 * lead["bound"].iloc[0]).all()
    assert any("beta is 1.5" in sentence and "too low" in sentence for sentence in measured.words())


def test_up_beta_and_capture_can_disagree_and_it_is_said() -> None:
    """Steeper in rises, but with a drag each day: the slope favours rises, capture falls."""
    draw, dates = np.random.RandomState(1), pd.bdate_range("2010-01-01", periods=3000)
    x = draw.standard_normal(3000) * 0.01
    y = np.where(x > 0, 1.9, 1.5) * x - 0.004 + draw.standard_normal(3000) * 0.001
    closes = {"A": 100 * np.exp(np.cumsum(x - 0.0)), "B": 1e6 * np.exp(np.cumsum(y))}
    measured = ob.gearing(ob.Market.from_frames(frames_of(closes, dates)))
    row = measured.table.loc["B"]
    assert row["up_beta"] > row["down_beta"] + 0.3
    assert row["up_capture"] < row["down_capture"] - 0.3
    assert any("they disagree" in sentence for sentence in measured.words())


def test_a_halt_leaves_out_its_returns_and_no_others() -> None:
    draw, dates = np.random.RandomState(2), pd.bdate_range("2020-01-01", periods=400)
    x = draw.standard_normal(400) * 0.01
    y = 1.5 * x + draw.standard_normal(400) * 0.01
    closes = {"A": 100 * np.exp(np.cumsum(x)), "B": 50 * np.exp(np.cumsum(y)), "C": 20 * np.exp(np.cumsum(1.2 * x))}
    closes["B"][100:150] = np.nan
    measured = ob.gearing(ob.Market.from_frames(frames_of(closes, dates)), window=100)
    keep = np.r_[1:100, 151:400]
    row = measured.table.loc["B"]
    assert row["returns"] == len(keep)
    assert row["beta"] == pytest.approx(np.polyfit(x[keep], y[keep], 1)[0], rel=1e-9)
    last = keep[keep <= 200][-100:]
    assert measured.rolling["B", "all"].loc[dates[200]] == pytest.approx(np.polyfit(x[last], y[last], 1)[0], rel=1e-8)
    assert np.isnan(measured.rolling["B", "all"].loc[dates[120]])
    assert measured.table.loc["C", "returns"] == 399
    assert measured.table.loc["C", "beta"] == pytest.approx(1.2, rel=1e-9)


# ---- regimes


def test_regimes_are_of_the_close_before_by_plain_loops() -> None:
    market = with_gauges(random_market(9, bars=600), ("vix", "spot"))
    regimes = ob.gearing(market).regimes
    assert set(regimes["regime"]) == {"metal and its 200-bar mean", "63-bar volatility of the metal", "gauge vix"}
    r, close, vix = logs(market), market.close[:, 0], market.gauges["vix"]
    above = [t for t in range(199, 599) if close[t] > close[t - 199 : t + 1].mean()]
    row = regimes[(regimes["regime"] == "metal and its 200-bar mean") & (regimes["state"] == "above")].iloc[0]
    assert row["returns"] == len(above)
    assert row["beta"] == pytest.approx(np.polyfit(r[above, 0], r[above, 1], 1)[0], rel=1e-9)
    high = [t for t in range(251, 599) if vix[t] >= np.quantile(vix[: t + 1], 2 / 3)]
    row = regimes[(regimes["regime"] == "gauge vix") & (regimes["state"] == "high")].iloc[0]
    assert row["returns"] == len(high)
    assert row["beta"] == pytest.approx(np.polyfit(r[high, 0], r[high, 1], 1)[0], rel=1e-9)


def test_regimes_do_not_look_ahead() -> None:
    """Cut short, the states that remain are the same."""
    from orebody.research.gearing.regimes import regimes_of

    market = with_gauges(random_market(9, bars=600), ("vix",))
    whole, part = regimes_of(market, None), regimes_of(market.cut(450), None)
    for kind, states in part.items():
        assert states.tolist() == whole[kind].tolist()[:450]
        assert states.notna().sum() > 100


def test_regimes_of_ones_own() -> None:
    states = pd.Series(np.where(np.arange(len(TWO)) % 3 == 0, "third", None), index=TWO.dates)
    regimes = ob.gearing(TWO, regimes={"mine": states}).regimes
    assert regimes["state"].unique().tolist() == ["third"]
    r = logs(TWO)[::3]
    assert regimes.set_index("series").loc["SIM-MINER1", "beta"] == pytest.approx(np.polyfit(r[:, 0], r[:, 1], 1)[0], rel=1e-9)
    assert ob.gearing(TWO, regimes={}).regimes.empty
    for wrong in ({"mine": states.iloc[:-1]}, {"mine": [1, 2]}, {"mine": pd.Series(np.arange(len(TWO)), index=TWO.dates)}, "mine"):
        with pytest.raises(ParameterError, match="regime"):
            ob.gearing(TWO, regimes=wrong)  # type: ignore[arg-type]


# ---- operating leverage


def test_elasticity_by_hand() -> None:
    """2,000 USD/oz and a cost of 1,500: 500 of margin; 20 % more price is 400 more, so 80 %; at 1,500 there is no profit to be geared."""
    price, cost = np.array([2000.0, 1500.0, 1400.0]), np.array([1500.0, 1500.0, 1500.0])
    assert elasticity(price, cost)[0] == 4.0
    assert profit_change(price, cost, 0.2)[0] == pytest.approx(0.8)
    assert profit_change(price, cost, -0.3)[0] == pytest.approx(-1.2)  # from 500 to a loss of 100
    assert np.isnan(elasticity(price, cost)[1:]).all()
    assert np.isnan(profit_change(price, cost, 0.2)[1:]).all()


def test_planted_gearing_is_recovered_within_its_error() -> None:
    """What the shares were made to move by, weighed as a regression weighs it."""
    made = sample()
    gold = np.log(made.frames["SIM-GOLD"]["Close"]).diff().iloc[1:]
    weights = (gold - gold.mean()) ** 2
    planted = made.gearing.loc[gold.index].mul(weights, axis=0).sum() / weights.sum()
    assert set(planted.index) == set(PRODUCERS.universe.miners)
    table = SAMPLE.table.loc[planted.index]
    assert ((table["beta"] - planted).abs() <= 1.96 * table["se"]).all()
    assert (table["se"] < 0.04).all()  # the errors are small enough to tell 1.25 from 1.4
    assert table["beta"].is_monotonic_increasing  # the dearer the ounce, the more geared


def test_planted_cost_margins_are_recovered() -> None:
    """The last published cost is the planted share of the mean spot price of the year before its quarter; its margin follows."""
    made, table, operating = sample(), SAMPLE.quarters, SAMPLE.operating
    assert table is not None
    assert operating is not None
    spot = made.gauges["spot"]
    for ticker, ratio in COST_RATIOS.items():
        row = table[(table["miner"] == ticker) & (table["quarter"] == "2015Q4")].iloc[0]
        begin = int(np.flatnonzero(spot.index >= "2015-07-01")[0])  # published in November: the cost of the third quarter
        cost = ratio * spot.iloc[begin - 252 : begin].mean()
        assert row["aisc"] == pytest.approx(cost, rel=1e-12)
        assert row["margin"] == pytest.approx(1 - cost / spot.loc[:"2015-12-31"].iloc[-1], rel=1e-12)
        assert row["elasticity"] == pytest.approx(1 / row["margin"], rel=1e-12)
        assert row["profit_change"] == pytest.approx(0.2 / row["margin"], rel=1e-9)
    assert ((operating["slope"] - 1).abs() <= 1.96 * operating["slope_se"]).all()  # shares move as published costs say
    assert (operating["z"].abs() < 2.6).all()  # publication lags, which costs a little at the dearest


def test_quarters_against_numpy() -> None:
    quarters = SAMPLE.quarters
    assert quarters is not None
    row = quarters[(quarters["miner"] == "SIM-SENIOR") & (quarters["quarter"] == "2012Q2")].iloc[0]
    r = pd.DataFrame(logs(PRODUCERS), index=PRODUCERS.dates[1:], columns=list(PRODUCERS.tickers)).loc["2012-04":"2012-06"]
    slope, _ = np.polyfit(r["SIM-GOLD"], r["SIM-SENIOR"], 1)
    assert row["realised"] == pytest.approx(slope, rel=1e-8)
    assert row["se"] == pytest.approx(sm.OLS(r["SIM-SENIOR"], sm.add_constant(r["SIM-GOLD"])).fit().bse["SIM-GOLD"], rel=1e-7)
    assert row["returns"] == len(r)


def test_a_miner_without_profit_is_said_not_given_a_huge_number() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    closes = {name: PRODUCERS.close[:300, i] for i, name in enumerate("AB")}
    spot = pd.Series(np.where(np.arange(300) < 200, 1600.0, 1200.0), index=dates)
    costs = pd.DataFrame([{"ticker": "B", "period_end": "2019-09-30", "published": "2019-11-01", "aisc": 1300.0, "unit": "USD/oz"}])
    costs = costs.assign(net_debt_ebitda=1.0, mines=1, countries=1)
    market = ob.Market.from_frames(frames_of(closes, dates), gauges={"spot": spot}, fundamentals=costs)
    measured = ob.gearing(market)
    assert measured.operating is not None
    row = measured.operating.loc["B"]
    assert math.isnan(row["elasticity"])
    assert math.isnan(row["profit_change"])
    assert row["margin"] == pytest.approx(1 - 1300 / 1200)
    assert row["implied"] == pytest.approx(1600 / 300)
    assert any("did not exceed its cost on 100 of 300 bars" in note for note in measured.notes)
    assert any("B made no profit" in sentence for sentence in measured.words())
    without = ob.gearing(replace(market, gauges={}))
    assert without.operating is None
    assert any("no gauge 'spot', the metal's price in USD/oz" in note for note in without.notes)
    assert any("no fundamentals" in note for note in ob.gearing(TWO).notes)


# ---- what is refused


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"window": 700}, "window is 700, and the market has 699 returns by day"),
        ({"window": 2}, "3 or more"),
        ({"window": 2.5}, "whole number of returns"),
        ({"frequency": "hour"}, "it must be one of day, week, month"),
        ({"returns": "net"}, "'log' or 'simple'"),
        ({"move": -1.0}, "move is -1.0"),
        ({"move": 0}, "move is 0"),
        ({"move": math.nan}, "move is nan"),
    ],
)
def test_bad_requests_are_one_sentence(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ob.gearing(TWO, **asked)  # type: ignore[arg-type]


def test_too_short_markets() -> None:
    with pytest.raises(DataError, match="no series of miners has 20 returns by day"):
        ob.gearing(random_market(1, bars=20))
    with pytest.raises(DataError, match="0 returns by month"):
        ob.gearing(random_market(1, bars=20), frequency="month")
    short = ob.gearing(random_market(1, bars=100))
    assert short.window == 99
    assert "the rolling window is 99 returns instead of 252: there are no more" in short.notes
    months = random_market(1, bars=600)
    rows = np.flatnonzero(np.diff(months.dates.month, append=13))
    monthly = ob.Market.from_frames(frames_of({"A": months.close[rows, 0], "B": months.close[rows, 1]}, months.dates[rows]))
    with pytest.raises(ParameterError, match="only 12 bars a year: take 'day'"):
        ob.gearing(monthly, frequency="week")
    np.testing.assert_allclose(ob.gearing(monthly).table["beta"], ob.gearing(months, frequency="month").table["beta"], rtol=0.05)


def test_a_miner_with_few_bars_is_left_out_and_said() -> None:
    closes = {name: TWO.close[:, i].copy() for i, name in enumerate("ABC")}
    closes["C"][:690] = np.nan
    measured = ob.gearing(ob.Market.from_frames(frames_of(closes, TWO.dates)))
    assert math.isnan(measured.table.loc["C", "beta"])
    assert "C has 9 returns beside the metal's: at least 20 are needed" in measured.notes


# ---- returns taken apart


ACCOUNT = ob.Account(cash=50_000, contribution=800, costs=ob.Costs(commission=0.002, fixed=1.0), leverage=1.6)


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
    account = ob.Account(cash=1000.0, contribution=50.0, every="week", leverage=4.0, costs=ob.Costs(commission=0.002, borrow=0.1))
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


# ---- real prices


@needs_real_prices
def test_on_gold_and_its_miners_slope_and_capture_disagree() -> None:
    market = ob.load_market(ob.Universe("gold", metal="GLD", miners=("GDX",)), source=FOLDER, start="2006-05-22", end="2026-05-01")
    row = ob.gearing(market).table.loc["GDX"]
    raw = {t: pd.read_csv(FOLDER / f"{t}.csv", index_col="Date", parse_dates=True)["Adj Close"] for t in ("GLD", "GDX")}
    moves = np.log(pd.DataFrame(raw).loc["2006-05-22":"2026-05-01"]).diff().dropna()  # type: ignore[misc]
    assert row["beta"] == pytest.approx(np.polyfit(moves["GLD"], moves["GDX"], 1)[0], rel=1e-9)
    assert row["beta"] == pytest.approx(1.72, abs=0.005)
    assert row["up_beta"] > row["down_beta"]
    assert row["up_capture"] < row["down_capture"]


# ---- what is shown


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, said.out, said.err


def test_the_page_has_the_figures_and_is_the_same_each_time(tmp_path: Path) -> None:
    page = SAMPLE.report(tmp_path / "gearing.html").read_text(encoding="utf-8")
    row = SAMPLE.table.loc["SIM-SENIOR"]
    cells = f"<td>{row['beta']:.2f}</td>"
    assert cells in page
    assert "SIMULATED" in page
    assert SAMPLE.operating is not None
    assert f"<td>{SAMPLE.operating.loc['SIM-ROYALTY', 'profit_change']:+.0%}</td>" in page
    assert "<script" not in page
    assert page == SAMPLE.report(tmp_path / "again.html").read_text(encoding="utf-8")


def test_names_are_escaped_and_what_is_missing_is_said(tmp_path: Path) -> None:
    states = pd.Series(np.where(np.arange(len(TWO)) % 2, "<b>odd</b>", "$e^x$"), index=TWO.dates)
    page = ob.gearing(TWO, regimes={"<script>x</script>": states}).report(tmp_path / "odd.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>odd" not in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "Operating leverage is left out" in page
    label = "<i>$x^$</i>"
    apart = ob.decompose(ob.compare({label: CoreSatellite()}, TWO, engine="compiled"))
    assert "<i>" not in apart.report(tmp_path / "apart.html").read_text(encoding="utf-8")


def test_returns_taken_apart_have_a_page_and_stand_in_a_report(tmp_path: Path) -> None:
    comparison = ob.compare([CoreSatellite()], PRODUCERS, engine="compiled")
    apart = ob.decompose(comparison)
    page = apart.report(tmp_path / "apart.html").read_text(encoding="utf-8")
    assert f"<td>{apart.table.loc['core-satellite', 'gearing']:+.1%}</td>" in page
    both = SAMPLE.report(tmp_path / "both.html", apart).read_text(encoding="utf-8")
    assert both.index("Realised gearing over the whole period") < both.index("In shares of the money at the beginning")
    comparison.report(tmp_path / "report", tearsheets=False, research=[SAMPLE, apart])
    index = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "What the returns were made of" in index
    assert "Gearing: by how much more" in index


def test_rolling_betas_as_a_table(tmp_path: Path) -> None:
    table = pd.read_csv(SAMPLE.save(tmp_path / "gearing.csv"), index_col="date", parse_dates=True)
    pd.testing.assert_series_equal(
        table["down_beta_SIM-SENIOR"], SAMPLE.rolling["SIM-SENIOR", "down"], check_names=False, check_freq=False, check_index_type=False
    )


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    asked = ("gearing", "gold-producers", "--source", "sample", "--strategy", "core-satellite", "--html", "g.html", "--table", "g.csv")
    code, out, err = call(capsys, *asked)
    assert (code, err) == (0, "")
    row = SAMPLE.table.loc["SIM-ROYALTY"]
    assert f"SIM-ROYALTY     {row['beta']:.2f}  {row['se']:.2f}" in out
    assert "What the returns were made of" in out
    assert max(map(len, out.splitlines()[:-4])) <= 80
    assert Path("g.html").is_file()
    assert Path("g.csv").is_file()
    apart = ob.decompose(ob.compare([CoreSatellite()], PRODUCERS, engine="compiled"))
    assert f"{apart.table.loc['core-satellite', 'total']:+.0%}" in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--frequency", "hour"), "frequency is 'hour'"),
        (("--window", "100000"), "window is 100000"),
        (("--set", "ratio-rotation.window=60"), "add --strategy NAME"),
        (("--table", "g.txt"), "tables end in .csv or .parquet"),
        (("--html", "nowhere/g.html"), "the folder that should hold it is not there"),
        (("--move", "-1"), "move is -1.0"),
    ],
)
def test_the_command_line_refuses_in_one_sentence(more: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "gearing", "gold", "--source", "sample", *more)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
