"""Capital gains beside dividends: Yahoo's newer dividends contain the gain of the day, older ones do not.

Which is so is decided for each day by the price, by the dividends of other days, and by the days around: from one day on, all contain it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.market.validation import action_column, price_column
from orebody.quality.bars import Bars, columns, oldest_first
from orebody.quality.ex_day_moves import LIKELY, SURE, fit
from orebody.quality.finding import Finding

__all__ = ["GainCount", "count_gains_once"]

_CERTAIN = 100.0  # log odds of what arithmetic decides
_SAME = 1e-6
_SPREAD = 0.5  # log: how far dividends of one fund lie apart
_FEWEST = 2  # dividends without a gain, from which the size of one is known
_ADJUSTED_TWICE = 5e-4


class GainCount(NamedTuple):
    """A table in which Dividends is all that was distributed.

    Attributes
    ----------
    frame
        With the gains in Dividends, once, and no column of their own; with an Adj Close that counts them once.
    notes
        Sentences on gains found inside dividends.
    findings
        Days for which that cannot be told.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]


def count_gains_once(ticker: str, frame: pd.DataFrame) -> GainCount:
    """Return the table with capital gains counted once, whether its dividends contain them or not.

    A table without a column of gains, or one that no check could put in order, is returned as it is.
    """
    of_gains = [at for at, column in enumerate(frame.columns) if action_column(column) == "gains"]
    if len(of_gains) != 1 or not isinstance(frame.index, pd.DatetimeIndex) or frame.index.hasnans:
        return GainCount(frame, (), ())
    values = columns(ticker, frame, None, pd.DatetimeIndex(frame.index), merged=False)
    gains = values["gains"]
    if "dividends" not in values:
        return GainCount(frame.rename(columns={frame.columns[of_gains[0]]: "Dividends"}), (), ())
    rest = frame.drop(columns=[frame.columns[of_gains[0]]])
    if not (gains > 0).any():
        return GainCount(rest, (), ())
    bars = oldest_first(ticker, frame.index.tz_localize(None).to_numpy(), values).priced()
    inside, odds = _inside(bars)
    total = values["dividends"] + gains
    total[bars.rows[inside]] = values["dividends"][bars.rows[inside]]
    out = _replace(rest, "dividends", total)
    if bars.adjusted is not None and len(inside):
        out = _replace(out, "adjclose", _adjust_once(bars, inside, values["adjclose"]))
    unsure = np.flatnonzero(np.abs(odds) < LIKELY)
    days = _days(bars)
    notes = [_note(bars, inside)] if len(inside) else []
    return GainCount(out, tuple(notes), tuple(_unsure(bars, int(days[at]), bool(odds[at] >= 0)) for at in unsure))


def _days(bars: Bars) -> np.ndarray:
    """Return the bars on which both a dividend and a gain are recorded, the first bar left out: nobody held before it."""
    dividends, gains = bars.values["dividends"], bars.values["gains"]
    both: np.ndarray = np.flatnonzero((dividends[1:] > 0) & (gains[1:] > 0)) + 1
    return both


def _inside(bars: Bars) -> tuple[np.ndarray, np.ndarray]:
    """Return the bars whose dividend contains the gain, and the log odds of that for each bar that has both."""
    at = _days(bars)
    if not len(at):
        return at, np.zeros(0)
    dividends, gains = bars.values["dividends"][at], bars.values["gains"][at]
    own = fit(bars, at, dividends) - fit(bars, at, dividends + gains) + _usual_size(bars, at)
    own = np.where(np.isclose(dividends, gains, rtol=_SAME), _CERTAIN, own)  # the same figure twice is the gain alone
    own = np.where(dividends < gains * (1 - _SAME), -_CERTAIN, own)  # what is smaller contains nothing
    # from one day on all contain it: the best such day with this one before it, and after it
    totals = np.append(np.cumsum(own[::-1])[::-1], 0.0)
    contained, apart = np.maximum.accumulate(totals)[:-1], np.maximum.accumulate(totals[::-1])[::-1][1:]
    odds = np.where(np.abs(own) >= SURE, own, contained - apart)
    return at[odds >= 0], odds


def _usual_size(bars: Bars, at: np.ndarray) -> np.ndarray:
    """Return the log odds that a dividend contains its gain, from the size of dividends on days without one."""
    dividends, gains = bars.values["dividends"], bars.values["gains"]
    plain = np.log(dividends[(dividends > 0) & ~(gains > 0)])
    odds = np.zeros(len(at))
    if len(plain) < _FEWEST:
        return odds
    middle, spread = float(np.median(plain)), max(_SPREAD, float(np.std(plain)))
    less = dividends[at] - gains[at]
    known = less > _SAME * dividends[at]
    apart, within = np.log(dividends[at]), np.log(np.where(known, less, 1.0))
    odds[known] = (((apart - middle) ** 2 - (within - middle) ** 2) / (2 * spread**2))[known]
    return np.clip(odds, -SURE, SURE)


def _adjust_once(bars: Bars, inside: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Return the Adj Close without what it took off twice."""
    out = adjusted.copy()
    factor = bars.values["adjclose"] / bars.close
    for at in inside:
        before = bars.close[at - 1]
        once, twice = bars.values["dividends"][at] / before, (bars.values["dividends"][at] + bars.values["gains"][at]) / before
        if once < 1 and abs(1 - factor[at - 1] / factor[at] - twice) < max(_ADJUSTED_TWICE, 0.1 * (twice - once)):
            out[bars.rows[:at]] *= (1 - once) / (factor[at - 1] / factor[at])
    return out


def _replace(frame: pd.DataFrame, what: str, values: np.ndarray) -> pd.DataFrame:
    name = next(column for column in frame.columns if what in (action_column(column), price_column(column)))
    return frame.assign(**{name: values})


def _note(bars: Bars, inside: np.ndarray) -> str:
    many = "1 capital gain is" if len(inside) == 1 else f"{len(inside)} capital gains are"
    dividend, gain = bars.values["dividends"][inside[0]], bars.values["gains"][inside[0]]
    example = f"first on {bars.day(inside[0]).date()}, a dividend of {dividend:g} with a gain of {gain:g} in it"
    return f"{bars.ticker}: {many} inside the dividend of the same day, and counted once ({example})"


def _unsure(bars: Bars, at: int, inside: bool) -> Finding:
    dividend, gain, before = bars.values["dividends"][at], bars.values["gains"][at], bars.close[at - 1]
    taken = "to contain it" if inside else "not to"
    other = before / max(before - dividend - gain, 1e-9) * (1 - dividend / before) - 1
    what = f"neither the price nor other dividends tell whether the dividend of {dividend:g} contains the capital gain of {gain:g}"
    what += f"; it is taken {taken}; otherwise the return of that day is {other:.1%} {'higher' if inside else 'lower'}"
    return Finding(bars.ticker, "dividend", bars.day(at), bars.day(at), 1, False, what)
