"""The inputs that break quantstats still make a tearsheet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from markets import FREE, Told, market, run
from orebody.report import tearsheet, tearsheet_charts
from orebody.strategies import BuyAndHold
from pages import Page


def drawn(found: Page) -> int:
    return sum(address.startswith("data:image/svg") for address in found.addresses)


def priced(dates: pd.DatetimeIndex, seed: int = 3, **rates: float) -> ob.Market:
    steps = np.random.RandomState(seed).standard_normal((len(dates), 2)) * 0.01
    return market(dates, 50 * np.exp(np.cumsum(steps, axis=0)), **rates)  # type: ignore[arg-type]


def shown(result_: ob.Result) -> Page:
    found = Page(tearsheet.html(result_))
    assert "could not draw" not in found.words
    assert "nan" not in [cell for rows in found.tables.values() for row in rows for cell in row]
    return found


def test_a_run_that_never_trades() -> None:
    idle = Told(ob.Decisions())
    for rates in ({}, {"cash_rate": 0.03}):
        prices = priced(pd.bdate_range("2020-01-01", periods=600), **rates)  # type: ignore[arg-type]
        assert drawn(shown(ob.backtest(idle, prices, check=False))) >= 4


def test_two_bars() -> None:
    found = shown(ob.backtest(BuyAndHold(), priced(pd.bdate_range("2020-01-01", periods=2))))
    assert drawn(found) >= 2


def test_a_short_history_has_no_trailing_years() -> None:
    rows = {row[0]: row[1:] for row in shown(ob.backtest(BuyAndHold(), priced(pd.bdate_range("2020-01-01", periods=40)))).rows("figures")}
    assert rows["Last 3 years, a year"] == rows["CAGR"] == ["–", "–"]


def test_weekly_bars() -> None:
    prices = priced(pd.date_range("2015-01-02", periods=400, freq="W-FRI"))
    assert prices.periods_per_year == pytest.approx(52, abs=0.5)
    found = shown(ob.backtest(BuyAndHold(split={"miners": 1.0}), prices))
    assert drawn(found) == len(tearsheet_charts.CHARTS)


def test_a_strategy_that_is_the_metal() -> None:
    found = shown(ob.backtest(BuyAndHold(), ob.load_market("gold", source="sample"), label="SIM-GOLD, same cash flows"))
    assert drawn(found) == len(tearsheet_charts.CHARTS)


def test_gains_only_and_one_above_a_hundred_per_cent() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    rising = np.cumprod(np.full(300, 1.001))[:, None] * [100.0, 10.0]
    rising[150:] *= 3
    found = shown(run(market(dates, rising), ob.Account(costs=FREE), deploy=[[1.0, 0.0]], rows=np.array([0])))  # type: ignore[arg-type]
    total = {row[0]: row[1] for row in found.rows("figures")}["Time-weighted return"]
    assert float(total.replace(",", "").removesuffix(" %")) > 250
    assert "never below an earlier high" in found.words


def test_a_drawdown_from_the_first_bar_that_stays_open() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    falling = np.cumprod(np.full(300, 0.999))[:, None] * [100.0, 10.0]
    found = shown(run(market(dates, falling), ob.Account(costs=FREE), deploy=[[1.0, 0.0]], rows=np.array([0])))  # type: ignore[arg-type]
    assert [row[2] for row in found.rows("drawdowns")] == ["open"]


def test_a_negative_cash_rate() -> None:
    prices = priced(pd.bdate_range("2020-01-01", periods=600), cash_rate=-0.01)
    assert drawn(shown(ob.backtest(BuyAndHold(split={"metal": 0.5}), prices))) == len(tearsheet_charts.CHARTS)
