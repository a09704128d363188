"""A comparison's report with 14 tearsheets against 14 plain quantstats reports of the same runs, one after another.

    python benchmarks/tearsheet.py

Ours is `Comparison.report`: the workers' start and their imports, the page, every figure, all files. The plain report is
`quantstats.reports.html` with its defaults, in one process, quantstats' import left out. Bound: 0.3 of the time on two cores.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

TEARSHEETS = 14
ALONE = 5


def taken(run: Callable[[], object]) -> tuple[float, float]:
    """Return wall and user seconds of a run, those of its worker processes too."""
    before, begun = os.times(), time.perf_counter()
    run()
    wall, after = time.perf_counter() - begun, os.times()
    return wall, after.user + after.children_user - before.user - before.children_user


def plain(results: list[ob.Result], folder: Path) -> None:
    import quantstats

    with contextlib.redirect_stdout(io.StringIO()):
        for i, result in enumerate(results):
            quantstats.reports.html(result.returns.copy(), result.benchmark.returns.copy(), output=str(folder / f"{i}.html"))


def main() -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    print("load before:", *(f"{load:.2f}" for load in os.getloadavg()))
    market = random_market(1, bars=5_000, start="2000-01-01")
    strategies = {f"window {window}": RatioRotation(window=window) for window in range(20, 20 + 10 * (TEARSHEETS - 2), 10)}
    comparison = ob.compare(strategies, market, engine="compiled")
    results = list(comparison.results.values())
    assert len(results) == TEARSHEETS
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        page, page_user = taken(lambda: comparison.report(folder / "page", tearsheets=False))
        ours, ours_user = taken(lambda: comparison.report(folder / "report"))
        parent, worker = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        size = sum(path.stat().st_size for path in (folder / "report").glob("tearsheet-*")) / TEARSHEETS / 1e6
        import quantstats  # noqa: F401

        (folder / "plain").mkdir()
        theirs, theirs_user = taken(lambda: plain(results, folder / "plain"))
        their_size = sum(path.stat().st_size for path in (folder / "plain").iterdir()) / TEARSHEETS / 1e6
        results[0].tearsheet(folder / "one.html")  # quantstats is here anyway by now: the work alone, in one process
        one, one_user = taken(lambda: [result.tearsheet(folder / "one.html") for result in results[:ALONE]])
    print(f"{TEARSHEETS} plain reports    {theirs:5.1f} s, {theirs_user:5.1f} s of user CPU, {their_size:.1f} MB each")
    print(f"report with {TEARSHEETS}      {ours:5.1f} s, {ours_user:5.1f} s of user CPU, {size:.1f} MB each")
    print(f"ratio               {ours / theirs:5.2f} (bound 0.3), {ours_user / theirs_user:.2f} of user CPU")
    print(f"the page alone      {page:5.1f} s, {page_user:5.1f} s of user CPU; one plain report {theirs / TEARSHEETS:.1f} s")
    print(f"one tearsheet, warm {one / ALONE:5.2f} s, {one_user / ALONE:5.2f} s of user CPU")
    print(f"memory at its highest: {parent:.0f} MB here, {worker:.0f} MB in a worker")
    print("load after:", *(f"{load:.2f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
