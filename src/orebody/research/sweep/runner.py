"""Carrying out the points of a sweep, chunk by chunk, here or on a cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import decisions_of
from orebody.engine.inputs import build_inputs
from orebody.errors import DataError
from orebody.market.market import Market
from orebody.research.parallel.dask import connect, run_on_cluster
from orebody.research.sweep.batch import BatchResult, decide_batch, run, simulate_batch
from orebody.research.sweep.grid import Points
from orebody.strategy import lookahead
from orebody.strategy.base import Strategy
from orebody.strategy.opening import Need, decides_from, opening_for_all, too_short

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Progress", "Work"]

CHUNK = 250  # points: a thread waits for the GIL after each chunk, and has work to the end if there are some
FAR_CHUNK = 500  # for a cluster, where a message costs some milliseconds
KEPT = 10_000  # strategies; of more, each is built twice: once to ask how many bars it needs, and once to decide
THREADS = max(1, (os.cpu_count() or 2) - 1)  # besides the one that decides, which lends a hand
AHEAD = THREADS + 3  # chunks decided and not yet carried out, of some 0.8 MB each

Progress = Callable[[int, int, str], None]
Built = list[Strategy | str]


class Work:
    """The points of a sweep on a market opened where every valid point that has enough history can decide, and why there."""

    def __init__(self, points: Points, market: Market, start: str | pd.Timestamp | int | None, subject: str = "All accounts open") -> None:
        self.points: Points = points
        self._kept: Built = points.built(0, len(points)) if len(points) <= KEPT else []
        fit, self._short = self._needs(market)
        opening = opening_for_all(fit, market, start, subject)
        self.market: Market = opening.market
        self.opening: str = opening.text

    def __len__(self) -> int:
        return len(self.points)

    def built(self, begin: int, end: int) -> Built:
        """Return the strategies of these points, or, where there is none or too little history, why."""
        built = self._kept[begin:end] if self._kept else self.points.built(begin, end)
        if not self._short:
            return built
        return [one if isinstance(one, str) else too_short(one, self.market) or one for one in built]

    def _needs(self, market: Market) -> tuple[list[Need], bool]:
        """Return when the points that ever can can decide, and whether there are others."""
        needed = set[tuple[int, int]]()
        for begin in range(0, len(self), KEPT):
            built = self._kept or self.points.built(begin, begin + KEPT)
            needed.update((decides_from(one, market), one.bars_needed) for one in built if not isinstance(one, str))
        fit = [Need("", bar, bars) for bar, bars in needed if bar < len(market)]
        if needed and not fit:
            has = f"the market has {max(0, len(market) - market.listed)}: load a longer history or shorten the windows"
            raise DataError(f"every point needs at least {min(bars for _, bars in needed)} bars before it can decide, {has}")
        return fit, len(fit) < len(needed)

    def checked(self) -> str:
        """Try three points of the grid for look-ahead: the first, the middle and the last of those that are valid."""
        market, tried = self.market, 0
        for one in {repr(one): one for one in self._valid()}.values():
            try:
                plan = decisions_of(one, market).on(market)
            except Exception:
                continue  # its row will say why
            cuts = lookahead.chosen_cuts(plan, market, decides_from(one, market) + 1)
            lookahead.check(one, market, plan, cuts)
            tried += bool(cuts)
        tells = f"no look-ahead at {tried} points of the grid, the future removed and changed at each cut"
        return tells if tried else "too short to check for look-ahead"

    def _valid(self) -> Iterator[Strategy]:
        """Give the valid points nearest to the first, the middle and the last."""
        count = len(self)
        for places in (range(count), range(count // 2, count), range(count - 1, -1, -1)):
            for at in places:
                (one,) = self.built(at, at + 1)
                if isinstance(one, Strategy):
                    yield one
                    break

    def done(
        self, account: Account, tell: Progress, workers: str | Client | None, *, keep_equity: bool
    ) -> Iterator[tuple[int, BatchResult]]:
        """Give what came of each chunk of points, with the number of its first."""
        size = CHUNK if workers is None else FAR_CHUNK
        begins = range(0, len(self), size)
        tell(0, len(self), "points")
        if workers is None:
            chunks = (self.built(begin, begin + size) for begin in begins)
            outcomes = _here(chunks, self.market, account, keep_equity)
        else:
            outcomes = self._far(workers, account, keep_equity)
        for begin, outcome in zip(begins, outcomes, strict=True):
            yield begin, outcome
            tell(min(begin + size, len(self)), len(self), "points")

    def _far(self, workers: str | Client, account: Account, keep_equity: bool) -> Iterator[BatchResult]:
        chunks = (self.built(begin, begin + FAR_CHUNK) for begin in range(0, len(self), FAR_CHUNK))
        with connect(workers) as client:
            yield from run_on_cluster(client, run, chunks, (self.market, account, keep_equity))


class _Part:
    """A chunk under way: a thread carries it out, or whoever calls `here` before one has begun."""

    def __init__(self, work: Callable[[], BatchResult], pool: ThreadPoolExecutor) -> None:
        self._work = work
        self._future: Future[BatchResult] = pool.submit(work)
        self._outcome: BatchResult | None = None

    def here(self) -> None:
        """Carry it out, unless a thread has begun."""
        if self._outcome is None and self._future.cancel():
            self._outcome = self._work()

    def done(self) -> bool:
        return self._future.done()  # what was cancelled, was carried out here

    def outcome(self) -> BatchResult:
        return self._future.result() if self._outcome is None else self._outcome


def _here(chunks: Iterator[Built], market: Market, account: Account, keep_equity: bool) -> Iterator[BatchResult]:
    """Decide chunk after chunk and have threads carry them out; when enough of them wait for a thread, and at the end, lend a hand.

    Deciding needs the GIL and carrying out does not. Outcomes come in order, and few chunks are under way: memory stays flat however many
    points there are.
    """
    inputs = build_inputs(market, account)
    under_way: deque[_Part] = deque()
    pool = ThreadPoolExecutor(THREADS)
    try:
        for chunk in chunks:
            said = decide_batch(chunk, market, account)
            under_way.append(_Part(partial(simulate_batch, said, inputs, market, keep_equity), pool))
            if sum(not part.done() for part in under_way) > AHEAD:
                under_way[-1].here()
            while under_way and under_way[0].done():
                yield under_way.popleft().outcome()
        for part in reversed(under_way):
            part.here()
        for part in under_way:
            yield part.outcome()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
