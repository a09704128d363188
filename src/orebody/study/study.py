"""Study: everything that a run needs, checked; and running it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orebody.account import Account
from orebody.backtesting.comparison import Progress, compare
from orebody.errors import OutputError
from orebody.io.atomic import printable_path
from orebody.market.universe import Universe
from orebody.research.significance.bootstrap import check_installed
from orebody.sources.load import load_market
from orebody.strategy.base import Strategy
from orebody.study.research import ResearchTask
from orebody.study.result import StudyResult
from orebody.study.tables import Output, Period, Prices

if TYPE_CHECKING:
    from orebody.market.market import Market

__all__ = ["SAMPLE", "WRITTEN", "YAHOO", "YAHOOS", "Study"]

YAHOO, SAMPLE = "yahoo", "sample"
YAHOOS = ("cache", "offline", "max_age", "as_of", "statements")
"""What only Yahoo has."""

WRITTEN = {"folder": "[output] folder", "table": "[output] table", "cache": "[prices] cache"}
"""The places to which a study writes, and where in its file they stand."""


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """Everything that a run needs. Made by `load_study`.

    Attributes
    ----------
    name : str
        Of the file.
    title : str
        What it is about; may be empty.
    universe : str or Universe
        Its name, which the source may know too, or what a file or the study itself describes.
    prices : Prices
        Where they come from.
    period : Period
        Start, end and account start, as texts or None.
    account : Account
    engine : str
    strategies : dict of str to Strategy
        By label.
    research : tuple of ResearchTask
    output : Output
        Where the report goes, and what belongs to it.
    text : str
        The file as it was given.
    folder : Path
        To which its paths are relative.
    expected : str or None
        Hash of the prices that a report was computed from, where this is the report's copy.
    changes : dict of str to object
        What was asked for instead of what the file says.
    anywhere : frozenset of str
        Which of `WRITTEN` may lie outside the folder one is in.
    """

    name: str
    title: str
    universe: str | Universe
    prices: Prices
    period: Period
    account: Account
    engine: str
    strategies: dict[str, Strategy]
    research: tuple[ResearchTask, ...]
    output: Output
    text: str
    folder: Path
    expected: str | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        """Of the file as it was given, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def __repr__(self) -> str:
        pieces = f"; {', '.join(piece.name for piece in self.research)}" if self.research else ""
        name = self.universe if isinstance(self.universe, str) else self.universe.name
        return f"<Study {self.name}: {', '.join(self.strategies)} on {name} from {self.prices.source}{pieces}>"

    def changed(
        self, *, source: str | None = None, offline: bool | None = None, as_of: str | dt.date | None = None, out: str | Path | None = None
    ) -> Study:
        """Return the study with something else than its file says; None leaves it.

        Parameters
        ----------
        source
            As in `orebody.load_market`. What only Yahoo has is dropped for another source.
        offline, as_of
            As there.
        out
            The folder of the report.
        """
        asked: dict[str, Any] = {"source": source, "offline": offline, "as_of": as_of}
        asked = {name: value for name, value in asked.items() if value is not None}
        if "as_of" in asked:
            asked["as_of"] = str(asked["as_of"])
        if source is not None and source.lower() in (YAHOO, SAMPLE):
            asked["source"] = source.lower()
        elif source is not None:
            asked["source"] = str(Path(source).absolute())
        prices = dataclasses.replace(self.prices, **asked)
        if "source" in asked and asked["source"] != YAHOO:
            defaults = Prices()
            prices = dataclasses.replace(prices, **{name: getattr(defaults, name) for name in YAHOOS if name not in asked})
        output = self.output if out is None else dataclasses.replace(self.output, folder=str(Path(out).absolute()))
        new = {name: value for name, value in asked.items() if value != getattr(self.prices, name)}
        anywhere = self.anywhere if out is None else self.anywhere | {"folder"}
        return dataclasses.replace(self, prices=prices, output=output, changes={**self.changes, **new}, anywhere=anywhere)

    def check_inside(self, *names: str) -> None:
        """Raise `OutputError` where the study would write outside the folder one is in, links followed, and nobody allowed that.

        Parameters
        ----------
        names
            Which of `WRITTEN` to look at.
        """
        here = Path(os.path.realpath(Path.cwd()))
        for name in names:
            place = self.prices.cache if name == "cache" else getattr(self.output, name)
            if place is None or name in self.anywhere or Path(os.path.realpath(place)).is_relative_to(here):
                continue
            elsewhere = " or give --out," if name == "folder" else ""
            raise OutputError(
                f"{self.name}: {WRITTEN[name]} is {printable_path(Path(place))}, outside the folder you are in: go to the folder of the "
                f"study,{elsewhere} or allow it with allow_outside=True"
            )

    def load(self, progress: Progress | None = None) -> Market:
        """Return the market; raises as `orebody.load_market` does."""
        self.check_inside("cache")
        asked = self.prices
        options: dict[str, Any] = {
            name: getattr(asked, name)
            for name in ("source", "fill", "repair", "currency", "rates", "frequency", "cash_rate", "cache", "offline", "as_of")
        }
        if asked.max_age is not None:
            options["max_age"] = dt.timedelta(hours=asked.max_age)
        if asked.statements:
            options["fundamentals"] = YAHOO
        return load_market(self.universe, start=self.period.start, end=self.period.end, progress=progress, **options)

    def run(self, progress: Progress | None = None) -> StudyResult:
        """Load the prices, run the strategies beside the benchmarks, and do the research.

        Parameters
        ----------
        progress
            Told how many steps are done, of how many, and what comes next.

        Returns
        -------
        StudyResult
            With `comparison`, as `orebody.compare` makes it, and `research`.

        Raises
        ------
        OrebodyError
            As `orebody.load_market`, `orebody.compare` and each piece of research.
        """
        tell = progress or (lambda done, total, what: None)
        before, runs = 1, len(self.strategies) + 2
        total = before + runs + len(self.research)
        if any(piece.name == "significance" for piece in self.research):
            check_installed()
        tell(0, total, "prices")
        market = self.load()
        taken = dt.datetime.now(dt.UTC)

        def within(done: int, of: int, what: str) -> None:
            if done < of:
                tell(before + done, total, what)

        comparison = compare(self.strategies, market, self.account, engine=self.engine, start=self.period.account_start, progress=within)
        found = []
        for at, piece in enumerate(self.research):
            tell(before + runs + at, total, piece.name)
            found.append((piece.name, piece.make(market, comparison, self.period.account_start, _quiet)))
        tell(total, total, "done")
        return StudyResult(self, comparison, tuple(found), taken)


def _quiet(done: int, total: int, what: str) -> None:
    """Say nothing: a piece of research is one step of the study's."""
