"""The cache in trouble: other instruments' histories, providers that fail, broken files, others at work; nothing is lost."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cache_clock import NOW, Desk, same_figures
from filelock import FileLock
from memory_provider import Clock, Provider, identical, short

from orebody.errors import DataError, DownloadError, MissingFileError, OutputError, ParameterError
from orebody.sources.cache import checksummed
from orebody.sources.cache.entries import CachedQuotes
from orebody.sources.cache.store import Cache
from orebody.sources.quotes import Quotes


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


# ---- histories that cannot be the same instrument's ----


def other_company(desk: Desk) -> None:
    desk.provider.series = replace(short(ticker="GDX"), currency="USD")


def other_currency(desk: Desk) -> None:
    desk.provider.series = replace(desk.provider.series, currency="GBp")


def unprintable_currency(desk: Desk) -> None:
    desk.provider.series = replace(desk.provider.series, currency="\x1b[2J")


def cut_off(desk: Desk) -> None:
    desk.provider.series = desk.whole.until(desk.days[150])


def beheaded(desk: Desk) -> None:
    desk.provider.series = replace(desk.whole, bars=desk.whole.bars.iloc[100:])


@pytest.mark.parametrize(
    ("change", "days", "reason"),
    [
        (other_company, 1, "of its daily returns are others"),
        (other_company, 31, "of its daily returns are others"),
        (other_currency, 1, "its currency was USD and now is GBp"),
        (other_currency, 31, "its currency was USD and now is GBp"),
        (unprintable_currency, 1, r"its currency was USD and now is '.x1b.2J'"),
        (cut_off, 31, "it ends on 20"),
        (beheaded, 31, "100 of the 201 days that were downloaded earlier are not in it"),
    ],
)
def test_another_history_is_refused_until_it_is_asked_for(desk: Desk, change: Callable[[Desk], None], reason: str, days: int) -> None:
    before = desk.evening(200)
    file = desk.path.read_bytes()
    change(desk)
    desk.clock.wait(days=days)
    with pytest.raises(DataError, match=reason) as refused:
        desk.refresh()
    assert "orebody fetch NEM --whole" in str(refused.value)
    assert str(refused.value).isprintable()
    assert desk.path.read_bytes() == file
    after = desk.refresh(whole=True)
    same_figures(after.quotes.bars, desk.served())
    assert after.quotes.currency == desk.provider.series.currency
    assert identical(desk.cache.load("NEM", as_of=before.vintage.when).quotes.bars, before.quotes.bars)
    assert desk.cache.load("NEM", as_of=before.vintage.when).quotes.currency == "USD"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda served: replace(served, ticker="GDX"), "quotes of 'GDX'"),
        (lambda served: replace(served, bars=served.bars.iloc[:0]), "no rows"),
        (lambda served: replace(served, bars=served.bars.drop(columns="Volume")), "the columns Open"),
        (lambda served: replace(served, bars=served.bars.iloc[::-1]), "dates that do not ascend"),
        (lambda served: replace(served, bars=served.bars.tz_localize("UTC")), "dates without a zone"),
        (lambda served: replace(served, bars=served.bars.astype({"Close": str})), "cells that are not numbers"),
    ],
)
def test_a_source_that_breaks_its_contract_breaks_nothing(desk: Desk, change: Callable[[Quotes], Quotes], message: str) -> None:
    desk.evening(200)
    file = desk.path.read_bytes()
    desk.provider.change = change
    with pytest.raises(DataError, match=message):
        desk.evening(201)
    assert desk.path.read_bytes() == file


# ---- failures of the provider ----


def test_a_refresh_that_fails_says_what_is_cached_and_leaves_it(desk: Desk) -> None:
    desk.evening(200)
    file = desk.path.read_bytes()
    desk.provider.fails = [DownloadError("NEM could not be downloaded: 429")]
    with pytest.raises(DownloadError) as failed:
        desk.evening(201)
    said = "NEM could not be downloaded: 429; cached is NEM as of 2026-01-06 22:00:00.000 UTC, last confirmed 1 day ago"
    assert str(failed.value) == said
    assert desk.path.read_bytes() == file
    assert len(desk.evening(201).quotes.bars) == 202


def test_a_whole_that_fails_after_a_re_adjustment_leaves_what_was(desk: Desk) -> None:
    at = desk.paid()[-1] + 20
    desk.evening(at)
    file = desk.path.read_bytes()
    desk.whole = desk.whole.with_dividend(desk.days[at - 3], 1.5)
    desk.provider.fails = [None, DownloadError("429")]
    with pytest.raises(DownloadError, match="429"):
        desk.evening(at + 1)
    assert [since is None for since in desk.provider.asked] == [True, False, True]
    assert desk.path.read_bytes() == file
    same_figures(desk.evening(at + 1).quotes.bars, desk.served())


def test_a_first_download_that_fails_keeps_nothing(desk: Desk) -> None:
    desk.provider.fails = [DownloadError("no such ticker")]
    with pytest.raises(DownloadError, match=r"^no such ticker$"):
        desk.evening(200)
    assert desk.cache.entries() == []
    with pytest.raises(MissingFileError, match=r"there are no quotes of NEM in the cache .*: download them with: orebody fetch NEM"):
        desk.cache.load("NEM")


# ---- broken files ----


def test_every_flipped_byte_is_noticed(desk: Desk) -> None:
    desk.evening(200)
    good = desk.path.read_bytes()
    draw = random.Random(1)
    for at in {*range(40), *range(len(good) - 400, len(good)), *(draw.randrange(len(good)) for _ in range(200))}:
        desk.path.write_bytes(good[:at] + bytes([good[at] ^ (1 << draw.randrange(8))]) + good[at + 1 :])
        with pytest.raises(DataError, match="the cached quotes of NEM cannot be trusted: .*download them with: orebody fetch NEM"):
            desk.cache.load("NEM")


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "text": lambda path: path.write_text("Date,Close\n2024-01-01,1\n"),
    "of another tool": lambda path: pd.DataFrame({"Close": [1.0]}).to_parquet(path),
    "of other columns": lambda path: checksummed.write(path, {"ticker": "NEM", "kind": "quotes"}, {"Close": np.ones(3)}),
    "of a later form": lambda path: checksummed.write(path, {"format": 99}, {"Close": np.ones(3)}),
    "of another ticker": lambda path: (
        Cache(path.parent, clock=Clock()).refresh("GLD", Provider(short())) and (path.parent / "GLD" / path.name).replace(path)
    ),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_broken_file_is_set_aside_said_and_fetched_again(desk: Desk, damage: str) -> None:
    desk.evening(200)
    BROKEN[damage](desk.path)
    broken = desk.path.read_bytes()
    with pytest.raises(DataError, match="cannot be trusted"):
        desk.cache.load("NEM")
    assert desk.cache.entries("NEM")[0].problem
    assert desk.path.read_bytes() == broken  # looking at it changes nothing

    desk.provider.fails = [DownloadError("offline")]
    with pytest.raises(DownloadError):
        desk.evening(201)
    assert desk.path.read_bytes() == broken  # nothing is moved before there is something better

    stored = desk.evening(201)
    assert identical(stored.quotes.bars, desk.served())
    assert len(stored.notes) == 1
    assert "set aside and fetched again" in stored.notes[0]
    assert desk.path.with_name("quotes.parquet.broken-1").read_bytes() == broken
    assert [(entry.problem, entry.aside) for entry in desk.cache.entries("NEM")] == [("", 1)]

    desk.path.write_bytes(b"again")
    desk.evening(201)
    assert desk.path.with_name("quotes.parquet.broken-2").read_bytes() == b"again"
    assert desk.path.with_name("quotes.parquet.broken-1").read_bytes() == broken


def test_a_later_form_is_named(desk: Desk) -> None:
    desk.evening(200)
    BROKEN["of a later form"](desk.path)
    with pytest.raises(DataError, match="written by a newer orebody"):
        desk.cache.load("NEM")


# ---- others at work ----


def test_what_killed_writers_left_behind_is_swept(desk: Desk) -> None:
    desk.evening(200)
    left = desk.path.with_name(".orebody-0123456789abcdef.parquet")
    left.write_bytes(b"half a file")
    desk.cache.load("NEM")
    assert left.exists()  # reading writes nothing
    desk.evening(201)
    assert not left.exists()


def test_another_process_that_never_ends_is_named(desk: Desk) -> None:
    desk.evening(200)
    impatient = Cache(desk.cache.folder, clock=desk.clock, patience=0.1)
    with FileLock(desk.path.with_name("lock")):
        desk.clock.wait(days=1)
        with pytest.raises(OutputError, match=r"NEM: another process has been refreshing it for more than 0.1 s"):
            impatient.refresh("NEM", desk.provider)
        assert len(impatient.load("NEM").quotes.bars) == 201  # reading waits for nobody


def test_threads_that_ask_at_once_download_once(desk: Desk) -> None:
    desk.provider.series = desk.whole
    desk.clock.wait(days=1)
    arrived = threading.Barrier(6)
    got: list[CachedQuotes] = []

    def ask() -> None:
        arrived.wait()
        got.append(desk.cache.refresh("NEM", desk.provider, max_age=NOW))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert all(identical(one.quotes.bars, desk.served()) for one in got)
    assert desk.provider.asked == [None]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file: name a folder"):
        Cache(tmp_path / "file")


def test_a_file_where_the_tickers_folder_should_be_is_named(desk: Desk) -> None:
    desk.cache.folder.mkdir()
    (desk.cache.folder / "NEM").write_text("")
    with pytest.raises(OutputError, match=r"cannot write to the cache in .*: File exists; name another folder in OREBODY_CACHE"):
        desk.evening(200)
    with pytest.raises(DataError, match="it cannot be read: Not a directory"):
        desk.cache.load("NEM")


def test_a_folder_where_the_file_should_be_is_set_aside(desk: Desk) -> None:
    desk.path.mkdir(parents=True)
    (desk.path / "kept").write_text("")
    assert "set aside" in desk.evening(200).notes[0]
    assert (desk.path.with_name("quotes.parquet.broken-1") / "kept").exists()


def test_the_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREBODY_CACHE", str(tmp_path / "here"))
    assert Cache().folder == tmp_path / "here"
    monkeypatch.delenv("OREBODY_CACHE")
    assert Cache().folder.name == "orebody"
    assert not (tmp_path / "here").exists()


def test_a_negative_age_is_refused(desk: Desk) -> None:
    with pytest.raises(ParameterError, match="it must not be negative"):
        desk.cache.refresh("NEM", desk.provider, max_age=dt.timedelta(hours=-1))
