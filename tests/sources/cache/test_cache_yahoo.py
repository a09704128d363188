"""The cache behind the real yfinance, and its two commands: a loopback Yahoo that misbehaves leaves every cached byte as it was."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import without_steps
from memory_provider import Clock, identical
from memory_provider import quotes as served
from yahoo_faults import (
    CUT_OFF,
    DROPPED,
    EMPTY,
    HTML,
    NO_ROWS,
    RATE_LIMITED,
    SERVER_ERROR,
    TRUNCATED,
    UNKNOWN,
    in_currency,
    of_other_ticker,
    rate_limited,
)
from yahoo_server import YahooServer

from orebody.cli.main import main
from orebody.errors import DataError, DownloadError
from orebody.sources.cache.store import Cache
from orebody.sources.yahoo import client

NOW = dt.timedelta(0)
TICKER = "NEM"
fetch = partial(client.quotes, sleep=lambda _: None, patience=client.RetryPolicy(attempts=3))


@pytest.fixture
def clock() -> Clock:
    return Clock("2025-06-30 23:00")


@pytest.fixture
def cache(tmp_path: Path, clock: Clock, yahoo: YahooServer) -> Cache:
    """A cache that holds Newmont's twin until the last evening of June 2025."""
    held = yahoo.series[TICKER]
    yahoo.series[TICKER] = held.until("2025-06-30")
    cache = Cache(tmp_path / "cache", clock=clock)
    cache.refresh(TICKER, fetch)
    yahoo.series[TICKER] = held.until("2025-07-02")
    yahoo.asked.clear()
    clock.wait(days=2)
    return cache


def file(cache: Cache) -> bytes:
    return (cache.folder / TICKER / "quotes.parquet").read_bytes()


def same_as_served(bars: pd.DataFrame, yahoo: YahooServer) -> None:
    expected = served(TICKER, yahoo.series[TICKER]).bars
    pd.testing.assert_frame_equal(bars, expected[list(bars.columns)], check_freq=False, check_index_type=False, rtol=2e-6)


def test_the_end_is_asked_for_and_joined(cache: Cache, yahoo: YahooServer) -> None:
    stored = cache.refresh(TICKER, fetch)
    assert (stored.new, stored.notes, yahoo.count(TICKER)) == (2, (), 1)
    assert "period1" in yahoo.asked[0].query
    same_as_served(stored.quotes.bars, yahoo)


def test_a_late_re_adjustment(cache: Cache, yahoo: YahooServer) -> None:
    before = cache.load(TICKER)
    yahoo.series[TICKER] = yahoo.series[TICKER].with_dividend("2025-06-25", 2.0)
    stored = cache.refresh(TICKER, fetch)
    assert yahoo.count(TICKER) == 2
    assert stored.notes == ("whole history fetched again (the distribution of 2025-06-25 was 0, now 2)",)
    same_as_served(stored.quotes.bars, yahoo)
    assert identical(cache.load(TICKER, as_of=str(before.vintage)).quotes.bars, before.quotes.bars)


def test_a_re_split(cache: Cache, yahoo: YahooServer) -> None:
    before = cache.load(TICKER)
    yahoo.series[TICKER] = yahoo.series[TICKER].resplit("2025-07-01")
    stored = cache.refresh(TICKER, fetch)
    assert yahoo.count(TICKER) == 2
    assert "whole history fetched again (the close of" in stored.notes[0]
    same_as_served(stored.quotes.bars, yahoo)
    assert stored.quotes.bars.loc["2025-07-01", "Stock Splits"] == 2.0
    assert identical(cache.load(TICKER, as_of="2025-07-01").quotes.bars, before.quotes.bars)


FAULTS = [RATE_LIMITED, rate_limited(5), SERVER_ERROR, DROPPED, CUT_OFF, TRUNCATED, HTML, EMPTY, NO_ROWS, UNKNOWN, of_other_ticker("GDX")]


@pytest.mark.parametrize("at", ["the end", "the whole"])
def test_every_fault_in_the_middle_of_a_refresh(cache: Cache, yahoo: YahooServer, clock: Clock, at: str) -> None:
    before, bytes_before = cache.load(TICKER), file(cache)
    if at == "the whole":
        clock.wait(days=40)
    for fault in FAULTS:
        yahoo.misbehave(TICKER, fault, always=True)
        with pytest.raises((DownloadError, DataError)) as failed:
            cache.refresh(TICKER, fetch)
        assert "\n" not in str(failed.value), fault
        assert file(cache) == bytes_before, fault
        assert identical(cache.load(TICKER).quotes.bars, before.quotes.bars), fault
        assert [path.name for path in (cache.folder / TICKER).iterdir() if path.name != "lock"] == ["quotes.parquet"], fault
    yahoo.behave()
    same_as_served(cache.refresh(TICKER, fetch).quotes.bars, yahoo)


def test_rate_limited_between_the_end_and_the_whole(cache: Cache, yahoo: YahooServer) -> None:
    """The end shows a split; the whole is refused with 429 until patience ends: what was cached stays, and is not mixed."""
    before, bytes_before = cache.load(TICKER), file(cache)
    yahoo.series[TICKER] = yahoo.series[TICKER].resplit("2025-07-01")

    def fetch_then_refused(ticker: str, /, *, since: dt.date | None = None) -> client.Quotes:
        if since is None:
            yahoo.misbehave(TICKER, RATE_LIMITED, always=True)
        return fetch(ticker, since=since)

    with pytest.raises(DownloadError, match=r"429.*cached is NEM as of 2025-06-30 23:00:00.000 UTC, last confirmed 2 days ago"):
        cache.refresh(TICKER, fetch_then_refused)
    assert yahoo.count(TICKER) == 1 + 3
    assert file(cache) == bytes_before
    assert identical(cache.load(TICKER).quotes.bars, before.quotes.bars)
    yahoo.behave()
    same_as_served(cache.refresh(TICKER, fetch).quotes.bars, yahoo)


