"""How a series of returns did on its own: growth, risk, and risk for growth.

Returns are simple returns a bar. Figures that do not exist (no variance, too few bars) are NaN, never an exception.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyxirr

__all__ = ["cagr", "calmar", "expected_shortfall", "sharpe", "sortino", "total_return", "turnover", "volatility", "xirr", "years_between"]

DAYS_PER_YEAR = 365.25


def years_between(first: pd.Timestamp, last: pd.Timestamp) -> float:
    """Return the years from `first` to `last`, a year being 365.25 days."""
    return float((last - first) / pd.Timedelta(days=DAYS_PER_YEAR))


def total_return(returns: np.ndarray) -> float:
    """Return the compounded return: prod(1 + r) - 1 (time-weighted when `returns` are; GIPS 2020, 2.A.32)."""
    return float(np.prod(1.0 + returns) - 1.0)


def cagr(returns: np.ndarray, years: float) -> float:
    """Return the compound annual growth rate: prod(1 + r) ** (1 / years) - 1.

    By calendar time. NaN under one year, which GIPS 2020 (2.A.33) forbids to annualise; -1 where nothing is left.
    """
    if years < 1.0:
        return math.nan
    growth = float(np.prod(1.0 + returns))
    return math.pow(max(growth, 0.0), 1.0 / years) - 1.0


def xirr(dates: pd.DatetimeIndex, payments: np.ndarray) -> float:
    """Return the money-weighted annual return: the rate at which the present values of all payments sum to 0.

    Actual/365, as in the spreadsheet function XIRR; solved by pyxirr. NaN under one year, by the rule of `cagr`: what a few days
    brought is no rate a year.

    Parameters
    ----------
    dates
        Of the bars, from the opening of the account to its last.
    payments
        On each of them: money put in is negative, money taken out positive.
    """
    if years_between(dates[0], dates[-1]) < 1.0:
        return math.nan
    used = payments != 0
    if not ((payments > 0).any() and (payments < 0).any()) or dates[used].nunique() < 2:
        return math.nan
    rate = pyxirr.xirr(dates[used].to_numpy().astype("datetime64[D]"), payments[used], silent=True)
    return math.nan if rate is None else float(rate)


def volatility(returns: np.ndarray, periods_per_year: float) -> float:
    """Return the annual volatility: the sample standard deviation (ddof 1) times sqrt(periods a year)."""
    return float(np.std(returns, ddof=1)) * math.sqrt(periods_per_year) if len(returns) > 1 else math.nan


def sharpe(excess: np.ndarray, periods_per_year: float) -> float:
    """Return the Sharpe ratio: mean / sample standard deviation of the returns over the cash rate, times sqrt(periods a year).

    Sharpe (1994), "The Sharpe Ratio", equations 3 to 6.
    """
    if len(excess) < 2:
        return math.nan
    return _ratio(float(np.mean(excess)), float(np.std(excess, ddof=1))) * math.sqrt(periods_per_year)


def sortino(excess: np.ndarray, periods_per_year: float) -> float:
    """Return the Sortino ratio: mean / downside deviation of the returns over the cash rate, times sqrt(periods a year).

    The downside deviation is sqrt(mean(min(e, 0)**2)) over all bars; Sortino and Price (1994).
    """
    if not len(excess):
        return math.nan
    return _ratio(float(np.mean(excess)), math.sqrt(np.mean(np.minimum(excess, 0.0) ** 2))) * math.sqrt(periods_per_year)


def calmar(growth: float, max_drawdown: float) -> float:
    """Return the Calmar ratio: CAGR / abs(maximum drawdown), over the whole period; Young (1991)."""
    return growth / abs(max_drawdown) if max_drawdown < 0 else math.nan


def expected_shortfall(returns: np.ndarray, share: float = 0.05) -> float:
    """Return the historical expected shortfall: the mean of the worst `share` of the returns, their number rounded up.

    Acerbi and Tasche (2002), "On the coherence of expected shortfall".
    """
    if not len(returns):
        return math.nan
    worst = math.ceil(share * len(returns) - 1e-9)
    return float(np.mean(np.partition(returns, worst - 1)[:worst]))


def turnover(bought: float, sold: float, mean_equity: float, years: float) -> float:
    """Return the annual turnover: the lesser of purchases and sales, over mean equity, a year.

    As funds report it (SEC Form N-1A, item 13, instruction 4(d)); money that only comes in therefore turns nothing over.
    """
    return min(bought, sold) / mean_equity / years if mean_equity > 0 and years > 0 else math.nan


def _ratio(above: float, below: float) -> float:
    """Return above / below, NaN where below is 0 but for rounding."""
    return above / below if below > 1e-15 else math.nan
