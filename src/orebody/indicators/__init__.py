"""Causal indicators, compiled: the value on bar t comes from bars up to and including t, whatever follows."""

from orebody.indicators.basket import miners_index
from orebody.indicators.ladder import check_rungs, ladder
from orebody.indicators.portfolio import deadband, weighted_volatility
from orebody.indicators.ranks import mean_rank
from orebody.indicators.rebalancing import drift_rebalances
from orebody.indicators.rolling import (
    drawdown_from_high,
    momentum,
    percentile_of_past,
    rolling_beta,
    rolling_high,
    rolling_mean,
    rolling_volatility,
    rolling_zscore,
)
from orebody.indicators.signals import hold_last, hysteresis_breach, hysteresis_states, last_stated, trailing_stop_state
from orebody.indicators.spread import fixed_spread, positions, rolling_spread

__all__ = [
    "check_rungs",
    "deadband",
    "drawdown_from_high",
    "drift_rebalances",
    "fixed_spread",
    "hold_last",
    "hysteresis_breach",
    "hysteresis_states",
    "ladder",
    "last_stated",
    "mean_rank",
    "miners_index",
    "momentum",
    "percentile_of_past",
    "positions",
    "rolling_beta",
    "rolling_high",
    "rolling_mean",
    "rolling_spread",
    "rolling_volatility",
    "rolling_zscore",
    "trailing_stop_state",
    "weighted_volatility",
]
