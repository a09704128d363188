"""Checks of the data kept on disk between runs: Yahoo's data and compiled code."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from orebody.cli.doctor.finding import NOTE, OK, PROBLEM, Finding, count
from orebody.errors import OrebodyError
from orebody.sources.cache.entries import Entry
from orebody.sources.cache.paths import VARIABLE
from orebody.sources.cache.store import Cache

__all__ = ["check_compiled_code", "check_downloads", "writable"]

_LEFT = ".orebody-*"  # what a writer that was killed leaves beside a file


def check_downloads(folder: str | None = None, now: dt.datetime | None = None) -> list[Finding]:
    """Return how the cache is: where, how large, whether it can be written, what is broken, half-written or old in it."""
    try:
        store = Cache(folder)
        root = store.folder
        entries = store.entries() if root.is_dir() else []
    except OrebodyError as error:
        return [Finding("Cache", PROBLEM, str(error), f"name another folder with --cache or in {VARIABLE}")]
    except OSError as error:
        return [Finding("Cache", PROBLEM, f"it cannot be read: {error}", f"name another folder with --cache or in {VARIABLE}")]
    if not writable(root):
        return [Finding("Cache", PROBLEM, f"{root} cannot be written", f"give yourself the right to, or name another folder in {VARIABLE}")]
    if not entries:
        return [Finding("Cache", OK, f"nothing is kept yet in {root}, which can be written"), *_find_leftovers(root)]
    vintages = sum(len(entry.log.downloads) for entry in entries if entry.log is not None)
    size = sum(entry.size for entry in entries) / 1e6
    tickers = len({entry.ticker for entry in entries})
    text = f"{count(tickers, 'ticker')} in {count(len(entries), 'file')} with {count(vintages, 'vintage')}, {size:,.1f} MB, in {root}"
    return [
        Finding("Cache", OK, text),
        *_find_broken_files(entries),
        *_find_leftovers(root),
        *_find_old_code(entries, now or dt.datetime.now(dt.UTC)),
    ]


def writable(folder: Path) -> bool:
    """Whether a file could be made in a folder, or the folder itself where it is not there yet."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return False
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


def _find_broken_files(entries: list[Entry]) -> list[Finding]:
    found = []
    broken = [entry for entry in entries if entry.problem]
    if broken:
        names = dict.fromkeys(entry.ticker for entry in broken)
        text = f"{count(len(broken), 'file')} cannot be trusted: {'; '.join(f'{one.ticker} {one.kind}: {one.problem}' for one in broken)}"
        found.append(Finding("Cache", PROBLEM, text, f"fetch again with: orebody fetch {' '.join(names)}"))
    aside = [entry for entry in entries if entry.aside]
    if aside:
        text = f"{count(sum(one.aside for one in aside), 'broken file')} set aside, of {', '.join(one.ticker for one in aside)}"
        found.append(Finding("Cache", NOTE, text, "look at them or delete them: files that end in .broken and a number"))
    return found


def _find_leftovers(root: Path) -> list[Finding]:
    left = sorted(path.parent.name for path in root.glob(f"*/{_LEFT}")) if root.is_dir() else []
    if not left:
        return []
    text = f"{count(len(left), 'half-written file')} of a download that was cut short, in {', '.join(dict.fromkeys(left))}"
    return [Finding("Cache", NOTE, text, "nothing to be done: the next download of that ticker removes it")]


def _find_old_code(entries: list[Entry], now: dt.datetime) -> list[Finding]:
    """Say how long ago Yahoo was last asked for what, where that is a month and more."""
    ages = {entry.ticker: (now - entry.log.asked).days for entry in entries if entry.log is not None and entry.kind == "quotes"}
    old = {ticker: days for ticker, days in ages.items() if days >= 30}
    if not old:
        return []
    days = " to ".join(str(one) for one in sorted({min(old.values()), max(old.values())}))
    text = f"{count(len(old), 'ticker')} last asked for {days} days ago: {', '.join(old)}"
    return [Finding("Cache", NOTE, text, "they are refreshed when they are next used, unless --offline or --as-of is given")]


def check_compiled_code() -> list[Finding]:
    """Return whether compiled code is kept from run to run, and where; numba decides that for each folder of sources."""
    from orebody.compiling import place_of
    from orebody.engine import kernel

    place = place_of(kernel.simulate)
    if not hasattr(kernel.simulate, "_cache"):
        text = "numba compiles nothing here (NUMBA_DISABLE_JIT is set?), so runs are slow"
        return [Finding("Compiled code", NOTE, text, "unset that variable")]
    remedy = "set NUMBA_CACHE_DIR to a folder that can be written, or every process compiles anew"
    if place is None:
        return [Finding("Compiled code", PROBLEM, "no folder to keep it in can be written, so that every run takes a minute more", remedy)]
    folder = Path(place)
    files = len(list(folder.glob("kernel.*.nbi"))) if folder.is_dir() else 0
    if not writable(folder):
        return [Finding("Compiled code", PROBLEM, f"{folder} cannot be written", remedy)]
    if not files:
        return [Finding("Compiled code", NOTE, f"not yet kept in {folder}: the first run of the compiled engine takes some seconds more")]
    return [Finding("Compiled code", OK, f"{count(files, 'function')} of the kernel kept in {folder}")]
