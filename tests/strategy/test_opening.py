"""Where accounts open: one rule for every entry point, said in a sentence, and money that waits where somebody asks for earlier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from cli_runner import call
from real_data import FOLDER, needs_real_prices

import orebody as ob
from orebody.strategies import (
    BuyAndHold,
    BuyWeakness,
    DollarCostAverage,
    DryPowderAveraging,
    QualityTilt,
    RatingsBreadth,
    RatioRotation,
    RegimeFilter,
    VolatilityTarget,
)
from orebody.strategy.opening import all_listed, decides_from

BARS = 60
DAYS = pd.bdate_range("2024-01-01", periods=BARS)
FREE = ob.Account(cash=1000.0, costs=ob.Costs(slippage=0.0))


def frame(first: int, base: float) -> pd.DataFrame:
    """Prices that swing from bar `first` on."""
    closes = base + np.arange(BARS) % 7
    return pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), closes), index=DAYS).iloc[first:]


def market(*first: int, since: dict[str, str] | None = None, **beside: object) -> ob.Market:
    """A metal M and miners A, B, ... that list on these bars."""
    tickers = ["M", *"ABCDEFG"[: len(first) - 1]]
    universe = ob.Universe("small", "M", tuple(tickers[1:]), since=since or {})
    frames = {ticker: frame(bar, 10.0 + 3 * at) for at, (ticker, bar) in enumerate(zip(tickers, first, strict=True))}
    return ob.Market.from_frames(frames, universe=universe, **beside)  # type: ignore[arg-type]


def day(bar: int) -> str:
    return str(DAYS[bar].date())


class Crosses(bt.Strategy):  # type: ignore[misc]
    """Buys the miner while it stands above its mean of 10 bars; watches the metal's, too."""

    def __init__(self) -> None:
        self.gold = bt.indicators.SMA(self.data0, period=10)
        self.mean = bt.indicators.SMA(self.data1, period=10)

    def next(self) -> None:
        self.order_target_percent(self.data1, 0.9 if self.data1.close[0] > self.mean[0] else 0.0)


TEN = RatioRotation(window=10)
ENTRIES: dict[str, Callable[..., tuple[ob.Market, str]]] = {
    "backtest": lambda bars, **how: opened(ob.backtest(TEN, bars, FREE, **how)),
    "compiled": lambda bars, **how: opened(ob.backtest(TEN, bars, FREE, engine="compiled", **how)),
    "backtrader": lambda bars, **how: opened(ob.backtest(Crosses, bars, FREE, **how)),
    "compare": lambda bars, **how: opened(ob.compare([TEN, BuyAndHold()], bars, FREE, **how)),
    "sweep": lambda bars, **how: opened(ob.sweep(RatioRotation, {"window": [5, 10]}, bars, FREE, **how)),
    "stress": lambda bars, **how: opened(ob.stress([TEN], bars, FREE, **how)),
    "decompose": lambda bars, **how: opened(ob.compare([TEN], bars, FREE, engine="compiled", **how)),
}


def opened(made: object) -> tuple[ob.Market, str]:
    return made.market, made.opening  # type: ignore[attr-defined]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    ("first", "bar"),
    [
        ((0, 0), 9),  # a window of ten is full on the tenth bar
        ((0, 20), 29),  # counted from the bar on which both are there
        ((20, 0), 29),
        ((0, 0, 30), 30),  # a third that lists later than the window is full
        ((0, 0, 5), 9),  # or earlier
    ],
)
def test_every_entry_point_opens_on_the_same_bar(entry: str, first: tuple[int, ...], bar: int) -> None:
    made, text = ENTRIES[entry](market(*first))
    assert made.opening == bar
    assert day(bar) in text


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_earlier_opening_is_asked_for_and_says_what_was_not_ready(entry: str) -> None:
    made, text = ENTRIES[entry](market(0, 20), start=3)
    assert made.opening == 3
    assert f"open on {day(3)}" in text or f"opens on {day(3)}" in text
    assert "as asked, before all is ready" in text
    assert f"A lists on {day(20)}" in text
    assert day(29) in text
    assert "until then money waits" in text


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_later_opening_that_is_asked_for_waits_for_nothing(entry: str) -> None:
    made, text = ENTRIES[entry](market(0, 20), start=40)
    assert made.opening == 40
    assert text.endswith(f"{day(40)}, as asked.")


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_market_opened_later_stays_so(entry: str) -> None:
    made, text = ENTRIES[entry](market(0, 0).opened(35))
    assert made.opening == 35
    assert text.endswith("where the market was opened.")
    assert ENTRIES[entry](market(0, 0).opened(4))[0].opening == 9


