"""Sweep: one strategy at many points of its parameters, on the compiled engine."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import validate_account, validate_market
from orebody.backtesting.benchmark import hold_both
from orebody.engine.kernel import FIGURES
from orebody.errors import ParameterError, UnknownNameError, unknown_name
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.metrics.beating import beating
from orebody.metrics.measure import Metrics
from orebody.presentation import Presentable, Section, draw, write_page
from orebody.research.sweep.grid import Grid, Points, plain, points
from orebody.research.sweep.runner import Progress, Work
from orebody.strategy.base import Strategy
from orebody.strategy.rhythm import check_rhythms

if TYPE_CHECKING:
    from distributed import Client
    from matplotlib.figure import Figure


__all__ = ["METRICS", "Sweep", "check_metric", "sweep"]

METRICS = tuple(name for name in FIGURES if name != "ruined")
_SINGLE_RUN = "the metrics of a single run have it, backtest(...).metrics()"
_LEFT_OUT = {
    "xirr": "all points have the same cash flows, so that 'final_equity' puts them in the same order",
    **dict.fromkeys(
        (field.name for field in dataclasses.fields(Metrics) if field.name not in FIGURES and field.name != "xirr"), _SINGLE_RUN
    ),
}
LOW_IS_GOOD = {"volatility", "time_under_water", "turnover", "costs", "trades"}


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Presentable):
    """The runs of a sweep. Made by `sweep`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row a point: its parameters, its figures (as in `orebody.metrics`), and `status`, empty or why there are none or what happened.
    parameters : tuple of str
    base : type or Strategy
        What was swept: the class, or the instance whose other parameters stay.
    metric : str
        By which the best is chosen.
    market : Market
        With `market.opening` the bar on which all accounts opened.
    account : Account
    checked : str
        What was checked for look-ahead, in words.
    equity : pandas.DataFrame or None
        A column a point, numbered as the rows of `table`, if it was kept.
    opening : str
        When all accounts opened, and why then, in a sentence.
    """

    table: pd.DataFrame
    parameters: tuple[str, ...]
    base: type[Strategy] | Strategy
    metric: str
    market: Market
    account: Account
    checked: str
    equity: pd.DataFrame | None = None
    opening: str = ""

    @property
    def name(self) -> str:
        """The strategy's."""
        return self.base.name()

    @property
    def n_trials(self) -> int:
        """How many points were tried: what the best one's figure must be judged by."""
        return len(self.table)

    @property
    def failed(self) -> pd.DataFrame:
        """The points without figures, with the reason in `status`."""
        return self.table[self.table["final_equity"].isna()]

    @property
    def best(self) -> pd.Series:
        """The row with the best metric; of equal ones the first. Low is good for volatility, costs and their like."""
        return self.ordered(self.metric).iloc[0]

    def ordered(self, metric: str | None = None) -> pd.DataFrame:
        """Return the table by a metric, the best first; points without figures come last."""
        metric = self._known(metric)
        return self.table.sort_values(metric, ascending=metric in LOW_IS_GOOD, kind="stable", na_position="last")

    @cached_property
    def benchmarks(self) -> pd.DataFrame:
        """The metal and the miners held with the same cash flows from the same day on: a row each, figures as in `table`.

        They are carried out when first asked for, on the compiled engine.
        """
        held = hold_both(self.market, self.account, self.opening)
        figures = {result.label: result.metrics().to_series()[list(METRICS)] for result in held.values()}
        return pd.DataFrame.from_dict(figures, orient="index").astype(float).rename_axis("benchmark")

    @property
    def beating(self) -> str:
        """How many points beat holding the metal, and the miners, by Sharpe and by final equity, in words."""
        return beating(self.table, self.benchmarks, self.market.universe.metal)

    @property
    def neighbourhood(self) -> pd.DataFrame:
        """The best point and those at most one step of the grid away from it in each parameter: a lone peak is luck."""
        best, near = self.best.name, self.table["final_equity"].notna().to_numpy()
        for name in self.parameters:
            _, at = self.places(name)
            near = near & (np.abs(at - at[best]) <= 1)
        return self.table[near]

    def strategy(self, point: pd.Series | int) -> Strategy:
        """Return the strategy at a point, to be run, compared or judged by itself; what wrappers hold has its parameters too.

        Parameters
        ----------
        point
            A row of `table`, such as `best`, or its number there, from 0.

        Raises
        ------
        ParameterError
            For what is no row of this sweep's table, or a point that is no valid strategy; the message says why.
        """
        number = point.name if isinstance(point, pd.Series) else point
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number < self.n_trials:
            raise ParameterError(
                f"there is no point {number!r}: give a row of the sweep's table, or its number, 0 to {self.n_trials - 1:,}"
            )
        values = {name: [self.table[name].tolist()[number]] for name in self.parameters}
        if isinstance(point, pd.Series):
            for name, (value,) in values.items():
                has = point.get(name, "none")
                given = plain(has.item() if isinstance(has, np.generic) else has)
                if given != plain(value):
                    raise ParameterError(
                        f"row {number} of the sweep has {name} {value!r}, the one given {given}: give a row of its own table"
                    )
        (built,) = Points(self.base, values).built(0, 1)
        if isinstance(built, str):
            raise ParameterError(f"point {number} is no valid {self.name}: {built}")
        return built

    def places(self, parameter: str) -> tuple[list[Any], np.ndarray]:
        """Return a parameter's values, numbers ascending, and which of them each row has."""
        column = self.table[parameter].tolist()
        values = {plain(value): value for value in column}
        numbers = all(isinstance(value, int | float) for value in values.values())
        ordered = sorted(values.values()) if numbers else list(values.values())
        place = {plain(value): at for at, value in enumerate(ordered)}
        return ordered, np.array([place[plain(value)] for value in column])

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write `table` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.table, path, self.market, overwrite=overwrite)

    def heatmap(self, metric: str | None = None) -> Figure:
        """Return a picture of one metric over two parameters.

        Raises
        ------
        ParameterError
            Unless there are two parameters.
        """
        from orebody.research.sweep.section import heatmap

        return draw(heatmap(replace(self, metric=self._known(metric))))

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.sweep.section import section

        return section(self)

    @property
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""
        from orebody.research.sweep.section import sentences

        return sentences(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.market, self.account

    def report(self, path: str | os.PathLike[str], metric: str | None = None, *, overwrite: bool = False) -> Path:
        """Write the heatmap, the best points and how they were computed as one HTML file, and return its path.

        Parameters
        ----------
        path, overwrite
            See `orebody.presentation.Presentable.report`.
        metric
            By which to order the points instead of the sweep's own.
        """
        ordered = replace(self, metric=self._known(metric))
        return write_page(ordered.section(), path, *ordered._origin(), overwrite=overwrite)

    def _known(self, metric: str | None) -> str:
        return self.metric if metric is None else check_metric(metric)

    @property
    def outcome(self) -> str:
        """How many points there are, the best, and its neighbours, in words."""
        ruined = int(self.table["status"].str.startswith("ruined").sum())
        fates = f"{len(self.failed):,} failed" + (f", {ruined:,} RUINED" if ruined else "")
        head = f"{self.n_trials:,} points, {fates}"
        if self.table[self.metric].isna().all():
            return f"{head}; no point has a {self.metric}"
        best = ", ".join(f"{name} {self.best[name]}" for name in self.parameters)
        near = self.neighbourhood[self.metric]
        return (
            f"{head}; best {self.metric} {self.best[self.metric]:.4g} at {best}; "
            f"its {len(near) - 1} neighbours {near.min():.4g} to {near.max():.4g}"
        )

    def __repr__(self) -> str:
        return f"{caveats(self.market, rate_known=self.account.rate_known(self.market))}{self.outcome}\n{self.beating}"


def sweep(
    strategy: type[Strategy] | Strategy,
    grid: Grid,
    market: Market,
    account: Account | None = None,
    *,
    metric: str = "sharpe",
    sample: int | None = None,
    seed: int = 0,
    keep: str | None = None,
    start: str | pd.Timestamp | int | None = None,
    check_lookahead: bool = True,
    workers: str | Client | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Run one strategy at every point of a grid, in the same account over the same bars.

    All accounts open on the first bar on which every valid point can decide and every instrument is listed. A point that fails
    (parameters out of bounds, decisions that the account does not allow) is a row that says so.

    Parameters
    ----------
    strategy
        The class, or an instance whose other parameters stay.
    grid
        Values by parameter, or a list of points; a wrapped strategy's parameters are addressed as ``inner.window``.
    market, account
        As in `backtest`.
    metric
        By which the best is chosen, one of `METRICS`.
    sample, seed
        Try only so many points of the grid, drawn at random.
    keep
        ``"equity"`` keeps every point's equity, 8 bytes a bar and point.
    start
        When all accounts open.
    check_lookahead
        Try three points of the grid for look-ahead.
    workers
        A `distributed.Client`, or the address of a Dask scheduler, to have its workers do the work; here by default.
    progress
        Told how many points are done, of how many, and what is.

    Raises
    ------
    ParameterError, UnknownNameError
        For a grid that is empty or repeats itself, unknown parameters or metrics, or when every point fails.
    DataError
        When no point has enough history.
    LookAheadError
        When one of the points tried looks ahead.
    ClusterError
        When the Dask scheduler does not answer, or has no workers.
    """
    check_metric(metric)
    if keep not in (None, "equity"):
        raise ParameterError(f"keep is {keep!r}: it must be None or 'equity'")
    market = validate_market(market)
    account = validate_account(account)
    check_rhythms(market, account)
    work = Work(points(strategy, grid, sample, seed), market, start)
    checked = work.checked() if check_lookahead else "not checked for look-ahead"
    tell = progress or (lambda done, total, what: None)
    figures, equity = np.empty((len(work), len(FIGURES))), None
    if keep is not None:
        equity = np.empty((len(work), len(market) - work.market.opening))
    status = np.full(len(work), "", dtype=object)
    for first, outcome in work.done(account, tell, workers, keep_equity=keep is not None):
        figures[first : first + len(outcome.figures)] = outcome.figures
        if equity is not None:
            equity[first : first + len(outcome.figures)] = outcome.equity
        for at, why in outcome.failed.items():
            status[first + at] = why
    if status.all():
        raise ParameterError(f"every point of the grid fails; the first: {status[0]}")
    dates, opening = work.market.dates, work.market.opening
    ruined = figures[:, FIGURES.index("ruined")]
    for place in np.flatnonzero(ruined >= 0):
        status[place] = f"ruined on {dates[opening + int(ruined[place])].date()}"
    table = pd.DataFrame(
        dict(work.points.frame.items())
        | {name: column for name, column in zip(FIGURES, figures.T, strict=True) if name != "ruined"}
        | {"status": pd.Series(status, dtype=str)},
        copy=False,
    )
    kept = None if equity is None else pd.DataFrame(equity.T, index=dates[opening:])
    return Sweep(table, tuple(work.points.columns), strategy, metric, work.market, account, checked, kept, work.opening)


def check_metric(metric: str) -> str:
    """Return the metric, or raise `UnknownNameError` with the nearest, or with the reason where a sweep leaves it out."""
    if metric in METRICS:
        return metric
    if metric in _LEFT_OUT:
        raise UnknownNameError(f"metric {metric!r} is no figure of a sweep: {_LEFT_OUT[metric]} (known: {', '.join(METRICS)})")
    raise unknown_name("metric", str(metric), METRICS)
