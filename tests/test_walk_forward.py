"""Walk-forward: chosen on the past alone, traded on what came next, in one account; each step against a plain sweep or a loop by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import oracle
import orebody as ob
from cases import drawn
from markets import FREE, Told, market
from orebody.cli.main import main
from orebody.decisions import Plan
from orebody.engine import backtrader, compiled
from orebody.engine.inputs import inputs, within
from orebody.errors import DataError, DecisionError, LookAheadError, ParameterError, UnknownNameError
from orebody.metrics.performance import years_between
from orebody.record import Record
from orebody.research import trials as trying
from orebody.research import walk_forward as walking
from orebody.research.stitched import Leg, stitched
from orebody.research.watched import Watched
from orebody.research.windows import Length, Window, length, windows
from orebody.sift import sift, within_all
from orebody.strategies import BuyAndHold, CoreSatellite, DollarCostAverage, RatioRotation
from orebody.testing import random_market
from pages import Page
from test_cluster import Cluster, cluster  # noqa: F401 - the fixture

MARKET = random_market(11, bars=700)
GRID = {"window": range(20, 61, 10), "entry": [0.5, 1.0, 1.5]}
ACCOUNT = ob.Account(contribution=300, costs=ob.Costs(commission=0.001, fixed=1.0))


@dataclass(frozen=True)
class Holds(ob.Strategy):
    """Hold one column from the first bar on, or cash; say so once."""

    column: int = ob.parameter(0, "the instrument; -1 is cash", low=-1)

    def decide(self, market: ob.Market) -> ob.Decisions:
        weights = np.zeros((1, len(market.tickers)))
        if self.column >= 0:
            weights[0, self.column] = 1.0
        return ob.Decisions(weights=weights, invest=weights, rows=np.array([0]))


def walked(**options: object) -> ob.WalkForward:
    asked: dict[str, object] = {"train": 200, "test": 100} | options
    return ob.walk_forward(RatioRotation, GRID, MARKET, ACCOUNT, **asked)  # type: ignore[arg-type]


# a case worked by hand


def by_hand() -> ob.Market:
    """Twelve bars: A doubles while B halves, then the other way round; opens are the closes before."""
    a = [1.0, 1, 2, 4, 8, 8, 4, 2, 1, 1, 2, 4]
    b = [1.0, 1, 1, 1, 1, 1, 2, 4, 8, 8, 8, 8]
    closes = np.array([a, b]).T
    opens = np.vstack((closes[:1], closes[:-1]))
    return market(pd.bdate_range("2024-01-01", periods=12), opens, closes)


@pytest.mark.parametrize("engine", ["compiled", "backtrader"])
def test_a_case_worked_by_hand(engine: str) -> None:
    account = ob.Account(cash=1_000, costs=FREE, cash_rate=0.0)
    walk = ob.walk_forward(Holds, {"column": [0, 1]}, by_hand(), account, 4, 3, metric="total_return", engine=engine, check=False)
    # trainings [0, 4), [3, 7), [6, 10): an account opens on the first bar and buys at the next open, which is the first bar's close.
    # In the first A makes 1 to 4 and B nothing; in the second A 4, 8, 8, 4 makes nothing and B 1 to 2; in the third A 4 to 1, B 2 to 8.
    assert walk.windows["column"].tolist() == [0, 1, 1]
    assert walk.windows["in_sample"].tolist() == pytest.approx([3.0, 1.0, 3.0])
    # tests [4, 7), [7, 10), [10, 12): an account of its own buys at the close of the bar before the test
    assert walk.windows["out_of_sample"].tolist() == pytest.approx([0.0, 3.0, 0.0])
    assert walk.trials["out_of_sample"].tolist() == pytest.approx([0.0, 1.0, -0.75, 3.0, 3.0, 0.0])
    assert walk.windows["rank"].tolist() == [2, 1, 2]
    assert walk.windows["test_bars"].tolist() == [3, 3, 2]
    # the joined account: 1,000 in cash on bar 3, 250 A at 4 on bar 4; at bar 7's open, 4, it is 1,000 and buys 500 B at 2; B to 8
    assert walk.result.equity.tolist() == [1_000, 2_000, 2_000, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]
    assert walk.windows["return"].tolist() == pytest.approx([0.0, 3.0, 0.0])
    fills = walk.result.fills
    assert fills[["ticker", "units", "price"]].to_numpy().tolist() == [["A", 250.0, 4.0], ["A", -250.0, 4.0], ["B", 500.0, 2.0]]
    # stability: changed at the first seam of two, by one step of the grid
    assert walk.stability.loc["column"].tolist() == [2, 2, 1, 2, 0.5, 1]


def test_efficiency_by_hand() -> None:
    walk = walked()
    trained = walk.windows
    rates = []
    for row, window in zip(trained.to_dict("records"), bars_of(walk), strict=True):
        cut = MARKET.cut(window.trained)
        one = ob.backtest(point(row), cut, ACCOUNT, start=window.train, engine="compiled", check=False).metrics()
        rates.append((1 + one.total_return) ** (1 / years_between(cut.dates[window.train], cut.dates[-1])) - 1)
        assert row["in_sample"] == pytest.approx(one.sharpe, rel=1e-9)
        assert row["in_sample_growth"] == pytest.approx(rates[-1], rel=1e-9)
    joined = walk.result.metrics()
    found = walk.efficiency
    years = years_between(walk.result.dates[0], walk.result.dates[-1])
    assert found.at["annual_return", "in_sample"] == pytest.approx(np.mean(rates))
    assert found.at["annual_return", "out_of_sample"] == pytest.approx((1 + joined.total_return) ** (1 / years) - 1)
    assert found.at["sharpe", "out_of_sample"] == pytest.approx(joined.sharpe)
    for row in ("annual_return", "sharpe"):
        before, after, ratio = found.loc[row]
        assert ratio == pytest.approx(after / before) if before > 0 else math.isnan(ratio)


# each step is a plain sweep


def bars_of(walk: ob.WalkForward) -> list[Window]:
    dates = walk.result.market.dates
    columns = (dates.get_indexer(walk.windows[name]) for name in ("train_from", "train_to", "test_from", "test_to"))
    return [Window(a, b + 1, c, d + 1) for a, b, c, d in zip(*columns, strict=True)]


def point(row: dict[str, object]) -> RatioRotation:
    return RatioRotation(window=row["window"], entry=row["entry"])  # type: ignore[arg-type]


@pytest.mark.parametrize("metric", ["sharpe", "max_drawdown", "costs"])
def test_each_choice_is_the_best_of_a_sweep_over_its_training(metric: str) -> None:
    walk = walked(metric=metric, purge=7)
    assert len(walk.windows) == 5
    for at, (row, window) in enumerate(zip(walk.windows.to_dict("records"), bars_of(walk), strict=True)):
        sweep = ob.sweep(RatioRotation, GRID, MARKET.cut(window.trained), ACCOUNT, metric=metric, start=window.train, check=False)
        assert [row["window"], row["entry"]] == [sweep.best["window"], sweep.best["entry"]]
        np.testing.assert_array_equal(walk.runs.in_sample[at], sweep.table[metric])
        after = ob.sweep(RatioRotation, GRID, MARKET.cut(window.tested), ACCOUNT, metric=metric, start=window.test - 1, check=False)
        np.testing.assert_array_equal(walk.runs.out_of_sample[at], after.table[metric])
        place = after.ordered().index.get_loc(sweep.best.name) + 1
        ties = (after.table[metric] == row["out_of_sample"]).sum()
        assert place - ties < row["rank"] <= place
        assert row["ranked"] == 15


def test_strategies_that_ask_when_accounts_open_are_asked_on_each_window() -> None:
    grid = {"installments": [1, 3, 12], "split": [{"metal": 1.0}, {"miners": 1.0}]}
    account = ob.Account(contribution=500)
    walk = ob.walk_forward(DollarCostAverage, grid, MARKET, account, 150, 100, check=False)
    for at, window in enumerate(bars_of(walk)):
        sweep = ob.sweep(DollarCostAverage, grid, MARKET.cut(window.trained), account, start=window.train, check=False)
        np.testing.assert_array_equal(walk.runs.in_sample[at], sweep.table["sharpe"])


def test_what_lies_ahead_changes_nothing_before_it() -> None:
    walk = walked()
    for window in bars_of(walk)[:3]:
        factor = np.ones_like(MARKET.close)
        factor[window.test :] = np.exp(np.random.RandomState(window.test).standard_normal(factor[window.test :].shape).cumsum(axis=0) * 0.1)
        prices = {name: getattr(MARKET, name) * factor for name in ("open", "high", "low", "close")}
        other = ob.walk_forward(RatioRotation, GRID, replace(MARKET, **prices), ACCOUNT, 200, 100)  # type: ignore[arg-type]
        known = [column for column in walk.windows if column not in ("out_of_sample", "rank", "ranked", "return")]
        upto = int((walk.windows["test_from"] <= MARKET.dates[window.test]).sum())
        pd.testing.assert_frame_equal(walk.windows[known][:upto], other.windows[known][:upto], check_exact=True)
        pd.testing.assert_frame_equal(walk.windows[: upto - 1], other.windows[: upto - 1], check_exact=True)
        before = slice(0, window.test - walk.result.market.opening)
        assert walk.result.equity[before].equals(other.result.equity[before])
        assert walk.result.units[before].equals(other.result.units[before])
        assert not walk.result.equity.equals(other.result.equity)


def test_a_point_that_will_fail_later_can_be_chosen_before() -> None:
    @dataclass(frozen=True)
    class Later(ob.Strategy):
        """Hold an instrument, and at a later bar more of it than there is."""

        column: int = ob.parameter(0, "which", low=0)
        when: int = ob.parameter(0, "from which bar on it is too much", low=0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            weights = np.zeros((2, 2))
            weights[:, self.column] = 1.0, 3.0
            rows = np.array([0, self.when])
            return ob.Decisions(weights=weights[rows < len(market)], rows=rows[rows < len(market)])

    account = ob.Account(cash=1_000, costs=FREE, cash_rate=0.0)
    grid = [{"column": 0, "when": 7}, {"column": 1, "when": 20}]
    walk = ob.walk_forward(Later, grid, by_hand(), account, 4, 3, metric="total_return", check=False)
    assert walk.windows["column"].tolist() == [0, 1, 1]  # in force to before bar 6's close, it did not come to that
    assert walk.trials["status"].tolist()[0] == ""
    assert "above the leverage limit of 1" in walk.trials["status"].tolist()[4]
    with pytest.raises(DecisionError, match=r"sum to 3 on 2024-01-08, above the leverage limit of 1"):
        ob.walk_forward(
            Later, [{"column": 0, "when": 5}, {"column": 1, "when": 20}], by_hand(), account, 4, 3, metric="total_return", check=False
        )


def test_a_strategy_that_looks_ahead_is_refused() -> None:
    @dataclass(frozen=True)
    class Peeks(ob.Strategy):
        """Hold the metal before it rises, if told to."""

        size: float = ob.parameter(1.0, "how much", low=0.0, high=1.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            decisions = ob.Decisions.empty(market)
            rises = market.close[1:, 0] > market.close[:-1, 0]
            decisions.weights[:-1, 0] = rises * 1.0 if self.size == 0.5 else self.size  # type: ignore[index]
            decisions.weights[-1, 0] = self.size  # type: ignore[index]
            return decisions

    sizes = [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]  # the first, the middle one and the last are tried, none of which peeks
    with pytest.raises(LookAheadError, match=r"size=0.5.*looks ahead"):
        ob.walk_forward(Peeks, {"size": sizes}, MARKET, None, 200, 100)
    assert "not checked" in ob.walk_forward(Peeks, {"size": sizes}, MARKET, None, 200, 100, check=False).result.checked


# seams


def same(one: Record, two: Record) -> None:
    for name in ("cash", "units", "flows", "interest", "borrow", "commission", "slippage"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    assert list(map(repr, one.fills)) == list(map(repr, two.fills))  # NaN prices are equal in words


@pytest.mark.parametrize("strategy", [RatioRotation(window=30, exit=0.3), CoreSatellite(band=0.02), DollarCostAverage(), BuyAndHold()])
def test_without_a_change_there_is_no_seam(strategy: ob.Strategy) -> None:
    opened = MARKET.opened(200)
    legs = [Leg(strategy, 200, len(MARKET))]
    plain = ob.backtest(strategy, MARKET, ACCOUNT, start=200, engine="compiled", check=False).record
    same(compiled.run(opened, stitched(legs, opened), ACCOUNT), plain)


def test_the_same_choice_throughout_is_the_plain_run() -> None:
    grid = [{"window": 20, "entry": 1.0}, {"window": 30, "entry": 1e9}]  # the second never trades again after its first purchase
    found = ob.walk_forward(RatioRotation, grid, MARKET, ACCOUNT, 200, 100, metric="trades")
    assert found.windows["entry"].tolist() == [1e9] * 5
    plain = ob.backtest(RatioRotation(window=30, entry=1e9), MARKET, ACCOUNT, start=found.result.market.opening, engine="compiled")
    same(found.result.record, plain.record)
    assert found.stability["changes"].tolist() == [0, 0]


def states(rows: list[int], *weights: list[float], **others: object) -> Told:
    return Told(ob.Decisions(weights=np.array(weights, dtype=float), rows=np.array(rows), **others))  # type: ignore[arg-type]


def rows_of(plan: Plan) -> dict[int, tuple[list[float], list[float], list[float]]]:
    tables = (np.nan_to_num(table, nan=-9.0).tolist() for table in (plan.weights, plan.deploy, plan.invest))
    return {int(row): (one, two, three) for row, one, two, three in zip(plan.rows, *tables, strict=True)}


def test_who_takes_over_states_what_it_stands_for() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2))).opened(2)
    first = states([0, 5, 8], [1, 0], [0, 1], [1, 0])
    second = states([1, 3, 9], [0.5, 0.5], [0.25, 0.75], [0, 0])
    plan = stitched([Leg(first, 2, 7), Leg(second, 7, 12)], bars)
    nothing = [-9.0, -9.0]
    assert rows_of(plan) == {
        2: ([1.0, 0.0], nothing, nothing),  # carried to the opening
        5: ([0.0, 1.0], nothing, nothing),
        7: ([0.25, 0.75], nothing, nothing),  # the newest that the second had said, at the seam; its 0.5 is history
        9: ([0.0, 0.0], nothing, nothing),
    }


def test_who_stands_for_what_is_in_force_says_nothing() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2)))
    plan = stitched([Leg(states([0], [0.5, 0.5]), 0, 6), Leg(states([3, 8], [0.5, 0.5], [1, 0]), 6, 12)], bars)
    assert list(plan.rows) == [0, 8]
    own = stitched([Leg(states([0], [0.5, 0.5]), 0, 6), Leg(states([3, 6], [0.5, 0.5], [0.5, 0.5]), 6, 12)], bars)
    assert list(own.rows) == [0, 6]  # what it decides on that very bar is said


def test_splits_are_taken_over_and_purchases_are_not() -> None:
    bars = market(pd.bdate_range("2024-01-01", periods=12), np.ones((12, 2)))
    nan = math.nan
    one = Told(ob.Decisions(deploy=np.array([[1.0, nan]]), invest=np.array([[0.75, nan]]), rows=np.array([0])))
    two = Told(ob.Decisions(deploy=np.array([[nan, 0.5], [nan, 0.25]]), invest=np.array([[nan, 1.0], [nan, nan]]), rows=np.array([0, 7])))
    plan = stitched([Leg(one, 0, 5), Leg(two, 5, 12)], bars)
    assert rows_of(plan) == {
        0: ([-9.0, -9.0], [1.0, -9.0], [0.75, -9.0]),
        5: ([-9.0, -9.0], [-9.0, -9.0], [0.0, 1.0]),
        7: ([-9.0, -9.0], [-9.0, 0.25], [-9.0, -9.0]),
    }
    silent = Told(ob.Decisions(deploy=np.array([[nan, 0.5]]), rows=np.array([8])))
    assert rows_of(stitched([Leg(one, 0, 5), Leg(silent, 5, 12)], bars))[5][2] == [0.0, 0.0]  # it gave contributions to nothing


@pytest.mark.parametrize("seed", range(20))
def test_engines_agree_on_legs_with_bands_of_their_own(seed: int) -> None:
    case = drawn(seed)
    bars = len(case.market)
    if bars < 6:
        return
    wide = replace(case.decisions, band=0.3)
    legs = [
        Leg(Told(case.decisions), 0, bars // 3),
        Leg(Told(wide), bars // 3, 2 * bars // 3),
        Leg(Told(case.decisions), 2 * bars // 3, bars),
    ]
    plan = stitched(legs, case.market)
    one, two = (engine.run(case.market, plan, case.account) for engine in (backtrader, compiled))
    scale = 1e-9 * max(1.0, np.abs(one.cash).max(), np.abs(one.units * np.nan_to_num(case.market.marks)).max())
    np.testing.assert_allclose(one.cash, two.cash, rtol=1e-9, atol=scale)
    assert [(fill.bar, fill.instrument, fill.reason) for fill in one.fills] == [
        (fill.bar, fill.instrument, fill.reason) for fill in two.fills
    ]


@pytest.mark.parametrize("engine", [backtrader, compiled])
def test_the_band_in_force_is_that_of_whoever_is(engine: object) -> None:
    prices = np.array([[1.0, 1.0], [1.0, 1.0], [1.2, 1.0], [1.2, 1.0], [1.2, 1.0], [1.2, 1.0]])
    bars = market(pd.bdate_range("2024-01-01", periods=6), prices)
    half = {"weights": np.full((6, 2), 0.5)}
    legs = [Leg(Told(ob.Decisions(**half, band=0.1)), 0, 3), Leg(Told(ob.Decisions(**half, band=0.01)), 3, 6)]  # type: ignore[arg-type]
    record = engine.run(bars, stitched(legs, bars), ob.Account(cash=1_000, costs=FREE, cash_rate=0.0))  # type: ignore[attr-defined]
    # 500 each at 1; A at 1.2 is 600 of 1,100, 4.5 points away: inside 10, outside 1, so the second brings it back to 550 at bar 4's open
    traded = [(fill.bar, fill.instrument, round(fill.units, 9)) for fill in record.fills if fill.units]
    assert traded == [(1, 0, 500.0), (1, 1, 500.0), (4, 0, round(-50 / 1.2, 9)), (4, 1, 50.0)]


def test_the_books_balance_and_engines_agree() -> None:
    one, two = (walked(engine=engine) for engine in ("compiled", "backtrader"))
    pd.testing.assert_frame_equal(one.windows, two.windows)
    np.testing.assert_allclose(one.result.equity, two.result.equity, rtol=1e-9)
    pd.testing.assert_frame_equal(one.result.fills, two.result.fills)
    record, money = one.result.record, one.result.flows.sum() + ACCOUNT.cash
    assert one.result.equity.iloc[-1] == pytest.approx(money + one.result.profit.sum() + record.interest.sum(), rel=1e-9)
    assert record.flows.sum() > 0
    wealth = (1 + one.result.returns.iloc[1:]).prod()
    assert (1 + one.windows["return"]).prod() == pytest.approx(wealth)


def joined_by_hand(walk: ob.WalkForward) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and splits of each bar from the opening on: what the point in force says on the market as seen until then."""
    opening, bars = walk.result.market.opening, len(MARKET)
    weights, splits = np.full((bars, 2), np.nan), np.full((bars, 2), np.nan)
    before: object = None
    for row, window in zip(walk.windows.to_dict("records"), bars_of(walk), strict=True):
        seen = MARKET.cut(window.tested)
        said = point(row).decide(seen)
        own = {int(bar): one for bar, one in zip(said.rows, np.asarray(said.weights), strict=True)}  # type: ignore[arg-type]
        newest = [own[bar] for bar in sorted(own) if bar <= window.test - 1][-1]
        in_force = [one for one in weights if not np.isnan(one).any()]
        changed = (row["window"], row["entry"]) != before
        if changed and (not in_force or window.test - 1 in own or list(in_force[-1]) != list(newest)):
            weights[window.test - 1] = splits[window.test - 1] = newest
        for bar in range(window.test - 1, window.tested - 1 if window.tested < bars else bars):
            if bar in own:
                weights[bar] = splits[bar] = own[bar]
        before = row["window"], row["entry"]
    return weights[opening:], splits[opening:]


