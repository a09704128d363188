"""The rule of each strategy that encodes an idea of the article, in a case worked by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, Told, market, with_side_series

import orebody as ob
from orebody.errors import DataError, DecisionError, UnknownNameError
from orebody.indicators import mean_rank, rolling_beta
from orebody.strategies import (
    BetaMatched,
    BuyAndHold,
    BuyWeakness,
    CoreSatellite,
    DollarCostAverage,
    DryPowderAveraging,
    MomentumRotation,
    QualityTilt,
    RatingsBreadth,
    RegimeFilter,
    TrimStretch,
    VolatilityTarget,
)
from orebody.strategy.role_series import log_ratio, role_prices
from orebody.testing import random_market

DAYS = pd.bdate_range("2024-01-01", periods=12)


def of(metal: list[float], miners: list[float], days: pd.DatetimeIndex = DAYS, **options: object) -> ob.Market:
    return market(days[: len(metal)], [[one, two] for one, two in zip(metal, miners, strict=True)], **options)  # type: ignore[arg-type]


def test_buy_weakness_in_shares_of_price() -> None:
    m = of([1.0] * 8, [100.0, 100.0, 100.0, 94.0, 100.0, 101.0, 80.0, 79.0])
    strategy = BuyWeakness(rungs=(0.05, 0.1, 0.3), scale="price", lookback=2)
    plan = strategy.decide(m).on(m)
    # high of two bars: bar 3 fell 6 % below 100, the first of three rungs; bar 4 is a new high; bar 6 fell 20.8 %, two rungs at once
    assert plan.rows.tolist() == [3, 6]
    np.testing.assert_allclose(plan.deploy, [[np.nan, 1 / 3], [np.nan, 2 / 3]])
    assert np.isnan(plan.contribution_split).all()
    books = ob.backtest(strategy, m, ob.Account(cash=900, costs=FREE), start=0, check_lookahead=False)
    # a third of 900 at 100 on bar 4, two thirds of the other 600 at 79 on bar 7
    np.testing.assert_allclose(books.cash, [900, 900, 900, 900, 600, 600, 600, 200])


def test_buy_weakness_in_units_of_volatility() -> None:
    m = of([1.0] * 5, [100.0, 110.0, 99.0, 108.9, 87.12])
    # the last two log returns before each bar: bar 4 has log 1.1 and log 0.8; population deviation half their distance, times root 252
    volatility = abs(np.log(1.1) - np.log(0.8)) / 2 * np.sqrt(252)
    depth = 1 - 87.12 / 108.9
    for rung, fires in ((depth / volatility * 0.999, True), (depth / volatility * 1.001, False)):
        plan = BuyWeakness(rungs=(rung,), lookback=2).decide(m).on(m)
        assert (4 in plan.rows.tolist()) == fires


def test_an_account_that_opens_in_a_fall_has_those_rungs_to_buy() -> None:
    m = of([1.0] * 6, [100.0, 100.0, 100.0, 85.0, 84.0, 84.0]).opened(4)
    plan = BuyWeakness(rungs=(0.01, 0.3), scale="price", lookback=3).decide(m).on(m)
    assert plan.rows.tolist() == [4]


def test_dry_powder_by_hand() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-03-01"])
    m = of([1.0] * 5, [100.0, 100.0, 90.0, 80.0, 50.0], days)
    plan = DryPowderAveraging(base=0.1, slope=5.0, lookback=2).decide(m).on(m)
    # bar 1, when the window is full: 0.1; bar 2, 10 % below 100: 0.1 x 1.5; bar 4, 37.5 % below 80: 0.1 x 2.875
    assert plan.rows.tolist() == [1, 2, 4]
    np.testing.assert_allclose(plan.deploy[:, 1], [0.1, 0.15, 0.2875])
    steep = DryPowderAveraging(base=0.5, slope=50.0, lookback=2).decide(m).on(m)
    assert steep.deploy[2, 1] == 1.0


def test_momentum_by_hand() -> None:
    days = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-03"])
    m = of([10.0, 10, 11, 12, 12, 11, 11.1], [10.0, 10, 10, 13, 15, 10, 9], days, cash_rate=0.12)
    plan = MomentumRotation(lookback=1).decide(m).on(m)
    # bar 1: neither rose, cash earned a day: cash. Bar 2: metal 10 % to 0. Bar 3: miners 30 % to 9. Bar 4: miners again, not restated.
    # Bar 5: both fell: cash. Bar 6: metal 0.9 %, but cash earned 33/365 x 12 % = 1.1 %: still cash
    assert plan.rows.tolist() == [1, 2, 3, 5]
    assert plan.weights.tolist() == [[0, 0], [1, 0], [0, 1], [0, 0]]
    relative = MomentumRotation(lookback=1, absolute=False).decide(m).on(m)
    assert relative.rows.tolist() == [1, 3, 5]  # the metal when they are equal; miners; the metal falls less and then rises
    assert relative.weights[:, 0].tolist() == [1, 0, 1]


def test_core_satellite_comes_back_only_from_outside_its_band() -> None:
    m = of([1.0] * 5, [1.0, 1.0, 1.2, 1.4, 1.4])
    result = ob.backtest(CoreSatellite(core=0.7, band=0.06), m, ob.Account(cash=1_000, costs=FREE), check_lookahead=False)
    # 700 and 300 on bar 1; on bar 2 the miners are 360 of 1060, 34 %, inside; on bar 3 they are 420 of 1120, 37.5 %, outside: 784 and 336
    assert result.units["B"].tolist() == pytest.approx([0, 300, 300, 240, 240])
    assert result.units["A"].tolist() == pytest.approx([0, 700, 700, 784, 784])


def test_core_satellite_of_several_miners_follows_the_basket() -> None:
    m = market(DAYS[:5], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.3, 1.0], [1.0, 1.6, 1.2], [1.0, 1.6, 1.2]])
    plan = CoreSatellite(core=0.7, band=0.06).decide(m).on(m)
    # the basket stands at 1.15 on bar 2: 0.345 of 1.045 is 33.0 %; at 1.4 on bar 3: 0.42 of 1.12 is 37.5 %
    assert plan.rows.tolist() == [0, 3]
    np.testing.assert_allclose(plan.weights, [[0.7, 0.15, 0.15]] * 2)


def test_beta_matched_by_hand() -> None:
    steps = np.array([0.0, 0.01, -0.02, 0.03, 0.01])
    m = of(list(100 * np.exp(np.cumsum(steps))), list(100 * np.exp(2 * np.cumsum(steps))))
    plan = BetaMatched(window=3).decide(m).on(m)
    np.testing.assert_allclose(plan.weights, [[0, 0.5]])  # beta 2 from bar 3 on, and no other month begins
    low = of(list(100 * np.exp(np.cumsum(steps))), list(100 * np.exp(0.8 * np.cumsum(steps))))
    np.testing.assert_allclose(BetaMatched(window=3).decide(low).on(low).weights, [[0, 1.0]])
    wild = of(list(100 * np.exp(np.cumsum(steps))), list(100 * np.exp(9 * np.cumsum(steps))))
    np.testing.assert_allclose(BetaMatched(window=3).decide(wild).on(wild).weights, [[0, 0.25]])


def test_beta_matched_recovers_the_planted_gearing_of_the_sample() -> None:
    m = ob.load_market("gold", source="sample")
    beta = rolling_beta(role_prices(m, "miners"), role_prices(m, "metal"), len(m) - 1)[-1]
    assert beta == pytest.approx(1.72, abs=0.05)


def test_trim_stretch_by_hand() -> None:
    m = of([1.0] * 8, [1.0, 2.0, 3.0, 4.0, 3.5, 2.5, 1.5, 5.0])
    np.testing.assert_allclose(np.exp(log_ratio(m)), [1.0, 2.0, 3.0, 4.0, 3.5, 2.5, 1.5, 5.0])
    plan = TrimStretch(window=3, trim_at=0.9, restore_at=0.2, trim=0.4).decide(m).on(m)
    # places among the three before: bar 3 above all, trimmed; bar 4 2/3, stays; bar 5 0 (below 3, 4, 3.5), restored; bar 6 0; bar 7 1
    assert plan.rows.tolist() == [3, 5, 7]
    np.testing.assert_allclose(plan.weights, [[0, 0.6], [0, 1.0], [0, 0.6]])


GAUGE = [100.0, 100.0, 100.0, 100.5, 104.0, 103.0, 99.0, 95.0, 96.0, 99.0]
# mean of the last two: 100, 100, 100.25, 102.25, 103.5, 101, 97, 95.5, 97.5 from bar 1 on
# up is bad, 1 %: bar 4 is 1.7 % above its mean: off; bar 5 is below its mean: on; bar 9 is 1.5 % above: off


def gauged(values: list[float] = GAUGE, name: str = "dollar") -> ob.Market:
    m = of([1.0] * 10, [1.0] * 10)
    gauge = np.array(values)
    gauge.flags.writeable = False
    return replace(m, gauges={name: gauge})


def told(**tables: object) -> Told:
    return Told(ob.Decisions(**tables))  # type: ignore[arg-type]


def test_regime_filter_by_hand() -> None:
    m = gauged()
    inner = told(weights=np.array([[0.3, 0.7], [0.6, 0.4]]), contribution_split=np.array([[0.3, 0.7], [0.6, 0.4]]), rows=np.array([1, 8]))
    off = RegimeFilter(inner=inner, window=2).is_off(m)
    assert np.flatnonzero(off).tolist() == [4, 9]
    plan = RegimeFilter(inner=inner, window=2).decide(m).on(m)
    assert plan.rows.tolist() == [1, 4, 5, 8, 9]
    np.testing.assert_allclose(plan.weights, [[0.3, 0.7], [0, 0], [0.3, 0.7], [0.6, 0.4], [0, 0]])
    np.testing.assert_allclose(plan.contribution_split, plan.weights)
    metal = RegimeFilter(inner=inner, window=2, off="metal").decide(m).on(m)
    np.testing.assert_allclose(metal.weights[1], [1.0, 0.0])


def test_regime_filter_remembers_what_was_decided_while_off() -> None:
    m = gauged([100.0, 100.0, 100.0, 104.0, 106.0, 108.0, 99.0, 99.0, 99.0, 99.0])
    inner = told(weights=np.array([[1.0, 0.0], [0.0, 1.0]]), rows=np.array([1, 4]))
    plan = RegimeFilter(inner=inner, window=3, margin=0.005).decide(m).on(m)
    # off on bars 3 to 5, where the switch of bar 4 is made later, on bar 6
    assert plan.rows.tolist() == [2, 3, 6]
    np.testing.assert_allclose(plan.weights, [[1, 0], [0, 0], [0, 1]])


def test_regime_filter_pauses_purchases_and_makes_them_later() -> None:
    m = gauged([100.0, 100.0, 100.0, 104.0, 106.0, 108.0, 99.0, 99.0, 99.0, 99.0])
    inner = told(deploy=np.array([[0, 0.5], [0, 0.5], [0, 0.2]]), contribution_split=np.array([[0, 1.0]] * 3), rows=np.array([3, 4, 8]))
    plan = RegimeFilter(inner=inner, window=3, margin=0.005).decide(m).on(m)
    # halves of bars 3 and 4 wait for bar 6: half, and half of the rest, is three quarters
    bought = {int(row): float(share) for row, share in zip(plan.rows, plan.deploy[:, 1], strict=True) if not np.isnan(share)}
    assert bought == pytest.approx({6: 0.75, 8: 0.2})
    split = {int(row): float(share) for row, share in zip(plan.rows, plan.contribution_split[:, 1], strict=True) if not np.isnan(share)}
    assert split == {3: 0.0, 4: 0.0, 6: 1.0, 8: 1.0}


def test_regime_filter_needs_its_gauge() -> None:
    with pytest.raises(UnknownNameError, match="the market has no gauge 'vix'"):
        RegimeFilter(gauge="vix").decide(gauged())


def test_regime_filter_of_buy_and_hold_never_sells() -> None:
    m = random_market(5, bars=900)
    gauge = 100 + 20 * np.sin(np.arange(900) / 40)
    gauge.flags.writeable = False
    m = replace(m, gauges={"dollar": gauge})
    result = ob.backtest(RegimeFilter(inner=BuyAndHold(split={"miners": 1.0})), m, ob.Account(contribution=500))
    assert (result.fills["units"] >= 0).all()
    assert result.fills["units"].gt(0).sum() > 10


def test_volatility_target_by_hand() -> None:
    steps = np.array([0.0, 0.01, -0.01, 0.01, -0.01, 0.03, -0.03])
    prices = list(100 * np.exp(np.cumsum(steps)))
    m = of(prices, prices)
    inner = told(weights=np.array([[0.5, 0.5]]), contribution_split=np.array([[0.5, 0.5]]), rows=np.array([0]))
    target = 0.01 * np.sqrt(252) / 2
    plan = VolatilityTarget(inner=inner, target=target, window=2).decide(m).on(m)
    # two returns of 1 % and -1 %: deviation 1 %, a scale of a half, from bar 2 on; bar 5: -1 % and 3 %, deviation 2 %: a quarter;
    # bar 6: 3 % and -3 %: a sixth, further than 0.05 from a quarter
    assert plan.rows.tolist() == [2, 5, 6]
    np.testing.assert_allclose(plan.weights, [[0.25, 0.25], [0.125, 0.125], [1 / 12, 1 / 12]])
    np.testing.assert_allclose(plan.contribution_split, plan.weights)
    coarse = VolatilityTarget(inner=inner, target=target, window=2, step=0.3).decide(m).on(m)
    assert coarse.rows.tolist() == [2, 6]
    calm = VolatilityTarget(inner=inner, target=5.0, window=2).decide(m).on(m)
    np.testing.assert_allclose(calm.weights, [[0.5, 0.5]])


def test_ranks_by_hand() -> None:
    values = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, np.nan]])
    # first measure: 1, 0, 1/2; second: the equal ones have one below and share the other, 3/4 each, and the unknown is last
    np.testing.assert_allclose(mean_rank(values[:, None], np.ones((1, 3), dtype=bool)), [[0.875, 0.375, 0.25]])
    # without the third: 1, 0; 1/2 each
    np.testing.assert_allclose(mean_rank(values[:, None], np.array([[True, True, False]]))[0, :2], [0.75, 0.25])
    assert mean_rank(np.full((2, 1, 1), np.nan), np.ones((1, 1), dtype=bool)).tolist() == [[0.0]]


FUNDAMENTALS = pd.DataFrame(
    {
        "ticker": ["B", "C", "D", "B"],
        "period_end": ["2023-12-31"] * 3 + ["2024-03-31"],
        "published": ["2024-01-10", "2024-01-10", None, "2024-05-01"],
        "aisc": [1000.0, 1200.0, 600.0, 2000.0],
        "unit": "USD/oz",
        "net_debt_ebitda": [1.0, 0.5, 0.0, 9.0],
        "mines": [5, 4, 9, 1],
        "countries": [3, 3, 9, 1],
    }
)


def producers(spot: float = 2000.0) -> ob.Market:
    days = pd.bdate_range("2024-01-01", "2024-08-01")
    prices = {ticker: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), 10.0), index=days) for ticker in "ABCD"}
    return ob.Market.from_frames(prices, gauges={"spot": pd.Series(spot, index=days)}, fundamentals=FUNDAMENTALS)


def test_quality_tilt_by_hand() -> None:
    m = producers()
    plan = QualityTilt(top=0.34).decide(m).on(m)
    # on 2024-01-01 nothing is known: all three. On 2024-04-01 B and C are: margins 0.5 and 0.4, debt 1 and 0.5, mines 5 and 4, countries
    # 3 each: B 1, 0.5, 1, 0.75 and C 0.5, 1, 0.5, 0.75, D last. Two of three are held (0.34 of three, rounded up).
    # On 2024-07-01 D is known (120 days after its year's end, best in all) and B's new report (worst in all)
    assert [str(m.dates[row].date()) for row in plan.rows] == ["2024-01-01", "2024-04-01", "2024-07-01"]
    np.testing.assert_allclose(plan.weights, [[0, 1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5]])
    best = QualityTilt(top=0.0).decide(m).on(m)
    np.testing.assert_allclose(best.weights[1:], [[0, 1, 0, 0], [0, 0, 0, 1]])


def test_quality_tilt_refuses_what_cannot_be() -> None:
    with pytest.raises(DataError, match="spot must be the metal's price in USD/oz, not the price of a fund"):
        QualityTilt().decide(producers(180.0))
    with pytest.raises((DataError, UnknownNameError), match="fundamentals"):
        QualityTilt().decide(of([1.0] * 3, [1.0] * 3))
    with pytest.raises((DataError, UnknownNameError), match="ratings"):
        RatingsBreadth(window=1).decide(of([1.0] * 3, [1.0] * 3))


def test_ratings_breadth_by_hand() -> None:
    days = DAYS[:10]
    bullish = [6, 7, 8, 7, 6, 4, 5, 6, 7, 5]
    ratings = pd.DataFrame({"date": days, "ticker": "B", "bullish": bullish, "neutral": [10 - one for one in bullish], "bearish": 0})
    prices = {ticker: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), 10.0), index=days) for ticker in "AB"}
    m = ob.Market.from_frames(prices, ratings=ratings)
    np.testing.assert_allclose(RatingsBreadth().breadth(m), np.array(bullish) / 10)
    plan = RatingsBreadth(window=3, fall=0.2).decide(m).on(m)
    # bar 4: 0.6 is 0.2 below 0.8, cut; lowest 0.4, so half of the way is 0.6: bar 7 buys back; bar 9: 0.5 is 0.2 below 0.7, cut
    assert plan.rows.tolist() == [2, 4, 7, 9]
    assert plan.weights.tolist() == [[0, 1], [1, 0], [0, 1], [1, 0]]
    part = RatingsBreadth(window=3, fall=0.2, cut=0.25).decide(m).on(m)
    assert part.weights[1].tolist() == [0.25, 0.75]


@dataclass(frozen=True)
class Spends(ob.Strategy):
    """Spends cash and does not say so."""

    def decide(self, market: ob.Market) -> ob.Decisions:
        return BuyAndHold().decide(market)


def test_volatility_target_finds_out_what_spends_cash() -> None:
    with pytest.raises(DecisionError, match="volatility-target scales weights, but spends spends cash on 2024-01-01"):
        VolatilityTarget(inner=Spends(), window=2).decide(of([1.0] * 5, [1.0] * 5))


def test_a_filter_around_a_filter_of_what_spends_cash_never_sells() -> None:
    m = with_side_series(random_market(3, bars=700))
    strategy = RegimeFilter(inner=RegimeFilter(inner=DollarCostAverage(), gauge="vix"), gauge="copper")
    result = ob.backtest(strategy, m, ob.Account(contribution=100))
    assert (result.fills["units"] >= 0).all()


def test_a_flat_price_has_no_rungs() -> None:
    m = of([1.0] * 8, [50.0] * 8)
    assert not len(BuyWeakness(lookback=2).decide(m).on(m).rows)


def test_the_satellite_is_followed_from_the_opening() -> None:
    m = market(DAYS[:5], [[1.0, 1.0, 1.0], [1.0, 1.3, 1.0], [1.0, 1.3, 1.0], [1.0, 1.6, 1.2], [1.0, 1.6, 1.2]]).opened(2)
    # from bar 2 on the basket rises by (1.6 / 1.3 + 1.2) / 2 = 21.5 %: 0.365 of 1.065 is 34.2 %, inside 6 %
    plan = CoreSatellite(core=0.7, band=0.06).decide(m).on(m)
    assert plan.rows.tolist() == [2]


def test_a_young_listing_is_not_calm() -> None:
    steps = np.array([0.0, 0.02, -0.02] * 4)
    old, young = 100 * np.exp(np.cumsum(steps)), np.concatenate((np.full(8, np.nan), 50 * np.exp(np.cumsum(steps[8:]))))
    m = market(DAYS, [[1.0, one, two] for one, two in zip(old, young, strict=True)])
    inner = told(weights=np.array([[0, 1.0, 0], [0, 0, 1.0]]), rows=np.array([0, 9]))
    plan = VolatilityTarget(inner=inner, target=0.02, window=6, step=0.0).decide(m).on(m)
    scales = plan.weights.sum(axis=1)
    assert scales.max() < 1.6 * scales.min()  # bars without a price counted as calm would have doubled it


def test_core_satellite_of_many_miners_is_rebalanced_by_what_the_account_holds() -> None:
    """Miners that part ways for years: each rebalance has a cause in the account, and each cause its rebalance."""
    draw, bars, core, band = np.random.RandomState(5), 1_500, 0.7, 0.05
    steps = draw.standard_normal((bars, 5)) * 0.02 + np.array([0.0, 0.002, 0.001, -0.001, -0.002])
    days = pd.bdate_range("2015-01-01", periods=bars)
    m = market(days, np.exp(np.cumsum(steps, axis=0)).tolist())
    result = ob.backtest(CoreSatellite(core=core, band=band), m, ob.Account(costs=FREE), check_lookahead=False)
    share = (result.units["A"] * m.close[:, 0] / result.equity).to_numpy()
    outside = np.flatnonzero(np.abs(share - core) > band + 1e-12)
    traded = sorted(set(m.dates.get_indexer(result.fills["date"])))
    assert len(traded) > 10
    assert [bar - 1 for bar in traded[1:]] == [bar for bar in outside if traded[0] <= bar < bars - 1]
