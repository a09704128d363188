"""The better half of the producers, by cost, debt and spread of mines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import mean_rank
from orebody.strategy import PERIODS, DataError, Decisions, Market, PathState, Strategy, first_and_each, first_known, parameter, parts

__all__ = ["QualityTilt"]

_MEASURES = (("margin", True), ("net_debt_ebitda", False), ("mines", True), ("countries", True))  # and whether more is better
_FAR_OFF = 5.0  # a cost of so many times the price is a price in another unit


@dataclass(frozen=True)
class QualityTilt(Strategy):
    """Hold the best part of the producers, equally, ranked by margin, debt, mines and countries.

    Reads fundamentals as they were known on each bar, and the gauge ``spot``, the metal's price in the unit of the costs. A producer's
    score is the mean of its percentile ranks, among those that can be held, in margin (spot less all-in sustaining cost, over spot), net
    debt / EBITDA (low is good), mines and countries; an unknown value ranks last. The best `top` of them, rounded up, are held in equal
    parts, chosen anew on the first bar of each period; of equal ones the first in the universe. It can decide when they are first chosen
    with something known of one; an account that is asked to open earlier holds all of them until then. A cost of more than five times
    the spot price is refused (`DataError`): it is in another unit. Contributions follow. Encodes "quality producers with strong balance
    sheets, low costs, diversified exposure".
    """

    top: float = parameter(0.5, "share of the producers that is held", low=0.0, high=1.0)
    every: str = parameter("quarter", "how often they are chosen", choices=PERIODS)

    def decides_from(self, market: Market) -> int:
        """Where producers are chosen and something is known of one that belongs."""
        begins = market.memo("fundamentals begin", lambda: self._begins(market))
        rows = first_and_each(market.dates, self.every, market.listed)
        return int(next(iter(rows[rows >= begins]), len(market)))

    def _begins(self, market: Market) -> int:
        bars = np.arange(len(market))[:, None]
        belongs = (market.joins <= bars) & (bars <= market.leaves)
        belongs[:, 0] = False
        known = [self._margin(market) if name == "margin" else market.fundamental(name) for name, _ in _MEASURES]
        return first_known(np.where((~np.isnan(known).all(axis=0) & belongs).any(axis=1), 0.0, np.nan))

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Nothing: each period is judged anew."""
        return ()

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        rows = first_and_each(market.dates, self.every, market.listed)
        tables = [self._margin(market) if name == "margin" else market.fundamental(name) for name, _ in _MEASURES]
        values = np.array([table[rows] if more else -table[rows] for table, (_, more) in zip(tables, _MEASURES, strict=True)])
        able = parts(market, {"miners": 1.0}, rows) > 0
        score = np.where(able, mean_rank(np.where(able, values, np.nan), able), -1.0)
        count = np.maximum(1, np.ceil(self.top * able.sum(axis=1) - 1e-9))
        count = np.where(np.isnan(np.where(able, values, np.nan)).all(axis=(0, 2)), able.sum(axis=1), count)
        place = np.argsort(np.argsort(-score, axis=1, kind="stable"), axis=1)
        weights = (able & (place < count[:, None])) / count[:, None].clip(1)
        return Decisions(weights=weights, contribution_split=weights, rows=rows)

    def _margin(self, market: Market) -> np.ndarray:
        """Return (spot - cost) / spot, shape ``(T, N)``."""
        cost, spot = market.fundamental("aisc"), market.gauge("spot")[:, None]
        over = cost / spot
        if (over > _FAR_OFF).any():
            row, column = np.argwhere(over > _FAR_OFF)[0]
            raise DataError(
                f"{market.tickers[column]} costs {cost[row, column]:,.0f} {market.aisc_unit} on {market.dates[row].date()}, when the gauge "
                f"'spot' stands at {spot[row, 0]:,.2f}: spot must be the metal's price in {market.aisc_unit}, not the price of a fund"
            )
        margin: np.ndarray = 1.0 - over
        return margin
