"""The look-ahead guard catches peeks, and only peeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orebody as ob
from orebody.errors import LookAheadError
from orebody.strategies import RatioRotation
from orebody.strategy import lookahead
from orebody.testing import assert_causal, random_market

Rule = Callable[[ob.Market], np.ndarray]


@dataclass(frozen=True)
class Holds(ob.Strategy):
    """In the metal where the rule is true, else in the miners; weights at switches."""

    rule: Rule

    def decide(self, market: ob.Market) -> ob.Decisions:
        metal = self.rule(market).astype(bool)
        rows = np.flatnonzero(np.diff(metal.astype(int), prepend=-1))
        return ob.Decisions(weights=np.where(metal[rows, None], [1.0, 0.0], [0.0, 1.0]), rows=rows)


def honest(market: ob.Market) -> np.ndarray:
    price = pd.Series(market.close[:, 0])
    return (price > price.rolling(20, min_periods=1).mean()).to_numpy()


def peeks_one_bar(market: ob.Market) -> np.ndarray:
    price = market.close[:, 0]
    return np.append(price[1:], price[-1]) > price


def demeans_by_the_whole_sample(market: ob.Market) -> np.ndarray:
    ratio = np.log(market.close[:, 1] / market.close[:, 0])
    return ratio > ratio.mean()


def takes_a_months_last_bar(market: ob.Market) -> np.ndarray:
    month = market.dates.to_period("M")
    return pd.Series(market.close[:, 0]).groupby(month).transform("last").to_numpy() > market.close[:, 0]


def ranks_in_the_whole_sample(market: ob.Market) -> np.ndarray:
    return pd.Series(market.close[:, 1]).rank(pct=True).to_numpy() > 0.5


def counts_from_the_end(market: ob.Market) -> np.ndarray:
    return np.arange(len(market)) > len(market) - 40


def fills_backwards(market: ob.Market) -> np.ndarray:
    price = pd.Series(market.close[:, 0])
    return (price.where(price.index % 5 == 0).bfill().ffill() > price).to_numpy()


def reads_a_gauge_early(market: ob.Market) -> np.ndarray:
    gauge = market.gauge("dollar")
    return np.append(gauge[1:], gauge[-1]) > gauge


PEEKS = (
    peeks_one_bar,
    demeans_by_the_whole_sample,
    takes_a_months_last_bar,
    ranks_in_the_whole_sample,
    counts_from_the_end,
    fills_backwards,
)


@pytest.mark.parametrize("peek", PEEKS)
@pytest.mark.parametrize("seed", range(5))
def test_backtest_refuses_every_kind_of_peek(peek: Rule, seed: int) -> None:
    with pytest.raises(LookAheadError, match=r"looks ahead: its decision on \d{4}-\d\d-\d\d \(bar \d+\) changes"):
        ob.backtest(Holds(peek), random_market(seed))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), bars=st.integers(120, 900))
def test_a_one_bar_peek_is_caught_on_any_market(seed: int, bars: int) -> None:
    with pytest.raises(LookAheadError):
        ob.backtest(Holds(peeks_one_bar), random_market(seed, bars=bars))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), bars=st.integers(260, 700))
def test_an_honest_strategy_is_never_refused(seed: int, bars: int) -> None:
    market = random_market(seed, bars=bars)
    for strategy in (Holds(honest), RatioRotation(window=20), RatioRotation(window=252, exit=0.5)):
        assert_causal(strategy, market)
        assert_causal(strategy, market.opened(bars // 2))


def test_a_gauge_read_early_is_caught() -> None:
    base = random_market(7)
    gauge = pd.Series(np.sin(np.arange(len(base)) / 9) + 10, index=base.dates)
    frames = {
        ticker: pd.DataFrame({name: getattr(base, name)[:, i] for name in ("open", "high", "low", "close")}, index=base.dates)
        for i, ticker in enumerate(base.tickers)
    }
    market = ob.Market.from_frames(frames, gauges={"dollar": gauge})
    with pytest.raises(LookAheadError):
        ob.backtest(Holds(reads_a_gauge_early), market)
    assert_causal(Holds(lambda market: market.gauge("dollar") > 10), market)


def test_a_strategy_that_fails_on_a_shorter_market_is_refused_with_its_error() -> None:
    with pytest.raises(LookAheadError, match="fails when the future is cut off after"):
        ob.backtest(Holds(lambda market: market.close[599, :1] > np.zeros(len(market))), random_market(1))


def test_the_result_says_whether_it_was_checked() -> None:
    market = random_market(1)
    assert "no look-ahead at 8 cuts" in ob.backtest(RatioRotation(window=60), market).checked
    assert ob.backtest(RatioRotation(window=60), market, check_lookahead=False).checked == "not checked for look-ahead"


def test_a_late_opening_leaves_the_guard_its_cuts() -> None:
    market = random_market(1, bars=1_500).opened(1_350)
    plan = RatioRotation(window=20, entry=0.5).decide(market).on(market)
    cuts = lookahead.chosen_cuts(plan, market, 20)
    assert len([cut for cut in cuts if cut - 1 in plan.rows]) >= 5


def test_a_frame_of_targets_may_reach_beyond_a_cut_market() -> None:
    market = random_market(1, bars=300)
    targets = pd.DataFrame({"SIM-METAL": [1.0, 0.0]}, index=market.dates[[50, 200]])

    class Fixed(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=targets)

    assert ob.backtest(Fixed(), market).metrics().trades == 2


def test_the_end_of_an_instrument_is_not_known_before_it_ended() -> None:
    days = pd.bdate_range("2020-01-01", periods=300)
    frame = pd.DataFrame(1.0, index=days, columns=["Open", "High", "Low", "Close"])
    market = ob.Market.from_frames({"M": frame, "N": frame.iloc[:200]})

    class Foresees(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            decisions = ob.Decisions.empty(market)
            decisions.weights[5 : 150 if market.ends[1] >= 0 else None : 10, 0] = 1.0
            return decisions

    with pytest.raises(ob.OrebodyError, match="looks ahead"):
        ob.backtest(Foresees(), market)
