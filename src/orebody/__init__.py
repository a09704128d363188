"""orebody backtests miners against metal: hold, average into, or rotate between a metal and its producers.

The public names are imported when first used, so that ``import orebody`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orebody import testing
    from orebody.account import Account, Costs
    from orebody.backtesting.backtest import backtest
    from orebody.backtesting.comparison import Comparison, compare
    from orebody.backtesting.result import Result
    from orebody.engine.backtrader.to_backtrader import to_backtrader
    from orebody.errors import OrebodyError
    from orebody.market.market import Market
    from orebody.market.universe import Universe
    from orebody.research.gearing import Decomposition, Gearing, decompose, gearing
    from orebody.research.scenarios import Scenario, Scenarios, scenarios
    from orebody.research.significance.analysis import Significance, significance
    from orebody.research.stress.analysis import Stress, stress
    from orebody.research.sweep.analysis import Sweep, sweep
    from orebody.research.walk_forward.analysis import WalkForward, walk_forward
    from orebody.sources.load import load_market
    from orebody.strategy.base import Strategy, parameter
    from orebody.strategy.decisions import Decisions
    from orebody.study import Study, StudyResult, load_study

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Comparison",
    "Costs",
    "Decisions",
    "Decomposition",
    "Gearing",
    "Market",
    "OrebodyError",
    "Result",
    "Scenario",
    "Scenarios",
    "Significance",
    "Strategy",
    "Stress",
    "Study",
    "StudyResult",
    "Sweep",
    "Universe",
    "WalkForward",
    "__version__",
    "backtest",
    "compare",
    "decompose",
    "gearing",
    "load_market",
    "load_study",
    "parameter",
    "scenarios",
    "significance",
    "stress",
    "sweep",
    "testing",
    "to_backtrader",
    "walk_forward",
]

_HOME = {
    "Account": "orebody.account",
    "Comparison": "orebody.backtesting.comparison",
    "Costs": "orebody.account",
    "Decisions": "orebody.strategy.decisions",
    "Decomposition": "orebody.research.gearing",
    "StudyResult": "orebody.study",
    "Gearing": "orebody.research.gearing",
    "Market": "orebody.market.market",
    "OrebodyError": "orebody.errors",
    "Result": "orebody.backtesting.result",
    "Scenario": "orebody.research.scenarios",
    "Scenarios": "orebody.research.scenarios",
    "Significance": "orebody.research.significance.analysis",
    "Strategy": "orebody.strategy.base",
    "Stress": "orebody.research.stress.analysis",
    "Study": "orebody.study",
    "Sweep": "orebody.research.sweep.analysis",
    "Universe": "orebody.market.universe",
    "WalkForward": "orebody.research.walk_forward.analysis",
    "backtest": "orebody.backtesting.backtest",
    "compare": "orebody.backtesting.comparison",
    "decompose": "orebody.research.gearing",
    "gearing": "orebody.research.gearing",
    "load_market": "orebody.sources.load",
    "load_study": "orebody.study",
    "parameter": "orebody.strategy.base",
    "scenarios": "orebody.research.scenarios",
    "significance": "orebody.research.significance.analysis",
    "stress": "orebody.research.stress.analysis",
    "sweep": "orebody.research.sweep.analysis",
    "to_backtrader": "orebody.engine.backtrader.to_backtrader",
    "walk_forward": "orebody.research.walk_forward.analysis",
}


if not TYPE_CHECKING:  # a type checker that saw it would take every misspelt name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "testing":
            return import_module("orebody.testing")
        if name not in _HOME:
            raise AttributeError(f"module 'orebody' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOME[name]), name)
        return value


def __dir__() -> list[str]:
    return __all__
