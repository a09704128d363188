"""One run: a strategy, a market and an account make a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.result import Result
from orebody.engine.run_record import Record
from orebody.errors import DecisionError, ParameterError, UnsupportedError, unknown_name
from orebody.market.market import Market
from orebody.market.universe import Universe
from orebody.strategy import lookahead
from orebody.strategy.base import Strategy
from orebody.strategy.decisions import Decisions, Plan
from orebody.strategy.opening import decides_from, opening_of
from orebody.strategy.rhythm import check_rhythms

__all__ = [
    "ENGINES",
    "backtest",
    "check_allowed",
    "check_strategy",
    "decisions_of",
    "is_native_strategy",
    "validate_account",
    "validate_market",
]

ENGINES = ("backtrader", "compiled")
YEAR = pd.Timedelta(days=366)
DEFAULT = Account()  # one for all runs without an account: a market's arrays are made once for it


def backtest(
    strategy: Strategy | type,
    market: Market,
    account: Account | None = None,
    *,
    engine: str = "backtrader",
    start: str | pd.Timestamp | int | None = None,
    check_lookahead: bool = True,
    label: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> Result:
    """Run a strategy over a market with an account.

    Decisions on a bar's close are filled at the next bar's open. Before the run the strategy is tried for look-ahead and refused if
    its past decisions change with the future.

    Parameters
    ----------
    strategy
        An instance, parameters set; or an own class derived from `backtrader.Strategy`, whose market orders the account fills at the
        next open, and which cannot be tried for look-ahead.
    market
        See `orebody.load_market` and `orebody.Market.from_frames`.
    account
        By default 100,000 in cash, no contributions, 0.05 % slippage.
    engine
        ``"backtrader"``, or ``"compiled"`` for the same books from a compiled kernel.
    start
        Open the account on this date (the first bar at or after it) or bar number; earlier bars only warm up. By default it opens on the
        first bar on which the strategy can decide and every instrument is listed; see `orebody.strategy.opening`. `Result.opening` says
        when and why, and `Result.flags` where an earlier opening had money wait.
    check_lookahead
        Try for look-ahead.
    label
        What tables and reports call the run; by default the strategy's name.
    params
        Parameters of a backtrader class; an orebody strategy has its own.

    Raises
    ------
    DataError
        When the market has fewer bars than the strategy needs.
    DecisionError
        For decisions that the account does not allow: a sum of weights above the leverage, a short with ``shorting=False``.
    LookAheadError
        When a decision depends on later bars; the message names the bar.
    UnsupportedError
        For what an account cannot carry of a backtrader class, such as limit orders.
    """
    market = validate_market(market)
    if isinstance(strategy, type) and is_native_strategy(strategy):
        return _run_native(strategy, dict(params or {}), market, validate_account(account), engine, start, label)
    if params is not None:
        raise ParameterError(f"params are for a class derived from backtrader.Strategy: set those of {strategy!r} on the instance")
    check_strategy(strategy)
    assert isinstance(strategy, Strategy)
    account = validate_account(account)
    label = label or strategy.name()
    opening = opening_of({label: strategy}, market, start, "The account opens")
    market, ready = opening.market, decides_from(strategy, market)
    check_rhythms(market, account, strategy)
    plan = decisions_of(strategy, market).on(market)
    check_allowed(plan, market, account)
    checked = "not checked for look-ahead"
    if check_lookahead:
        cuts = lookahead.chosen_cuts(plan, market, ready + 1)
        lookahead.check(strategy, market, plan, cuts)
        checked = (
            f"no look-ahead at {len(cuts)} cuts, the future removed and changed at each" if cuts else "too short to check for look-ahead"
        )
    carry_out = _engine(engine)
    record = carry_out(market, plan.opening_at(market.opening), account)
    decides = int(plan.rows[0]) if len(plan.rows) and not strategy.deploys else 0  # it may need more bars than it says
    waits = count_waiting_bars(max(ready, decides), market, record)
    return Result(label, repr(strategy), market, account, record, engine, checked, opening.text, waits)


def is_native_strategy(strategy: type) -> bool:
    """Whether the class derives from one of backtrader's, found out without importing backtrader."""
    return any(base.__module__.partition(".")[0] == "backtrader" for base in strategy.__mro__)


def _run_native(
    strategy: type,
    params: dict[str, Any],
    market: Market,
    account: Account,
    engine: str,
    start: str | pd.Timestamp | int | None,
    label: str | None,
) -> Result:
    """Run a quant's own `bt.Strategy`."""
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    if engine != "backtrader":
        raise UnsupportedError(f"engine={engine!r} cannot run {strategy.__name__}, a class of backtrader's: only engine='backtrader' can")
    check_rhythms(market, account)
    own = import_module("orebody.engine.backtrader.native_strategy")
    description = own.describe(strategy, params)
    label = label or strategy.__name__
    record, opening, ready = own.run(strategy, params, market, account, start, label)
    waits = count_waiting_bars(ready, opening.market, record)
    return Result(label, description, opening.market, account, record, engine, "look-ahead unchecked", opening.text, waits)


def _engine(name: str) -> Callable[[Market, Plan, Account], Record]:
    """Return the engine's `run`, imported when first used."""
    if name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)
    run: Callable[[Market, Plan, Account], Record] = import_module(f"orebody.engine.{name}").run
    return run


