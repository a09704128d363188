"""Less of everything when markets are wild."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import deadband, last_stated, weighted_volatility
from orebody.strategy import (
    DecisionError,
    Decisions,
    Market,
    ParameterError,
    PathState,
    Plan,
    Strategy,
    check_inner,
    inner_state,
    latest,
    parameter,
)
from orebody_strategies.ratio_rotation import RatioRotation

__all__ = ["VolatilityTarget"]


@dataclass(frozen=True)
class VolatilityTarget(Strategy):
    """Scale another strategy's weights down when what it holds has been more volatile than a target, never up.

    Reads closes: the annual volatility that the inner strategy's weights of today would have had over the last `window` log returns; an
    instrument without a price yet counts as the other miners' mean. All its weights are scaled by min(1, `target` / volatility), the rest
    is cash. Volatility is that of a population (ddof 0). The scale in force is kept until the newest differs from it by more than
    `step`; then all weights are stated again with the newest. Weights that the inner strategy states in between are stated with the scale
    in force. It decides from the bar that completes the window, once the inner strategy has stated weights. Contributions follow. Takes
    strategies that set weights. Encodes "they can fall hard when sentiment turns" and "cyclical".
    """

    inner: Strategy = parameter(RatioRotation(), "the strategy whose weights are scaled")
    target: float = parameter(0.15, "annual volatility as a fraction", low=0.0)
    window: int = parameter(63, "returns in the volatility", low=2)
    step: float = parameter(0.05, "how far the scale may be from the newest before it is stated again", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inner(self.name(), self.inner)
        if self.inner.deploys:
            raise ParameterError(
                f"{self.name()} scales weights, and {self.inner.name()} spends cash instead: wrap a strategy that sets weights"
            )

    @property
    def bars_needed(self) -> int:
        """What the inner strategy needs, and a full window of returns."""
        return max(self.inner.bars_needed, self.window + 1)

    def decides_from(self, market: Market) -> int:
        """Where the inner strategy can, and the window is full."""
        return max(self.inner.decides_from(market), super().decides_from(market))

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """The scale in force, and what the inner strategy stated and carries."""
        plan, _, scale, _, _ = self._scaled(market)
        inner = inner_state(self.inner, plan, market, bars)
        return None if inner is None else np.column_stack((scale[bars], inner))

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        plan, held, scale, turns, first = self._scaled(market)
        rows = np.union1d(plan.rows[plan.rows >= first], turns)
        weights, contribution_split = held[rows], last_stated(plan.rows, plan.contribution_split, rows)
        if len(turns) < len(rows):  # what the inner strategy left alone stays alone, unless the scale moves
            as_said = ~np.isin(rows, turns)
            at = np.searchsorted(plan.rows, rows[as_said])
            weights[as_said], contribution_split[as_said] = plan.weights[at], plan.contribution_split[at]
        return Decisions(
            weights=weights * scale[rows, None], contribution_split=contribution_split * scale[rows, None], band=plan.band, rows=rows
        )

    def _scaled(self, market: Market) -> tuple[Plan, np.ndarray, np.ndarray, np.ndarray, int]:
        """Return what the inner strategy says, its weights on each bar, the scale in force, where it moves, and from when on it counts."""
        return latest(self, market, lambda: self._scaled_anew(market))

    def _scaled_anew(self, market: Market) -> tuple[Plan, np.ndarray, np.ndarray, np.ndarray, int]:
        plan = self.inner.decide(market).on(market)
        if not np.isnan(plan.deploy).all():
            raise DecisionError(f"{self.name()} scales weights, but {self.inner.name()} spends cash on {market.dates[plan.rows[0]].date()}")
        first = max(int(plan.rows[0]) if len(plan.rows) else len(market), market.listed + self.bars_needed - 1)
        held = last_stated(plan.rows, plan.weights, np.arange(len(market)))
        returns = market.memo("log returns", lambda: _log_returns(market))
        volatility = weighted_volatility(returns, np.nan_to_num(held), self.window, market.periods_per_year)
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = np.where(volatility > 0, np.minimum(1.0, self.target / volatility), 1.0)
        scale, turns = deadband(wanted, self.step, first)
        return plan, held, scale, turns, first


def _log_returns(market: Market) -> np.ndarray:
    """Return log returns, shape ``(T, N)``; before a listing the mean of the listed miners, or the metal's where there is none."""
    returns = np.zeros(market.close.shape)
    logs = np.log(market.marks)
    np.subtract(logs[1:], logs[:-1], out=returns[1:])
    if market.whole:
        return returns
    listed = (~np.isnan(returns[:, 1:])).sum(axis=1)
    mean = np.where(listed > 0, np.nansum(returns[:, 1:], axis=1) / np.maximum(listed, 1), returns[:, 0])
    filled: np.ndarray = np.nan_to_num(np.where(np.isnan(returns), mean[:, None], returns))
    return filled
