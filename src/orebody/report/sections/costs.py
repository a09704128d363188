"""What a run paid, and where its profit came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.metrics import format_column, format_figure
from orebody.metrics.performance import years_between

if TYPE_CHECKING:
    from orebody.backtesting.result import Result

__all__ = ["costs", "profit"]


def costs(result: Result) -> list[tuple[str, str, str]]:
    """Return (what, money, per cent of mean equity a year) of all that was paid, interest last; a dash without a year or equity."""
    metrics = result.metrics()
    base = float(result.equity.mean()) * years_between(result.dates[0], result.dates[-1])
    rows = (
        ("Commission", metrics.commission),
        ("Slippage", metrics.slippage),
        ("Both", metrics.costs),
        ("Borrow paid for shorts", metrics.borrow),
        ("Interest earned on cash, financing of debt taken off", metrics.interest),
    )
    paid = format_column("money", (money for _, money in rows))
    shares = (format_figure("percent", money / base if base > 0 else None) for _, money in rows)
    return [(what, money, share) for (what, _), money, share in zip(rows, paid, shares, strict=True)]


def profit(result: Result) -> list[str]:
    """Return the profit of each ticker, costs and borrow taken off, then interest, then their sum."""
    return format_column("money", (*result.profit, result.interest.sum(), result.metrics().profit))
