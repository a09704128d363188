"""Gearing: against statsmodels, plain loops and hand arithmetic; what was planted in the sample; and returns taken apart exactly."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from gearing_markets import TWO, frames_of, logs
from real_data import FOLDER, needs_real_prices
from small_markets import with_gauges

import orebody as ob
from orebody.errors import DataError, ParameterError
from orebody.research.gearing.period_returns import returns_of
from orebody.research.gearing.regression import regress
from orebody.testing import random_market

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
    cash = 0.02 * np.diff(TWO.dates).astype("timedelta64[D]").astype(int) / 365  # more over weekends
    assert row["alpha"] == pytest.approx(252 * np.polyfit(its - cash, mine - cash, 1)[1], rel=1e-9)
    over = sm.OLS(mine - cash, sm.add_constant(its - cash)).fit(cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": False})
    assert row["lags"] == 6
    assert row["alpha_se"] == pytest.approx(252 * over.bse[0], rel=1e-9)
    shifted = np.column_stack([x[2:], x[1:-1], x[:-2]])
    dimson = np.linalg.lstsq(np.column_stack((np.ones(len(shifted)), shifted)), y[1:-1], rcond=None)[0][1:].sum()
    assert row["dimson_beta"] == pytest.approx(dimson, rel=1e-9)
    assert row["returns"] == len(x)


def test_alpha_is_the_planted_one_whatever_the_cash_rate_does() -> None:
    """r = cash + 0.0003 + 1.5 (metal - cash) to the last bit, with a cash rate of 20 % on some days and 0 on the others."""
    days, draw = pd.bdate_range("2020-01-01", periods=400), np.random.RandomState(8)
    rate = pd.Series(np.where(draw.rand(400) < 0.5, 0.2, 0.0), index=days)
    metal = draw.standard_normal(399) * 0.01
    cash = rate.to_numpy()[:-1] * np.diff(days).astype("timedelta64[D]").astype(int) / 365
    miner = cash + 0.0003 + 1.5 * (metal - cash)
    closes = {name: 100 * np.cumprod(np.r_[1.0, 1 + one]) for name, one in (("METAL", metal), ("MINER", miner))}
    market = ob.Market.from_frames(frames_of(closes, days), cash_rate=rate)
    assert ob.gearing(market).table.at["MINER", "alpha"] == pytest.approx(market.periods_per_year * 0.0003, rel=1e-9)


def test_dimson_uses_the_metals_return_from_before_the_miner_lists() -> None:
    days, draw = pd.bdate_range("2020-01-01", periods=60), np.random.RandomState(9)
    metal, miner = (100 * np.exp(np.cumsum(draw.standard_normal(60) * 0.02)) for _ in range(2))
    miner[:20] = np.nan
    market = ob.Market.from_frames(frames_of({"METAL": metal, "MINER": miner}, days))
    x, y = np.diff(np.log(metal)), np.diff(np.log(miner))[20:]  # the miner's first return is that of bar 21, x[20]
    on = np.column_stack((np.ones(38), x[21:59], x[20:58], x[19:57]))
    expected = np.linalg.lstsq(on, y[:38], rcond=None)[0][1:].sum()
    assert ob.gearing(market).table.at["MINER", "dimson_beta"] == pytest.approx(expected, rel=1e-9)


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
    assert any("beta is 1.5" in sentence and "too low" in sentence for sentence in measured.sentences)


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
    assert any("they disagree" in sentence for sentence in measured.sentences)


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
