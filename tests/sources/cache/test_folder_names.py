"""What a ticker is called on the disk: reversible, without collisions, and never what was typed if that is no ticker."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_provider import Provider, short

from orebody.errors import ParameterError
from orebody.sources.cache.folder_names import folder_of, printable_name, ticker_of
from orebody.sources.cache.store import Cache

DEVICES = ["CON", "PRN", "AUX", "NUL", "COM1", "COM0", "LPT9", "CON.X", "AUX.TO"]
TICKERS = st.from_regex(r"\A[A-Za-z0-9^=][A-Za-z0-9^=._&\-]{0,31}\Z")
HOSTILE = {
    "a path": "../../x",
    "an absolute path": "/etc/passwd",
    "a path of Windows": "..\\x",
    "a drive": "C:x",
    "the folder itself": ".",
    "the folder above": "..",
    "a hidden file": ".GLD",
    "an option": "-rf",
    "nothing": "",
    "a blank": " ",
    "a blank at the end": "GLD ",
    "a line": "GLD\n",
    "300 characters": "A" * 300,
    "33 characters": "A" * 33,
    "an escape": "\x1b[2JGLD",
    "a zero": "GLD\0",
    "a right-to-left mark": "GLD\u202e",
    "another alphabet": "ＧＬＤ",
    "a percent sign": "%43ON",
    "an asterisk": "*",
    "a number": 5,
    "bytes": b"GLD",
}


@pytest.mark.parametrize("ticker", ["GLD", "^IRX", "DX-Y.NYB", "GC=F", "FRES.L", "M&M.NS", "GBPUSD=X", "000001.SS", "CONX", "COM10"])
def test_tickers_stand_for_themselves(ticker: str) -> None:
    assert folder_of(ticker) == ticker


@pytest.mark.parametrize(
    ("ticker", "name"), [("CON", "%43ON"), ("com1", "%63%6F%6D1"), ("CON.X", "%43ON.X"), ("GLD.", "GLD%2E"), ("GlD", "G%6CD")]
)
def test_others_are_escaped(ticker: str, name: str) -> None:
    assert folder_of(ticker) == name
    assert ticker_of(name) == ticker


@given(TICKERS, TICKERS)
def test_two_tickers_never_meet(one: str, other: str) -> None:
    assert ticker_of(folder_of(one)) == one
    assert (folder_of(one).casefold() == folder_of(other).casefold()) == (one == other)
    assert (folder_of(one).casefold() == folder_of(one.swapcase()).casefold()) == (one == one.swapcase())


@given(TICKERS | st.sampled_from(DEVICES))
def test_every_file_system_takes_them(ticker: str) -> None:
    name = folder_of(ticker)
    assert len(name) <= 96
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789^=._&%-")
    assert name[0] not in ".-"
    assert name[-1] != "."
    assert name.split(".")[0] not in DEVICES


@given(st.text(max_size=12))
def test_no_other_name_is_taken_for_a_ticker(name: str) -> None:
    ticker = ticker_of(name)
    assert ticker is None or folder_of(ticker) == name


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_ticker_never_reaches_the_disk(what: str, tmp_path: Path) -> None:
    name, cache = HOSTILE[what], Cache(tmp_path / "cache")
    calls = (
        lambda: cache.refresh(name, Provider(short())),  # type: ignore[arg-type]
        lambda: cache.load(name),  # type: ignore[arg-type]
        lambda: cache.entries(name),  # type: ignore[arg-type]
        lambda: cache.refresh_table(name, "ratings", lambda _: short().bars),  # type: ignore[arg-type]
        lambda: cache.load_table(name, "ratings"),  # type: ignore[arg-type]
    )
    for call in calls:
        with pytest.raises(ParameterError, match="is not a ticker: up to 32 letters, digits and") as refused:
            call()
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 200
    assert list(tmp_path.rglob("*")) == []


def test_tickers_that_differ_in_case_only_are_kept_apart(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for ticker, count in {"CON": 40, "con": 50, "Con": 60}.items():
        cache.refresh(ticker, Provider(short(count)))
    assert {entry.ticker: len(entry.quotes.bars) for entry in cache.entries() if entry.quotes} == {"CON": 40, "con": 50, "Con": 60}
    assert len({path.name.casefold() for path in tmp_path.iterdir()}) == 3


@given(st.text(max_size=400) | st.integers() | st.binary() | st.none())
def test_whatever_is_shown_is_printable_and_short(name: object) -> None:
    assert printable_name(name).isprintable()
    assert len(printable_name(name)) < 500
