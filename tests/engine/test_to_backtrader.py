"""Our strategies in a Cerebro of a quant's own, whose stock broker must end where our account ends."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from small_markets import Told, market

import orebody as ob
from orebody.strategies import (
    BuyAndHold,
    BuyWeakness,
    CoreSatellite,
    DollarCostAverage,
    DryPowderAveraging,
    MomentumRotation,
    RatioRotation,
    RegimeFilter,
    SpreadTrade,
    TrimStretch,
)
from orebody.testing import random_market

PLAIN = ob.Account(costs=ob.Costs(commission=0.0, slippage=0.0, borrow_rate=0.0), cash_rate=0.0)
SAMPLE = ob.load_market("gold", source="sample")
IDEAS = (
    BuyAndHold(split={"miners": 0.6, "metal": 0.4}),
    BuyWeakness(),
    CoreSatellite(),
    DollarCostAverage(),
    DryPowderAveraging(),
    MomentumRotation(lookback=100),
    RatioRotation(window=60, exit=0.3),
    SpreadTrade(window=60),
    TrimStretch(window=100),
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:backtrader")


@dataclass(frozen=True)
class Scheduled(ob.Strategy):
    """Sets the weights that it was told for a bar, whatever the prices."""

    said: dict[int, tuple[float, ...]]

    def decide(self, market: ob.Market) -> ob.Decisions:
        rows = np.array([bar for bar in sorted(self.said) if bar < len(market)], dtype=int)
        return ob.Decisions(weights=np.array([self.said[bar] for bar in rows]).reshape(len(rows), -1) if len(rows) else None, rows=rows)


def frames(of: ob.Market) -> dict[str, pd.DataFrame]:
    names = ("open", "high", "low", "close")
    return {t: pd.DataFrame({name: getattr(of, name)[:, i] for name in names}, index=of.dates).dropna() for i, t in enumerate(of.tickers)}


def stock(of: ob.Market, **settings: Any) -> bt.Cerebro:
    """Return a Cerebro as a backtrader user makes it."""
    cerebro = bt.Cerebro(stdstats=False, **settings)
    for ticker, frame in frames(of).items():
        cerebro.adddata(bt.feeds.PandasData(dataname=frame.assign(volume=0.0)), name=ticker)
    cerebro.broker.setcash(100_000)
    return cerebro


def ran(cerebro: bt.Cerebro, strategy: Any, **params: Any) -> tuple[float, Any]:
    cerebro.addstrategy(ob.to_backtrader(strategy), **params)
    (done,) = cerebro.run()
    return float(cerebro.broker.getvalue()), done


class Watched(ob.to_backtrader(RatioRotation)):  # type: ignore[misc]
    """A quant may derive from the class."""

    def start(self) -> None:
        super().start()
        self.fills: list[tuple[Any, str, float]] = []

    def notify_order(self, order: Any) -> None:
        super().notify_order(order)
        if order.status == order.Completed:
            self.fills.append((bt.num2date(order.executed.dt).date(), order.data._name, order.executed.size))


@pytest.mark.parametrize("of", [random_market(1), random_market(2, miners=3), SAMPLE], ids=["one miner", "three", "sample"])
@pytest.mark.parametrize("strategy", [RatioRotation(), RatioRotation(window=60, entry=0.5)], ids=repr)
def test_cheating_on_the_open_it_ends_where_our_account_ends(strategy: ob.Strategy, of: ob.Market) -> None:
    value, done = ran(stock(of, cheat_on_open=True), strategy)
    assert value == pytest.approx(ob.backtest(strategy, of, PLAIN).equity.iloc[-1], rel=1e-9)
    assert done.rejected == []


@pytest.mark.parametrize("strategy", IDEAS, ids=lambda idea: idea.name())
def test_every_idea_ends_where_our_account_ends(strategy: ob.Strategy) -> None:
    of = random_market(5, bars=280, miners=2)
    ours = ob.backtest(strategy, of, PLAIN, start=0).equity.iloc[-1]
    for settings in ({}, {"runonce": False}, {"preload": False}):
        value, done = ran(stock(of, cheat_on_open=True, **settings), strategy, cash_rate=0.02)  # which momentum is compared with
        assert value == pytest.approx(ours, rel=1e-9), settings
        assert done.rejected == []


@pytest.mark.parametrize("seed", range(4))
def test_sized_from_the_close_it_ends_close_to_it(seed: int) -> None:
    """Purchases are made from 95 % of the cash and the rest a bar later, so a bar's move of a twentieth is missed at each switch."""
    of, strategy = random_market(seed), RatioRotation(window=60)
    ours = ob.backtest(strategy, of, PLAIN)
    cerebro = stock(of)
    cerebro.addstrategy(Watched, window=60)
    (done,) = cerebro.run()
    assert cerebro.broker.getvalue() == pytest.approx(ours.equity.iloc[-1], rel=0.01)
    assert done.rejected == []
    days = list(dict.fromkeys(when.date() for when in ours.fills["date"]))
    mine = list(dict.fromkeys(when for when, _, _ in done.fills))
    assert set(days) <= set(mine)  # on the same days, and topped up on the next three bars
    number = {when.date(): bar for bar, when in enumerate(of.dates)}
    for when in mine:
        assert any(0 <= number[when] - number[day] <= 3 for day in days)


