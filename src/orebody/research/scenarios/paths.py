"""Drawing paths: blocks of whole days with replacement, tilted by a scenario, as prices that go on from the market's last bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from orebody.market.market import Market
from orebody.research.scenarios.history import HistoricalDays
from orebody.research.scenarios.lazy_market import LazyTables
from orebody.research.scenarios.scenario import Scenario

__all__ = ["SIZE", "BlockDraw", "Prices", "apply_scenario", "dates_after", "draw_blocks"]

SIZE = 50
"""Paths that are drawn together, from one key: path k is the same however many are asked for, and whoever draws it."""


@dataclass(frozen=True, eq=False)
class BlockDraw:
    """Which days make up some paths: ``days`` of shape ``(C, H)`` and, for pullbacks, a number in [0, 1) for each path."""

    days: np.ndarray
    phase: np.ndarray


@dataclass(frozen=True, eq=False)
class Prices:
    """What happens on some paths; arrays of shape ``(C, H, N)``, ``(C, H)`` for the cash rate and each gauge.

    Attributes
    ----------
    reach : callable
        Gives what the high is of the higher of open and close, and the low of the lower, shape ``(C, H, N)`` each.
    """

    open: np.ndarray
    close: np.ndarray
    rates: np.ndarray
    gauges: Mapping[str, np.ndarray]
    reach: Callable[[], tuple[np.ndarray, np.ndarray]]

    @cached_property
    def high(self) -> np.ndarray:
        """Highs, made when they are first read."""
        high: np.ndarray = np.maximum(self.open, self.close) * self.reach()[0]
        return high

    @cached_property
    def low(self) -> np.ndarray:
        """Lows, made when they are first read."""
        low: np.ndarray = np.minimum(self.open, self.close) * self.reach()[1]
        return low

    def table(self, name: str) -> np.ndarray:
        """Return what a market calls `name`: prices, or ``"cash_rate"``."""
        table: np.ndarray = self.rates if name == "cash_rate" else getattr(self, name)
        return table


@lru_cache(maxsize=2)
def draw_blocks(number: int, seed: int, count: int, horizon: int, block: float) -> BlockDraw:
    """Return the days of the `number`-th group of `SIZE` paths, from a pool of `count` days in a circle.

    The stationary bootstrap of Politis and Romano (1994): each bar goes on to the next day, or with probability 1 / `block` jumps to a
    day drawn evenly; so block lengths are geometric with mean `block`, and each bar is each day equally likely.
    """
    draw = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
    jumps = draw.random((SIZE, horizon)) * block < 1.0
    jumps[:, 0] = True
    places = draw.integers(0, count, (SIZE, horizon))
    at = np.arange(horizon)
    last = np.maximum.accumulate(np.where(jumps, at, 0), axis=1)
    days, phase = (np.take_along_axis(places, last, axis=1) + at - last) % count, draw.random(SIZE)
    days.flags.writeable = phase.flags.writeable = False  # they are kept: all scenarios have the same
    return BlockDraw(days, phase)


def apply_scenario(scenario: Scenario, draw: BlockDraw, days: HistoricalDays, market: Market) -> Prices:
    """Return the prices of drawn paths under a scenario; the formulas are in `docs/scenarios.md`."""
    shape, per_year = draw.days.shape, market.periods_per_year
    horizon, scale = shape[1], scenario.volatility
    beta, steady = days.beta, (scenario.drift / per_year if scenario.drift is not None else days.mean) - scale * days.mean
    gearing = beta if scenario.gearing is None else _regear(beta, scenario.gearing)
    alpha = days.alpha if scenario.alpha is None else np.full(len(beta), scenario.alpha / per_year)
    shift = alpha - scale * days.alpha + gearing * steady + np.log1p(-scenario.derating) / horizon
    constant, exposure = np.concatenate(([steady], shift)), np.concatenate(([1.0], gearing))
    extra = np.concatenate(([0.0], gearing - beta))
    wave = _wave(scenario, draw.phase, horizon)
    parts = []
    for part in (days.overnight, days.intraday):
        half = scale * (part + extra * part[:, :1]) + 0.5 * constant
        parts.append(half.take(draw.days, axis=0) + (0.5 * wave[:, :, None] * exposure if scenario.pullback is not None else 0.0))
    overnight, intraday = parts
    if scenario.crash is not None and scenario.crash[0] <= horizon:
        bar, metal, miners = scenario.crash
        overnight[:, bar - 1] = 0.0
        intraday[:, bar - 1] = np.log1p(np.concatenate(([metal], np.full(len(beta), miners))))
    return _prices(overnight, intraday, scale, draw, days, market)


def _regear(beta: np.ndarray, gearing: float) -> np.ndarray:
    """Return betas whose mean is `gearing`, in the same ratio to each other, or all alike where they have no mean to scale."""
    mean = float(beta.mean())
    return beta * (gearing / mean) if abs(mean) > 1e-6 else np.full(len(beta), gearing)


def _wave(scenario: Scenario, phase: np.ndarray, horizon: int) -> np.ndarray:
    """Return what pullbacks and the legs after them add to the metal's log returns, shape ``(C, H)``; each cycle sums to 0."""
    if scenario.pullback is None:
        return np.zeros((len(phase), horizon))
    every, length, depth = scenario.pullback
    fall = np.log1p(-depth)
    place = (np.arange(horizon) + np.floor(phase * every).astype(int)[:, None]) % every
    wave: np.ndarray = np.where(place < length, fall / length, -fall / (every - length))
    return wave


def _prices(overnight: np.ndarray, intraday: np.ndarray, scale: float, draw: BlockDraw, days: HistoricalDays, market: Market) -> Prices:
    (count, horizon), width, alive = draw.days.shape, len(market.tickers), days.alive
    closes = market.close[-1, alive] * np.exp(np.cumsum(overnight + intraday, axis=1))
    opens = closes * np.exp(-intraday)

    def wide(part: np.ndarray) -> np.ndarray:
        if len(alive) == width:
            return part
        full = np.full((count, horizon, width), np.nan)
        full[:, :, alive] = part
        return full

    def reach() -> tuple[np.ndarray, np.ndarray]:
        return wide(np.exp(scale * days.above).take(draw.days, axis=0)), wide(np.exp(-scale * days.below).take(draw.days, axis=0))

    def gauge(name: str) -> np.ndarray:
        change, ratio = days.gauges[name]
        moved, last = np.cumsum(change.take(draw.days), axis=1), market.gauges[name][-1]
        return np.asarray(last * np.exp(moved) if ratio else last + moved)

    return Prices(wide(opens), wide(closes), days.rates.take(draw.days), LazyTables(days.gauges, gauge), reach)


def dates_after(market: Market, horizon: int) -> pd.DatetimeIndex:
    """Return the dates of a path: weekdays for daily prices, all days where there are more, weeks and months by their own step."""
    last, per_year = market.dates[-1], market.periods_per_year
    if per_year > 300:
        step: str | pd.DateOffset = "D"
    elif per_year > 150:
        step = "B"
    elif 11 <= per_year <= 13:
        step = pd.DateOffset(months=1)
        return pd.DatetimeIndex([last + pd.DateOffset(months=at) for at in range(1, horizon + 1)])
    else:
        step = pd.DateOffset(days=max(1, round(365.25 / per_year)))
    found = pd.date_range(last, periods=horizon + 2, freq=step)
    return pd.DatetimeIndex(found[found > last][:horizon]).as_unit(market.dates.unit)
