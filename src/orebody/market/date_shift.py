"""Whether a miner's bars are dated one bar before or after the metal's, by when their prices move."""

from __future__ import annotations

import numpy as np

from orebody.errors import DataError

__all__ = ["check_same_dates"]

_FEWEST = 24  # returns from which on correlations can tell
_APART = 0.3  # by how much the correlation with a neighbouring bar must be the higher
_ERRORS = 6.0  # and how many standard errors of one correlation, 1 / sqrt(n)
_WILD = 10.0  # times the median move from which on moves are cut
_LONGER_THAN_DAYS = 60.0  # bars a year below which bars are of weeks or longer


def check_same_dates(closes: np.ndarray, tickers: tuple[str, ...], periods_per_year: float) -> list[tuple[str, str]]:
    """Return notes on miners whose days move with the metal's next or previous day rather than with the same.

    The labels of two series can agree while one of them begins the period and the other ends it, as
    weeks dated by the Sunday before and by the Sunday after. Only the prices tell: gold and its
    producers move together in the same period.

    Parameters
    ----------
    closes
        Shape ``(T, N)``, the metal first, NaN where there is no bar.
    tickers, periods_per_year
        Of the columns; of the bars.

    Raises
    ------
    DataError
        For bars longer than days. Days are left, with a note: an exchange that closes before the
        other opens moves a day later.
    """
    notes = []
    for column in range(1, closes.shape[1]):
        found = _shift(closes[:, 0], closes[:, column])
        if found is None:
            continue
        later, count, shifted, same = found
        text = (
            f"{tickers[column]} moves one bar {'after' if later else 'before'} {tickers[0]}: over {count:,} bars their returns "
            f"correlate by {shifted:.2f} so, and by {same:.2f} on the same bar"
        )
        if periods_per_year < _LONGER_THAN_DAYS:
            raise DataError(
                f"{text}; one of them is dated by the beginning of its period and the other by the end, so date both by the "
                "last day of the period"
            )
        notes.append(
            (
                "doubtful",
                f"{text}; either the dates of one are a day off, or one exchange closes before the other opens: look them up",
            )
        )
    return notes


def _shift(metal: np.ndarray, miner: np.ndarray) -> tuple[bool, int, float, float] | None:
    """Return whether the miner moves a bar later (else earlier), of how many returns, and the correlations shifted and not.

    None where it moves on the same bar, or where nothing can be told.
    """
    both = np.isfinite(metal) & np.isfinite(miner)
    returns = _moves(metal[both]), _moves(miner[both])
    count = len(returns[0])
    if count < _FEWEST:
        return None
    same = _correlation(*returns)
    after, before = _correlation(returns[0][:-1], returns[1][1:]), _correlation(returns[0][1:], returns[1][:-1])
    shifted = max(after, before)
    if not shifted - same > max(_APART, _ERRORS / count**0.5):
        return None
    return after > before, count, shifted, same


def _moves(prices: np.ndarray) -> np.ndarray:
    """Return log returns, those of a single wild bar cut, which would decide alone."""
    moves = np.diff(np.log(prices))
    moving = np.abs(moves[moves != 0])
    limit = _WILD * float(np.median(moving)) if len(moving) else 0.0
    cut: np.ndarray = np.clip(moves, -limit, limit)
    return cut


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Return the correlation; 0 where one of them never moves."""
    one, two = one - one.mean(), two - two.mean()
    size = float(one @ one) * float(two @ two)
    return float(one @ two) / size**0.5 if size > 0 else 0.0
