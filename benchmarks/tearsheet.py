"""One tearsheet against one plain quantstats report of the same run, in one process, imports left out of both.

    python benchmarks/tearsheet.py

Ours includes the benchmark's own run, all figures, and writing the file; the plain report is `quantstats.reports.html` with its defaults.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from pathlib import Path

from timing import median

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

RUNS = 5


def main() -> None:
    import quantstats

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    market = random_market(1, bars=5_000, start="2000-01-01")
    result = ob.backtest(RatioRotation(), market)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"

        def ours() -> None:
            result.__dict__.pop("benchmark", None)  # computed once for a result, here each time
            result.tearsheet(path)

        def plain() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                quantstats.reports.html(result.returns.copy(), result.benchmark.returns.copy(), output=str(path))

        mine, size = median(ours, RUNS), path.stat().st_size
        theirs, their_size = median(plain, RUNS), path.stat().st_size
    print(f"plain quantstats report {theirs:.2f} s, {their_size / 1e6:.1f} MB")
    print(f"orebody tearsheet       {mine:.2f} s, {size / 1e6:.1f} MB, ratio {mine / theirs:.2f} (bound 1.1)")


if __name__ == "__main__":
    main()
