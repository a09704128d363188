"""Result of a study, and its report."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orebody.backtesting.comparison import Comparison, Progress, Research
from orebody.sources.cache.vintages import format_moment
from orebody.study.report_copy import with_tail

if TYPE_CHECKING:
    from orebody.presentation import Section
    from orebody.study.study import Study

__all__ = ["StudyResult"]


@dataclass(frozen=True)
class _Made:
    """A section that is made already: pictures take their time, and both the report and the terminal want it."""

    made: Section

    def section(self) -> Section:
        """Return it."""
        return self.made


@dataclass(frozen=True, eq=False, repr=False)
class StudyResult:
    """What a study came to. Made by `Study.run`.

    Attributes
    ----------
    study : Study
    comparison : Comparison
        As `orebody.compare` makes it.
    made : tuple of (str, Research)
        What the research came to, by its name, in the study's order.
    taken : datetime
        When the prices had been taken.
    """

    study: Study
    comparison: Comparison
    made: tuple[tuple[str, Research], ...]
    taken: dt.datetime

    @property
    def table(self) -> pd.DataFrame:
        """The ranking; see `orebody.backtesting.comparison.Comparison.table`."""
        return self.comparison.table

    @property
    def research(self) -> Mapping[str, Any]:
        """What the research came to, by name: `Stress`, `Gearing` and their like; of several sweeps or walk-forwards a list."""
        found: dict[str, Any] = {}
        for name, one in self.made:
            if name in found:
                found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), one]
            else:
                found[name] = one
        return found

    @cached_property
    def sections(self) -> list[Section]:
        """What the report shows of the research."""
        return [one.section() for _, one in self.made]

    @property
    def notes(self) -> list[str]:
        """What was asked for instead of what the file says, and whether the prices are those of the report it was copied from."""
        study, digest = self.study, self.comparison.market.digest
        said = []
        if study.changes:
            changes = ", ".join(f"{name} {_plainly(value)}" for name, value in study.changes.items())
            said.append(f"Asked for instead of what the file says: {changes}.")
        if study.expected is not None and study.expected != digest:
            said.append(
                f"These are not the prices of the report that the file was copied from: their SHA-256 began with {study.expected}, "
                f"that of these with {digest}."
            )
        return said

    def __repr__(self) -> str:
        names = ", ".join(name for name, _ in self.made)
        return f"{self.comparison!r}" + (f"\nResearch: {names}" if names else "")

    def report(
        self,
        folder: str | Path | None = None,
        *,
        command: str | None = None,
        progress: Progress | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the report of the comparison with the research and the study in it, and study.toml; return the index.

        Parameters
        ----------
        folder
            By default the study's.
        command
            The command line that reproduces it, to be shown.
        progress
            See `orebody.backtesting.comparison.Progress`.
        overwrite
            As in `orebody.backtesting.comparison.Comparison.report`.

        Raises
        ------
        OutputError
            As `orebody.backtesting.comparison.Comparison.report` does.
        """
        from orebody.report.comparison.folder import write
        from orebody.report.research.study import section

        study = self.study
        if folder is None:
            study.check_inside("folder")
        place = Path(study.output.folder if folder is None else folder)
        own = section(study.name, study.text, study.sha256, self.notes)
        return write(
            self.comparison,
            place,
            tearsheets=study.output.tearsheets,
            command=command,
            research=[_Made(one) for one in (*self.sections, own)],
            left_out=self.comparison.failed,
            title=study.title,
            progress=progress,
            study=self._copy(place.absolute()),
            overwrite=overwrite,
        )

    def _copy(self, place: Path) -> str:
        """Return the study as it goes into the report at `place`."""
        study = self.study
        asked = dict(study.changes)
        if "source" in asked:
            source = Path(str(asked["source"]))
            asked["source"] = _from(study.folder, source) if source.is_absolute() else str(source)
        if study.prices.source == "yahoo" and study.prices.as_of is None:
            asked["as_of"] = format_moment(self.taken)
        digest = self.comparison.market.digest
        return with_tail(study.text, {"folder": _from(place, study.folder), **asked, "prices": digest})


def _from(folder: Path, other: Path) -> str:
    """Return the way from a folder to another path, or the whole path where there is none."""
    try:
        return Path(os.path.relpath(other, folder)).as_posix()
    except ValueError:  # another drive
        return str(other)


def _plainly(value: object) -> str:
    """Return a value as a sentence has it: a folder by its name alone, no path of anybody's machine."""
    if isinstance(value, bool):
        return str(value).lower()
    return Path(str(value)).name if Path(str(value)).is_absolute() else str(value)
