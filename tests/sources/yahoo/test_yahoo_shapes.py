"""The real yfinance against answers in the shapes that Yahoo really sends: the right bars come of each, with values known by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from fast_client import in_a_hurry
from test_yahoo_client import days
from yahoo_answers import capital_gain_in_a_currency, float32, live_row, next_session, null_last_day, of_symbol, short_of
from yahoo_faults import Fault, changed
from yahoo_series import Series
from yahoo_server import YahooServer

from orebody.errors import DownloadError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import chart_response
from orebody.sources.yahoo.parsing import same_ticker

FOUR = days("2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04")  # closes 10, 11, 12, 13
LONDON_DAY = {"zone": "Europe/London", "open_at": "00:00", "close_at": "23:59", "kind": "CURRENCY", "exchange": "CCY"}


@pytest.fixture
def quotes() -> Callable[..., Quotes]:
    return in_a_hurry([])


def at(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)


def closes(got: Quotes) -> dict[str, float]:
    return {str(day.date()): float(close) for day, close in got.bars["Close"].items()}


# ---- rows of a session under way ----


@pytest.mark.parametrize(
    ("now", "last"),
    [("2020-06-04 18:00", ("2020-06-03", 12.0)), ("2020-06-04 20:30", ("2020-06-04", 13.25))],
)
def test_a_live_row_beside_the_row_of_the_opening(
    yahoo: YahooServer, quotes: Callable[..., Quotes], now: str, last: tuple[str, float]
) -> None:
    """While New York trades neither row is history; afterwards the row of the last trade, which has the whole day, counts."""
    yahoo.series["X"], yahoo.now = Series(FOUR), at(now)
    yahoo.misbehave("X", live_row("2020-06-04 17:59:41" if now < "2020-06-04 20" else "2020-06-04 20:00:02", 13.25))
    assert list(closes(quotes("X", now=yahoo.now)).items())[-1] == last


@pytest.mark.parametrize(
    ("live", "now"),
    [
        ("2020-06-04 21:00:15", "2020-06-04 21:05"),  # 22:00:15 in London
        ("2020-06-04 22:00:07", "2020-06-04 22:05"),  # 23:00:07
        ("2020-06-04 21:00:00", "2020-06-04 21:05"),  # 22:00:00, to the second
    ],
)
def test_a_live_row_late_in_the_evening_keeps_no_unfinished_day(
    yahoo: YahooServer, quotes: Callable[..., Quotes], live: str, now: str
) -> None:
    yahoo.series["EURUSD=X"], yahoo.now = Series(FOUR, **LONDON_DAY), at(now)
    yahoo.misbehave("EURUSD=X", live_row(live, 99.0))
    assert closes(quotes("EURUSD=X", now=yahoo.now)) == {"2020-06-01": 10.0, "2020-06-02": 11.0, "2020-06-03": 12.0}


def test_a_day_dated_an_hour_early_is_the_following(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    """Yahoo has the change of clocks wrong: a day's row begins at 23:00:00 of the day before."""
    yahoo.series["X.SA"] = Series(FOUR, zone="Europe/London", open_at="00:00", close_at="17:00")

    def early(result: dict[str, list[int]]) -> None:
        result["timestamp"] = [moment - 3600 for moment in result["timestamp"]]

    yahoo.misbehave("X.SA", changed(early))
    assert closes(quotes("X.SA")) == {"2020-06-01": 10.0, "2020-06-02": 11.0, "2020-06-03": 12.0, "2020-06-04": 13.0}


@pytest.mark.parametrize(("now", "last"), [("2020-06-05 03:59", "2020-06-03"), ("2020-06-05 04:00", "2020-06-04")])
def test_with_the_next_sessions_times_a_day_counts_when_it_is_over(
    yahoo: YahooServer, quotes: Callable[..., Quotes], now: str, last: str
) -> None:
    yahoo.series["X"], yahoo.now = Series(FOUR), at(now)
    yahoo.misbehave("X", next_session("2020-06-05 13:30", "2020-06-05 20:00"))
    assert list(closes(quotes("X", now=yahoo.now)))[-1] == last


