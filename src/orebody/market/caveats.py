"""What must be known before any figure of a market: that its prices are simulated, and what is doubtful about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.io.text import printable

if TYPE_CHECKING:
    from orebody.market.market import Market

__all__ = ["NO_RATE", "caveats", "list_doubts"]

_DOUBTS = ("doubtful", "identity")  # notes that may change what figures mean
_SHOWN = 3
NO_RATE = "No cash rate is known: cash earned 0 %, and Sharpe and Sortino are over 0 %"


def list_doubts(notes: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the sentences of those notes, (what, text), that are doubts."""
    return tuple(text for what, text in notes if what in _DOUBTS)


def caveats(market: Market, *, rate_known: bool = True) -> str:
    """Return the lines that stand before figures in plain text; empty where there is nothing to say."""
    lines = ["SIMULATED"] if market.simulated else []
    lines += [f"Doubtful: {printable(text)}" for text in market.doubts[:_SHOWN]]
    if len(market.doubts) > _SHOWN:
        lines.append(f"and {len(market.doubts) - _SHOWN} more doubts: market.doubts")
    lines += [] if rate_known else [NO_RATE]
    return "".join(f"{line}\n" for line in lines)
