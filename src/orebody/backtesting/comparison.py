"""Comparison: several strategies in the same account on the same market, beside the metal and the miners with the same cash flows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import backtest, validate_account, validate_market
from orebody.backtesting.benchmark import hold
from orebody.backtesting.labels import label_strategies_and_classes
from orebody.backtesting.result import Result
from orebody.errors import DecisionError, OrebodyError, ParameterError, in_a_row, unknown_name
from orebody.export import save
from orebody.io.text import printable
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.metrics import Metrics, format_column
from orebody.metrics.beating import beating
from orebody.metrics.performance import years_between
from orebody.strategy.base import Strategy
from orebody.strategy.opening import decides_from, opening_of

if TYPE_CHECKING:
    from orebody.presentation import Section

__all__ = ["Comparison", "Progress", "Research", "compare"]

Progress = Callable[[int, int, str], None]
"""Told how many steps are done, of how many, and what comes next."""


class Research(Protocol):
    """A piece of research that can stand in a report."""

    def section(self) -> Section:
        """Return what a report shows of it."""


BENCHMARKS = ("metal", "miners")
FRAMES = ("equity", "returns", "ranking")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The runs of a comparison. Made by `compare`.

    Attributes
    ----------
    market : Market
        With `market.opening` the bar on which all accounts opened.
    account : Account
    results : dict of str to Result
        By label, the best first.
    benchmarks : tuple of str
        The labels of the metal and the miners held with the same cash flows.
    opening : str
        When the accounts open, and why then, in a sentence; and what ends before the prices do.
    strategies : dict of str to Strategy
        By label, in the order given; the benchmarks are not among them.
    failed : dict of str to str
        Why there is no result of a strategy: what its code raised, by label.
    classes : dict of str to type
        Classes of backtrader's that were run, by label. Nothing but their results is known of them.
    """

    market: Market
    account: Account
    results: dict[str, Result]
    benchmarks: tuple[str, ...]
    opening: str
    strategies: dict[str, Strategy] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    classes: dict[str, type] = field(default_factory=dict)

    @cached_property
    def metrics(self) -> dict[str, Metrics]:
        """Every figure of every run, by label, the best first."""
        return {label: result.metrics() for label, result in self.results.items()}

    @property
    def withheld(self) -> str:
        """Which figures are left out because the accounts were open for less than a year, in a sentence; empty otherwise."""
        dates = self.market.dates[self.market.opening :]
        short = years_between(dates[0], dates[-1]) < 1.0
        return (
            "The accounts were open for less than a year: CAGR, XIRR and Calmar, which are figures a year, are left out." if short else ""
        )

    @property
    def table(self) -> pd.DataFrame:
        """The ranking: a row a run, highest final equity first, a column for each of `Metrics`, and whether it is a benchmark
        and when it was ruined.

        With the same cash flows the order of final equity is that of the money-weighted return too.
        """
        table = pd.DataFrame(
            [dataclasses.asdict(metrics) for metrics in self.metrics.values()], index=pd.Index(self.results, name="strategy")
        )
        ruined = [result.ruined for result in self.results.values()]
        return table.assign(is_benchmark=[label in self.benchmarks for label in self.results], ruined=pd.to_datetime(ruined))

    @property
    def beating(self) -> str:
        """How many strategies beat holding the metal, and the miners, by Sharpe and by final equity, in words."""
        table = self.table
        own, held = table[~table["is_benchmark"]], table.loc[list(self.benchmarks)]
        return beating(own, held, self.market.universe.metal, "strategy" if len(own) == 1 else "strategies")

    def __repr__(self) -> str:
        names = ("final_equity", "cagr", "xirr", "sharpe", "max_drawdown", "costs")
        fields = {one.name: one.metadata for one in dataclasses.fields(Metrics)}
        columns = {
            fields[name]["heading"]: format_column(fields[name]["kind"], (getattr(one, name) for one in self.metrics.values()))
            for name in names
        }
        labels = [" ".join([printable(label), *(f"({mark})" for mark in result.flags)]) for label, result in self.results.items()]
        table = pd.DataFrame(columns, index=labels)
        head = caveats(self.market, rate_known=self.account.rate_known(self.market))
        withheld = f"\n{self.withheld}" if self.withheld else ""
        failed = "".join(f"\nLeft out: {printable(label)}: {printable(why)}." for label, why in self.failed.items())
        return f"{head}{table.to_string()}\n{printable(self.opening)}{withheld}{failed}"

    def _repr_html_(self) -> str:
        from orebody.report.notebook.nouns import of_comparison

        return of_comparison(self)

    def to_frame(self, what: str = "equity") -> pd.DataFrame:
        """Return one thing of all runs side by side.

        Parameters
        ----------
        what
            ``"equity"`` (at each close, in money) or ``"returns"`` (of each bar, time-weighted, fractions): a row a date, a column a run,
            the best first. ``"ranking"``: `table`.

        Raises
        ------
        UnknownNameError
            For anything else.
        """
        if what not in FRAMES:
            raise unknown_name("frame of a comparison", str(what), FRAMES)
        if what == "ranking":
            return self.table
        columns = {label: getattr(result, what) for label, result in self.results.items()}
        return pd.DataFrame(columns, index=self.market.dates[self.market.opening :]).rename_axis(index="date")

    def save(self, path: str | Path, what: str = "equity", *, overwrite: bool = False) -> Path:
        """Write `to_frame` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.to_frame(what), path, self.market, overwrite=overwrite)

    def report(
        self,
        folder: str | Path,
        *,
        tearsheets: bool = True,
        command: str | None = None,
        research: Iterable[Research] = (),
        left_out: Mapping[str, str] | None = None,
        title: str = "",
        progress: Progress | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the interactive ``index.html``, ``ranking.csv``, and for each run a page, its fills and a tearsheet; return the index.

        The pages come first and together, then each tearsheet, each file whole. What they are and their SHA-256 stand in
        ``manifest.sha256``.

        Parameters
        ----------
        folder
            Made if it is not there. Of an earlier report in it, what its manifest names and nobody changed is replaced or removed;
            everything else stays.
        tearsheets
            Also write the tearsheets, in two processes.
        command
            The command line that reproduces the report, to be shown in it.
        research
            What else was found out, each a section of the index: `orebody.stress(comparison)`, `orebody.gearing(market)` and their like.
        left_out
            Strategies that were not compared, and why, to be shown.
        title
            The heading of the page; by default it names the universe.
        progress
            See `Progress`.
        overwrite
            Also replace files of this report's names that somebody changed or put there.

        Raises
        ------
        OutputError
            When it cannot be written there, or the folder holds something else than an earlier report.
        """
        from orebody.report.comparison.folder import write

        return write(
            self,
            Path(folder),
            tearsheets=tearsheets,
            command=command,
            research=research,
            left_out={**(left_out or {}), **self.failed},
            title=title,
            progress=progress,
            overwrite=overwrite,
        )