def test_a_cerebro_that_saves_memory_is_read_bar_by_bar() -> None:
    of = random_market(6, bars=200)
    value, _ = ran(stock(of, cheat_on_open=True, exactbars=1), RatioRotation(window=40))
    assert value == pytest.approx(ob.backtest(RatioRotation(window=40), of, PLAIN).equity.iloc[-1], rel=1e-9)


def test_fills_have_the_same_days_and_sizes() -> None:
    cerebro = stock(SAMPLE, cheat_on_open=True)
    cerebro.addstrategy(Watched, window=120)
    (done,) = cerebro.run()
    ours = ob.backtest(RatioRotation(window=120), SAMPLE, PLAIN).fills
    assert [(when, ticker) for when, ticker, _ in done.fills] == [
        (when.date(), ticker) for when, ticker in zip(ours["date"], ours["ticker"], strict=True)
    ]
    assert [size for *_, size in done.fills] == pytest.approx(ours["units"].tolist(), rel=1e-9)


@pytest.mark.parametrize("commission", [0.001, 0.01])
def test_no_order_is_rejected_where_costs_are_high(commission: float) -> None:
    """Slippage is left out: a stock broker clips it to the day's range, our account does not."""
    strategy = RatioRotation(window=60)
    ours = ob.backtest(strategy, SAMPLE, ob.Account(costs=ob.Costs(commission=commission, slippage=0.0), cash_rate=0.0)).equity.iloc[-1]
    for settings, near in (({"cheat_on_open": True}, 1e-9), ({}, 0.01)):
        cerebro = stock(SAMPLE, **settings)
        cerebro.broker.setcommission(commission)
        value, done = ran(cerebro, strategy)
        assert done.rejected == []
        assert value == pytest.approx(ours, rel=near)
    slipping = stock(SAMPLE)
    slipping.broker.set_slippage_perc(0.002)
    assert ran(slipping, strategy)[1].rejected == []


def test_a_stock_broker_of_another_kind_of_commission_is_paid_too() -> None:
    class PerShare(bt.CommInfoBase):  # type: ignore[misc]
        params = (("stocklike", True), ("commtype", bt.CommInfoBase.COMM_FIXED), ("commission", 0.05))

    cerebro = stock(SAMPLE, cheat_on_open=True)
    cerebro.broker.addcommissioninfo(PerShare())
    value, done = ran(cerebro, RatioRotation(window=60))
    assert done.rejected == []
    assert 0 <= cerebro.broker.getcash() < 1e-6 * value


def gappy(seed: int, *, ends: bool = False) -> ob.Market:
    draw, base = np.random.RandomState(seed), random_market(seed, miners=2, bars=300)
    there = draw.uniform(size=(300, 3)) > 0.1
    there[:70, 2] = False
    there[-1] = True
    there[-40:, 1] &= not ends
    return ob.Market.from_frames({t: frame[there[:, i]] for i, (t, frame) in enumerate(frames(base).items())})


