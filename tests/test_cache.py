"""The cache: what a refresh asks for, what it keeps, what any date gives back, and what nothing can break."""

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
from filelock import FileLock

from orebody.errors import DataError, DownloadError, MissingFileError, OutputError, ParameterError
from orebody.sources.cache import sealed
from orebody.sources.cache.store import OVERLAP, Cache
from orebody.sources.cache.stored import Stored
from orebody.sources.quotes import Quotes
from providers import Clock, Provider, identical, quotes, short

NOW = dt.timedelta(0)


class Desk:
    """A cache of one ticker on a clock, and the provider behind it, which holds the history up to an evening."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.cache = Cache(folder, clock=self.clock)
        self.whole = short()
        self.provider = Provider(self.whole)
        self.days = [str(day.date()) for day in self.whole.bars.index]
        self.path = folder / "NEM" / "quotes.parquet"

    def evening(self, at: int) -> Stored:
        """Refresh a day later, when the provider holds the history up to that day."""
        self.provider.series = self.whole.until(self.days[at])
        return self.refresh()

    def refresh(self, **options: object) -> Stored:
        self.clock.wait(days=1)
        return self.cache.refresh("NEM", self.provider, max_age=NOW, **options)  # type: ignore[arg-type]

    def served(self) -> pd.DataFrame:
        return quotes("NEM", self.provider.series).bars

    def paid(self) -> list[int]:
        """Return the bars on which dividends go ex."""
        return [self.days.index(day) for day in self.whole.dividends]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


def same_figures(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other[list(one.columns)], check_freq=False, rtol=1e-6, check_index_type=False, check_names=False)


# ---- what a refresh asks for ----


def test_the_first_download_is_kept_to_the_last_bit(desk: Desk) -> None:
    stored = desk.evening(200)
    assert desk.provider.asked == [None]
    assert identical(stored.quotes.bars, desk.served())
    loaded = desk.cache.load("NEM")
    assert identical(loaded.quotes.bars, desk.served())
    about = ("NEM", "USD", "NYQ", "America/New_York", "A senior (simulated)", "EQUITY")
    one = loaded.quotes
    assert (one.ticker, one.currency, one.exchange, one.zone, one.name, one.kind) == about
    assert (stored.new, loaded.new, loaded.vintages) == (201, 0, 1)
    assert str(loaded.vintage) == "2026-01-06 22:00:00.000 UTC"
    assert loaded.vintage.library.startswith("yfinance 1.")
    assert loaded.vintage.whole
    assert len(loaded.vintage.sha256) == 64


def test_any_parquet_reader_reads_the_file(desk: Desk) -> None:
    desk.evening(200)
    table = pd.read_parquet(desk.path).set_index("Date")
    assert identical(table[["Close", "Dividends"]], desk.served()[["Close", "Dividends"]])


def test_a_refresh_asks_for_the_end_only(desk: Desk) -> None:
    at = desk.paid()[-1] + 20
    desk.evening(at)
    stored = desk.evening(at + 2)
    assert desk.provider.asked[1:] == [dt.date.fromisoformat(desk.days[at - OVERLAP + 1])]
    assert (stored.new, stored.vintages, stored.notes) == (2, 2, ())
    assert not stored.vintage.whole
    assert identical(stored.quotes.bars, desk.served())


def test_what_is_younger_than_max_age_is_not_refreshed(desk: Desk) -> None:
    desk.evening(200)
    desk.provider.series = desk.whole
    desk.clock.wait(hours=12)
    assert len(desk.cache.refresh("NEM", desk.provider).quotes.bars) == 201
    assert len(desk.provider.asked) == 1
    desk.clock.wait(milliseconds=1)
    assert len(desk.cache.refresh("NEM", desk.provider).quotes.bars) == 300
    assert len(desk.provider.asked) == 2


def test_nothing_new_is_no_vintage_but_counts_as_asked(desk: Desk) -> None:
    first = desk.evening(200)
    again = desk.evening(200)
    assert (again.new, again.vintages, again.vintage) == (0, 1, first.vintage)
    assert again.asked == desk.clock.now
    desk.clock.wait(hours=11)
    desk.cache.refresh("NEM", desk.provider)
    assert len(desk.provider.asked) == 2


def test_a_last_digit_is_no_news(desk: Desk) -> None:
    first = desk.evening(200)
    desk.provider.change = lambda served: replace(served, bars=served.bars * (1 + 1e-8))
    again = desk.evening(200)
    assert again.vintage == first.vintage
    assert identical(again.quotes.bars, first.quotes.bars)


def test_the_whole_is_asked_for_once_a_month(desk: Desk) -> None:
    at = desk.paid()[-1] + 5
    for day in range(32):
        desk.evening(at + day)
    assert [number for number, since in enumerate(desk.provider.asked) if since is None] == [0, 30]
    assert desk.cache.load("NEM").vintages == 32


def test_a_short_history_is_asked_for_whole(desk: Desk) -> None:
    desk.evening(OVERLAP - 1)
    desk.evening(OVERLAP)
    desk.evening(OVERLAP + 1)
    assert [since is None for since in desk.provider.asked] == [True, True, False]


def test_a_clock_that_was_in_the_future_refreshes(desk: Desk) -> None:
    desk.clock.now = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    desk.evening(200)
    desk.clock.now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    stored = desk.evening(201)
    assert desk.provider.asked == [None, None]
    assert stored.asked == desk.clock.now
    assert stored.vintage.when > dt.datetime(2031, 1, 1, tzinfo=dt.UTC)  # vintages stay in order
    desk.cache.refresh("NEM", desk.provider)
    assert len(desk.provider.asked) == 2


# ---- how histories change ----


def test_a_distribution_that_goes_ex_needs_no_whole_download(desk: Desk) -> None:
    at = desk.paid()[2]
    before = desk.evening(at - 1)
    after = desk.evening(at + 1)
    assert len(desk.provider.asked) == 2
    assert desk.provider.asked[1] is not None
    assert after.new == 2
    pd.testing.assert_series_equal(after.quotes.bars["Adj Close"], desk.served()["Adj Close"], rtol=1e-12, check_freq=False)
    paid, close = desk.whole.dividends[desk.days[at]], desk.whole.bars["Close"].iloc[at - 1]
    assert after.vintage.scale == pytest.approx(1 - paid / close, rel=1e-12)
    assert identical(desk.cache.load("NEM", as_of=before.vintage.when).quotes.bars, before.quotes.bars)


def test_a_late_distribution_brings_the_whole(desk: Desk) -> None:
    at = desk.paid()[-1] + 20
    before = desk.evening(at)
    desk.whole = desk.whole.with_dividend(desk.days[at - 3], 1.5)
    after = desk.evening(at + 1)
    assert [since is None for since in desk.provider.asked] == [True, False, True]
    assert after.notes == (f"re-adjusted: whole history fetched again (the distribution of {desk.days[at - 3]} was 0, now 1.5)",)
    assert after.vintage.whole
    same_figures(after.quotes.bars, desk.served())
    assert identical(desk.cache.load("NEM", as_of=str(before.vintage)).quotes.bars, before.quotes.bars)


def test_an_adjustment_that_no_distribution_explains_brings_the_whole(desk: Desk) -> None:
    at = desk.paid()[-1] + 20
    desk.evening(at)
    desk.whole.adjusted = pd.Series(desk.whole.adjusted_closes() * 0.99, desk.whole.bars.index)
    after = desk.evening(at + 1)
    assert [since is None for since in desk.provider.asked] == [True, False, True]
    assert "the adjusted close of" in after.notes[0]
    same_figures(after.quotes.bars, desk.served())


@pytest.mark.parametrize("ratio", [(2, 1), (1, 4), (3, 2)])
def test_a_split_brings_the_whole(desk: Desk, ratio: tuple[int, int]) -> None:
    at = desk.paid()[-1] + 20
    before = desk.evening(at)
    desk.whole = desk.whole.resplit(desk.days[at + 1], *ratio)
    after = desk.evening(at + 1)
    assert [since is None for since in desk.provider.asked] == [True, False, True]
    assert after.notes[0].startswith("re-adjusted: whole history fetched again (the close of ")
    same_figures(after.quotes.bars, desk.served())
    assert after.quotes.bars["Stock Splits"].iloc[-1] == ratio[0] / ratio[1]
    assert identical(desk.cache.load("NEM", as_of=before.vintage.when).quotes.bars, before.quotes.bars)
    assert desk.evening(at + 2).notes == ()


def test_a_correction_long_ago_comes_with_the_monthly_whole(desk: Desk) -> None:
    at = desk.paid()[-1] + 5
    desk.evening(at)
    desk.whole.bars = desk.whole.bars.copy()
    desk.whole.bars.iloc[desk.paid()[0] + 5, desk.whole.bars.columns.get_loc("Close")] *= 1.01
    assert desk.evening(at + 1).notes == ()
    desk.clock.wait(days=30)
    after = desk.evening(at + 2)
    assert after.notes == ("the provider corrected 1 earlier row",)
    same_figures(after.quotes.bars, desk.served())


def test_an_evening_correction_of_the_range_is_taken_over(desk: Desk) -> None:
    at = desk.paid()[-1] + 20
    before = desk.evening(at)
    desk.whole.bars = desk.whole.bars.copy()
    desk.whole.bars.iloc[at, desk.whole.bars.columns.get_loc("Volume")] += 5_000
    after = desk.evening(at + 1)
    assert len(desk.provider.asked) == 2
    assert (after.vintage.rows, after.vintage.gone) == (2, 1)
    assert identical(after.quotes.bars, desk.served())
    assert identical(desk.cache.load("NEM", as_of=before.vintage.when).quotes.bars, before.quotes.bars)


def test_a_day_that_was_missing_brings_the_whole(desk: Desk) -> None:
    at, complete = desk.paid()[-1] + 20, desk.whole.bars
    desk.whole.bars = complete.drop(complete.index[at - 4])
    desk.provider.series = desk.whole.until(desk.days[at])
    desk.refresh()
    desk.whole.bars = complete
    after = desk.evening(at + 1)
    assert after.notes == (
        f"re-adjusted: whole history fetched again (1 of the days that both span are in one only, the first {desk.days[at - 4]})",
    )
    same_figures(after.quotes.bars, desk.served())


def test_rates_at_zero_and_below_are_kept_like_others(desk: Desk) -> None:
    desk.whole.dividends = {}
    desk.whole.bars = desk.whole.bars.copy()
    prices = ["Open", "High", "Low", "Close"]
    desk.whole.bars.loc[desk.days[195], prices] = 0.0
    desk.whole.bars.loc[desk.days[196], prices] = -0.1
    desk.whole.bars.loc[desk.days[197], prices] = np.nan
    desk.evening(200)
    stored = desk.evening(202)
    assert [since is None for since in desk.provider.asked] == [True, False]
    assert identical(stored.quotes.bars, desk.served())


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


# ---- vintages ----


def test_as_of(desk: Desk) -> None:
    evenings = [desk.evening(at) for at in (200, 201, 202)]  # 6, 7 and 8 January 2026, 22:00
    load = desk.cache.load
    for as_of, number in {
        "2026-01-06": 0,
        "2026-01-07 21:59:59": 0,
        "2026-01-07 22:00:00.000 UTC": 1,
        "2026-01-07T17:00:00-05:00": 1,
        "2026-01-07": 1,
        dt.date(2026, 1, 7): 1,
        pd.Timestamp("2026-01-07"): 1,
        pd.Timestamp("2026-01-07 12:00"): 0,
        pd.Timestamp("2026-01-07 23:00", tz="Europe/London"): 1,
        pd.Timestamp("2026-01-07 00:00", tz="UTC"): 0,
        "2099-12-31": 2,
        None: 2,
    }.items():
        assert load("NEM", as_of=as_of).vintage == evenings[number].vintage, as_of
        assert identical(load("NEM", as_of=as_of).quotes.bars, evenings[number].quotes.bars)
    with pytest.raises(
        MissingFileError, match=r"no vintage of NEM as of 2026-01-05 23:59:59.999 UTC: the nearest is its first, 2026-01-06 22"
    ):
        load("NEM", as_of="2026-01-05")


@pytest.mark.parametrize("as_of", ["yesterday", "01/05/2026", 20260105, pd.NaT, ""])
def test_what_is_no_date_is_refused(desk: Desk, as_of: object) -> None:
    desk.evening(200)
    with pytest.raises(ParameterError, match="not a date or a moment: write it as '2026-05-01'"):
        desk.cache.load("NEM", as_of=as_of)  # type: ignore[arg-type]


def test_a_clock_that_stands_still_still_orders_the_vintages(desk: Desk) -> None:
    first = desk.evening(200)
    desk.provider.series = desk.whole.until(desk.days[201])
    desk.clock.now -= dt.timedelta(milliseconds=1)  # as if set back between two refreshes
    second = desk.cache.refresh("NEM", desk.provider, max_age=NOW)
    assert (second.vintage.when - first.vintage.when) == dt.timedelta(milliseconds=1)
    assert identical(desk.cache.load("NEM", as_of=str(first.vintage)).quotes.bars, first.quotes.bars)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_every_vintage_is_given_back_and_the_newest_is_the_providers(desk: Desk, seed: int) -> None:
    draw, at, seen = random.Random(seed), 60, []
    for _ in range(14):
        at = min(at + draw.choice([0, 1, 1, 5, 12]), 298)
        event = draw.choice(["day", "day", "day", "split", "dividend", "correction", "month"])
        if event == "split":
            desk.whole = desk.whole.resplit(desk.days[at], draw.choice([2, 3]), 1)
        elif event == "dividend":
            desk.whole = desk.whole.with_dividend(desk.days[at - draw.choice([0, 1, 6])], draw.choice([0.1, 2.0]))
        elif event == "correction":
            desk.whole = replace(desk.whole, bars=desk.whole.bars.copy())
            desk.whole.bars.iloc[at - draw.randrange(1, 9), draw.randrange(4)] *= 1.0 + draw.choice([1e-3, 0.02])
        elif event == "month":
            desk.clock.wait(days=31)
        stored = desk.evening(at)
        seen.append((stored.vintage, stored.quotes.bars.copy()))
        same_figures(stored.quotes.bars, desk.served())
        for vintage, bars in seen:
            assert identical(desk.cache.load("NEM", as_of=vintage.when).quotes.bars, bars)


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
    "of other columns": lambda path: sealed.write(path, {"ticker": "NEM", "kind": "quotes"}, {"Close": np.ones(3)}),
    "of a later form": lambda path: sealed.write(path, {"format": 99}, {"Close": np.ones(3)}),
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
    got: list[Stored] = []

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


# ---- tables ----


RATINGS = pd.DataFrame(
    {"graded": pd.to_datetime(["2025-01-01", "2025-02-01"]), "firm": ["A", "B"], "grade": ["Buy", None], "target": [1.5, np.nan]},
    index=pd.Index(["x", "y"], name="id"),
)


def test_a_table_has_vintages_too(desk: Desk) -> None:
    tables = [RATINGS, RATINGS, RATINGS.assign(count=[1, 2]), RATINGS.iloc[:0]]
    asked: list[str] = []

    def fetch(ticker: str) -> pd.DataFrame:
        asked.append(ticker)
        return tables[len(asked) - 1]

    for day in range(4):
        desk.clock.wait(days=1)
        pd.testing.assert_frame_equal(desk.cache.refresh_table("NEM", "ratings", fetch).table, tables[day])
        desk.cache.refresh_table("NEM", "ratings", fetch)
    assert asked == ["NEM"] * 4
    load = desk.cache.load_table
    assert load("NEM", "ratings").vintages == 3
    for as_of, number in {"2026-01-06": 0, "2026-01-07": 0, "2026-01-08": 2, "2026-01-09": 3}.items():
        pd.testing.assert_frame_equal(load("NEM", "ratings", as_of=as_of).table, tables[number])
    with pytest.raises(MissingFileError, match="no vintage of NEM"):
        load("NEM", "ratings", as_of="2026-01-05")
    with pytest.raises(
        MissingFileError, match=r"there are no statements of NEM in the cache .*: ask for them while the provider may be asked"
    ):
        load("NEM", "statements")


def test_a_broken_table_is_set_aside_too(desk: Desk) -> None:
    desk.cache.refresh_table("NEM", "ratings", lambda _: RATINGS)
    path = desk.path.with_name("ratings.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="the cached ratings of NEM cannot be trusted"):
        desk.cache.load_table("NEM", "ratings")
    again = desk.cache.refresh_table("NEM", "ratings", lambda _: RATINGS)
    pd.testing.assert_frame_equal(again.table, RATINGS)
    assert "set aside" in again.notes[0]


@pytest.mark.parametrize("kind", ["../x", "", "Ratings", "a" * 25, "rat ings", "quotes\n"])
def test_a_kind_is_a_plain_word(desk: Desk, kind: str) -> None:
    with pytest.raises(ParameterError, match="is not a kind of table"):
        desk.cache.refresh_table("NEM", kind, lambda _: RATINGS)
    with pytest.raises(ParameterError, match="'quotes' is not a kind of table"):
        desk.cache.refresh_table("NEM", "quotes", lambda _: RATINGS)
    assert not desk.cache.folder.exists()


def test_a_table_of_mixed_cells_is_refused(desk: Desk) -> None:
    with pytest.raises(DataError, match="the table cannot be kept"):
        desk.cache.refresh_table("NEM", "ratings", lambda _: pd.DataFrame({"a": [1, "x"]}))
    assert desk.cache.entries() == []


def test_entries(desk: Desk) -> None:
    desk.evening(200)
    desk.cache.refresh_table("NEM", "ratings", lambda _: RATINGS)
    (desk.cache.folder / "not a ticker").mkdir()
    (desk.cache.folder / "not a ticker" / "quotes.parquet").write_bytes(b"")
    (desk.cache.folder / "NEM" / "Thumbs.parquet").write_bytes(b"")
    entries = desk.cache.entries()
    assert [(entry.ticker, entry.kind, entry.problem) for entry in entries] == [("NEM", "quotes", ""), ("NEM", "ratings", "")]
    assert entries[0].size == desk.path.stat().st_size
    assert entries[0].quotes is not None
    assert identical(entries[0].quotes.bars, desk.served())
