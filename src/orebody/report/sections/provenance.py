"""How it was computed: everything a reader needs to believe the figures, or to compute them again."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from orebody.report.page import account_settings, market_settings, versions
from orebody.report.sections.parity import parity

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison

__all__ = ["settings"]


def settings(comparison: Comparison, command: str | None) -> list[tuple[str, str]]:
    """Return (what, value): universe, period, prices, repairs, account, costs, look-ahead, engines, versions and the command."""
    market, results = comparison.market, comparison.results
    engines = sorted({result.engine for result in results.values()})
    rows = [*market_settings(market), ("Accounts", comparison.opening), *account_settings(comparison.account, market)]
    rows += [(label, f"{result.description}; {result.checked}") for label, result in results.items()]
    rows += [
        ("Engine", ", ".join(engines)),
        ("Engine parity", parity(comparison)),
        ("Versions", f"{versions()}, bokeh {version('bokeh')}, Python {platform.python_version()}"),
    ]
    if command:
        rows.append(("Command", command))
    return rows
