"""How long a new process waits: `import orebody` and `orebody --help`, beyond a bare interpreter.

A first compiled run needs numpy, pandas, numba and what numba imports for itself (scipy among it); how long those take alone is measured
beside it. Its kernels come from numba's cache on disk.

    python benchmarks/startup.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15


def median(*command: str) -> float:
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


NEEDED = "import numpy, pandas, numba, numba.np.arraymath"
FIRST = """
import orebody as ob
from orebody.strategies import RatioRotation
ob.backtest(RatioRotation(), ob.load_market('gold', source='sample'), engine='compiled').equity
"""


def main() -> None:
    bare = median("-c", "pass")
    imported = median("-c", "import orebody")
    helped = median("-m", "orebody", "--help")
    print(f"bare interpreter {bare:.3f} s")
    print(f"import orebody   {imported - bare:.3f} s beyond it (bound 0.05)")
    print(f"orebody --help   {helped:.3f} s (bound 0.4)")
    subprocess.run([sys.executable, "-c", FIRST], check=True)
    needed, first = median("-c", NEEDED), median("-c", FIRST)
    print(f"first compiled run, process and imports included, {first:.3f} s (bound 0.7); importing what it needs alone {needed:.3f} s")


if __name__ == "__main__":
    main()
