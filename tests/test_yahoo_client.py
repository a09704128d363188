"""The real yfinance against a loopback Yahoo: right bars, or one clear sentence, and no request too many."""

from __future__ import annotations

import datetime as dt
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import yfinance

import yahoo_series
from orebody.errors import DownloadError, OrebodyError, ParameterError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import client
from orebody.sources.yahoo.bars import session_open
from orebody.sources.yahoo.client import Patience
from orebody.sources.yahoo.parallel import download
from orebody.sources.yahoo.retrying import seconds_to_wait
from yahoo_faults import (
    CUT_OFF,
    DROPPED,
    EMPTY,
    HTML,
    NO_ROWS,
    RATE_LIMITED,
    SERVER_ERROR,
    TRUNCATED,
    UNAVAILABLE,
    UNKNOWN,
    Fault,
    changed,
    in_currency,
    nan_rows,
    of_other_ticker,
    rate_limited,
    slow,
)
from yahoo_series import Series
from yahoo_server import YahooServer

QUICK = Patience(attempts=3, timeout=0.4)
OFFLINE = "try again later, or take what is cached with offline=True"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def quotes(waits: list[float]) -> Callable[..., Quotes]:
    """The client in a hurry: it notes its waits and does not wait."""

    def call(ticker: str, **options: Any) -> Quotes:
        return client.quotes(ticker, **{"patience": QUICK, "sleep": waits.append, **options})

    return call


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
    assert got["Dividends"].tolist() == [0.0, 0.5625, 0.25, 0.0, 0.125]
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
    with pytest.raises(DownloadError, match="^EURGBP=X is not known to Yahoo"):
        quotes("X.L")
    yahoo.series["USDGBP=X"] = Series(yahoo_series.flat(rates["2020-06-03":]), zone="Europe/London", open_at="00:00", close_at="23:59")
    yahoo.series["X.L"] = london
    with pytest.raises(DownloadError, match=r"paid a dividend on 2020-06-02 in USD .* \(its rates begin 2020-06-03\)"):
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


# ---- faults ----

FAULTS = {
    "429": (RATE_LIMITED, "status 429 (too many requests)"),
    "429 with Retry-After": (rate_limited(7), "status 429 (too many requests) and asks to wait 7 s"),
    "500": (SERVER_ERROR, "status 500"),
    "503": (UNAVAILABLE, "status 503"),
    "401": (Fault("status", 401), "status 401"),
    "slow": (slow(2.0), "did not answer within 0.4 s"),
    "dropped": (DROPPED, "the connection failed (Failed to perform, curl: (52) Empty reply from server)"),
    "cut off": (CUT_OFF, "the connection failed"),
    "truncated": (TRUNCATED, "not the JSON it should be"),
    "html": (HTML, "not the JSON it should be"),
    "empty": (EMPTY, "without prices"),
    "no rows": (NO_ROWS, "without prices"),
    "nothing but nulls": (nan_rows(*range(4822)), "without a single price"),
    "no zone": (changed(lambda result: result["meta"].pop("exchangeTimezoneName")), "cannot be read by yfinance"),
    "text for prices": (changed(lambda result: result["indicators"]["quote"][0].update(close=["x"] * 4822)), "cannot be read by yfinance"),
    "too few closes": (changed(lambda result: result["indicators"]["quote"][0]["close"].pop()), "cannot be read by yfinance"),
    "zone": (changed(lambda result: result["meta"].update(exchangeTimezoneName="Mars/Olympus")), "Mars/Olympus"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_passing_fault_is_tried_again(yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float], name: str) -> None:
    fault, says = FAULTS[name]
    yahoo.misbehave("GDX", fault, always=True)
    with pytest.raises(DownloadError) as raised:
        quotes("GDX")
    sentence = str(raised.value)
    assert sentence.startswith("GDX could not be downloaded: ")
    assert says in sentence
    assert "after 3 tries in " in sentence
    assert sentence.endswith(OFFLINE)
    assert len(waits) == 2
    # yfinance asks once more with a fresh crumb after a 401; curl once more after a kept connection was dropped
    assert 3 <= yahoo.count("GDX") <= (6 if name in ("401", "dropped") else 3)
    yahoo.behave()
    assert len(quotes("GDX").bars) == 4822  # nothing of the fault is kept


@pytest.mark.parametrize("name", FAULTS)
def test_one_good_answer_after_a_fault_is_enough(yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float], name: str) -> None:
    yahoo.misbehave("GDX", FAULTS[name][0])
    assert len(quotes("GDX").bars) == 4822
    assert len(waits) <= 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (UNKNOWN, "^GDX is not known to Yahoo, or no longer: check how Yahoo writes it, or take the prices from a CSV file$"),
        (Fault("status", 400), r"^GDX was refused by Yahoo with status 400 \(Internal Error\)"),
        (of_other_ticker("SLV"), "^GDX was asked for and Yahoo answered with 'SLV': look up what the ticker is called today$"),
        (changed(lambda result: result["meta"].update(dataGranularity="3mo")), "^GDX was asked for by day and Yahoo answered by '3mo'"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float], fault: Fault, says: str
) -> None:
    yahoo.misbehave("GDX", fault, always=True)
    with pytest.raises(DownloadError, match=says):
        quotes("GDX")
    assert yahoo.count() == 1
    assert waits == []


