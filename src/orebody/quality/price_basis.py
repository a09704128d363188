"""What closes are: raw or with distributions in them, and with steps of splits and spin-offs that Adj Close does not have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orebody.quality.bars import Bars, moves_of, typical
from orebody.quality.ex_day_moves import SURE, fit
from orebody.quality.finding import Finding

__all__ = ["PriceBasis", "price_basis", "rescaling", "without_splits"]

_STEP = float(np.log(1.2))  # a smaller step of Adj Close over Close is a distribution or nothing, unless a split is recorded
_LEFT = 0.35  # share of a step that the price may miss it by: the day's own move
_USUAL = 4.0  # or, where the split is recorded, this many usual moves
_RATIO = 0.01  # log: between a recorded split and the step of Adj Close
_MOST = 4.0  # log odds that one ex-day may add
_RATIOS = np.array([2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 1.5, 1.25, 4 / 3], dtype=float)
_EXACT = 1e-3


class PriceBasis(NamedTuple):
    """Whether the closes of a table contain the distributions that stand beside them.

    Attributes
    ----------
    inside
        They do; a return is the holder's.
    sure
        The price or a column of adjusted closes says so, not only the form of the table.
    payments
        How many distributions there are.
    size
        What they add to the return of the whole history if they are not in the closes.
    """

    inside: bool
    sure: bool
    payments: int
    size: float

    def doubt(self, bars: Bars) -> Finding:
        """Return what must be said of a basis that is not sure."""
        stands = "distribution stands" if self.payments == 1 else "distributions stand"
        taken = "to contain them, as yfinance writes such tables" if self.inside else "to be raw"
        end = f"{self.size:.1%} higher" if self.inside else f"{self.size / (1 + self.size):.1%} lower"
        what = f"{self.payments} {stands} beside closes without an Adj Close, and the price does not tell whether the closes contain them"
        what += f"; they are taken {taken}; otherwise a holding ends {end}"
        return Finding(bars.ticker, "adjustment", bars.day(0), bars.day(len(bars) - 1), self.payments, False, what)


def price_basis(bars: Bars) -> PriceBasis | None:
    """Return whether closes contain their distributions; None where there is an Adj Close, or where nothing was paid.

    On an ex-day raw closes fall by the amount beside the day's own move, adjusted ones do not. Where that does not tell, a column of
    splits with zeros beside the distributions is the form of yfinance's adjusted prices, and any other form that of raw ones.
    """
    paid = bars.values.get("dividends")
    if paid is None or "adjclose" in bars.values or len(bars) < 2:
        return None
    at = np.flatnonzero(paid[1:] > 0) + 1
    if not len(at):
        return None
    odds = float(np.clip(fit(bars, at, 0.0) - fit(bars, at, paid[at]), -_MOST, _MOST).sum())
    share = np.clip(paid[at] / bars.close[at - 1], 0.0, 0.99)
    size = float(np.expm1(-np.log1p(-share).sum()))
    if abs(odds) >= SURE:
        return PriceBasis(odds > 0, True, len(at), size)
    splits = bars.values.get("splits")
    return PriceBasis(splits is not None and bool((splits == 0).any()), False, len(at), size)


def without_splits(bars: Bars) -> Bars:
    """Return bars whose earlier prices and distributions carry the splits and spin-offs that their Adj Close carries.

    Raw prices of Tiingo, Alpha Vantage or EODHD fall to a third on the day of a split of 3 for 1, and Adj Close does not. See `rescaling`.
    """
    factor = rescaling(bars)
    if factor is None:
        return bars
    names = ("open", "high", "low", "close", "dividends") if _paid_as_priced(bars, factor) else ("open", "high", "low", "close")
    values = {name: column * factor if name in names else column for name, column in bars.values.items()}
    return Bars(bars.ticker, bars.rows, bars.days, values)


def rescaling(bars: Bars) -> np.ndarray | None:
    """Return what each bar's prices are multiplied by so that they carry the splits and spin-offs of their Adj Close; None without any.

    Where Adj Close over Close steps by more than the recorded distribution, and the price moved by as much the other way, both say the
    same: prices before that day are taken at the new scale. A step that the price does not show is left to the checks.
    """
    if bars.adjusted is None or len(bars) < 2:
        return None
    close, paid = bars.close, bars.values.get("dividends", np.zeros(len(bars)))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(paid[1:] / close[:-1], 0.0, 0.99)
    steps = moves_of(bars.adjusted / close) + np.log1p(-share)
    moves = moves_of(close)
    recorded = bars.values.get("splits", np.zeros(len(bars)))[1:]
    known = np.isfinite(recorded) & (recorded > 0) & (recorded != 1)
    size = np.log(np.where(known, recorded, 1.0))
    agreed = known & (np.abs(steps - size) <= _RATIO)
    at = np.flatnonzero(agreed | (np.abs(steps) >= _STEP))
    left, usual = np.abs(moves + steps)[at], np.where(agreed[at], _USUAL * typical(moves, at), 0.0)
    shows = left < np.abs(moves[at])  # the day's own move is the smaller with the step than without
    at = at[shows & (left <= np.maximum(_LEFT * np.abs(steps[at]), np.where(np.isfinite(usual), usual, 0.0)))]
    if not len(at):
        return None
    scale = np.zeros(len(moves))
    scale[at] = [_exact(float(steps[one]), float(size[one])) for one in at]
    factor: np.ndarray = np.exp(-np.append(np.cumsum(scale[::-1])[::-1], 0.0))
    return factor


def _paid_as_priced(bars: Bars, factor: np.ndarray) -> bool:
    """Return whether distributions are per share as priced that day, and not already per share of today: Adj Close says which."""
    paid, adjusted = bars.values.get("dividends"), bars.adjusted
    if paid is None or adjusted is None:
        return False
    of_adjusted = -np.expm1(-moves_of(adjusted / (bars.close * factor)))
    at = np.flatnonzero((paid[1:] > 0) & (factor[1:] != 1))
    share = paid[at + 1] / bars.close[at]
    as_priced = float(np.abs(of_adjusted[at] - share).sum())
    of_today = float(np.abs(of_adjusted[at] - share / factor[at]).sum())
    return as_priced <= of_today


def _exact(step: float, recorded: float) -> float:
    """Return the log of a split's ratio: the recorded one, a simple one, or the step itself."""
    if recorded and abs(step - recorded) <= _RATIO:
        return recorded
    nearest = float(np.log(_RATIOS[np.argmin(np.abs(np.log(_RATIOS) - abs(step)))]))
    return float(np.copysign(nearest, step)) if abs(nearest - abs(step)) <= _EXACT else step
