"""Every point on every window of a walk-forward: what its figure was where it was chosen, and what it came to on the test after it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from orebody.account import Account
from orebody.engine.inputs import EngineInputs, build_inputs, within
from orebody.engine.kernel import FIGURES
from orebody.market.market import Market
from orebody.research.parallel.dask import connect, run_on_cluster
from orebody.research.parallel.opening_probe import OpeningProbe
from orebody.research.sweep.batch import DecisionBatch, raw_decisions_of, simulate_batch, validate_batch
from orebody.research.sweep.runner import Built, Progress, Work
from orebody.research.walk_forward.windows import Window
from orebody.strategy.base import Strategy
from orebody.strategy.decision_checks import rows_within
from orebody.strategy.opening import decides_from, too_short

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Trials", "run_trials"]

RUINED, GROWTH, SHARPE = (FIGURES.index(name) for name in ("ruined", "total_return", "sharpe"))
THREADS = os.cpu_count() or 2
CHUNK = 100  # points, each tried on all windows

Failed: TypeAlias = dict[tuple[int, int], str]
Tried: TypeAlias = tuple[np.ndarray, Failed]
Figures: TypeAlias = tuple[np.ndarray, dict[int, str]]


@dataclass(frozen=True, eq=False)
class Trials:
    """What all points did on all windows; W windows, P points.

    Attributes
    ----------
    in_sample : numpy.ndarray
        Shape ``(W, P)``: the metric on the training window, NaN for a point that failed or was ruined on it.
    growth, sharpe : numpy.ndarray
        Shape ``(W, P)``: time-weighted return and Sharpe ratio on the training window.
    out_of_sample : numpy.ndarray
        Shape ``(W, P)``: the metric of an account of its own that opens at the close before the test, NaN where there is none.
    failed : dict of (int, int) to str
        By window and point, why there is no figure.
    """

    in_sample: np.ndarray
    growth: np.ndarray
    sharpe: np.ndarray
    out_of_sample: np.ndarray
    failed: Failed


def run_trials(work: Work, windows: list[Window], account: Account, metric: str, tell: Progress, workers: str | Client | None) -> Trials:
    """Try every point on every window, here or on a cluster.

    On the training window an account opens on its first bar and sees nothing of what comes after its last; on the test one opens on the
    bar before the test.
    """
    figures = np.full((4, len(windows), len(work)), np.nan)
    failed: Failed = {}
    begins = range(0, len(work), CHUNK)
    chunks = (work.built(begin, begin + CHUNK) for begin in begins)
    tell(0, len(work), "points on all windows")
    shared = (work.market, windows, account, metric)
    outcomes = _here(chunks, *shared) if workers is None else _far(chunks, workers, shared)
    for begin, (one, why) in zip(begins, outcomes, strict=True):
        end = begin + one.shape[2]
        figures[:, :, begin:end] = one
        failed |= {(window, begin + point): text for (window, point), text in why.items()}
        tell(end, len(work), "points on all windows")
    return Trials(figures[0], figures[1], figures[2], figures[3], failed)


@dataclass(frozen=True, eq=False)
class _Span:
    """A training or a test: the market cut where it ends and opened where it begins, and its books."""

    market: Market
    inputs: EngineInputs


@dataclass(frozen=True, eq=False)
class _Spans:
    """All trainings and then all tests of a market, made once for all points."""

    whole: Market
    account: Account
    each: list[_Span]
    column: int

    @classmethod
    def of(cls, market: Market, windows: list[Window], account: Account, metric: str) -> _Spans:
        inputs = build_inputs(market, account)
        bars = [*((one.train, one.trained) for one in windows), *((one.test - 1, one.tested) for one in windows)]
        each = [_Span(market.cut(end).opened(begin), within(inputs, market, begin, end)) for begin, end in bars]
        return cls(market.opened(0), account, each, FIGURES.index(metric))

    def decided(self, built: Built) -> DecisionBatch | None:
        """Return what the points decide on the whole market, or None where each window has to ask them again.

        Whatever depends on when an account opens, and whatever fails anywhere, is asked again on each window's own market: so nothing that
        lies after a window can have a say in it.
        """
        market = OpeningProbe.of(self.whole)  # a new one for each chunk: what is decided must not depend on who else was asked
        said = raw_decisions_of(built, market)
        if market.asked or any(isinstance(built[at], Strategy) for at in said.failed):
            return None
        chunk = validate_batch(said, built, self.whole, self.account)
        return None if len(chunk.failed) > len(said.failed) else chunk

    def tried(self, built: Built, chunk: DecisionBatch | None, span: _Span) -> Figures:
        """Return the figures of each point on one window's market, and why some have none."""
        market, late = span.market, {}
        for at, one in enumerate(built):
            if isinstance(one, Strategy) and decides_from(one, market) > market.opening:
                late[at] = too_short(one, market, by=market.opening, has="there are {bars} when the window begins")
        built = [late.get(at, one) for at, one in enumerate(built)] if late else built
        if chunk is None:
            chunk = validate_batch(raw_decisions_of(built, market), built, market, self.account)
        else:
            told = chunk.rows, chunk.weights, chunk.deploy, chunk.contribution_split, chunk.ends
            rows, weights, deploy, contribution_split, ends = rows_within(*told, market.opening, len(market))
            chunk = DecisionBatch(rows - market.opening, weights, deploy, contribution_split, chunk.bands, ends, chunk.failed | late)
        outcome = simulate_batch(chunk, span.inputs, market, keep_equity=False)
        failed = dict(outcome.failed)
        for at in np.flatnonzero(outcome.figures[:, RUINED] >= 0).tolist():
            failed[at] = f"ruined on {market.dates[market.opening + int(outcome.figures[at, RUINED])].date()}"
        return outcome.figures, failed


