"""All that a strategy of one's own imports, beside `orebody.indicators`."""

from orebody.errors import DataError, DecisionError, ParameterError
from orebody.market.market import Market
from orebody.market.schedule import PERIODS, first_and_each, period_begins
from orebody.strategy.allocation import changes, switches
from orebody.strategy.base import PathState, Strategy
from orebody.strategy.decisions import Decisions, Plan
from orebody.strategy.overlay import check_inner, inner_state, latest, pause_purchases
from orebody.strategy.parameters import Rule, check_split, parameter
from orebody.strategy.role_series import (
    cash_index,
    drawdown,
    first_held,
    first_known,
    listed,
    log_ratio,
    parts,
    restate,
    role_prices,
    spread,
    volatility,
)

__all__ = [
    "PERIODS",
    "DataError",
    "DecisionError",
    "Decisions",
    "Market",
    "ParameterError",
    "PathState",
    "Plan",
    "Rule",
    "Strategy",
    "cash_index",
    "changes",
    "check_inner",
    "check_split",
    "drawdown",
    "first_and_each",
    "first_held",
    "first_known",
    "inner_state",
    "latest",
    "listed",
    "log_ratio",
    "parameter",
    "parts",
    "pause_purchases",
    "period_begins",
    "restate",
    "role_prices",
    "spread",
    "switches",
    "volatility",
]
