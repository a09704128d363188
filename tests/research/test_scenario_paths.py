"""The paths of scenarios: tilts worked by hand, moments, blocks, and the calendar that they follow."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.research.scenarios.history import HistoricalDays, days_of
from orebody.research.scenarios.paths import BlockDraw, apply_scenario, dates_after, draw_blocks
from orebody.testing import random_market

MARKET = random_market(3, bars=900)


def two_days(market: ob.Market) -> HistoricalDays:
    """Two days: metal +1 % overnight and +1 % in the session, then -1 % and 0; miners twice that and 0.5 % more on the first."""
    return HistoricalDays(
        bars=np.array([1, 2]),
        alive=np.array([0, 1]),
        overnight=np.array([[0.01, 0.02], [-0.01, -0.02]]),
        intraday=np.array([[0.01, 0.025], [0.0, 0.0]]),
        above=np.array([[0.001, 0.002], [0.0, 0.0]]),
        below=np.zeros((2, 2)),
        rates=np.array([0.01, 0.03]),
        gauges={},
        mean=0.005,
        alpha=np.array([0.0]),
        beta=np.array([2.0]),
    )


def paths_of(scenario: ob.Scenario, days: list[list[int]], phase: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return (overnight, intraday) log returns of the paths made of these days."""
    draw = BlockDraw(np.array(days), np.full(len(days), phase))
    prices = apply_scenario(scenario, draw, two_days(MARKET), MARKET)
    last = np.broadcast_to(MARKET.close[-1], (len(days), 1, 2))
    before = np.concatenate((last, prices.close[:, :-1]), axis=1)
    assert (prices.high >= np.maximum(prices.open, prices.close)).all()
    assert (prices.low <= np.minimum(prices.open, prices.close)).all()
    return np.log(prices.open / before), np.log(prices.close / prices.open)


def test_days_as_they_were() -> None:
    overnight, intraday = paths_of(ob.Scenario("history"), [[0, 1]])
    assert overnight[0] == pytest.approx(np.array([[0.01, 0.02], [-0.01, -0.02]]), abs=1e-14)
    assert intraday[0] == pytest.approx(np.array([[0.01, 0.025], [0.0, 0.0]]), abs=1e-14)


def test_a_tilt_by_hand() -> None:
    """Metal: drift/252 + 2 (m - 0.005), m = 0.02 and -0.01. Miners: alpha + 3 m' + 2 e - ln(0.8) shared, e = 0.005 and 0."""
    scenario = ob.Scenario("all", drift=0.252, volatility=2.0, gearing=3.0, alpha=0.0252, derating=0.2)
    overnight, intraday = paths_of(scenario, [[0, 1]])
    total = (overnight + intraday)[0]
    metal = [0.001 + 2 * 0.015, 0.001 + 2 * -0.015]
    miners = [0.0001 + 3 * move + 2 * rest + math.log(0.8) / 2 for move, rest in zip(metal, (0.005, 0.0), strict=True)]
    assert total[:, 0] == pytest.approx(metal, abs=1e-14)
    assert total[:, 1] == pytest.approx(miners, abs=1e-14)
    # twice the overnight part, and half of what the shift of the mean adds: 0.001 - 2 x 0.005 = -0.009
    assert overnight[0, :, 0] == pytest.approx([2 * 0.01 - 0.0045, 2 * -0.01 - 0.0045], abs=1e-14)


def test_a_crash_and_pullbacks_by_hand() -> None:
    overnight, intraday = paths_of(ob.Scenario("crash", volatility=3.0, crash=(2, -0.1, -0.13)), [[0, 0, 0]])
    assert overnight[0, 1].tolist() == pytest.approx([0.0, 0.0], abs=1e-14)
    assert intraday[0, 1].tolist() == pytest.approx([math.log(0.9), math.log(0.87)], abs=1e-14)
    plain = paths_of(ob.Scenario("plain"), [[0] * 6])
    waves = paths_of(ob.Scenario("waves", pullback=(3, 1, 0.1)), [[0] * 6], phase=0.4)  # the cycle begins on its second bar
    extra = (waves[0] + waves[1] - plain[0] - plain[1])[0]
    fall = math.log(0.9)
    assert extra[:, 0] == pytest.approx([-fall / 2, -fall / 2, fall] * 2, abs=1e-14)
    assert extra[:, 1] == pytest.approx(2.0 * extra[:, 0], abs=1e-14)


