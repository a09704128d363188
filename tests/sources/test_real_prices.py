"""Holding, averaging into and rotating between GLD and GDX, 2006 to 2026, against a plain loop over the files."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices

import orebody as ob
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation

pytestmark = needs_real_prices

SLIP, FEE = 0.0005, 0.001
ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(slippage=SLIP, commission=FEE))


@cache
def prices() -> pd.DataFrame:
    """Return adjusted opens and closes of both, formed here and not by the library."""
    parts = {}
    for ticker in ("GLD", "GDX"):
        raw = pd.read_csv(FOLDER / f"{ticker}.csv", index_col="Date", parse_dates=True)
        factor = raw["Adj Close"] / raw["Close"]
        parts[f"{ticker} open"], parts[f"{ticker} close"] = raw["Open"] * factor, raw["Adj Close"]
    return pd.DataFrame(parts).loc["2006-05-22":"2026-05-01"]  # type: ignore[misc]


@cache
def gold() -> ob.Market:
    return ob.load_market(ob.Universe("gold", metal="GLD", miners=("GDX",)), source=FOLDER, start="2006-05-22", end="2026-05-01")


def new_month(dates: pd.DatetimeIndex, bar: int) -> bool:
    return bar > 0 and dates[bar].month != dates[bar - 1].month


def held(ticker: str) -> float:
    table = prices()
    cash, units = 100_000.0, 0.0
    for bar in range(1, len(table)):
        spend = (cash if bar == 1 else 0.0) + (1_000.0 if new_month(table.index, bar) else 0.0)
        units += spend / (table[f"{ticker} open"].iloc[bar] * (1 + SLIP) * (1 + FEE))
    return units * float(table[f"{ticker} close"].iloc[-1])


def test_the_market_is_the_files() -> None:
    table = prices()
    assert len(gold()) == 5_018
    np.testing.assert_allclose(gold().open, table[["GLD open", "GDX open"]], rtol=1e-14)
    np.testing.assert_allclose(gold().close, table[["GLD close", "GDX close"]], rtol=1e-14)


@pytest.mark.parametrize(("role", "ticker"), [("metal", "GLD"), ("miners", "GDX")])
def test_holding(role: str, ticker: str) -> None:
    result = ob.backtest(BuyAndHold(split={role: 1.0}), gold(), ACCOUNT)
    assert result.equity.iloc[-1] == pytest.approx(held(ticker), rel=1e-12)


def test_averaging_into_the_miners() -> None:
    table = prices()
    opens, cash, units, parts = table["GDX open"], 100_000.0, 0.0, 0
    for bar in range(1, len(table)):
        price = opens.iloc[bar] * (1 + SLIP) * (1 + FEE)
        if new_month(table.index, bar):
            units += 1_000.0 / price
        if parts < 12 and (bar == 1 or new_month(table.index, bar - 1)):
            units += 100_000.0 / 12 / price
            cash -= 100_000.0 / 12
            parts += 1
    result = ob.backtest(DollarCostAverage(), gold(), ACCOUNT)
    assert result.equity.iloc[-1] == pytest.approx(units * table["GDX close"].iloc[-1] + cash, rel=1e-11)


def test_rotating() -> None:
    table = prices()
    ratio = [math.log(miners / metal) for miners, metal in zip(table["GDX close"], table["GLD close"], strict=True)]
    cash, units, stands = 100_000.0, {"GLD": 0.0, "GDX": 0.0}, None
    for bar in range(1, len(table)):
        cash += 1_000.0 if new_month(table.index, bar) else 0.0
        wanted = stands
        if bar >= 252:
            window = np.array(ratio[bar - 252 : bar])
            z = (window[-1] - window.mean()) / window.std()
            wanted = "GDX" if z < -1 else "GLD" if z > 1 or stands is None else stands
        if wanted != stands and stands is not None:
            cash += units[stands] * table[f"{stands} open"].iloc[bar] * (1 - SLIP) * (1 - FEE)
            units[stands] = 0.0
        if wanted is not None:  # all cash goes where it stands
            units[wanted] += cash / (table[f"{wanted} open"].iloc[bar] * (1 + SLIP) * (1 + FEE))
            cash = 0.0
        stands = wanted
    expected = cash + sum(units[ticker] * float(table[f"{ticker} close"].iloc[-1]) for ticker in units)
    result = ob.backtest(RatioRotation(), gold(), ACCOUNT, start=0)
    assert result.equity.iloc[-1] == pytest.approx(expected, rel=1e-11)


def test_the_session_of_30_january_2026_is_there() -> None:
    fall = pd.Series(gold().close[:, 0], index=gold().dates).pct_change().loc["2026-01-30"]
    assert fall == pytest.approx(-0.103, abs=0.0005)