def test_the_record_is_that_of_an_independent_ledger_told_bar_by_bar() -> None:
    walk = walked(train=120, test=40)
    assert len(walk.windows) > 10
    assert walk.stability["changes"].max() > 3
    weights, splits = joined_by_hand(walk)
    opening, costs = walk.result.market.opening, ACCOUNT.costs_of(MARKET.universe)
    told = oracle.run(
        list(MARKET.dates[opening:]),
        MARKET.open[opening:].tolist(),
        MARKET.close[opening:].tolist(),
        ends=[-1, -1],
        weights=weights.tolist(),
        deploy=np.full_like(weights, np.nan).tolist(),
        invest=splits.tolist(),
        band=0.0,
        cash=ACCOUNT.cash,
        contribution=ACCOUNT.contribution,
        every=ACCOUNT.every,
        **{name: [getattr(one, name) for one in costs] for name in ("commission", "fixed", "slippage", "borrow")},
        financing=ACCOUNT.financing,
        rates=MARKET.cash_rate[opening:].tolist(),
        whole_shares=False,
        leverage=1.0,
        maintenance=0.25,
    )
    np.testing.assert_allclose(walk.result.equity, told.equity, rtol=1e-9)
    np.testing.assert_allclose(walk.result.units, told.units, rtol=1e-9, atol=1e-9)
    assert [(fill.bar, fill.instrument, fill.reason) for fill in walk.result.record.fills] == [
        (fill.bar, fill.instrument, fill.reason) for fill in told.fills
    ]


