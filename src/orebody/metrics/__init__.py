"""Metrics: figures derived from the raw facts of a run, each with its formula and source."""

from orebody.metrics.calendar import calendar_returns, monthly_returns, yearly_returns
from orebody.metrics.drawdown import drawdown_series, drawdowns
from orebody.metrics.measure import Metrics, excess_returns, format_column, format_figure, has_cents, measure, over_rate

__all__ = [
    "Metrics",
    "calendar_returns",
    "drawdown_series",
    "drawdowns",
    "excess_returns",
    "format_column",
    "format_figure",
    "has_cents",
    "measure",
    "monthly_returns",
    "over_rate",
    "yearly_returns",
]
