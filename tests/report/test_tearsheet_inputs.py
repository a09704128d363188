"""The inputs that break quantstats still make a tearsheet."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from small_markets import FREE, Told, market, run
from whole_tearsheet import Sheet, every_figure

import orebody as ob
from orebody.report.tearsheet import charts, document
from orebody.strategies import BuyAndHold


def drawn(found: Sheet) -> int:
    return sum(address.startswith("data:image/svg") for address in found.addresses)


def priced(dates: pd.DatetimeIndex, seed: int = 3, **rates: float) -> ob.Market:
    steps = np.random.RandomState(seed).standard_normal((len(dates), 2)) * 0.01
    return market(dates, 50 * np.exp(np.cumsum(steps, axis=0)), **rates)  # type: ignore[arg-type]


def shown(result_: ob.Result) -> Sheet:
    """The page, with every figure recomputed."""
    found = Sheet(document.html(result_))
    assert "could not draw" not in found.words
    cells = [cell for rows in found.tables.values() for row in rows for cell in row]
    assert not [cell for cell in cells if re.search(r"\b(nan|nat|inf|none)\b", cell.lower()) and cell != "none"]
    if len(result_.dates) > 1:
        every_figure(found, result_)
    return found


@pytest.mark.parametrize("rates", [{}, {"cash_rate": 0.03}])
def test_a_run_that_never_trades(rates: dict[str, float]) -> None:
    found = shown(ob.backtest(Told(ob.Decisions()), priced(pd.bdate_range("2020-01-01", periods=600), **rates), check_lookahead=False))
    assert "It never traded: all money stayed in cash." in found.words
    assert drawn(found) >= 8
    rows = found.figures()
    assert rows["Time in market"][0] == "0.00 %"
    # interest is neither a gain nor a loss
    assert rows["Days above cash"][0] == rows["Days below cash"][0] == "0.00 %"
    assert rows["Sharpe over the cash rate"][0] == rows["Payoff ratio"][0] == "–"


def test_prices_that_never_move() -> None:
    still = market(pd.bdate_range("2020-01-01", periods=600), np.full((600, 2), 10.0))  # type: ignore[arg-type]
    found = shown(run(still, ob.Account(costs=FREE), deploy=[[1.0, 0.0]], rows=np.array([0])))
    assert "the metal never moved" in found.words
    assert found.figures()["Volatility"] == ("0.00 %", "0.00 %")


def test_one_bar() -> None:
    found = shown(ob.backtest(BuyAndHold(), priced(pd.bdate_range("2020-01-01", periods=600)), start=599))
    assert "It has a single bar: there is no return yet." in found.words
    assert drawn(found) == 0
    assert "years" not in found.tables
    rows = found.figures()
    assert rows["Final equity"] == rows["Money put in"] == ("100,000", "100,000")
    assert {rows[title] for title in ("CAGR", "Best day", "Best month", "Last 3 months", "Volatility")} == {("–", "–")}


def test_two_bars() -> None:
    assert drawn(shown(ob.backtest(BuyAndHold(), priced(pd.bdate_range("2020-01-01", periods=2))))) >= 2


@pytest.mark.parametrize("bars", [12])
def test_a_short_history_has_no_trailing_years_and_no_annual_growth(bars: int) -> None:
    found = shown(ob.backtest(BuyAndHold(split={"miners": 1.0}), priced(pd.bdate_range("2020-01-01", periods=bars))))
    rows = found.figures()
    assert {rows[f"Last {time}, a year"] for time in ("3 years", "5 years", "10 years")} == {("–", "–")}
    assert rows["CAGR"] == rows["Cash, growth a year"] == rows["Best whole year"] == ("–", "–")
    assert "It is shorter than a year" in found.words
    assert f"the run has {bars} bars, and one window needs more than 252" in found.words
    assert [row[0] for row in found.rows("years")] == ["2020 (part)"]


def test_a_ruined_run_says_so_and_when() -> None:
    closes = np.full((600, 2), 50.0)
    closes[:300, 1] = np.linspace(50, 30, 300)
    closes[300:, 1] = 3.0
    account = ob.Account(costs=FREE, leverage=2.0, maintenance_margin=0.0, contribution=100.0)
    ruin = run(market(pd.bdate_range("2020-01-01", periods=600), closes), account, weights=[[0.0, 2.0]], rows=np.array([0]))  # type: ignore[arg-type]
    assert ruin.ruined is not None
    found = shown(ruin)
    assert f"RUINED on {ruin.ruined.date()}: equity was gone" in found.words
    rows = found.figures()
    assert rows["CAGR"][0] == "-100.00 %"
    assert float(rows["Time-weighted return"][0].removesuffix(" %")) <= -100
    assert found.rows("drawdowns")[0][2] == "open"
    assert drawn(found) >= 7


def test_hostile_words_are_text_everywhere() -> None:
    evil = '<script>alert(1)</script> & "x" $\\frac{1}{0}$ =cmd() _a'
    found = shown(ob.backtest(BuyAndHold(split={"metal": 0.5}), priced(pd.bdate_range("2020-01-01", periods=300)), label=evil))
    assert "script" not in found.tags
    assert not [address for address in found.addresses if address.startswith("event ")]
    assert found.words.count(evil) >= 3  # the head of the page and of two tables
    pictures = [base64.b64decode(one.partition(",")[2]).decode() for one in found.addresses if one.startswith("data:image/svg")]
    assert sum("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; $" in one or '&gt; &amp; "x" $' in one for one in pictures) >= 5
    for one in pictures:
        assert {element.tag.partition("}")[2] for element in ElementTree.fromstring(one).iter()}.isdisjoint({"script", "foreignObject"})


def test_weekly_bars() -> None:
    prices = priced(pd.date_range("2015-01-02", periods=400, freq="W-FRI"))
    assert prices.periods_per_year == pytest.approx(52, abs=0.5)
    found = shown(ob.backtest(BuyAndHold(split={"miners": 1.0}), prices))
    assert drawn(found) == len(charts.CHARTS)
    assert "Best week" in found.figures()


def test_bars_further_apart_than_months() -> None:
    found = shown(ob.backtest(BuyAndHold(split={"miners": 1.0}), priced(pd.date_range("1970-01-02", periods=50, freq="QE"))))
    assert "too far apart for windows of half a year" in found.words
    assert drawn(found) == 6


def test_a_strategy_that_is_the_metal() -> None:
    found = shown(ob.backtest(BuyAndHold(), ob.load_market("gold", source="sample", start="2021-01-01"), label="SIM-GOLD, same cash flows"))
    assert drawn(found) == len(charts.CHARTS)


def test_gains_only_and_one_above_a_hundred_per_cent() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    rising = np.cumprod(np.full(300, 1.001))[:, None] * [100.0, 10.0]
    rising[150:] *= 3
    found = shown(run(market(dates, rising), ob.Account(costs=FREE), deploy=[[1.0, 0.0]], rows=np.array([0])))  # type: ignore[arg-type]
    total = found.figures()["Time-weighted return"][0]
    assert float(total.replace(",", "").removesuffix(" %")) > 250
    assert "never below an earlier high" in found.words


def test_a_drawdown_from_the_first_bar_that_stays_open() -> None:
    dates = pd.bdate_range("2020-01-01", periods=300)
    falling = np.cumprod(np.full(300, 0.999))[:, None] * [100.0, 10.0]
    found = shown(run(market(dates, falling), ob.Account(costs=FREE), deploy=[[1.0, 0.0]], rows=np.array([0])))  # type: ignore[arg-type]
    assert [row[2] for row in found.rows("drawdowns")] == ["open"]


def test_a_negative_cash_rate() -> None:
    prices = priced(pd.bdate_range("2020-01-01", periods=600), cash_rate=-0.01)
    assert drawn(shown(ob.backtest(BuyAndHold(split={"metal": 0.5}), prices))) == len(charts.CHARTS)


def test_a_weekly_year_is_whole_when_its_next_bar_would_be_in_the_next() -> None:
    weeks = pd.date_range("2014-12-26", "2020-12-25", freq="W-FRI")
    found = shown(ob.backtest(BuyAndHold(), priced(weeks)))
    assert [row[0] for row in found.rows("years")] == [str(year) for year in range(2015, 2021)]
    earlier = shown(ob.backtest(BuyAndHold(), priced(weeks[:-1])))
    assert earlier.rows("years")[-1][0] == "2020 (part)"
