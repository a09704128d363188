"""Other processes beside this one, which alone answers a keyboard interrupt."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from loky import ProcessPoolExecutor
from loky.backend import get_context
from loky.backend import resource_tracker as lokys_tracker

__all__ = ["Beside", "beside"]

T = TypeVar("T")


class Beside:
    """Processes to which work is given; they start with the first piece of it."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool, self._given = pool, list[Future[Any]]()

    def submit(self, work: Callable[..., T], *given: Any) -> Future[T]:
        """Have one of the processes do ``work(*given)``."""
        with _deaf_children():
            future: Future[T] = self._pool.submit(work, *given)
        self._given.append(future)
        return future

    def close(self) -> None:
        """Give up what has not begun, and wait for what has: processes that are killed leave warnings on the terminal."""
        for one in self._given:
            one.cancel()
        self._pool.shutdown(wait=True)


@contextmanager
def beside(count: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = ()) -> Iterator[Beside]:
    """Give `count` processes, each of which does ``begin(*given)`` first; at the end they are gone.

    They are loky's, which never run the caller's script again, so that no ``if __name__ == "__main__"`` is asked of it.
    """
    processes = Beside(ProcessPoolExecutor(count, context=get_context("loky"), initializer=begin, initargs=given))
    try:
        yield processes
    finally:
        processes.close()


@contextmanager
def _deaf_children() -> Iterator[None]:
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
