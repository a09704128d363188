"""nautilus_trader: a strategy on its event-driven engine, bars of two equities, market orders on a margin account.

A market order given on a bar fills at that bar's close, so it is given on the bar after the decision and fills at that one's close. Shares
are whole and prices have two decimals here, as for equities. z-scores are made beforehand. The engine is built once for many points and
reset in between, as its documentation advises.
"""

from __future__ import annotations

from decimal import Decimal
from importlib.metadata import version

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, figures, held, orders, scores

PACKAGE, FILL, PART = "nautilus_trader", "close", 40
VERSION = version(PACKAGE)
VENUE = Venue("SIM")


class Rotation(Strategy):
    def __init__(self, task: Task, point: Point, instruments: list[Equity], types: list[BarType]) -> None:
        super().__init__()
        self.instruments, self.types = instruments, types
        self.states = held(scores(task, point[0]), point)
        self.said = set((orders(self.states, task.begin) + 1).tolist())
        self.bar, self.units, self.worth, self.closes = 0, [0, 0], [CASH], [0.0, 0.0]
        self.first = task.begin

    def on_start(self) -> None:
        for one in self.types:
            self.subscribe_bars(one)

    def on_bar(self, bar: Bar) -> None:
        which = self.types.index(bar.bar_type)
        self.closes[which] = float(bar.close)
        if which == 0:
            return  # the other's bar of the same day comes next
        if self.bar in self.said:
            into = int(self.states[self.bar - 1])
            worth = self.equity()
            self.trade(1 - into, -self.units[1 - into])
            self.trade(into, int(worth / self.closes[into] / (1 + SLIPPAGE)) - self.units[into])
        if self.bar > self.first:
            self.worth.append(self.equity())
        self.bar += 1

    def equity(self) -> float:
        cash = self.portfolio.account(VENUE).balance_total(USD).as_double()
        open_ = self.cache.positions_open()
        return cash + sum(one.unrealized_pnl(self.instruments[0].make_price(self.close_of(one))).as_double() for one in open_)

    def close_of(self, position: object) -> float:
        return self.closes[[one.id for one in self.instruments].index(position.instrument_id)]

    def trade(self, which: int, units: int) -> None:
        if units:
            side = OrderSide.BUY if units > 0 else OrderSide.SELL
            one = self.instruments[which]
            self.submit_order(self.order_factory.market(one.id, side, Quantity.from_int(abs(units))))
            self.units[which] += units


def built(task: Task) -> tuple[BacktestEngine, list[Equity], list[BarType]]:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False))
    engine.add_venue(VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(CASH, USD)], USD, default_leverage=Decimal(10))
    instruments, types = [], []
    for ticker, frame in task.frames().items():
        name, fee = Symbol(ticker.replace("-", "")), Decimal(str(SLIPPAGE))
        cent, share = Price.from_str("0.01"), Quantity.from_int(1)
        one = Equity(InstrumentId(name, VENUE), name, USD, 2, cent, share, 0, 0, maker_fee=fee, taker_fee=fee)
        kind = BarType.from_str(f"{one.id}-1-DAY-LAST-EXTERNAL")
        frame.columns = frame.columns.str.lower()
        engine.add_instrument(one)
        engine.add_data(BarDataWrangler(kind, one).process(frame.tz_localize("UTC"), default_volume=1e9))
        instruments.append(one)
        types.append(kind)
    return engine, instruments, types


def run(engine: BacktestEngine, task: Task, point: Point, instruments: list[Equity], types: list[BarType]) -> Figures:
    strategy = Rotation(task, point, instruments, types)
    engine.add_strategy(strategy)
    engine.run()
    engine.reset()
    engine.clear_strategies()
    return figures(np.array(strategy.worth))


def many(task: Task, points: list[Point]) -> list[Figures]:
    engine, instruments, types = built(task)
    done = [run(engine, task, point, instruments, types) for point in points]
    engine.dispose()
    return done


def one(task: Task, point: Point) -> Figures:
    return many(task, [point])[0]
