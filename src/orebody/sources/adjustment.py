"""Adjustment for distributions, from raw prices and the distributions themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.sources.quotes import GAINS, PRICES

__all__ = ["adjust", "factors"]

_OHLC = PRICES[:4]


def adjust(bars: pd.DataFrame, distributions: pd.Series | None = None, *, ticker: str = "the ticker") -> pd.DataFrame:
    """Return the prices of `bars` adjusted for distributions, so that a return includes what was paid out; the last bar is as traded.

    A holder of the close before the *ex-date* gets the distribution; who buys on the ex-date does not, and pays that much less. So all
    prices before an ex-date are multiplied by ``1 - D / C``, D the distribution and C the raw close of the bar before, and by the
    factors of all later ex-dates. This is what providers call ``Adj Close`` (CRSP's method but for the reinvestment price); the day of
    payment plays no part.

    Parameters
    ----------
    bars
        Raw prices Close, and Open, High, Low where there are any, on ascending dates; split-adjusted, as the distributions are.
    distributions
        Dated by ex-date, per share, in the currency of the prices; by default the columns Dividends and, where there is one, Capital
        Gains of `bars`. One on a day without a bar
        counts on the next bar. Those on or before the first bar, or after the last, change nothing. Several that count on one bar are
        added.
    ticker
        For messages.

    Returns
    -------
    pandas.DataFrame
        Open, High, Low and Close, as far as `bars` has them, on the same dates.

    Raises
    ------
    DataError
        For a distribution that is negative or no number, that is dated by no date, or that is not less than the close before it.
    """
    if distributions is not None:
        amounts = _on_bars(distributions, bars.index, ticker)
    else:
        amounts = bars["Dividends"] + bars[GAINS] if GAINS in bars else bars["Dividends"]
    factor = factors(bars["Close"], amounts, ticker)
    names = [name for name in _OHLC if name in bars.columns]
    prices = np.column_stack([bars[name].to_numpy(dtype=float) * factor for name in names])
    return pd.DataFrame(prices, index=bars.index, columns=names, copy=False)


def factors(close: pd.Series, amounts: pd.Series, ticker: str = "the ticker") -> np.ndarray:
    """Return what each bar's raw prices are multiplied by: the product of ``1 - D / C`` over all later ex-dates; see `adjust`.

    Parameters
    ----------
    close
        Raw closes, ascending.
    amounts
        Distributions on the same dates, 0 where there is none.
    ticker
        For messages.
    """
    paid = amounts.to_numpy(dtype=float)
    wrong = ~((paid >= 0) & np.isfinite(paid))
    if wrong.any():
        raise DataError(f"{ticker}: the distribution of {_day(amounts, wrong)} is {paid[wrong][0]:g}: it must be a number and not negative")
    before = close.to_numpy(dtype=float)[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(paid[1:] > 0, 1 - paid[1:] / before, 1.0)
    impossible = np.append(False, ~(step > 0) | ~np.isfinite(step))
    if impossible.any():
        at = int(impossible.argmax())
        raise DataError(
            f"{ticker}: the distribution of {_day(amounts, impossible)} is {paid[at]:g}, not less than the close before it, "
            f"{before[at - 1]:g}: mend or remove it (pence for pounds?)"
        )
    factor: np.ndarray = np.append(np.cumprod(step[::-1])[::-1], 1.0)
    return factor


def _on_bars(distributions: pd.Series, dates: pd.Index, ticker: str) -> pd.Series:
    """Return the distributions on the bars that they count on."""
    if not isinstance(distributions.index, pd.DatetimeIndex) or distributions.index.tz is not None or distributions.index.hasnans:
        raise DataError(f"{ticker}: the distributions are not labelled by ex-dates without a zone: give the series a DatetimeIndex")
    at = dates.searchsorted(distributions.index)
    inside = at < len(dates)
    amounts = np.zeros(len(dates))
    np.add.at(amounts, at[inside], distributions.to_numpy(dtype=float)[inside])
    return pd.Series(amounts, index=dates)


def _day(series: pd.Series, where: np.ndarray) -> str:
    return str(series.index[where][0].date())
