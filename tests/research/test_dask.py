"""Sweeps and scenarios on a real Dask cluster on this machine: the same byte for byte, also when a worker dies midway."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import orebody as ob
from orebody.errors import ClusterError, ParameterError
from orebody.research.parallel import dask as research_cluster
from orebody.research.sweep import runner as working
from orebody.strategies import DollarCostAverage, MomentumRotation, RatioRotation, TrimStretch
from orebody.testing import random_market

GRID = {"window": range(20, 220), "entry": [0.25 * k for k in range(1, 11)]}  # 2,000 points
MARKET = random_market(21, bars=1_500)


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and two workers in processes of their own, on 127.0.0.1 only; stopped at the end."""
    told = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "scheduler", *here, "--port", "0", "--scheduler-file", str(told)], **quiet)  # type: ignore[call-overload]
    worker = [*dask, "worker", *here, "--no-nanny", "--nthreads", "1", "--scheduler-file", str(told), "--local-directory", str(tmp_path)]
    started = [scheduler]
    try:
        end = time.monotonic() + 60
        while not told.is_file() or not told.read_text():
            assert scheduler.poll() is None
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.05)
        workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]  # type: ignore[call-overload]
        started += workers
        yield Cluster(json.loads(told.read_text())["address"], workers)
    finally:
        for process in started:
            process.kill()
            process.wait(timeout=30)


def test_the_same_table_also_when_a_worker_dies_midway(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client

    monkeypatch.setattr(working, "FAR_CHUNK", 50)
    here = ob.sweep(RatioRotation, GRID, MARKET, ob.Account(contribution=100), keep="equity")
    killed = []

    def progress(done: int, total: int, what: str) -> None:
        if done >= 500 and not killed:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            killed.append(done)

    with Client(cluster.address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        there = ob.sweep(RatioRotation, GRID, MARKET, ob.Account(contribution=100), keep="equity", workers=client, progress=progress)
        assert killed
        assert killed[0] < 2_000
    pd.testing.assert_frame_equal(there.table, here.table, check_exact=True)
    assert there.table.to_csv() == here.table.to_csv()
    assert here.equity is not None
    assert there.equity is not None
    assert there.equity.to_numpy().tobytes() == here.equity.to_numpy().tobytes()
    # and by its address alone, with the one worker that is left
    again = ob.sweep(RatioRotation, {"window": [1, 20, 30]}, MARKET, workers=cluster.address)
    assert again.table.equals(ob.sweep(RatioRotation, {"window": [1, 20, 30]}, MARKET).table)


def test_scenarios_are_the_same_also_when_a_worker_dies_midway(cluster: Cluster) -> None:
    from distributed import Client

    chosen = [RatioRotation(window=60), DollarCostAverage(), MomentumRotation(), TrimStretch()]
    asked = {"account": ob.Account(contribution=100), "horizon": 40, "paths": 330, "seed": 3}  # the last of 7 groups is smaller
    here = ob.scenarios(chosen, MARKET, **asked)  # type: ignore[arg-type]
    killed = []

    def progress(done: int, total: int, what: str) -> None:
        if what == "paths" and 0 < done < total and not killed:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            killed.append(done)

    with Client(cluster.address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        there = ob.scenarios(chosen, MARKET, workers=client, progress=progress, **asked)  # type: ignore[arg-type]
    assert killed
    assert there.table.to_csv() == here.table.to_csv()
    assert there.figures.tobytes() == here.figures.tobytes()
    assert there.equity.tobytes() == here.equity.tobytes()


def test_the_same_call_may_be_repeated_on_one_client(cluster: Cluster) -> None:
    from distributed import Client

    with Client(cluster.address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        tables = [
            ob.sweep(RatioRotation, {"window": range(20, 40)}, MARKET, check_lookahead=False, workers=client).table.to_csv()
            for _ in range(8)
        ]
    assert len(set(tables)) == 1


def test_an_address_that_does_not_answer_is_said_when_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (research_cluster.KNOCK, research_cluster.PATIENCE) == (3, 8)
    monkeypatch.setattr(research_cluster, "KNOCK", 1)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9' within 1 seconds"):
        ob.sweep(RatioRotation, {"window": [20, 30]}, MARKET, workers="tcp://127.0.0.1:9")
    with pytest.raises(ParameterError, match="workers is 4: give a distributed.Client"):
        ob.sweep(RatioRotation, {"window": [20, 30]}, MARKET, workers=4)  # type: ignore[arg-type]
    with pytest.raises((ClusterError, ParameterError), match="nonsense"):
        ob.sweep(RatioRotation, {"window": [20, 30]}, MARKET, workers="nonsense://x")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "127.0.0.1:9", "tcp://[::1]:9", "tls://localhost:9", "tcp://127.0.0.1:99999"])
def test_where_nobody_takes_a_connection_dask_is_not_imported(address: str) -> None:
    code = (
        "import sys, time\nfrom orebody.errors import ClusterError\nfrom orebody.research.parallel import dask\nbegan = time.monotonic()\n"
        f"try:\n    with dask.connect({address!r}): pass\nexcept ClusterError as error: print(error)\n"
        "print('distributed' in sys.modules, time.monotonic() - began < 6)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    said, rest = done.stdout.splitlines()
    assert said.startswith(f"no Dask scheduler answers at '{address}' within 3 seconds (")
    assert rest == "False True"


def test_an_address_where_something_is_silent_is_refused_within_ten_seconds() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(50)
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ClusterError, match="no Dask scheduler answers at"), research_cluster.connect(address):
            pass
        assert time.monotonic() - began < 15  # ten, and five for a busy machine
