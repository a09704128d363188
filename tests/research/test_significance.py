"""Significance: formulas against published examples, tests against independent loops and arch, and one sentence for what cannot be said."""

from __future__ import annotations

import dataclasses
import math
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import StationaryBootstrap
from real_data import FOLDER, needs_real_prices

import orebody as ob
from orebody.errors import DataError, ParameterError, UnknownNameError, UnsupportedError
from orebody.research.significance.kernel import METRICS, figures
from orebody.research.significance.random_timing import TimedDecisions, draw_offsets, rotate_decisions
from orebody.strategies import BuyAndHold, CoreSatellite, DollarCostAverage, MomentumRotation, RatioRotation
from orebody.testing import random_market

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
THREE = {"slow": RatioRotation(window=120), "fast": RatioRotation(window=20), "trend": MomentumRotation(lookback=60)}


@pytest.fixture(scope="module")
def market() -> ob.Market:
    return random_market(3, bars=900, start="2015-01-01")


@pytest.fixture(scope="module")
def comparison(market: ob.Market) -> ob.Comparison:
    return ob.compare(THREE, market, ACCOUNT, engine="compiled")


@pytest.fixture(scope="module")
def found(comparison: ob.Comparison) -> ob.Significance:
    return ob.significance(comparison, samples=300)


def test_the_history_as_it_was_has_the_figures_of_the_metrics(comparison: ob.Comparison, found: ob.Significance) -> None:
    for row in found.intervals.to_dict("records"):
        assert row["value"] == pytest.approx(getattr(comparison.metrics[row["strategy"]], row["metric"]), abs=1e-9)


def test_a_drawn_history_by_the_metrics_own_definitions() -> None:
    draw = np.random.default_rng(4)
    returns, over = draw.normal(0.0, 0.02, (300, 2)), draw.normal(0.0, 0.02, (300, 2))
    history = draw.integers(0, 300, (1, 300))
    mine = figures(history, returns, over, 252.0, 1.2)
    for run in range(2):
        r, e = returns[history[0], run], over[history[0], run]
        wealth = np.concatenate(([1.0], np.cumprod(1 + r)))
        fall = min(wealth[t] / max(wealth[: t + 1]) - 1 for t in range(301))
        growth = wealth[-1] ** (1 / 1.2) - 1
        down = math.sqrt(sum(min(one, 0) ** 2 for one in e) / 300)
        expected = [growth, r.std(ddof=1) * 252**0.5, e.mean() / e.std(ddof=1) * 252**0.5, e.mean() / down * 252**0.5, fall, growth / -fall]
        np.testing.assert_allclose(mine[0, run], expected, rtol=1e-9)


def test_intervals_are_the_quantiles_of_paired_draws(comparison: ob.Comparison, found: ob.Significance) -> None:
    """Drawn once more with arch itself and a plain loop."""
    metal, fast = (comparison.results[label].returns.to_numpy()[1:] for label in (found.metal, "fast"))
    made = StationaryBootstrap(found.interval_block, np.arange(len(metal)), seed=np.random.default_rng(0)).bootstrap(300)
    drawn = [(np.std(fast[i[0]], ddof=1), np.std(metal[i[0]], ddof=1)) for i, _ in made]
    both = np.array(drawn) * math.sqrt(comparison.market.periods_per_year)
    row = found.intervals.set_index(["strategy", "metric"]).loc[("fast", "volatility")]
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(both[:, 0], [0.025, 0.975]))
    assert [row["difference_low"], row["difference_high"]] == pytest.approx(np.quantile(both[:, 0] - both[:, 1], [0.025, 0.975]))


def test_decisions_are_moved_in_a_circle() -> None:
    rows, nan = np.array([0, 3, 7]), np.nan
    weights, contribution_split = np.array([[1.0, 0.0], [nan, 1.0], [0.5, nan]]), np.array([[1.0, 0.0], [nan, nan], [0.5, 0.5]])
    said = TimedDecisions.of(rows, weights, contribution_split)
    new, moved_weights, moved_invest = rotate_decisions(said, 10, 4)
    # bar 7 comes to bar 1, bar 0 to bar 4, bar 3 to bar 7; bar 0 states what stood before bar 7
    assert new.tolist() == [0, 1, 4, 7]
    np.testing.assert_array_equal(moved_weights, [[1.0, 1.0], [0.5, nan], [1.0, 0.0], [nan, 1.0]])
    np.testing.assert_array_equal(moved_invest, [[1.0, 0.0], [0.5, 0.5], [1.0, 0.0], [nan, nan]])
    new, moved_weights, _ = rotate_decisions(said, 10, 3)  # bar 7 comes to bar 0
    assert new.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(moved_weights[0], [0.5, 1.0])
    assert rotate_decisions(said, 10, 0)[1] is weights