def _gather(outcomes: list[Figures], column: int) -> Tried:
    """Return the four figures that `Trials` keeps of a chunk, from those of its trainings and then of its tests."""
    count = len(outcomes) // 2
    kept = np.empty((4, count, len(outcomes[0][0])))
    failed: Failed = {}
    for at, (figures, why) in enumerate(outcomes):
        window, test = at % count, at >= count
        kept[3 if test else 0, window] = figures[:, column]
        if not test:
            kept[1, window], kept[2, window] = figures[:, GROWTH], figures[:, SHARPE]
            kept[0, window, list(why)] = np.nan  # nobody would choose what failed, or was ruined
        for point, text in why.items():
            failed.setdefault((window, point), f"in the test: {text}" if test else text)
    return kept, failed


def _here(chunks: Iterator[Built], market: Market, windows: list[Window], account: Account, metric: str) -> Iterator[Tried]:
    """Decide chunk after chunk and have threads carry out its windows; two chunks are under way, so that memory stays flat."""
    spans = _Spans.of(market, windows, account, metric)
    under_way: deque[list[Future[Figures]]] = deque()
    pool = ThreadPoolExecutor(THREADS)
    try:
        for built in chunks:
            chunk = spans.decided(built)
            under_way.append([pool.submit(spans.tried, built, chunk, span) for span in spans.each])
            if len(under_way) > 1:
                yield _gather([one.result() for one in under_way.popleft()], spans.column)
        for jobs in under_way:
            yield _gather([one.result() for one in jobs], spans.column)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _far(chunks: Iterator[Built], workers: str | Client, shared: tuple[Market, list[Window], Account, str]) -> Iterator[Tried]:
    with connect(workers) as client:
        yield from run_on_cluster(client, _run, chunks, shared)


def _run(built: Built, market: Market, windows: list[Window], account: Account, metric: str) -> Tried:
    """Do all of a chunk: what a worker of a cluster is sent."""
    spans = market.memo(("spans", tuple(windows), account, metric), lambda: _Spans.of(market, windows, account, metric))
    chunk = spans.decided(built)
    return _gather([spans.tried(built, chunk, span) for span in spans.each], spans.column)
