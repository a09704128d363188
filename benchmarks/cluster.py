"""What a Dask cluster of N workers would do for a sweep, a walk-forward and scenarios: constants measured here, a model of them, its check.

    python benchmarks/cluster.py [picture.svg]

A scheduler and one or two workers of one thread, processes of their own on 127.0.0.1, are started, measured and stopped. What `workers=`
hands to `spread` is caught, so that pieces are those that a cluster is really sent. With k pieces the model is

    T(N) = F + l + N S + max(k c, k d, ceil(k / N) w)

F: what the caller does once. l: one message there and back. S: sending what all pieces share, for each worker. c, d, w: what a piece
costs the caller (which makes it, hands it out and keeps its outcome), the scheduler and a worker. These three and F are seconds of CPU of
real calls, which other programs on the machine do not lengthen; l and S are the least of several. A worker's first piece, with imports
and kernels from the cache, is told apart. The check is how much faster two real workers were than one, all on this machine's cores.
"""

from __future__ import annotations

import json
import math
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from distributed import Client

import orebody as ob
from orebody.research.scenarios import analysis
from orebody.research.sweep import runner
from orebody.research.walk_forward import trials
from orebody.strategies import DollarCostAverage, MomentumRotation, RatioRotation, TrimStretch
from orebody.testing import random_market

Call = Callable[[Any, int], object]
PLACES = (runner, trials, analysis)
LESS, TURNS = 5, 5
WORKERS = (1, 2, 4, 8, 16, 32, 64)
CALLS = count()


@dataclass(frozen=True)
class Measured:
    """The constants of one kind of work, seconds and bytes."""

    name: str
    pieces: int
    once: float
    latency: float
    sending: float
    caller: float
    scheduler: float
    worker: float
    alone: float
    shared_bytes: int
    piece_bytes: int
    outcome_bytes: int

    def predicted(self, workers: int, times: int = 1) -> float:
        """Return the seconds that the model gives `times` as many pieces."""
        pieces = self.pieces * times
        busy = max(pieces * self.caller, pieces * self.scheduler, math.ceil(pieces / workers) * self.worker)
        return self.once + self.latency + workers * self.sending + busy

    @property
    def enough(self) -> float:
        """Workers beyond which the caller or the scheduler is what all wait for."""
        return self.worker / max(self.caller, self.scheduler)


