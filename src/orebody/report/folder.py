"""The report folder of a comparison: built beside its place, and put there when it is whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from orebody.errors import OutputError
from orebody.export import csv
from orebody.files import new_folder, try_folder, write_text
from orebody.processes import beside
from orebody.report import index, strategy, tearsheet
from orebody.report.page import GENERATOR
from orebody.report.sections.fills import all_as_csv
from orebody.report.strategy import Files

if TYPE_CHECKING:
    from orebody.comparison import Comparison, Progress, Research
    from orebody.result import Result

__all__ = ["check_writable", "write"]

WORKERS = 2
_OURS = re.compile(r"index\.html|ranking\.csv|study\.toml|(tearsheet|strategy)-[a-z0-9-]+\.html|fills-[a-z0-9-]+\.csv")


def check_writable(folder: Path) -> None:
    """Raise `OutputError` unless a report could be written to `folder`: nothing else is there, and its parent can be written."""
    folder = folder.absolute()
    if folder.is_file() or folder.is_symlink():
        raise OutputError(f"cannot write a report to {folder.name!r}: it is no folder")
    if not folder.parent.is_dir():
        raise OutputError(f"cannot write a report to {folder.name!r}: the folder {folder.parent.name!r} that should hold it is not there")
    if folder == Path.cwd() or folder in Path.cwd().parents:
        raise OutputError("cannot write a report to the folder you are in, which it would replace: name one inside it, such as 'report'")
    strange = _strange(folder) if folder.is_dir() else None
    if strange is not None:
        raise OutputError(
            f"cannot write a report to {folder.name!r}: it holds something else than an earlier report ({strange}); "
            "choose an empty or new folder"
        )
    try:
        try_folder(folder.parent)
    except OSError as error:
        raise OutputError(f"cannot write a report to {folder.name!r}: {error.strerror}, in {folder.parent.name!r}") from None


def _strange(folder: Path) -> str | None:
    """Return the name of something in `folder` that no report wrote, or None."""
    names = sorted(path.name for path in folder.iterdir())
    for name in names:
        if not _OURS.fullmatch(name):
            return name
    if not names:
        return None
    try:
        head = (folder / "index.html").read_text(encoding="utf-8", errors="replace")[:2_000]
    except OSError:
        return names[0]
    return None if "ranking.csv" in names and f'name="generator" content="{GENERATOR}' in head else "index.html"


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
) -> Path:
    """Write the report; see `orebody.comparison.Comparison.report`. `study` is the text of the study.toml that goes into it."""
    check_writable(folder)
    folder = folder.absolute()
    files = _files(list(comparison.results), tearsheets=tearsheets)
    sections = [one.section() for one in research]
    try:
        with new_folder(folder) as workplace:
            pages = {label: one.page for label, one in files.items()}
            write_text(workplace / "index.html", index.html(comparison, pages, command, sections, left_out or {}, title))
            write_text(workplace / "ranking.csv", _csv(comparison))
            if study is not None:
                write_text(workplace / "study.toml", study)
            for label, one in files.items():
                write_text(workplace / one.page, strategy.html(comparison, label, one))
                write_text(workplace / one.fills, all_as_csv(comparison.results[label]))
            sheets = {workplace / one.tearsheet: (comparison.results[label], one.page) for label, one in files.items() if one.tearsheet}
            _write_tearsheets(sheets, progress)
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


def _write_tearsheets(runs: dict[Path, tuple[Result, str]], progress: Progress | None) -> None:
    """Write each run's tearsheet, which leads back to the run's own page."""
    tell = progress or (lambda done, total, what: None)
    if len(runs) < 2:
        for path, (run, page) in runs.items():
            tearsheet.write(run, path, page)
        return
    tell(0, len(runs), "tearsheets")
    with beside(min(WORKERS, len(runs))) as others:
        waiting = [others.submit(tearsheet.write, run, path, page) for path, (run, page) in runs.items()]
        for done, finished in enumerate(as_completed(waiting), start=1):
            finished.result()
            tell(done, len(runs), "tearsheets")


def _csv(comparison: Comparison) -> str:
    """Return the whole ranking as CSV, unrounded; the first column says that it is simulated, or the hash of the prices."""
    market, table = comparison.market, comparison.table.reset_index()
    name, value = ("simulated", "SIMULATED") if market.simulated else ("prices", market.digest)
    table.insert(0, name, value)
    return csv(table)