@pytest.mark.parametrize("strategy", [BuyAndHold(split={"miners": 1.0}), RatioRotation(window=40), CoreSatellite()], ids=lambda s: s.name())
@pytest.mark.parametrize("seed", [1, 2])
def test_feeds_that_list_late_and_pause_are_carried(seed: int, strategy: ob.Strategy) -> None:
    of = gappy(seed)
    ours = ob.backtest(strategy, of, PLAIN, start=0).equity.iloc[-1]
    for preload in (True, False):
        value, done = ran(stock(of, cheat_on_open=True, preload=preload), strategy)
        assert value == pytest.approx(ours, rel=1e-9)
        assert {one.status for one in done.rejected} <= {"no cash", "not listed yet"}


def test_what_cash_cannot_buy_while_a_sale_waits_is_noted() -> None:
    nan, days = np.nan, pd.bdate_range("2024-01-01", periods=6)
    of = market(days, [[10, 5], [10, 5], [nan, 5], [nan, 5], [10, 5], [10, 5]])
    _, done = ran(stock(of, cheat_on_open=True), Scheduled({0: (1.0, 0.0), 1: (0.0, 1.0)}))
    assert [(one.ticker, one.status) for one in done.rejected] == [("B", "no cash")]


def test_a_gap_beyond_the_cushion_is_rejected_seen_and_made_good() -> None:
    days = pd.bdate_range("2024-01-01", periods=6)
    of = market(days, [[10, 5], [20, 5], [20, 5], [20, 5], [20, 5], [20, 5]])
    value, done = ran(stock(of), Scheduled({0: (1.0, 0.0)}))
    # 95 % of 100,000 at the close of 10 cannot be paid at the open of 20; the day after it is bought at 20
    assert [(str(one.date), one.ticker, one.units, one.status) for one in done.rejected] == [("2024-01-01", "A", 9_500.0, "Margin")]
    assert done.getposition(done.data0).size == pytest.approx((1 - 0.05**2) * 100_000 / 20)
    assert value == pytest.approx(100_000)


def test_optstrategy_and_the_defaults_of_an_instance() -> None:
    of = random_market(1)
    cerebro = stock(of, cheat_on_open=True)
    cerebro.optstrategy(ob.to_backtrader(RatioRotation(entry=0.5)), window=[40, 60])
    points = [run for (run,) in cerebro.run(maxcpus=1, optreturn=False)]
    assert [(run.p.window, run.p.entry, run.decides.window) for run in points] == [(40, 0.5, 40), (60, 0.5, 60)]
    assert [run.broker.getvalue() for run in points][-1] == pytest.approx(
        ob.backtest(RatioRotation(window=60, entry=0.5), of, PLAIN).equity.iloc[-1]
    )


def test_the_class_can_be_sent_to_another_process() -> None:
    made = ob.to_backtrader(RatioRotation)
    assert pickle.loads(pickle.dumps(made)) is made
    assert pickle.loads(pickle.dumps(Watched)) is Watched
    sent = pickle.dumps(ob.to_backtrader(RatioRotation(window=77)))
    code = f"import pickle; print(pickle.loads({sent!r}).params.window)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "77"


def test_side_series_are_passed_as_parameters() -> None:
    gauge = pd.Series(100 + np.sin(np.arange(600) / 30), index=random_market(1).dates)
    of = ob.Market.from_frames(frames(random_market(1)), gauges={"dollar": gauge})
    strategy = RegimeFilter(inner=RatioRotation(window=40), window=50, margin=0.001)
    ours = ob.backtest(strategy, of, PLAIN, start=0).equity.iloc[-1]
    assert ran(stock(of, cheat_on_open=True), strategy, gauges={"dollar": gauge})[0] == pytest.approx(ours, rel=1e-9)
    with pytest.raises(ValueError, match="regime-filter reads more than a Cerebro's feeds bring .the market has no gauge 'dollar'"):
        ran(stock(of, cheat_on_open=True), strategy)


