"""Sweeps: each row is the run it stands for, what cannot be is said, and nothing depends on how the work was cut up."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from html_pages import Page
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cases import drawn

import orebody as ob
from orebody.engine import kernel
from orebody.engine.inputs import build_inputs
from orebody.errors import DataError, LookAheadError, ParameterError, UnknownNameError
from orebody.metrics.performance import years_between
from orebody.research.sweep import analysis as sweeping
from orebody.research.sweep import runner as working
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import random_market

MARKET = random_market(11, bars=700)
GRID = {"window": range(20, 61, 10), "entry": [0.5, 1.0, 1.5]}
ACCOUNT = ob.Account(contribution=300, costs=ob.Costs(commission=0.001, fixed_fee=1.0))


@dataclass(frozen=True)
class Halved(ob.Strategy):
    """Do what another strategy does with half of the money."""

    inner: ob.Strategy = ob.parameter(RatioRotation(), "what is halved")  # noqa: RUF009 - a strategy is frozen
    share: float = ob.parameter(0.5, "share of the money", low=0.0, high=1.0)

    @property
    def bars_needed(self) -> int:
        return self.inner.bars_needed

    def decide(self, market: ob.Market) -> ob.Decisions:
        inner = self.inner.decide(market)
        return ob.Decisions(weights=np.asarray(inner.weights) * self.share, rows=inner.rows)


def test_each_row_is_the_run_it_stands_for() -> None:
    result = ob.sweep(RatioRotation, GRID, MARKET, ACCOUNT)
    assert result.n_trials == len(result.table) == 15
    assert result.market.opening == 59  # when the slowest of them can decide
    for row in result.table.to_dict("records"):
        strategy = RatioRotation(window=row["window"], entry=row["entry"])
        for engine in ("compiled", "backtrader"):
            figures = ob.backtest(strategy, MARKET, ACCOUNT, engine=engine, start=59).metrics()
            for name in sweeping.METRICS:
                assert row[name] == pytest.approx(getattr(figures, name), rel=1e-8, abs=1e-10, nan_ok=True), name
        assert row["status"] == ""


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_kernels_figures_are_the_metrics_on_any_market_and_account(seed: int) -> None:
    case = drawn(seed)
    result, plan, inputs = case.result("compiled"), case.plan, build_inputs(case.market, case.account)
    out, years = np.empty((1, len(kernel.FIGURES))), years_between(case.market.dates[0], case.market.dates[-1])
    told = plan.rows, plan.weights, plan.deploy, plan.contribution_split, np.array([plan.band]), np.array([len(plan.rows)])
    kernel.simulate_all(inputs, *told, float(case.market.periods_per_year), years, out, np.empty((0, len(case.market))))
    figures = result.metrics()
    for name, value in zip(kernel.FIGURES, out[0], strict=True):
        expected = result.record.ruined if name == "ruined" else getattr(figures, name)
        scale = abs(figures.final_equity) if name in ("profit", "final_equity") else 1.0
        assert value == pytest.approx(expected, rel=1e-7, abs=1e-9 * max(scale, 1.0), nan_ok=True), name


def test_nothing_depends_on_how_the_work_is_cut_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ob.sweep(RatioRotation, GRID, MARKET, ACCOUNT, keep="equity")
    monkeypatch.setattr(working, "CHUNK", 2)
    cut = ob.sweep(RatioRotation, GRID, MARKET, ACCOUNT, keep="equity")
    pd.testing.assert_frame_equal(whole.table, cut.table, check_exact=True)
    assert whole.equity is not None
    assert cut.equity is not None
    pd.testing.assert_frame_equal(whole.equity, cut.equity, check_exact=True)
    one = ob.backtest(RatioRotation(window=20, entry=0.5), MARKET, ACCOUNT, engine="compiled", start=59)
    np.testing.assert_allclose(whole.equity[0], one.equity, rtol=1e-12)


def test_a_strategy_that_is_wrapped_is_addressed_by_a_dot() -> None:
    result = ob.sweep(Halved, {"share": [0.3, 0.6], "inner.window": [20, 40]}, MARKET)
    assert result.parameters == ("share", "inner.window")
    for row in result.table.to_dict("records"):
        strategy = Halved(inner=RatioRotation(window=row["inner.window"]), share=row["share"])
        figures = ob.backtest(strategy, MARKET, engine="compiled", start=39).metrics()
        assert row["final_equity"] == pytest.approx(figures.final_equity)
    with pytest.raises(UnknownNameError, match="unknown parameter of ratio-rotation 'widow'; did you mean 'window'"):
        ob.sweep(Halved, {"inner.widow": [20]}, MARKET)
    with pytest.raises(ParameterError, match=r"share is no strategy, so there is no share\.x"):
        ob.sweep(Halved, {"share.x": [20]}, MARKET)


def test_a_point_is_a_strategy_again() -> None:
    result = ob.sweep(RatioRotation(exit=0.2), GRID, MARKET)
    assert result.strategy(4) == RatioRotation(window=30, entry=1.0, exit=0.2)  # the second of windows, the second of entries
    assert result.strategy(result.table.loc[np.int64(14)]) == RatioRotation(window=60, entry=1.5, exit=0.2)
    alone = ob.backtest(result.strategy(result.best), MARKET, engine="compiled", start=result.market.opening)
    assert alone.metrics().sharpe == pytest.approx(result.best["sharpe"])
    wrapped = ob.sweep(Halved(RatioRotation(entry=0.5)), {"share": [0.3, 0.6], "inner.window": [20, 40]}, MARKET)
    assert wrapped.strategy(1) == Halved(RatioRotation(window=40, entry=0.5), 0.3)
    assert type(wrapped.strategy(1).inner.window) is int  # type: ignore[attr-defined]
    narrowed = wrapped.table[["share", "inner.window"]].iloc[2]  # pandas makes 20 a 20.0
    assert wrapped.strategy(narrowed) == Halved(RatioRotation(window=20, entry=0.5), 0.6)


def test_what_is_no_point_is_refused() -> None:
    result = ob.sweep(RatioRotation, {"window": [20, 30, 0]}, MARKET)
    for point in (3, -1, True, 1.0, "best", None):
        with pytest.raises(ParameterError, match=r"there is no point .*, 0 to 2"):
            result.strategy(point)  # type: ignore[arg-type]
    renumbered = result.table.iloc[[1, 0]].reset_index(drop=True)
    with pytest.raises(ParameterError, match=r"row 0 of the sweep has window 20, the one given 30\.0"):
        result.strategy(renumbered.iloc[0])
    with pytest.raises(ParameterError, match="row 1 of the sweep has window 30, the one given 'none'"):
        result.strategy(result.table.drop(columns="window").loc[1])
    with pytest.raises(ParameterError, match="point 2 is no valid ratio-rotation: ratio-rotation: window is 0"):
        result.strategy(2)


def test_an_instance_keeps_its_other_parameters() -> None:
    result = ob.sweep(RatioRotation(window=30, exit=0.2), {"entry": [0.5, 1.0]}, MARKET)
    figures = ob.backtest(RatioRotation(window=30, entry=0.5, exit=0.2), MARKET, engine="compiled", start=29).metrics()
    assert result.table["final_equity"][0] == pytest.approx(figures.final_equity)


def test_points_may_be_listed_or_drawn() -> None:
    listed = ob.sweep(RatioRotation, [{"window": 20, "entry": 1.0}, {"window": 30, "entry": 0.5}], MARKET)
    assert listed.table["window"].tolist() == [20, 30]
    drawn_ = [ob.sweep(RatioRotation, GRID, MARKET, sample=6, seed=seed).table for seed in (1, 1, 2)]
    assert len(drawn_[0]) == 6
    pd.testing.assert_frame_equal(drawn_[0], drawn_[1])
    assert not drawn_[0].equals(drawn_[2])
    assert len(ob.sweep(RatioRotation, GRID, MARKET, sample=99).table) == 15


def test_a_point_that_fails_is_a_row_that_says_so() -> None:
    result = ob.sweep(RatioRotation, {"window": [1, 20, 5_000]}, MARKET)
    assert "at least 2" in result.table["status"][0]
    assert result.table["status"][2] == "ratio-rotation needs 5000 bars before it can decide, the market has 700"
    assert result.table["final_equity"].isna().tolist() == [True, False, True]
    assert result.best["window"] == 20
    assert result.table["window"].tolist() == [1, 20, 5_000]
    assert len(result.failed) == 2
    assert len(result.neighbourhood) == 1

    @dataclass(frozen=True)
    class Short(ob.Strategy):
        """Short the miners and wait."""

        size: float = ob.parameter(1.0, "size of the short", low=0.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.array([[0.0, -self.size]]), rows=np.array([market.opening]))

    shorts = ob.sweep(Short, {"size": [0.1, 0.9, 1.5]}, MARKET, ob.Account(maintenance_margin=0.0))
    assert "above the leverage limit of 1" in shorts.table["status"][2]
    refused = ob.sweep(Short, {"size": [0.0, 0.5]}, MARKET, ob.Account(shorting=False))
    assert "shorting=False" in refused.table["status"][1]


def test_ruin_is_a_row_that_says_so() -> None:
    days = pd.bdate_range("2020-01-01", periods=40)
    prices = np.full(40, 10.0)
    prices[20:] = 40.0
    frame = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), prices), index=days)
    market = ob.Market.from_frames({"M": frame.assign(Open=10.0, High=10.0, Low=10.0, Close=10.0), "N": frame})

    @dataclass(frozen=True)
    class Short(ob.Strategy):
        """Short the miners and wait."""

        size: float = ob.parameter(1.0, "size of the short", low=0.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.array([[0.0, -self.size]]), rows=np.array([market.opening]))

    result = ob.sweep(Short, {"size": [0.1, 1.0]}, market)
    assert result.table["status"].tolist() == ["", f"ruined on {days[20].date()}"]
    assert result.table["cagr"].isna().all()  # under a year


@pytest.mark.parametrize(
    ("grid", "error", "says"),
    [
        ({}, ParameterError, "the grid is empty"),
        ([], ParameterError, "the grid is empty"),
        ({"window": []}, ParameterError, "the grid's window has no values"),
        ({"window": 5}, ParameterError, "the grid's window is 5: give a list"),
        ({"window": "20"}, ParameterError, "give a list"),
        ({"widow": [5]}, UnknownNameError, "did you mean 'window'"),
        ({"window": [20, 20]}, ParameterError, "1 points more than once"),
        ([{"window": 20}, {"entry": 1.0}], ParameterError, "name different parameters"),
        ({"window": [1]}, ParameterError, "every point of the grid fails; the first: ratio-rotation: window is 1"),
        ({"window": [5_000]}, DataError, "every point needs at least 5000 bars"),
    ],
)
def test_grids_that_cannot_be(grid: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ob.sweep(RatioRotation, grid, MARKET)  # type: ignore[arg-type]


def test_none_and_mappings_can_be_swept(tmp_path: Path) -> None:
    result = ob.sweep(RatioRotation, {"exit": [None, 0.2, 0.5], "window": [20, 40]}, MARKET)
    assert result.table["exit"].tolist() == [None, None, 0.2, 0.2, 0.5, 0.5]
    assert len(result.places("exit")[0]) == 3
    assert "exit" in repr(result)
    result.report(tmp_path / "none.html")
    splits = ob.sweep(BuyAndHold, {"split": [{"metal": 1.0}, {"miners": 1.0}]}, MARKET)
    assert len(splits.neighbourhood) == 2


def test_the_page_of_another_metric_is_all_of_that_metric(tmp_path: Path) -> None:
    result = ob.sweep(RatioRotation, GRID, MARKET)
    page = Page(result.report(tmp_path / "t.html", metric="turnover").read_text(encoding="utf-8"))
    best = result.ordered("turnover").iloc[0]
    assert page.rows("table-1")[0][:2] == [str(best["window"]), f"{best['entry']:g}"]
    assert f"best turnover {best['turnover']:.4g}" in page.words
    marker = result.heatmap("turnover").axes[0].get_lines()[0]
    assert [result.places("window")[0][int(marker.get_xdata()[0])], result.places("entry")[0][int(marker.get_ydata()[0])]] == [  # type: ignore[index]
        best["window"],
        best["entry"],
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ratio-rotation", GRID, MARKET), "is not a strategy"),
        ((int, GRID, MARKET), "is not a strategy"),
        ((RatioRotation, GRID, pd.DataFrame()), "market is a table"),
        ((RatioRotation, GRID, MARKET, {"cash": 1}), "account is {'cash': 1}"),
        ((RatioRotation, 5, MARKET), "the grid is 5"),
        ((RatioRotation, [1], MARKET), r"the grid is \[1\]"),
        ((RatioRotation, {5: [1]}, MARKET), "names the parameter 5"),
        ((RatioRotation, [{"window": np.int64(60)}, {"window": 60}], MARKET), "more than once"),
        ((RatioRotation, {"entry": [1, 1.0]}, MARKET), "more than once"),
    ],
)
def test_bad_requests_are_one_sentence(arguments: tuple[object, ...], says: str) -> None:
    with pytest.raises(ob.OrebodyError, match=says):
        ob.sweep(*arguments)  # type: ignore[arg-type]


def test_strategies_that_cannot_be_swept_are_said() -> None:
    @dataclass(frozen=True)
    class Odd(ob.Strategy):
        """Decide nothing that could be carried out."""

        size: float
        costs: float = ob.parameter(1.0, "a name that the table has", low=0.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            return None  # type: ignore[return-value]

    with pytest.raises(ob.OrebodyError, match="cannot be swept"):
        ob.sweep(Odd, {"costs": [1.0]}, MARKET)
    with pytest.raises(ob.OrebodyError, match=r"decide returned a NoneType"):
        ob.sweep(Odd, {"size": [1.0]}, MARKET)


def test_too_late_to_check_is_said() -> None:
    assert ob.sweep(RatioRotation, {"window": [60]}, MARKET, start=len(MARKET) - 1).checked == "too short to check for look-ahead"


def test_other_requests_that_cannot_be() -> None:
    with pytest.raises(UnknownNameError, match="unknown metric 'shrap'; did you mean 'sharpe'"):
        ob.sweep(RatioRotation, GRID, MARKET, metric="shrap")
    with pytest.raises(ParameterError, match="keep is 'all'"):
        ob.sweep(RatioRotation, GRID, MARKET, keep="all")
    with pytest.raises(ParameterError, match="sample is 0"):
        ob.sweep(RatioRotation, GRID, MARKET, sample=0)


def test_a_strategy_that_looks_ahead_is_refused() -> None:
    @dataclass(frozen=True)
    class Peeks(ob.Strategy):
        """Hold the metal before it rises."""

        size: float = ob.parameter(1.0, "how much", low=0.0, high=1.0)

        def decide(self, market: ob.Market) -> ob.Decisions:
            decisions = ob.Decisions.empty(market)
            decisions.weights[:-1, 0] = (market.close[1:, 0] > market.close[:-1, 0]) * self.size  # type: ignore[index]
            return decisions

    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.sweep(Peeks, {"size": [0.5, 1.0]}, MARKET)
    assert ob.sweep(Peeks, {"size": [0.5, 1.0]}, MARKET, check_lookahead=False).checked == "not checked for look-ahead"


def test_best_and_neighbours() -> None:
    result = ob.sweep(RatioRotation, GRID, MARKET, metric="max_drawdown")
    assert result.best["max_drawdown"] == result.table["max_drawdown"].max()
    cheap = ob.sweep(RatioRotation, GRID, MARKET, metric="costs")
    assert cheap.best["costs"] == cheap.table["costs"].min()
    near = result.neighbourhood
    windows, entries = sorted(GRID["window"]), [0.5, 1.0, 1.5]
    for row in result.table.to_dict("records"):
        steps = (
            abs(windows.index(row["window"]) - windows.index(result.best["window"])),
            abs(entries.index(row["entry"]) - entries.index(result.best["entry"])),
        )
        assert (max(steps) <= 1) == bool(((near["window"] == row["window"]) & (near["entry"] == row["entry"])).any())


def test_words_can_be_swept() -> None:
    result = ob.sweep(DollarCostAverage, {"every": ["month", "quarter"], "installments": [4, 8]}, MARKET)
    assert result.table["every"].tolist() == ["month", "month", "quarter", "quarter"]
    assert len(result.neighbourhood) == 4


def test_progress_and_an_interrupt() -> None:
    told: list[tuple[int, int, str]] = []
    ob.sweep(RatioRotation, {"window": range(10, 260)}, MARKET, progress=lambda *step: told.append(step))
    assert told[-1] == (250, 250, "points")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        ob.sweep(RatioRotation, {"window": range(10, 260)}, MARKET, progress=interrupt)
    assert threading.active_count() == before


def test_the_page(tmp_path: Path) -> None:
    result = ob.sweep(
        RatioRotation, {"window": [1, 20, 30, 40], "entry": [0.5, 1.0]}, ob.load_market("gold", source="sample", start="2020-01-01")
    )
    page = Page(result.report(tmp_path / "sweep.html").read_text(encoding="utf-8"))
    assert page.words.startswith("SIMULATED")
    assert page.rows("table-1")[0][:2] == [str(result.best["window"]), f"{result.best['entry']:g}"]
    assert len(page.rows("table-3")) == 2
    assert len(page.rows("table-2")) == len(result.neighbourhood) + 2  # and the benchmarks
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    axes = result.heatmap("cagr").axes[0]
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_allclose(shown, result.table.pivot(index="entry", columns="window", values="cagr").to_numpy())
    with pytest.raises(ParameterError, match="a heatmap needs two parameters, the sweep has 1"):
        ob.sweep(RatioRotation, {"window": [20, 30]}, MARKET).heatmap()


def test_the_kernel_is_compiled_once_whatever_comes() -> None:
    for seed in range(40):
        drawn(seed).result("compiled")
    assert len(kernel.simulate.signatures) == 1
