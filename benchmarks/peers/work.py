"""What every peer is asked to do, in terms that none of them needs orebody for.

Hold the metal or the miners, all in: the miners when the z-score of log(miners / metal) over a window is below -entry, the metal when it is
above entry, else what is held; the metal first. Decided on a bar's close from bar `begin` on, filled at the next bar, 0.05 % worse than
its price; 100,000 at the start, fractions of shares where the peer has them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

WINDOWS, ENTRIES = list(range(20, 220, 5)), [0.2 + 0.1 * k for k in range(25)]
SLIPPAGE, CASH = 0.0005, 100_000.0
COLUMNS = ("open", "high", "low", "close")

Point = tuple[int, float]
Figures = tuple[float, float]


class Task(NamedTuple):
    """Prices as a market has them, shape ``(T, 2)``, the metal first; on bar `begin` the first decision counts."""

    dates: pd.DatetimeIndex
    tickers: tuple[str, ...]
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    begin: int

    @classmethod
    def read(cls, path: str, begin: int) -> Task:
        with np.load(path) as file:
            return cls(pd.DatetimeIndex(file["dates"]), tuple(file["tickers"].tolist()), *(file[name] for name in COLUMNS), begin)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Frames of Open, High, Low and Close by ticker, as users have them."""
        return {
            ticker: pd.DataFrame({name.capitalize(): getattr(self, name)[:, i] for name in COLUMNS}, index=self.dates)
            for i, ticker in enumerate(self.tickers)
        }


def scores(task: Task, window: int) -> np.ndarray:
    """Return z-scores by pandas."""
    ratio = pd.Series(np.log(task.close[:, 1] / task.close[:, 0]))
    rolling = ratio.rolling(window)
    return ((ratio - rolling.mean()) / rolling.std(ddof=0)).to_numpy()


def held(z: np.ndarray, point: Point) -> np.ndarray:
    """Return which of the two is wanted at each close, 0 or 1; -1 before the first full window."""
    window, entry = point
    signal = np.where(z > entry, 0.0, np.where(z < -entry, 1.0, np.nan))
    signal[: window - 1] = -1.0
    if np.isnan(signal[window - 1]):
        signal[window - 1] = 0.0
    return pd.Series(signal).ffill().to_numpy().astype(int)


def orders(states: np.ndarray, begin: int) -> np.ndarray:
    """Return the bars on whose close something is ordered: the first that counts, and each switch after it but on the last bar."""
    switch = np.flatnonzero(np.diff(states)) + 1
    return np.concatenate(([begin], switch[(switch > begin) & (switch < len(states) - 1)]))


def figures(equity: np.ndarray) -> Figures:
    """Return final equity and the Sharpe ratio of the daily returns, 252 days a year; `equity` begins on bar `begin`, all in cash."""
    returns = equity[1:] / equity[:-1] - 1.0
    return float(equity[-1]), float(returns.mean() / returns.std(ddof=1) * math.sqrt(252))