def test_several_miners_keep_the_ratio_of_their_betas() -> None:
    market = random_market(1, bars=400, miners=2)
    days = replace(days_of(market), beta=np.array([1.0, 3.0]), alpha=np.zeros(2))
    flat = BlockDraw(np.zeros((1, 2), dtype=int), np.zeros(1))
    one, two = (apply_scenario(ob.Scenario("x", gearing=gearing), flat, days, market).close[0, 0] for gearing in (2.0, 4.0))
    metal = float(days.overnight[0, 0] + days.intraday[0, 0])
    assert np.log(two / one)[1:] == pytest.approx([1.0 * metal, 3.0 * metal], abs=1e-13)


def test_moments_and_dependence_within_monte_carlo_error() -> None:
    days, horizon, groups = days_of(MARKET), 250, 20
    scenario = ob.Scenario("tilt", drift=0.3, volatility=1.5, gearing=2.5)
    moves, plain = [], []
    for number in range(groups):
        draw = draw_blocks(number, 7, len(days), horizon, 10.0)
        for into, one in ((moves, scenario), (plain, ob.Scenario("history"))):
            close = apply_scenario(one, draw, days, MARKET).close
            steps = np.diff(np.log(close), axis=1).reshape(-1, 2)
            into.append(steps)
    tilt, history = np.concatenate(moves), np.concatenate(plain)
    real = np.diff(np.log(MARKET.close), axis=0)
    count = len(tilt)
    # blocks of ten of nearly independent days: the error of a mean is about that of independent ones
    assert abs(tilt[:, 0].mean() - 0.3 / 252) < 4 * tilt[:, 0].std() / math.sqrt(count)
    assert tilt[:, 0].std() == pytest.approx(1.5 * real[:, 0].std(), rel=0.02)
    assert np.polyfit(tilt[:, 0], tilt[:, 1], 1)[0] == pytest.approx(2.5, abs=0.02)
    assert np.corrcoef(history.T)[0, 1] == pytest.approx(np.corrcoef(real.T)[0, 1], abs=0.01)


def test_blocks_are_runs_of_days_with_replacement_and_of_the_asked_length() -> None:
    count, horizon = 500, 400
    draws = np.concatenate([draw_blocks(number, 1, count, horizon, 20.0).days for number in range(4)])
    goes_on = np.diff(draws, axis=1) % count == 1
    assert 1 / (1 - goes_on.mean()) == pytest.approx(20.0, rel=0.05)
    assert (np.sort(draws[0]) == np.sort(draws[1])).mean() < 0.1  # no permutation of one set of days
    assert np.bincount(draws.ravel(), minlength=count).min() > 0
    assert (draw_blocks(0, 1, count, horizon, 1.0).days != draw_blocks(0, 2, count, horizon, 1.0).days).mean() > 0.9


def test_dates_follow_the_calendar() -> None:
    dates = dates_after(MARKET, 30)
    assert (dates == pd.bdate_range(MARKET.dates[-1] + pd.Timedelta(days=1), periods=30)).all()
    months = replace(MARKET, periods_per_year=12.0, dates=pd.date_range("1950-01-31", periods=900, freq="ME"))
    assert dates_after(months, 2).strftime("%Y-%m").tolist() == ["2025-01", "2025-02"]
    weeks = replace(MARKET, periods_per_year=52.0)
    assert (np.diff(dates_after(weeks, 5)) == np.timedelta64(7, "D")).all()
