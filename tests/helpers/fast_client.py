"""The client in a hurry: few tries, and waits that are noted instead of waited.

Only waits are cut short: an answer may take as long as a machine that is busy with other tests needs for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import client
from orebody.sources.yahoo.client import RetryPolicy

__all__ = ["QUICK", "in_a_hurry"]

QUICK = RetryPolicy(attempts=3)


def in_a_hurry(waits: list[float]) -> Callable[..., Quotes]:
    """Return the client that notes in `waits` how long it would have waited."""

    def call(ticker: str, **options: Any) -> Quotes:
        return client.quotes(ticker, **{"patience": QUICK, "sleep": waits.append, **options})

    return call
