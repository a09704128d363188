"""The cache under fire: refreshes killed at random moments, and several processes that refresh at once.

Processes are forked from a fresh one that has imported everything, so that a kill comes some milliseconds into a refresh and not into an
import. The provider's history goes through numbered states, each a day, a correction, a split or a late distribution after the one
before; the name that it gives the ticker says which state it is in, so that whatever is read can be held to what was served.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from memory_provider import Provider, quotes, short
from yahoo_series import Series

from orebody.sources.cache.checksummed import read
from orebody.sources.cache.paths import TickerFolder
from orebody.sources.cache.store import Cache
from orebody.sources.quotes import Quotes
from project import HELPERS

TICKER = "NEM"
STATES = 400
KINDS = ("day", "correction", "day", "split", "day", "distribution", "day")
FOLLOWERS, ROUNDS = 4, 12


def states() -> list[Series]:
    """Return all states in order."""
    whole, at, made = short(360), 60, []
    days = [str(day.date()) for day in whole.bars.index]
    for number in range(STATES):
        kind = KINDS[number % len(KINDS)]
        if kind == "day":
            at += 1
        elif kind == "split":
            whole = whole.resplit(days[at], *((2, 1) if number % 2 else (1, 2)))
        elif kind == "distribution":
            whole = whole.with_dividend(days[at - 2], 0.01 * whole.bars["Close"].iloc[at - 3])
        else:
            whole = replace(whole, bars=whole.bars.copy())
            whole.bars.iloc[at - 3, 3] *= 1.001
        made.append(replace(whole.until(days[at]), name=f"state {number}"))
    return made


def held(got: Quotes, every: list[Series]) -> int:
    """Return the number of the state that was read, all of it and nothing else, or fail."""
    number = int(got.name.removeprefix("state "))
    served = quotes(TICKER, every[number]).bars
    assert got.bars.index.equals(served.index), f"the days of {got.name} are others"
    assert np.allclose(got.bars.to_numpy(), served[list(got.bars.columns)].to_numpy(), rtol=2e-6, atol=0), (
        f"figures of {got.name} are others"
    )
    return number


def every_vintage(cache: Cache, every: list[Series]) -> int:
    """Read all vintages, each held to its own state; return how many there are."""
    downloads = cache.entries(TICKER)[0].log.downloads  # type: ignore[union-attr]
    numbers = [held(cache.load(TICKER, as_of=download.when).quotes, every) for download in downloads]
    assert numbers == sorted(numbers)
    return len(numbers)


def refresh_until_killed(folder: Path, number: int, every: list[Series], ready: int) -> None:
    cache = Cache(folder)
    os.write(ready, b"!")
    while True:
        number = min(number + 1, STATES - 1)
        cache.refresh(TICKER, Provider(every[number]), max_age=dt.timedelta(0))


def killed(folder: str, kills: int) -> dict[str, Any]:
    """Kill that many processes while they refresh; return what was found."""
    every, draw, cache = states(), random.Random(kills), Cache(folder)
    newest, empty, left_behind, span = -1, 0, 0, 0.01
    says, ready = os.pipe()
    place = TickerFolder(cache.folder, TICKER, "quotes")
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            refresh_until_killed(cache.folder, newest, every, ready)
        os.read(says, 1)
        time.sleep(draw.uniform(0.0, span))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "the process ended by itself"
        left_behind += len(list(place.folder.glob(".orebody-*")))
        if not place.path.exists():
            assert newest == -1, "the file is gone"
            empty, span = empty + 1, span * 1.2
            continue
        read(place.path)  # the SHA-256 of the bytes
        number = held(cache.load(TICKER).quotes, every)  # and of the state
        assert number >= newest, "an earlier state came back"
        span *= 0.8 if number > newest else 1.2  # so that kills fall before, within and after a write, however busy the machine is
        newest = number
    assert not place.aside, "a broken file was seen"
    vintages = every_vintage(cache, every)
    return {"kills": kills, "before the first file": empty, "states": newest + 1, "vintages": vintages, "half-written files": left_behind}


def follow(folder: str, every: list[Series], barrier: Any, asked: Path) -> None:
    """Refresh in step with the others: all at once, once for each round."""
    for number in range(ROUNDS):
        now = dt.datetime(2026, 1, 5, 22, tzinfo=dt.UTC) + dt.timedelta(days=number)
        cache = Cache(folder, clock=lambda now=now: now)

        def fetch(ticker: str, /, *, since: dt.date | None = None, number: int = number) -> Quotes:
            with asked.open("a") as stream:
                stream.write(f"{number} {'whole' if since is None else 'end'}\n")
            time.sleep(0.01)
            return Provider(every[number])(ticker, since=since)

        barrier.wait(60)
        assert held(cache.refresh(TICKER, fetch).quotes, every) == number
        barrier.wait(60)


def at_once(folder: str) -> dict[str, Any]:
    """Have several processes refresh at once; return what was asked of the provider."""
    fork = multiprocessing.get_context("fork")
    every = states()[:ROUNDS]
    barrier, asked = fork.Barrier(FOLLOWERS), Path(folder) / "asked"
    asked.parent.mkdir(parents=True)
    processes = [fork.Process(target=follow, args=(folder, every, barrier, asked)) for _ in range(FOLLOWERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    codes = [process.exitcode for process in processes]
    assert codes == [0] * FOLLOWERS, codes
    return {"asked": asked.read_text().splitlines(), "vintages": every_vintage(Cache(folder), every)}


def fresh_process(call: str, folder: Path, *rest: int) -> dict[str, Any]:
    code = f"import json, test_cache_soak as soak; print(json.dumps(soak.{call}({', '.join(map(repr, (str(folder), *rest)))})))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), str(HELPERS)))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=280, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")


@needs_fork
@pytest.mark.parametrize("kills", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    found = fresh_process("killed", tmp_path / "cache", kills)
    print(found)
    assert found["vintages"] > kills / 8  # kills that come before anything is written prove little
    assert found["vintages"] <= found["states"]


@needs_fork
def test_four_processes_at_once_ask_for_what_is_needed_and_no_more(tmp_path: Path) -> None:
    found = fresh_process("at_once", tmp_path / "cache")
    whole = {"correction", "split", "distribution"}
    needed = ["0 whole"]
    for number in range(1, ROUNDS):
        needed += [f"{number} end", *([f"{number} whole"] if KINDS[number % len(KINDS)] in whole else [])]
    assert found["asked"] == needed
    assert found["vintages"] == ROUNDS
