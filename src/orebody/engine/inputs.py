"""What both engines read: a market from its opening bar on and an account, as plain arrays."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from orebody.account import Account
from orebody.market.market import Market
from orebody.market.schedule import period_begins

__all__ = ["DUST", "SLACK", "UNSCALED", "EngineInputs", "build_inputs", "within"]

DUST = 1e-9  # of equity: orders below it do not exist
SLACK = 1e-12  # of the band, of whole exits, and of traded value for cash that is zero but for rounding
UNSCALED = 1 - 1e-9


class EngineInputs(NamedTuple):
    """A market and an account as an engine sees them; T bars from the opening on, N instruments.

    Attributes
    ----------
    opens, closes : numpy.ndarray
        Shape ``(T, N)``: prices at which holdings are valued at each open and close: the fill price and the close where there is a bar,
        the last close where there is none, 0 before the listing.
    tradable : numpy.ndarray
        Shape ``(T, N)``, bool.
    first, ends : numpy.ndarray
        Shape ``(N,)``: the bars on which each lists and ended (-1: it did not), counted from the opening.
    days, rates, growth, flows : numpy.ndarray
        Shape ``(T,)``: calendar days since the previous bar over 365, the cash rate from each bar on, what cash earns until each bar, and
        contributions.
    arrivals : numpy.ndarray
        The bars on which contributions come.
    commission, slippage, fixed_fee, borrow_rate : numpy.ndarray
        Shape ``(N,)``: costs of each instrument.
    cash, financing_spread, leverage, maintenance_margin : float
    whole_shares, quiet : bool
        Whether only whole shares trade; whether all instruments trade on all bars.
    """

    opens: np.ndarray
    closes: np.ndarray
    tradable: np.ndarray
    first: np.ndarray
    ends: np.ndarray
    days: np.ndarray
    rates: np.ndarray
    growth: np.ndarray
    flows: np.ndarray
    arrivals: np.ndarray
    commission: np.ndarray
    slippage: np.ndarray
    fixed_fee: np.ndarray
    borrow_rate: np.ndarray
    cash: float
    financing_spread: float
    leverage: float
    maintenance_margin: float
    whole_shares: bool
    quiet: bool


def build_inputs(market: Market, account: Account) -> EngineInputs:
    """Return `market` and `account` as arrays; asked again for the same two, the same arrays, kept as long as the account is."""
    kept: WeakKeyDictionary[Account, EngineInputs] = market.memo("inputs", WeakKeyDictionary)
    inputs = kept.get(account)
    if inputs is None:
        inputs = kept[account] = _build_inputs(market, account)
    return inputs


def _build_inputs(market: Market, account: Account) -> EngineInputs:
    at = market.opening
    marks = market.marks if market.whole else np.nan_to_num(market.marks)
    opens = market.fills
    if not market.whole:
        before = np.vstack((np.zeros_like(marks[:1]), marks[:-1]))
        opens = np.where(market.tradable, opens, before)
    costs = account.costs_of(market.universe)
    days, rates = market.days[at:] / 365, np.ascontiguousarray(account.rates(market), dtype=float)
    arrives = period_begins(market.dates[at:], account.every)
    inputs = EngineInputs(
        opens=np.ascontiguousarray(opens[at:]),
        closes=np.ascontiguousarray(marks[at:]),
        tradable=np.ascontiguousarray(market.tradable[at:]),
        first=(market.first - at).astype(np.int64),
        ends=np.where((market.ends >= 0) & (market.ends < len(market)), np.maximum(market.ends - at, 0), -1).astype(np.int64),
        days=days,
        rates=rates,
        growth=np.concatenate(([0.0], rates[:-1])) * days,
        flows=np.where(arrives, account.contribution, 0.0),
        arrivals=np.flatnonzero(arrives & (account.contribution > 0)),
        **{name: np.array([getattr(one, name) for one in costs]) for name in ("commission", "slippage", "fixed_fee", "borrow_rate")},
        cash=float(account.cash),
        financing_spread=account.financing_spread,
        leverage=float(account.leverage),
        maintenance_margin=float(account.maintenance_margin),
        whole_shares=account.whole_shares,
        quiet=market.whole,
    )
    for array in inputs:  # one type of array, so that the kernel is compiled once
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return inputs


def within(inputs: EngineInputs, market: Market, begin: int, end: int) -> EngineInputs:
    """Return `inputs`, those of `market`, for an account that opens on its bar `begin` and whose last bar is the one before `end`.

    The same as `build_inputs` of the market cut at `end` and opened at `begin`, which may not be earlier than its own opening; but what can
    be shared is.
    """
    bars = slice(begin - market.opening, end - market.opening)
    flows, growth = inputs.flows[bars].copy(), inputs.growth[bars].copy()
    flows[0] = growth[0] = 0.0  # the first bar begins no period, and nothing has been earned before it
    part = inputs._replace(
        opens=inputs.opens[bars],
        closes=inputs.closes[bars],
        tradable=inputs.tradable[bars],
        first=np.minimum(market.first, end) - begin,
        ends=np.where((market.ends >= 0) & (market.ends < end), np.maximum(market.ends - begin, 0), -1).astype(np.int64),
        days=inputs.days[bars],
        rates=inputs.rates[bars],
        growth=growth,
        flows=flows,
        arrivals=np.flatnonzero(flows > 0),
        quiet=inputs.quiet or bool(market.tradable[:end].all()),
    )
    for array in part:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return part
