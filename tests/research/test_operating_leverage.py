"""Operating leverage: by hand, against numpy, and what was planted in the sample."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from gearing_markets import PRODUCERS, SAMPLE, TWO, frames_of, logs

import orebody as ob
from orebody.research.gearing.operating_leverage import elasticity, profit_change
from orebody.sources.sample import COST_RATIOS, sample

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
    """The last published cost is the planted share of the spot price's mean in the year before its quarter, in dollars."""
    made, table, operating = sample(), SAMPLE.quarters, SAMPLE.operating
    assert table is not None
    assert operating is not None
    spot = made.gauges["spot"]
    for ticker, ratio in COST_RATIOS.items():
        row = table[(table["miner"] == ticker) & (table["quarter"] == "2015Q4")].iloc[0]
        begin = int(np.flatnonzero(spot.index >= "2015-07-01")[0])  # published in November: the cost of the third quarter
        cost = round(ratio * spot.iloc[begin - 252 : begin].mean())
        assert row["aisc"] == cost
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
    assert any("B made no profit" in sentence for sentence in measured.sentences)
    without = ob.gearing(replace(market, gauges={}))
    assert without.operating is None
    assert any("no gauge 'spot', the metal's price in USD/oz" in note for note in without.notes)
    assert any("no fundamentals" in note for note in ob.gearing(TWO).notes)
