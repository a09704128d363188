"""Bars of a random walk on weekdays, and on the sessions of New York."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["OF_2023", "ROWS", "clean", "new_york"]


ROWS = 600
OF_2023 = (
    "01-02",
    "01-16",
    "02-20",
    "04-07",
    "05-29",
    "06-19",
    "07-04",
    "09-04",
    "11-23",
    "12-25",
)  # New York's holidays, from its own list


def clean(seed: int = 1, sigma: float = 0.015, rows: int = ROWS) -> pd.DataFrame:
    """Bars of a random walk in cents on weekdays, which are the sessions of no exchange."""
    draw = np.random.RandomState(seed)
    close = np.round(50 * np.exp(np.cumsum(sigma * draw.standard_normal(rows))), 2)
    opens = np.round(np.concatenate((close[:1], close[:-1])) * np.exp(0.3 * sigma * draw.standard_normal(rows)), 2)
    high, low = np.maximum(opens, close) + 0.05, np.minimum(opens, close) - 0.05
    volume = 100.0 * draw.randint(1_000, 9_000, rows)
    index = pd.bdate_range("2021-03-01", periods=rows, name="Date")
    return pd.DataFrame({"Open": opens, "High": high, "Low": low, "Close": close, "Volume": volume}, index=index)


def new_york(year_rows: int = 250) -> pd.DataFrame:
    """Bars on the sessions of 2023, counted by hand: 260 weekdays less 10 holidays."""
    frame = clean(2, rows=260)
    frame.index = pd.bdate_range("2023-01-02", "2023-12-29", name="Date")
    frame = frame[~frame.index.strftime("%m-%d").isin(OF_2023)]
    assert len(frame) == year_rows
    return frame
