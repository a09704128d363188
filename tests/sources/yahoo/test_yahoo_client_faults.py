"""The real yfinance against a loopback Yahoo that fails: what passes is tried again, what does not is said in one sentence."""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from fast_client import in_a_hurry
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
    with_split,
)
from yahoo_server import YahooServer

from orebody.errors import DownloadError, ParameterError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import client
from orebody.sources.yahoo.client import RetryPolicy
from orebody.sources.yahoo.retry import seconds_to_wait


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def quotes(waits: list[float]) -> Callable[..., Quotes]:
    return in_a_hurry(waits)


# ---- faults ----

OFFLINE = "try again later, or take what is cached with offline=True"

FAULTS = {
    "429": (RATE_LIMITED, "status 429 (too many requests)"),
    "429 with Retry-After": (rate_limited(7), "status 429 (too many requests) and asks to wait 7 s"),
    "500": (SERVER_ERROR, "status 500"),
    "503": (UNAVAILABLE, "status 503"),
    "dropped": (DROPPED, "the connection failed (Failed to perform, curl: (52) Empty reply from server)"),
    "cut off": (CUT_OFF, "the connection failed"),
    "truncated": (TRUNCATED, "not the JSON it should be"),
    "html": (HTML, "not the JSON it should be"),
    "empty": (EMPTY, "without prices"),
    "no rows": (NO_ROWS, "without prices"),
    "nothing but nulls": (nan_rows(*range(4822)), "without a single price"),
}
SETTLED = {
    "401": (Fault("status", 401), "Yahoo refused with status 401, though yfinance asked with a fresh cookie"),
    "no zone": (changed(lambda result: result["meta"].pop("exchangeTimezoneName")), "the answer names no time zone (None)"),
    "text": (
        changed(lambda result: result["indicators"]["quote"][0].update(close=["x"] * 4822)),
        "close hold something that is not a number",
    ),
    "too few closes": (changed(lambda result: result["indicators"]["quote"][0]["close"].pop()), "4,821 of close on 4,822 dates"),
    "zone": (changed(lambda result: result["meta"].update(exchangeTimezoneName="Mars/Olympus")), "no time zone ('Mars/Olympus')"),
    "no metadata": (changed(lambda result: result.pop("meta")), "no metadata"),
    "split for 0": (with_split(4, 0), "the split of 2020-06-01 is one of 4 for 0, which is none"),
    "split of text": (with_split("4", 1), "the split of 2020-06-01 has '4' for its numerator, which is no number"),
}
"""What comes alike twice will come a third time."""


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
    # curl asks once more after a kept connection was dropped
    assert 3 <= yahoo.count("GDX") <= (6 if name == "dropped" else 3)
    yahoo.behave()
    assert len(quotes("GDX").bars) == 4822  # nothing of the fault is kept


@pytest.mark.parametrize("name", SETTLED)
def test_what_fails_alike_twice_is_not_asked_a_third_time(yahoo: YahooServer, waits: list[float], name: str) -> None:
    fault, says = SETTLED[name]
    yahoo.misbehave("GDX", fault, always=True)
    with pytest.raises(DownloadError) as raised:
        client.quotes("GDX", sleep=waits.append)
    sentence = str(raised.value)
    assert sentence.startswith("GDX could not be downloaded: ")
    assert says in sentence
    assert " after 2 tries in " in sentence
    assert "try again later" not in sentence
    assert sentence.endswith("or take what is cached with offline=True")
    assert len(waits) == 1
    assert yahoo.count("GDX") == (4 if name == "401" else 2)  # yfinance asks once more with a fresh crumb after a 401
    yahoo.behave()
    yahoo.misbehave("GDX", fault, SERVER_ERROR, fault)  # not alike one after the other: it may pass
    assert len(client.quotes("GDX", sleep=waits.append).bars) == 4822


@pytest.mark.parametrize("name", [*FAULTS, *SETTLED])
def test_one_good_answer_after_a_fault_is_enough(yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float], name: str) -> None:
    yahoo.misbehave("GDX", (FAULTS | SETTLED)[name][0])
    assert len(quotes("GDX").bars) == 4822
    assert len(waits) <= 1


def test_an_answer_that_does_not_come_is_not_waited_for(yahoo: YahooServer, quotes: Callable[..., Quotes], waits: list[float]) -> None:
    yahoo.misbehave("GDX", slow(60.0), always=True)
    with pytest.raises(DownloadError, match=r"^GDX could not be downloaded: Yahoo did not answer within 0\.2 s, after 3 tries in "):
        quotes("GDX", patience=RetryPolicy(attempts=3, timeout=0.2))
    assert len(waits) == 2
    yahoo.behave()
    yahoo.misbehave("GDX", slow(60.0))
    assert len(quotes("GDX", patience=RetryPolicy(attempts=3, timeout=3.0)).bars) == 4822
    assert len(waits) == 3


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
        client.quotes("GDX", patience=RetryPolicy(attempts=8, first_wait=2, longest_wait=20), sleep=waits.append)
    for wait, most in zip(waits, (2, 4, 8, 16, 20, 20, 20), strict=True):
        assert most / 2 <= wait <= most
    assert len(set(waits)) == 7
    waits.clear()
    yahoo.behave()
    yahoo.misbehave("GDX", rate_limited(50), always=True)
    with pytest.raises(DownloadError, match="after 3 tries in 100 s"):  # a third wait of 50 would end after 120
        client.quotes("GDX", patience=RetryPolicy(attempts=99, total=120), sleep=waits.append)
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
            client.quotes("GLD", sleep=waits.append, patience=RetryPolicy(unreached=3))
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
    yahoo.misbehave("GDX", slow(60.0), always=True)
    begun = time.monotonic()
    with pytest.raises(DownloadError, match="after 1 try: "):
        client.quotes("GDX", patience=RetryPolicy(attempts=9, timeout=30, total=0.3))
    assert time.monotonic() - begun < 30  # neither the answer was waited for nor one request's own timeout


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
            RetryPolicy(**wrong)  # type: ignore[arg-type]
    assert yahoo.asked == []
