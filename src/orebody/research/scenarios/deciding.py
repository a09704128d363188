"""Deciding on paths: how little of history each strategy must be shown again, found out by trying, never at the price of its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

__all__ = ["Said", "Way", "said_on", "way_of"]

TRIED = 8
"""Paths of each scenario on which a short history is tried against all of it."""
SPARE = 63
"""Bars shown besides those a strategy needs: a quarter, so that a rhythm has begun."""
SAME = 1e-9

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

    @property
    def text(self) -> str:
        """How it is asked, in words."""
        if self.same is not None:
            return "once, it reads no prices"
        return f"{'many paths at once' if self.joined else 'path by path'}, after {self.bars:,} real bars"


def way_of(strategy: Strategy, market: Market, tried: Sequence[Prices], dates: pd.DatetimeIndex) -> Way:
    """Return the cheapest way to ask a strategy that gives, on the paths tried, what it says after all of history."""
    bars = len(market)
    paths = [slice(at, at + 1) for at in range(min(TRIED, len(tried[0].close)))]
    read = Reading.of(continued(market, tried[0], paths[0], dates))
    decisions = decisions_of(strategy, read)
    before = decisions.on(read).before(bars)
    if not read.read:
        return Way(strategy, bars, False, before, _after(_plain(decisions, read), bars, before))
    whole = Way(strategy, bars, False, before)
    truth = [_asked(whole, market, prices, path, dates) for prices in tried for path in paths]
    most, candidate = min(whole_tail(market), bars - 1), strategy.bars_needed + SPARE
    while candidate <= most and candidate < 0.8 * bars:
        alone, together = Way(strategy, candidate, False, before), Way(strategy, candidate, True, before)
        try:
            short = [_asked(alone, market, prices, path, dates) for prices in tried for path in paths]
            if all(map(_alike, short, truth)):
                many = [one for prices in tried for one in _joined(together, market, prices, slice(0, len(paths)), dates) or []]
                right = len(many) == len(truth) and all(one is not None for one in many)
                return together if right and all(_alike(one, other) for one, other in zip(many, truth, strict=True) if one) else alone
        except (OrebodyError, ValueError, IndexError, KeyError):
            pass  # it cannot do with so little, or not with days that come again: more is tried, in the end all there is
        candidate *= 2
    return whole


def said_on(way: Way, market: Market, prices: Prices, dates: pd.DatetimeIndex) -> list[Said]:
    """Return what a strategy says on each path."""
    count = len(prices.close)
    if way.same is not None:
        return [way.same] * count
    told = _joined(way, market, prices, slice(0, count), dates) if way.joined else None
    whole = way if told is None else Way(way.strategy, len(market), False, way.before)
    ready: list[Said | None] = told or [None] * count
    return [_asked(whole, market, prices, slice(at, at + 1), dates) if one is None else one for at, one in enumerate(ready)]


def _asked(way: Way, market: Market, prices: Prices, path: slice, dates: pd.DatetimeIndex) -> Said:
    """Ask about one path."""
    shown = continued(tail(market, way.bars), prices, path, dates)
    return _after(_plain(decisions_of(way.strategy, shown), shown), way.bars, way.before)


def _joined(way: Way, market: Market, prices: Prices, paths: slice, dates: pd.DatetimeIndex) -> list[Said | None] | None:
    """Ask about many paths in one market; None where it asks when accounts open.

    None also for a path at whose beginning the strategy does not stand where it truly stood on the last real bar: what came before it in the
    joined market had a say.
    """
    shown = Watched.of(continued(tail(market, way.bars), prices, paths, dates))
    rows, weights, deploy, invest, band = _plain(decisions_of(way.strategy, shown), shown)
    if shown.asked:
        return None
    length, count = way.bars + len(dates), paths.stop - paths.start
    lasts = np.arange(count) * length + way.bars - 1
    right = np.ones(count, dtype=bool)
    for table, true in ((weights, way.before.weights), (invest, way.before.invest)):
        now = standing(way.before.rows, true, np.array([len(market) - 1]))  # before the opening of the path, as on any path
        then = standing(rows, table, lasts) if len(table) else np.full((count, now.shape[1]), np.nan)
        right &= np.isclose(then, now, rtol=SAME, atol=SAME, equal_nan=True).all(axis=1)
    begins = np.searchsorted(rows, lasts + 1)
    ends = np.searchsorted(rows, np.arange(1, count + 1) * length)
    told: list[Said | None] = []
    for at in range(count):
        part = slice(int(begins[at]), int(ends[at]))
        own = (rows[part] - at * length, *(table[part] if len(table) else table for table in (weights, deploy, invest)), band)
        told.append(_after(own, way.bars, way.before) if right[at] else None)
    return told


def _plain(decisions: Decisions, market: Market) -> Said:
    plain = decisions.plain(market)
    if plain is None:
        plan = decisions.on(market)
        plain = plan.rows, plan.weights, plan.deploy, plan.invest
    return (*plain, float(decisions.band))


def _after(said: Said, bars: int, before: Plan) -> Said:
    """Return what is said after the last real bar, and as row 0 the weights and the split that stood on it.

    They are taken from what was said on real history, so that a strategy shown a part of it stands where it truly stood.
    """
    rows, *tables, band = said
    begin = int(np.searchsorted(rows, bars))
    last = np.array([int(before.rows[-1])]) if len(before.rows) else np.zeros(1, dtype=np.int64)
    width = before.weights.shape[1]
    stood = (standing(before.rows, before.weights, last), np.full((1, width), np.nan), standing(before.rows, before.invest, last))
    late = rows[begin:] - (bars - 1)
    joined = []
    for table, first in zip(tables, stood, strict=True):
        rest = table[begin:] if len(table) else np.full((len(late), width), np.nan)
        joined.append(np.concatenate((first, rest)))
    return np.concatenate(([0], late)), joined[0], joined[1], joined[2], band


def _alike(one: Said | None, other: Said | None) -> bool:
    if one is None or other is None or len(one[0]) != len(other[0]) or one[4] != other[4] or not (one[0] == other[0]).all():
        return False
    pairs = zip(one[1:4], other[1:4], strict=True)
    return all(np.allclose(mine, its, rtol=SAME, atol=SAME, equal_nan=True) for mine, its in pairs)
