"""One block of paths: drawn, tilted, decided on and carried out, for every scenario and strategy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import check_allowed, decisions_of
from orebody.engine.inputs import EngineInputs, build_inputs
from orebody.engine.kernel import FIGURES, simulate_all
from orebody.errors import EngineError
from orebody.market.market import Market
from orebody.metrics.performance import years_between
from orebody.research.scenarios.history import HistoricalDays
from orebody.research.scenarios.path_markets import PathHistory, continue_market
from orebody.research.scenarios.paths import SIZE, Prices, apply_scenario, draw_blocks
from orebody.research.scenarios.replay import PathDecisions, PathMarkets, ReplayMode, replay
from orebody.research.scenarios.scenario import Scenario
from orebody.strategy.decision_checks import check_batch

__all__ = ["KEPT", "Decided", "PathBatch", "Simulation", "decide_batch", "run", "simulate_batch"]

KEPT = ("final_equity", "profit", "max_drawdown", "ruined")
_COLUMNS = [FIGURES.index(name) for name in KEPT]
OPENING = 1  # of a path's market here: the last real bar is 0


@dataclass(frozen=True, eq=False)
class Simulation:
    """What all blocks share.

    Attributes
    ----------
    ways : tuple of Way
        How each strategy is asked, the benchmarks first.
    histories : PathHistory
        What strategies are shown before paths.
    fan : numpy.ndarray
        The bars of a path on which equity is kept.
    block : float
        Mean length of the blocks of days.
    """

    market: Market
    account: Account
    days: HistoricalDays
    scenarios: tuple[Scenario, ...]
    ways: tuple[ReplayMode, ...]
    dates: pd.DatetimeIndex
    histories: PathHistory
    fan: np.ndarray
    seed: int
    block: float

    @cached_property
    def inputs(self) -> EngineInputs:
        """Those of a path on which nothing moves: of another only the prices and the market's own cash rate differ."""
        closes = np.repeat(self.market.close[-1:], len(self.dates), axis=0)[None]
        rates = np.full((1, len(self.dates)), self.market.cash_rate[-1])
        still = Prices(closes, closes, rates, {}, lambda: (np.ones_like(closes), np.ones_like(closes)))
        return build_inputs(self.histories.one(1, still, 0), self.account)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "inputs"}


@dataclass(frozen=True, eq=False)
class PathBatch:
    """What came of some paths: `KEPT` of shape ``(S, C, K, 4)``, equity on the bars of the fan ``(S, C, K, F)``, the metal's closes."""

    figures: np.ndarray
    equity: np.ndarray


@dataclass(frozen=True, eq=False)
class Decided:
    """All that one path needs to be carried out: checked decisions of all strategies, joined, and the books of its bars."""

    inputs: EngineInputs
    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    bands: np.ndarray
    ends: np.ndarray


def run(span: tuple[int, int], job: Simulation) -> PathBatch:
    """Do all of the paths ``span[0]`` to ``span[1] - 1``, which lie in one group of `SIZE`: what a thread or a worker is given."""
    count, kinds = span[1] - span[0], len(job.ways)
    figures = np.empty((len(job.scenarios), count, kinds, len(KEPT)))
    equity = np.empty((len(job.scenarios), count, kinds, len(job.fan)))
    for at in range(len(job.scenarios)):
        simulate_batch(decide_batch(span, at, job), job, figures[at], equity[at])
    return PathBatch(figures, equity)


def decide_batch(span: tuple[int, int], scenario: int, job: Simulation) -> list[Decided]:
    """Return what every strategy decides on each path of a scenario, checked, with the books it is carried out on."""
    prices = of_paths(span, job.scenarios[scenario], job)
    shown = PathMarkets(job.histories, prices)
    said = [replay(way, shown) for way in job.ways]
    bands = np.array([one.bands for one in said])
    rows, weights, deploy, contribution_split, ends = _validate(said, prices, job)
    found, begin, kinds = [], 0, len(job.ways)
    for at in range(span[1] - span[0]):
        inputs = (
            _path_inputs(job.inputs, prices, at, job) if job.inputs.quiet else build_inputs(job.histories.one(1, prices, at), job.account)
        )
        own = ends[at * kinds : (at + 1) * kinds]
        part = slice(begin, int(own[-1]))
        found.append(
            Decided(inputs, rows[part] - OPENING, weights[part], deploy[part], contribution_split[part], bands[:, at].copy(), own - begin)
        )
        begin = part.stop
    return found


