"""Stepping aside while the world is against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orebody.indicators import hysteresis_breach, last_stated, rolling_mean
from orebody.strategy import (
    Decisions,
    Market,
    ParameterError,
    PathState,
    Plan,
    Strategy,
    check_inner,
    first_known,
    inner_state,
    latest,
    parameter,
    pause_purchases,
)
from orebody_strategies.ratio_rotation import RatioRotation

__all__ = ["RegimeFilter"]

_BEYOND = {  # which way is bad, and where to go
    "dollar": ("up", "cash"),
    "yield": ("up", "cash"),
    "vix": ("up", "metal"),
    "iron_ore": ("down", "metal"),
    "copper": ("down", "metal"),
}


@dataclass(frozen=True)
class RegimeFilter(Strategy):
    """Switch another strategy off while a gauge stands on the wrong side of its mean.

    Reads a gauge: off when it is more than `margin` beyond the mean of its last `window` bars, on again when it is back across that
    mean. Bad is up for ``dollar``, ``yield`` (then to cash) and ``vix`` (to metal), down for ``iron_ore`` and ``copper`` (to metal);
    other gauges need `when` and `off`. A strategy that sets weights has its last ones restated when it is switched on; one that spends
    cash has its purchases paused and made when it is switched on, and never sells: contributions that came meanwhile stay cash until it
    spends again. It can decide once the gauge has a full window. In an account that is asked to open earlier it decides from bar
    `window` of the market on, and is on until the gauge says otherwise. Encodes "tighter monetary policy or stronger data might
    strengthen the dollar", "iron ore softening", "keep watching headlines".
    """

    inner: Strategy = parameter(RatioRotation(), "the strategy that is switched")
    gauge: str = parameter("dollar", "the gauge that is watched")
    off: str | None = parameter(None, "where the money is while off: cash or metal; none: by the gauge", choices=("cash", "metal"))
    when: str | None = parameter(None, "which way is bad: up or down; none: by the gauge", choices=("up", "down"))
    window: int = parameter(200, "bars in the gauge's mean", low=2)
    margin: float = parameter(0.01, "share of the mean by which the gauge must be beyond it", low=0.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inner(self.name(), self.inner)
        if self.gauge not in _BEYOND and (self.off is None or self.when is None):
            raise ParameterError(
                f"{self.name()}: for the gauge {self.gauge!r} say which way is bad with when='up' or 'down', and where to go with "
                f"off='cash' or 'metal'; {', '.join(_BEYOND)} have theirs"
            )

    @property
    def deploys(self) -> bool:
        """As what it wraps."""
        return self.inner.deploys

    @property
    def bars_needed(self) -> int:
        """What the inner strategy needs, and a full window of the gauge."""
        return max(self.inner.bars_needed, self.window)

    def decides_from(self, market: Market) -> int:
        """Where the inner strategy can, and the gauge has a full window."""
        begins = first_known(market.gauge(self.gauge))
        return max(self.inner.decides_from(market), super().decides_from(market), begins + self.window - 1)

    def is_off(self, market: Market) -> np.ndarray:
        """Return whether the strategy is switched off on each bar, shape ``(T,)``, bool."""
        gauge = market.gauge(self.gauge)
        mean = market.memo(("mean of gauge", self.gauge, self.window), lambda: rolling_mean(gauge, self.window))
        return hysteresis_breach(gauge, mean, self.margin, 1.0 if (self.when or _BEYOND[self.gauge][0]) == "up" else -1.0)

    def carries(self, market: Market, bars: np.ndarray) -> PathState:
        """Whether it is off, and what the inner strategy stated and carries."""
        plan, off = self._switched(market)
        inner = inner_state(self.inner, plan, market, bars)
        return None if inner is None else np.column_stack((off[bars], inner))

    def _switched(self, market: Market) -> tuple[Plan, np.ndarray]:
        """Return what the inner strategy says, and whether it is off on each bar."""
        return latest(self, market, lambda: (self.inner.decide(market).on(market), self.is_off(market)))

    def decide(self, market: Market) -> Decisions:
        """See `Strategy.decide`."""
        plan, off = self._switched(market)
        ready = market.listed + self.bars_needed - 1
        if self.deploys or (not np.isnan(plan.deploy).all() and np.isnan(plan.weights).all()):
            return pause_purchases(plan, off, ready)
        aside = market.shares({"metal": 1.0 if (self.off or _BEYOND.get(self.gauge, ("", ""))[1]) == "metal" else 0.0})
        first = max(int(plan.rows[0]), ready) if len(plan.rows) else len(market)
        turns = np.flatnonzero(np.diff(off, prepend=off[:1]))
        turns = np.union1d([first], turns[turns > first]) if first < len(market) else turns[:0]
        said = plan.rows[(plan.rows >= first) & ~off[plan.rows]]
        rows = np.union1d(said, turns)
        weights, contribution_split = last_stated(plan.rows, plan.weights, rows), last_stated(plan.rows, plan.contribution_split, rows)
        deploy = np.full_like(weights, np.nan)
        as_said = np.isin(rows, np.setdiff1d(said, turns))
        at = np.searchsorted(plan.rows, rows[as_said])
        weights[as_said], contribution_split[as_said], deploy[as_said] = plan.weights[at], plan.contribution_split[at], plan.deploy[at]
        weights[off[rows]], contribution_split[off[rows]] = aside, aside
        return Decisions(weights=weights, deploy=deploy, contribution_split=contribution_split, band=plan.band, rows=rows)
