"""Pieces of work that hold the GIL, done here and, where that pays, in other processes at the same time."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pickle import PicklingError
from typing import Any, TypeVar

__all__ = ["run_tasks"]

OTHERS = (os.cpu_count() or 1) - 1
PAYS = 3.0
"""Seconds of work left from which on other processes are started; to start takes one of them one to two seconds."""
AHEAD = 4
"""Pieces that each of them is given at a time, so that none waits for the next while one is done here."""

Piece = TypeVar("Piece")
Outcome = TypeVar("Outcome")


def run_tasks(work: Callable[..., Outcome], pieces: Sequence[Piece], shared: tuple[Any, ...]) -> Iterator[tuple[Piece, Outcome]]:
    """Do ``work(piece, *shared)`` for each piece, and give each with its outcome as they come, which is in no order.

    The first is done here; if what is left would take longer than `PAYS`, there are other processors, and the work can be sent, other
    processes do it too. `shared` is sent to each of them once. What a process that died, or could not be reached, was to do is done here.
    """
    begun = time.perf_counter()
    for piece in pieces[:1]:
        yield piece, work(piece, *shared)
    left = deque(pieces[1:])
    if OTHERS < 1 or (time.perf_counter() - begun) * len(left) < PAYS:
        while left:
            yield (piece := left.popleft()), work(piece, *shared)
        return
    yield from _with_others(work, left, shared)


def _with_others(work: Callable[..., Outcome], left: deque[Piece], shared: tuple[Any, ...]) -> Iterator[tuple[Piece, Outcome]]:
    from orebody.io.worker_pool import worker_pool

    under_way: dict[Future[Outcome], Piece] = {}
    alive = True
    with worker_pool(OTHERS, _keep, (work, shared)) as others, ThreadPoolExecutor(1) as clerk:
        started = clerk.submit(others.submit, _nothing)  # takes the better part of a second, in which work is done here
        while left or under_way:
            alive = alive and not (started.done() and started.exception())
            while alive and started.done() and left and len(under_way) < AHEAD * OTHERS:
                piece = left.popleft()
                try:
                    under_way[others.submit(_do, piece)] = piece
                except Exception:  # whatever keeps it from being sent: it is done here, where a fault of its own will show
                    left.append(piece)
                    alive = False
            for future in [one for one in under_way if one.done()]:
                piece = under_way.pop(future)
                try:
                    yield piece, future.result()
                except (BrokenProcessPool, PicklingError):
                    left.append(piece)
                    alive = False
            if not left and under_way:  # what nobody has begun is done here, instead of waiting for it
                newest = next(reversed(under_way))
                if newest.cancel():
                    left.append(under_way.pop(newest))
                else:
                    wait(under_way, return_when=FIRST_COMPLETED)
            if left:
                piece = left.popleft()
                yield piece, work(piece, *shared)


_KEPT: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


def _keep(work: Callable[..., Any], shared: tuple[Any, ...]) -> None:
    _KEPT.append((work, shared))


def _nothing() -> None:
    """Have a process started, and sent what is shared."""


def _do(piece: Any) -> Any:
    work, shared = _KEPT[-1]
    return work(piece, *shared)
