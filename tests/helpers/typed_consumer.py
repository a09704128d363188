"""What a quant writes, held to strict type checkers by `test_types`; it is read by them and never run.

`assert_type` fails on `Any` too, so no name of the public face may be less than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd

import orebody as ob
from orebody import errors, indicators, strategies, testing


@dataclass(frozen=True)
class AboveItsMean(ob.Strategy):
    """Hold the miners while the metal stands above its mean, cash otherwise."""

    window: int = ob.parameter(200, "bars in the mean", low=2)
    role: str = ob.parameter("miners", "what is held", choices=("metal", "miners"))

    @property
    def bars_needed(self) -> int:
        return self.window

    def decide(self, market: ob.Market) -> ob.Decisions:
        metal = market.close[:, 0]
        above = metal > indicators.rolling_mean(metal, self.window)
        rows = np.flatnonzero(np.diff(above, prepend=False))
        weights = np.where(above[rows, None], market.shares({self.role: 1.0}), 0.0)
        return ob.Decisions(weights=weights, contribution_split=weights, rows=rows)


def markets(metal: pd.DataFrame, miners: pd.DataFrame) -> None:
    assert_type(ob.load_market("gold", source="sample"), ob.Market)
    assert_type(ob.load_market("gold", source=Path("prices"), start="2006-05-22", repair="drop"), ob.Market)
    own = ob.Market.from_frames({"GLD": metal, "GDX": miners}, universe=ob.Universe("mine", "GLD", ("GDX",)))
    assert_type(own, ob.Market)
    assert_type(own.tickers, tuple[str, ...])
    assert_type(own.dates, pd.DatetimeIndex)
    assert_type(own.opened("2010-01-04"), ob.Market)
    assert_type(own.simulated, bool)


def runs(market: ob.Market, folder: Path) -> ob.Result:
    account = ob.Account(cash=100_000, contribution=1_000, every="month", costs=ob.Costs(commission=0.001, slippage=0.0005))
    assert_type(account.cash, float)
    result = ob.backtest(AboveItsMean(window=120), market, account, engine="compiled")
    assert_type(result, ob.Result)
    assert_type(result.equity, pd.Series)
    assert_type(result.returns, pd.Series)
    assert_type(result.units, pd.DataFrame)
    assert_type(result.fills, pd.DataFrame)
    assert_type(result.dates, pd.DatetimeIndex)
    assert_type(result.benchmark, ob.Result)
    assert_type(result.ruined, pd.Timestamp | None)
    assert_type(result.metrics().xirr, float)
    assert_type(result.save(folder / "run.csv"), Path)
    assert_type(result.tearsheet(folder / "run.html"), Path)
    return result


def comparisons(market: ob.Market, account: ob.Account, folder: Path) -> ob.Comparison:
    of_list = ob.compare([AboveItsMean(), strategies.DollarCostAverage()], market, account)
    named: Mapping[str, ob.Strategy] = {"slow": AboveItsMean(), "fast": strategies.RatioRotation(window=60)}
    comparison = ob.compare(named, market, account, start="2010-01-04")
    assert_type(of_list, ob.Comparison)
    assert_type(comparison.table, pd.DataFrame)
    assert_type(comparison.results, dict[str, ob.Result])
    assert_type(comparison.report(folder, tearsheets=False), Path)
    return comparison


def research(market: ob.Market, account: ob.Account, comparison: ob.Comparison, result: ob.Result) -> None:
    sweep = ob.sweep(strategies.RatioRotation, {"window": range(20, 261, 20), "entry": [0.5, 1.0]}, market, account, keep="equity")
    assert_type(sweep, ob.Sweep)
    assert_type(sweep.best, pd.Series)
    assert_type(sweep.table, pd.DataFrame)
    assert_type(sweep.neighbourhood, pd.DataFrame)
    walked = ob.walk_forward(AboveItsMean, {"window": [50, 100, 200]}, market, account, "5y", "1y", anchored=True)
    assert_type(walked, ob.WalkForward)
    assert_type(walked.result, ob.Result)
    assert_type(walked.windows, pd.DataFrame)
    assert_type(ob.significance(comparison, samples=500), ob.Significance)
    assert_type(ob.significance(sweep).table, pd.DataFrame)
    assert_type(ob.gearing(market), ob.Gearing)
    assert_type(ob.gearing(market, frequency="week").table, pd.DataFrame)
    assert_type(ob.decompose(result), ob.Decomposition)
    assert_type(ob.decompose(comparison).table, pd.DataFrame)
    assert_type(ob.stress(comparison), ob.Stress)
    assert_type(ob.stress(comparison, episodes={"my own": ("2013-04-01", "2013-06-28")}).table, pd.DataFrame)
    paths = ob.scenarios([AboveItsMean()], market, account, horizon=252, paths=1000, scenarios=[ob.Scenario("bearish", drift=-0.1)])
    assert_type(paths, ob.Scenarios)
    assert_type(paths.table, pd.DataFrame)
    assert_type(paths.path("bearish", 3), ob.Market)


def tools(strategy: type[AboveItsMean]) -> None:
    market = testing.random_market(7)
    assert_type(market, ob.Market)
    testing.assert_causal(strategy(), market)
    testing.assert_engines_agree(strategy(), market)
    assert_type(strategy.build(window=20), AboveItsMean)
    assert_type(strategies.RatioRotation().window, int)
    ratio: np.ndarray = market.close[:, 1] / market.close[:, 0]
    zscore: np.ndarray = indicators.rolling_zscore(ratio, 60)
    rows, states = indicators.hysteresis_states(zscore, 1.0, None, 60, 0)
    ob.Decisions(rows=rows, weights=states[:, None] * market.shares({"metal": 1.0}))


def refusals() -> str:
    try:
        ob.load_market("glod", source="sample")
    except errors.UnknownNameError as error:
        assert_type(error, errors.UnknownNameError)
        return str(error)
    except ob.OrebodyError as error:
        return str(error)
    return ""
