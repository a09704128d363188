"""What a walk-forward found: the joined record, the windows, and what they say of the choosing."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.benchmark import hold_both
from orebody.backtesting.result import Result
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.metrics import excess_returns, format_figure, has_cents
from orebody.metrics.performance import sharpe, years_between
from orebody.presentation import Presentable, Section
from orebody.research.sweep.analysis import LOW_IS_GOOD
from orebody.research.sweep.grid import plain
from orebody.research.walk_forward.trials import Trials

__all__ = ["WalkForward", "annual"]


@dataclass(frozen=True, eq=False, repr=False)
class WalkForward(Presentable):
    """A walk-forward. Made by `walk_forward`.

    Attributes
    ----------
    result : Result
        The out-of-sample record: one account through all tests, that opens on the bar before the first of them.
    windows : pandas.DataFrame
        A row a window, numbered from 1 as `step`: the first and the last bar of its training and of its test, the bars of the test, the
        parameters chosen, and of the point chosen `in_sample` (the metric on the training), `in_sample_growth` (its annual rate of
        return there), `in_sample_sharpe`, `out_of_sample` (the metric of an account of its own over the test), its `rank` there, 1 the
        best, among so many `ranked`; last the joined account's `return` over the test, time-weighted.
    points : pandas.DataFrame
        The parameters of every point tried.
    runs : Trials
        What every point did on every window.
    name, metric : str
        The strategy's, and by what was chosen.
    lengths : tuple of str
        Of training and test, in words.
    purge : int
        Bars between training and test.
    anchored : bool
        Whether all trainings begin where the first does.
    """

    result: Result
    windows: pd.DataFrame
    points: pd.DataFrame
    runs: Trials
    name: str
    metric: str
    lengths: tuple[str, str]
    purge: int
    anchored: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that were chosen."""
        return tuple(self.points.columns)

    @property
    def n_trials(self) -> int:
        """How many points each choice was made from."""
        return len(self.points)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """What every point did on every window, a row each.

        Columns: `step` (the window's number), `point` (its row of `points`), `in_sample` (the metric on the training), `out_of_sample`
        (that of an account of its own on the test), and `status`, empty or why a figure is missing.
        """
        count, n_trials = self.runs.in_sample.shape
        status = np.full((count, n_trials), "", dtype=object)
        for place, why in self.runs.failed.items():
            status[place] = why
        return pd.DataFrame(
            {
                "step": np.repeat(np.arange(1, count + 1), n_trials),
                "point": np.tile(np.arange(n_trials), count),
                "in_sample": self.runs.in_sample.ravel(),
                "out_of_sample": self.runs.out_of_sample.ravel(),
                "status": pd.Series(status.ravel(), dtype=str),
            }
        )

    @cached_property
    def efficiency(self) -> pd.DataFrame:
        """What was left of the figures that the choice was made on: columns `in_sample`, `out_of_sample` and `efficiency`, their ratio.

        Row `annual_return`: the annual rate of return of the joined record, over the mean of those that the chosen points had on their
        trainings. It is the walk-forward efficiency of Pardo, The Evaluation and Optimization of Trading Strategies, 2nd ed. (2008),
        chapter 11. Row `sharpe`: the same of Sharpe ratios. Rates are compounded and by calendar time; under a year too, because a ratio
        of rates needs one. NaN where the mean in sample is not positive: a share of nothing says nothing.
        """
        returns = self.result.returns.to_numpy()[1:]
        growth = annual(float(np.prod(1.0 + returns)) - 1.0, self.result.dates[0], self.result.dates[-1])
        ratio = sharpe(excess_returns(self.result), self.result.market.periods_per_year)
        rows = {"annual_return": ("in_sample_growth", growth), "sharpe": ("in_sample_sharpe", ratio)}
        means = {row: float(self.windows[column].mean()) for row, (column, _) in rows.items()}
        return pd.DataFrame(
            {row: (means[row], after, after / means[row] if means[row] > 0 else math.nan) for row, (_, after) in rows.items()},
            index=["in_sample", "out_of_sample", "efficiency"],
        ).T

    @cached_property
    def stability(self) -> pd.DataFrame:
        """How the choice moved, a row a parameter.

        Columns: `values`, how many different ones were chosen, of so many `offered`; `changes`, at how many of the `seams` it changed;
        `mean_step` and `largest_step`, by how many steps of the grid it moved at a seam (values in order; 0 where it stayed).
        """
        rows = {}
        for name in self.parameters:
            places = self.places(name)
            steps = np.abs(np.diff(places))
            rows[name] = {
                "values": len(set(places.tolist())),
                "offered": len({plain(value) for value in self.points[name]}),
                "changes": int((steps > 0).sum()),
                "seams": len(steps),
                "mean_step": float(steps.mean()) if len(steps) else math.nan,
                "largest_step": int(steps.max()) if len(steps) else 0,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("parameter")

    def places(self, parameter: str) -> np.ndarray:
        """Return which value of a parameter, numbers ascending and others in the order given, each window chose, from 0."""
        values = {plain(value): value for value in self.points[parameter].tolist()}
        if all(isinstance(value, int | float) for value in values.values()):
            values = dict(sorted(values.items(), key=lambda item: float(item[1])))
        order = list(values)
        return np.array([order.index(plain(value)) for value in self.windows[parameter].tolist()])

    @cached_property
    def _held(self) -> dict[str, Result]:
        return hold_both(self.result.market, self.result.account, self.result.opening)

    @property
    def benchmarks(self) -> pd.DataFrame:
        """The metal and the miners held with the cash flows of the joined account, on its dates: a row each, a column for each of
        `Metrics`.
        """
        figures = {result.label: result.metrics().to_series() for result in self._held.values()}
        return pd.DataFrame.from_dict(figures, orient="index").rename_axis("benchmark")

    @cached_property
    def benchmark_returns(self) -> pd.DataFrame:
        """What each benchmark returned over each test, time-weighted: a row a window, beside the `return` of `windows`."""
        columns = {}
        for result in self._held.values():
            wealth = (1.0 + result.returns).cumprod()
            before = result.dates.get_indexer(pd.DatetimeIndex(self.windows["test_from"])) - 1
            columns[result.label] = wealth.loc[self.windows["test_to"]].to_numpy() / wealth.to_numpy()[before] - 1.0
        return pd.DataFrame(columns, index=self.windows.index)

    @property
    def beating(self) -> str:
        """Whether the joined account beats holding the metal, and the miners, and in how many of the tests, in words."""
        mine = self.result.metrics()
        ahead = self.benchmark_returns.lt(self.windows["return"] - 1e-9, axis=0).sum()
        cents = has_cents((mine.final_equity, *self.benchmarks["final_equity"]))
        parts = []
        for (label, held), name in zip(self.benchmarks.iterrows(), (self.result.market.universe.metal, "the miners"), strict=True):
            figures = ", ".join(
                f"{what} {format_figure(kind, getattr(mine, one), cents=cents)} against {format_figure(kind, held[one], cents=cents)}"
                for one, what, kind in (("sharpe", "Sharpe", "ratio"), ("final_equity", "final equity", "money"))
            )
            parts.append(f"{ahead[label]} of {len(self.windows)} tests beat holding {name} by return ({figures})")
        return "; ".join(parts)

    @property
    def relative_rank(self) -> float:
        """The mean share of the other points that did better on the test than the chosen one: one half is what drawing lots gives.

        Those that did exactly as well count half: points that decide alike would otherwise look like foresight.
        """
        sign = -1.0 if self.metric in LOW_IS_GOOD else 1.0
        every, chosen = sign * self.runs.out_of_sample, sign * self.windows[["out_of_sample"]].to_numpy(dtype=float)
        others = (~np.isnan(every)).sum(axis=1) - 1
        known = ~np.isnan(chosen[:, 0]) & (others > 0)
        if not known.any():
            return math.nan
        better = (every > chosen).sum(axis=1) + 0.5 * ((every == chosen).sum(axis=1) - 1)
        return float((better[known] / others[known]).mean())

    def to_frame(self) -> pd.DataFrame:
        """Return `windows`."""
        return self.windows

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write `windows` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.windows, path, self.result.market, overwrite=overwrite)

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.walk_forward.section import section

        return section(self)

    @property
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""
        from orebody.research.walk_forward.section import sentences

        return sentences(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.result.market, self.result.account

    def __repr__(self) -> str:
        head = caveats(self.result.market, rate_known=self.result.account.rate_known(self.result.market))
        ruined = "" if self.result.ruined is None else f"; RUINED on {self.result.ruined.date()}"
        figures = self.efficiency.loc["sharpe"]
        dates = self.result.dates
        others = (
            ""
            if math.isnan(self.relative_rank)
            else f"; {self.relative_rank:.0%} of the other points did better on the tests than the chosen"
        )
        return (
            f"{head}{self.name}: {len(self.windows)} windows of {self.lengths[0]} and {self.lengths[1]}, {self.n_trials:,} points; "
            f"{dates[1].date()} to {dates[-1].date()}{ruined}\n"
            f"Sharpe {format_figure('ratio', figures['out_of_sample'])} out of sample, "
            f"{format_figure('ratio', figures['in_sample'])} in sample{others}\n{self.beating}"
        )


def annual(growth: float, first: pd.Timestamp, last: pd.Timestamp) -> float:
    """Return the annual rate of a total return between two dates, (1 + growth) ** (1 / years) - 1, under a year too."""
    return math.pow(max(1.0 + growth, 0.0), 1.0 / years_between(first, last)) - 1.0