def test_trainings_begin_where_all_is_ready_and_listed() -> None:
    walk = ob.walk_forward(RatioRotation, {"window": [5, 10]}, market(0, 0, 15), FREE, 10, 10)
    assert walk.windows["train_from"].iloc[0] == DAYS[15]
    assert walk.result.opening == (
        f"The account opens on {day(24)}, the last bar before the first test. Trainings can begin on {day(15)}, the first day on which "
        f"every point can decide and everything is listed: B lists on that day, the others since {day(0)}; without B accounts could open "
        f"on {day(9)}."
    )


def test_the_sentence_names_whom_accounts_waited_for() -> None:
    slow = {"quick": TEN, "slow": RatioRotation(window=30)}
    said = f"All accounts open on {day(29)}, the first day on which every strategy can decide and everything is listed"
    assert ob.compare(slow, market(0, 0)).opening == (
        f"{said}; without slow, which needs 30 bars, accounts could open on {day(9)}, and with no warm-up at all on {day(0)}."
    )
    assert ob.compare({"slow": RatioRotation(window=30), "too": RatioRotation(window=30, entry=2.0)}, market(0, 0)).opening == (
        f"{said}: slow and too need 30 bars, and with a shorter warm-up accounts could open on {day(0)}."
    )
    assert ob.backtest(TEN, market(0, 20)).opening == (
        f"The account opens on {day(29)}, the first day on which ratio-rotation can decide and everything is listed: ratio-rotation needs "
        f"10 bars, and with a shorter warm-up accounts could open on {day(20)}."
    )
    assert ob.sweep(RatioRotation, {"window": [5, 10]}, market(0, 0)).opening == (
        f"All accounts open on {day(9)}, the first day on which every point can decide and everything is listed; without the points that "
        f"need 10 bars accounts could open on {day(4)}, and with no warm-up at all on {day(0)}."
    )
    assert ob.backtest(BuyAndHold(), market(0, 0)).opening == f"The account opens on {day(0)}, the first bar."


def test_a_split_waits_for_what_lists_last_and_says_which() -> None:
    split = {"M": 0.5, "A": 0.3, "B": 0.2}
    result = ob.backtest(BuyAndHold(split=split), market(0, 10, 40), FREE)
    assert result.market.opening == 40
    assert result.opening.endswith(f": B lists on that day, the others since {day(10)}; without B accounts could open on {day(10)}.")
    assert result.flags == ()
    prices = [10.0 + 3 * at + 41 % 7 for at in range(3)]  # all is bought at the next open
    assert result.units.iloc[1].tolist() == pytest.approx([1000 * part / price for part, price in zip(split.values(), prices, strict=True)])


def test_a_split_that_is_asked_to_open_early_is_spread_over_what_is_listed() -> None:
    """50/30/20 without the last is 62.5/37.5; contributions are split in full once it lists, and what was bought is kept."""
    account = ob.Account(cash=1000.0, contribution=100.0, every="week", costs=ob.Costs(slippage=0.0))
    result = ob.backtest(BuyAndHold(split={"M": 0.5, "A": 0.3, "B": 0.2}), market(0, 0, 40), account, start=0)
    prices = np.array([10.0 + 3 * at + np.arange(BARS) % 7 for at in range(3)]).T
    bought = result.units.diff().fillna(0.0).to_numpy() * prices
    assert bought[1].tolist() == pytest.approx([625.0, 375.0, 0.0])
    assert bought[5].tolist() == pytest.approx([62.5, 37.5, 0.0])  # the second Monday
    assert bought[45].tolist() == pytest.approx([50.0, 30.0, 20.0])  # the first after the listing
    assert result.record.cash[1:] == pytest.approx(0.0, abs=1e-9)
    assert result.flags == ()
    assert f"B lists on {day(40)}" in result.opening