def test_moves_keep_away_from_what_was_known() -> None:
    draw = np.random.default_rng(0)
    assert draw_offsets(100, 10, 1000, draw).tolist() == list(range(11, 90))
    some = draw_offsets(1000, 10, 50, draw)
    assert len(set(some)) == 50
    assert some.min() > 10
    assert some.max() < 990
    assert draw_offsets(100, 90, 1000, draw).tolist() == list(range(26, 75))


def test_a_twin_is_a_whole_run_of_the_moved_decisions(market: ob.Market, comparison: ob.Comparison, found: ob.Significance) -> None:
    """A strategy that states the moved switches has the same return on the reference engine, costs and contributions and all."""
    opening, bars = market.opening, len(market)
    plan = THREE["fast"].decide(comparison.market).on(comparison.market).opening_at(comparison.market.opening)
    at, by = comparison.market.opening, 200
    rows, weights = plan.rows - at, plan.weights
    assert opening == 0
    length = bars - at

    class Moved(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            dense = np.full((length, 2), np.nan)
            dense[rows] = np.nan_to_num(weights)  # the rotation states both sides at each switch
            held = pd.DataFrame(dense).ffill().fillna(0.0).to_numpy()
            rolled = np.roll(held, by, axis=0)
            said = np.roll(dense, by, axis=0)
            said[0] = rolled[0]
            return ob.Decisions(
                weights=np.vstack((np.full((at, 2), np.nan), said)), contribution_split=np.vstack((np.zeros((at, 2)), rolled))
            )

    run = ob.backtest(Moved(), market, ACCOUNT, start=at, check_lookahead=False)
    from orebody.research.significance.random_timing import _decide, _growth

    said = _decide(plan, at)
    assert not isinstance(said, str)
    own, shifted = _growth(said, np.array([0, by]), 0.0, comparison)
    assert shifted == pytest.approx(float((1 + run.returns).prod() - 1), rel=1e-9)
    assert own == pytest.approx(comparison.metrics["fast"].total_return, rel=1e-9)
    assert found.random_timing is not None
    assert found.random_timing.at["fast", "total_return"] == pytest.approx(own, rel=1e-9)


def test_the_table_holds_together(comparison: ob.Comparison, found: ob.Significance) -> None:
    table = found.table
    assert list(table.index) == [label for label in comparison.results if label in THREE]
    for label, row in table.iterrows():
        assert row["sharpe"] == pytest.approx(comparison.metrics[label].sharpe, rel=1e-9)
        result = comparison.results[label]
        gap = np.log1p(result.returns).sum() - np.log1p(result.benchmark.returns).sum()
        assert row["growth_ahead"] == pytest.approx(gap / (len(result.returns) - 1) * comparison.market.periods_per_year, rel=1e-9)
        assert row["deflated"] < row["probabilistic"]
        assert row["p_single"] <= row["p_value"]
    assert found.spa is not None
    assert found.n_trials == 3
    again = ob.significance(comparison, samples=300)
    pd.testing.assert_frame_equal(again.table, table, check_exact=True)
    pd.testing.assert_frame_equal(again.intervals, found.intervals, check_exact=True)
    other = ob.significance(comparison, samples=300, seed=1)
    assert not np.array_equal(other.intervals["low"], found.intervals["low"])


def test_more_tries_deflate_more(comparison: ob.Comparison, found: ob.Significance) -> None:
    more = ob.significance(comparison, samples=100, metrics=["sharpe"], level=0.9, n_trials=500)
    assert (more.table["deflated"] < found.table["deflated"]).all()
    assert more.n_trials == 500
    assert "500 tries" in " ".join(more.sentences)


def test_a_sweep_is_judged_point_by_point(market: ob.Market) -> None:
    grid = [{"window": 20, "entry": 1.0}, {"window": 120, "entry": 1.0}, {"window": 60, "entry": 1.0}, {"window": 60, "entry": -1.0}]
    sweep = ob.sweep(RatioRotation, grid, market, ACCOUNT, keep="equity")
    found = ob.significance(sweep, samples=200, level=0.9)
    assert found.n_trials == 4
    assert list(found.table.index)[-1] == "window 60, entry -1.0"
    assert "entry" in found.table["note"].iloc[-1]
    best = sweep.best
    assert found.table.index[0] == f"window {best['window']}, entry {best['entry']}"
    assert found.table["sharpe"].iloc[0] == pytest.approx(best["sharpe"], rel=1e-9)
    assert found.random_timing is None
    assert "n_trials=" in found.notes["random_timing"]
    by_run = {repr(one): one for one in (RatioRotation(window=20), RatioRotation(window=120), RatioRotation(window=60))}
    compared = ob.significance(ob.compare(by_run, market, ACCOUNT, engine="compiled"), samples=200, level=0.9)
    assert sorted(found.table["p_value"].dropna()) == pytest.approx(sorted(compared.table["p_value"]), abs=1e-12)
    with pytest.raises(ParameterError, match="run it with keep='equity'"):
        ob.significance(ob.sweep(RatioRotation, grid[:2], market, ACCOUNT))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"samples": 50}, ParameterError, "a whole number from 100"),
        ({"samples": 100, "level": 0.99}, ParameterError, "take at least 200"),
        ({"seed": -1}, ParameterError, "seed is -1"),
        ({"level": 1.0}, ParameterError, "from 0.5 to below 1"),
        ({"blocks": 7}, ParameterError, "an even whole number from 2 to 20"),
        ({"metrics": ["xirr"]}, UnknownNameError, "metric with an interval 'xirr'"),
        ({"metrics": "cagr"}, ParameterError, "give a list"),
        ({"metrics": []}, ParameterError, "give at least one"),
        ({"n_trials": 2}, ParameterError, "3 were tried here alone"),
        ({"n_trials": 10**13}, ParameterError, "a whole number up to 1,000,000,000,000"),
    ],
)
def test_what_is_out_of_bounds_is_refused(comparison: ob.Comparison, options: dict[str, object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        ob.significance(comparison, **options)  # type: ignore[arg-type]


def test_nothing_else_is_judged() -> None:
    with pytest.raises(ParameterError, match="neither a comparison nor a sweep"):
        ob.significance(5)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="at least one strategy"):
        ob.significance(ob.compare({}, random_market(1, bars=100)))
    with pytest.raises(DataError, match="39 bars after their first, 60 are needed"):
        ob.significance(ob.compare([BuyAndHold()], random_market(1, bars=40)))


def test_without_arch_it_names_the_extra(comparison: ob.Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arch.bootstrap", None)
    with pytest.raises(UnsupportedError, match=r"install orebody\[research\]"):
        ob.significance(comparison)


def test_what_cannot_be_said_says_why() -> None:
    market = random_market(5, bars=100, start="2020-01-01")

    class Never(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.empty((0, 2)), rows=np.empty(0, dtype=int))

    strategies = {"metal": BuyAndHold(), "cash": Never(), "averaging": DollarCostAverage(), "core": CoreSatellite()}
    found = ob.significance(ob.compare(strategies, market), samples=100, level=0.9, blocks=20)
    assert found.table.at["cash", "note"] == "its returns over cash are constant: it has no Sharpe ratio"
    assert np.isnan(found.table.at["cash", "sharpe"])
    metal = np.log1p(ob.backtest(BuyAndHold(), market, check_lookahead=False).returns.to_numpy()[1:])
    cash = np.log1p(market.cash_rate[:-1] * np.diff(market.dates).astype("timedelta64[D]").astype(int) / 365)
    assert found.table.at["cash", "growth_ahead"] == pytest.approx((cash - metal).mean() * market.periods_per_year)
    assert found.table.at["cash", "p_value"] > 0
    assert found.table.at["metal", "note"] == "it never differs from the metal"
    assert "under one year" in found.intervals.set_index(["strategy", "metric"]).at[("core", "cagr"), "note"]
    assert "at least 5 are needed" in found.notes["overfitting"]
    assert found.random_timing is not None
    assert "spends cash in parts" in found.random_timing.at["averaging", "note"]
    assert "no timing" in found.random_timing.at["core", "note"]
    frames = (found.table, found.intervals, found.random_timing)
    for frame in frames:
        silent = frame.drop(columns="note").isna().any(axis=1) & (frame["note"] == "")
        assert not silent.any()
    said = " ".join(found.sentences)
    assert "cash is not judged" not in said
    assert re.search(r"^cash +NaN", repr(found), re.M)  # it is one of the 4, so its row is there
    assert "Of 4 strategies, " in said
    assert "No probability of overfitting" in said
    alone = ob.significance(ob.compare({"only": BuyAndHold(split={"miners": 1.0})}, market), samples=100, level=0.9)
    assert "at least 2 strategies" in alone.notes["overfitting"]
    same = ob.significance(ob.compare({"only": BuyAndHold()}, market), samples=100, level=0.9)
    assert same.spa is None
    assert "none of them ever differs" in " ".join(same.sentences)


def test_cash_beats_a_metal_that_falls_and_counts() -> None:
    """A metal that loses 0.6 % a day with little noise: cash, which has no Sharpe ratio, is better beyond doubt."""
    days, draw = pd.bdate_range("2020-01-01", periods=250), np.random.default_rng(3)
    paths = {name: 100 * np.exp(np.cumsum(draw.normal(-0.006, 0.01, 250))) for name in ("METAL", "MINER")}
    frames = {name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), path), index=days) for name, path in paths.items()}

    class Cash(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.empty((0, 2)), rows=np.empty(0, dtype=int))

    found = ob.significance(ob.compare({"cash": Cash()}, ob.Market.from_frames(frames)), samples=200, level=0.9, blocks=4)
    assert found.better == ["cash"]
    assert found.table.at["cash", "p_value"] < 0.01
    assert "grew faster than" in found.sentences[0]
    assert "The best Sharpe ratio" not in " ".join(found.sentences)


