"""A quant's own `bt.Strategy` in our account: its orders, our books. Expected figures are arithmetic in the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, market

import orebody as ob
from orebody.strategies import BuyAndHold
from orebody.testing import random_market

DAYS = pd.DatetimeIndex(["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-02-05", "2024-02-06"])
SIX = market(
    DAYS, [[10, 5], [10, 5], [20, 5], [20, 5], [25, 5], [25, 5]], [[10, 5], [16, 5], [20, 5], [25, 5], [25, 5], [30, 5]], cash_rate=0.365
)  # 0.1 % a day


class Scripted(bt.Strategy):  # type: ignore[misc]
    """Sends what its script says on each bar, and keeps what it is told and shown."""

    params = (("script", {}),)

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self.seen: list[tuple[float, float, float]] = []
        Scripted.last = self

    def next(self) -> None:
        self.seen.append((self.broker.getvalue(), self.broker.getcash(), self.getposition(self.data0).size))
        act = self.p.script.get(len(self) - 1)
        if act is not None:
            act(self)

    def notify_order(self, order: Any) -> None:
        self.heard.append((len(self) - 1, order.getstatusname()))


def play(script: dict[int, Any], account: ob.Account, on: ob.Market = SIX, **more: Any) -> tuple[ob.Result, Scripted]:
    result = ob.backtest(Scripted, on, account, params={"script": script}, **more)
    return result, Scripted.last


def test_six_bars_by_hand_with_a_contribution_interest_and_commission() -> None:
    script = {0: lambda s: s.buy(size=40), 1: lambda s: s.sell(size=10), 2: lambda s: s.buy(size=1_000), 3: lambda s: s.close()}
    account = ob.Account(cash=1_000, contribution=100, costs=ob.Costs(commission=0.01, slippage=0.0))
    result, strategy = play(script, account)
    cash1 = 1_000 * 1.001 - 40 * 10 * 1.01  # a day's interest, then 40 at the open of 10, with 1 %
    cash2 = cash1 * 1.001 + 100 + 10 * 20 * 0.99  # February's 100 arrives before the sale of 10 at 20
    more = cash2 * 1.001 / (20 * 1.01)  # 1,000 more were asked for, the cash pays this many
    cash4 = (30 + more) * 25 * 0.99  # all of it sold at 25
    assert result.cash.tolist() == pytest.approx([1_000, cash1, cash2, 0.0, cash4, cash4 * 1.001], rel=1e-14)
    held = [0, 40, 30, 30 + more, 0, 0]
    assert result.units["A"].tolist() == pytest.approx(held, rel=1e-14)
    equity = [cash + units * close for cash, units, close in zip(result.cash, held, SIX.close[:, 0], strict=True)]
    assert result.equity.tolist() == pytest.approx(equity, rel=1e-14)
    assert result.flows.tolist() == [0, 0, 100, 0, 0, 0]
    assert result.fills["reason"].tolist() == ["order", "order", "order, scaled to cash", "order"]
    # what the class was shown is the account's truth, on each bar
    assert np.array(strategy.seen) == pytest.approx(np.column_stack((equity, result.cash, held)), rel=1e-12)
    told = [(bar, what) for bar, what in strategy.heard if what not in ("Submitted", "Accepted")]
    assert told == [(1, "Completed"), (2, "Completed"), (3, "Partial"), (3, "Completed"), (4, "Completed")]
    assert result.checked == "look-ahead unchecked"
    assert (result.engine, result.label) == ("backtrader", "Scripted")


def test_slippage_moves_the_open_against_the_order() -> None:
    result, _ = play({0: lambda s: s.buy(size=10), 1: lambda s: s.close()}, ob.Account(cash=1_000, costs=ob.Costs(slippage=0.02)))
    assert result.fills["price"].tolist() == pytest.approx([10 * 1.02, 20 * 0.98])
    assert result.costs.sum() == pytest.approx(10 * 10 * 0.02 + 10 * 20 * 0.02)


def test_a_buy_sent_before_the_sale_that_pays_for_it_is_paid() -> None:
    def rotate(s: Any) -> None:
        s.buy(s.data1, size=160)
        s.close(s.data0)

    result, _ = play({0: lambda s: s.buy(size=80), 1: rotate}, ob.Account(cash=800, costs=FREE, cash_rate=0.0))
    assert result.units.iloc[2].tolist() == [0, 160]  # 80 sold at 20, 160 of the other bought at 5
    assert result.cash.iloc[2] == 800


def test_what_cannot_be_paid_or_done_is_said_and_never_silent() -> None:
    def both(s: Any) -> None:
        s.buy(s.data0, size=100)
        s.buy(s.data1, size=1)

    script = {0: both, 1: lambda s: s.sell(s.data1, size=7), 5: lambda s: s.buy(size=1)}
    result, strategy = play(script, ob.Account(cash=1_000, costs=FREE, cash_rate=0.0, shorting=False))
    fills = result.fills
    assert fills["reason"].tolist() == ["order", "dropped: no cash", "refused: no shorting", "refused: last bar"]
    assert fills["units"].tolist() == [100, 0, 0, 0]
    assert [what for _, what in strategy.heard if what in ("Margin", "Rejected")] == ["Margin", "Rejected"]


def test_shorts_are_carried_by_the_ledger() -> None:
    account = ob.Account(cash=1_000, costs=ob.Costs(slippage=0.0, borrow_rate=0.365), cash_rate=0.0)
    result, strategy = play({0: lambda s: s.order_target_size(target=-20), 3: lambda s: s.close()}, account)
    # 20 short at 10; 0.1 % a day of 20 x 16, then of 20 x 20
    owed = np.cumsum([0.02 * 16, 0.02 * 20])
    assert result.equity.tolist()[:4] == pytest.approx([1_000, 1_200 - 320, 1_200 - 400 - owed[0], 1_200 - 500 - owed[1]])
    assert result.units["A"].tolist() == [0, -20, -20, -20, 0, 0]
    assert strategy.seen[3][0] == pytest.approx(result.equity.iloc[3])


def test_a_margin_call_reaches_the_strategy() -> None:
    soaring = market(DAYS, [[10, 5], [10, 5], [17, 5], [17, 5], [17, 5], [17, 5]])
    result, strategy = play({0: lambda s: s.sell(size=100)}, ob.Account(cash=1_000, costs=FREE), soaring)
    assert "margin call" in result.fills["reason"].tolist()
    assert (2, "Completed") in strategy.heard
    assert strategy.seen[-1][2] == result.units["A"].iloc[-1]


@pytest.mark.parametrize("seed", [1, 2])
def test_buying_for_all_cash_each_day_is_buy_and_hold(seed: int) -> None:
    class Greedy(bt.Strategy):  # type: ignore[misc]
        def next(self) -> None:
            self.buy(self.data1, size=1e9)

    bars, account = random_market(seed), ob.Account(contribution=700, costs=ob.Costs(commission=0.001, fixed_fee=1.0))
    mine = ob.backtest(Greedy, bars, account)
    held = ob.backtest(BuyAndHold(split={"miners": 1.0}), bars, account)
    assert mine.equity.to_numpy() == pytest.approx(held.equity.to_numpy(), rel=1e-12)
    assert mine.metrics().cagr == pytest.approx(held.metrics().cagr)
    assert mine.benchmark.equity.iloc[-1] == held.benchmark.equity.iloc[-1]


@pytest.mark.parametrize("seed", range(40))
def test_the_books_balance_whatever_is_ordered(seed: int) -> None:
    draw = np.random.RandomState(seed)
    base, frames = random_market(seed, miners=2, bars=80), {}
    for i, ticker in enumerate(base.tickers):
        there = draw.uniform(size=80) > 0.15  # pauses
        there[: 12 * i] = False  # late listings
        there[[12 * i, 79 - (10 if i == 2 else 0)]] = True
        if i == 2:
            there[70:] = False  # an end
        table = {name: getattr(base, name)[:, i] for name in ("open", "high", "low", "close")}
        frames[ticker] = pd.DataFrame(table, index=base.dates)[there]
    bars = ob.Market.from_frames(frames, cash_rate=0.03)

    class Wild(bt.Strategy):  # type: ignore[misc]
        def next(self) -> None:
            data = self.datas[draw.randint(3)]
            kind = draw.randint(6)
            if kind == 0:
                self.order_target_percent(data, draw.uniform(-1.5, 2.0))
            elif kind == 1:
                self.close(data)
            elif kind == 2:
                self.cancel(self.buy(data, size=draw.uniform(0, 900)))
            elif kind < 5:
                (self.buy if draw.randint(2) else self.sell)(data, size=draw.uniform(0, 900))
            equity = sum(self.broker.getposition(d).size * d.close[0] for d in self.datas) + self.broker.getcash()
            assert self.broker.getvalue() == pytest.approx(equity, rel=1e-9, abs=1e-6)

    account = ob.Account(
        contribution=300,
        every="week",
        costs=ob.Costs(commission=0.002, fixed_fee=1.0),
        leverage=[1.0, 2.0][seed % 2],
        whole_shares=seed % 3 == 0,
        shorting=seed % 4 != 0,
    )
    result = ob.backtest(Wild, bars, account, start=int(draw.randint(20)))
    assert len(result.equity) == len(result.dates)  # made by record.check, which proves the books
    units, there = result.record.units, bars.tradable[result.market.opening :]
    own = {(fill.bar, fill.instrument) for fill in result.record.fills if fill.reason.startswith("order")}
    assert all(there[bar, i] for bar, i in own)  # nothing trades without a bar
    assert units.any()
    if account.leverage == 1.0 and not account.shorting:
        assert (result.cash >= 0).all()
    if account.whole_shares:
        assert (units == np.round(units)).all()


def test_an_order_for_a_paused_instrument_waits_for_its_bar() -> None:
    nan = np.nan
    bars = market(DAYS, [[10, 5], [10, 5], [20, nan], [20, nan], [25, 8], [25, 8]])
    result, strategy = play({1: lambda s: s.buy(s.data1, size=10)}, ob.Account(cash=1_000, costs=FREE), bars)
    assert result.fills[["units", "price"]].to_numpy().tolist() == [[10, 8]]
    assert result.fills["date"].tolist() == [DAYS[4]]
    assert (4, "Completed") in strategy.heard


def test_a_cancelled_order_is_not_filled() -> None:
    result, strategy = play({0: lambda s: s.cancel(s.buy(size=10))}, ob.Account(cash=1_000, costs=FREE))
    assert result.fills.empty
    assert (1, "Canceled") in strategy.heard


def test_next_begins_where_indicators_and_the_opening_let_it() -> None:
    class Averages(bt.Strategy):  # type: ignore[misc]
        params = (("window", 20),)

        def __init__(self) -> None:
            self.mean = bt.indicators.SMA(self.data1, period=self.p.window)
            self.bars: list[int] = []
            Averages.last = self

        def next(self) -> None:
            self.bars.append(len(self) - 1)
            assert self.mean[0] == pytest.approx(bars.close[len(self) - self.p.window : len(self), 1].mean())

    bars = random_market(3, bars=60)
    for start, first in ((None, 19), (10, 19), (40, 40)):
        result = ob.backtest(Averages, bars, start=start)
        assert Averages.last.bars == list(range(first, 60))
        assert result.dates[0] == bars.dates[19 if start is None else start]
        assert result.flags[:1] == (
            (f"money waited: {bars.dates[10].date()} to {bars.dates[19].date()}",) if start == 10 else ("never traded",)
        )
    with pytest.raises(ob.OrebodyError, match="its indicators need 80 bars, the market has 60"):
        ob.backtest(Averages, bars, params={"window": 80})


def test_no_later_bar_is_within_reach() -> None:
    class Peeks(bt.Strategy):  # type: ignore[misc]
        def next(self) -> None:
            self.data.close[1]

    with pytest.raises(IndexError) as caught:
        ob.backtest(Peeks, SIX)
    assert caught.value.__notes__ == ["raised in Peeks on 2024-01-30 (bar 0)"]


def test_trades_are_told_with_their_profit() -> None:
    class Tells(Scripted):
        def notify_trade(self, trade: Any) -> None:
            if trade.isclosed:
                self.profit = trade.pnl, trade.pnlcomm

    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.close()}
    ob.backtest(Tells, SIX, ob.Account(costs=ob.Costs(commission=0.01, slippage=0.0)), params={"script": script})
    assert Scripted.last.profit == pytest.approx((100, 100 - 1 - 2))


REFUSED = {
    "a Limit buy order for A: the account fills market orders at the next open only": lambda s: s.buy(
        size=1, price=9, exectype=bt.Order.Limit
    ),
    "a Stop sell order for A": lambda s: s.sell(size=1, price=9, exectype=bt.Order.Stop),
    "a Limit buy order": lambda s: s.buy_bracket(size=1, price=9, stopprice=8, limitprice=12),
    "a buy order for A with valid=": lambda s: s.buy(size=1, valid=bt.Order.DAY),
    "with transmit=False": lambda s: s.buy(size=1, transmit=False),
    "contributions are the account's": lambda s: s.broker.add_cash(5),
    "costs are the account's": lambda s: s.broker.setcommission(0.1),
    "orders fill at the next open": lambda s: s.broker.set_coc(True),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_not_carried_is_refused_by_name(message: str) -> None:
    with pytest.raises(ob.OrebodyError, match=message) as caught:
        play({1: REFUSED[message]}, ob.Account())
    assert isinstance(caught.value, ValueError)


def test_a_class_that_trades_at_opens_is_refused() -> None:
    class Cheats(bt.Strategy):  # type: ignore[misc]
        def next_open(self) -> None:
            self.buy()

    with pytest.raises(ob.OrebodyError, match=r"Cheats trades in next_open\(\)"):
        ob.backtest(Cheats, SIX)


def test_a_timer_that_knows_the_close_is_refused() -> None:
    class Timed(bt.Strategy):  # type: ignore[misc]
        def __init__(self) -> None:
            self.add_timer(bt.timer.SESSION_START, cheat=True)

        def notify_timer(self, *_: Any, **__: Any) -> None:
            self.buy()

    with pytest.raises(ob.OrebodyError, match="from a timer with cheat=True"):
        ob.backtest(Timed, SIX)


def test_the_call_is_refused_in_a_sentence() -> None:
    with pytest.raises(LookupError, match="unknown parameter of Scripted 'scrip'; did you mean 'script'"):
        ob.backtest(Scripted, SIX, params={"scrip": {}})
    with pytest.raises(ValueError, match="engine='compiled' cannot run Scripted"):
        ob.backtest(Scripted, SIX, engine="compiled")
    with pytest.raises(LookupError, match="unknown engine"):
        ob.backtest(Scripted, SIX, engine="abacus")
    with pytest.raises(ValueError, match="params are for a class derived from backtrader.Strategy"):
        ob.backtest(BuyAndHold(), SIX, params={"split": {}})
    with pytest.raises(ValueError, match="derive it from backtrader.Strategy"):
        ob.backtest(bt.Indicator, SIX)


def test_an_error_in_the_class_says_where() -> None:
    def divide(_: Any) -> None:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(ZeroDivisionError, match="by nothing") as caught:
        play({3: divide}, ob.Account())
    assert caught.value.__notes__ == ["raised in Scripted on 2024-02-02 (bar 3)"]


def test_its_tearsheet_says_that_look_ahead_is_unchecked(tmp_path: Path) -> None:
    class Holds(bt.Strategy):  # type: ignore[misc]
        def next(self) -> None:
            if not self.position:
                self.order_target_percent(target=0.9)

    page = ob.backtest(Holds, random_market(4), label="mine").tearsheet(tmp_path / "mine.html").read_text(encoding="utf-8")
    assert "look-ahead unchecked" in page
    assert "Holds()" in page