# windows


def days(count: int, start: str = "2015-01-01") -> ob.Market:
    return market(pd.bdate_range(start, periods=count), np.ones((count, 2)))


def spans(bars: ob.Market, train: object, test: object, purge: int = 0, anchored: bool = False) -> list[tuple[int, int, int, int]]:
    found = windows(bars, length(train, "train"), length(test, "test"), purge, anchored)
    return [(one.train, one.trained, one.test, one.tested) for one in found]


def test_windows_in_bars() -> None:
    assert spans(days(20), 6, 5) == [(0, 6, 6, 11), (5, 11, 11, 16), (10, 16, 16, 20)]
    assert spans(days(20), 6, 5, purge=2) == [(0, 6, 8, 13), (5, 11, 13, 18), (10, 16, 18, 20)]
    assert spans(days(20), 6, 5, purge=2, anchored=True) == [(0, 6, 8, 13), (0, 11, 13, 18), (0, 16, 18, 20)]
    assert spans(days(20).opened(4), 6, 8) == [(4, 10, 10, 18), (12, 18, 18, 20)]


def test_windows_in_periods_keep_to_the_calendar() -> None:
    bars = days(1_500)  # 1 January 2015 to 30 September 2020
    dates = bars.dates

    def dated(found: list[tuple[int, int, int, int]]) -> list[list[str]]:
        return [[str(dates[at].date()) for at in (a, b - 1, c, d - 1)] for a, b, c, d in found]

    assert dated(spans(bars, "3 years", "1 year")) == [
        ["2015-01-01", "2017-12-29", "2018-01-01", "2018-12-31"],
        ["2016-01-01", "2018-12-31", "2019-01-01", "2019-12-31"],
        ["2017-01-02", "2019-12-31", "2020-01-01", "2020-09-30"],
    ]
    late = dated(spans(bars.opened(30), "3 years", "year"))  # warm-up takes the first years's beginning away
    assert late[0] == ["2016-01-01", "2018-12-31", "2019-01-01", "2019-12-31"]
    assert dated(spans(bars, "24 months", "6 months", purge=5, anchored=True))[1] == [
        "2015-01-01",
        "2017-06-23",
        "2017-07-03",
        "2017-12-29",
    ]
    first = spans(bars, 300, "quarter")[0]
    assert (first[1] - first[0], str(dates[first[2]].date())) == (300, "2016-04-01")
    weeks = dated(spans(bars, "2 quarters", "26 weeks"))[0]
    assert weeks == ["2015-01-01", "2015-06-26", "2015-06-29", "2015-12-25"]  # from Monday 29 December on, three days before the first bar
    two = dated(spans(bars, "2 years", 250))[0]  # two years from 1 January 2015 end on a Sunday; two years before Monday is the 2nd
    assert two[:3] == ["2015-01-02", "2016-12-30", "2017-01-02"]