def test_a_ruined_run_is_counted_and_not_judged() -> None:
    days = pd.bdate_range("2020-01-01", periods=120)
    draw = np.random.default_rng(1)
    metal = 100 * np.exp(np.cumsum(draw.normal(0, 0.01, 120)))
    miner = np.where(np.arange(120) < 60, 50.0, 250.0) * np.exp(draw.normal(0, 0.01, 120))
    frames = {
        name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), path), index=days)
        for name, path in (("METAL", metal), ("MINER", miner))
    }

    class Short(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.array([[np.nan, -1.0]]), rows=np.array([0]))

    found = ob.significance(
        ob.compare({"short": Short(), "half": CoreSatellite()}, ob.Market.from_frames(frames)), samples=100, level=0.9, blocks=4
    )
    assert found.table.at["short", "note"] == f"ruined on {days[60].date()}"
    assert found.n_trials == 2
    assert "2 tries were made" in " ".join(found.sentences)


def test_progress_goes_forward_and_ends(comparison: ob.Comparison) -> None:
    told: list[tuple[int, int, str]] = []
    ob.significance(comparison, samples=150, level=0.9, progress=lambda *one: told.append(one))
    done = [one[0] for one in told]
    assert done == sorted(done)
    assert told[-1] == (155, 155, "done")


