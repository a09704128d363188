"""Metrics: cases worked by hand, a second computation of everything, and published figures of real funds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import recomputed
from hypothesis import given, settings
from hypothesis import strategies as st
from real_data import FOLDER, needs_real_prices
from small_markets import FREE, Told, market, run

import orebody as ob
from orebody.metrics import Metrics, calendar_returns, drawdowns, format_figure, monthly_returns, yearly_returns
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation

HOLD = {"deploy": [[1.0, 0.0]], "contribution_split": [[1.0, 0.0]], "rows": np.array([0])}


def held(closes: list[float], dates: list[str], **account: float) -> ob.Result:
    """Hold A, bought at the second open of 100, over these closes."""
    opens = [100.0, 100.0, *closes[1:-1]]
    prices = market(dates, [[o, 50.0] for o in opens], [[c, 50.0] for c in closes])
    return run(prices, ob.Account(costs=FREE, **account), **HOLD)  # type: ignore[arg-type]


def test_a_year_by_hand() -> None:
    # 100 -> 110 -> 99 -> 121 over one leap year: a fall of 10 % from the first to the second, healed by the third
    days = ["2024-01-01", "2024-05-01", "2024-09-01", "2025-01-01"]
    figures = held([100, 110, 99, 121], days, cash=1_000.0).metrics()
    assert figures.final_equity == pytest.approx(1_210)
    lines = str(figures).splitlines()
    assert len(lines) == len(dataclasses.fields(Metrics))
    assert lines[0].split() == ["Final", "equity", "1,210.00"]
    assert len(set(map(len, lines))) == 1
    assert figures.profit == pytest.approx(210)
    assert figures.total_return == pytest.approx(0.21)
    assert figures.cagr == pytest.approx(1.21 ** (365.25 / 366) - 1)
    assert figures.xirr == pytest.approx(1.21 ** (365 / 366) - 1, abs=1e-9)
    assert figures.max_drawdown == pytest.approx(-0.1)
    assert figures.calmar == pytest.approx(figures.cagr / 0.1)
    assert [str(day.date()) for day in (figures.drawdown_peak, figures.drawdown_trough, figures.drawdown_recovery)] == days[1:]
    assert figures.longest_under_water == 245  # 1 May 2024 to 1 January 2025
    assert figures.time_under_water == pytest.approx(1 / 4)
    assert figures.exposure == pytest.approx(3 / 4)
    assert figures.dry_powder == pytest.approx(1 / 4)
    assert figures.expected_shortfall == pytest.approx(-0.1)  # the worst 5 % of three bars is one bar
    assert figures.trades == 1
    assert figures.turnover == 0.0  # bought once, sold nothing
    returns = [0.1, -0.1, 121 / 99 - 1]
    mean = sum(returns) / 3
    spread = math.sqrt(sum((one - mean) ** 2 for one in returns) / 2)
    ppy = held([100, 110, 99, 121], days).market.periods_per_year
    assert figures.volatility == pytest.approx(spread * math.sqrt(ppy))
    assert figures.sharpe == pytest.approx(mean / spread * math.sqrt(ppy))
    assert figures.sortino == pytest.approx(mean / math.sqrt(0.1**2 / 3) * math.sqrt(ppy))
    assert figures.beta == pytest.approx(1.0)
    assert figures.up_capture == pytest.approx(1.0)
    assert figures.down_capture == pytest.approx(1.0)
    assert math.isnan(figures.information_ratio)  # it is the metal: there is no active return to divide by


def test_a_contribution_is_never_profit() -> None:
    days = ["2024-01-01", "2024-06-03", "2025-01-02"]
    result = held([100, 100, 100], days, cash=1_000.0, contribution=500.0)
    figures = result.metrics()
    assert result.flows.tolist() == [0.0, 500.0, 500.0]
    assert figures.final_equity == pytest.approx(2_000)
    assert figures.contributed == pytest.approx(2_000)
    assert figures.profit == pytest.approx(0)
    assert figures.total_return == pytest.approx(0)
    assert figures.xirr == pytest.approx(0, abs=1e-9)


def test_late_money_weighs_less_in_the_money_weighted_return() -> None:
    # 1,000 doubles in the first year; 1,000 more arrives and all of it stands still for the second
    days = ["2023-01-02", "2024-01-02", "2025-01-02"]
    prices = market(days, [[100.0, 9.0], [100.0, 9.0], [200.0, 9.0]], [[100.0, 9.0], [200.0, 9.0], [200.0, 9.0]])
    figures = run(prices, ob.Account(cash=1_000, contribution=1_000, every="year", costs=FREE), **HOLD).metrics()
    # bar 1 buys 20 units for 2,000, which are worth 4,000 at its close; bar 2 adds 1,000
    assert figures.final_equity == pytest.approx(5_000)
    assert figures.total_return == pytest.approx(1.0)
    rate = figures.xirr
    assert 1_000 * (1 + rate) ** (731 / 365) + 1_000 * (1 + rate) ** (366 / 365) + 1_000 == pytest.approx(5_000)


def test_turnover_is_the_lesser_of_buys_and_sales_over_mean_equity_a_year() -> None:
    dates = pd.date_range("2024-01-01", periods=367, freq="D")  # 366 days: 366/365.25 years
    weights = np.full((367, 2), np.nan)
    weights[0], weights[100] = [1.0, 0.0], [0.0, 1.0]
    figures = run(market(dates, [[10.0, 20.0]] * 367), ob.Account(cash=500, costs=FREE), weights=weights).metrics()
    assert figures.turnover == pytest.approx(1.0 / (366 / 365.25))  # 1,000 bought, 500 sold, 500 held


def test_figures_that_do_not_exist_are_nan() -> None:
    still = run(market(["2024-01-01", "2024-01-02", "2024-01-03"], [[5.0, 5.0]] * 3), ob.Account(costs=FREE)).metrics()
    for name in ("cagr", "sharpe", "sortino", "calmar", "beta", "up_capture", "down_capture", "information_ratio"):
        assert math.isnan(getattr(still, name)), name
    assert still.drawdown_peak is pd.NaT
    assert still.volatility == still.max_drawdown == still.exposure == still.trades == 0
    short = held([100, 101, 102], ["2024-01-01", "2024-01-02", "2024-12-30"]).metrics()
    assert math.isnan(short.cagr)  # under one year


def test_interest_on_idle_cash_is_no_excess_return() -> None:
    dates = pd.bdate_range("2024-01-01", periods=300)
    idle = run(market(dates, [[5.0, 5.0]] * 300, cash_rate=0.04), ob.Account(cash=1_000, costs=FREE)).metrics()
    years = (dates[-1] - dates[0]).days
    assert idle.interest > 0
    assert idle.profit == pytest.approx(idle.interest)
    assert idle.cagr == pytest.approx((1 + idle.total_return) ** (365.25 / years) - 1)
    assert math.isnan(idle.sharpe)  # earning exactly the cash rate
    assert idle.exposure == 0
    assert idle.dry_powder == 1


def test_cash_alone_has_no_excess_return_whatever_arrives() -> None:
    dates = pd.bdate_range("2020-01-01", periods=600)
    account = ob.Account(cash=1_000, contribution=1_000, every="week", cash_rate=0.05)
    figures = run(market(dates, [[5.0, 5.0]] * 600), account).metrics()
    assert math.isnan(figures.sharpe)
    assert math.isnan(figures.sortino)


def test_rounding_is_no_drawdown() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    account = ob.Account(cash=1_000.37, contribution=33.33, costs=FREE)
    figures = run(market(dates, [[10.1, 5.0]] * 300), account, **HOLD).metrics()
    assert figures.max_drawdown == figures.longest_under_water == figures.time_under_water == 0
    assert math.isnan(figures.calmar)


def test_figures_of_a_ruined_account_exist() -> None:
    dates = pd.bdate_range("2020-01-01", periods=600)
    prices = np.full((600, 2), 10.0)
    prices[300:, 1] = 40.0
    weights = np.full((600, 2), np.nan)
    weights[0] = [0.0, -1.0]
    ruined = run(market(dates, prices), ob.Account(cash=1_000, contribution=10), weights=weights)  # type: ignore[arg-type]
    figures = ruined.metrics()
    assert ruined.ruined == dates[300]
    assert figures.cagr == -1.0
    assert figures.total_return < -1.0
    agrees(ruined)


def test_drawdowns_from_peak_to_recovery_and_open_ones() -> None:
    days = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"])
    table = drawdowns(pd.Series([0.0, -0.5, 1.0, 0.1, -0.2, 0.05], index=days))
    assert table["depth"].tolist() == pytest.approx([-0.5, -0.2])
    assert [str(day.date()) for day in table["peak"]] == ["2024-01-01", "2024-01-04"]
    assert [str(day.date()) for day in table["trough"]] == ["2024-01-02", "2024-01-05"]
    assert str(table["recovery"][0].date()) == "2024-01-03"
    assert table["recovery"][1] is pd.NaT
    assert table["days"].tolist() == [2, 4]


def test_a_fall_on_the_first_bar_that_never_ends_is_found() -> None:
    days = pd.date_range("2024-01-01", periods=4, freq="D")
    (fall,) = drawdowns(pd.Series([0.0, -0.1, 0.01, 0.01], index=days)).itertuples()
    assert fall.peak == days[0]
    assert fall.trough == days[1]
    assert fall.recovery is pd.NaT
    assert fall.days == 3


def test_calendar_periods_and_whether_they_are_whole() -> None:
    days = pd.DatetimeIndex(["2022-12-30", "2023-01-31", "2023-06-30", "2023-12-29", "2024-02-01"])
    returns = pd.Series([0.0, 0.1, 0.1, -0.5, 0.2], index=days)
    years = yearly_returns(returns)
    assert years.index.tolist() == [2023, 2024]
    assert years["return"].tolist() == pytest.approx([1.1 * 1.1 * 0.5 - 1, 0.2])
    assert years["whole"].tolist() == [True, False]
    assert monthly_returns(returns.iloc[1:]).tolist() == pytest.approx([0.1, 0.1, -0.5, 0.2])


@pytest.mark.parametrize(
    ("last", "whole"),
    [("2023-12-27", False), ("2023-12-28", False), ("2023-12-29", True), ("2024-12-30", False), ("2024-12-31", True)],
)
def test_a_year_its_quarter_and_its_month_are_whole_when_no_weekday_of_them_is_left(last: str, whole: bool) -> None:
    returns = pd.Series(0.001, index=pd.bdate_range("2022-06-30", last))
    assert bool(yearly_returns(returns)["whole"].iloc[-1]) is whole
    for unit, begun in (("Y", 1), ("Q", 0), ("M", 0)):  # the first bar, the only one of its quarter, has no return
        table = calendar_returns(returns, unit)
        assert table["whole"].tolist() == [False] * begun + [True] * (len(table) - 1 - begun) + [whole]


def test_how_figures_read() -> None:
    assert format_figure("money", -1234.5) == "-1,234.50"
    assert format_figure("percent", 0.12345) == "12.35 %" or format_figure("percent", 0.12345) == "12.34 %"
    assert format_figure("ratio", math.nan) == format_figure("date", pd.NaT) == "–"
    assert format_figure("count", 1234) == "1,234"
    assert format_figure("date", pd.Timestamp("2024-02-29")) == "2024-02-29"


def agrees(result: ob.Result) -> None:
    mine, again = result.metrics(), recomputed.figures(result)
    assert set(again) == {field.name for field in dataclasses.fields(Metrics)}
    for name, figure in again.items():
        assert recomputed.same(getattr(mine, name), figure, rel=1e-8), f"{name}: {getattr(mine, name)!r}, again {figure!r}"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_figure_again_on_random_markets(seed: int) -> None:
    draw = np.random.RandomState(seed)
    bars = int(draw.randint(3, 400))
    dates = pd.DatetimeIndex(np.datetime64("2020-01-01") + np.cumsum(draw.choice([1, 1, 1, 1, 3], size=bars)).astype("timedelta64[D]"))
    steps = draw.standard_normal((bars, 2)) * draw.choice([0.0, 0.01, 0.04], size=2)
    prices = market(dates, np.exp(np.cumsum(steps, axis=0)) * 50, cash_rate=float(draw.choice([0.0, 0.03])))  # type: ignore[arg-type]
    weights = np.full((bars, 2), np.nan)
    rows = draw.choice(bars, size=draw.randint(0, min(bars, 12)), replace=False)
    weights[rows] = draw.dirichlet(np.ones(3), size=len(rows))[:, :2]
    account = ob.Account(
        cash=float(draw.choice([0.0, 10_000.0])) or 100.0,
        contribution=float(draw.choice([0.0, 250.0])),
        costs=ob.Costs(commission=0.001, slippage=0.0005),
    )
    result = ob.backtest(Told(ob.Decisions(weights=weights)), prices, account, check_lookahead=False)
    agrees(result)


@pytest.mark.parametrize("strategy", [BuyAndHold(split={"metal": 0.6, "miners": 0.3}), DollarCostAverage(), RatioRotation()], ids=repr)
def test_every_figure_again_on_the_sample(strategy: ob.Strategy) -> None:
    account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
    agrees(ob.backtest(strategy, ob.load_market("gold", source="sample"), account))


def test_quantstats_agrees_where_quantstats_is_right() -> None:
    stats = pytest.importorskip("quantstats.stats")
    result = ob.backtest(RatioRotation(), ob.load_market("gold", source="sample"), ob.Account(cash_rate=0.0))
    figures, ppy = result.metrics(), result.market.periods_per_year
    bars = result.returns.iloc[1:]
    metal = result.benchmark.returns.iloc[1:]
    assert figures.sharpe == pytest.approx(stats.sharpe(bars.copy(), periods=ppy), rel=1e-9)
    assert figures.sortino == pytest.approx(stats.sortino(bars.copy(), periods=ppy), rel=1e-9)
    assert figures.volatility == pytest.approx(stats.volatility(bars.copy(), periods=ppy), rel=1e-9)
    assert figures.max_drawdown == pytest.approx(stats.max_drawdown(bars.copy()), rel=1e-9)
    assert figures.total_return == pytest.approx(stats.comp(bars.copy()), rel=1e-9)
    assert figures.beta == pytest.approx(stats.greeks(bars.copy(), metal.copy(), ppy)["beta"], rel=1e-9)


@needs_real_prices
class TestPublished:
    """Figures that others publish for the funds themselves."""

    def fund(self, ticker: str) -> pd.Series:
        raw = pd.read_csv(FOLDER / f"{ticker}.csv", index_col="Date", parse_dates=True)["Adj Close"].loc["2006-05-22":]  # type: ignore[misc]
        return raw.pct_change().fillna(0.0)

    def test_the_maximum_drawdown_of_gdx(self) -> None:
        worst = drawdowns(self.fund("GDX")).iloc[0]
        assert round(100 * worst["depth"], 2) == -80.57
        assert str(worst["peak"].date()) == "2011-09-08"
        assert str(worst["trough"].date()) == "2016-01-19"

    @pytest.mark.parametrize(
        ("ticker", "published"),
        [
            ("GLD", "30.45 4.92 24.03 29.27 9.57 6.60 -28.33 -2.19 -10.67 8.03 12.81 -1.94 17.86 24.81 -4.15 -0.77 12.69 26.66 63.68"),
            (
                "GDX",
                "16.77 -26.07 36.73 33.92 -16.09 -8.87 -54.02 -12.44 -24.71 52.92 11.99 -8.77 39.82 23.66 -9.52 -9.01 9.98 10.64 154.77",
            ),
        ],
    )
    def test_calendar_years(self, ticker: str, published: str) -> None:
        years = yearly_returns(self.fund(ticker))
        whole = years[years["whole"]]
        assert whole.index.tolist() == list(range(2007, 2026))
        assert years.index[~years["whole"]].tolist() == [2006, 2026]
        assert (100 * whole["return"]).round(2).tolist() == pytest.approx([float(year) for year in published.split()], abs=0.011)

    def test_every_figure_again(self) -> None:
        prices = ob.load_market(ob.Universe("gold", metal="GLD", miners=("GDX",)), source=FOLDER, start="2006-05-22", end="2026-05-01")
        account = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001), cash_rate=0.017)
        for strategy in (BuyAndHold(split={"miners": 1.0}), DollarCostAverage(), RatioRotation()):
            agrees(ob.backtest(strategy, prices, account))