def test_years_begin_with_their_first_bar_also_in_monthly_prices() -> None:
    bars = market(pd.date_range("2010-01-31", periods=60, freq="ME"), np.ones((60, 2)))
    assert spans(bars, "2 years", "1 year") == [(0, 24, 24, 36), (12, 36, 36, 48), (24, 48, 48, 60)]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        (
            {"train": 641, "test": 100},
            DataError,
            "a training of 641 bars and a test of 100 bars need more bars than the 641 from 2015-03-25",
        ),
        ({"train": "5 years", "test": "1 year"}, DataError, "a training of 5 years and a test of 1 year need more bars"),
        ({"purge": -1}, ParameterError, "purge is -1: it must be a number of bars, 0 for no gap"),
        ({"purge": 0.5}, ParameterError, "purge is 0.5"),
        ({"train": "2 weeks", "test": "1 week", "purge": 9}, ParameterError, r"leaves 1 bars: at least 3 are needed to choose on"),
        ({"train": 2}, ParameterError, "leaves 2 bars: at least 3"),
        ({"train": 0}, ParameterError, "train is 0: give a number of bars"),
        ({"test": "1 fortnight"}, ParameterError, "test is '1 fortnight': give a number of bars, at least 1, or periods such as"),
        ({"test": True}, ParameterError, "test is True"),
        ({"anchored": 1}, ParameterError, "anchored is 1"),
        ({"metric": "shrap"}, UnknownNameError, "did you mean 'sharpe'"),
        ({"engine": "compield"}, UnknownNameError, "did you mean 'compiled'"),
        ({"metric": "cagr"}, ParameterError, "no point of the grid has a cagr on the training from .*cagr and calmar need a year"),
        ({"start": 30, "train": 10}, ParameterError, "the first: ratio-rotation needs 40 bars before it can decide, there are 31"),
    ],
)
def test_windows_that_cannot_be(options: dict[str, object], error: type[Exception], says: str) -> None:
    grid = {"window": [40, 50, 60]} if "start" in options else GRID
    with pytest.raises(error, match=says):
        ob.walk_forward(RatioRotation, grid, MARKET, ACCOUNT, **({"train": 200, "test": 100} | options))  # type: ignore[arg-type]


