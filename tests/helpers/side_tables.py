"""Prices of five days and tables of side series for them."""

from __future__ import annotations

import numpy as np
import pandas as pd

import orebody as ob

__all__ = ["DAYS", "GOOD", "HEAD", "RATED", "built", "nan", "prices", "same", "table"]


DAYS = pd.DatetimeIndex(["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-06", "2024-05-07"])
HEAD = "ticker,period_end,published,aisc,unit,net_debt_ebitda,mines,countries"
RATED = "date,ticker,bullish,neutral,bearish"
nan = np.nan


def prices(days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    close = 10.0 + np.arange(len(days)) / 7
    return pd.DataFrame({"Open": close, "High": close, "Low": close, "Close": close}, index=days)


def table(*rows: str, head: str = HEAD) -> pd.DataFrame:
    """Return a table of texts, as a file gives them: an empty cell is None."""
    cells = [[cell or None for cell in row.split(",")] for row in rows]
    return pd.DataFrame(cells, columns=head.split(","))


def built(**side: object) -> ob.Market:
    return ob.Market.from_frames({ticker: prices() for ticker in "MAB"}, **side)  # type: ignore[arg-type]


def same(one: list[float], two: list[float]) -> None:
    np.testing.assert_array_equal(one, two)


GOOD = "A,2024-03-31,2024-04-30,1000,USD/oz,1,2,3"
