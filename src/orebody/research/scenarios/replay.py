"""Deciding on paths: how little of history each strategy must be shown again, by what it says itself, tried besides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from orebody.backtesting.backtest import decisions_of
from orebody.errors import DecisionError
from orebody.indicators import last_stated
from orebody.market.market import Market
from orebody.market.schedule import period_begins
from orebody.research.scenarios.lazy_market import LazyMarket, PriceReadProbe, StackedMarket
from orebody.research.scenarios.path_markets import PathHistory, tail, whole_tail
from orebody.research.scenarios.path_rows import after
from orebody.research.scenarios.paths import Prices
from orebody.strategy.base import Strategy
from orebody.strategy.decisions import Decisions, Plan

__all__ = ["PathDecisions", "PathMarkets", "ReplayMode", "replay", "replay_mode"]

TRIED = 8
"""Paths of each scenario on which a short history is tried against all of it."""
QUARTER = 0.26
"""Of a year's bars, shown besides those a strategy needs: after a quarter baskets are formed as they truly were, and rhythms have begun."""
SAME = 1e-9
GROWTH = 1.4
"""By how much more bars are shown when so many were too few."""
STEP = 32
"""Bars to multiples of which histories are rounded up, so that strategies share them."""
LONGEST_KEPT = 1024
"""Bars of history up to which paths are kept for the next strategy."""
MOST_KEPT = 65_536
"""Bars of single paths with longer histories that are kept; more are made again for each strategy, so that memory stays flat."""


@dataclass(frozen=True, eq=False)
class PathDecisions:
    """What a strategy says on some paths, one path after the other.

    Attributes
    ----------
    rows : numpy.ndarray
        Bars, counted from the last real bar, which is 0 and stands for what was said up to it; each path begins with it.
    weights, deploy, contribution_split : numpy.ndarray
        A row for each of `rows`, NaN where nothing is said.
    counts : numpy.ndarray
        How many of the rows are each path's.
    bands : numpy.ndarray
        The band of each path.
    """

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    counts: np.ndarray
    bands: np.ndarray

    @property
    def tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, deploy and contribution_split."""
        return self.weights, self.deploy, self.contribution_split

    def path(self, at: int) -> PathDecisions:
        """Return what is said on one path."""
        end = int(self.counts[: at + 1].sum())
        part = slice(end - int(self.counts[at]), end)
        own = slice(at, at + 1)
        return PathDecisions(
            self.rows[part], self.weights[part], self.deploy[part], self.contribution_split[part], self.counts[own], self.bands[own]
        )

    @classmethod
    def joined(cls, parts: list[PathDecisions]) -> PathDecisions:
        """Return what is said on the paths of one after the other."""
        if len(parts) == 1:
            return parts[0]
        rows, counts, bands = (np.concatenate([getattr(one, name) for one in parts]) for name in ("rows", "counts", "bands"))
        tables = [np.concatenate(tables) for tables in zip(*(one.tables for one in parts), strict=True)]
        return cls(rows, tables[0], tables[1], tables[2], counts, bands)

    def repeated(self, paths: int) -> PathDecisions:
        """Return the same for as many paths, from what is said on one."""
        return PathDecisions.joined([self] * paths)


Plain = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]
"""Rows, weights, deploy, invest (a table that says nothing has no rows) and the band, as a strategy gave them."""


@dataclass(frozen=True, eq=False)
class ReplayMode:
    """How a strategy is asked.

    Attributes
    ----------
    strategy : Strategy
    bars : int
        How many of the last real bars it is shown before a path.
    joined : bool
        Whether it may be shown many paths in one market.
    before : Plan
        What it said up to and including the last real bar.
    carried : numpy.ndarray or None
        What it carries after the last real bar, shape ``(1, M)``; see `Strategy.carries`.
    same : Said or None
        What it says on one path, and so on every other, where it never looks at prices.
    """

    strategy: Strategy
    bars: int
    joined: bool
    before: Plan
    carried: np.ndarray | None = None
    same: PathDecisions | None = None

    @cached_property
    def stood(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The weights, purchases (none) and split that stand on the last real bar, of shape ``(1, N)``.

        They are taken from what was said on real history, so that a strategy shown a part of it stands where it truly stood.
        """
        before, width = self.before, self.before.weights.shape[1]
        last = np.array([int(before.rows[-1])]) if len(before.rows) else np.zeros(1, dtype=np.int64)
        weights, contribution_split = (last_stated(before.rows, table, last) for table in (before.weights, before.contribution_split))
        return weights, np.full((1, width), np.nan), contribution_split

    @property
    def text(self) -> str:
        """How it is asked, in words."""
        if self.same is not None:
            return "once, it reads no prices"
        return f"{'many paths at once' if self.joined else 'path by path'}, after {self.bars:,} real bars"


