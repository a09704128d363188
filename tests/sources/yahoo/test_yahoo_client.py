"""The real yfinance against a loopback Yahoo: right bars, or one clear sentence, and no request too many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import yahoo_series
from fast_client import in_a_hurry
from yahoo_faults import (
    nan_rows,
)
from yahoo_series import Series
from yahoo_server import YahooServer

from orebody.errors import DownloadError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo.parsing import session_open


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def quotes(waits: list[float]) -> Callable[..., Quotes]:
    return in_a_hurry(waits)


def days(*texts: str) -> pd.DataFrame:
    """Return bars on these days: 10, 11, 12 …, each with a range of 1 around it."""
    close = 10.0 + np.arange(len(texts))
    columns = {"Open": close, "High": close + 0.5, "Low": close - 0.5, "Close": close, "Volume": 1000.0}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(texts))


# ---- right answers ----


def test_a_history_comes_whole_and_raw_in_one_request(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    held = yahoo.series["GDX"]
    got = quotes("gdx")
    assert (got.ticker, got.currency, got.exchange, got.zone, got.kind) == ("GDX", "USD", "PCX", "America/New_York", "ETF")
    assert got.name == "A fund of miners (simulated)"
    assert list(got.bars.columns) == ["Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits"]
    assert got.bars.index.equals(held.bars.index.as_unit("ns"))
    assert got.bars.index.name == "Date"
    assert got.bars.index.tz is None
    for name in ("Open", "High", "Low", "Close", "Volume"):
        np.testing.assert_array_equal(got.bars[name], held.bars[name])
    paid = got.bars["Dividends"][got.bars["Dividends"] != 0]
    assert {str(day.date()): amount for day, amount in paid.items()} == held.dividends
    assert yahoo.count() == 1


def test_yahoos_real_funds_come_as_their_files_say(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    real = yahoo_series.real()
    if not real:
        pytest.skip("OREBODY_DATA names no folder of real prices")
    yahoo.series |= real
    for ticker in ("SLV", "LIT"):
        got = quotes(ticker).bars
        np.testing.assert_array_equal(got[["Open", "High", "Low", "Close"]], real[ticker].bars[["Open", "High", "Low", "Close"]])
        np.testing.assert_array_equal(got["Adj Close"], real[ticker].adjusted)
        assert got["Dividends"].sum() == pytest.approx(sum(real[ticker].dividends.values()), abs=1e-12)


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "first"),
    [
        ("America/New_York", "09:30", "16:00", 1583505000),  # 2020-03-06 14:30 UTC, the Friday before the clocks change
        ("Europe/London", "08:00", "16:30", 1583481600),  # 2020-03-06 08:00 UTC
        ("Australia/Sydney", "10:00", "16:00", 1583449200),  # 2020-03-05 23:00 UTC: in summer the session begins on the day before
    ],
)
def test_dates_are_those_of_the_exchange_when_clocks_change(
    yahoo: YahooServer, quotes: Callable[..., Quotes], zone: str, opens: str, closes: str, first: int
) -> None:
    around = pd.bdate_range("2020-03-06", "2020-04-10").append(pd.bdate_range("2020-09-25", "2020-11-06"))  # both changes of all three
    held = Series(days(*(str(day.date()) for day in around)), zone=zone, open_at=opens, close_at=closes)
    assert held.moment("2020-03-06", opens) == first
    yahoo.series["X"] = held
    got = quotes("X")
    assert got.bars.index.equals(around.as_unit("ns"))
    assert got.bars["Close"].iloc[0] == 10.0
    since = quotes("X", since="2020-10-05").bars
    assert since.index[0] == pd.Timestamp("2020-10-05")
    pd.testing.assert_frame_equal(since, got.bars[pd.Timestamp("2020-10-05") :])


def test_since_gives_the_rows_of_the_whole(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    whole = quotes("GDX").bars
    pd.testing.assert_frame_equal(quotes("GDX", since=dt.date(2025, 12, 1)).bars, whole[pd.Timestamp("2025-12-01") :])
    query = yahoo.asked[-1].query
    assert 0 < int(query["period1"]) <= 1764547200  # no later than 2025-12-01 00:00 UTC


def test_actions_stand_on_their_day_or_the_next_bar(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    bars = days("2020-06-01", "2020-06-02", "2020-06-04", "2020-06-05", "2020-06-08")
    yahoo.series["X"] = Series(
        bars,
        dividends={"2020-05-29": 9.0, "2020-06-02": 0.5, "2020-06-03": 0.25, "2020-06-06": 0.125, "2020-06-09": 9.0},
        gains={"2020-06-02": 0.0625},
        splits={"2020-06-05": (3, 2), "2020-06-07": (1, 10)},
    )
    got = quotes("X").bars
    # of yfinance's own columns, the one of 06-03 would be paid on 06-02, before its ex-date
    assert got["Dividends"].tolist() == [0.0, 0.5, 0.25, 0.0, 0.125]
    assert got["Capital Gains"].tolist() == [0.0, 0.0625, 0.0, 0.0, 0.0]
    assert got["Stock Splits"].tolist() == [0.0, 0.0, 0.0, 1.5, 0.1]
    assert len(got) == 5


def test_a_dividend_in_another_currency_is_turned_at_the_rate_of_its_day(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    bars = days("2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04")
    rates = pd.Series([0.8, 0.75], index=pd.DatetimeIndex(["2020-06-01", "2020-06-03"]))
    yahoo.series["USDGBP=X"] = Series(yahoo_series.flat(rates), zone="Europe/London", open_at="00:00", close_at="23:59", kind="CURRENCY")
    paid = {"2020-06-02": 0.5, "2020-06-03": 0.4}
    london = Series(bars, dividends=paid, dividend_currency="USD", currency="GBp", zone="Europe/London", open_at="08:00", kind="EQUITY")
    yahoo.series["X.L"] = london
    assert quotes("X.L").bars["Dividends"].tolist() == pytest.approx([0, 0.5 * 0.8 * 100, 0.4 * 0.75 * 100, 0])
    assert yahoo.count("USDGBP=X") == 1
    yahoo.series["X.L"] = replace(london, dividend_currency="GBP")
    assert quotes("X.L").bars["Dividends"].tolist() == pytest.approx([0, 50, 40, 0])
    yahoo.series["X.L"] = replace(london, dividends={"2020-06-01": 1.0, "2020-06-04": 1.0}, dividend_currency="EUR")
    with pytest.raises(DownloadError, match="^X.L pays dividends in EUR on a price in GBP: EURGBP=X is not known to Yahoo"):
        quotes("X.L")
    yahoo.series["USDGBP=X"] = Series(yahoo_series.flat(rates["2020-06-03":]), zone="Europe/London", open_at="00:00", close_at="23:59")
    yahoo.series["X.L"] = london
    with pytest.raises(DownloadError, match=r"^X.L paid a dividend on 2020-06-02 in USD .* \(its rates begin 2020-06-03\)"):
        quotes("X.L")


def test_a_day_without_any_price_is_left_out_and_one_with_some_is_not(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    bars = days("2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04")
    yahoo.series["X"] = Series(bars, dividends={"2020-06-02": 0.5})
    yahoo.misbehave("X", nan_rows(1))
    got = quotes("X").bars
    assert [str(day.date()) for day in got.index] == ["2020-06-01", "2020-06-03", "2020-06-04"]
    assert got["Dividends"].tolist() == [0, 0.5, 0]  # what was paid on the day left out is not lost
    yahoo.misbehave("X", nan_rows(1, columns=("Open", "High")))
    got = quotes("X").bars
    assert len(got) == 4
    assert got.iloc[1][["Open", "High"]].isna().all()
    assert got.iloc[1]["Close"] == 11.0


def test_a_late_dividend_and_a_split_change_the_history(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    before = quotes("GLD").bars
    yahoo.series["GLD"] = yahoo.series["GLD"].with_dividend("2020-06-01", 2.0)
    paid = quotes("GLD").bars
    ex = pd.Timestamp("2020-06-01")
    factor = 1 - 2.0 / before["Close"][:ex].iloc[-2]
    np.testing.assert_allclose(paid["Adj Close"][: ex - pd.Timedelta(days=1)], before["Close"][: ex - pd.Timedelta(days=1)] * factor)
    np.testing.assert_array_equal(paid["Close"], before["Close"])
    assert paid["Dividends"][ex] == 2.0
    yahoo.series["GLD"] = yahoo.series["GLD"].resplit("2021-03-01", 2, 1)
    split = quotes("GLD").bars
    assert split["Stock Splits"][pd.Timestamp("2021-03-01")] == 2.0
    np.testing.assert_allclose(split["Close"][:"2021-02-26"], before["Close"][:"2021-02-26"] / 2)
    assert split["Dividends"][ex] == 1.0


# ---- the session that is still open ----


@pytest.mark.parametrize(
    ("ticker", "now", "last"),
    [
        ("GDX", "2025-06-02 17:00", "2025-05-30"),  # 13:00 in New York
        ("GDX", "2025-06-02 20:29", "2025-05-30"),  # half an hour for auctions and delays is not over
        ("GDX", "2025-06-02 20:30", "2025-06-02"),
        ("GDX", "2025-06-03 12:00", "2025-06-02"),  # before the next open
        ("FRES.L", "2025-06-03 15:59", "2025-06-02"),  # London closes at 15:30 UTC in summer
        ("FRES.L", "2025-06-03 16:00", "2025-06-03"),
        ("NST.AX", "2025-06-03 06:29", "2025-06-02"),  # Sydney closes at 06:00 UTC in its winter
        ("NST.AX", "2025-06-03 06:30", "2025-06-03"),
        ("NST.AX", "2025-06-03 23:59", "2025-06-03"),  # the 4th has begun there and not opened
        ("GC=F", "2025-06-03 20:00", "2025-06-02"),  # a future's day ends at midnight
    ],
)
def test_the_last_bar_comes_when_its_session_is_over(
    yahoo: YahooServer, quotes: Callable[..., Quotes], ticker: str, now: str, last: str
) -> None:
    yahoo.now = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    held = yahoo.series[ticker].bars
    got = quotes(ticker, since="2025-05-01", now=yahoo.now).bars
    assert str(got.index[-1].date()) == last
    assert got["Close"].iloc[-1] == held["Close"][pd.Timestamp(last)]  # and it is the day's close, no snapshot


def test_without_a_session_in_the_metadata_a_bar_waits_for_its_day_to_end() -> None:
    new_york, day = ZoneInfo("America/New_York"), dt.date(2025, 6, 2)
    assert session_open(day, {}, new_york, dt.datetime(2025, 6, 3, 3, 59, tzinfo=dt.UTC))
    assert not session_open(day, {}, new_york, dt.datetime(2025, 6, 3, 4, 0, tzinfo=dt.UTC))


def test_only_an_open_session_is_no_history(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.now = dt.datetime(2025, 6, 2, 17, 0, tzinfo=dt.UTC)
    with pytest.raises(DownloadError, match="^GDX has no finished session since 2025-06-02: ask for an earlier day"):
        quotes("GDX", since="2025-06-02", now=yahoo.now)
    assert yahoo.count("GDX") == 1
