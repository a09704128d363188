"""Stress: what happened to each strategy in named stretches of history, and on the worst days of equities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.comparison import Comparison, Progress, compare
from orebody.errors import ParameterError, unknown_name
from orebody.export import save
from orebody.market.market import Market
from orebody.metrics import drawdown_series
from orebody.research.episodes import Episode, episodes_of, located
from orebody.result import Result
from orebody.strategy import Strategy

if TYPE_CHECKING:
    from orebody.report.research.section import Section

__all__ = ["WORST", "Stress", "stress"]

WORST = 0.05
"""Share of the days of equities that count as their worst."""
FEWEST = 100  # days of equities: below it the worst 5 % are a handful
EQUITIES = "equities"
FRAMES = ("table", "safe_haven")


@dataclass(frozen=True, eq=False, repr=False)
class Stress:
    """What each strategy went through. Made by `stress`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each episode and strategy: ``episode``, ``first``, ``last`` (dates of the two closes), ``strategy``, ``benchmark``,
        ``return`` (time-weighted, a fraction), ``max_drawdown`` (within the episode, from its first close on), ``worst_day`` and
        ``worst_date``, ``profit`` (money, contributions not counted), and what was held going in, as shares of equity at the first close:
        ``metal``, ``miners``, ``cash``. The metal and the miners first, then the best first.
    left_out : dict of str to str
        Episodes that the accounts did not see from end to end, and why.
    safe_haven : pandas.DataFrame or None
        A row a strategy over the worst 5 % of the days of the gauge ``equities``: ``mean`` and ``median`` return, ``worst``, share of days
        ``up``, and ``mean_other``, its mean return on all other days. None without that gauge.
    safe_haven_note : str
        How many days that were, or why there are none.
    comparison : Comparison
        The runs.
    """

    table: pd.DataFrame
    left_out: dict[str, str]
    safe_haven: pd.DataFrame | None
    safe_haven_note: str
    comparison: Comparison

    def __repr__(self) -> str:
        head = "SIMULATED\n" if self.comparison.market.simulated else ""
        if self.table.empty:
            return f"{head}<Stress: no episode lies within the accounts' days>"
        returns = self.table.pivot(index="strategy", columns="episode", values="return")
        returns = returns.reindex(index=self.table["strategy"].unique(), columns=self.table["episode"].unique())
        text: str = returns.rename_axis(index=None, columns=None).to_string(float_format="{:.1%}".format)
        return head + text

    def to_frame(self, what: str = "table") -> pd.DataFrame:
        """Return ``"table"``, or ``"safe_haven"``, the worst days of equities; see the class.

        Raises
        ------
        UnknownNameError
            For anything else.
        ParameterError
            For ``"safe_haven"`` where there is none; the message says why.
        """
        if what not in FRAMES:
            raise unknown_name("frame of a stress test", str(what), FRAMES)
        frame = self.table if what == "table" else self.safe_haven
        if frame is None:
            raise ParameterError(f"there is no table {what!r}: {self.safe_haven_note}")
        return frame

    def save(self, path: str | Path, what: str = "table", *, overwrite: bool = False) -> Path:
        """Write `to_frame` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.to_frame(what), path, self.comparison.market, overwrite=overwrite)

    def _repr_html_(self) -> str:
        from orebody.report.notebook.research import of_stress

        return of_stress(self)

    @property
    def sentences(self) -> list[str]:
        """What came out, in sentences."""
        return list(self.section().sentences)

    def section(self) -> Section:
        """Return what a report shows of it."""
        from orebody.report.research.stress import section

        return section(self)

    def report(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write one page, an HTML file that needs nothing else, and return its path.

        An earlier file is replaced if orebody wrote it and nobody changed it since; with `overwrite` any is.
        """
        from orebody.report.research.section import write

        return write(self.section(), path, self.comparison.market, self.comparison.account, overwrite=overwrite)


def stress(
    strategies: Comparison | Mapping[str, Strategy] | Iterable[Strategy],
    market: Market | None = None,
    account: Account | None = None,
    episodes: Mapping[str, tuple[str, str]] | tuple[Episode, ...] | None = None,
    *,
    start: str | pd.Timestamp | int | None = None,
    progress: Progress | None = None,
) -> Stress:
    """Run strategies over the whole market once, and read off what happened to them in named stretches of history.

    Nothing is cut out and run by itself: each strategy comes into an episode with all its past, holding what it then held.

    Parameters
    ----------
    strategies
        As in `orebody.compare`, run on the compiled engine; or a `Comparison`, whose runs are taken.
    market, account, start, progress
        As in `orebody.compare`; not to be given with a comparison.
    episodes
        By default those of `orebody.research.episodes.EPISODES`; a mapping of names to (first, last), both closes, or `Episode`\\ s.

    Raises
    ------
    ParameterError
        For episodes that are none, or a market beside a comparison.
    OrebodyError
        As `orebody.compare`.
    """
    chosen = episodes_of(episodes)
    if isinstance(strategies, Comparison):
        if market is not None or account is not None or start is not None:
            raise ParameterError("a comparison brings its own market, account and start: give either it, or strategies and a market")
        comparison = strategies
    else:
        if market is None:
            raise ParameterError("strategies need a market to be run on: stress(strategies, market)")
        comparison = compare(strategies, market, account, engine="compiled", start=start, progress=progress)
    rows, left_out = [], {}
    for episode in chosen:
        bars = located(episode, comparison.market)
        if isinstance(bars, str):
            left_out[episode.name] = bars
            continue
        ours = [{"episode": episode.name, **_row(label, result, comparison, *bars)} for label, result in comparison.results.items()]
        by_label = {row["strategy"]: row for row in ours}
        rows += [by_label.pop(label) for label in comparison.benchmarks]
        rows += sorted(by_label.values(), key=lambda row: row["return"], reverse=True)
    table = pd.DataFrame(rows, columns=COLUMNS)
    safe_haven, note = _safe_haven(comparison)
    return Stress(table, left_out, safe_haven, note, comparison)


COLUMNS = [
    *("episode", "first", "last", "strategy", "is_benchmark", "return", "max_drawdown", "worst_day", "worst_date"),
    *("profit", "metal", "miners", "cash"),
]


def _row(label: str, result: Result, comparison: Comparison, begin: int, end: int) -> dict[str, Any]:
    """Return what an account went through after the close of bar `begin`, up to the close of bar `end`."""
    returns = result.returns.iloc[begin + 1 : end + 1]
    inside = pd.concat((pd.Series([0.0], index=result.dates[begin : begin + 1]), returns))
    equity = result.equity.to_numpy()
    held = result.values.to_numpy()[begin] / equity[begin] if equity[begin] > 0 else np.zeros(len(result.market.tickers))
    flows = result.record.flows[begin + 1 : end + 1].sum()
    return {
        "first": result.dates[begin],
        "last": result.dates[end],
        "strategy": label,
        "is_benchmark": label in comparison.benchmarks,
        "return": float((1.0 + returns).prod() - 1.0),
        "max_drawdown": float(drawdown_series(inside).min()),
        "worst_day": float(returns.min()),
        "worst_date": returns.idxmin(),
        "profit": float(equity[end] - equity[begin] - flows),
        "metal": float(held[0]),
        "miners": float(held[1:].sum()),
        "cash": float(1.0 - held.sum()) if equity[begin] > 0 else 0.0,
    }


def _safe_haven(comparison: Comparison) -> tuple[pd.DataFrame | None, str]:
    """Return each strategy's days when equities had their worst, and how many those were."""
    market = comparison.market
    if EQUITIES not in market.gauges:
        return None, f"no gauge {EQUITIES!r} (the price of a broad index, or of a fund of it), so nothing is said of its worst days"
    price = market.gauges[EQUITIES][market.opening :]
    moves = price[1:] / price[:-1] - 1.0
    known = np.isfinite(moves) & (moves != 0.0)  # a gauge that stands still was closed
    if known.sum() < FEWEST:
        return None, f"the gauge {EQUITIES!r} moved on {known.sum()} days: at least {FEWEST} are needed to speak of its worst"
    limit = float(np.quantile(moves[known], WORST))
    worst, other = known & (moves <= limit), known & (moves > limit)
    rows = {}
    for label, result in comparison.results.items():
        returns = result.returns.to_numpy()[1:]
        bad = returns[worst]
        figures = (bad.mean(), np.median(bad), bad.min(), (bad > 0).mean(), returns[other].mean())
        rows[label] = dict(zip(("mean", "median", "worst", "up", "mean_other"), map(float, figures), strict=True))
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("strategy")
    return table, f"the {int(worst.sum())} of {int(known.sum())} days on which equities fell by {-limit:.2%} or more"