def test_a_universe_picks_its_feeds_by_name() -> None:
    of = random_market(4, miners=2)
    metal, one, two = of.tickers
    picked = ob.Universe("picked", metal, (two,))
    alone = ob.Market.from_frames({t: frames(of)[t] for t in (metal, two)})
    value, done = ran(stock(of, cheat_on_open=True), RatioRotation(window=50), universe=picked)
    assert value == pytest.approx(ob.backtest(RatioRotation(window=50), alone, PLAIN).equity.iloc[-1], rel=1e-9)
    assert not done.getpositionbyname(one).size


def refused(message: str, run: Callable[[], object]) -> None:
    with pytest.raises(ob.OrebodyError, match=message):
        run()


def test_bad_parameters_are_the_strategys_own_errors() -> None:
    of = random_market(1)
    refused("ratio-rotation: window is 1: it must be a whole number, at least 2", lambda: ran(stock(of), RatioRotation, window=1))
    refused("unknown parameter of RatioRotation 'windw'; did you mean 'window'", lambda: ran(stock(of), RatioRotation, windw=9))
    refused("cushion is 2: it must be a number from 0 to below 1", lambda: ran(stock(of), RatioRotation, cushion=2))
    refused("needs 700 bars before it can decide, the feeds have 600", lambda: ran(stock(of), RatioRotation, window=700))
    refused("3 is not an orebody strategy", lambda: ob.to_backtrader(3))  # type: ignore[arg-type]
    refused("unknown feed of the Cerebro 'GLD'", lambda: ran(stock(of), RatioRotation, universe="gold"))


def test_what_a_stock_cerebro_cannot_carry_is_refused_by_name() -> None:
    of = random_market(1)
    refused("scheduled wants weights of 1.5 in all on 2015-01-08", lambda: ran(stock(of), Scheduled({5: (1.0, 0.5)})))
    refused("SIM-MINER1 ends on .*, before the others", lambda: ran(stock(gappy(3, ends=True)), RatioRotation(window=30)))

    def broker(setting: str, *value: object) -> bt.Cerebro:
        cerebro = stock(of)
        getattr(cerebro.broker, setting)(*value)
        return cerebro

    refused("keeps the proceeds", lambda: ran(broker("set_shortcash", False), SpreadTrade(window=60)))
    refused("turn broker.set_coc off", lambda: ran(broker("set_coc", True), RatioRotation))
    refused("make the Cerebro with cheat_on_open=True", lambda: ran(broker("set_coo", True), RatioRotation))
    refused("trades on margin like a future", lambda: ran(broker("setcommission", 1.0, 100.0), RatioRotation))


def test_feeds_whose_days_are_not_plain_are_refused() -> None:
    of = random_market(1)
    weekly = stock(of)
    weekly.resampledata(weekly.datas[0], name="weekly", timeframe=bt.TimeFrame.Weeks)
    refused("the feed weekly is resampled", lambda: ran(weekly, RatioRotation))
    zoned, nameless = bt.Cerebro(), bt.Cerebro()
    for ticker, frame in frames(of).items():
        zoned.adddata(bt.feeds.PandasData(dataname=frame.assign(volume=0.0).tz_localize("Asia/Tokyo")), name=ticker)
        nameless.adddata(bt.feeds.PandasData(dataname=frame.assign(volume=0.0)))
    refused("the feed SIM-METAL has the time zone Asia/Tokyo", lambda: ran(zoned, RatioRotation))
    refused("feed 1 of the Cerebro has no name", lambda: ran(nameless, RatioRotation))


def test_a_strategy_that_looks_ahead_is_refused() -> None:
    @dataclass(frozen=True)
    class Peeks(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            return ob.Decisions(weights=np.where(market.close > market.close.mean(axis=0), 0.5, 0.0))

    refused("looks ahead", lambda: ran(stock(random_market(1)), Peeks()))


def test_a_name_that_the_drop_in_needs_is_refused() -> None:
    made = make_dataclass("Soft", [("cushion", float, ob.parameter(0.1, "softness"))], bases=(Told,), frozen=True, kw_only=True)
    refused("Soft has a parameter 'cushion'", lambda: ob.to_backtrader(made))
