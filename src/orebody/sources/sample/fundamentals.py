"""Beside the prices: planted fundamentals, ratings that follow the price, and gauges. None of it is real.

They are drawn apart from the prices, so that neither changes the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = ["PLANTED", "UNIT", "fundamentals", "gauges", "ratings"]

UNIT = "USD/oz"

# Net debt / EBITDA around which a producer's own moves, mines, countries.
PLANTED = {
    "SIM-ROYALTY": (-0.3, 30, 12),
    "SIM-LOWCOST": (0.4, 9, 5),
    "SIM-SENIOR": (0.8, 14, 8),
    "SIM-MIDTIER": (1.2, 5, 3),
    "SIM-SINGLEMINE": (1.6, 1, 1),
    "SIM-HIGHCOST": (2.4, 4, 2),
}
_ANALYSTS = {"SIM-MINERS": 60, "SIM-JUNIORS": 40, "SIM-SILVER-MINERS": 40, "SIM-COPPER-MINERS": 40}  # a fund's are those of its members
_ANALYSTS_OF_A_PRODUCER = 20
_LOOKBACK = 126
_DECIMALS = {"vix": 2, "yield": 3, "copper": 4, "iron_ore": 2}


def fundamentals(draw: np.random.RandomState, aisc: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each producer and quarter, published 38 to 52 days after the quarter's end.

    Parameters
    ----------
    draw
        Source of the noise.
    aisc
        The cost in force on each day, by producer; the quarter's last one is reported.
    """
    quarterly = aisc.groupby(aisc.index.to_period("Q")).last()
    ends = quarterly.index.end_time.normalize().as_unit("ns")
    tables = []
    for ticker, (leverage, mines, countries) in PLANTED.items():
        wobble = _mean_reverting(draw, len(ends), 0.8, 0.12)
        published = ends + pd.to_timedelta(draw.randint(38, 53, size=len(ends)), unit="D")
        tables.append(
            pd.DataFrame(
                {
                    "ticker": ticker,
                    "period_end": ends,
                    "published": published,
                    "aisc": quarterly[ticker].to_numpy(),
                    "unit": UNIT,
                    "net_debt_ebitda": np.round(leverage + wobble, 2),
                    "mines": mines,
                    "countries": countries,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def ratings(draw: np.random.RandomState, closes: Mapping[str, np.ndarray], miners: str, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return monthly counts for each ticker of `closes`, whose mood follows the past half year's return of `miners`.

    Parameters
    ----------
    draw
        Source of the noise.
    closes
        By ticker, shape ``(T,)``; all of them are rated.
    miners
        The ticker whose trailing return makes the mood.
    dates
        The bars; each month's first is a day of ratings, made from the closes up to the one before.
    """
    month = np.asarray(dates.year * 12 + dates.month)
    bars = np.flatnonzero(np.diff(month, prepend=month[0]) > 0)
    price = closes[miners]
    trailing = np.log(price[bars - 1] / price[np.maximum(bars - 1 - _LOOKBACK, 0)])
    mood = 0.5 + 0.25 * np.tanh(trailing / 0.3)
    tables = []
    for ticker in closes:
        count = _ANALYSTS.get(ticker, _ANALYSTS_OF_A_PRODUCER)
        share = np.clip(mood + _mean_reverting(draw, len(bars), 0.7, 0.06), 0.05, 0.9)
        bullish = np.rint(count * share).astype(int)
        bearish = np.rint((count - bullish) * np.clip(0.6 - 0.5 * share, 0.1, 0.6)).astype(int)
        neutral = count - bullish - bearish
        tables.append(pd.DataFrame({"date": dates[bars], "ticker": ticker, "bullish": bullish, "neutral": neutral, "bearish": bearish}))
    return pd.concat(tables, ignore_index=True)


def gauges(
    draw: np.random.RandomState, gold: np.ndarray, miners: np.ndarray, cash_rate: pd.Series, dates: pd.DatetimeIndex
) -> dict[str, pd.Series]:
    """Return ``vix``, ``yield`` (per cent), ``copper`` (USD/lb) and ``iron_ore`` (USD/t), daily, with as many decimals as they are quoted.

    Parameters
    ----------
    draw
        Source of the noise.
    gold, miners
        Daily log moves: fear rises with large moves and falls of the miners, copper moves a little with gold.
    cash_rate
        Dated annual rates as fractions, which the yield follows.
    dates
        The bars.
    """
    count = len(dates)
    restless = pd.Series(miners).ewm(halflife=21).std().to_numpy() * np.sqrt(252)
    restless[:2] = 0.40  # too few moves to tell
    fear = np.log(19.0) + 0.8 * np.log(restless / 0.40) + _mean_reverting(draw, count, 0.97, 0.05, -0.8 * miners)
    policy = cash_rate.reindex(dates.union(cash_rate.index)).ffill().reindex(dates)
    bills = 100 * policy.ewm(halflife=15).mean().to_numpy() + _mean_reverting(draw, count, 0.98, 0.015)
    copper = 3.2 * np.exp(_mean_reverting(draw, count, 0.998, 0.013, 0.5 * gold))
    ore = 95.0 * np.exp(_mean_reverting(draw, count, 0.997, 0.020))
    made = {"vix": np.clip(np.exp(fear), 9.0, 85.0), "yield": np.maximum(bills, 0.01), "copper": copper, "iron_ore": ore}
    return {name: pd.Series(values, index=dates, name=name).round(_DECIMALS[name]) for name, values in made.items()}


def _mean_reverting(draw: np.random.RandomState, count: int, keeps: float, size: float, pushes: np.ndarray | float = 0.0) -> np.ndarray:
    """Return a walk around 0 that keeps that part of its distance from one step to the next, of normal steps of that size and `pushes`."""
    steps = size * draw.standard_normal(count) + pushes
    walk = np.empty(count)
    away = 0.0
    for at, step in enumerate(steps.tolist()):
        away = keeps * away + step
        walk[at] = away
    return walk
