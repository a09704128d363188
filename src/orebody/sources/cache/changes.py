"""What two downloads of one ticker contradict each other in, and whether the later one can be of the same instrument at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.sources.adjust import factors
from orebody.sources.cache.history import same
from orebody.sources.quotes import ACTIONS, Quotes

__all__ = ["contradiction", "distrusted"]

_ADJUSTMENT = 1e-5
"""Relative slack between the provider's factor and 1 - D/C of the distributions that went ex since."""

_MISSING = 0.01
_RETURN = 1e-3


def contradiction(kept: Quotes, tail: Quotes, since: pd.Timestamp) -> str:
    """Return why the end of a history, downloaded later, does not continue the history kept; empty where it does.

    It continues it when the days that both span are the same, with the same closes, distributions and splits, and when the ``Adj Close``
    of all of them changed by one factor: that of the distributions which went ex after the last row kept. Opens, highs, lows and volumes
    are corrected by providers in the evening; they contradict nothing.

    Parameters
    ----------
    kept
        The whole history as it was.
    tail
        What was downloaded now.
    since
        From which day on it was asked for.
    """
    if kept.currency != tail.currency:
        return f"the currency was {_plain(kept.currency)}, now {_plain(tail.currency)}"
    old = kept.bars.loc[min(since, tail.bars.index[0]) :]
    new = tail.bars.loc[: kept.bars.index[-1]]
    # pandas before 3 calls the same dates in other units unequal
    if not len(old) or not len(new) or not old.index.as_unit("ns").equals(new.index.as_unit("ns")):
        odd = old.index.symmetric_difference(new.index)
        return f"{len(odd)} of the days that both span are in one only, the first {odd[0].date()}"
    for column, what in (("Close", "close"), *zip(ACTIONS, ("distribution", "split"), strict=True)):
        differ = ~same(old[column].to_numpy(), new[column].to_numpy())
        if differ.any():
            at = int(differ.argmax())
            return f"the {what} of {old.index[at].date()} was {old[column].iloc[at]:.7g}, now {new[column].iloc[at]:.7g}"
    return _other_adjustment(kept, tail, old["Adj Close"].to_numpy(), new["Adj Close"])


def _other_adjustment(kept: Quotes, tail: Quotes, old: np.ndarray, new: pd.Series) -> str:
    """Return why the adjusted closes of the common days are not the old ones times the factor of the distributions since."""
    since = tail.bars["Dividends"].where(tail.bars.index > kept.bars.index[-1], 0.0)
    try:
        expected = old * factors(tail.bars["Close"], since, kept.ticker)[: len(old)]
    except DataError as error:
        return str(error)
    off = ~((np.abs(new.to_numpy() - expected) <= _ADJUSTMENT * np.abs(expected)) | (np.isnan(new.to_numpy()) & np.isnan(expected)))
    if not off.any():
        return ""
    at = int(off.argmax())
    return f"the adjusted close of {new.index[at].date()} is {new.iloc[at]:.7g}, by the distributions since it should be {expected[at]:.7g}"


def distrusted(kept: Quotes, whole: Quotes) -> str:
    """Return why a whole history downloaded later cannot replace the one kept without being asked to; empty where it can.

    Splits, distributions and corrections change a history; they neither cut it off, nor change its currency, nor most of its daily
    returns. Another company under a reused ticker does, and so does a provider that answers with something else.
    """
    old, new = kept.bars["Close"], whole.bars["Close"]
    if kept.currency != whole.currency and kept.currency:
        return f"its currency was {_plain(kept.currency)} and now is {_plain(whole.currency)}"
    if new.index[-1] < old.index[-1]:
        return f"it ends on {new.index[-1].date()}, before the {old.index[-1].date()} that was downloaded earlier"
    common = old.index.intersection(new.index)
    lost = len(old) - len(common)
    if lost > max(1, _MISSING * len(old)):
        return f"{lost:,} of the {len(old):,} days that were downloaded earlier are not in it"
    moved = np.abs(_returns(old[common]) - _returns(new[common])) > _RETURN
    if moved.mean() > 0.5:
        return f"{moved.mean():.0%} of its daily returns are others than those downloaded earlier"
    return ""


def _plain(currency: str) -> str:
    """Return what a provider called the currency, as a message may show it."""
    return (currency if currency.isprintable() else ascii(currency))[:20] or "unknown"


def _returns(closes: pd.Series) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        moves: np.ndarray = np.diff(np.log(closes.to_numpy()))
    return np.nan_to_num(moves, nan=0.0, posinf=0.0, neginf=0.0) if len(moves) else np.zeros(1)
