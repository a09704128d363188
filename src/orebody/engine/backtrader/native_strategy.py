"""A quant's own `bt.Strategy` in an account of ours: a real Cerebro, whose broker keeps its books with the ledger."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.engine.backtrader.broker import Commission, number_days
from orebody.engine.backtrader.order_broker import AccountBroker
from orebody.engine.inputs import build_inputs
from orebody.engine.run_record import Record
from orebody.errors import DataError, EngineError, OrebodyError, ParameterError, UnsupportedError, unknown_name
from orebody.market.market import Market
from orebody.strategy.opening import Need, Opening, opening_for_all

__all__ = ["describe", "run"]


def run(
    strategy: type, params: dict[str, Any], market: Market, account: Account, start: str | pd.Timestamp | int | None = None, label: str = ""
) -> tuple[Record, Opening, int]:
    """Run the class on the bars of `market`, with orders filled at the next open by `account`.

    Bars reach the class one by one, so that no line of it holds a later one. The account opens where backtrader first calls ``next()``, all
    indicators full, and every instrument is listed, or at `start`.

    Returns
    -------
    Record, Opening, int
        The books, where the account opened, and the bar of the first ``next()``.

    Raises
    ------
    UnsupportedError
        For a class that trades in `next_open`, and for whatever its orders ask that is not a market order.
    DataError
        When indicators need more bars than there are.
    """
    _check(strategy)
    cerebro = bt.Cerebro(stdstats=False, preload=False, runonce=False)
    inputs = build_inputs(market, account)
    broker = cerebro.broker = AccountBroker.over(market, account, inputs)
    for column, ticker in enumerate(market.tickers):
        broker.addcommissioninfo(Commission.of(inputs, column), name=ticker)
        broker.feeds.append(cerebro.adddata(_Bars(market=market, column=column), name=ticker))
    opening = _Opens(market, account, start, label or strategy.__name__)
    cerebro.addstrategy(_with_opening_probe(strategy, opening), **params)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"backtrader\.")  # it asks for the time by an old name
            (ran,) = cerebro.run()
    except OrebodyError:
        raise
    except Exception as error:
        when = f"on {market.dates[broker.bar].date()} (bar {broker.bar})" if broker.bar >= 0 else "before the first bar"
        error.add_note(f"raised in {strategy.__name__} {when}")
        raise
    if broker.bar != len(market) - 1 or broker.ledger is None:
        raise EngineError(f"backtrader went through {broker.bar + 1} of {len(market)} bars")
    if ran._minperstatus > 0 and strategy.prenext is bt.Strategy.prenext:  # type: ignore[attr-defined]
        raise DataError(
            f"{strategy.__name__} never came to next(): its indicators need {max(ran._minperiods)} bars, the market has {len(market)}: "
            "load a longer history or shorten its windows"
        )
    record: Record = broker.ledger.close()
    return record, opening.found, opening.first


def describe(strategy: type, params: dict[str, Any]) -> str:
    """Return the class with all of its parameters, after checking that it has those that are given.

    Raises
    ------
    UnknownNameError
        For a parameter the class does not have.
    """
    if not issubclass(strategy, bt.Strategy):
        raise ParameterError(f"{strategy.__name__} is not a backtrader strategy: derive it from backtrader.Strategy")
    known = strategy.params._getpairs()  # type: ignore[attr-defined]
    for name in params:
        if name not in known:
            raise unknown_name(f"parameter of {strategy.__name__}", name, known)
    return f"{strategy.__name__}({', '.join(f'{name}={value!r}' for name, value in {**known, **params}.items())})"


def _check(strategy: type) -> None:
    for name in ("next_open", "prenext_open", "nextstart_open"):
        if getattr(strategy, name) is not getattr(bt.Strategy, name):
            raise UnsupportedError(
                f"{strategy.__name__} trades in {name}(), which needs a Cerebro that cheats on the open: send the orders in next(), "
                "they are filled at the next open"
            )


class _Opens:
    """Where an account opens, which is known once backtrader has made the strategy's indicators."""

    def __init__(self, market: Market, account: Account, start: str | pd.Timestamp | int | None, label: str) -> None:
        self.market, self.account, self.start, self.label = market, account, start, label
        self.first = 0
        self.found: Opening = opening_for_all([], market, market.opening, "The account opens")

    def settle(self, strategy: Any) -> None:
        """Find the bar from the bars that each feed's lines need, and open the broker's account there."""
        if type(strategy).prenext is bt.Strategy.prenext:  # else it may trade before its indicators are full
            there = (np.flatnonzero(column) for column in self.market.tradable.T)
            needed = [
                int(bars[at - 1]) if at <= len(bars) else len(self.market) for bars, at in zip(there, strategy._minperiods, strict=True)
            ]
            self.first = max(needed)
        if self.first < len(self.market):  # else `run` says that it never came to next()
            need = Need(self.label, self.first, max(strategy._minperiods))
            self.found = opening_for_all([need], self.market, self.start, "The account opens")
        broker = strategy.broker
        broker.p.market, broker.p.inputs = self.found.market, build_inputs(self.found.market, self.account)


def _with_opening_probe(strategy: type, opening: _Opens) -> type:
    """Return the class whose next() begins on the bar on which the account opens; bars before it warm its indicators up.

    A class from text (a doctest, a cell) may name a module that is not there, which backtrader asks for: ours stands in.
    """
    module = strategy.__module__ if strategy.__module__ in sys.modules else __name__

    def periods(self: Any) -> None:
        strategy._periodset(self)  # type: ignore[attr-defined]
        opening.settle(self)

    def status(self: Any) -> int:
        needed: int = strategy._getminperstatus(self)  # type: ignore[attr-defined]
        bar = self.broker.bar
        if bar < opening.found.market.opening:
            needed = max(needed, 1)
        elif needed <= 0:
            self._began = getattr(self, "_began", bar)
            needed = 0 if bar == self._began else -1
        self._minperstatus = needed
        return needed

    return type(strategy)(strategy.__name__, (strategy,), {"_getminperstatus": status, "_periodset": periods, "__module__": module})


class _Bars(bt.feed.DataBase):  # type: ignore[misc]
    """One instrument's own bars, one by one; where a source has closes only they stand for the rest."""

    params = (("market", None), ("column", 0))

    def start(self) -> None:
        super().start()
        market, column = self.p.market, self.p.column
        there = market.tradable[:, column]
        prices = np.column_stack([getattr(market, name)[there, column] for name in ("open", "high", "low", "close")])
        prices = np.where(np.isnan(prices), prices[:, 3:], prices)
        self._rows = iter(np.column_stack((number_days(market.dates)[there], prices)).tolist())

    def _load(self) -> bool:
        row = next(self._rows, None)
        if row is None:
            return False
        lines = self.lines
        lines.datetime[0], lines.open[0], lines.high[0], lines.low[0], lines.close[0] = row
        lines.volume[0] = lines.openinterest[0] = 0.0
        return True
