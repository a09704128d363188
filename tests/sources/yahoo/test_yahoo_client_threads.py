"""The real yfinance with several tickers at once: each apart from the others, and no trace left in the process."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import yfinance
from fast_client import in_a_hurry
from yahoo_faults import (
    EMPTY,
    HTML,
    UNKNOWN,
    rate_limited,
    slow,
)
from yahoo_server import YahooServer

from orebody.errors import DownloadError, OrebodyError, ParameterError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo.client import RetryPolicy
from orebody.sources.yahoo.downloads import download
from project import HELPERS


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def quotes(waits: list[float]) -> Callable[..., Quotes]:
    return in_a_hurry(waits)


# ---- several at once ----


def test_parallel_downloads_are_bounded_and_fail_apart(yahoo: YahooServer) -> None:
    told: list[tuple[int, int, str]] = []
    for ticker in ("GLD", "GDX", "NEM"):
        yahoo.misbehave(ticker, slow(0.15))
    yahoo.misbehave("FRES.L", UNKNOWN)
    yahoo.misbehave("NST.AX", EMPTY, always=True)
    names = ["GLD", "GDX", "FRES.L", "NST.AX", "NEM", "^VIX", "GLD"]
    since = dict.fromkeys(names, "2025-06-01")
    patience = RetryPolicy(attempts=2, first_wait=0.01)
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
    assert time.monotonic() - begun < 50  # the wait that Yahoo asks for
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
        [sys.executable, "-c", code, str(yahoo.port)], capture_output=True, text=True, check=True, cwd=HELPERS, timeout=60
    )
    assert done.stdout.strip() == "4822"
    assert done.stderr == ""