def test_the_page_escapes_names_and_is_the_same_twice(tmp_path: Path, market: ob.Market) -> None:
    comparison = ob.compare({"<script>alert(1)</script>": RatioRotation(window=20), "$x$ _": RatioRotation(window=40)}, market)
    found = ob.significance(comparison, samples=100, level=0.9)
    page = found.report(tmp_path / "one.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count('<figure class="plot">') == 3
    assert set(re.findall(r'class="chart"[^>]* id="([^"]*)"', page)) == {f"picture-1-{at}-1" for at in (1, 2, 3)}
    assert found.sentences[0] in page
    assert page == found.report(tmp_path / "two.html").read_text(encoding="utf-8")
    assert found.sentences[0] in repr(found)
    assert dataclasses.is_dataclass(found)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.n_trials = 1  # type: ignore[misc]


@needs_real_prices
def test_no_rotation_beats_gold_on_real_prices_after_counting() -> None:
    market = ob.load_market("gold", source=FOLDER, end="2025-12-31")
    sweep = ob.sweep(RatioRotation, {"window": range(40, 261, 20), "entry": [0.5, 1.0, 1.5]}, market, ACCOUNT, keep="equity")
    found = ob.significance(sweep, samples=200, level=0.9, metrics=METRICS[:1])
    assert found.n_trials == 36
    assert found.better == []


def test_the_probability_of_overfitting_counts_what_stands_beside_it(comparison: ob.Comparison) -> None:
    found = ob.significance(comparison, samples=100, blocks=4)
    fit = found.overfitting
    assert fit is not None
    for below, at in ((0.25, 0.0), (0.25, 0.5)):
        made = dataclasses.replace(fit, probability=below + at, below_median=below, at_median=at, expected=0.5, loss=0.125)
        said = " ".join(dataclasses.replace(found, overfitting=made).sentences)
        assert f"a probability of overfitting of {below + at:.1%}{', which counts both' if at else ''}, where choosing" in said
        assert "It lost against cash in 12.5%." in said
        assert ("exactly at it in 50.0%" in said) == bool(at)