def test_instalments_are_spread_over_what_is_listed() -> None:
    buys = DollarCostAverage(installments=2, every="week", split={"A": 0.5, "B": 0.5})
    result = ob.backtest(buys, market(0, 0, 40), FREE, start=0)
    prices = np.array([10.0 + 3 * at + np.arange(BARS) % 7 for at in range(3)]).T
    bought = result.units.diff().fillna(0.0).to_numpy() * prices
    assert bought[1].tolist() == pytest.approx([0.0, 500.0, 0.0])
    assert bought[6].tolist() == pytest.approx([0.0, 500.0, 0.0])  # decided on the second Monday
    waits = ob.backtest(buys, market(0, 20, 40), FREE, start=0)
    assert waits.flags == (f"money waited: {day(0)} to {day(20)}",)
    assert waits.units.iloc[21].tolist()[1] > 0


def test_a_miner_with_a_since_is_not_waited_for() -> None:
    assert all_listed(market(0, 0, 30)) == 30
    assert all_listed(market(0, 0, 30, since={"B": day(30)})) == 0
    assert ob.backtest(TEN, market(0, 0, 30, since={"B": day(30)})).market.opening == 9


@pytest.mark.parametrize("engine", ["backtrader", "compiled"])
def test_money_that_waited_stands_beside_the_figures(engine: str) -> None:
    waited = f"money waited: {day(2)} to {day(29)}"
    assert ob.backtest(TEN, market(0, 20), FREE, engine=engine, start=2).flags == (waited,)
    compared = ob.compare([TEN, BuyAndHold(split={"miners": 1.0})], market(0, 20), FREE, engine=engine, start=2)
    assert compared.results["ratio-rotation"].flags == (waited,)
    assert compared.results["metal: M"].flags == ()
    assert compared.results["miners: A"].flags == (f"money waited: {day(2)} to {day(20)}",)
    assert waited in repr(compared)
    assert compared.results["ratio-rotation"].opening == compared.opening


class Silent(ob.Strategy):
    """Needs ten bars and does not say so."""

    def decide(self, market: ob.Market) -> ob.Decisions:
        weights = np.full(market.close.shape, np.nan)
        weights[9:, 0] = 1.0
        return ob.Decisions(weights=weights)


def test_a_strategy_that_needs_more_bars_than_it_says_is_found_out() -> None:
    result = ob.backtest(Silent(), market(0, 0), FREE)
    assert result.market.opening == 0
    assert result.flags == (f"money waited: {day(0)} to {day(9)}",)


@pytest.mark.parametrize("bars", [0, -5, 1.5, float("nan"), True, "ten"])
def test_a_number_of_bars_that_is_none_is_refused(bars: object) -> None:
    class Odd(Silent):
        bars_needed = bars  # type: ignore[assignment]

    with pytest.raises(ob.OrebodyError, match="it must be a whole number of bars, at least 1"):
        ob.backtest(Odd(), market(0, 0))


def rated(first: int) -> pd.DataFrame:
    return pd.DataFrame({"date": [DAYS[first]], "ticker": ["A"], "bullish": [3], "neutral": [1], "bearish": [0]})


def known(first: int) -> pd.DataFrame:
    row = {"ticker": "A", "period_end": DAYS[first] - pd.Timedelta(days=40), "published": DAYS[first], "unit": "USD/oz", "aisc": 9.0}
    return pd.DataFrame([{**row, "net_debt_ebitda": 1.0, "mines": 3, "countries": 2}])


GAUGE = pd.Series(1.0 + np.arange(BARS) % 5, index=DAYS)


