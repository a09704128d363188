"""The fills of a run with their reasons: the newest on the page, all of them as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.export import to_csv
from orebody.metrics import format_figure

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["MEANINGS", "SHOWN", "all_as_csv", "legend", "newest"]

SHOWN = 200

MEANINGS = {
    "weight": "traded to the share of equity that the strategy asked for",
    "invest": "put a contribution to work, by the strategy's standing split",
    "deploy": "put a share of the free cash to work, or sold a share of a holding",
    "weight, scaled by costs": "asked for more than was left after the costs of this open, and got that much",
    "weight, scaled to cash": "asked for more than cash or leverage allowed, and got that much",
    "invest, scaled to cash": "less than the contribution was free, and all of that was used",
    "deploy, scaled to cash": "shares that came up together were more than all free cash, which they divided",
    "dropped: no cash": "no money was left for it",
    "dropped: less than a share": "it did not make one whole share",
    "refused: not listed": "the instrument had no price yet",
    "refused: ended": "the instrument has no later price",
    "refused: last bar": "there is no later bar on which it could be filled",
    "refused: ruined": "equity was gone",
    "ended": "the instrument's prices ended: closed at its last close",
    "margin call": "equity had fallen below the maintenance: cut until leverage was met",
    "ruined": "equity was gone: closed",
}
"""What each reason that the engines write says, in the words of docs/conventions.md but shorter."""


def newest(result: Result) -> list[tuple[str, ...]]:
    """Return (date, side, ticker, units, price, commission and slippage, reason) of the newest fills, the newest first.

    An order that was refused or dropped has no units and no price, only its reason.
    """
    rows: list[tuple[str, ...]] = []
    for fill in result.fills.iloc[::-1].head(SHOWN).itertuples():
        side = "bought" if fill.units > 0 else "sold" if fill.units < 0 else "not filled"
        numbers = (f"{abs(fill.units):,.4f}", f"{fill.price:,.4f}", format_figure("money", fill.cost + fill.slippage))
        rows.append((str(fill.date.date()), side, fill.ticker, *(numbers if fill.units else ("–", "–", "–")), fill.reason))
    return rows


def legend(result: Result) -> list[tuple[str, str]]:
    """Return (reason, meaning) of the reasons that the run's fills have, in the order of `MEANINGS`; unknown ones are left out."""
    there = {fill.reason for fill in result.record.fills}
    return [(reason, meaning) for reason, meaning in MEANINGS.items() if reason in there]


def all_as_csv(result: Result) -> str:
    """Return every fill of the run unrounded, in the order in which they happened; ``prices`` says what they were made on."""
    return to_csv(result.fills.assign(prices="SIMULATED" if result.market.simulated else result.market.digest))
