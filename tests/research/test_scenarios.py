"""Scenarios: tilts worked by hand, moments of the paths, every run against a plain backtest, and the same bytes whoever does the work."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import pyxirr
from real_data import FOLDER, needs_real_prices

import orebody as ob
from orebody.cli.main import main
from orebody.errors import DataError, DecisionError, LookAheadError, ParameterError, UnknownNameError
from orebody.research.parallel import local
from orebody.research.scenarios.batch import KEPT, of_paths, run
from orebody.research.scenarios.history import days_of
from orebody.research.scenarios.money_weighted import money_weighted
from orebody.research.scenarios.paths import SIZE
from orebody.research.scenarios.scenario import CASES
from orebody.strategies import (
    BetaMatched,
    BuyAndHold,
    BuyWeakness,
    CoreSatellite,
    DollarCostAverage,
    DryPowderAveraging,
    MomentumRotation,
    RatioRotation,
    SpreadTrade,
    TrimStretch,
    VolatilityTarget,
)
from orebody.testing import random_market

MARKET = random_market(3, bars=900)
ACCOUNT = ob.Account(cash=10_000.0, contribution=500.0, costs=ob.Costs(commission=0.001, slippage=0.0005, fixed_fee=1.0))
STRATEGIES = {
    "ratio": RatioRotation(window=60),
    "averaging": DollarCostAverage(installments=3),
    "weakness": BuyWeakness(lookback=60),
    "powder": DryPowderAveraging(lookback=60),
    "core": CoreSatellite(),
    "beta": BetaMatched(window=60),
    "momentum": MomentumRotation(lookback=60),
    "spread": SpreadTrade(window=60),
    "trim": TrimStretch(window=120),
    "volatility": VolatilityTarget(inner=RatioRotation(window=60), window=20),
}


def test_every_run_equals_a_plain_backtest_on_both_engines() -> None:
    cases = (
        ob.Scenario("calm"),
        ob.Scenario("rough", drift=-0.3, volatility=2.0, gearing=2.5, crash=(30, -0.1, -0.2), pullback=(40, 10, 0.1)),
    )
    result = ob.scenarios(STRATEGIES, MARKET, ACCOUNT, horizon=90, paths=60, scenarios=cases, seed=5, block=10)
    assert any(way.joined for way in result.job.ways)
    for scenario in ("calm", "rough"):
        wealth = result.wealth(scenario)
        for number in (0, 37, 55):
            market = result.path(scenario, number)
            assert len(market) == 990
            for label, strategy in {**STRATEGIES, "metal: SIM-METAL": BuyAndHold()}.items():
                for engine in ("compiled", "backtrader"):
                    one = ob.backtest(strategy, market, ACCOUNT, engine=engine, check_lookahead=False)
                    assert len(one.equity) == 90
                    assert wealth.loc[number, label] == pytest.approx(one.equity.iloc[-1], rel=1e-9), (scenario, number, label, engine)


def test_figures_of_the_table_by_plain_arithmetic() -> None:
    result = ob.scenarios([RatioRotation(window=60)], MARKET, ACCOUNT, horizon=90, paths=41, scenarios=ob.Scenario("x"), block=10)
    runs = [
        ob.backtest(RatioRotation(window=60), result.path("x", at), ACCOUNT, engine="compiled", check_lookahead=False) for at in range(41)
    ]
    metal = [ob.backtest(BuyAndHold(), result.path("x", at), ACCOUNT, engine="compiled", check_lookahead=False) for at in range(41)]
    row = result.table.set_index("strategy").loc["ratio-rotation"]
    final = sorted(one.equity.iloc[-1] for one in runs)
    profits = sorted(one.equity.iloc[-1] - 10_000 - one.flows.sum() for one in runs)
    assert row["median"] == pytest.approx(final[20], rel=1e-9)
    assert row["p5"] == pytest.approx(final[2], rel=1e-9)
    assert row["p95"] == pytest.approx(final[38], rel=1e-9)
    assert row["mean"] == pytest.approx(sum(final) / 41, rel=1e-9)
    assert row["shortfall"] == pytest.approx(sum(profits[:3]) / 3, rel=1e-9)
    assert row["loss"] == sum(one < 0 for one in profits) / 41
    assert row["beats_metal"] == sum(a.equity.iloc[-1] > b.equity.iloc[-1] for a, b in zip(runs, metal, strict=True)) / 41
    paid = [np.concatenate(([-10_000.0], -one.flows.to_numpy()[1:-1], [one.equity.iloc[-1] - one.flows.iloc[-1]])) for one in runs]
    rates = sorted(pyxirr.xirr(one.equity.index.date, payments) for one, payments in zip(runs, paid, strict=True))
    assert row["xirr_median"] == pytest.approx(rates[20], abs=1e-8)
    assert row["xirr_p5"] == pytest.approx(rates[2], abs=1e-8)
    falls = sorted(one.metrics().max_drawdown for one in runs)
    assert row["drawdown_median"] == pytest.approx(falls[20], abs=1e-9)
    assert row["drawdown_p95"] == pytest.approx(falls[2], abs=1e-9)
    fan = result.fan("x", "ratio-rotation")
    assert fan.loc[fan.index[-1], 0.5] == pytest.approx(final[20], rel=1e-9)
    assert fan.index[0] == result.job.dates[0]
    assert (fan.iloc[0] == 10_000).all()


def test_regret_by_hand() -> None:
    result = ob.scenarios([CoreSatellite()], MARKET, horizon=20, paths=3, scenarios=(ob.Scenario("a"), ob.Scenario("b")), block=5)
    figures = np.zeros((2, 3, 3, len(KEPT)))
    figures[0, :, :, 0] = [[1, 5, 3], [2, 6, 4], [3, 7, 5]]  # medians 2, 6, 4
    figures[1, :, :, 0] = [[9, 1, 7], [9, 2, 7], [9, 3, 7]]  # medians 9, 2, 7
    regret = replace(result, figures=figures).regret
    assert regret.loc["core-satellite"].tolist() == [2.0, 2.0, 2.0]
    assert regret.loc["metal: SIM-METAL"].tolist() == [4.0, 0.0, 4.0]
    assert regret.loc["miners: SIM-MINER1"].tolist() == [0.0, 7.0, 7.0]
    assert list(regret.index) == ["core-satellite", "metal: SIM-METAL", "miners: SIM-MINER1"]


def test_money_weighted_returns_agree_with_pyxirr() -> None:
    dates = pd.bdate_range("2026-01-05", periods=300)
    final = np.array([4_000.0, 9_000.0, 16_000.0, 16_500.0, 90_000.0, 0.0, 17_000.0])
    ruined = np.array([False] * 6 + [True])
    rates = money_weighted(final, ruined, dates, ACCOUNT)
    months = [dates[0]] + [day for before, day in itertools.pairwise(dates) if day.month != before.month]
    for worth, rate in zip(final[:5], rates[:5], strict=True):
        payments = [-10_000.0] + [-500.0] * (len(months) - 1) + [worth]
        assert rate == pytest.approx(pyxirr.xirr([day.date() for day in [*months, dates[-1]]], payments), rel=1e-6, abs=1e-8)
    assert rates[5:].tolist() == [-1.0, -1.0]


def test_wealth_varies_and_never_falls_below_ruin() -> None:
    @dataclass(frozen=True)
    class Daring(ob.Strategy):
        """Four times the miners, on borrowed money."""

        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.array([[np.nan, 4.0]]), rows=np.array([0]))

    account = ob.Account(cash=10_000.0, leverage=4.0, maintenance_margin=0.0)
    rough = ob.Scenario("rough", volatility=2.0, crash=(40, -0.2, -0.5))
    result = ob.scenarios({"daring": Daring()}, MARKET, account, horizon=60, paths=120, scenarios=rough, block=10)
    row = result.table.set_index("strategy").loc["daring"]
    assert row["ruin"] > 0.9
    ruined = result.figures[0, :, 2, KEPT.index("ruined")] >= 0
    for number in np.flatnonzero(ruined)[:2]:
        one = ob.backtest(Daring(), result.path("rough", int(number)), account, engine="backtrader", check_lookahead=False)
        assert one.ruined is not None
        assert result.wealth("rough").loc[number, "daring"] == pytest.approx(one.equity.iloc[-1], rel=1e-9, abs=1e-6)
    wealth = result.wealth("rough")
    assert wealth["metal: SIM-METAL"].nunique() == 120
    assert (wealth.iloc[:, :2] > 0).all().all()
    assert (result.table["xirr_p5"] >= -1).all()


def test_the_same_bytes_for_a_seed_however_the_work_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"horizon": 40, "paths": 120, "block": 7.0, "seed": 11}
    some = {name: STRATEGIES[name] for name in ("ratio", "weakness", "volatility")}
    first = ob.scenarios(some, MARKET, ACCOUNT, **asked)  # type: ignore[arg-type]
    monkeypatch.setattr(local, "PAYS", 0.0)
    monkeypatch.setattr(local, "OTHERS", 1)
    again = ob.scenarios(some, MARKET, ACCOUNT, **asked)  # type: ignore[arg-type]
    assert first.figures.tobytes() == again.figures.tobytes()
    assert first.equity.tobytes() == again.equity.tobytes()
    assert first.table.to_csv() == again.table.to_csv()
    fewer = ob.scenarios(some, MARKET, ACCOUNT, **{**asked, "paths": 30})  # type: ignore[arg-type]
    assert (fewer.figures == first.figures[:, :30]).all()
    other = ob.scenarios(some, MARKET, ACCOUNT, **{**asked, "seed": 12})  # type: ignore[arg-type]
    assert (other.figures[:, :, :, 0] != first.figures[:, :, :, 0]).mean() > 0.9
    import pickle

    block = run((100, 120), pickle.loads(pickle.dumps(first.job)))  # what a worker of a cluster does
    assert (block.figures == first.figures[:, 100:]).all()


def test_on_a_cluster_the_same() -> None:
    distributed = pytest.importorskip("distributed")
    asked = {"horizon": 30, "paths": 110, "block": 7.0}
    here = ob.scenarios([RatioRotation(window=60)], MARKET, ACCOUNT, **asked)  # type: ignore[arg-type]
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        distributed.Client(cluster) as client,
    ):
        there = ob.scenarios([RatioRotation(window=60)], MARKET, ACCOUNT, workers=client, **asked)  # type: ignore[arg-type]
    assert here.figures.tobytes() == there.figures.tobytes()


def test_a_strategy_that_remembers_everything_is_shown_everything() -> None:
    @dataclass(frozen=True)
    class AboveAll(ob.Strategy):
        """Miners while the metal stands above the mean of all its closes so far."""

        def decide(self, market: ob.Market) -> ob.Decisions:
            metal = market.close[:, 0]
            above = metal > np.cumsum(metal) / np.arange(1, len(metal) + 1)
            rows = np.flatnonzero(np.diff(above, prepend=~above[:1]))
            return ob.Decisions(weights=np.where(above[rows, None], [[0.0, 1.0]], [[1.0, 0.0]]), rows=rows)

    result = ob.scenarios({"all": AboveAll()}, MARKET, ACCOUNT, horizon=60, paths=55, scenarios=ob.Scenario("x"), block=10)
    assert result.job.ways[2].bars == len(MARKET)
    for number in (0, 54):
        one = ob.backtest(AboveAll(), result.path("x", number), ACCOUNT, engine="compiled", check_lookahead=False)
        assert result.wealth("x").loc[number, "all"] == pytest.approx(one.equity.iloc[-1], rel=1e-9)


def test_a_miner_that_listed_late_and_one_that_ended() -> None:
    rng, days = np.random.RandomState(4), pd.bdate_range("2020-01-01", periods=400)
    closes = 50 * np.exp(np.cumsum(rng.standard_normal((400, 4)) * 0.02, axis=0))
    spans = {"M": (0, 400), "OLD": (0, 400), "LATE": (150, 400), "GONE": (0, 300)}
    frames = {
        name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), closes[a:b, at]), index=days[a:b])
        for at, (name, (a, b)) in enumerate(spans.items())
    }
    market = ob.Market.from_frames(frames)
    pool = days_of(market)
    assert (pool.bars[0], pool.bars[-1], len(pool)) == (151, 399, 249)
    assert pool.alive.tolist() == [0, 1, 2]
    result = ob.scenarios(
        [CoreSatellite(), RatioRotation(window=30)], market, ACCOUNT, horizon=40, paths=4, scenarios=ob.Scenario("x"), block=5
    )
    for number in (0, 3):
        path = result.path("x", number)
        assert not path.tradable[400:, 3].any()
        for label, strategy in (("core-satellite", CoreSatellite()), ("ratio-rotation", RatioRotation(window=30))):
            one = ob.backtest(strategy, path, ACCOUNT, engine="backtrader", check_lookahead=False)
            assert result.wealth("x").loc[number, label] == pytest.approx(one.equity.iloc[-1], rel=1e-9)


def test_gauges_and_the_cash_rate_come_with_their_day() -> None:
    index = MARKET.dates
    rate = pd.Series(np.arange(900) / 1e5, index=index)
    rng = np.random.RandomState(0)
    gauges = {
        "dollar": pd.Series(100 * np.exp(np.cumsum(rng.standard_normal(900) * 0.01)), index=index),
        "yield": pd.Series(rng.standard_normal(900), index=index),
    }
    frames = {
        ticker: pd.DataFrame(
            {"Open": MARKET.open[:, i], "High": MARKET.high[:, i], "Low": MARKET.low[:, i], "Close": MARKET.close[:, i]}, index=index
        )
        for i, ticker in enumerate(MARKET.tickers)
    }
    market = ob.Market.from_frames(frames, cash_rate=rate, gauges=gauges)
    result = ob.scenarios([CoreSatellite()], market, horizon=30, paths=2, scenarios=ob.Scenario("x"), block=3)
    path = result.path("x", 1)
    days = np.rint(path.cash_rate[900:] * 1e5).astype(int)  # the rate tells the day
    metal = np.log(path.close[900:, 0] / path.close[899:-1, 0])
    assert metal == pytest.approx(np.log(MARKET.close[days, 0] / MARKET.close[days - 1, 0]), abs=1e-12)
    dollar, level = (gauges[name].to_numpy() for name in ("dollar", "yield"))
    assert np.diff(np.log(path.gauges["dollar"][899:])) == pytest.approx(np.log(dollar[days] / dollar[days - 1]), abs=1e-12)
    assert np.diff(path.gauges["yield"][899:]) == pytest.approx(level[days] - level[days - 1], abs=1e-12)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"crash": (5, -1.0, -0.1)}, r"moves the metal by -1.0: a return of -1 \(-100 %\) or less leaves no price above 0"),
        ({"crash": (5, -0.1, -1.2)}, "moves the miners by -1.2"),
        ({"crash": (1, -0.1, -0.1)}, "the bar is at least 2"),
        ({"crash": [5, -0.1]}, "give .bar, metal, miners."),
        ({"derating": 1.0}, "leaves miners without a price above 0"),
        ({"pullback": (20, 5, 1.0)}, r"a fall of 1 \(100 %\) or more leaves no price above 0"),
        ({"pullback": (5, 5, 0.1)}, "the length from 1 to below every"),
        ({"drift": math.nan}, "drift is nan"),
        ({"drift": "up"}, "drift is 'up'"),
        ({"volatility": -1.0}, "volatility is -1.0: it must be a multiple of history's, from 0 to 10"),
        ({"volatility": None}, "volatility is None"),
        ({"gearing": 50.0}, "gearing is 50.0"),
        ({"name": " "}, "give it a name"),
    ],
)
def test_bad_scenarios_are_refused(bad: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ob.Scenario(**{"name": "x", **bad})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"horizon": 1}, "horizon is 1: it must be a whole number from 2 to"),
        ({"paths": 0}, "paths is 0"),
        ({"paths": True}, "paths is True"),
        ({"seed": -1}, "seed is -1"),
        ({"block": 0.5}, "block is 0.5: it must be a number of bars, at least 1"),
        ({"scenarios": []}, "no scenarios were given"),
        ({"scenarios": [0.2]}, "0.2 is no scenario"),
        ({"scenarios": ["bulish"]}, "unknown scenario 'bulish'; did you mean 'bullish'"),
        ({"scenarios": [CASES[0], CASES[0]]}, "a scenario is given twice"),
        ({"scenarios": [ob.Scenario("x", crash=(99, -0.1, -0.1))]}, "has its crash on bar 99, after the horizon of 40"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, object], message: str) -> None:
    with pytest.raises((ParameterError, UnknownNameError), match=message):
        ob.scenarios([CoreSatellite()], MARKET, **{"horizon": 40, "paths": 2, "block": 5, **asked})  # type: ignore[arg-type]


def test_what_a_backtest_would_refuse_is_refused() -> None:
    @dataclass(frozen=True)
    class Peeks(ob.Strategy):
        """Tomorrow's close."""

        def decide(self, market: ob.Market) -> ob.Decisions:
            up = np.append(market.close[1:, 0] > market.close[:-1, 0], False)
            return ob.Decisions(weights=np.where(up[:, None], [[1.0, 0.0]], [[0.0, 0.0]]))

    with pytest.raises(LookAheadError):
        ob.scenarios([Peeks()], MARKET, horizon=10, paths=1, block=5)
    with pytest.raises(DecisionError, match="is a short"):
        ob.scenarios([SpreadTrade(window=60)], MARKET, ob.Account(shorting=False), horizon=10, paths=1, block=5)
    with pytest.raises(DataError, match="needs 5000 bars"):
        ob.scenarios([RatioRotation(window=5000)], MARKET, horizon=10, paths=1)
    with pytest.raises(DataError, match="at least 60 are needed"):
        ob.scenarios([CoreSatellite()], random_market(1, bars=40), horizon=10, paths=1)
    with pytest.raises(ParameterError, match="is that of a benchmark"):
        ob.scenarios({"metal: SIM-METAL": CoreSatellite()}, MARKET, horizon=10, paths=1, block=5)


