"""Walk-forward: chosen on the past alone, traded on what came next, in one account; each step against a plain sweep or a loop by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from html_pages import Page
from small_markets import FREE, market
from walk_forward_fixture import ACCOUNT, GRID, MARKET, Holds, bars_of, days, point, walked

import orebody as ob
from orebody.cli.main import main
from orebody.cli.show.sweep import print_sweep
from orebody.errors import DecisionError, LookAheadError, ParameterError
from orebody.metrics.performance import years_between
from orebody.strategies import DollarCostAverage, RatioRotation

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
    walk = ob.walk_forward(Holds, {"column": [0, 1]}, by_hand(), account, 4, 3, metric="total_return", engine=engine, check_lookahead=False)
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
        one = ob.backtest(point(row), cut, ACCOUNT, start=window.train, engine="compiled", check_lookahead=False).metrics()
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


@pytest.mark.parametrize("metric", ["sharpe", "max_drawdown", "costs"])
def test_each_choice_is_the_best_of_a_sweep_over_its_training(metric: str) -> None:
    walk = walked(metric=metric, purge=7)
    assert len(walk.windows) == 5
    for at, (row, window) in enumerate(zip(walk.windows.to_dict("records"), bars_of(walk), strict=True)):
        sweep = ob.sweep(RatioRotation, GRID, MARKET.cut(window.trained), ACCOUNT, metric=metric, start=window.train, check_lookahead=False)
        assert [row["window"], row["entry"]] == [sweep.best["window"], sweep.best["entry"]]
        np.testing.assert_array_equal(walk.runs.in_sample[at], sweep.table[metric])
        after = ob.sweep(
            RatioRotation, GRID, MARKET.cut(window.tested), ACCOUNT, metric=metric, start=window.test - 1, check_lookahead=False
        )
        np.testing.assert_array_equal(walk.runs.out_of_sample[at], after.table[metric])
        place = after.ordered().index.get_loc(sweep.best.name) + 1
        ties = (after.table[metric] == row["out_of_sample"]).sum()
        assert place - ties < row["rank"] <= place
        assert row["ranked"] == 15


def test_strategies_that_ask_when_accounts_open_are_asked_on_each_window() -> None:
    grid = {"installments": [1, 3, 12], "split": [{"metal": 1.0}, {"miners": 1.0}]}
    account = ob.Account(contribution=500)
    walk = ob.walk_forward(DollarCostAverage, grid, MARKET, account, 150, 100, check_lookahead=False)
    for at, window in enumerate(bars_of(walk)):
        sweep = ob.sweep(DollarCostAverage, grid, MARKET.cut(window.trained), account, start=window.train, check_lookahead=False)
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
    walk = ob.walk_forward(Later, grid, by_hand(), account, 4, 3, metric="total_return", check_lookahead=False)
    assert walk.windows["column"].tolist() == [0, 1, 1]  # in force to before bar 6's close, it did not come to that
    assert walk.trials["status"].tolist()[0] == ""
    assert "above the leverage limit of 1" in walk.trials["status"].tolist()[4]
    with pytest.raises(DecisionError, match=r"sum to 3 on 2024-01-08, above the leverage limit of 1"):
        ob.walk_forward(
            Later,
            [{"column": 0, "when": 5}, {"column": 1, "when": 20}],
            by_hand(),
            account,
            4,
            3,
            metric="total_return",
            check_lookahead=False,
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
    assert "not checked" in ob.walk_forward(Peeks, {"size": sizes}, MARKET, None, 200, 100, check_lookahead=False).result.checked


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((RatioRotation, {}, MARKET, None, 200, 100), "the grid is empty"),
        ((RatioRotation, {"window": [20]}, MARKET, None, 200, 100), "the grid has one point, which leaves nothing to choose"),
        ((RatioRotation, {"window": [0, 1]}, MARKET, None, 200, 100), "no point of the grid has a sharpe .*window is 0"),
        ((RatioRotation, GRID, "gold", None, 200, 100), "market is .gold.: give what orebody.load_market"),
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

    walk = ob.walk_forward(
        Short, {"size": [0.1, 1.0]}, bars, ob.Account(costs=FREE, maintenance_margin=0.0), 10, 10, metric="costs", check_lookahead=False
    )
    assert walk.windows["size"].tolist()[0] == 0.1
    assert walk.trials["status"][1] == "ruined on 2024-01-08"


def test_ties_go_to_the_first_point() -> None:
    walk = ob.walk_forward(Holds, {"column": [1, 0, -1]}, days(60), None, 20, 20, metric="costs", check_lookahead=False)
    assert walk.windows["column"].tolist() == [-1, -1]
    equal = ob.walk_forward(Holds, {"column": [1, 0]}, days(60), None, 20, 20, metric="total_return", check_lookahead=False)
    assert equal.windows["column"].tolist() == [1, 1]


# what is shown


def test_the_page_the_table_and_the_words(tmp_path: Path) -> None:
    sample = ob.load_market("gold", source="sample", start="2014-01-01")
    walk = ob.walk_forward(RatioRotation, {"window": [20, 40, 60], "exit": [None, 0.2]}, sample, ACCOUNT, "3 years", "1 year", purge=2)
    text = walk.report(tmp_path / "walk.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.words.startswith("SIMULATED")
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
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


@dataclass(frozen=True)
class Idle(ob.Strategy):
    """Cash, whatever its parameter."""

    size: int = ob.parameter(1, "changes nothing", low=0)

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions.empty(market)


def test_points_that_do_equally_well_count_half() -> None:
    alike = ob.walk_forward(Idle, {"size": [1, 2, 3]}, days(60), None, 20, 20, metric="final_equity")
    assert alike.windows["rank"].tolist() == [1, 1]
    assert alike.relative_rank == 0.5
    assert "50% of the other points did better" in repr(alike)
    assert "nan" not in repr(alike)  # cash has no Sharpe ratio
    assert any("50 % of the other points" in said and "equal ones counted half" in said for said in alike.sentences)


def test_a_sweep_in_which_no_point_has_the_figure_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    swept = ob.sweep(Idle, {"size": [1, 2, 3]}, days(60))
    assert "3 points, 0 failed; no point has a sharpe" in repr(swept)
    print_sweep(swept)
    shown = capsys.readouterr().out
    assert "nan" not in " ".join((repr(swept), *swept.sentences, swept._repr_html_(), shown))


def test_luck_by_hand() -> None:
    walk = walked()
    shares = []
    for step, mine in walk.windows["out_of_sample"].items():
        every = walk.trials.loc[walk.trials["step"] == step, "out_of_sample"].dropna().tolist()
        better, equal = sum(one > mine for one in every), sum(one == mine for one in every) - 1
        shares.append((better + equal / 2) / (len(every) - 1))
    assert walk.relative_rank == pytest.approx(np.mean(shares))
    under_a_year = walked(metric="total_return")
    assert 0 <= under_a_year.relative_rank <= 1


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
