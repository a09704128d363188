"""Money-weighted returns of many runs that had the same payments and ended differently."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.market.schedule import period_begins

__all__ = ["money_weighted"]

STEPS = 60
"""Of Newton's method, which from above needs far fewer: what is paid in grows convexly with the rate."""


def money_weighted(final: np.ndarray, ruined: np.ndarray, dates: pd.DatetimeIndex, account: Account) -> np.ndarray:
    """Return the annual rate at which all payments in grow to the final equity, actual/365, as `orebody.metrics` defines XIRR,
    but also under a year, where a single run's is withheld: here it compares many runs over the same days.

    -1 for what ended in ruin or with nothing; 0 for a span of no days.
    """
    arrives = period_begins(dates, account.every) if account.contribution > 0 else np.zeros(len(dates), dtype=bool)
    paid = np.where(arrives, account.contribution, 0.0)
    paid[0] += account.cash
    at = np.flatnonzero(paid)
    waits = ((dates[-1] - dates[at]) / pd.Timedelta(days=1)).to_numpy() / 365
    paid, rates = paid[at], np.full(len(final), -1.0)
    good = ~ruined & (final > 0)
    if not waits.any():
        rates[good] = 0.0
        return rates
    # in the logarithm of what money grows by in a year, so that no step leaves the range
    target, log = np.log(final[good]), np.zeros(int(good.sum()))
    with np.errstate(over="ignore"):
        for _ in range(STEPS):
            grown = paid * np.exp(np.minimum(log[:, None] * waits, 700.0))
            total = grown.sum(axis=1)
            step = (np.log(total) - target) * total / np.maximum((grown * waits).sum(axis=1), 1e-300)
            log = log - np.clip(step, -50.0, 50.0)
            if np.abs(step).max(initial=0.0) < 1e-14:
                break
        rates[good] = np.expm1(log)
    return rates
