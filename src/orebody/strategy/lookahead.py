"""The look-ahead guard: a decision on bar t may depend on nothing after t, and it is tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from orebody.errors import LookAheadError
from orebody.market.market import Market
from orebody.strategy.base import Strategy
from orebody.strategy.decisions import Plan

__all__ = ["check", "chosen_cuts"]

_EDGES = 5  # five cuts just after decisions caught a one-bar peek in every trial
_RANDOM = 3
_SAME = 1e-9  # decisions closer than this are the same: a last bit may depend on an array's length


def chosen_cuts(plan: Plan, market: Market, needed: int, *, edges: int = _EDGES, random: int = _RANDOM) -> list[int]:
    """Return the numbers of bars to cut at: just after bars on which decisions change, spread over the run, and some at random.

    The same market gives the same cuts.
    """
    said = np.column_stack((plan.weights, plan.deploy, plan.contribution_split))
    changed = np.ones(len(plan.rows), dtype=bool)
    if len(said) > 1:
        changed[1:] = ~((said[1:] == said[:-1]) | (np.isnan(said[1:]) & np.isnan(said[:-1]))).all(axis=1)
    lowest, highest = max(needed, market.opening + 1, 1), len(market) - 1
    turns = plan.rows[changed] + 1
    turns = turns[(turns >= lowest) & (turns <= highest)]
    picked = turns[np.linspace(0, len(turns) - 1, min(edges, len(turns))).round().astype(int)] if len(turns) else turns
    draw = np.random.RandomState(int(market.digest[:8], 16))
    drawn = draw.randint(lowest, highest + 1, size=random) if lowest <= highest else np.empty(0, dtype=int)
    return sorted({int(cut) for cut in (*picked, *drawn) if lowest <= cut <= highest})


def check(strategy: Strategy, market: Market, plan: Plan, cuts: list[int]) -> None:
    """Raise `LookAheadError` unless the decisions before each cut stay the same without, and with another, future.

    Parameters
    ----------
    strategy
        Its `decide` is called twice for each cut.
    market
        The whole market.
    plan
        What the strategy decided on it.
    cuts
        Numbers of bars, each from 1 to T - 1.
    """
    drawn = market.memo("another future", lambda: _draw(market))
    for cut in cuts:
        for future, other in (("is cut off", _unaware(market.cut(cut))), ("is changed", _change_after(market, cut, *drawn))):
            try:
                again = strategy.decide(other).on(other).before(cut)
            except Exception as error:
                raise LookAheadError(
                    f"{strategy!r} fails when the future {future} after {market.dates[cut - 1].date()} (bar {cut - 1}): {error}"
                ) from error
            bar = _first_difference(plan.before(cut), again)
            if bar is not None:
                raise LookAheadError(
                    f"{strategy!r} looks ahead: its decision on {market.dates[bar].date()} (bar {bar}) changes when the future {future} "
                    f"after {market.dates[cut - 1].date()}; decide on bar t from bars up to and including t only, and nothing at random"
                )


def _unaware(market: Market) -> Market:
    """Return the market without the ends that lie after it: `Market.cut` keeps them for the engines."""
    return replace(market, ends=np.where(market.ends < len(market) - 1, market.ends, -1))


def _draw(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Return a random walk of 3 % a bar, by which prices are multiplied, and what is added to rates: another future, drawn once."""
    draw = np.random.RandomState(len(market))
    walk = np.exp(np.cumsum(draw.standard_normal(market.close.shape) * 0.03, axis=0))
    return walk, draw.uniform(0.1, 0.5, size=len(market))


def _change_after(market: Market, cut: int, walk: np.ndarray, added: np.ndarray) -> Market:
    """Return the market with other prices, rates and side series from bar `cut` on; a day's shape is kept, so it stays a valid market."""
    factor, side = np.ones(market.close.shape), np.zeros(len(market))
    factor[cut:], side[cut:] = walk[cut:] / walk[cut - 1], added[cut:]
    tables: dict[str, dict[str, np.ndarray]] = {"fundamentals": {}, "ratings": {}}
    if market.fundamentals or market.ratings:
        # each instrument's by itself, so that ranks change; whole numbers, so that counts stay counts
        draw, shape = np.random.RandomState(cut), factor[cut:].shape
        times, plus = draw.randint(1, 4, size=shape, dtype=np.int8), draw.randint(0, 4, size=shape, dtype=np.int8)
        for what, changed in tables.items():
            for name, values in getattr(market, what).items():
                changed[name] = np.concatenate((values[:cut], values[cut:] * times + plus))
    return replace(
        market,
        **{name: getattr(market, name) * factor for name in ("open", "high", "low", "close")},
        cash_rate=market.cash_rate + side,
        gauges={name: values * (1 + side) for name, values in market.gauges.items()},
        fundamentals=tables["fundamentals"],
        ratings=tables["ratings"],
    )


def _first_difference(one: Plan, two: Plan) -> int | None:
    """Return the first bar on which two plans say something else, or None."""
    if one.band != two.band:
        return 0
    tables = ((one.weights, two.weights), (one.deploy, two.deploy), (one.contribution_split, two.contribution_split))
    if all(mine.tobytes() == other.tobytes() for mine, other in ((one.rows, two.rows), *tables)):  # nearly always
        return None
    count = min(len(one.rows), len(two.rows))
    same = one.rows[:count] == two.rows[:count]
    for mine, other in tables:
        same &= np.isclose(mine[:count], other[:count], rtol=_SAME, atol=_SAME, equal_nan=True).all(axis=1)
    if same.all() and len(one.rows) == len(two.rows):
        return None
    at = count if same.all() else int(np.argmin(same))
    return int(min(plan.rows[at] for plan in (one, two) if at < len(plan.rows)))
