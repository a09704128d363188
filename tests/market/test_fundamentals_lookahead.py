"""Side series and the look-ahead guard: a strategy that reads them before they are known is caught, and what a market does with them."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from small_markets import market

import orebody as ob
from orebody.errors import LookAheadError
from orebody.testing import assert_causal, random_market


def with_side(bars: int = 600) -> ob.Market:
    """Return a random market of three miners with quarterly fundamentals and monthly ratings that go up and down."""
    base = random_market(5, bars=bars, miners=3)
    draw = np.random.RandomState(3)
    frames = {
        ticker: pd.DataFrame({name: getattr(base, name)[:, i] for name in ("open", "high", "low", "close")}, index=base.dates)
        for i, ticker in enumerate(base.tickers)
    }
    ends, months = pd.date_range("2014-12-31", base.dates[-1], freq="QE"), pd.date_range("2015-01-05", base.dates[-1], freq="28D")
    costs = [
        {
            "ticker": ticker,
            "period_end": end,
            "published": end + pd.Timedelta(days=int(draw.randint(30, 60))),
            "aisc": draw.uniform(50, 90),
            "unit": "USD/oz",
            "net_debt_ebitda": draw.normal(1, 1),
            "mines": draw.randint(1, 9),
            "countries": draw.randint(1, 9),
        }
        for ticker in base.tickers[1:]
        for end in ends
    ]
    rated = [
        {"date": when, "ticker": ticker, "bullish": draw.randint(1, 9), "neutral": 2, "bearish": draw.randint(1, 9)}
        for ticker in base.tickers[1:]
        for when in months
    ]
    return ob.Market.from_frames(
        frames, fundamentals=pd.DataFrame(costs), ratings=pd.DataFrame(rated), gauges={"g": pd.Series(base.cash_rate, base.dates)}
    )


@dataclass(frozen=True)
class PicksHighest(ob.Strategy):
    """All in the miner with the highest figure; the metal where there is none."""

    read: Callable[[ob.Market], np.ndarray]

    def decide(self, market: ob.Market) -> ob.Decisions:
        figure = np.where(np.isnan(self.read(market)), -np.inf, self.read(market))
        best = figure.argmax(axis=1)
        rows = np.flatnonzero(np.diff(best, prepend=-1))
        return ob.Decisions(weights=np.eye(len(market.tickers))[best[rows]], rows=rows)


def later(values: np.ndarray) -> np.ndarray:
    return np.vstack((values[1:], values[-1:]))


@pytest.mark.parametrize("name", ["aisc", "net_debt_ebitda", "mines", "countries"])
def test_reading_a_later_row_of_fundamentals_is_caught(name: str) -> None:
    market = with_side()
    assert_causal(PicksHighest(lambda market: market.fundamental(name)), market)
    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.backtest(PicksHighest(lambda market: later(market.fundamental(name))), market)


@pytest.mark.parametrize("name", ["bullish", "bearish"])
def test_reading_a_later_rating_is_caught(name: str) -> None:
    market = with_side()
    assert_causal(PicksHighest(lambda market: market.rating(name)), market)
    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.backtest(PicksHighest(lambda market: later(market.rating(name))), market)


def test_a_peek_that_only_the_changed_future_shows_is_caught() -> None:
    market = with_side()
    full = {len(market): market.fundamental("aisc")}

    def peeks(market: ob.Market) -> np.ndarray:  # rank by what is reported next, where there is a next report
        return later(market.fundamental("aisc")) if len(market) in full else full[max(full)][1 : len(market) + 1]

    with pytest.raises(LookAheadError, match="when the future is changed"):
        ob.backtest(PicksHighest(peeks), market)


def test_a_market_with_side_series_is_cut_opened_pickled_and_told_apart() -> None:
    market = with_side(300)
    cut = market.cut(120)
    assert np.shares_memory(cut.fundamental("aisc"), market.fundamental("aisc"))
    for one, other in ((cut.fundamentals, market.fundamentals), (cut.ratings, market.ratings)):
        assert one.keys() == other.keys()
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name][:120])
    assert market.opened(50).ratings is market.ratings
    again = pickle.loads(pickle.dumps(market))
    assert again.digest == market.digest
    assert again.aisc_unit == "USD/oz"
    for other in (replace(market, ratings={}), replace(market, fundamentals={}), replace(market, aisc_unit="AUD/oz")):
        assert other.digest != market.digest


def test_a_market_without_side_series_has_the_digest_of_its_prices_alone() -> None:
    prices = market(["2024-01-01", "2024-01-02"], [[1.5, 2.0], [2.5, 4.0]], [[2.0, 3.0], [1.0, 4.5]], cash_rate=0.25)
    ticks = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[ns]").astype(np.int64)
    opens, highs = [[1.5, 2.0], [2.5, 4.0]], [[2.0, 3.0], [2.5, 4.5]]
    lows, closes = [[1.5, 2.0], [1.0, 4.0]], [[2.0, 3.0], [1.0, 4.5]]
    traded, ends, rates = np.ones((2, 2), dtype=bool), np.array([-1, -1]), np.array([0.25, 0.25])
    parts = (ticks, *map(np.array, (opens, highs, lows, closes)), traded, ends, rates)
    head = repr((("A", "B"), [], "open")).encode()
    assert prices.digest == hashlib.sha256(head + b"".join(part.tobytes() for part in parts)).hexdigest()[:16]