def validate_account(account: Account | None) -> Account:
    """Return the account, or the default one for None."""
    if isinstance(account, Market):
        raise ParameterError("account is a Market: the market comes before the account, as in backtest(strategy, market, account)")
    if account is not None and not isinstance(account, Account):
        give = f"orebody.Account(cash={account})" if isinstance(account, int | float) else "orebody.Account(...)"
        raise ParameterError(f"account is {account!r:.100}: give {give}")
    return DEFAULT if account is None else account


def validate_market(market: object) -> Market:
    """Return the market, or raise `ParameterError` for anything else, with what to give instead."""
    if isinstance(market, Market):
        return market
    if isinstance(market, Account):
        raise ParameterError("market is an Account: the market comes before the account, as in backtest(strategy, market, account)")
    if isinstance(market, str | Universe):
        given = repr(market) if isinstance(market, str) else "universe"
        raise ParameterError(f"market is {market!r:.100}: give what orebody.load_market({given}) returns")
    if isinstance(market, Mapping | Iterable) and not isinstance(market, pd.DataFrame):
        values = list(market.values() if isinstance(market, Mapping) else market)
        if values and all(isinstance(one, Market) for one in values):
            raise ParameterError(f"market is {len(values)} markets: give one, and call this once for each")
        if values and all(isinstance(one, pd.DataFrame | pd.Series) for one in values):
            raise ParameterError("market is tables of prices: give orebody.Market.from_frames(...) of them")
    if isinstance(market, pd.DataFrame | pd.Series):
        raise ParameterError("market is a table: give orebody.Market.from_frames({ticker: table, ...})")
    if isinstance(market, Strategy):
        raise ParameterError("market is a strategy: the strategy comes before the market, as in backtest(strategy, market, account)")
    raise ParameterError(f"market is a {type(market).__name__}: give orebody.load_market(...) or Market.from_frames(...)")


def check_strategy(strategy: object) -> None:
    """Raise `ParameterError` unless `strategy` is an instance of a `Strategy` whose `bars_needed` is a number."""
    if not isinstance(strategy, Strategy):
        raise ParameterError(_not_a_strategy(strategy))
    if callable(getattr(type(strategy), "bars_needed", None)):  # its code is not run: what that raises is of one strategy
        raise ParameterError(f"{strategy.name()}.bars_needed is a method: put @property above it")


def _not_a_strategy(given: object) -> str:
    if isinstance(given, type) and issubclass(given, Strategy):
        return f"{given.__name__} is a class: give an instance of it, {given.__name__}(), with parameters where they are to differ"
    if isinstance(given, type) and is_native_strategy(given):
        return f"{given.__name__} is a class of backtrader's, which backtest and compare run: nothing else asks it what it decides"
    if isinstance(given, type):
        return f"the class {given.__name__} is not a strategy: derive it from orebody.Strategy, and give an instance"
    if isinstance(given, Market | Account):
        what = f"a{'n' if isinstance(given, Account) else ''} {type(given).__name__}"
        return f"{what} is not a strategy: the strategy comes first, as in backtest(strategy, market, account)"
    if isinstance(given, str):
        return f"{given!r:.100} is a name, not a strategy: give an instance, such as orebody.registry.find_strategy({given!r:.60})()"
    return f"{given!r:.100} is not a strategy: give an instance of a class derived from orebody.Strategy"


def count_waiting_bars(decides: int, market: Market, record: Record) -> int:
    """Return the bar up to which an account's money waited; that of the opening or before where it did not.

    It waits until bar `decides`. A strategy that spends cash may wait by its nature, and one that decides to hold cash does: more than a
    year without a trade counts all the same.
    """
    traded = market.opening + next((fill.bar for fill in record.fills if fill.units), 1) - 1  # as decided on that bar
    idle = market.dates[traded] - market.dates[market.opening]
    return max(decides, traded if idle > YEAR else 0)


def decisions_of(strategy: Strategy, market: Market) -> Decisions:
    """Return what the strategy decides; anything but `Decisions` raises `DecisionError`."""
    decisions = strategy.decide(market)
    if not isinstance(decisions, Decisions):
        raise DecisionError(f"{strategy.name()}.decide returned a {type(decisions).__name__}: it must return orebody.Decisions")
    return decisions


def check_allowed(plan: Plan, market: Market, account: Account) -> None:
    """Raise `DecisionError` for decisions that the account does not allow; the message names the date."""
    short = plan.weights < 0
    if short.any() and not account.shorting:
        row, column = np.argwhere(short)[0]
        raise DecisionError(
            f"a weight of {plan.weights[row, column]:g} for {market.tickers[column]} on {market.dates[plan.rows[row]].date()} is a short: "
            "the account has shorting=False, weights must not be negative"
        )
    gross = np.nansum(np.abs(plan.weights), axis=1)
    over = gross > account.leverage * (1 + 1e-9)
    if over.any():
        row = int(np.argmax(over))
        kind = "weights" if not short[row].any() else "weights, shorts counted positive,"
        raise DecisionError(
            f"the {kind} sum to {gross[row]:g} on {market.dates[plan.rows[row]].date()}, above the leverage limit of {account.leverage:g}"
        )
