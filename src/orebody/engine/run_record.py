"""Record: the raw facts of a run, as an engine leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from orebody.errors import EngineError

__all__ = ["Fill", "Record"]


class Fill(NamedTuple):
    """One order's end: filled, or, with units 0, refused or dropped."""

    bar: int
    instrument: int
    units: float
    price: float
    cost: float
    slippage: float
    reason: str


@dataclass(frozen=True, eq=False)
class Record:
    """What happened on each bar from the opening of the account on; T bars, N instruments.

    Attributes
    ----------
    cash : numpy.ndarray
        Shape ``(T,)``: cash after the bar's fills.
    units : numpy.ndarray
        Shape ``(T, N)``: holdings after the bar's fills.
    flows, interest, commission, slippage : numpy.ndarray
        Shape ``(T,)`` each: money that arrived, was earned on cash (less financing paid on debt), and was lost to commission and to
        slippage on the bar.
    borrow : numpy.ndarray
        Shape ``(T, N)``: money paid for shorts.
    fills : tuple of Fill
        In the order in which they happened; bars count from the opening.
    ruined : int
        The bar on which equity was gone, or -1.
    """

    cash: np.ndarray
    units: np.ndarray
    flows: np.ndarray
    interest: np.ndarray
    borrow: np.ndarray
    commission: np.ndarray
    slippage: np.ndarray
    fills: tuple[Fill, ...]
    ruined: int = -1

    def gains(self, opens: np.ndarray, closes: np.ndarray) -> np.ndarray:
        """Return what price changes earned on each bar and instrument, before costs, shape ``(T, N)``.

        Holdings gain from the previous close to the open, what is held after the open's fills from the open to the close.
        """
        before = np.vstack((np.zeros_like(self.units[:1]), self.units[:-1]))
        overnight = before[1:] * (opens[1:] - closes[:-1])
        gains: np.ndarray = self.units * (closes - opens)
        gains[1:] += overnight
        for fill in self.fills:
            if fill.reason == "ruined":  # the only fill that may come at a close: what it held until then gained until then
                gains[fill.bar, fill.instrument] -= fill.units * (fill.price - opens[fill.bar, fill.instrument])
        return gains

    def idle_contributions(self, closes: np.ndarray) -> float:
        """Return how much of the contributions was never put to work, in money: what stayed in cash from its bar to the last.

        Of each contribution that is as much as free cash lay above its level of the bar before, interest taken off, at every later close.
        """
        free = self.cash + np.einsum("ti,ti->t", np.minimum(self.units, 0.0), closes)  # what shorts brought in is no cash to spend
        stays = np.minimum.accumulate(free[::-1])[::-1]
        arrives = np.flatnonzero(self.flows[1:] > 0) + 1
        kept = stays[arrives] - np.maximum(free[arrives - 1], 0.0) - self.interest[arrives]
        return float(np.clip(kept, 0.0, self.flows[arrives]).sum())

    def check(self, cash: float, opens: np.ndarray, closes: np.ndarray) -> np.ndarray:
        """Return equity at each close after proving the books.

        Start + flows + gains + interest - borrow - costs is cash + holdings, to 1e-9.

        Raises
        ------
        EngineError
            When the two differ: a defect of the engine.
        """
        equity: np.ndarray = self.cash + np.einsum("ti,ti->t", self.units, closes)
        gains = np.einsum("ti->t", self.gains(opens, closes) - self.borrow)
        added = self.flows + gains + self.interest - self.commission - self.slippage
        account = cash + np.cumsum(added)
        scale = max(cash + self.flows.sum(), float(np.abs(equity).max()))
        off = np.abs(account - equity)
        if not (off <= 1e-9 * scale).all():
            bar = int(np.nanargmax(off))
            raise EngineError(f"the books do not balance: on bar {bar} equity is {equity[bar]!r}, its parts sum to {account[bar]!r}")
        return equity