class PathMarkets:
    """What strategies are shown of some paths; those that want the same share it, and what they make of it."""

    def __init__(self, histories: PathHistory, prices: Prices) -> None:
        self.market, self.dates, self.prices = histories.market, histories.dates, prices
        self._histories = histories
        self._kept: dict[tuple[int, int, int], StackedMarket] = {}
        self._single: dict[int, list[LazyMarket]] = {}
        self._long: dict[tuple[int, int], LazyMarket] = {}

    def one(self, bars: int, path: int) -> Market:
        """Return one path after the last `bars` real bars."""
        if bars > LONGEST_KEPT:
            made = self._long.get((bars, path)) or self._histories.one(bars, self.prices, path)
            if (len(self._long) + 1) * len(made) <= MOST_KEPT:
                self._long[bars, path] = made
            return made
        if bars not in self._single:
            self._single[bars] = self._histories.each(bars, self.of(bars, slice(0, len(self.prices.close))))
        return self._single[bars][path]

    def of(self, bars: int, paths: slice) -> StackedMarket:
        """Return these paths, each after the last `bars` real bars, in one market."""
        key = (bars, paths.start, paths.stop)
        if key not in self._kept:
            made = self._histories.joined(bars, self.prices, paths)
            if bars > LONGEST_KEPT:
                return made
            self._kept[key] = made
        return self._kept[key]

    def forget(self, bars: int, paths: slice) -> None:
        """Make these paths anew for the next strategy: what the last one left in the market's memory may know when accounts open."""
        self._kept.pop((bars, paths.start, paths.stop), None)


