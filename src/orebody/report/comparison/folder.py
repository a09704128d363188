"""The report folder of a comparison: its pages together, then each tearsheet, every file whole and named in the folder's manifest."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orebody.errors import OutputError
from orebody.export import to_csv
from orebody.io.atomic import is_busy, kind_of, stage_files, try_folder
from orebody.io.owned_files import OwnedFiles
from orebody.io.worker_pool import worker_pool
from orebody.report.comparison import index_page, strategy_page
from orebody.report.comparison.strategy_page import BEING_DRAWN, Files, tearsheet_link
from orebody.report.interactive.document import javascript
from orebody.report.page import GENERATOR
from orebody.report.sections.fills import all_as_csv
from orebody.report.tearsheet import document

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison, Progress, Research
    from orebody.backtesting.result import Result

__all__ = ["MANIFEST", "check_writable", "filling", "write"]

MANIFEST = "manifest.sha256"
"""The record of a report: what of it a later one may replace or remove."""

WORKERS = 2


def check_writable(folder: Path, *, study: bool = False, overwrite: bool = False) -> None:
    """Raise `OutputError` unless a report could be written to `folder`: nothing is there, an empty folder or an earlier report.

    Parameters
    ----------
    folder
        Its parent must be there, and either must let itself be written.
    study
        Whether a study belongs to the report.
    overwrite
        Whether files of the report's names that somebody changed may be replaced.
    """
    name = repr(folder.name)
    kind = kind_of(folder)
    try:
        folder, here = folder.absolute(), Path.cwd()
    except OSError as error:
        raise OutputError(f"cannot write a report to {name}: the folder you are in is not there: {error.strerror}") from None
    if kind not in ("", "folder"):
        raise OutputError(f"cannot write a report to {name}: it is no folder but a {kind}")
    if not folder.parent.is_dir():
        raise OutputError(f"cannot write a report to {name}: the folder {folder.parent.name!r} that should hold it is not there")
    if folder == here or folder in here.parents:
        raise OutputError("cannot write a report to the folder you are in: name one inside it, such as 'report'")
    try:
        if kind == "folder":
            strange = _strange(folder)
            if strange is not None:
                raise OutputError(
                    f"cannot write a report to {name}: it holds something else than an earlier report ({strange}); "
                    "choose an empty or new folder"
                )
            OwnedFiles(folder, MANIFEST).check(["index.html", "ranking.csv", *["study.toml"] * study], overwrite=overwrite)
            if is_busy(folder):
                raise OutputError(f"cannot write a report to {name}: another run is writing one there; wait until it is done")
        try_folder(folder if kind else folder.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write a report to {name}: {error.strerror}, in {folder.parent.name!r}") from None


def _strange(folder: Path) -> str | None:
    """Return the name of something in a folder that holds no report, or None."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".orebody-"))
    if not names or OwnedFiles(folder, MANIFEST).recorded:
        return None
    if kind_of(folder / "index.html") == "file" and kind_of(folder / "ranking.csv") == "file":
        with (folder / "index.html").open("rb") as page:
            if f'name="generator" content="{GENERATOR}'.encode() in page.read(2_000):
                return None  # a report whose manifest is gone: nothing of it is replaced unless that is allowed
    return names[0]


