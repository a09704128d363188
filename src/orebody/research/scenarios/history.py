"""The days that paths are made of: every instrument's moves, the cash rate and the gauges of one day, kept together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.errors import DataError
from orebody.market.market import Market

__all__ = ["HistoricalDays", "days_of"]

FEWEST = 60
"""Days: from fewer neither a gearing nor a volatility can be measured."""


@dataclass(frozen=True, eq=False)
class HistoricalDays:
    """Whole days of history; D days, A instruments that still trade on the market's last bar, the metal first.

    Attributes
    ----------
    bars : numpy.ndarray
        Shape ``(D,)``: the bars of the market.
    alive : numpy.ndarray
        Shape ``(A,)``: the columns of the market.
    overnight, intraday : numpy.ndarray
        Shape ``(D, A)``: log returns from the close before to the open, and from the open to the close.
    above, below : numpy.ndarray
        Shape ``(D, A)``: log distance of the high above, and of the low below, open and close.
    rates : numpy.ndarray
        Shape ``(D,)``: the cash rate.
    gauges : dict of str to (numpy.ndarray, bool)
        Shape ``(D,)``: the change of each, and whether it is a log ratio (a difference where the gauge is not always positive).
    mean : float
        Mean log return of the metal.
    alpha, beta : numpy.ndarray
        Shape ``(A - 1,)``: intercept and slope of each miner's log returns on the metal's, by least squares.
    """

    bars: np.ndarray
    alive: np.ndarray
    overnight: np.ndarray
    intraday: np.ndarray
    above: np.ndarray
    below: np.ndarray
    rates: np.ndarray
    gauges: dict[str, tuple[np.ndarray, bool]]
    mean: float
    alpha: np.ndarray
    beta: np.ndarray

    def __len__(self) -> int:
        return len(self.bars)


def days_of(market: Market) -> HistoricalDays:
    """Return the days on which, and on the bar before which, everything that still trades had a bar and every gauge was known.

    Raises
    ------
    DataError
        When there are fewer than 60, the metal or all miners no longer trade, or the metal never moved.
    """
    alive = np.flatnonzero(market.tradable[-1]) if len(market) else np.zeros(0, dtype=int)
    if not len(alive) or alive[0] != 0 or len(alive) < 2:
        raise DataError("paths go on from the market's last bar, on which the metal and at least one miner must trade: end it earlier")
    known = np.asarray(market.tradable[:, alive].all(axis=1))
    for values in market.gauges.values():
        known = known & np.isfinite(values)
    bars = np.flatnonzero(known[1:] & known[:-1]) + 1
    if len(bars) < FEWEST:
        raise DataError(
            f"there are {len(bars)} days on which all of {', '.join(market.tickers[at] for at in alive)} traded"
            f"{' and every gauge was known' if market.gauges else ''}: at least {FEWEST} are needed to draw from, so load a longer history"
        )
    close = market.close[:, alive]
    move = np.log(close[bars] / close[bars - 1])
    if market.fill == "open":
        overnight = np.log(market.open[:, alive][bars] / close[bars - 1])
        opens = market.open[:, alive][bars]
    else:
        overnight, opens = np.zeros_like(move), close[bars - 1]
    high, low = (getattr(market, name)[:, alive][bars] for name in ("high", "low"))
    above = np.maximum(0.0, np.nan_to_num(np.log(high / np.maximum(opens, close[bars]))))
    below = np.maximum(0.0, np.nan_to_num(np.log(np.minimum(opens, close[bars]) / low)))
    mean, spread = float(move[:, 0].mean()), float(move[:, 0].var())
    if spread < 1e-20:
        raise DataError("the metal never moved on the days to draw from: there is nothing to measure a gearing by")
    beta = ((move[:, 1:] - move[:, 1:].mean(axis=0)) * (move[:, :1] - mean)).mean(axis=0) / spread
    return HistoricalDays(
        bars=bars,
        alive=alive,
        overnight=overnight,
        intraday=move - overnight,
        above=above,
        below=below,
        rates=market.cash_rate[bars],
        gauges={name: _change(values, bars) for name, values in market.gauges.items()},
        mean=mean,
        alpha=move[:, 1:].mean(axis=0) - beta * mean,
        beta=beta,
    )


def _change(values: np.ndarray, bars: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return how a gauge changed on each day, and whether by a log ratio."""
    before, after = values[bars - 1], values[bars]
    if (before > 0).all() and (after > 0).all() and values[-1] > 0:
        return np.log(after / before), True
    return after - before, False
