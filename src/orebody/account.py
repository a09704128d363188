"""Account and Costs: what the investor brings, and what trading takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from orebody.errors import ParameterError, unknown_name
from orebody.market.market import Market
from orebody.market.point_in_time import as_of
from orebody.market.schedule import check_every
from orebody.market.universe import Universe
from orebody.strategy.parameters import NamedParameters

__all__ = ["Account", "Costs"]


@dataclass(frozen=True, kw_only=True)
class Costs(NamedParameters):
    """What trading and holding cost.

    Parameters
    ----------
    commission
        Share of the traded value (at the slipped price), 0.001 is 0.1 %.
    slippage
        Share by which the fill is worse than the open, for a buy above it, for a sale below.
    borrow_rate, financing_spread
        Annual rate paid on shorts, and on debt above the cash rate; without shorts and debt neither is ever charged.
    fixed_fee
        Money for each fill, on top of the commission.
    """

    commission: float = 0.0
    slippage: float = 0.0005
    borrow_rate: float = 0.01
    financing_spread: float = 0.015
    fixed_fee: float = 0.0

    def __post_init__(self) -> None:
        for parameter in fields(self):
            value = _number(getattr(self, parameter.name), f"costs.{parameter.name}")
            _keep_plain(self, parameter.name)
            high = math.inf if parameter.name == "fixed_fee" else 1.0
            if not 0.0 <= value < high:
                bound = "not be negative" if high == math.inf else "be from 0 to below 1 (a share: 0.001 is 0.1 %)"
                raise ParameterError(f"costs.{parameter.name} is {value:g}: it must {bound}")


@dataclass(frozen=True, eq=False)
class Account(NamedParameters):
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
        See `Costs`; or a mapping of ticker, ``"metal"``, ``"miners"`` or ``"*"`` (all others) to `Costs`, a ticker's own first.
    cash_rate
        Simple annual rate on cash as a fraction (actual/365), a dated Series of them, or None for the market's.
    whole_shares
        Trade whole units only; what does not make one stays cash.
    leverage
        Limit of gross exposure (longs plus shorts) over equity.
    shorting
        Whether weights may be negative.
    maintenance_margin
        A margin call comes when equity falls below this share of gross exposure.

    Raises
    ------
    ParameterError
        For amounts that are negative, not finite, or all zero, a leverage that is not positive, or a maintenance that a position at
        the leverage limit would not meet.
    """

    cash: float = 100_000.0
    contribution: float = 0.0
    every: str = "month"
    costs: Costs | Mapping[str, Costs] = field(default_factory=Costs)
    cash_rate: float | pd.Series | None = None
    whole_shares: bool = False
    leverage: float = 1.0
    shorting: bool = True
    maintenance_margin: float = 0.25

    def __post_init__(self) -> None:
        for name in ("cash", "contribution"):
            if _number(getattr(self, name), name) < 0:
                raise ParameterError(f"{name} is {getattr(self, name):g}: it must not be negative")
        if self.cash == 0 and self.contribution == 0:
            raise ParameterError("cash and contribution are both 0: there is nothing to invest")
        check_every(self.every)
        for name in ("whole_shares", "shorting"):
            if not isinstance(getattr(self, name), bool):
                raise ParameterError(f"{name} is {getattr(self, name)!r}: it must be True or False")
        if _number(self.leverage, "leverage") <= 0:
            raise ParameterError(f"leverage is {self.leverage:g}: it must be positive, 1 is no debt")
        if not 0 <= _number(self.maintenance_margin, "maintenance_margin") < 1 or self.maintenance_margin * self.leverage > 1:
            raise ParameterError(
                f"maintenance_margin is {self.maintenance_margin:g}: it must be from 0 to below 1, "
                f"and at most 1 / leverage ({1 / self.leverage:g})"
            )
        if self.cash_rate is not None and not isinstance(self.cash_rate, pd.Series) and not -1 < _number(self.cash_rate, "cash_rate") < 1:
            raise ParameterError(f"cash_rate is {self.cash_rate:g}: give it as a fraction, 4 % is 0.04")
        for name in ("cash", "contribution", "leverage", "maintenance_margin", "cash_rate"):
            _keep_plain(self, name)
        self._check_costs()

    def _check_costs(self) -> None:
        if isinstance(self.costs, Mapping):
            object.__setattr__(self, "costs", dict(self.costs))  # the caller's may change
            for name in self.costs:
                if not isinstance(name, str):
                    raise ParameterError(f"costs are given for {name!r}: name tickers, 'metal', 'miners' or '*'")
        given = list(self.costs.values()) if isinstance(self.costs, Mapping) else [self.costs]
        if not given or not all(isinstance(costs, Costs) for costs in given):
            raise ParameterError(f"costs is {self.costs!r}: give orebody.Costs(...), or a mapping of tickers to them")
        if len({costs.financing_spread for costs in given}) > 1:
            raise ParameterError("costs give several rates of financing: debt is the account's, so they must agree")

    @property
    def financing_spread(self) -> float:
        """Annual rate that debt pays above the cash rate."""
        costs: Costs = next(iter(self.costs.values())) if isinstance(self.costs, Mapping) else self.costs
        return costs.financing_spread

    def costs_of(self, universe: Universe) -> list[Costs]:
        """Return the costs of each ticker of `universe`, in its order.

        Raises
        ------
        ParameterError, UnknownNameError
            When costs are given by ticker and one of the universe has none, or one is named that the universe lacks.
        """
        if isinstance(self.costs, Costs):
            return [self.costs for _ in universe.tickers]
        known = (*universe.tickers, "metal", "miners", "*")
        for name in self.costs:
            if name not in known:
                raise unknown_name("ticker in costs", name, known)
        found = []
        for ticker in universe.tickers:
            role = "metal" if ticker == universe.metal else "miners"
            names = [name for name in (ticker, role, "*") if name in self.costs]
            if not names:
                raise ParameterError(f"costs name neither {ticker} nor {role}: add it, or '*' for all others")
            found.append(self.costs[names[0]])
        return found

    def rate_known(self, market: Market) -> bool:
        """Return whether anybody stated a cash rate, the account or the market; otherwise cash earns 0 % because none is known."""
        return self.cash_rate is not None or market.rate_known

    def rates(self, market: Market) -> np.ndarray:
        """Return the annual cash rate in force from each bar on, from the opening bar of `market` to its last."""
        if self.cash_rate is None:
            return market.cash_rate[market.opening :]
        return as_of(self.cash_rate, market.dates[market.opening :], "the account's cash_rate", covered=True)


def _number(value: object, name: str) -> float:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating) or not math.isfinite(value):
            raise ParameterError(f"{name} is {value!r:.60}: it must be a finite number")
        return float(value)
    except (OverflowError, ValueError) as error:  # an integer of more digits than a float has, or than Python prints
        if isinstance(error, ParameterError):
            raise
        raise ParameterError(f"{name} is an integer of hundreds of digits: it must be a finite number below 1e308") from None


def _keep_plain(owner: object, name: str) -> None:
    """Make a number of numpy's one of Python's: engines would be compiled anew for a type of its own."""
    value = getattr(owner, name)
    if isinstance(value, np.generic):
        object.__setattr__(owner, name, value.item() if isinstance(value, np.integer) else float(value))
