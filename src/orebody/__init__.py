"""orebody backtests miners against metal: hold, average into, or rotate between a metal and its producers.

The public names are imported when first used, so that ``import orebody`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orebody import testing
    from orebody.account import Account, Costs
    from orebody.comparison import Comparison, compare
    from orebody.decisions import Decisions
    from orebody.engine.backtrader.dropin import to_backtrader
    from orebody.errors import OrebodyError
    from orebody.market.market import Market
    from orebody.market.universe import Universe
    from orebody.research.gearing import Decomposition, Gearing, decompose, gearing
    from orebody.research.scenarios import Scenario, Scenarios, scenarios
    from orebody.research.significance.judge import Significance, significance
    from orebody.research.stress import Stress, stress
    from orebody.research.sweep import Sweep, sweep
    from orebody.research.walk_forward import WalkForward, walk_forward
    from orebody.result import Result
    from orebody.run import backtest
    from orebody.sources.load import load_market
    from orebody.strategy import Strategy, parameter
    from orebody.study import Findings, Study, load_study

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Comparison",
    "Costs",
    "Decisions",
    "Decomposition",
    "Findings",
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
    "Comparison": "orebody.comparison",
    "Costs": "orebody.account",
    "Decisions": "orebody.decisions",
    "Decomposition": "orebody.research.gearing",
    "Findings": "orebody.study",
    "Gearing": "orebody.research.gearing",
    "Market": "orebody.market.market",
    "OrebodyError": "orebody.errors",
    "Result": "orebody.result",
    "Scenario": "orebody.research.scenarios",
    "Scenarios": "orebody.research.scenarios",
    "Significance": "orebody.research.significance.judge",
    "Strategy": "orebody.strategy",
    "Stress": "orebody.research.stress",
    "Study": "orebody.study",
    "Sweep": "orebody.research.sweep",
    "Universe": "orebody.market.universe",
    "WalkForward": "orebody.research.walk_forward",
    "backtest": "orebody.run",
    "compare": "orebody.comparison",
    "decompose": "orebody.research.gearing",
    "gearing": "orebody.research.gearing",
    "load_market": "orebody.sources.load",
    "load_study": "orebody.study",
    "parameter": "orebody.strategy",
    "scenarios": "orebody.research.scenarios",
    "significance": "orebody.research.significance.judge",
    "stress": "orebody.research.stress",
    "sweep": "orebody.research.sweep",
    "to_backtrader": "orebody.engine.backtrader.dropin",
    "walk_forward": "orebody.research.walk_forward",
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
