"""One side of a comparison, in a process of its own: each line of its input says what to run, a line of its output answers."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


def spent() -> float:
    return sum(one.ru_utime for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def peak() -> float:
    """Megabytes; of processes that it started, the largest one."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a package prints is no answer
    begun = time.perf_counter()
    import numpy
    import pandas  # noqa: F401, it is timed

    needed = time.perf_counter() - begun
    from peers.work import Task

    begun = time.perf_counter()
    peer = import_module(f"peers.on_{sys.argv[1]}")
    told: dict[str, Any] = {name: getattr(peer, name, None) for name in ("PACKAGE", "VERSION", "FILL", "PART", "HALF")}
    told |= {"import": needed + time.perf_counter() - begun, "python": sys.version.split()[0], "numpy": numpy.__version__, "memory": peak()}
    print(json.dumps(told), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        task = Task.read(asked["prices"], asked["begin"])
        points = [tuple(point) for point in asked["points"]]
        if hasattr(peer, "prepare"):
            peer.prepare(task)
        busy, begun = spent(), time.perf_counter()
        more, times = asked["more"], asked["times"]
        for _ in range(times):
            done = [peer.one(task, points[0], **more)] if len(points) == 1 else peer.many(task, points, **more)
        taken = {"wall": (time.perf_counter() - begun) / times, "user": (spent() - busy) / times, "memory": peak(), "figures": done}
        print(json.dumps(taken), file=answers, flush=True)


if __name__ == "__main__":
    main()
