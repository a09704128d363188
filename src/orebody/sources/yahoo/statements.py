"""From a company's statements to fundamentals: net debt over the last year's EBITDA. Not point in time, and said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["NOT_POINT_IN_TIME", "net_debt_ebitda"]

NOT_POINT_IN_TIME = (
    "not point in time: Yahoo's statements are as restated today, not as they were published, and only of the last few quarters; "
    "each is taken to be known 120 days after its quarter's end"
)
"""To stand on every report that uses them."""

_CASH = ("CashCashEquivalentsAndShortTermInvestments", "CashAndCashEquivalents")
_EBITDA = ("EBITDA", "NormalizedEBITDA")
_YEAR = pd.Timedelta(days=290)  # from the first to the last of four ends of quarters there are about 274 days


def net_debt_ebitda(ticker: str, statements: pd.DataFrame) -> pd.DataFrame:
    """Return rows of fundamentals from quarterly statements.

    Net debt is total debt less cash and short-term investments (less cash alone where those are not stated, or Yahoo's own ``NetDebt``
    where a part is missing); EBITDA is the sum of the four quarters that end with the row's, as stated, else normalized. Where there are
    not four within a year, or their sum is not positive, the ratio is unknown: debt over a loss would rank as little debt.

    Parameters
    ----------
    ticker
        Whose statements these are.
    statements
        As of `client.statements`: a row for each ``period_end``.

    Returns
    -------
    pandas.DataFrame
        Columns ticker, period_end, published, aisc, unit, net_debt_ebitda, mines and countries, as `orebody.market.fundamentals` reads
        them. ``published`` is empty, so that a row is known only more than 120 days after its quarter's end. Everything else that Yahoo
        does not have is empty. See `NOT_POINT_IN_TIME`.
    """
    rows = statements.sort_values("period_end", kind="stable").reset_index(drop=True) if len(statements) else statements
    debt = _item(rows, "TotalDebt") - _first(rows, _CASH)
    debt = debt.fillna(_item(rows, "NetDebt"))
    ebitda = _first(rows, _EBITDA)
    ends = pd.Series(rows["period_end"] if "period_end" in rows else pd.Series(dtype="datetime64[ns]"))
    year = ebitda.rolling(4, min_periods=4).sum().where(ends - ends.shift(3) <= _YEAR)
    return pd.DataFrame(
        {
            "ticker": pd.Series([ticker] * len(rows), dtype=object),
            "period_end": ends,
            "published": pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]"),
            "aisc": np.nan,
            "unit": "",
            "net_debt_ebitda": (debt / year).where(year > 0),
            "mines": np.nan,
            "countries": np.nan,
        },
        index=rows.index,
    )


def _item(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name].astype(float) if name in rows else pd.Series(np.nan, index=rows.index, dtype=float)


def _first(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """Return the first of the items that is stated, row by row."""
    found = _item(rows, names[0])
    for name in names[1:]:
        found = found.fillna(_item(rows, name))
    return found