def test_names_that_were_not_run() -> None:
    result = ob.scenarios([CoreSatellite()], MARKET, horizon=10, paths=2, block=5)
    with pytest.raises(UnknownNameError, match="bulish"):
        result.wealth("bulish")
    with pytest.raises(UnknownNameError, match="nobody"):
        result.fan("bullish", "nobody")
    with pytest.raises(ParameterError, match="there is no path 2: give a number from 0 to 1"):
        result.path("bullish", 2)


def test_the_page_says_simulated_and_no_forecast(tmp_path: Path) -> None:
    result = ob.scenarios(
        {"<b>core</b>": CoreSatellite()}, MARKET, ACCOUNT, horizon=30, paths=20, scenarios=ob.Scenario("$x$ & <i>", why="<u>"), block=5
    )
    page = result.report(tmp_path / "scenarios.html").read_text(encoding="utf-8")
    assert "<b>core" not in page
    assert "&lt;b&gt;core&lt;/b&gt;" in page
    assert "<u>" not in page
    assert "SIMULATED" in page
    assert "no forecast" in page
    assert page == result.report(tmp_path / "again.html").read_text(encoding="utf-8")
    assert repr(result).startswith("SIMULATED")


def test_the_command_prints_writes_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, table = tmp_path / "s.html", tmp_path / "s.csv"
    arguments = [
        "scenarios",
        "gold",
        "--source",
        "sample",
        "--strategy",
        "core-satellite",
        "--paths",
        "20",
        "--horizon",
        "40",
        "--block",
        "5",
    ]
    own = ["--scenario", "bearish", "--scenario", "mine:drift=0.1,crash=5/-0.1/-0.2,pullback=20/5/0.1"]
    with pytest.raises(SystemExit) as done:
        main([*arguments, *own, "--html", str(page), "--table", str(table)])
    printed = capsys.readouterr().out
    assert not done.value.code
    assert "SIMULATED" in printed
    assert "mine: drift 0.1, crash (5, -0.1, -0.2), pullback (20, 5, 0.1)." in printed
    assert page.exists()
    assert pd.read_csv(table)["scenario"].tolist() == ["bearish"] * 3 + ["mine"] * 3
    for bad, message in (
        ("nobody", "it is none of bullish, bearish, in between"),
        ("x:drift=high", "'high' is not a number"),
        ("x:speed=1", "'speed=1' is no new PARAM=VALUE"),
        ("x:crash=5/-2/0", "moves the metal by -2.0"),
    ):
        with pytest.raises(SystemExit) as refused:
            main([*arguments, "--scenario", bad])
        assert refused.value.code == 2
        assert message in capsys.readouterr().err


@needs_real_prices
def test_on_real_prices_the_three_cases_are_ordered_as_they_are_called() -> None:
    market = ob.load_market("gold", source=FOLDER, start="2006-05-22")
    result = ob.scenarios([CoreSatellite()], market, horizon=252, paths=200, seed=1)
    metal = result.table[result.table["is_benchmark"]].pivot(index="scenario", columns="strategy", values="median")["metal: GLD"]
    assert metal["bearish"] < metal["in between"] < metal["bullish"]
    path = result.path("bearish", 0)
    day = len(market) + 20
    assert path.close[day] / path.close[day - 1] - 1 == pytest.approx([-0.103, -0.128], abs=1e-12)
    assert of_paths((0, SIZE), CASES[0], result.job).close.min() > 0
