"""Account and Costs: what the investor brings, and what trading takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from orebody.errors import ParameterError, UnsupportedError
from orebody.market.market import Market
from orebody.market.series import as_of
from orebody.schedule import check_every

__all__ = ["Account", "Costs"]


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What trading and holding cost.

    Parameters
    ----------
    commission
        Share of the traded value (at the slipped price), 0.001 is 0.1 %.
    slippage
        Share by which the fill is worse than the open, for a buy above it, for a sale below.
    borrow, financing
        Annual rate paid on shorts, and on debt above the cash rate; without shorts and debt neither is ever charged.
    fixed
        Money for each fill, on top of the commission.
    """

    commission: float = 0.0
    slippage: float = 0.0005
    borrow: float = 0.01
    financing: float = 0.015
    fixed: float = 0.0

    def __post_init__(self) -> None:
        for parameter in fields(self):
            value = _number(getattr(self, parameter.name), f"costs.{parameter.name}")
            high = math.inf if parameter.name == "fixed" else 1.0
            if not 0.0 <= value < high:
                bound = "not be negative" if high == math.inf else "be from 0 to below 1 (a share: 0.001 is 0.1 %)"
                raise ParameterError(f"costs.{parameter.name} is {value:g}: it must {bound}")


@dataclass(frozen=True)
class Account:
    """What the investor brings.

    Parameters
    ----------
    cash
        Money there on the first bar, in the currency of the prices.
    contribution
        Money that arrives before the open of the first bar of each later period.
    every
        That period: ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
    costs
        See `Costs`.
    cash_rate
        Simple annual rate on cash as a fraction (actual/365), a dated Series of them, or None for the market's.
    whole_shares, leverage, shorting, maintenance
        Only fractional shares and a leverage of 1 are supported so far, others are refused by name. Shorts are refused when a
        strategy asks for one.

    Raises
    ------
    ParameterError
        For amounts that are negative, not finite, or all zero.
    UnsupportedError
        For whole shares or leverage above 1.
    """

    cash: float = 100_000.0
    contribution: float = 0.0
    every: str = "month"
    costs: Costs = field(default_factory=Costs)
    cash_rate: float | pd.Series | None = field(default=None, compare=False)
    whole_shares: bool = False
    leverage: float = 1.0
    shorting: bool = True
    maintenance: float = 0.25

    def __post_init__(self) -> None:
        for name in ("cash", "contribution"):
            if _number(getattr(self, name), name) < 0:
                raise ParameterError(f"{name} is {getattr(self, name):g}: it must not be negative")
        if self.cash == 0 and self.contribution == 0:
            raise ParameterError("cash and contribution are both 0: there is nothing to invest")
        check_every(self.every)
        if not isinstance(self.costs, Costs):
            raise ParameterError(f"costs is a {type(self.costs).__name__}: give orebody.Costs(...)")
        if self.whole_shares:
            raise UnsupportedError("whole_shares=True is not supported yet: shares are fractional")
        if _number(self.leverage, "leverage") != 1.0:
            raise UnsupportedError(f"leverage {self.leverage:g} is not supported yet: it must be 1")
        if not 0 <= _number(self.maintenance, "maintenance") < 1:
            raise ParameterError(f"maintenance is {self.maintenance:g}: it must be from 0 to below 1")

    def rates(self, market: Market) -> np.ndarray:
        """Return the annual cash rate in force from each bar on, from the opening bar of `market` to its last."""
        if self.cash_rate is None:
            return market.cash_rate[market.opening :]
        return as_of(self.cash_rate, market.dates[market.opening :], "the account's cash_rate", covered=True)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating) or not math.isfinite(value):
        raise ParameterError(f"{name} is {value!r}: it must be a finite number")
    return float(value)
