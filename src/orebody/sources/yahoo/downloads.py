"""Several downloads at once: bounded, told about, and each failure kept apart."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from orebody.errors import DownloadError, OrebodyError, ParameterError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo.client import quotes
from orebody.sources.yahoo.retry import RetryPolicy

__all__ = ["Progress", "download"]

Sleep = Callable[[float], object]
Progress = Callable[[int, int, str], None]
"""Told how many tickers are done, of how many, and which was the last."""


def download(
    tickers: Iterable[str],
    *,
    since: Mapping[str, dt.date | str | None] | None = None,
    workers: int = 4,
    progress: Progress | None = None,
    fetch: Callable[[str, dt.date | str | None, Sleep], Quotes] | None = None,
    now: dt.datetime | None = None,
    patience: RetryPolicy | None = None,
) -> Iterator[tuple[str, Quotes | OrebodyError]]:
    """Download tickers side by side and yield each as it comes.

    Parameters
    ----------
    tickers
        As in `quotes`; a repeated one is downloaded once.
    since
        First day by ticker; those that are not in it are downloaded whole.
    workers
        How many at once, 1 to 16: Yahoo answers more than a few with 429.
    progress
        See `Progress`; called by the thread that iterates, first with none done.
    fetch
        Called instead of `quotes` with a ticker, its first day, and what waits between tries, for `quotes` in the end: a cache's
        refresh, say.
    now, patience
        Of each; see `quotes`.

    Yields
    ------
    (str, Quotes or OrebodyError)
        The ticker as it was given, and what came of it, in the order of completion: one that fails takes no other with it. Closing the
        iterator, or leaving it by an exception, starts no further download and wakes those that wait for a retry.

    Raises
    ------
    ParameterError
        For a number of workers out of bounds.
    """
    if not isinstance(workers, int) or isinstance(workers, bool) or not 1 <= workers <= 16:
        raise ParameterError(f"workers is {workers!r}: give a whole number from 1 to 16")
    names = list(dict.fromkeys([tickers] if isinstance(tickers, str) else tickers))
    return _downloads(names, since or {}, workers, progress, fetch, now, patience)


def _downloads(
    names: list[str],
    since: Mapping[str, dt.date | str | None],
    workers: int,
    progress: Progress | None,
    fetch: Callable[[str, dt.date | str | None, Sleep], Quotes] | None,
    now: dt.datetime | None,
    patience: RetryPolicy | None,
) -> Iterator[tuple[str, Quotes | OrebodyError]]:
    stopped = threading.Event()

    def pause(seconds: float) -> None:
        if stopped.wait(seconds):
            raise DownloadError("the download was given up")

    def one(name: str) -> Quotes | OrebodyError:
        first = since.get(name)
        try:
            return fetch(name, first, pause) if fetch else quotes(name, since=first, now=now, patience=patience, sleep=pause)
        except OrebodyError as error:
            return error
        except Exception as error:  # a defect of ours in one ticker's data must not take the others with it
            why = f"{type(error).__name__}: {error}"
            made = DownloadError(
                f"{name} could not be read, by a defect of orebody ({why!r:.100}): report it; the others are not concerned"
            )
            made.__cause__ = error
            return made

    if progress:
        progress(0, len(names), "")
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="orebody-download")
    try:
        coming: dict[Future[Quotes | OrebodyError], str] = {pool.submit(one, name): name for name in names}
        for done, future in enumerate(as_completed(coming), start=1):
            if progress:
                progress(done, len(names), coming[future])
            yield coming[future], future.result()
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)
