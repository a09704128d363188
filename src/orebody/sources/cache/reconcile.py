"""What two downloads of one ticker contradict each other in, and whether the later one can be of the same instrument at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from orebody.errors import DataError
from orebody.sources.adjustment import factors
from orebody.sources.cache.history import same
from orebody.sources.quotes import ACTIONS, GAINS, Quotes

__all__ = ["contradiction", "describe_corrections", "describe_distrust", "with_last_bars"]

_ADJUSTMENT = 1e-5
"""Relative slack between the provider's factor and 1 - D/C of the distributions that went ex since."""

_MISSING = 0.01
_RETURN = 1e-3
_WITHOUT_ACTIONS = ("CURRENCY", "FUTURE", "INDEX")
_LAST_BARS = 5  # of a week; who lacks more has stopped, or is another


def contradiction(kept: Quotes, tail: Quotes, since: pd.Timestamp) -> str:
    """Return why the end of a history, downloaded later, does not continue the history kept; empty where it does.

    It continues it when the days that both span are the same, with the same closes, distributions and splits, and when the ``Adj Close``
    of all of them changed by one factor: that of the distributions which went ex after the last row kept. Opens, highs, lows and volumes
    are corrected by providers in the evening; they contradict nothing. Nor do the closes of what is never split and pays nothing
    (exchange rates, indices, futures): they settle late, day after day. Where most of them differ, it is another series.

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
    settled = same(_column(old, "Close"), _column(new, "Close"))
    late = kept.kind in _WITHOUT_ACTIONS and settled.mean() > 0.5
    for column, what in (("Close", "close"), *zip((*ACTIONS, GAINS), ("distribution", "split", "capital gain"), strict=True)):
        was, now = _column(old, column), _column(new, column)
        differ = ~same(was, now)
        if differ.any() and not (late and column == "Close"):
            at = int(differ.argmax())
            return f"the {what} of {old.index[at].date()} was {was[at]:.7g}, now {now[at]:.7g}"
    return "" if late else _other_adjustment(kept, tail, old["Adj Close"].to_numpy(), new["Adj Close"])


def describe_corrections(kept: Quotes, tail: Quotes) -> str:
    """Return which closes the end of a history has otherwise than the history kept, as a note; empty where none."""
    common = kept.bars.index.intersection(tail.bars.index)
    was, now = (one.bars["Close"].reindex(common).to_numpy(dtype=float) for one in (kept, tail))
    differ = np.flatnonzero(~same(was, now))
    if not len(differ):
        return ""
    at = differ[-1]
    more = "" if len(differ) == 1 else f" and {len(differ) - 1} more"
    return f"the provider corrected the close of {common[at].date()} from {was[at]:.7g} to {now[at]:.7g}{more}"


def with_last_bars(kept: Quotes, came: Quotes) -> tuple[Quotes, str]:
    """Return what came with the last bars that are kept and that it lacks, and a note; unchanged where it lacks none.

    Providers give the last days of a history without prices now and then, for hours or a weekend. A bar that was had stays, as long as what
    came is the same history: it ends on a day that is kept, with the same close, a few bars before the last.
    """
    ends = came.bars.index[-1]
    lost = kept.bars[kept.bars.index > ends]
    if not 0 < len(lost) <= _LAST_BARS or kept.currency != came.currency or ends not in kept.bars.index:
        return came, ""
    if not same(*(one.bars.loc[[ends], "Close"].to_numpy(dtype=float) for one in (kept, came)))[0]:
        return came, ""
    bars = pd.concat([came.bars, lost])
    if GAINS in bars:
        bars[GAINS] = bars[GAINS].fillna(0.0)
    days = ", ".join(str(day.date()) for day in lost.index)
    stays = "the bar that was downloaded earlier stays" if len(lost) == 1 else "the bars that were downloaded earlier stay"
    note = f"the provider has no prices of {days} any more: {stays}"
    return replace(came, bars=bars), note


def _column(bars: pd.DataFrame, name: str) -> np.ndarray:
    found: np.ndarray = bars[name].to_numpy(dtype=float) if name in bars else np.zeros(len(bars))
    return found


def _other_adjustment(kept: Quotes, tail: Quotes, old: np.ndarray, new: pd.Series) -> str:
    """Return why the adjusted closes of the common days are not the old ones times the factor of the distributions since."""
    paid, gains = _column(tail.bars, "Dividends"), _column(tail.bars, GAINS)
    since = np.asarray(tail.bars.index > kept.bars.index[-1])
    ways = [paid + gains, np.maximum(paid, gains)] if gains[since].any() else [paid]  # gains beside dividends, or inside them
    for way in ways:
        try:
            factor = factors(tail.bars["Close"], pd.Series(np.where(since, way, 0.0), index=tail.bars.index), kept.ticker)
        except DataError as error:
            return str(error)
        expected = old * factor[: len(old)]
        off = ~((np.abs(new.to_numpy() - expected) <= _ADJUSTMENT * np.abs(expected)) | (np.isnan(new.to_numpy()) & np.isnan(expected)))
        if not off.any():
            return ""
    at = int(off.argmax())
    return f"the adjusted close of {new.index[at].date()} is {new.iloc[at]:.7g}, by the distributions since it should be {expected[at]:.7g}"


def describe_distrust(kept: Quotes, whole: Quotes) -> str:
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