def test_another_currency_is_not_taken(cache: Cache, yahoo: YahooServer) -> None:
    bytes_before = file(cache)
    yahoo.misbehave(TICKER, in_currency("GBp"), always=True)
    with pytest.raises(DataError, match="its currency was USD and now is GBp"):
        cache.refresh(TICKER, fetch)
    assert file(cache) == bytes_before
    yahoo.behave()
    yahoo.misbehave(TICKER, in_currency("GBp"))  # once: the whole is right again
    stored = cache.refresh(TICKER, fetch)
    assert stored.quotes.currency == "USD"
    assert stored.notes == ("whole history fetched again (the currency was USD, now GBp)",)


# ---- the commands ----


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yahoo: YahooServer) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("OREBODY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    assert all(len(line) <= 80 for line in said.out.splitlines())
    assert all(letter.isprintable() or letter == "\n" for letter in said.out + said.err)
    return stopped.value.code, said.out, without_steps(said.err)


def test_fetch_and_data(terminal: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "fetch", "gold", "FRES.L")
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    assert [row[:5] for row in rows] == [
        ["Ticker", "From", "To", "Rows", "New"],
        ["GLD", "2006-12-29", "2025-12-31", "4,822", "4,822"],
        ["GDX", "2006-12-29", "2025-12-31", "4,822", "4,822"],
        ["FRES.L", "2006-12-29", "2025-12-31", "4,822", "4,822"],
    ]
    vintage = " ".join(rows[1][5:])
    assert identical(Cache().load("GLD", as_of=vintage).quotes.bars, served("GLD", yahoo.series["GLD"]).bars)

    assert call(capsys, "fetch", "GLD")[1].splitlines()[1].split()[3:5] == ["4,822", "0"]

    code, out, err = call(capsys, "data")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["FRES.L", "GDX", "GLD"]
    assert lines[1].split()[1:5] == ["2006-12-29", "2025-12-31", "4,822", "now"]
    assert lines[1].split()[-2:] == ["GBp", "LSE"]
    assert out.replace("\n", "").endswith(f"in {terminal}".replace("\n", ""))

    code, out, _ = call(capsys, "data", "GLD")
    assert code == 0
    assert f"{vintage}  all          4,822           0" in out


def test_fetch_says_what_failed_and_keeps_the_rest(terminal: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "fetch", "NOPE", "GLD")
    assert code == 2
    assert err == "orebody: 1 of 2 could not be downloaded: NOPE; the cache has what it had of them\n"
    assert "GLD     2006-12-29" in out
    assert "Failed: NOPE is not known to Yahoo" in out
    assert [entry.ticker for entry in Cache().entries()] == ["GLD"]


def test_fetch_whole_takes_what_fetch_refuses(terminal: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "fetch", "GLD")
    yahoo.series["GLD"] = yahoo.series["NEM"]
    code, out, _ = call(capsys, "fetch", "GLD")
    assert code == 2
    assert "orebody fetch GLD --whole" in " ".join(out.split())
    assert call(capsys, "fetch", "GLD", "--whole")[0] == 0
    assert identical(Cache().load("GLD").quotes.bars[["Close"]], served("GLD", yahoo.series["NEM"]).bars)


def test_data_finds_what_is_broken(terminal: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "fetch", "GLD", "NEM")
    path = terminal / "GLD" / "quotes.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    code, out, err = call(capsys, "data")
    assert code == 2
    assert "GLD: broken: its content does not match its SHA-256" in out
    assert err == "orebody: 1 of 2 cached files cannot be trusted: fetch again with: orebody fetch GLD\n"
    code, out, _ = call(capsys, "fetch", "GLD")
    assert code == 0
    assert "set aside and fetched again" in " ".join(out.split())
    code, out, _ = call(capsys, "data")
    assert code == 0
    assert "1 broken file set aside" in out


def test_a_name_from_the_provider_is_shown_safely(terminal: Path, yahoo: YahooServer, capsys: pytest.CaptureFixture[str]) -> None:
    yahoo.series["GLD"].currency, yahoo.series["GLD"].exchange = "[red]\x1b[2J", "\x1b]0;x\x07"
    call(capsys, "fetch", "GLD")
    assert call(capsys, "data", "GLD")[0] == 0


REFUSED = {
    "nothing": (["fetch"], "missing argument"),
    "an unknown universe": (["fetch", "glod"], "did you mean 'gold'?"),
    "a ticker in small letters": (["fetch", "Gld"], "write tickers in capitals"),
    "a path": (["fetch", "../../X"], "is not a ticker"),
    "300 characters": (["fetch", "A" * 300], "(300 characters) is not a ticker"),
    "an escape": (["fetch", "GLD\x1b[2J"], "'GLD\\x1b[2J' is not a ticker"),
    "an escape, shown": (["data", "GLD\x1b[2J"], "'GLD\\x1b[2J' is not a ticker"),
    "a ticker that is not there": (["data", "NEM"], "NEM is not in the cache: download it with: orebody fetch NEM"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals(what: str, terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = REFUSED[what]
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not terminal.exists()


def test_an_empty_cache_says_how_to_fill_it(terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "data", "--cache", "x y")
    assert (code, out) == (0, "Nothing is cached in x y: download with orebody fetch gold\n")
    code, _, error = call(capsys, "data", "--cache", "x\x1b[2J")  # never asked of the file system, never shown raw
    assert (code, error) == (2, "orebody: --cache is 'x\\x1b[2J': give a folder\n")