@contextmanager
def filling(folder: Path) -> Iterator[OwnedFiles]:
    """Give a report's folder, made if it is not there, to put files into; no other run writes there meanwhile.

    A new folder into which nothing was put is removed again.
    """
    made = kind_of(folder) == ""
    try:
        if made:
            folder.mkdir()
        with stage_files(folder, []):
            yield OwnedFiles(folder, MANIFEST)
    finally:
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def write(
    comparison: Comparison,
    folder: Path,
    *,
    tearsheets: bool,
    command: str | None,
    research: Iterable[Research] = (),
    left_out: Mapping[str, str] | None = None,
    title: str = "",
    progress: Progress | None = None,
    study: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the report; see `orebody.backtesting.comparison.Comparison.report`. `study` is the text of the study.toml that goes into it."""
    check_writable(folder, study=study is not None, overwrite=overwrite)
    folder = folder.absolute()
    files = _files(list(comparison.results), tearsheets=tearsheets)
    sections = [one.section() for one in research]
    sheets = {one.tearsheet: (comparison.results[label], one.page) for label, one in files.items() if one.tearsheet}
    try:
        names = {label: one.page for label, one in files.items()}
        pages = {
            "index.html": index_page.html(comparison, names, command, sections, left_out or {}, title),
            "ranking.csv": _csv(comparison),
        }
        if study is not None:
            pages["study.toml"] = study
        if f'src="{index_page.LIBRARY}"' in pages["index.html"]:
            pages[index_page.LIBRARY] = javascript()
        charts = strategy_page.charts(comparison)
        whole = {one.page: strategy_page.html(comparison, label, one, charts) for label, one in files.items()}
        for label, one in files.items():
            pages[one.page] = whole[one.page].replace(tearsheet_link(one), BEING_DRAWN, 1) if one.tearsheet else whole[one.page]
            pages[one.fills] = all_as_csv(comparison.results[label])
        check_writable(folder, study=study is not None, overwrite=overwrite)
        with filling(folder) as outputs:
            outputs.check(sheets, overwrite=overwrite)
            outputs.write(pages, overwrite=overwrite)
            outputs.keep(pages)  # the tearsheets of an earlier report are none of this one
            for name, text, why in _tearsheets(sheets, progress) if sheets else ():
                if text is not None:
                    page = sheets[name][1]
                    outputs.write({name: text, page: whole[page]}, overwrite=overwrite)
                    continue
                label = next(label for label, one in files.items() if one.tearsheet == name)
                without = Files(files[label].page, files[label].fills, None, why)
                outputs.write({without.page: strategy_page.html(comparison, label, without, charts)}, overwrite=overwrite)
                warnings.warn(f"there is no tearsheet of {label}: {why}", RuntimeWarning, stacklevel=3)
            outputs.keep([*pages, *sheets])
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write a report to {folder.name!r}: {error.strerror}") from None
    return folder / "index.html"


def _files(labels: list[str], *, tearsheets: bool) -> dict[str, Files]:
    """Return safe and unique file names for each label."""
    names: dict[str, str] = {}
    for label in labels:
        plain = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:60] or "strategy"
        name, count = plain, 2
        while name in names.values():
            name, count = f"{plain}-{count}", count + 1
        names[label] = name
    return {
        label: Files(f"strategy-{name}.html", f"fills-{name}.csv", f"tearsheet-{name}.html" if tearsheets else None)
        for label, name in names.items()
    }


def _tearsheets(runs: Mapping[str, tuple[Result, str]], progress: Progress | None) -> Iterator[tuple[str, str | None, str]]:
    """Give, as they are done, the name of each run's tearsheet, its text, or None and why there is none.

    It leads back to the run's own page. Those under way or waiting when a process is killed are drawn once more, each in a process of
    its own, so that one which takes all memory there is loses no other.
    """
    tell = progress or (lambda done, total, what: None)
    again = list[str]()
    tell(0, len(runs), "tearsheets")
    with worker_pool(min(WORKERS, max(1, len(runs)))) as others:
        waiting = {}
        for name, (run, page) in runs.items():
            try:
                waiting[others.submit(_drawn, run, page)] = name
            except BrokenProcessPool:
                again.append(name)
        for done, finished in enumerate(as_completed(waiting), start=1):
            try:
                yield waiting[finished], *finished.result()
            except BrokenProcessPool:
                again.append(waiting[finished])
            tell(done - len(again), len(runs), "tearsheets")
    for done, name in enumerate(again, start=len(runs) - len(again) + 1):
        with worker_pool(1) as other:
            try:
                yield name, *other.submit(_drawn, *runs[name]).result()
            except BrokenProcessPool:
                yield name, None, "the process that drew it was killed, twice; is there memory for it?"
        tell(done, len(runs), "tearsheets")


def _drawn(run: Result, page: str) -> tuple[str | None, str]:
    """Return the text of a tearsheet, or None and what went wrong."""
    try:
        return document.html(run, page), ""
    except Exception as error:  # one that cannot be drawn loses no other
        return None, f"drawing it raises {error!r:.300}"


def _csv(comparison: Comparison) -> str:
    """Return the whole ranking as CSV, unrounded; the first column says that it is simulated, or the hash of the prices."""
    market, table = comparison.market, comparison.table.reset_index()
    name, value = ("simulated", "SIMULATED") if market.simulated else ("prices", market.digest)
    table.insert(0, name, value)
    return to_csv(table)