def of_paths(span: tuple[int, int], scenario: Scenario, job: Simulation) -> Prices:
    """Return the prices of the paths ``span[0]`` to ``span[1] - 1``."""
    draw = draw_blocks(span[0] // SIZE, job.seed, len(job.days), len(job.dates), job.block)
    part = slice(span[0] % SIZE, span[0] % SIZE + span[1] - span[0])
    return apply_scenario(scenario, replace(draw, days=draw.days[part], phase=draw.phase[part]), job.days, job.market)


def simulate_batch(all_decided: list[Decided], job: Simulation, figures: np.ndarray, equity: np.ndarray) -> None:
    """Write `KEPT` and the fan's equity of each path: a call of a kernel that needs no GIL for each."""
    years, per_year, kinds = years_between(job.dates[0], job.dates[-1]), float(job.market.periods_per_year), len(job.ways)
    out, every = np.empty((kinds, len(FIGURES))), np.empty((kinds, len(job.dates)))
    for at, one in enumerate(all_decided):
        simulate_all(
            one.inputs, one.rows, one.weights, one.deploy, one.contribution_split, one.bands, one.ends, per_year, years, out, every
        )
        figures[at], equity[at] = out[:, _COLUMNS], every[:, job.fan]


def _path_inputs(template: EngineInputs, prices: Prices, at: int, job: Simulation) -> EngineInputs:
    """Return the books of one path from those of another: only prices and the market's own cash rate differ."""
    closes = prices.close[at]
    opens = prices.open[at] if job.market.fill == "open" else closes
    closes.flags.writeable = opens.flags.writeable = False
    if job.account.cash_rate is not None:
        return template._replace(opens=opens, closes=closes)
    rates, growth = prices.rates[at], np.zeros(len(template.days))
    np.multiply(rates[:-1], template.days[1:], out=growth[1:])
    rates.flags.writeable = growth.flags.writeable = False
    return template._replace(opens=opens, closes=closes, rates=rates, growth=growth)


def _validate(
    said: list[PathDecisions], prices: Prices, job: Simulation
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sift what all strategies say on all paths, joined path by path; refuse what may not be."""
    counts = np.array([one.counts for one in said])  # strategies by paths
    by_path = np.cumsum(counts.T).reshape(counts.T.shape).T  # where each ends once joined path by path
    by_strategy = np.cumsum(counts).reshape(counts.shape)
    moved = np.empty(int(counts.sum()), dtype=np.int64)
    moved[np.arange(len(moved)) + np.repeat((by_path - by_strategy).ravel(), counts.ravel())] = np.arange(len(moved))
    rows, weights, deploy, contribution_split = (
        np.concatenate([getattr(one, name) for one in said]).take(moved, axis=0)
        for name in ("rows", "weights", "deploy", "contribution_split")
    )
    parts = np.repeat(by_path.T.reshape(-1, 1), 4, axis=1)
    bars, account = len(job.dates) + OPENING, job.account
    well, *kept = check_batch(rows, weights, deploy, contribution_split, parts, bars, OPENING, account.leverage, account.shorting)
    if not well.all():
        at, kind = divmod(int(np.argmin(well)), len(said))
        strategy = job.ways[kind].strategy
        whole = continue_market(job.market, prices, at, job.dates)
        check_allowed(decisions_of(strategy, whole).on(whole), whole, account)
        raise EngineError(f"{strategy!r} was refused on a path, and nothing is wrong with its decisions")
    return kept[0], kept[1], kept[2], kept[3], kept[4]