def test_a_test_without_a_bar_is_refused() -> None:
    dates = pd.bdate_range("2015-01-01", periods=900)
    gap = dates[(dates < "2016-05-01") | (dates >= "2016-07-01")]
    bars = market(gap, np.ones((len(gap), 2)))
    with pytest.raises(DataError, match="the test of 1 month from 2016-05-01 on has no bar before 2016-07-01: lengthen test"):
        spans(bars, "1 year", "1 month")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((RatioRotation, {}, MARKET, None, 200, 100), "the grid is empty"),
        ((RatioRotation, {"window": [20]}, MARKET, None, 200, 100), "the grid has one point, which leaves nothing to choose"),
        ((RatioRotation, {"window": [0, 1]}, MARKET, None, 200, 100), "no point of the grid has a sharpe .*window is 0"),
        ((RatioRotation, GRID, "gold", None, 200, 100), "market is a str"),
        ((RatioRotation, GRID, MARKET, 5, 200, 100), "account is 5"),
    ],
)
def test_bad_requests_are_one_sentence(arguments: tuple[object, ...], says: str) -> None:
    with pytest.raises(ob.OrebodyError, match=says):
        ob.walk_forward(*arguments)  # type: ignore[arg-type]


def test_a_parameter_cannot_be_called_like_a_column() -> None:
    @dataclass(frozen=True)
    class Odd(ob.Strategy):
        """Has a parameter that the table of windows has too."""

        rank: int = ob.parameter(1, "a name", low=0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions.empty(market)

    with pytest.raises(ParameterError, match="rank is also a column of the table of windows"):
        ob.walk_forward(Odd, {"rank": [1, 2]}, MARKET, None, 200, 100)


# the ways that are fast are the ways that are slow


def test_points_that_fail_never_win_and_say_why() -> None:
    walk = ob.walk_forward(RatioRotation, {"window": [1, 20, 40, 5_000]}, MARKET, ACCOUNT, 200, 100)
    assert set(walk.windows["window"]) <= {20, 40}
    first = walk.trials[walk.trials["step"] == 1]
    assert "at least 2" in first["status"].iloc[0]
    assert "needs 5000 bars" in first["status"].iloc[3]
    assert first["in_sample"].isna().tolist() == [True, False, False, True]
    assert walk.windows["ranked"].tolist() == [2] * len(walk.windows)


def test_points_not_ready_when_a_training_begins_wait_for_a_later_one() -> None:
    walk = ob.walk_forward(RatioRotation, {"window": [20, 150]}, MARKET, ACCOUNT, 100, 100, start=30)
    waits = walk.trials[walk.trials["point"] == 1]
    assert waits["status"].iloc[0] == "ratio-rotation needs 150 bars before it can decide, there are 31 when the window begins"
    assert waits["in_sample"].isna().tolist()[:3] == [True, True, False]
    assert walk.windows["window"].iloc[0] == 20


def test_ruin_is_never_chosen() -> None:
    prices = np.ones((40, 2))
    prices[5:, 1] = 4.0
    bars = market(pd.bdate_range("2024-01-01", periods=40), prices)

    @dataclass(frozen=True)
    class Short(ob.Strategy):
        """Short the miner, once."""

        size: float = ob.parameter(1.0, "how much of it", low=0.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.array([[0.0, -self.size]]), rows=np.array([0]))

    walk = ob.walk_forward(Short, {"size": [0.1, 1.0]}, bars, ob.Account(costs=FREE, maintenance=0.0), 10, 10, metric="costs", check=False)
    assert walk.windows["size"].tolist()[0] == 0.1
    assert walk.trials["status"][1] == "ruined on 2024-01-08"


def test_ties_go_to_the_first_point() -> None:
    walk = ob.walk_forward(Holds, {"column": [1, 0, -1]}, days(60), None, 20, 20, metric="costs", check=False)
    assert walk.windows["column"].tolist() == [-1, -1]
    equal = ob.walk_forward(Holds, {"column": [1, 0]}, days(60), None, 20, 20, metric="total_return", check=False)
    assert equal.windows["column"].tolist() == [1, 1]


def test_nothing_depends_on_how_the_work_is_cut_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = walked()
    monkeypatch.setattr(trying, "CHUNK", 2)
    told: list[tuple[int, int, str]] = []
    cut = walked(progress=lambda *step: told.append(step))
    pd.testing.assert_frame_equal(whole.windows, cut.windows, check_exact=True)
    pd.testing.assert_frame_equal(whole.trials, cut.trials, check_exact=True)
    assert told == [(done, 15, "points on all windows") for done in (*range(0, 15, 2), 15)]
    far = np.concatenate([trying._run(built, cut_market(), list(bars_of(whole)), ACCOUNT, "sharpe")[0] for built in chunks()], axis=2)
    np.testing.assert_array_equal(far[0], whole.runs.in_sample)
    np.testing.assert_array_equal(far[3], whole.runs.out_of_sample)


def cut_market() -> ob.Market:
    return MARKET.opened(59)


def chunks() -> list[list[ob.Strategy | str]]:
    every: list[ob.Strategy | str] = [RatioRotation(window=window, entry=entry) for window in GRID["window"] for entry in GRID["entry"]]
    return [every[:4], every[4:]]


def test_on_a_cluster_it_is_the_same(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    monkeypatch.setattr(trying, "CHUNK", 4)
    there, here = walked(workers=cluster.address), walked()
    pd.testing.assert_frame_equal(here.windows, there.windows, check_exact=True)
    pd.testing.assert_frame_equal(here.trials, there.trials, check_exact=True)
    assert here.windows.to_csv() == there.windows.to_csv()


def test_an_interrupt_leaves_no_thread() -> None:
    import threading

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        walked(progress=interrupt)
    assert threading.active_count() == before


def test_a_watched_market_knows_whether_it_was_asked() -> None:
    seen = Watched.of(MARKET.opened(50))
    RatioRotation().decide(seen)
    CoreSatellite().decide(seen)
    assert not seen.asked
    BuyAndHold().decide(seen)
    assert seen.asked
    assert seen.opening == 50
    assert len(Watched.of(MARKET).opened(3)) == len(MARKET)


@pytest.mark.parametrize("seed", range(30))
def test_books_of_a_part_are_those_of_the_market_cut_and_opened_there(seed: int) -> None:
    case = drawn(seed)
    bars = len(case.market)
    opening, begin, end = sorted(np.random.RandomState(seed).randint(0, bars, size=3).tolist())
    whole = case.market.opened(opening)
    part = within(inputs(whole, case.account), whole, begin, end + 1)
    expected = inputs(case.market.cut(end + 1).opened(begin), case.account)
    for name, mine, other in zip(part._fields, part, expected, strict=True):
        if name == "days":  # since the bar before the opening, which nobody reads
            mine, other = mine[1:], other[1:]
        np.testing.assert_array_equal(mine, other, err_msg=name)
        if isinstance(other, np.ndarray):
            assert mine.dtype == other.dtype
            assert mine.flags.c_contiguous


@pytest.mark.parametrize("seed", range(60))
def test_decisions_of_a_part_are_those_carried_to_its_opening(seed: int) -> None:
    case = drawn(seed)
    plan, bars = case.plan, len(case.market)
    opening, until = sorted(np.random.RandomState(seed).randint(0, bars + 1, size=2).tolist())
    tables = plan.weights, plan.deploy, plan.invest
    joined = (np.concatenate((plan.rows, plan.rows)), *(np.concatenate((table, table)) for table in tables))
    ends = np.array([len(plan.rows), 2 * len(plan.rows)])
    rows, *told, closes = within_all(*joined, ends, opening, until + 1)
    upto = plan.before(until + 1)
    _, expected, *others = sift(upto.rows, upto.weights, upto.deploy, upto.invest, bars, opening, math.inf, True)
    assert closes.tolist() == [len(expected), 2 * len(expected)]
    for half in (slice(0, len(expected)), slice(len(expected), None)):
        np.testing.assert_array_equal(rows[half], expected)
        for mine, other in zip(told, others, strict=True):
            np.testing.assert_array_equal(mine[half], other)


# what is shown


def test_the_page_the_table_and_the_words(tmp_path: Path) -> None:
    sample = ob.load_market("gold", source="sample", start="2014-01-01")
    walk = ob.walk_forward(RatioRotation, {"window": [20, 40, 60], "exit": [None, 0.2]}, sample, ACCOUNT, "3 years", "1 year", purge=2)
    text = walk.report(tmp_path / "walk.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.words.startswith("SIMULATED")
    assert all(address.startswith("data:") for address in page.addresses)
    for number, row in zip(walk.windows.index, walk.windows.to_dict("records"), strict=True):
        assert f"{row['train_from'].date()} to {row['train_to'].date()}" in text
        assert f"{row['rank']}/{row['ranked']}" in text
        assert number <= len(walk.windows)
    assert "2 bars between training and test" in text
    assert walk.report(tmp_path / "again.html").read_text(encoding="utf-8") == text
    saved = pd.read_csv(walk.save(tmp_path / "walk.csv"))
    assert saved["window"].tolist() == walk.windows["window"].tolist()
    assert saved["prices"].unique().tolist() == ["SIMULATED"]
    assert repr(walk).startswith("SIMULATED\nratio-rotation: ")
    assert "the other points did better on the tests" in repr(walk)
    walk.result.tearsheet(tmp_path / "tearsheet.html")


def test_luck_by_hand() -> None:
    walk = walked()
    ranks, others = walk.windows["rank"].to_numpy(dtype=float), walk.windows["ranked"].to_numpy() - 1
    assert walk.luck == pytest.approx(((ranks - 1) / others).mean())
    under_a_year = walked(metric="total_return")
    assert 0 <= under_a_year.luck <= 1


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shared = ["ratio-rotation", "gold", "--source", "sample", "--start", "2012-01-01", "--grid", "window=20:60:20", "--grid", "entry=0.5,1"]
    with pytest.raises(SystemExit) as stopped:
        main(["walk-forward", *shared, "--train", "756", "--test", "1 year", "--anchored", "--table", "walk.csv", "--html", "walk.html"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0, said
    walk = ob.walk_forward(
        RatioRotation,
        {"window": [20, 40, 60], "entry": [0.5, 1.0]},
        ob.load_market("gold", source="sample", start="2012-01-01"),
        ob.Account(),
        756,
        "1 year",
        anchored=True,
    )
    assert "chosen from 6 points on 756 bars, traded for 1 year" in " ".join(said.split())
    assert pd.read_csv("walk.csv")["window"].tolist() == walk.windows["window"].tolist()
    assert Path("walk.html").is_file()
    for arguments, says in (
        (["--train", "x", "--test", "1 year"], "train is 'x': give a number of bars"),
        (["--train", "1 year", "--test", "1 year", "--html", "a.html", "--tearsheet", "a.html"], "give two files"),
        (["--train", "90 years", "--test", "1 year"], "shorten them, or load a longer history"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(["walk-forward", *shared, *arguments])
        assert stopped.value.code == 2
        assert says in capsys.readouterr().err


def test_lengths_in_words() -> None:
    assert [str(length(one, "train")) for one in (1, 756, "3 years", "Year", " 2 Quarters ")] == [
        "1 bar",
        "756 bars",
        "3 years",
        "1 year",
        "2 quarters",
    ]
    assert length(np.int64(5), "test") == Length(5, "bar")
    assert walking.COLUMNS[0] == "step"
