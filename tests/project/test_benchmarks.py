"""The benchmarks beside every table of figures: the metal and the miners with the same cash flows, and how many beat them."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runner import call
from html_pages import Page
from small_markets import FREE, Told, market

import orebody as ob
from orebody.metrics.beating import beating, count_beating
from orebody.report.comparison.strategy_page import Files, html
from orebody.research.sweep.analysis import Sweep
from orebody.research.walk_forward.result import WalkForward
from orebody.strategies import BuyAndHold, RatioRotation
from orebody.testing import random_market

DAYS = pd.bdate_range("2020-01-01", periods=5)
ACCOUNT = ob.Account(cash=1_000, costs=FREE, cash_rate=0.0)
METAL, MINER, HALVES = {"metal": 1.0}, {"miners": 1.0}, {"metal": 0.5, "miners": 0.5}


def prices() -> ob.Market:
    """Return a metal that goes from 10 to 15 and a miner that goes from 10 to 5, bought at the open of the second bar."""
    opens = [[10.0, 10.0], [10.0, 10.0], [11.0, 9.0], [13.0, 8.0], [14.0, 6.0]]
    closes = [[10.0, 10.0], [11.0, 9.0], [13.0, 8.0], [14.0, 6.0], [15.0, 5.0]]
    return market(DAYS, opens, closes)


def swept() -> Sweep:
    return ob.sweep(BuyAndHold, {"split": [METAL, MINER, HALVES]}, prices(), ACCOUNT, check_lookahead=False)


def sharpe(closes: list[float], per_year: float) -> float:
    """Return the Sharpe ratio of an account that is worth this at each close, with nothing earned on cash."""
    moves = [then / now - 1 for now, then in itertools.pairwise(closes)]
    mean = sum(moves) / len(moves)
    return mean / math.sqrt(sum((move - mean) ** 2 for move in moves) / (len(moves) - 1)) * math.sqrt(per_year)


def test_a_sweep_has_the_metal_and_the_miners_by_arithmetic() -> None:
    result = swept()
    assert list(result.benchmarks.index) == ["metal: A", "miners: B"]
    assert result.benchmarks["final_equity"].tolist() == pytest.approx([1_500, 500])
    per_year = result.market.periods_per_year
    ratios = [sharpe([1_000, 1_100, 1_300, 1_400, 1_500], per_year), sharpe([1_000, 900, 800, 600, 500], per_year)]
    assert result.benchmarks["sharpe"].tolist() == pytest.approx(ratios)
    assert result.benchmarks["max_drawdown"].tolist() == pytest.approx([0, -0.5])
    assert set(result.benchmarks.columns) <= set(result.table.columns)


def test_a_point_that_is_the_benchmark_does_not_beat_it() -> None:
    result = swept()
    metal, miners = (row for _, row in result.benchmarks.iterrows())
    assert count_beating(result.table, metal) == {"sharpe": 0, "final_equity": 0}
    assert count_beating(result.table, miners) == {"sharpe": 2, "final_equity": 2}  # the metal, and half of each
    held = result.benchmarks["sharpe"]
    assert result.beating == (
        f"0 of 3 points beat holding A by Sharpe ({held.iloc[0]:.2f}), 0 by final equity (1,500.00); "
        f"2 beat holding the miners by Sharpe ({held.iloc[1]:.2f}), 2 by final equity (500.00)"
    )


def test_points_without_figures_beat_nothing_and_are_counted() -> None:
    figures = pd.DataFrame({"sharpe": [np.nan, 2.0, 0.5], "final_equity": [np.nan, 90.0, 120.0]})
    held = pd.DataFrame({"sharpe": [np.nan, 1.0], "final_equity": [100.0, 80.0]}, index=["metal: G", "miners: M"])
    assert beating(figures, held, "G") == (
        "1 of 3 points beat holding G by final equity (100.00); 1 beat holding the miners by Sharpe (1.00), 2 by final equity (80.00)"
    )


def test_the_benchmarks_of_a_sweep_are_those_of_a_comparison() -> None:
    account = ob.Account(contribution=300, costs=ob.Costs(commission=0.001, fixed_fee=1.0))
    result = ob.sweep(RatioRotation, {"window": [20, 60]}, random_market(11, bars=700, miners=2), account)
    table = ob.compare([RatioRotation()], result.market, account, start=result.market.opening).table
    for label, row in result.benchmarks.iterrows():
        for name, value in row.items():
            assert value == pytest.approx(table.at[label, name], rel=1e-9, abs=1e-12), name


def test_a_sweep_says_it_wherever_its_figures_are(tmp_path: Path) -> None:
    result = ob.sweep(RatioRotation, {"window": [20, 60], "entry": [0.5, 1.0]}, random_market(11, bars=300))
    assert result.beating in repr(result)
    assert result.beating in result.sentences[1]
    assert result.beating in result._repr_html_()
    assert result.beating in result.heatmap().axes[0].get_title()
    words = Page(result.report(tmp_path / "sweep.html").read_text(encoding="utf-8")).words
    assert result.beating in words
    assert words.count("(benchmark)") == 4  # two tables of two
    table = next(one for one in result.section().tables)
    assert [row[0] for row in table.rows[-2:]] == [f"{label} (benchmark)" for label in result.benchmarks.index]
    assert result.beating in result.section().pictures[0].alternative


def test_a_sweep_says_it_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sweep", "ratio-rotation", "gold", "--source", "sample", "--grid", "window=20,60"]
    code, out, _ = call(capsys, *asked)
    text = " ".join(out.split())
    assert not code
    assert "of 2 points beat holding SIM-GOLD by Sharpe" in text
    assert text.count("(benchmark)") == 2
    _, out, _ = call(capsys, *asked, "--json")
    held = json.loads(out)["benchmarks"]
    assert [one["strategy"] for one in held] == ["metal: SIM-GOLD", "miners: SIM-MINERS"]
    assert all(set(one["beaten_by"]) == {"sharpe", "final_equity"} for one in held)
    assert all(one["figures"]["final_equity"] > 0 for one in held)


def walked() -> WalkForward:
    market = random_market(11, bars=900)
    return ob.walk_forward(RatioRotation, {"window": [20, 40]}, market, ob.Account(contribution=300), train="1 year", test="6 months")


def test_a_walk_forward_has_the_benchmarks_on_its_own_dates() -> None:
    walk = walked()
    market = walk.result.market
    metal = ob.backtest(BuyAndHold(split={"metal": 1.0}), market, walk.result.account, start=market.opening)
    miners = ob.backtest(BuyAndHold(split={"miners": 1.0}), market, walk.result.account, start=market.opening)
    assert walk.benchmarks["final_equity"].tolist() == pytest.approx([metal.equity.iloc[-1], miners.equity.iloc[-1]])
    first, last = walk.windows["test_from"].iloc[0], walk.windows["test_to"].iloc[0]
    for held, label in ((metal, walk.benchmarks.index[0]), (miners, walk.benchmarks.index[1])):
        assert walk.benchmark_returns.at[1, label] == pytest.approx(float((1 + held.returns[first:last]).prod() - 1))
    counts = [sum(walk.windows["return"] > walk.benchmark_returns[label]) for label in walk.benchmarks.index]
    tests = len(walk.windows)
    metal_says, miners_say = walk.beating.split("; ")
    assert metal_says.startswith(f"{counts[0]} of {tests} tests beat holding {market.universe.metal} by return (Sharpe ")
    assert miners_say.startswith(f"{counts[1]} of {tests} tests beat holding the miners by return (Sharpe ")


def test_a_walk_forward_says_it_wherever_its_figures_are(capsys: pytest.CaptureFixture[str]) -> None:
    walk = walked()
    assert walk.beating in repr(walk)
    assert f"{walk.beating}." in walk.sentences
    assert walk.beating in walk._repr_html_()
    labels = [row[0] for row in walk.section().tables[0].rows]
    assert labels == [walk.result.label, *(f"{label} (benchmark)" for label in walk.benchmarks.index)]
    asked = [
        "walk-forward",
        "ratio-rotation",
        "gold",
        "--source",
        "sample",
        "--grid",
        "window=20,60",
        "--train",
        "3 years",
        "--test",
        "3 years",
    ]
    _, out, _ = call(capsys, *asked)
    assert "tests beat holding SIM-GOLD by return" in " ".join(out.split())
    _, out, _ = call(capsys, *asked, "--json")
    found = json.loads(out)
    assert [one["strategy"] for one in found["benchmarks"]] == ["metal: SIM-GOLD", "miners: SIM-MINERS"]
    assert len(found["benchmark_returns"]) == len(found["windows"])


def months() -> ob.Market:
    """Return a metal and a miner that never move, on the first weekday of each of 26 months."""
    days = pd.DatetimeIndex([pd.Timestamp(2020 + at // 12, at % 12 + 1, 2) for at in range(26)])
    return market(days, [[10.0, 10.0]] * len(days))


def test_contributions_that_nothing_places_are_a_flag() -> None:
    account = ob.Account(cash=1_000, contribution=10_000, costs=FREE, cash_rate=0.0)
    weights = np.array([[0.5, 0.5]])  # once, of the first 1,000 and the first contribution; nothing says what to do with the others
    idle = ob.backtest(Told(ob.Decisions(weights=weights, rows=np.array([0]))), months(), account, check_lookahead=False, start=0)
    assert idle.flags == ("contributions idle: 240,000 of 250,000",)
    split = ob.Decisions(contribution_split=np.array([[1.0, 0.0]]), rows=np.array([0]))
    placed = ob.backtest(Told(split), months(), account, check_lookahead=False, start=0)
    assert placed.flags == ()
    table = ob.compare({"idle": BuyAndHold()}, months(), account, start=0)
    assert "contributions idle" not in repr(table)


def test_contributions_spent_late_are_not_idle() -> None:
    account = ob.Account(cash=1_000, contribution=10_000, costs=FREE, cash_rate=0.0)
    told = ob.Decisions(weights=np.array([[0.5, 0.5], [0.5, 0.5]]), rows=np.array([0, 22]))
    late = ob.backtest(Told(told), months(), account, check_lookahead=False, start=0)
    assert late.record.idle_contributions(late.closes) == pytest.approx(20_000)  # those of the last two bars, after the fill on bar 23
    assert late.flags == ()


def test_a_folder_without_a_rate_says_so_with_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, ticker in enumerate(("GLD", "GDX")):
        draw = np.random.RandomState(number).standard_normal(300)
        close = 100 * np.exp(np.cumsum(0.01 * draw))
        days = pd.bdate_range("2020-01-01", periods=300, name="Date")
        frame = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), close), index=days)
        frame.to_csv(tmp_path / f"{ticker}.csv")
    asked = ["--metal", "GLD", "--miners", "GDX", "--source", str(tmp_path)]
    commands = (
        ["backtest", "ratio-rotation", *asked],
        ["sweep", "ratio-rotation", *asked, "--grid", "window=20,40"],
        ["walk-forward", "ratio-rotation", *asked, "--grid", "window=20,40", "--train", "100", "--test", "100"],
        ["stress", *asked, "--strategy", "ratio-rotation"],
    )
    for command in commands:
        code, out, err = call(capsys, *command)
        assert code == 0, err
        assert "No cash rate is known: cash earned 0 %, and Sharpe and Sortino are over 0 %" in " ".join(out.split()), command
    _, out, _ = call(capsys, *commands[0], "--cash-rate", "0.0")
    assert "No cash rate" not in out
    _, out, _ = call(capsys, *commands[0], "--json")
    assert json.loads(out)["account"]["cash_rate"] == {"of": "market", "average": 0.0, "known": False}
    loaded = ob.load_market(ob.Universe("gold", "GLD", ("GDX",)), source=tmp_path)
    assert "No cash rate is known" in repr(ob.compare([RatioRotation()], loaded))
    assert "No cash rate is known" in repr(ob.sweep(RatioRotation, {"window": [20, 40]}, loaded))


def test_the_page_of_a_strategy_has_the_metal_and_the_miners() -> None:
    made = ob.compare({"rotate": RatioRotation(window=20)}, random_market(11, bars=100), engine="compiled")
    found = Page(html(made, "rotate", Files("rotate.html", "rotate.csv", None)))
    final = next(row for row in found.rows("figures") if row[0] == "Final equity")
    held = [made.results[label].equity.iloc[-1] for label in ("rotate", *made.benchmarks)]
    assert final[1:] == [f"{money:,.0f}" if money >= 100_000 else f"{money:,.2f}" for money in held]
