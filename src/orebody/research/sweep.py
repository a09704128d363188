"""Sweep: one strategy at many points of its parameters, on the compiled engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody import causality
from orebody.account import Account
from orebody.engine.inputs import inputs
from orebody.engine.kernel import FIGURES
from orebody.errors import DataError, OrebodyError, ParameterError, unknown_name
from orebody.market.market import Market
from orebody.research.chunk import Outcome, carried_out, decided, run
from orebody.research.cluster import connected, spread
from orebody.research.grid import Grid, Point, build, plain, points
from orebody.run import checked_account, decisions_of
from orebody.strategy import Strategy

if TYPE_CHECKING:
    from distributed import Client
    from matplotlib.figure import Figure

__all__ = ["METRICS", "Sweep", "sweep"]

METRICS = tuple(name for name in FIGURES if name != "ruined")
LOW_IS_GOOD = {"volatility", "time_under_water", "turnover", "costs", "trades"}
CHUNK = 100  # points: large enough to be worth a thread, small enough to show progress
WAVE = 10  # chunks
FAR_CHUNK = 500  # for a cluster, where a message costs some milliseconds
THREADS = max(2, os.cpu_count() or 2)  # the one that decides is done before they are

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """The runs of a sweep. Made by `sweep`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row a point: its parameters, its figures (as in `orebody.metrics`), and `status`, empty or why there are none or what happened.
    parameters : tuple of str
    name : str
        The strategy's.
    metric : str
        By which the best is chosen.
    market : Market
        With `market.opening` the bar on which all accounts opened.
    account : Account
    checked : str
        What was checked for look-ahead, in words.
    equity : pandas.DataFrame or None
        A column a point, numbered as the rows of `table`, if it was kept.
    """

    table: pd.DataFrame
    parameters: tuple[str, ...]
    name: str
    metric: str
    market: Market
    account: Account
    checked: str
    equity: pd.DataFrame | None = None

    @property
    def tried(self) -> int:
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

    @property
    def neighbourhood(self) -> pd.DataFrame:
        """The best point and those at most one step of the grid away from it in each parameter: a lone peak is luck."""
        best, near = self.best.name, self.table["final_equity"].notna().to_numpy()
        for name in self.parameters:
            _, at = self.places(name)
            near = near & (np.abs(at - at[best]) <= 1)
        return self.table[near]

    def places(self, parameter: str) -> tuple[list[Any], np.ndarray]:
        """Return a parameter's values, numbers ascending, and which of them each row has."""
        column = self.table[parameter].tolist()
        values = {plain(value): value for value in column}
        numbers = all(isinstance(value, int | float) for value in values.values())
        ordered = sorted(values.values()) if numbers else list(values.values())
        place = {plain(value): at for at, value in enumerate(ordered)}
        return ordered, np.array([place[plain(value)] for value in column])

    def heatmap(self, metric: str | None = None) -> Figure:
        """Return a picture of one metric over two parameters.

        Raises
        ------
        ParameterError
            Unless there are two parameters.
        """
        from orebody.report.heatmap import draw

        figure: Figure = draw(replace(self, metric=self._known(metric)))
        return figure

    def report(self, path: str | os.PathLike[str], metric: str | None = None) -> Path:
        """Write the heatmap, the best points and how they were computed as one HTML file, and return its path."""
        from orebody.report.heatmap import write

        return write(replace(self, metric=self._known(metric)), path)

    def _known(self, metric: str | None) -> str:
        return self.metric if metric is None else _check_metric(metric)

    def __repr__(self) -> str:
        head = "SIMULATED\n" if self.market.simulated else ""
        best = ", ".join(f"{name} {self.best[name]}" for name in self.parameters)
        near = self.neighbourhood[self.metric]
        ruined = int(self.table["status"].str.startswith("ruined").sum())
        fates = f"{len(self.failed):,} failed" + (f", {ruined:,} RUINED" if ruined else "")
        return (
            f"{head}{self.tried:,} points, {fates}; best {self.metric} {self.best[self.metric]:.4g} at {best}; "
            f"its {len(near) - 1} neighbours {near.min():.4g} to {near.max():.4g}"
        )


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
    check: bool = True,
    workers: str | Client | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Run one strategy at every point of a grid, in the same account over the same bars.

    All accounts open on the first bar on which every valid point can decide. A point that fails (parameters out of bounds, decisions that
    the account does not allow) is a row that says so.

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
    check
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
    _check_metric(metric)
    if keep not in (None, "equity"):
        raise ParameterError(f"keep is {keep!r}: it must be None or 'equity'")
    if not isinstance(market, Market):
        raise ParameterError(f"market is a {type(market).__name__}: give orebody.load_market(...) or Market.from_frames(...)")
    account = checked_account(account)
    made = points(strategy, grid, sample, seed)
    built = [_built(strategy, point) for point in made]
    opened = _opened(built, market, start)
    built = [_long_enough(one, opened) for one in built]
    checked = _checked(built, opened) if check else "not checked for look-ahead"
    tell = progress or (lambda done, total, what: None)
    if workers is None:
        size, outcomes = CHUNK, list(_run(built, opened, account, keep is not None, tell))
    else:
        size, outcomes = FAR_CHUNK, list(_run_far(workers, built, opened, account, keep is not None, tell))
    figures = np.concatenate([outcome.figures for outcome in outcomes])
    status = pd.Series("", index=range(len(made)))
    for number, outcome in enumerate(outcomes):
        for at, why in outcome.failed.items():
            status[number * size + at] = why
    if len(status) == (status != "").sum():
        raise ParameterError(f"every point of the grid fails; the first: {status[0]}")
    columns = {name: _column([point[name] for point in made]) for name in made[0]}
    table = pd.DataFrame(columns).join(pd.DataFrame(figures, columns=list(FIGURES)))
    for at, bar in table["ruined"][table["ruined"] >= 0].items():
        status[at] = f"ruined on {opened.dates[opened.opening + int(bar)].date()}"
    table = table.drop(columns="ruined").assign(status=status)
    equity = None
    if keep is not None:
        equity = pd.DataFrame(np.concatenate([outcome.equity for outcome in outcomes]).T, index=opened.dates[opened.opening :])
    return Sweep(table, tuple(made[0]), strategy.name(), metric, opened, account, checked, equity)


