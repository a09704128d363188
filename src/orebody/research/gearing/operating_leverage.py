"""Operating leverage: how much more a miner's margin moves than the price, from its cost, beside the gearing that its shares show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.market.market import Market
from orebody.research.gearing.period_returns import PeriodReturns
from orebody.research.gearing.regression import FEWEST, regress

__all__ = ["OperatingLeverage", "elasticity", "operating_leverage", "profit_change"]


@dataclass(frozen=True, eq=False)
class OperatingLeverage:
    """Implied beside realised gearing.

    Attributes
    ----------
    table : pandas.DataFrame or None
        A row a miner; see `Gearing.operating`.
    quarters : pandas.DataFrame or None
        A row for each miner and quarter; see `Gearing.quarters`.
    notes : tuple of str
        What is left out, and why.
    """

    table: pd.DataFrame | None
    quarters: pd.DataFrame | None
    notes: tuple[str, ...]


def elasticity(price: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return P / (P - cost): by how many per cent the margin moves when the price moves by one.

    NaN where the price does not exceed the cost: there is no profit to be geared, and the formula's number would mean nothing.
    """
    margin = price - cost
    times: np.ndarray = np.divide(price, margin, out=np.full(np.broadcast(price, cost).shape, np.nan), where=margin > 0)
    return times


def profit_change(price: np.ndarray, cost: np.ndarray, move: float) -> np.ndarray:
    """Return (P (1 + move) - cost) / (P - cost) - 1: what a move of the price does to the profit an ounce while the cost stays.

    The same as elasticity times the move. Below -1 the profit has become a loss. NaN where there is no profit to begin with.
    """
    margin = price - cost
    shape = np.broadcast(price, cost).shape
    change: np.ndarray = np.divide(price * (1.0 + move) - cost, margin, out=np.full(shape, np.nan), where=margin > 0) - 1.0
    return change


def operating_leverage(market: Market, returns: PeriodReturns, move: float) -> OperatingLeverage:
    """Return implied and realised gearing of each miner with costs; the spot price is the gauge ``spot``, in the costs' own unit."""
    missing = _missing(market)
    if missing:
        return OperatingLeverage(None, None, (missing,))
    spot, costs = market.gauge("spot"), market.fundamental("aisc")
    miners, quarters, notes = {}, [], []
    for ticker in market.universe.miners:
        cost = costs[:, market.columns(ticker)[0]]
        both = np.isfinite(cost) & np.isfinite(spot)
        if not both.any():
            notes.append(f"{ticker} is left out of operating leverage: no cost of it was known on any bar that has a spot price")
            continue
        lost = int((both & (spot <= cost)).sum())
        if lost:
            notes.append(
                f"{ticker}: spot did not exceed its cost on {lost} of {int(both.sum())} bars, which have no profit to be geared: "
                "they are left out"
            )
        mine = returns.miners[:, returns.names.index(ticker)]
        miners[ticker] = _miner(spot, cost, mine, returns, move)
        quarters.append(_quarters(ticker, spot, cost, mine, returns, move))
    table = pd.DataFrame.from_dict(miners, orient="index").rename_axis("miner") if miners else None
    return OperatingLeverage(table, pd.concat(quarters, ignore_index=True) if quarters else None, tuple(notes))


def _missing(market: Market) -> str:
    if "aisc" not in market.fundamentals:
        return "operating leverage is left out: the market has no fundamentals, which bring each miner's all-in sustaining cost (aisc)"
    if "spot" not in market.gauges:
        unit = market.aisc_unit or "the costs' unit"
        return f"operating leverage is left out: the market has no gauge 'spot', the metal's price in {unit}"
    return ""


def _miner(spot: np.ndarray, cost: np.ndarray, mine: np.ndarray, returns: PeriodReturns, move: float) -> dict[str, float]:
    """Return the figures of one miner over the periods at whose beginning its cost, and a margin above 0, were known."""
    implied = elasticity(spot, cost)[returns.before]
    used = np.isfinite(implied)
    fit = regress(mine, returns.metal, used)
    scaled = regress(mine, implied * returns.metal, used)
    both = used & np.isfinite(mine) & np.isfinite(returns.metal)
    expected = _weighted_mean(implied[both], returns.metal[both])
    at = int(np.flatnonzero(np.isfinite(cost) & np.isfinite(spot))[-1])
    last = np.array([spot[at]]), np.array([cost[at]])
    return {
        "spot": spot[at],
        "aisc": cost[at],
        "margin": 1.0 - cost[at] / spot[at],
        "elasticity": float(elasticity(*last)[0]),
        "profit_change": float(profit_change(*last, move)[0]),
        "implied": expected,
        "realised": fit.coefficients[1],
        "se": fit.se[1],
        "z": (fit.coefficients[1] - expected) / fit.se[1],
        "slope": scaled.coefficients[1],
        "slope_se": scaled.se[1],
        "returns": fit.count,
    }


def _weighted_mean(implied: np.ndarray, metal: np.ndarray) -> float:
    """Return the mean of implied gearing weighted as a regression weighs it, by the metal's squared distance from its mean."""
    if len(metal) < FEWEST:
        return math.nan
    weights = (metal - metal.mean()) ** 2
    return float(weights @ implied / weights.sum()) if weights.sum() > 0 else math.nan


def _quarters(ticker: str, spot: np.ndarray, cost: np.ndarray, mine: np.ndarray, returns: PeriodReturns, move: float) -> pd.DataFrame:
    """Return a row a quarter: what was known at its last bar, and the returns within it, where there are enough of them."""
    quarter = returns.dates.year * 4 + returns.dates.quarter - 1
    begins = np.flatnonzero(np.diff(quarter, prepend=quarter[:1] - 1))
    last = returns.bars[np.append(begins[1:], len(quarter)) - 1]
    implied = elasticity(spot, cost)[returns.before]
    used = np.isfinite(implied) & np.isfinite(mine) & np.isfinite(returns.metal)
    y, x, given = (np.where(used, values, 0.0) for values in (mine, returns.metal, implied))
    n, sx, sy, sxx, sxy, syy, sg = (np.add.reduceat(v, begins) for v in (used.astype(float), x, y, x * x, x * y, y * y, given))
    with np.errstate(divide="ignore", invalid="ignore"):  # quarters without returns, or in which the metal stood still, are NaN
        spread = sxx - sx * sx / n
        spread = np.where(spread > 1e-12 * sxx, spread, np.nan)
        beta = (sxy - sx * sy / n) / spread
        left = np.maximum(0.0, syy - sy * sy / n - beta * beta * spread)
        se = np.sqrt(left / (n - 2) / spread)
        enough = n >= FEWEST
        table = pd.DataFrame(
            {
                "quarter": [f"{number // 4}Q{number % 4 + 1}" for number in quarter[begins]],
                "miner": ticker,
                "spot": spot[last],
                "aisc": cost[last],
                "margin": 1.0 - cost[last] / spot[last],
                "elasticity": elasticity(spot[last], cost[last]),
                "profit_change": profit_change(spot[last], cost[last], move),
                "implied": np.where(enough, sg / n, np.nan),
                "realised": np.where(enough, beta, np.nan),
                "se": np.where(enough, se, np.nan),
                "returns": n.astype(int),
            }
        )
    known = np.isfinite(cost[last]) & np.isfinite(spot[last])
    return table[known].reset_index(drop=True)
