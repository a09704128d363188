"""How long a new process waits: `import orebody` and `orebody --help`, beyond a bare interpreter.

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


def main() -> None:
    bare = median("-c", "pass")
    imported = median("-c", "import orebody")
    helped = median("-m", "orebody", "--help")
    print(f"bare interpreter {bare:.3f} s")
    print(f"import orebody   {imported - bare:.3f} s beyond it (bound 0.05)")
    print(f"orebody --help   {helped:.3f} s (bound 0.4)")


if __name__ == "__main__":
    main()