def _check_metric(metric: str) -> str:
    if metric not in METRICS:
        raise unknown_name("metric", str(metric), METRICS)
    return metric


def _built(strategy: type[Strategy] | Strategy, point: Point) -> Strategy | str:
    """Return the strategy at `point`, or why there is none."""
    try:
        return build(strategy, point)
    except OrebodyError as error:
        return str(error)


def _long_enough(one: Strategy | str, market: Market) -> Strategy | str:
    """Return the strategy, or that it needs more bars than there are."""
    if isinstance(one, str) or market.listed + one.bars_needed <= len(market):
        return one
    has = max(0, len(market) - market.listed)
    return f"{one.name()} needs {one.bars_needed} bars before it can decide, the market has {has}"


def _column(values: list[Any]) -> pd.Series:
    """Return a parameter's values as they are: pandas would make None a NaN and 1 beside 0.5 a 1.0."""
    kinds = {type(value) for value in values}
    return pd.Series(values, dtype=None if kinds in ({int}, {float}) else object)


def _opened(built: list[Strategy | str], market: Market, start: str | pd.Timestamp | int | None) -> Market:
    """Return the market opened where every valid point that has enough history can decide."""
    if start is not None:
        return market.opened(start)
    needed = [one.bars_needed for one in built if isinstance(one, Strategy)]
    possible = [bars for bars in needed if market.listed + bars <= len(market)]
    if needed and not possible:
        raise DataError(f"every point needs at least {min(needed)} bars before it can decide, the market has {len(market) - market.listed}")
    return market.opened(max(market.opening, market.listed + max(possible, default=1) - 1))


def _checked(built: list[Strategy | str], market: Market) -> str:
    """Try three points of the grid for look-ahead: the first, the middle and the last of those that are valid."""
    valid = [one for one in built if isinstance(one, Strategy)]
    tried = 0
    for one in {repr(valid[at]): valid[at] for at in (0, len(valid) // 2, -1)}.values() if valid else ():
        try:
            plan = decisions_of(one, market).on(market)
        except OrebodyError:
            continue  # its row will say why
        cuts = causality.chosen_cuts(plan, market, market.listed + one.bars_needed)
        causality.check(one, market, plan, cuts)
        tried += bool(cuts)
    tells = f"no look-ahead at {tried} points of the grid, the future removed and changed at each cut"
    return tells if tried else "too short to check for look-ahead"


def _run(built: list[Strategy | str], market: Market, account: Account, keep_equity: bool, tell: Progress) -> Iterator[Outcome]:
    """Decide a wave of chunks here, then have threads carry them out; outcomes come in order.

    In waves, because threads that come back for the GIL while others decide wait five milliseconds each time.
    """
    books = inputs(market, account)
    chunks = [built[at : at + CHUNK] for at in range(0, len(built), CHUNK)]
    pool = ThreadPoolExecutor(THREADS)
    try:
        for first in range(0, len(chunks), WAVE):  # memory stays flat however many points there are
            tell(first * CHUNK, len(built), "points")
            said = [decided(chunk, market) for chunk in chunks[first : first + WAVE]]
            yield from pool.map(lambda chunk: carried_out(chunk, books, market, account, keep_equity), said)
        tell(len(built), len(built), "points")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run_far(
    workers: str | Client, built: list[Strategy | str], market: Market, account: Account, keep_equity: bool, tell: Progress
) -> Iterator[Outcome]:
    """Have a cluster decide and carry out the chunks; outcomes come in order."""
    chunks = [built[at : at + FAR_CHUNK] for at in range(0, len(built), FAR_CHUNK)]

    def told(done: int) -> None:
        tell(min(done * FAR_CHUNK, len(built)), len(built), "points")

    with connected(workers) as client:
        yield from spread(client, run, chunks, (market, account, keep_equity), told)
