"""14 strategies x paths x 3 scenarios x 252 bars: all of `scenarios` against the bare kernel on the very same decisions.

    python benchmarks/scenarios.py            # 5,000 paths
    python benchmarks/scenarios.py --paths 500

The bare kernel's time is measured in the same run: each path is drawn and decided on as `scenarios` does, and then the kernel alone is
timed on one thread; what `scenarios` took is the whole call on all threads, look-ahead check and the search for ways to ask included.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

import numpy as np

import orebody as ob
from orebody.registry import strategies
from orebody.research.scenarios.batch import KEPT, decide_batch, simulate_batch
from orebody.research.scenarios.paths import SIZE


def with_fundamentals(market: ob.Market) -> ob.Market:
    """Return the market with published figures, so that quality-tilt runs too."""
    draw = np.random.RandomState(1)
    quarter = np.arange(len(market)) // 63
    shape = (quarter[-1] + 1, market.close.shape[1])
    known = {name: draw.uniform(20, 90, shape)[quarter] for name in ("aisc", "net_debt_ebitda", "mines", "countries")}
    return replace(market, fundamentals=known, aisc_unit="USD/oz")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--paths", type=int, default=5_000)
    paths = options.parse_args().paths
    market = with_fundamentals(ob.load_market("gold", source="sample"))
    account = ob.Account(contribution=1_000)
    chosen = {name: strategy() for name, strategy in strategies().items()}
    ob.scenarios(chosen, market, account, paths=SIZE)  # compiles
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    begun = time.perf_counter()
    result = ob.scenarios(chosen, market, account, paths=paths)
    whole = time.perf_counter() - begun
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before

    kernel = deciding = 0.0
    job = replace(result.job, ways=result.job.ways[2:])  # the strategies without the benchmarks
    for begin in range(0, paths, SIZE):
        span = (begin, min(begin + SIZE, paths))
        for at in range(len(job.scenarios)):
            begun = time.perf_counter()
            said = decide_batch(span, at, job)
            done = time.perf_counter()
            figures = np.empty((span[1] - begin, len(job.ways), len(KEPT)))
            simulate_batch(said, job, figures, np.empty((span[1] - begin, len(job.ways), len(job.fan))))
            kernel += time.perf_counter() - done
            deciding += done - begun
            np.testing.assert_array_equal(figures, result.figures[at, begin : span[1], 2:])
    runs = len(chosen) * paths * len(job.scenarios)
    print(f"{runs:,} runs ({len(chosen)} strategies, {paths:,} paths, {len(job.scenarios)} scenarios, {len(job.dates)} bars)")
    print(f"scenarios {whole:.1f} s; bare kernel on the same decisions {kernel:.2f} s; {whole / kernel:.1f} x (bound 5)")
    print(
        f"drawing, tilting and deciding on one thread {deciding:.1f} s; memory {more:.0f} MB more, "
        f"of it kept equity {result.equity.nbytes / 2**20:.0f} MB"
    )
    for label, way in zip(result.labels, result.job.ways, strict=True):
        print(f"  {label}: asked {way.text}")


if __name__ == "__main__":
    main()