def test_the_bill_is_dated_in_chicago(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.series["^IRX"] = Series(FOUR, zone="America/Chicago", open_at="07:20", close_at="14:00", kind="INDEX", exchange="CGI")
    yahoo.now = at("2020-06-04 19:29")  # 14:29 in Chicago
    assert list(closes(quotes("^IRX", now=yahoo.now)))[-1] == "2020-06-03"
    yahoo.now = at("2020-06-04 19:30")
    assert list(closes(quotes("^IRX", now=yahoo.now)))[-1] == "2020-06-04"


def test_single_floats_stay_what_they_are(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.series["X"] = Series(FOUR + 0.34)
    yahoo.misbehave("X", float32())
    assert closes(quotes("X"))["2020-06-03"] == 12.34000015258789


# ---- actions ----


def test_a_capital_gain_that_names_its_currency(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    """yfinance raises ValueError for it; dividends stay as Yahoo has them, whether or not they contain the gain."""
    yahoo.series["X"] = Series(FOUR)
    yahoo.misbehave("X", capital_gain_in_a_currency("2020-06-03", 6.42, 7.857))
    got = quotes("X").bars
    assert got["Capital Gains"].tolist() == [0, 0, 6.42, 0]
    assert got["Dividends"].tolist() == [0, 0, 7.857, 0]
    yahoo.misbehave("X", capital_gain_in_a_currency("2020-06-03", 6.42, 0.0))
    got = quotes("X").bars
    assert got["Capital Gains"].tolist() == [0, 0, 6.42, 0]
    assert got["Dividends"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("price", "paid_in", "factor"),
    [("ZAC", "ZAR", 100), ("ZAc", "ZAC", 1), ("KWF", "KWD", 1000), ("USX", "USD", 100), ("ILA", "ILS", 100), ("GBp", "GBX", 1)],
)
def test_minor_units(yahoo: YahooServer, quotes: Callable[..., Quotes], price: str, paid_in: str, factor: int) -> None:
    yahoo.series["X"] = Series(FOUR, dividends={"2020-06-03": 0.25}, dividend_currency=paid_in, currency=price)
    assert quotes("X").bars["Dividends"].tolist() == [0, 0, 0.25 * factor, 0]


# ---- metadata ----


@pytest.mark.parametrize(
    "fault", [short_of("max"), short_of("validRanges"), short_of("currency", "instrumentType", "currentTradingPeriod", "firstTradeDate")]
)
def test_metadata_that_are_not_needed_may_be_missing(yahoo: YahooServer, quotes: Callable[..., Quotes], fault: Fault) -> None:
    yahoo.misbehave("GDX", fault)
    assert len(quotes("GDX").bars) == 4822
    assert yahoo.count("GDX") == 1


def test_a_rate_from_dollars_may_answer_by_its_short_name(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.series["USDGBP=X"] = yahoo.series["GBPUSD=X"] = Series(FOUR, **LONDON_DAY)
    yahoo.misbehave("USDGBP=X", changed(of_symbol("GBP=X")))
    assert quotes("USDGBP=X").ticker == "USDGBP=X"
    yahoo.misbehave("GBPUSD=X", changed(of_symbol("GBP=X")))  # that is pounds for a dollar
    with pytest.raises(DownloadError, match="^GBPUSD=X was asked for and Yahoo answered with 'GBP=X'"):
        quotes("GBPUSD=X")


@pytest.mark.parametrize(
    ("asked", "answered", "same"),
    [
        ("USDEUR=X", "EUR=X", True),
        ("EUR=X", "USDEUR=X", True),
        ("EURUSD=X", "EUR=X", False),
        ("EURGBP=X", "GBP=X", False),
        ("USDJPY=X", "JPYUSD=X", False),
        ("GLD", "gld", True),
        ("GC=F", "GCZ25.CMX", False),
    ],
)
def test_names_of_one_thing(asked: str, answered: str, same: bool) -> None:
    assert same_ticker(asked, answered) is same


# ---- days before 1970, which Windows cannot turn ----


def test_moments_before_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    """1962-01-02 14:30 UTC is -252_235_800: eight years less a day, of which two are leap years, before the epoch."""
    seconds = -((8 * 365 + 2 - 1) * 86_400) + 14 * 3600 + 30 * 60
    assert chart_response.unix_moment(seconds) == dt.datetime(1962, 1, 2, 14, 30, tzinfo=dt.UTC)
    now = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    got = chart_response.days_of(np.array([seconds, seconds + 86_400.0]), ZoneInfo("America/New_York"), now)
    assert list(got) == [pd.Timestamp("1962-01-02"), pd.Timestamp("1962-01-03")]


def test_a_dividend_before_1970_keeps_its_day(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    old = days("1962-01-02", "1962-01-03", "1962-01-04")
    yahoo.series["IBM"] = Series(old, dividends={"1962-01-03": 0.5}, splits={"1962-01-04": (5, 4)})
    got = quotes("IBM").bars
    assert (got["Dividends"].tolist(), got["Stock Splits"].tolist()) == ([0, 0.5, 0], [0, 0, 1.25])
    assert got.index[0] == pd.Timestamp("1962-01-02")


def test_no_prices_on_the_last_day(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.series["X"] = replace(Series(FOUR), dividends={"2020-06-02": 0.5})
    yahoo.misbehave("X", null_last_day())
    assert list(closes(quotes("X"))) == ["2020-06-01", "2020-06-02", "2020-06-03"]
