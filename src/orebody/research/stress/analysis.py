"""Stress: what happened to each strategy in named stretches of history, and on the worst days of equities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import backtest, validate_account, validate_market
from orebody.backtesting.benchmark import hold
from orebody.backtesting.comparison import BENCHMARKS, Comparison, Progress
from orebody.backtesting.labels import label_strategies
from orebody.backtesting.result import Result
from orebody.errors import ParameterError, unknown_name
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.metrics import drawdown_series
from orebody.presentation import Presentable, Section
from orebody.research.stress.episodes import Episode, episodes_of, locate
from orebody.strategy.base import Strategy
from orebody.strategy.opening import endings, opening_of

__all__ = ["WORST", "Stress", "stress"]

WORST = 0.05
"""Share of the days of equities that count as their worst."""
FEWEST = 100  # days of equities: below it the worst 5 % are a handful
EQUITIES = "equities"
FRAMES = ("table", "safe_haven")


@dataclass(frozen=True, eq=False, repr=False)
class Stress(Presentable):
    """What each strategy went through. Made by `stress`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each episode and strategy: ``episode``, ``first``, ``last`` (dates of the two closes), ``strategy``, ``is_benchmark``,
        ``return`` (time-weighted, a fraction), ``max_drawdown`` (within the episode, from its first close on), ``worst_day`` and
        ``worst_date``, ``profit`` (money, contributions not counted), and what was held going in, as shares of equity at the first close:
        ``metal``, ``miners``, ``cash``; and ``opened``, when its account did. The metal and the miners first, then the best first. No row
        for an account that opened after the episode began.
    left_out : dict of str to str
        Episodes that no strategy's account saw from end to end, and why.
    safe_haven : pandas.DataFrame or None
        A row a strategy over the worst 5 % of the days of the gauge ``equities``: ``mean`` and ``median`` return, ``worst``, share of days
        ``up``, and ``mean_other``, its mean return on all other days; ``days``, how many of the worst days its account saw, and ``metal``,
        the metal's mean return on these. None without that gauge.
    safe_haven_note : str
        How many days that were, or why there are none.
    market : Market
        Opened where the first of the accounts is.
    account : Account
    results : dict of str to Result
        The runs by label, those of holding the metal and the miners first.
    benchmarks : tuple of str
        The labels of these two.
    opening : str
        When the accounts opened, and why then, in a sentence.
    """

    table: pd.DataFrame
    left_out: dict[str, str]
    safe_haven: pd.DataFrame | None
    safe_haven_note: str
    market: Market
    account: Account
    results: dict[str, Result]
    benchmarks: tuple[str, ...]
    opening: str

    def __repr__(self) -> str:
        head = caveats(self.market, rate_known=self.account.rate_known(self.market))
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
        return save(self.to_frame(what), path, self.market, overwrite=overwrite)

    def late(self, episode: str) -> list[str]:
        """Return the labels of the accounts that opened after an episode of the table began."""
        there = set(self.table.loc[self.table["episode"] == episode, "strategy"])
        return [label for label in self.results if label not in there]

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.stress.section import section

        return section(self)

    @property
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""
        from orebody.research.stress.section import sentences

        return sentences(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.market, self.account


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

    Nothing is cut out and run by itself: each strategy comes into an episode with all its past, holding what it then held. Its account
    opens on the first bar on which it can decide and every instrument is listed, whatever the others need: returns within an episode are
    time-weighted and so can be compared, profits in money of accounts that opened on different days cannot.

    Parameters
    ----------
    strategies
        As in `orebody.compare`, run on the compiled engine; or a `Comparison`, whose strategies, market and account are taken. Where that
        was opened on a day of one's own choice, all accounts open there.
    market, account, progress
        As in `orebody.compare`; not to be given with a comparison.
    start
        When all accounts open instead.
    episodes
        By default those of `orebody.research.stress.episodes.EPISODES`; a mapping of names to (first, last), both closes, or `Episode`\\ s.

    Raises
    ------
    ParameterError
        For episodes that are none, or a market beside a comparison.
    OrebodyError
        As `orebody.compare`.
    """
    chosen = episodes_of(episodes)
    earlier: dict[str, Result] = {}
    if isinstance(strategies, Comparison):
        if market is not None or account is not None or start is not None:
            raise ParameterError("a comparison brings its own market, account and start: give either it, or strategies and a market")
        named, earlier, opening = strategies.strategies, strategies.results, strategies.market.opening
        market, account = strategies.market.opened(0), strategies.account
        start = opening if opening_of(named, market, None).market.opening != opening else None
    else:
        if market is None:
            raise ParameterError("strategies need a market to be run on: stress(strategies, market)")
        market, named = validate_market(market), label_strategies(strategies)
    results, benchmarks, text = _runs(named, market, validate_account(account), start, earlier, progress)
    market = results[benchmarks[0]].market
    rows, left_out = [], {}
    for episode in chosen:
        bars = {label: locate(episode, result.market) for label, result in results.items()}
        seen = {label: found for label, found in bars.items() if not isinstance(found, str)}
        if not seen.keys() - set(benchmarks):
            left_out[episode.name] = next((why for label, why in bars.items() if label not in benchmarks and isinstance(why, str)), "")
            continue
        ours = {label: {"episode": episode.name, **_row(label, results[label], benchmarks, *found)} for label, found in seen.items()}
        rows += [ours.pop(label) for label in benchmarks]
        rows += sorted(ours.values(), key=lambda row: row["return"], reverse=True)
    table = pd.DataFrame(rows, columns=COLUMNS)
    safe_haven, note = _safe_haven(results, market, benchmarks[0])
    return Stress(table, left_out, safe_haven, note, market, validate_account(account), results, benchmarks, text)