def compare(
    strategies: Mapping[str, Strategy | type] | Iterable[Strategy | type],
    market: Market,
    account: Account | None = None,
    *,
    engine: str = "backtrader",
    start: str | pd.Timestamp | int | None = None,
    check_lookahead: bool = True,
    progress: Progress | None = None,
) -> Comparison:
    """Run several strategies in the same account, beside the metal and the miners bought with the same cash flows.

    Parameters
    ----------
    strategies
        By label, or plain, labelled by their names (those that share one by how they are written). Classes derived from
        `backtrader.Strategy` are run as by `backtest`, with the parameters that they declare.
    market, account, engine, check_lookahead
        As in `backtest`.
    start
        When all accounts open; by default on the first bar on which every strategy can decide and every instrument is listed.
    progress
        See `Progress`.

    Raises
    ------
    OrebodyError
        As `backtest`; the first strategy refused ends the comparison. One whose code raises something else is left out and stands in
        `Comparison.failed`; where all do, `DecisionError` is raised.
    """
    given, classes, labels = label_strategies_and_classes(strategies)
    market, account = validate_market(market), validate_account(account)
    named, failed = _strategies_with_known_needs(given, market, others=bool(classes))
    opening = opening_of(named, market, start)
    market = opening.market
    tell = progress or (lambda done, total, what: None)
    total, asked = len(labels) - len(failed) + len(BENCHMARKS), len(labels)
    results: dict[str, Result] = {}
    for role in BENCHMARKS:
        tell(len(results), total, f"holding the {role}")
        result = hold(role, market, account, opening.text)
        if result.label in labels:
            raise ParameterError(f"the label {result.label!r} is that of a benchmark: choose another")
        results[result.label] = result
    benchmarks = tuple(results)
    for label in labels:
        if label in failed:
            continue
        strategy = named[label] if label in named else classes[label]
        tell(len(results), total, label)
        try:
            results[label] = backtest(
                strategy, market, account, engine=engine, start=market.opening, check_lookahead=check_lookahead, label=label
            )
        except OrebodyError:
            raise
        except Exception as error:  # whatever the code of one strategy raises: the others stand
            failed[label] = in_a_row(error)
            if len(failed) == asked:
                raise _nothing_left(failed) from error
    for result in results.values():
        vars(result)["benchmark"] = results[benchmarks[0]]  # each would carry out this very run again
        vars(result)["opening"] = opening.text
    tell(total, total, "done")
    ranked = dict(sorted(results.items(), key=lambda item: -item[1].equity.iloc[-1]))
    return Comparison(
        market,
        account,
        ranked,
        benchmarks,
        opening.text,
        {label: one for label, one in named.items() if label in results},
        failed,
        {label: one for label, one in classes.items() if label in results},
    )


def _strategies_with_known_needs(
    named: Mapping[str, Strategy], market: Market, *, others: bool
) -> tuple[dict[str, Strategy], dict[str, str]]:
    """Return the strategies that say from when on they can decide, and what the code of the others raised."""
    known, failed = dict(named), {}
    for label, strategy in named.items():
        try:
            decides_from(strategy, market)  # for what it raises
        except OrebodyError:
            raise
        except Exception as error:
            failed[label] = in_a_row(error)
            del known[label]
            if not known and not others:
                raise _nothing_left(failed) from error
    return known, failed


def _nothing_left(failed: Mapping[str, str]) -> DecisionError:
    label, why = next(iter(failed.items()))
    return DecisionError(f"no strategy could be run; {label}: {why}")
