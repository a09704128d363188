"""The report of a comparison without tearsheets against one plain quantstats report, each in a fresh process; and the page in a browser.

    python benchmarks/page.py

Fourteen strategies over twenty years of random walks. Writing begins when all runs are made, and includes importing Bokeh, all figures,
the run of the other engine, the pages of the strategies and their CSV files; the plain report includes importing quantstats. Memory is
what the process grew by. Ready is when the page's script has drawn and wired all charts, in headless Chromium, where there is one.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

RUNS = 3
READY = "() => performance.getEntriesByName('ready')[0].startTime"


def comparison() -> ob.Comparison:
    market = random_market(1, bars=5_040, start="2005-01-03")
    strategies = {f"window {60 + at}": RatioRotation(window=60 + at) for at in range(14)}
    return ob.compare(strategies, market, ob.Account(contribution=1_000), check_lookahead=False)


def page(folder: str) -> tuple[float, float]:
    made = comparison()
    before, begun = peak(), time.perf_counter()
    made.report(Path(folder) / "report", tearsheets=False)
    return time.perf_counter() - begun, peak() - before


def plain(folder: str) -> tuple[float, float]:
    import contextlib
    import io
    import logging
    import warnings

    result = ob.backtest(RatioRotation(), random_market(1, bars=5_040, start="2005-01-03"))
    one, two = result.returns.copy(), result.benchmark.returns.copy()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    before, begun = peak(), time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        import quantstats

        quantstats.reports.html(one, two, output=str(Path(folder) / "plain.html"))
    return time.perf_counter() - begun, peak() - before


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def measured(what: Callable[[str], tuple[float, float]], folder: str) -> tuple[float, float]:
    """Return seconds and megabytes of one run in a process of its own."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_tell, args=(there, what, folder))
    child.start()
    took: tuple[float, float] = here.recv()
    child.join()
    return took


def _tell(there: Connection, what: Callable[[str], tuple[float, float]], folder: str) -> None:
    there.send(what(folder))


def ready(path: Path) -> float | None:
    """Return how long the page takes to be ready in seconds, the median of several; None without a browser."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        taken = []
        for _ in range(RUNS):
            opened = browser.new_page(viewport={"width": 1366, "height": 900})
            opened.goto(path.as_uri())
            opened.wait_for_selector("html[data-ready]", state="attached")
            taken.append(opened.evaluate(READY) / 1_000)
            opened.close()
        browser.close()
    return float(statistics.median(taken))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        turns = [(measured(page, folder), measured(plain, folder)) for _ in range(RUNS)]
        (mine, grown), (theirs, grown_theirs) = (map(statistics.median, zip(*one, strict=True)) for one in zip(*turns, strict=True))
        index = Path(folder) / "report" / "index.html"
        size, shown = index.stat().st_size / 1e6, ready(index)
    print(f"one plain quantstats report {theirs:.2f} s, {grown_theirs:.0f} MB")
    print(f"interactive report of 14    {mine:.2f} s, {grown:.0f} MB, ratio {mine / theirs:.2f} (bound 1)")
    print(f"index.html {size:.2f} MB (bound 5), ready in {'no browser' if shown is None else f'{shown:.2f} s (bound 2.5)'}")


if __name__ == "__main__":
    main()