def _runs(
    named: Mapping[str, Strategy],
    market: Market,
    account: Account,
    start: str | pd.Timestamp | int | None,
    earlier: Mapping[str, Result],
    progress: Progress | None,
) -> tuple[dict[str, Result], tuple[str, ...], str]:
    """Return each strategy's run from where it is ready, or from `start`, after those of the benchmarks, their labels, and a sentence.

    A run of `earlier` that opened there is taken; the benchmarks open with the first strategy.
    """
    tell = progress or (lambda done, total, what: None)
    where = {label: opening_of({label: strategy}, market, start).market for label, strategy in named.items()}
    first = min(where.values(), key=lambda one: one.opening, default=opening_of({}, market, start).market)
    text = opening_of(named, market, start).text if start is not None or len({one.opening for one in where.values()}) < 2 else _own(where)
    total, results = len(named) + len(BENCHMARKS), dict[str, Result]()
    for role in BENCHMARKS:
        tell(len(results), total, f"holding the {role}")
        result = hold(role, first, account, text)
        if result.label in named:
            raise ParameterError(f"the label {result.label!r} is that of a benchmark: choose another")
        results[result.label] = result
    benchmarks = tuple(results)
    for label, strategy in named.items():
        tell(len(results), total, label)
        run = earlier.get(label)
        if run is None or run.market.opening != where[label].opening:
            run = backtest(strategy, market, account, engine="compiled", start=start, check_lookahead=run is None, label=label)
        results[label] = run
    tell(total, total, "done")
    return results, benchmarks, text


def _own(where: Mapping[str, Market]) -> str:
    """Return when each account opened, in a sentence, the first day first."""
    days: dict[pd.Timestamp, list[str]] = {}
    for label, market in sorted(where.items(), key=lambda item: item[1].opening):
        days.setdefault(market.dates[market.opening], []).append(label)
    each = "; ".join(f"{', '.join(labels)} on {day.date()}" for day, labels in days.items())
    text = f"Each account opens on the first day on which its strategy can decide and everything is listed: {each}."
    first = min(where.values(), key=lambda market: market.opening)
    return f"{text} {endings(first)}".rstrip()


COLUMNS = [
    *("episode", "first", "last", "strategy", "is_benchmark", "return", "max_drawdown", "worst_day", "worst_date"),
    *("profit", "metal", "miners", "cash", "opened"),
]


def _row(label: str, result: Result, benchmarks: tuple[str, ...], begin: int, end: int) -> dict[str, Any]:
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
        "is_benchmark": label in benchmarks,
        "return": float((1.0 + returns).prod() - 1.0),
        "max_drawdown": float(drawdown_series(inside).min()),
        "worst_day": float(returns.min()),
        "worst_date": returns.idxmin(),
        "profit": float(equity[end] - equity[begin] - flows),
        "metal": float(held[0]),
        "miners": float(held[1:].sum()),
        "cash": float(1.0 - held.sum()) if equity[begin] > 0 else 0.0,
        "opened": result.dates[0],
    }


def _safe_haven(results: Mapping[str, Result], market: Market, metal: str) -> tuple[pd.DataFrame | None, str]:
    """Return each strategy's days when equities had their worst, and how many those were.

    `market` is opened where the first account is. An account that opened later has fewer of these days, and the metal's mean beside its own
    is that of the same days.
    """
    if EQUITIES not in market.gauges:
        return None, f"no gauge {EQUITIES!r} (the price of a broad index, or of a fund of it), so nothing is said of its worst days"
    price = market.gauges[EQUITIES][market.opening :]
    moves = price[1:] / price[:-1] - 1.0
    known = np.isfinite(moves) & (moves != 0.0)  # a gauge that stands still was closed
    if known.sum() < FEWEST:
        return None, f"the gauge {EQUITIES!r} moved on {known.sum()} days: at least {FEWEST} are needed to speak of its worst"
    limit = float(np.quantile(moves[known], WORST))
    worst, other = known & (moves <= limit), known & (moves > limit)
    rows, held = {}, results[metal].returns.to_numpy()[1:]
    for label, result in results.items():
        late = result.market.opening - market.opening
        returns, bad = result.returns.to_numpy()[1:], worst[late:]
        if not bad.any():
            continue
        on, off = returns[bad], returns[other[late:]]
        figures = (on.mean(), np.median(on), on.min(), (on > 0).mean(), off.mean() if len(off) else np.nan, held[late:][bad].mean())
        rows[label] = dict(zip(("mean", "median", "worst", "up", "mean_other", "metal"), map(float, figures), strict=True))
        rows[label]["days"] = int(bad.sum())
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("strategy")
    return table, f"the {int(worst.sum())} of {int(known.sum())} days on which equities fell by {-limit:.2%} or more"