def replay_mode(strategy: Strategy, each: Sequence[PathMarkets]) -> ReplayMode:
    """Return the cheapest way to ask a strategy that gives, on the first paths of `each`, what it says after all of history."""
    market, dates = each[0].market, each[0].dates
    bars, paths = len(market), range(min(TRIED, len(each[0].prices.close)))
    read = PriceReadProbe.of(each[0].one(bars, 0))
    decisions = decisions_of(strategy, read)
    before = decisions.on(read).before(bars)
    whole = ReplayMode(strategy, bars, False, before)
    if not read.read:
        *said, band = _plain(decisions, read)
        return replace(whole, same=_after((said[0], said[1], said[2], said[3]), whole, bars + len(dates), np.array([band])))
    carried = _state_of(strategy, market, np.array([bars - 1]))
    if carried is None:
        return whole
    truth = [_decide(whole, shown, paths) for shown in each]
    spare, least = _quarter(market), whole
    most, candidate = min(whole_tail(market), bars - 1), -(-(strategy.bars_needed + spare) // STEP) * STEP
    while candidate <= most and candidate < 0.8 * bars:
        alone, together = ReplayMode(strategy, candidate, False, before, carried), ReplayMode(strategy, candidate, True, before, carried)
        try:
            short = tail(market, candidate)
            plan, last = decisions_of(strategy, short).on(short), np.array([candidate - 1])
            if _stands(plan.rows, plan.weights, plan.contribution_split, _state_of(strategy, short, last), last, alone).all():
                if least is whole and all(map(_alike, (_decide(alone, shown, paths) for shown in each), truth)):
                    least = alone
                if least is not whole and all(_right(together, shown, one) for shown, one in zip(each, truth, strict=True)):
                    return together
        except Exception:
            pass  # it cannot do with so little, or not with days that come again: more is tried, in the end all there is
        candidate = -(-int(candidate * GROWTH) // STEP) * STEP
    return least


def _quarter(market: Market) -> int:
    """Return how many bars hold the beginning of a quarter, wherever they lie."""
    begins = np.flatnonzero(period_begins(market.dates, "quarter"))
    return max(math.ceil(QUARTER * market.periods_per_year), int(np.diff(begins).max(initial=0)) + 1)


def replay(way: ReplayMode, shown: PathMarkets) -> PathDecisions:
    """Return what a strategy says on all paths.

    What it raises when it is shown less than all of history, or many paths at once, may come of that: it is asked again, with all of it.
    """
    count = len(shown.prices.close)
    if way.same is not None:
        return way.same.repeated(count)
    whole = ReplayMode(way.strategy, len(shown.market), False, way.before)
    if way.bars == whole.bars:
        return _decide(whole, shown, range(count))
    try:
        joined = _join(way, shown, slice(0, count)) if way.joined else (_decide(way, shown, range(count)), np.ones(count, dtype=bool))
    except Exception:
        joined = None
    if joined is None:
        return _decide(whole, shown, range(count))
    told, right = joined
    if right.all():
        return told
    return PathDecisions.joined([told.path(at) if holds else _decide(whole, shown, range(at, at + 1)) for at, holds in enumerate(right)])


def _decide(way: ReplayMode, shown: PathMarkets, paths: range) -> PathDecisions:
    """Ask about some paths one by one, and join the answers as if they had been asked about together."""
    plain, length = [], way.bars + len(shown.dates)
    for path in paths:
        market = shown.one(way.bars, path)
        plain.append(_plain(decisions_of(way.strategy, market), market))
    every, weights, deploy, contribution_split, bands = zip(*plain, strict=True)
    rows = np.concatenate([rows + at * length for at, rows in enumerate(every)])
    return _after((rows, _below(every, weights), _below(every, deploy), _below(every, contribution_split)), way, length, np.array(bands))


def _below(rows: Sequence[np.ndarray], tables: Sequence[np.ndarray]) -> np.ndarray:
    """Return tables one below the other; with NaN for one without rows where another has some."""
    if not any(map(len, tables)):
        return tables[0]
    return np.concatenate(
        [table if len(table) else np.full((len(its), table.shape[1]), np.nan) for its, table in zip(rows, tables, strict=True)]
    )


def _join(way: ReplayMode, shown: PathMarkets, paths: slice) -> tuple[PathDecisions, np.ndarray] | None:
    """Ask about many paths in one market, and say for which it holds; None where the strategy asks when accounts open.

    It does not hold for a path at whose beginning the strategy does not stand where it truly stood on the last real bar: what came
    before it in the joined market had a say.
    """
    market = shown.of(way.bars, paths)
    try:
        plain = _plain(decisions_of(way.strategy, market), market)
        carries = None if market.asked else _state_of(way.strategy, market, _lasts(way, shown, paths))
    finally:
        if market.asked:
            shown.forget(way.bars, paths)
    count = paths.stop - paths.start
    right = _stands(plain[0], plain[1], plain[3], carries, _lasts(way, shown, paths), way)
    return None if market.asked else (_after(plain[:4], way, way.bars + len(shown.dates), np.full(count, plain[4])), right)


def _lasts(way: ReplayMode, shown: PathMarkets, paths: slice) -> np.ndarray:
    """Return the last real bar before each of some paths in one market."""
    return np.arange(paths.stop - paths.start) * (way.bars + len(shown.dates)) + way.bars - 1


def _right(way: ReplayMode, shown: PathMarkets, truth: PathDecisions) -> bool:
    """Return whether some paths in one market are answered as they truly are, each."""
    joined = _join(way, shown, slice(0, len(truth.counts)))
    return joined is not None and bool(joined[1].all()) and _alike(joined[0], truth)


def _stands(
    rows: np.ndarray, weights: np.ndarray, contribution_split: np.ndarray, carries: np.ndarray | None, bars: np.ndarray, way: ReplayMode
) -> np.ndarray:
    """Return for each of some bars whether the strategy stands there, and carries there, what it truly does on the last real bar."""
    right = np.ones(len(bars), dtype=bool)
    for table, now in ((weights, way.stood[0]), (contribution_split, way.stood[2])):
        then = last_stated(rows, table, bars) if len(table) else np.full((len(bars), now.shape[1]), np.nan)
        right &= _close(then, now).all(axis=1)
    if carries is None or way.carried is None or carries.shape[1] != way.carried.shape[1]:
        return np.zeros(len(bars), dtype=bool)
    return right & _close(carries, way.carried).all(axis=1)


def _state_of(strategy: Strategy, market: Market, bars: np.ndarray) -> np.ndarray | None:
    """Return what a strategy says that it carries, as a table of numbers, or None for all of the past."""
    said = strategy.carries(market, bars)
    if said is None:
        return None
    try:
        table = np.asarray(said, dtype=float) if len(said) else np.empty((len(bars), 0))
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.ndim != 2 or len(table) != len(bars):
        raise DecisionError(
            f"{strategy.name()}.carries returned {type(said).__name__} of the shape {np.shape(said)} for {len(bars)} bars: "
            f"it must be a table of numbers with a row for each, () where nothing counts, or None"
        )
    return table


def _plain(decisions: Decisions, market: Market) -> Plain:
    plain = decisions.plain(market)
    if plain is None:
        plan = decisions.on(market)
        plain = plan.rows, plan.weights, plan.deploy, plan.contribution_split
    return (*plain, float(decisions.band))


def _after(said: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], way: ReplayMode, length: int, bands: np.ndarray) -> PathDecisions:
    """Return what is said after the last real bar of each path, of which each has `length` bars, and as row 0 what stood on it."""
    return PathDecisions(*after(said, way.stood, way.bars, length, len(bands)), bands)


def _close(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    close: np.ndarray = (np.abs(one - other) <= SAME + SAME * np.abs(other)) | (np.isnan(one) & np.isnan(other))
    return close


def _alike(one: PathDecisions, other: PathDecisions) -> bool:
    if not np.array_equal(one.counts, other.counts) or not np.array_equal(one.bands, other.bands) or not (one.rows == other.rows).all():
        return False
    pairs = zip(one.tables, other.tables, strict=True)
    return all(np.allclose(mine, its, rtol=SAME, atol=SAME, equal_nan=True) for mine, its in pairs)
