"""Deciding on paths: how little of history each strategy must be shown again, found out by trying, never at the price of its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from orebody.decisions import Decisions, Plan
from orebody.errors import OrebodyError
from orebody.market.market import Market
from orebody.research.scenarios.continued import Reading, continued, tail, whole_tail
from orebody.research.scenarios.paths import Prices
from orebody.research.watched import Watched
from orebody.run import decisions_of
from orebody.strategy import Strategy
from orebody.wrapping import standing

__all__ = ["Said", "Shown", "Way", "said_on", "way_of"]

TRIED = 8
"""Paths of each scenario on which a short history is tried against all of it."""
SPARE = 63
"""Bars shown besides those a strategy needs: a quarter, so that a rhythm has begun."""
SAME = 1e-9
STEP = 64
"""Bars to multiples of which histories are rounded up, so that strategies share them."""
LONGEST_KEPT = 1024
"""Bars of history: what is longer is made again for each strategy, so that memory stays flat."""

Said = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]
"""Rows, weights, deploy, invest (a table that says nothing has no rows) and the band; rows count from the last real bar, which is 0."""


@dataclass(frozen=True, eq=False)
class Way:
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
    same : tuple or None
        What it says on every path, where it never looks at prices.
    """

    strategy: Strategy
    bars: int
    joined: bool
    before: Plan
    same: Said | None = None

    @cached_property
    def stood(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The weights, purchases (none) and split that stand on the last real bar, of shape ``(1, N)``.

        They are taken from what was said on real history, so that a strategy shown a part of it stands where it truly stood.
        """
        before, width = self.before, self.before.weights.shape[1]
        last = np.array([int(before.rows[-1])]) if len(before.rows) else np.zeros(1, dtype=np.int64)
        weights, invest = (standing(before.rows, table, last) for table in (before.weights, before.invest))
        return weights, np.full((1, width), np.nan), invest

    @property
    def text(self) -> str:
        """How it is asked, in words."""
        if self.same is not None:
            return "once, it reads no prices"
        return f"{'many paths at once' if self.joined else 'path by path'}, after {self.bars:,} real bars"


class Shown:
    """What strategies are shown of some paths; those that want the same share it, and what they make of it."""

    def __init__(self, market: Market, prices: Prices, dates: pd.DatetimeIndex) -> None:
        self.market, self.prices, self.dates = market, prices, dates
        self._kept: dict[tuple[int, int, int], Market] = {}

    def of(self, bars: int, paths: slice) -> Market:
        """Return these paths, each after the last `bars` real bars, in one market."""
        key = (bars, paths.start, paths.stop)
        if key in self._kept:
            return self._kept[key]
        made = continued(tail(self.market, bars), self.prices, paths, self.dates)
        if bars <= LONGEST_KEPT:
            self._kept[key] = made
        return made


def way_of(strategy: Strategy, market: Market, tried: Sequence[Prices], dates: pd.DatetimeIndex) -> Way:
    """Return the cheapest way to ask a strategy that gives, on the paths tried, what it says after all of history."""
    bars = len(market)
    paths = [slice(at, at + 1) for at in range(min(TRIED, len(tried[0].close)))]
    read = Reading.of(Shown(market, tried[0], dates).of(bars, paths[0]))
    decisions = decisions_of(strategy, read)
    before = decisions.on(read).before(bars)
    whole, each = Way(strategy, bars, False, before), [Shown(market, prices, dates) for prices in tried]
    if not read.read:
        return replace(whole, same=_after(_plain(decisions, read), whole))
    truth = [_asked(whole, shown, path) for shown in each for path in paths]
    most, candidate = min(whole_tail(market), bars - 1), -(-(strategy.bars_needed + SPARE) // STEP) * STEP
    while candidate <= most and candidate < 0.8 * bars:
        alone, together = Way(strategy, candidate, False, before), Way(strategy, candidate, True, before)
        try:
            short = [_asked(alone, shown, path) for shown in each for path in paths]
            if all(map(_alike, short, truth)):
                many = [one for shown in each for one in _joined(together, shown, slice(0, len(paths))) or []]
                right = len(many) == len(truth) and all(one is not None for one in many)
                return together if right and all(_alike(one, other) for one, other in zip(many, truth, strict=True) if one) else alone
        except (OrebodyError, ValueError, IndexError, KeyError):
            pass  # it cannot do with so little, or not with days that come again: more is tried, in the end all there is
        candidate *= 2
    return whole


def said_on(way: Way, shown: Shown) -> list[Said]:
    """Return what a strategy says on each path."""
    count = len(shown.prices.close)
    if way.same is not None:
        return [way.same] * count
    told = _joined(way, shown, slice(0, count)) if way.joined else None
    whole = way if told is None and not way.joined else Way(way.strategy, len(shown.market), False, way.before)
    ready: list[Said | None] = told or [None] * count
    return [_asked(whole, shown, slice(at, at + 1)) if one is None else one for at, one in enumerate(ready)]


def _asked(way: Way, shown: Shown, path: slice) -> Said:
    """Ask about one path."""
    market = shown.of(way.bars, path)
    return _after(_plain(decisions_of(way.strategy, market), market), way)


def _joined(way: Way, shown: Shown, paths: slice) -> list[Said | None] | None:
    """Ask about many paths in one market; None where it asks when accounts open.

    None also for a path at whose beginning the strategy does not stand where it truly stood on the last real bar: what came before it in
    the joined market had a say.
    """
    market = shown.of(way.bars, paths)
    watched = Watched.of(market)
    watched.__dict__["_memo"] = market.__dict__.setdefault("_memo", {})
    rows, weights, deploy, invest, band = _plain(decisions_of(way.strategy, watched), watched)
    if watched.asked:
        return None
    length, count = way.bars + len(shown.dates), paths.stop - paths.start
    lasts = np.arange(count) * length + way.bars - 1
    right = np.ones(count, dtype=bool)
    for table, now in ((weights, way.stood[0]), (invest, way.stood[2])):
        then = standing(rows, table, lasts) if len(table) else np.full((count, now.shape[1]), np.nan)
        right &= np.isclose(then, now, rtol=SAME, atol=SAME, equal_nan=True).all(axis=1)
    begins = np.searchsorted(rows, lasts + 1)
    ends = np.searchsorted(rows, np.arange(1, count + 1) * length)
    told: list[Said | None] = []
    for at in range(count):
        part = slice(int(begins[at]), int(ends[at]))
        own = [table[part] if len(table) else table for table in (weights, deploy, invest)]
        told.append(_after((rows[part] - at * length, own[0], own[1], own[2], band), way) if right[at] else None)
    return told


def _plain(decisions: Decisions, market: Market) -> Said:
    plain = decisions.plain(market)
    if plain is None:
        plan = decisions.on(market)
        plain = plan.rows, plan.weights, plan.deploy, plan.invest
    return (*plain, float(decisions.band))


def _after(said: Said, way: Way) -> Said:
    """Return what is said after the last real bar, and as row 0 what stood on it."""
    begin = int(np.searchsorted(said[0], way.bars))
    late = said[0][begin:] - (way.bars - 1)
    joined = []
    for table, first in zip(said[1:4], way.stood, strict=True):
        rest = table[begin:] if len(table) else np.full((len(late), first.shape[1]), np.nan)
        joined.append(np.concatenate((first, rest)))
    return np.concatenate(([0], late)), joined[0], joined[1], joined[2], said[4]


def _alike(one: Said | None, other: Said | None) -> bool:
    if one is None or other is None or len(one[0]) != len(other[0]) or one[4] != other[4] or not (one[0] == other[0]).all():
        return False
    pairs = zip(one[1:4], other[1:4], strict=True)
    return all(np.allclose(mine, its, rtol=SAME, atol=SAME, equal_nan=True) for mine, its in pairs)
