"""Chunks of work on an existing Dask cluster: the market is sent once, chunks as they are wanted, a worker that dies costs a retry."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from orebody.errors import ClusterError, ParameterError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connect", "run_on_cluster"]

KNOCK = 3
"""Seconds in which somebody must take a connection."""
PATIENCE = 8
"""Seconds in which who took it must answer as a scheduler, and its workers be there."""
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
Outcome = TypeVar("Outcome")


@contextmanager
def connect(workers: str | Client) -> Iterator[Any]:
    """Give a client of the cluster; one that was made from an address is closed at the end.

    Raises
    ------
    ParameterError
        When `workers` is neither, or Dask is not installed.
    ClusterError
        When nobody takes a connection at the address within three seconds, what takes it does not answer as a scheduler within eight, or
        no workers are there.
    """
    if isinstance(workers, str) and (refused := _refused_connection(workers)) is not None:
        raise _no_scheduler(workers, KNOCK, refused)
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError("workers needs Dask: install orebody[distributed], or leave workers out") from None
    if isinstance(workers, Client):
        _check_workers(workers)
        yield workers
        return
    if not isinstance(workers, str):
        raise ParameterError(f"workers is {workers!r}: give a distributed.Client or a scheduler's address such as 'tcp://127.0.0.1:8786'")
    failed = _no_answer(workers)
    if failed is None:
        try:
            made: Any = Client  # untyped in part
            client = made(workers, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            failed = error
    if failed is not None:
        raise _no_scheduler(workers, PATIENCE, failed) from None
    try:
        _check_workers(client)
        yield client
    finally:
        client.close()


def _refused_connection(address: str) -> Exception | None:
    """Return why no connection can be made to an address, or None where one can, or where the address is of another kind.

    It is asked before Dask is imported, which takes longer; what is just starting is waited for.
    """
    form = _ADDRESS.fullmatch(address.strip())
    if form is None:
        return None
    until = time.monotonic() + KNOCK
    while True:
        try:
            with socket.create_connection((form["host"].strip("[]"), int(form["port"])), timeout=max(0.1, until - time.monotonic())):
                return None
        except (OSError, OverflowError, UnicodeError) as error:  # no such port, no such name of a host
            if not isinstance(error, OSError) or isinstance(error, socket.gaierror) or time.monotonic() + 0.2 > until:
                return error
        time.sleep(0.2)


def _no_scheduler(address: str, seconds: float, error: BaseException) -> ClusterError:
    return ClusterError(
        f"no Dask scheduler answers at {address!r:.200} within {seconds} seconds ({type(error).__name__}): "
        "start one with 'dask scheduler', or leave workers out"
    )


def _no_answer(address: str) -> BaseException | None:
    """Return why no scheduler answers at an address, or None where one does.

    A client that meets something else there, or something that takes connections and is silent, waits for ever, and again when Python
    ends; so one is made only where a scheduler has said what it is. A thread asks, which nobody waits for longer than that.
    """
    from distributed import Security
    from distributed.core import rpc

    came: list[BaseException | None] = []

    async def ask() -> None:
        security: Any = Security()  # type: ignore[no-untyped-call]
        made: Any = rpc
        scheduler = made(address, timeout=PATIENCE, connection_args=security.get_connection_args("client"))
        try:
            known = await asyncio.wait_for(scheduler.identity(), PATIENCE)
            if known["type"] != "Scheduler":
                raise ValueError(f"a {known['type']} is there")
        finally:
            await scheduler.close_rpc()

    def run() -> None:
        try:
            asyncio.run(ask())
        except Exception as error:
            came.append(error)
        else:
            came.append(None)

    thread = Thread(target=run, name="orebody-asks-a-scheduler", daemon=True)
    thread.start()
    thread.join(PATIENCE + 1)
    return came[0] if came else TimeoutError()


def _check_workers(client: Any) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise ClusterError(f"the Dask scheduler has no workers after {PATIENCE} seconds: start some with 'dask worker ADDRESS'") from None


def run_on_cluster(client: Any, work: Callable[..., Outcome], chunks: Iterator[Any], shared: tuple[Any, ...]) -> Iterator[Outcome]:
    """Have the cluster do ``work(chunk, *shared)`` for each chunk; outcomes come in order.

    `shared` is sent to every worker once. No more chunks are under way than keep the workers busy, so that memory stays flat.
    """
    sent = client.scatter(_Shared(shared), broadcast=True, hash=False)  # by content, a call could get what the one before it cancels
    under_way: deque[Any] = deque()
    try:
        while True:
            room = 3 * max(1, sum(client.nthreads().values())) - len(under_way)
            for chunk in islice(chunks, max(0, room)):
                under_way.append(client.submit(_do, work, chunk, sent, pure=False, retries=3))
            if not under_way:
                break
            yield under_way.popleft().result()
    finally:
        client.cancel([*under_way, sent])


class _Shared:
    """One thing to send, whatever it is made of."""

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts


def _do(work: Callable[..., Outcome], chunk: Any, shared: _Shared) -> Outcome:
    return work(chunk, *shared.parts)
