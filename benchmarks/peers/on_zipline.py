"""zipline-reloaded: `order_target` in `handle_data`, on a bundle that is written and ingested once, before anything is timed.

It has one price a bar to fill at, the next close; shares are whole; a bundle holds prices to a tenth of a cent. Its calendar here is that
of all weekdays. z-scores are made beforehand: asking `data.history` on each bar would take it longer.
"""

from __future__ import annotations

import tempfile
from datetime import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from exchange_calendars import register_calendar_type
from exchange_calendars.weekday_calendar import WeekdayCalendar
from peers.work import CASH, SLIPPAGE, Figures, Point, Task, figures, held, orders, scores
from zipline import run_algorithm
from zipline.api import order_target, set_commission, set_slippage, symbol
from zipline.data import bundles
from zipline.data.bundles.csvdir import csvdir_equities
from zipline.finance.commission import PerDollar
from zipline.finance.slippage import FixedSlippage
from zipline.utils.calendar_utils import get_calendar

PACKAGE, FILL, PART = "zipline-reloaded", "close", 8
VERSION = version(PACKAGE)
BUNDLE, CALENDAR = "walks", "WEEKDAYS"
FOLDER = tempfile.TemporaryDirectory()
AT = {"ZIPLINE_ROOT": FOLDER.name}


def prepare(task: Task) -> None:
    """Write the prices as files and have zipline make a bundle of them."""
    if BUNDLE in bundles.bundles:
        return

    class Weekdays(WeekdayCalendar):  # a day that ends at midnight, as its own does, gets zipline the prices of other days
        name, open_times, close_times, close_offset = CALENDAR, ((None, time(9, 30)),), ((None, time(16)),), 0

        @classmethod
        def default_start(cls) -> pd.Timestamp:
            return task.dates[0]  # for which it takes twenty years ago

    register_calendar_type(CALENDAR, Weekdays)
    files = Path(FOLDER.name) / "files"
    (files / "daily").mkdir(parents=True)
    for ticker, frame in task.frames().items():
        frame.columns = frame.columns.str.lower()
        frame.assign(volume=1_000_000_000, dividend=0.0, split=1.0).rename_axis("date").to_csv(files / "daily" / f"{ticker}.csv")
    first, last = task.dates[0], task.dates[-1]
    read = csvdir_equities(["daily"], str(files))
    bundles.register(BUNDLE, read, calendar_name=CALENDAR, start_session=first, end_session=last)
    bundles.ingest(BUNDLE, environ=AT, show_progress=False)


def one(task: Task, point: Point) -> Figures:
    states = held(scores(task, point[0]), point)
    said = dict.fromkeys(orders(states, task.begin).tolist())

    def initialize(context: Any) -> None:
        context.pair, context.bar = [symbol(ticker) for ticker in task.tickers], task.begin
        set_commission(us_equities=PerDollar(cost=SLIPPAGE))
        set_slippage(us_equities=FixedSlippage(spread=0.0))

    def handle_data(context: Any, data: Any) -> None:
        if context.bar in said:
            into, out = context.pair[states[context.bar]], context.pair[1 - states[context.bar]]
            order_target(out, 0)
            order_target(into, int(context.portfolio.portfolio_value / data.current(into, "close")))
        context.bar += 1

    done = run_algorithm(
        start=task.dates[task.begin],
        end=task.dates[-1],
        initialize=initialize,
        handle_data=handle_data,
        capital_base=CASH,
        bundle=BUNDLE,
        environ=AT,
        benchmark_returns=pd.Series(0.0, index=task.dates),
        data_frequency="daily",
        trading_calendar=get_calendar(CALENDAR),
    )
    return figures(done["portfolio_value"].to_numpy(dtype=float))


def many(task: Task, points: list[Point]) -> list[Figures]:
    return [one(task, point) for point in points]