def test_a_wrong_currency_is_handed_on_for_the_checks(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    yahoo.misbehave("GDX", in_currency("EUR"))
    assert quotes("GDX").currency == "EUR"
    yahoo.misbehave("GDX", changed(lambda result: result["meta"].update(currency=None)))
    assert quotes("GDX").currency == ""


def test_retry_after_is_waited_up_to_the_bound(yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float]) -> None:
    yahoo.misbehave("GDX", rate_limited(7), rate_limited(3600))
    quotes("GDX")
    assert waits == [7.0, 60.0]
    when = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert seconds_to_wait("Thu, 01 Jan 2026 00:01:30 GMT", when) == 90
    assert seconds_to_wait("Wed, 31 Dec 2025 00:00:00 GMT", when) == 0
    assert seconds_to_wait("12") == 12
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None


def test_waits_grow_with_jitter_and_end_with_the_patience(yahoo: YahooServer, waits: list[float]) -> None:
    yahoo.misbehave("GDX", RATE_LIMITED, always=True)
    with pytest.raises(DownloadError, match="after 8 tries"):
        client.quotes("GDX", patience=Patience(attempts=8, first_wait=2, longest_wait=20), sleep=waits.append)
    for wait, most in zip(waits, (2, 4, 8, 16, 20, 20, 20), strict=True):
        assert most / 2 <= wait <= most
    assert len(set(waits)) == 7
    waits.clear()
    yahoo.behave()
    yahoo.misbehave("GDX", rate_limited(50), always=True)
    with pytest.raises(DownloadError, match="after 3 tries in 100 s"):  # a third wait of 50 would end after 120
        client.quotes("GDX", patience=Patience(attempts=99, total=120), sleep=waits.append)
    assert waits == [50, 50]