@pytest.mark.parametrize(
    ("strategy", "bars", "bar"),
    [
        (BuyWeakness(lookback=10), market(0, 0), 10),  # ten returns are eleven closes
        (BuyWeakness(lookback=10, into="B"), market(0, 0, 20), 30),
        (DryPowderAveraging(lookback=10), market(0, 0), 9),
        (DryPowderAveraging(lookback=10, into="B"), market(0, 0, 20), 29),
        (BuyAndHold(split={"B": 1.0}), market(0, 0, 20), 20),
        (RegimeFilter(inner=TEN, gauge="dollar", window=15), market(0, 0, gauges={"dollar": GAUGE}), 14),
        (RegimeFilter(inner=TEN, gauge="dollar", window=15), market(0, 0, gauges={"dollar": GAUGE.iloc[20:]}), 34),
        (VolatilityTarget(inner=RegimeFilter(inner=TEN, gauge="dollar", window=15)), market(0, 0, gauges={"dollar": GAUGE.iloc[48:]}), 63),
        (RatingsBreadth(window=5), market(0, 0, ratings=rated(20)), 24),
    ],
)
def test_the_first_bar_on_which_strategies_can_decide(strategy: ob.Strategy, bars: ob.Market, bar: int) -> None:
    assert decides_from(strategy, bars) == bar
    for cut in range(bar + 1, BARS + 1):  # nothing after it has a say in it
        assert decides_from(strategy, bars.cut(cut)) == bar
    if bar < BARS:
        assert ob.backtest(strategy, bars, check_lookahead=False).market.opening == max(bar, all_listed(bars))


def test_producers_can_be_chosen_on_the_first_day_of_a_period_with_something_known() -> None:
    bars = market(0, 0, fundamentals=known(15), gauges={"spot": GAUGE + 20.0})
    february = int(np.argmax(DAYS >= pd.Timestamp("2024-02-01")))
    assert february > 16
    assert decides_from(QualityTilt(every="month"), bars) == february


def test_what_is_never_known_is_said() -> None:
    with pytest.raises(ob.OrebodyError, match="regime-filter needs 50 bars of all that it reads before it can decide, the market has 60"):
        ob.backtest(RegimeFilter(inner=TEN, gauge="dollar", window=50), market(0, 0, gauges={"dollar": GAUGE.iloc[30:]}))


def test_a_backtrader_class_that_trades_before_its_indicators_are_full_is_let() -> None:
    class Early(Crosses):
        def prenext(self) -> None:
            self.buy(size=1)

    assert ob.backtest(Early, market(0, 0), FREE).market.opening == 0


@needs_real_prices
def test_gold_and_its_miners_open_when_the_rule_can_decide() -> None:
    """Of 2005 with the file of GLD the rotation lost against gold, which was invested two years before it."""
    result = ob.backtest(RatioRotation(), ob.load_market("gold", source=FOLDER), ob.Account(contribution=1000))
    assert str(result.dates[0].date()) == "2007-05-22"
    assert [round(100 * one.metrics().xirr, 2) for one in (result, result.benchmark)] == [10.81, 10.62]
    producers = ob.load_market("gold-producers", source=FOLDER)
    held = ob.backtest(BuyAndHold(), producers, check_lookahead=False)
    assert held.dates[0] == producers.dates[int(producers.first.max())] > pd.Timestamp("2005-01-03")


@needs_real_prices
def test_excluding_what_takes_longest_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["compare", "gold", "--source", str(FOLDER), "--engine", "compiled", "--no-tearsheets", "--out", str(tmp_path / "report")]
    code, out, err = call(capsys, *asked, "--exclude", "trim-stretch")
    assert (code, err) == (0, "")
    assert "trim-stretch" not in out
    assert "All accounts open on 2007-05-23" in " ".join(out.split())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--exclude", "trim-strech"], "did you mean 'trim-stretch'?"),
        (["--exclude", "trim-stretch", "--strategy", "ratio-rotation"], "give one of the two"),
        (["--exclude", "trim-stretch", "--set", "trim-stretch.window=9"], "--set changes trim-stretch, which is excluded"),
    ],
)
def test_what_cannot_be_excluded_is_refused(asked: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "compare", "gold", "--source", "sample", *asked)
    assert code == 2
    assert message in err


def ending(*ends: int | None) -> ob.Market:
    """A metal M and miners A, B, ... listed from the first bar, whose series end before these bars; None: they do not."""
    frames = {ticker: frame(0, 10.0 + 3 * at).iloc[:end] for at, (ticker, end) in enumerate(zip("MABCDEFG", ends, strict=False))}
    return ob.Market.from_frames(frames)