def kinds() -> dict[str, Call]:
    """Return calls that take a client, or nothing, and by how much their work is to be less."""
    market = random_market(1, bars=5_000, start="2000-01-01")

    def account() -> ob.Account:  # another in each call: nothing that is sent may be what the cluster was sent before
        return ob.Account(cash=100_000 + next(CALLS), contribution=1_000, costs=ob.Costs(commission=0.001))

    chosen = [RatioRotation(), DollarCostAverage(), MomentumRotation(), TrimStretch()]

    def grid(windows: int, entries: int) -> dict[str, list[float]]:
        return {"window": list(range(20, 20 + windows)), "entry": [0.2 + 2.5 * k / entries for k in range(entries)]}

    return {
        "sweep, 10,000 points": lambda to, less: ob.sweep(
            RatioRotation, grid(200 // less, 50), market, account(), start=300, workers=to, check_lookahead=False
        ),
        "walk-forward, 1,000 points x 20 windows": lambda to, less: ob.walk_forward(
            RatioRotation,
            grid(40 // less, 25),
            market,
            account(),
            500,
            215,
            engine="compiled",
            start=300,
            workers=to,
            check_lookahead=False,
        ),
        "scenarios, 4 strategies x 1,000 paths x 3": lambda to, less: ob.scenarios(
            chosen, market, account(), paths=1_000 // less, workers=to, check_lookahead=False
        ),
    }


def caught(call: Call, client: Client) -> dict[str, Any]:
    """Do the work of a call here; return what a cluster would be sent, the outcomes and the seconds of CPU of each piece."""
    kept: dict[str, Any] = {}

    def here(client: object, do: Callable[..., Any], pieces: Iterator[Any], shared: tuple[Any, ...]) -> Iterator[Any]:
        kept.update(shared=shared, pieces=[], outcomes=[], each=[])
        for piece in pieces:
            begun = time.process_time()
            outcome = do(piece, *shared)
            kept["each"].append(time.process_time() - begun)
            kept["pieces"].append(piece)
            kept["outcomes"].append(outcome)
            yield outcome

    with ExitStack() as patches:
        for place in PLACES:
            patches.enter_context(patch.object(place, "spread", here))
        call(client, 1)
    return kept


def spent(call: Call, client: Client, less: int, processes: list[psutil.Process]) -> list[float]:
    """Return the seconds of CPU of each process over one call, the mean of several."""
    times = [one.cpu_times() for one in processes]
    for _ in range(TURNS):
        call(client, less)
    return [(sum(one.cpu_times()[:2]) - sum(before[:2])) / TURNS for one, before in zip(processes, times, strict=True)]


def measured(name: str, call: Call, client: Client, processes: list[psutil.Process]) -> Measured:
    caught(call, client)  # so that nothing below is a first time
    sent = caught(call, client)
    shared, pieces, outcomes = sent["shared"], sent["pieces"], sent["outcomes"]
    whole, part = spent(call, client, 1, processes), spent(call, client, LESS, processes)
    fewer = len(pieces) - len(pieces) // LESS
    caller, scheduler, worker = (max(0.0, (a - b) / fewer) for a, b in zip(whole, part, strict=True))
    once = max(0.0, whole[0] - caller * len(pieces))
    sending, latency = [], []
    for _ in range(9):
        begun = time.perf_counter()
        kept = client.scatter([shared], broadcast=True, hash=False)
        sending.append(time.perf_counter() - begun)
        del kept
        begun = time.perf_counter()
        client.submit(len, pieces[0:1], pure=False).result()
        latency.append(time.perf_counter() - begun)
    sizes = (len(pickle.dumps(one)) for one in (shared, pieces[0], outcomes[0]))
    least = (once, min(latency), min(sending), caller, scheduler, worker, statistics.median(sent["each"]))
    return Measured(name, len(pieces), *least, *sizes)


@contextmanager
def cluster(workers: int) -> Iterator[tuple[Client, float, list[psutil.Process]]]:
    """Give a client, the seconds from starting the workers until all are there, and the processes: caller, scheduler, workers."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ends:
        told = Path(folder) / "scheduler.json"
        dask, here = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told)]
        quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

        started = [psutil.Process()]

        def start(*command: str) -> None:
            process = subprocess.Popen([*dask, *command, *here], **quiet)
            started.append(psutil.Process(process.pid))
            ends.callback(process.wait)
            ends.callback(process.kill)

        start("scheduler", "--port", "0")
        until = time.monotonic() + 60
        while not told.is_file() or not told.read_text():
            assert time.monotonic() < until, "the scheduler did not start"
            time.sleep(0.05)
        begun = time.perf_counter()
        for _ in range(workers):
            start("worker", "--no-nanny", "--nthreads", "1", "--local-directory", folder)
        with Client(json.loads(told.read_text())["address"], timeout=30, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
            yield client, time.perf_counter() - begun, started


def taken(call: Call, to: Client | None, turns: int = TURNS) -> float:
    times = []
    for _ in range(turns):
        begun = time.perf_counter()
        call(to, 1)
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    found: dict[str, Measured] = {}
    real: dict[tuple[str, int], float] = {}
    calls = kinds()
    alone = {}
    for name, call in calls.items():
        call(None, 1)
        alone[name] = taken(call, None)
    for workers in (1, 2):
        with cluster(workers) as (client, started, processes):
            for at, (name, call) in enumerate(calls.items()):
                first = taken(call, client, 1)
                if workers == 1:
                    found[name] = measured(name, call, client, processes)
                real[name, workers] = taken(call, client)
                if at == 0:
                    more = first - real[name, workers]
                    print(f"{workers} workers there after {started:.1f} s; the first sweep {more:.1f} s more than the next")
    for name, one in found.items():
        print(f"\n{name}: {one.pieces} pieces; without a cluster, on all cores here, {alone[name]:.2f} s")
        print(f"  bytes: shared {one.shared_bytes:,}, a piece {one.piece_bytes:,}, its outcome {one.outcome_bytes:,}")
        once, latency, sending, caller, scheduler, worker, alone_ = (
            f"{seconds * 1e3:.1f}" for seconds in (one.once, one.latency, one.sending, one.caller, one.scheduler, one.worker, one.alone)
        )
        print(f"  ms: once {once}, latency {latency}, sending what is shared {sending} a worker")
        print(
            f"  ms a piece: caller {caller}, scheduler {scheduler}, worker {worker} ({alone_} of it work); enough: {one.enough:.0f} workers"
        )
        for how, (first, second) in {
            "real": (real[name, 1], real[name, 2]),
            "model": (one.predicted(1), one.predicted(2)),
        }.items():
            print(f"  {how}: one worker {first:.2f} s, two {second:.2f} s, {first / second:.2f} times as fast")
        for times in (1, 10, 100):
            each = "  ".join(f"{workers}: {one.predicted(workers, times):,.2f}" for workers in WORKERS)
            print(f"  {times:>3} x the work, seconds by workers  {each}")
    if len(sys.argv) > 1:
        draw(list(found.values()), alone, sys.argv[1])


def draw(found: list[Measured], alone: dict[str, float], path: str) -> None:
    """Draw how many times as fast as one worker N workers are, for as much work as was measured and a hundred times as much."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    counts = range(1, 65)
    for axes, times in zip(figure.subplots(1, 2, sharey=True), (1, 100), strict=True):
        axes.plot(counts, counts, color="#999999", linewidth=1, label="N times")
        for one, color in zip(found, ("#0072B2", "#E69F00", "#009E73"), strict=True):
            faster = [one.predicted(1, times) / one.predicted(workers, times) for workers in counts]
            axes.plot(counts, faster, color=color, linewidth=1.6, label=one.name.split(",")[0])
        axes.set(xlabel="workers", title="as measured" if times == 1 else f"{times} times the work", xscale="log", yscale="log")
        axes.set_xticks(WORKERS, [str(workers) for workers in WORKERS])
        axes.minorticks_off()
        axes.set_yticks(WORKERS, [str(workers) for workers in WORKERS])
    axes.legend(frameon=False, fontsize=8)
    figure.supylabel("times as fast as one worker (model)", fontsize=9)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
