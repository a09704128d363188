"""Engine parity: what the engine that did not keep the books makes of the same decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orebody.backtesting.backtest import ENGINES, backtest
from orebody.errors import OrebodyError

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.backtesting.result import Result
    from orebody.strategy.base import Strategy

__all__ = ["parity"]

AGREE = 1e-9
"""Of the largest equity: the bound that `orebody.testing.assert_engines_agree` holds the engines to."""


def parity(comparison: Comparison) -> str:
    """Return a sentence on how far the other engine's equity is from the reported one, on whichever bar and strategy it is farthest.

    Every strategy decides again and is carried out by the other engine. Equity is compared bar by bar, relative to the run's largest.
    """
    runs = [(label, comparison.strategies[label]) for label in comparison.results if label in comparison.strategies]
    if not runs:
        return "not compared: no strategy was run"
    worst, where = -1.0, ""
    for label, strategy in runs:
        result = comparison.results[label]
        other = next(engine for engine in ENGINES if engine != result.engine)
        try:
            difference = _difference(result, strategy, other)
        except OrebodyError as error:
            return f"the {other} engine refused {label}: {error}"
        if difference > worst:
            worst, where = difference, label
    count = f"all {len(runs)} strategies" if len(runs) > 1 else "the strategy"
    if worst > AGREE:
        return f"THE ENGINES DISAGREE: equity of {where} differs by {worst:.2e} of its largest value; do not rely on this page"
    return f"{count} run again by the {other} engine: equity differs by at most {worst:.1e} of its largest value, on any bar"


def _difference(result: Result, strategy: Strategy, engine: str) -> float:
    """Return the largest difference of equity over the largest equity."""
    market = result.market
    again = backtest(strategy, market, result.account, engine=engine, start=market.opening, check_lookahead=False).equity.to_numpy()
    equity = result.equity.to_numpy()
    return float(np.abs(equity - again).max() / max(1.0, np.abs(equity).max()))
