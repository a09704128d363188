"""The fills of a run with their reasons: the newest on the page, all of them as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.export import csv
from orebody.metrics import formatted

if TYPE_CHECKING:
    from orebody.result import Result

__all__ = ["SHOWN", "all_as_csv", "newest"]

SHOWN = 200


def newest(result: Result) -> list[tuple[str, ...]]:
    """Return (date, side, ticker, units, price, commission and slippage, reason) of the newest fills, the newest first.

    An order that was refused or dropped has no units and no price, only its reason.
    """
    rows: list[tuple[str, ...]] = []
    for fill in result.fills.iloc[::-1].head(SHOWN).itertuples():
        side = "bought" if fill.units > 0 else "sold" if fill.units < 0 else "not filled"
        numbers = (f"{abs(fill.units):,.4f}", f"{fill.price:,.4f}", formatted("money", fill.cost + fill.slippage))
        rows.append((str(fill.date.date()), side, fill.ticker, *(numbers if fill.units else ("–", "–", "–")), fill.reason))
    return rows


def all_as_csv(result: Result) -> str:
    """Return every fill of the run unrounded, in the order in which they happened; ``prices`` says what they were made on."""
    return csv(result.fills.assign(prices="SIMULATED" if result.market.simulated else result.market.digest))
