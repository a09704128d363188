"""How time and memory grow with strategies, points and paths; `engines.py` has bars and instruments.

    python benchmarks/growth.py [picture.svg]

Seconds of user CPU, its own and that of processes it started, the least of three turns; memory is what a new process that does only this
has at its highest, less what it had after a first small one.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

SIZES = {"strategies": (2, 5, 10, 20, 40), "points": (1_000, 10_000, 30_000, 100_000), "paths": (100, 500, 1_000, 2_000)}
WHAT = {
    "strategies": "`compare` of so many rotations, compiled",
    "points": "`sweep` of so many points",
    "paths": "`scenarios` of one rotation, three scenarios",
}
ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))


def done(what: str, size: int) -> object:
    market = random_market(1, bars=5_000, start="2000-01-01")  # a new one, so that no indicator is kept from before
    if what == "strategies":
        compared = ob.compare([RatioRotation(window=20 + at) for at in range(size)], market, ACCOUNT, engine="compiled")
        return [run.equity for run in compared.results.values()]
    if what == "points":
        entries = [0.2 + 2.5 * at / (size // 200) for at in range(size // 200)]
        return ob.sweep(RatioRotation, {"window": range(20, 220), "entry": entries}, market, ACCOUNT, check_lookahead=False)
    return ob.scenarios([RatioRotation()], market, ACCOUNT, paths=size, check_lookahead=False)


def spent() -> float:
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(what: str, size: int) -> tuple[float, float]:
    """Return seconds and megabytes."""
    done(what, SIZES[what][0])
    before, times = peak(), []
    for _ in range(3):
        begun = spent()
        kept = done(what, size)
        times.append(spent() - begun)
        del kept
    return min(times), peak() - before


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2], int(sys.argv[3]))))
        return
    found: dict[str, dict[int, Any]] = {}
    for what, sizes in SIZES.items():
        found[what] = {}
        for size in sizes:
            run = subprocess.run([sys.executable, __file__, "--one", what, str(size)], check=True, stdout=subprocess.PIPE, text=True)
            seconds, more = found[what][size] = json.loads(run.stdout.splitlines()[-1])
            print(f"{WHAT[what]}: {size:>7,}  {seconds:7.3f} s  {seconds / size * 1e3:8.3f} ms each  {more:5.0f} MB more", flush=True)
    if len(sys.argv) > 1:
        draw(found, sys.argv[1])


def draw(found: dict[str, dict[int, Any]], path: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2.9), layout="constrained")
    for axes, (what, taken) in zip(figure.subplots(1, 3), found.items(), strict=True):
        sizes, times = list(taken), [seconds for seconds, _ in taken.values()]
        axes.plot([sizes[0], sizes[-1]], [times[0], times[-1]], color="#999999", linewidth=1, label="straight line")
        axes.plot(sizes, times, "o", color="#0072B2", label="measured")
        axes.set(xlabel=what, ylabel="seconds of CPU", xlim=(0, None), ylim=(0, None))
        axes.ticklabel_format(axis="x", style="plain")
        axes.locator_params(axis="x", nbins=4)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
