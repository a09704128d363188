"""What came of scenarios: tables of outcomes, regret, fans, and each path as a market again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.errors import ParameterError, unknown_name
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.presentation import Presentable, Section
from orebody.research.scenarios.batch import KEPT, Simulation, of_paths
from orebody.research.scenarios.money_weighted import money_weighted
from orebody.research.scenarios.path_markets import continue_market
from orebody.research.scenarios.paths import SIZE
from orebody.research.scenarios.scenario import Scenario

__all__ = ["TAIL", "Scenarios"]

TAIL = 0.05
"""Share of paths that counts as their worst."""
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
FINAL, PROFIT, DRAWDOWN, RUINED = (KEPT.index(name) for name in ("final_equity", "profit", "max_drawdown", "ruined"))


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Presentable):
    """What became of every strategy on every path of every scenario. Made by `scenarios`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each scenario and strategy, the benchmarks first, then the best median first: ``scenario``, ``strategy``, ``benchmark``;
        final wealth ``median``, ``mean``, ``p5``, ``p95``; the money-weighted annual return (also for a horizon under a year, where a
        single run's is withheld) ``xirr_median``, ``xirr_mean``, ``xirr_p5``, ``xirr_p95``; shares of the paths that ended with less than
        was put in (``loss``), with more than the metal bought with the same cash flows (``beats_metal``), and in ruin (``ruin``);
        ``shortfall``, the mean profit over the worst 5 % of paths in money; and ``drawdown_median`` and ``drawdown_p95``, the drawdown
        that one path in twenty exceeds.
    regret : pandas.DataFrame
        A row for each strategy, a column for each scenario: by how much its median final wealth falls short of the best strategy's there;
        and ``worst``, the most of them. The least first: it is the choice of minimax regret.
    figures : numpy.ndarray
        Shape ``(S, P, K, 4)``: final equity, profit, maximum drawdown and the bar of ruin (-1: none) of each run.
    labels : tuple of str
        The strategies, in the order of `figures`; the first is the metal, the second the miners.
    job : orebody.research.scenarios.batch.Simulation
        The market, the account, the scenarios, the days drawn from, and how each strategy was asked.
    note : str
        How the mean length of blocks was found.
    checked : str
        How look-ahead was checked.
    """

    figures: np.ndarray
    equity: np.ndarray
    labels: tuple[str, ...]
    job: Simulation
    note: str
    checked: str

    @property
    def market(self) -> Market:
        """The real market that paths go on from."""
        return self.job.market

    @property
    def account(self) -> Account:
        """The account of every run."""
        return self.job.account

    @property
    def paths(self) -> int:
        """How many paths each scenario has."""
        return int(self.figures.shape[1])

    @cached_property
    def table(self) -> pd.DataFrame:
        """See the class."""
        rows = []
        for at, scenario in enumerate(self.job.scenarios):
            ours = [self._row(at, kind, scenario) for kind in range(len(self.labels))]
            rows += ours[:2] + sorted(ours[2:], key=lambda row: -float(str(row["median"])))
        return pd.DataFrame(rows)

    def _row(self, at: int, kind: int, scenario: Scenario) -> dict[str, object]:
        final, profit = self.figures[at, :, kind, FINAL], self.figures[at, :, kind, PROFIT]
        ruined, drawdown = self.figures[at, :, kind, RUINED] >= 0, self.figures[at, :, kind, DRAWDOWN]
        rates = money_weighted(final, ruined, self.job.dates, self.account)
        worst = np.sort(profit)[: max(1, math.ceil(TAIL * len(profit)))]
        low, middle, high = np.quantile(final, (TAIL, 0.5, 1 - TAIL))
        slow, usual, fast = np.quantile(rates, (TAIL, 0.5, 1 - TAIL))
        return {
            "scenario": scenario.name,
            "strategy": self.labels[kind],
            "is_benchmark": kind < 2,
            "median": float(middle),
            "mean": float(final.mean()),
            "p5": float(low),
            "p95": float(high),
            "xirr_median": float(usual),
            "xirr_mean": float(rates.mean()),
            "xirr_p5": float(slow),
            "xirr_p95": float(fast),
            "loss": float((profit < 0).mean()),
            "beats_metal": float((final > self.figures[at, :, 0, FINAL]).mean()) if kind else math.nan,
            "shortfall": float(worst.mean()),
            "ruin": float(ruined.mean()),
            "drawdown_median": float(np.median(drawdown)),
            "drawdown_p95": float(np.quantile(drawdown, TAIL)),
        }

    @cached_property
    def regret(self) -> pd.DataFrame:
        """See the class."""
        medians = np.median(self.figures[:, :, :, FINAL], axis=1)
        short = medians.max(axis=1, keepdims=True) - medians
        table = pd.DataFrame(short.T, index=pd.Index(self.labels, name="strategy"), columns=[one.name for one in self.job.scenarios])
        table["worst"] = short.max(axis=0)
        return table.sort_values("worst", kind="stable")

    def wealth(self, scenario: str) -> pd.DataFrame:
        """Return final wealth, a row a path and a column a strategy.

        Raises
        ------
        UnknownNameError
            For a scenario that was not run.
        """
        return pd.DataFrame(self.figures[self._at(scenario), :, :, FINAL], columns=list(self.labels)).rename_axis(index="path")

    def fan(self, scenario: str, strategy: str) -> pd.DataFrame:
        """Return quantiles of equity over the paths, a row for each of at most 40 dates and a column for each of 5, 25, 50, 75 and 95 %.

        Raises
        ------
        UnknownNameError
            For a scenario or a strategy that was not run.
        """
        if strategy not in self.labels:
            raise unknown_name("strategy", str(strategy), self.labels)
        equity = self.equity[self._at(scenario), :, self.labels.index(strategy)]
        return pd.DataFrame(np.quantile(equity, FAN, axis=0).T, index=self.job.dates[self.job.fan], columns=list(FAN))

    def path(self, scenario: str, number: int) -> Market:
        """Return one path as a market: all of real history and the path after it, opened on the path's first bar.

        `orebody.backtest` on it does what was done here.

        Raises
        ------
        UnknownNameError, ParameterError
            For a scenario that was not run, or a path that is not there.
        """
        whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not whole or not 0 <= number < self.paths:
            raise ParameterError(f"there is no path {number!r}: give a number from 0 to {self.paths - 1:,}")
        first = int(number) // SIZE * SIZE
        prices = of_paths((first, first + SIZE), self.job.scenarios[self._at(scenario)], self.job)
        at = int(number) - first
        market = continue_market(self.market, prices, at, self.job.dates)
        source = f"{self.market.source}, then path {number} of {scenario!r}, resampled from it"
        gauges, fundamentals, ratings = dict(market.gauges), dict(market.fundamentals), dict(market.ratings)
        return replace(market, gauges=gauges, fundamentals=fundamentals, ratings=ratings, source=source)

    def _at(self, scenario: str) -> int:
        names = [one.name for one in self.job.scenarios]
        if scenario not in names:
            raise unknown_name("scenario", str(scenario), names)
        return names.index(scenario)

    def __repr__(self) -> str:
        lines = caveats(self.market, rate_known=self.account.rate_known(self.market)).splitlines()
        shown = self.table[["scenario", "strategy", "median", "p5", "p95", "loss", "beats_metal"]].copy()
        for name in ("median", "p5", "p95"):
            shown[name] = shown[name].map("{:,.0f}".format)
        for name in ("loss", "beats_metal"):
            shown[name] = shown[name].map(lambda share: "-" if math.isnan(share) else f"{share:.0%}")
        shown.loc[shown["scenario"].duplicated(), "scenario"] = ""
        lines.append(shown.to_string(index=False))
        lines.append(f"{self.paths:,} resampled paths of {len(self.job.dates):,} bars each; no forecast")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return `table`."""
        return self.table

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write `table` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.table, path, self.market, overwrite=overwrite)

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.scenarios.section import section

        return section(self)

    @property
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""
        from orebody.research.scenarios.section import sentences

        return sentences(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.market, self.account
