"""Other processes beside this one, which alone answers a keyboard interrupt."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, TypeVar

from loky import ProcessPoolExecutor
from loky.backend import get_context
from loky.backend import resource_tracker as lokys_tracker

__all__ = ["WorkerPool", "worker_pool"]

T = TypeVar("T")


class WorkerPool:
    """Processes to which work is given; they start with the first piece of it."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool, self._given = pool, list[Future[Any]]()

    def submit(self, work: Callable[..., T], *given: Any) -> Future[T]:
        """Have one of the processes do ``work(*given)``."""
        with _sigint_blocked():
            future: Future[T] = self._pool.submit(work, *given)
        self._given.append(future)
        return future

    def close(self) -> None:
        """Give up what has not begun, and wait for what has."""
        for one in self._given:
            one.cancel()
        self._pool.shutdown(wait=True)

    def end(self) -> None:
        """End the processes at once, whatever they are at; loky itself fails what was given to them."""
        self._pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def worker_pool(count: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = ()) -> Iterator[WorkerPool]:
    """Give `count` processes, each of which does ``begin(*given)`` first; at the end they are gone.

    When the work ends by an exception, such as a keyboard interrupt, they end at once. They end with this process too, however it ends:
    each watches a pipe that closes with it. They are loky's, which never run the caller's script again, so that no
    ``if __name__ == "__main__"`` is asked of it.
    """
    context = get_context("loky")
    watched, held = context.Pipe(duplex=False)
    streams = [number for number, one in enumerate((sys.__stdin__, sys.__stdout__, sys.__stderr__)) if one is not None]
    processes = WorkerPool(ProcessPoolExecutor(count, context=context, initializer=_begin, initargs=(watched, streams, begin, given)))
    try:
        yield processes
    except BaseException:
        processes.end()
        raise
    else:
        processes.close()
    finally:
        watched.close()
        held.close()


def _begin(watched: Connection, streams: Sequence[int], begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    """Prepare one of the processes: it keeps none of its parent's standard streams open, and ends when its parent does."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in streams:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    Thread(target=_end_with, args=(watched,), daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(watched: Connection) -> None:
    """End this process when nobody holds the other end of a pipe any more."""
    with suppress(EOFError, OSError):
        watched.recv_bytes()
    os._exit(1)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Let processes started meanwhile never see a keyboard interrupt, so that only this one answers it.

    The signal is held back, which they inherit; one that comes meanwhile is answered here afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows starts processes that know nothing of this one's signals
        yield
        return
    for tracker in (resource_tracker, lokys_tracker):  # each lets the signal through again when it has started
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