def nobody(name: str) -> Callable[[], None]:
    """Point every request of yfinance's at an address where nobody answers; return the way back."""
    from curl_cffi.requests import Session

    before = Session.request

    def request(self: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
        return before(self, method, name, *rest, **options)

    Session.request = request  # type: ignore[method-assign, assignment]
    return lambda: setattr(Session, "request", before)


def closed_port() -> int:
    """Return a port of the loopback interface where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("where", ["http://nobody.invalid/", "refused"])
def test_without_a_network_it_is_said_soon(waits: list[float], where: str) -> None:
    undo = nobody(f"http://127.0.0.1:{closed_port()}/" if where == "refused" else where)
    try:
        with pytest.raises(DownloadError, match=r"^GLD could not be downloaded: nobody was reached, .* after 2 tries in .*offline=True$"):
            client.quotes("GLD", sleep=waits.append)
        assert len(waits) == 1
        assert waits[0] <= 1.0
        waits.clear()
        with pytest.raises(DownloadError, match="after 3 tries"):
            client.quotes("GLD", sleep=waits.append, patience=Patience(unreached=3))
    finally:
        undo()


def test_only_what_reaches_nobody_time_after_time_is_given_up_soon(yahoo: YahooServer, waits: list[float]) -> None:
    """A server in trouble between two tries that reached nobody: all five tries are made."""
    from curl_cffi.const import CurlECode
    from curl_cffi.requests import Session
    from curl_cffi.requests.exceptions import ConnectionError as RequestsConnectionError

    before, asked = Session.request, []

    def request(self: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
        asked.append(url)
        if len(asked) % 2:
            raise RequestsConnectionError("Failed to connect", CurlECode.COULDNT_CONNECT)
        return before(self, method, url, *rest, **options)

    yahoo.misbehave("GDX", SERVER_ERROR, always=True)
    Session.request = request  # type: ignore[method-assign, assignment]
    try:
        with pytest.raises(DownloadError, match="after 5 tries"):
            client.quotes("GDX", sleep=waits.append)
    finally:
        Session.request = before  # type: ignore[method-assign]
    assert len(waits) == 4
    assert yahoo.count("GDX") == 2


def test_all_tries_together_are_bounded_by_the_clock(yahoo: YahooServer) -> None:
    yahoo.misbehave("GDX", slow(5.0), always=True)
    begun = time.monotonic()
    with pytest.raises(DownloadError, match="after 1 try: "):
        client.quotes("GDX", patience=Patience(attempts=9, timeout=30, total=0.3))
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize("ticker", ["", "../../x", "A/B", "GLD?range=1d", "GLD\x1b[31m", "x" * 300, "GLÐ", None, 7, ".L", "A B"])
def test_what_is_no_ticker_is_never_asked_for(yahoo: YahooServer, quotes: Callable[..., Quotes], ticker: Any) -> None:
    with pytest.raises(ParameterError) as raised:
        quotes(ticker)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200
    assert yahoo.asked == []


def test_other_parameters_are_checked(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    with pytest.raises(ParameterError, match="'US0378331005' is an ISIN: give the ticker"):
        quotes("US0378331005")
    with pytest.raises(ParameterError, match="since is '05/06/2010', not a date"):
        quotes("GLD", since="05/06/2010")
    with pytest.raises(ParameterError, match="give a datetime with a time zone"):
        quotes("GLD", now=dt.datetime(2020, 1, 1))
    for wrong in ({"attempts": 0}, {"attempts": 1.5}, {"unreached": 0}, {"timeout": 0}, {"total": float("inf")}, {"longest_wait": "1"}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            Patience(**wrong)  # type: ignore[arg-type]
    assert yahoo.asked == []


# ---- several at once ----


def test_parallel_downloads_are_bounded_and_fail_apart(yahoo: YahooServer) -> None:
    told: list[tuple[int, int, str]] = []
    for ticker in ("GLD", "GDX", "NEM"):
        yahoo.misbehave(ticker, slow(0.15))
    yahoo.misbehave("FRES.L", UNKNOWN)
    yahoo.misbehave("NST.AX", EMPTY, always=True)
    names = ["GLD", "GDX", "FRES.L", "NST.AX", "NEM", "^VIX", "GLD"]
    since = dict.fromkeys(names, "2025-06-01")
    patience = Patience(attempts=2, first_wait=0.01)
    got = dict(download(names, since=since, workers=2, progress=lambda *step: told.append(step), patience=patience))
    assert set(got) == set(names)
    assert {name for name, one in got.items() if isinstance(one, Quotes)} == {"GLD", "GDX", "NEM", "^VIX"}
    assert isinstance(got["FRES.L"], DownloadError)
    assert "after 2 tries" in str(got["NST.AX"])
    assert 1 <= yahoo.most_at_once <= 2
    assert yahoo.count("GLD") == 1
    assert [step[:2] for step in told] == [(done, 6) for done in range(7)]
    assert sorted(step[2] for step in told[1:]) == sorted(set(names))
    with pytest.raises(ParameterError, match="workers is 0"):
        download(["GLD"], workers=0)
    assert list(download([])) == []


def test_each_thread_gets_its_own_ticker(yahoo: YahooServer) -> None:
    names = ["GLD", "GDX", "GDXJ", "NEM", "FRES.L", "NST.AX", "^VIX", "HG=F"]
    for _ in range(3):
        for name, got in download(names, since=dict.fromkeys(names, "2025-01-02"), workers=8):
            assert isinstance(got, Quotes), got
            assert got.ticker == name
            np.testing.assert_array_equal(got.bars["Close"], yahoo.series[name].bars["Close"]["2025-01-02":])


def test_giving_up_wakes_those_that_wait(yahoo: YahooServer) -> None:
    yahoo.misbehave("GDX", rate_limited(50), always=True)
    coming = download(["GLD", "GDX"], since={"GLD": "2025-12-01"}, workers=2)
    assert next(coming)[0] == "GLD"
    begun = time.monotonic()
    coming.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("orebody-download")]


def test_a_cache_can_stand_in_for_the_download() -> None:
    def fetch(ticker: str, since: object, sleep: object) -> Quotes:
        if ticker == "BAD":
            raise OrebodyError("no")
        return Quotes(f"{ticker} since {since}", pd.DataFrame())

    got = dict(download(["A", "BAD"], since={"A": "2020-01-01"}, fetch=fetch))
    assert got["A"].ticker == "A since 2020-01-01"  # type: ignore[union-attr]
    assert str(got["BAD"]) == "no"


# ---- yfinance contained ----


def test_yfinance_leaves_no_trace(
    yahoo: YahooServer, quotes: Callable[..., Quotes], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="yfinance")
    debug, retries = yfinance.config.debug.hide_exceptions, yfinance.config.network.retries
    folders = yfinance.cache._TzDBManager._db, yfinance.cache._CookieDBManager._db
    yahoo.misbehave("GDX", HTML, EMPTY)
    quotes("GDX")
    with pytest.raises(DownloadError):
        quotes("NOSUCH")
    assert yfinance.config.debug.hide_exceptions is debug is True
    assert yfinance.config.network.retries == retries == 0
    assert (yfinance.cache._TzDBManager._db, yfinance.cache._CookieDBManager._db) == folders == (None, None)
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name == "yfinance"] == []
    logging.getLogger("yfinance").warning("the user's own")
    assert [record.getMessage() for record in caplog.records if record.name == "yfinance"] == ["the user's own"]


def test_one_cookie_and_one_crumb_serve_many_tickers(yahoo: YahooServer, quotes: Callable[..., Quotes]) -> None:
    quotes("GLD")
    yahoo.asked.clear()
    for ticker in ("GLD", "GDX", "NEM"):
        quotes(ticker, since="2025-12-01")
    assert yahoo.count(kind="cookie") == yahoo.count(kind="crumb") == 0
    assert len(yahoo.asked) == 3


def test_the_client_works_in_a_process_of_its_own(yahoo: YahooServer) -> None:
    code = (
        "import sys; from yahoo_server import point_yfinance_at; point_yfinance_at(int(sys.argv[1])); "
        "from orebody.sources.yahoo.client import quotes; print(len(quotes('GLD').bars))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(yahoo.port)], capture_output=True, text=True, check=True, cwd=Path(__file__).parent, timeout=60
    )
    assert done.stdout.strip() == "4822"
    assert done.stderr == ""