def entries(bars: ob.Market) -> dict[str, str]:
    """What each entry point says of its opening."""
    strategy = RatioRotation(window=5)
    points = {"window": [3, 5]}
    return {
        "backtest": ob.backtest(strategy, bars).opening,
        "compare": ob.compare([strategy], bars).opening,
        "a run of compare": ob.compare([strategy], bars).results["ratio-rotation"].opening,
        "sweep": ob.sweep(RatioRotation, points, bars).opening,
        "walk_forward": ob.walk_forward(RatioRotation, points, bars, None, 20, 10, metric="final_equity").result.opening,
        "stress": ob.stress({"fast": strategy, "slow": RatioRotation(window=8)}, bars, None, {"all": (day(20), day(30))}).opening,
        "backtrader": ob.backtest(Crosses, bars).opening,
    }


def test_a_miner_that_ends_before_the_prices_is_named_with_what_its_holder_got() -> None:
    named = f"A (last bar {day(39)}, close {10 + 3 + 39 % 7:.2f}) ends before the last bar of {day(BARS - 1)}: a holder got"
    for entry, said in entries(ending(None, 40, None)).items():
        assert named in said, entry
        assert "gone" not in said, entry  # B goes on
    assert not [entry for entry, said in entries(ending(None, None, None)).items() if "ends" in said]


def test_a_holder_gets_the_close_that_the_sentence_names() -> None:
    result = ob.backtest(BuyAndHold(split={"A": 1.0}), ending(None, 40, None), FREE)
    sold = result.fills.iloc[-1]
    assert (sold.date, sold.ticker, sold.price) == (DAYS[40], "A", 10 + 3 + 39 % 7)
    assert f"close {sold.price:.2f}" in result.opening


def test_miners_that_all_end_are_named_and_what_that_means() -> None:
    said = ob.backtest(RatioRotation(window=5), ending(None, 40, 45)).opening
    assert f"A (last bar {day(39)}, close 17.00) and B (last bar {day(44)}, close 18.00) end before" in said
    assert f"Every miner is gone after {day(44)}" in said


def test_a_miner_that_ended_before_accounts_open_was_never_held() -> None:
    bars = ending(None, 10, None)
    result = ob.backtest(RatioRotation(window=5), bars, start=20)
    assert f"A (last bar {day(9)}) ended before the accounts could hold it." in result.opening
    assert "A" not in set(result.fills["ticker"])


def test_a_miner_that_leaves_by_the_universe_s_dates_is_not_said_to_end() -> None:
    frames = {ticker: frame(0, base).iloc[:end] for ticker, base, end in (("M", 10.0, 60), ("A", 13.0, 40), ("B", 16.0, 60))}
    universe = ob.Universe("small", "M", ("A", "B"), until={"A": day(30)})
    assert "A (last bar" not in ob.backtest(RatioRotation(window=5), ob.Market.from_frames(frames, universe=universe)).opening


def test_no_shorter_warm_up_is_promised_before_what_a_strategy_reads_begins() -> None:
    gauge = pd.Series(np.linspace(100, 101, BARS - 30), index=DAYS[30:])
    bars = market(0, 0, gauges={"dollar": gauge})
    rule = RegimeFilter(inner=RatioRotation(window=5), window=4)
    said = ob.backtest(rule, bars, check_lookahead=False).opening
    assert f"on {day(33)}" in said  # the gauge's fourth value
    assert "of all that is read" in said
    assert "could open" not in said
    both = ob.compare({"filter": rule, "plain": RatioRotation(window=8)}, bars, check_lookahead=False).opening
    assert f"without filter, which needs 5 bars of all that is read, accounts could open on {day(7)}" in both
    assert "no warm-up at all" not in both


def test_a_gauge_that_ends_years_before_the_prices_is_doubtful() -> None:
    days = pd.bdate_range("2020-01-01", periods=500)
    prices = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), 10.0 + np.arange(500) % 7), index=days)

    def doubts(gauge: pd.Series) -> tuple[str, ...]:
        return ob.Market.from_frames({"M": prices, "A": prices}, gauges={"dollar": gauge}).doubts

    daily = pd.Series(100.0, index=days)
    assert doubts(daily[:300]) == (
        f"gauge 'dollar' ends on {days[299].date()}, and its last value stands on all bars to {days[-1].date()}: "
        "give a longer series, or end= there",
    )
    assert not doubts(daily)
    assert not doubts(daily[:480])  # 28 days
    assert not doubts(daily.resample("ME").last()[:-3])  # of months, not yet published
