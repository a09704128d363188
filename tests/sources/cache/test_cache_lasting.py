"""The cache and rows that vanish, return, settle late; and what stands in its folder and is no file of its own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from cache_clock import Desk, same_figures
from memory_provider import identical

from orebody.errors import DataError, OutputError, ParameterError
from orebody.sources.cache.store import Cache
from orebody.sources.cache.vintages import moment
from orebody.sources.quotes import Quotes


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


def drop(desk: Desk, *at: int) -> None:
    desk.whole = replace(desk.whole, bars=desk.whole.bars.drop(desk.whole.bars.index[list(at)]))


@pytest.mark.parametrize("later", [1, 31])
def test_a_last_day_that_comes_back_empty_stays(desk: Desk, later: int) -> None:
    """By the end, and by the monthly whole: the good bar is kept, and it is said."""
    before = desk.evening(200)
    desk.clock.wait(days=later - 1)
    desk.provider.series = desk.whole.until(desk.days[199])
    after = desk.refresh()
    assert identical(after.quotes.bars, before.quotes.bars)
    note = f"the provider has no prices of {desk.days[200]} any more: the bar that was downloaded earlier stays"
    assert after.notes == (note,)
    assert desk.refresh().vintages == after.vintages  # said once, in one vintage
    assert desk.evening(201).notes == ()
    same_figures(desk.cache.load("NEM").quotes.bars, desk.served())


def test_a_history_that_stopped_a_week_ago_names_what_is_cached(desk: Desk) -> None:
    desk.evening(200)
    desk.clock.wait(days=31)
    desk.provider.series = desk.whole.until(desk.days[150])
    with pytest.raises(DataError, match=r"it ends on .*nothing was replaced: take what .* offline=True \(or as_of='2026-01-06'\)"):
        desk.refresh()


@pytest.mark.parametrize("back", [3, 100])
def test_a_session_that_vanishes_is_said_until_it_returns(desk: Desk, back: int) -> None:
    before = desk.evening(200)
    complete = desk.whole
    drop(desk, 200 - back)
    desk.clock.wait(days=31)  # the monthly whole, for a day long ago
    gone = f"1 session that was downloaded earlier and the provider no longer has, {desk.days[200 - back]}: "
    assert any(note.startswith(gone) and f"as_of='{before.vintage}'" in note for note in desk.evening(201).notes)
    assert any(note.startswith(gone) for note in desk.evening(202).notes), "said as long as it is so"
    assert desk.days[200 - back] in {str(day.date()) for day in desk.cache.load("NEM", as_of=str(before.vintage)).quotes.bars.index}
    assert any(note.startswith(gone) for note in desk.cache.entries("NEM")[0].notes)
    desk.whole = complete
    desk.clock.wait(days=31)
    assert not any("no longer has" in note for note in desk.evening(203).notes)
    same_figures(desk.cache.load("NEM").quotes.bars, desk.served())


def as_rate(served: Quotes) -> Quotes:
    return replace(served, kind="CURRENCY")


def test_rates_that_settle_late_are_no_re_adjustment(desk: Desk) -> None:
    """The close of the last day is another the day after, as exchange rates' are: taken over by the end alone."""
    desk.whole.dividends = {}
    desk.provider.change = as_rate
    desk.evening(200)
    close = desk.whole.bars.columns.get_loc("Close")
    was = float(desk.whole.bars.iloc[200, close])
    desk.whole.bars = desk.whole.bars.copy()
    desk.whole.bars.iloc[200, close] = was * 1.001
    after = desk.evening(201)
    assert desk.provider.asked[1:] == [desk.provider.asked[1]]
    assert desk.provider.asked[1] is not None
    assert after.notes == (f"the provider corrected the close of {desk.days[200]} from {was:.7g} to {was * 1.001:.7g}",)
    same_figures(after.quotes.bars, desk.served())
    desk.whole.bars *= 2  # all closes others: another series
    assert "whole history fetched again" in desk.evening(202).notes[0]


def test_capital_gains_are_kept_with_their_vintages(desk: Desk) -> None:
    plain = desk.evening(200)

    def with_gains(served: Quotes) -> Quotes:
        bars = served.bars.assign(**{"Capital Gains": 0.0})
        if desk.days[198] in bars.index:
            bars.loc[desk.days[198], "Capital Gains"] = 6.42
        return replace(served, bars=bars)

    desk.provider.change = with_gains
    after = desk.evening(201)
    assert after.notes == (f"whole history fetched again (the capital gain of {desk.days[198]} was 0, now 6.42)",)
    again = Cache(desk.cache.folder, clock=desk.clock).load("NEM").quotes.bars
    assert again["Capital Gains"][again["Capital Gains"] != 0].to_dict() == {pd.Timestamp(desk.days[198]): 6.42}
    assert "Capital Gains" not in desk.cache.load("NEM", as_of=str(plain.vintage)).quotes.bars
    assert identical(desk.cache.load("NEM", as_of=str(plain.vintage)).quotes.bars, plain.quotes.bars)


# ---- what stands in the folder ----


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(desk: Desk) -> None:
    desk.evening(200)
    desk.path.unlink()
    os.mkfifo(desk.path)
    with pytest.raises(DataError, match="the cached quotes of NEM cannot be trusted: it is no file but a pipe.*orebody fetch NEM"):
        desk.cache.load("NEM")
    assert [entry.problem for entry in desk.cache.entries()] == ["it is no file but a pipe, a device or their like"]
    stored = desk.evening(201)
    assert "set aside and fetched again" in stored.notes[0]
    assert desk.path.with_name("quotes.parquet.broken-1").is_fifo()


def test_a_link_to_nothing_is_named(desk: Desk) -> None:
    desk.evening(200)
    desk.path.unlink()
    desk.path.symlink_to(desk.path.with_name("gone"))
    assert [entry.problem for entry in desk.cache.entries()] == ["it is a link to nothing"]


@pytest.mark.parametrize("name", ["pipe", "folder", "link"])
def test_odd_things_beside_the_files_stop_nothing(desk: Desk, name: str) -> None:
    desk.evening(200)
    beside = desk.path.with_name(".orebody-odd")
    if name == "pipe":
        os.mkfifo(beside)
    elif name == "folder":
        beside.mkdir()
    else:
        beside.symlink_to("/nowhere")
    assert desk.evening(201).new == 1


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_file_is_a_sentence_with_the_remedy(desk: Desk, keep: int) -> None:
    desk.evening(200)
    desk.path.write_bytes(desk.path.read_bytes()[:keep])
    with pytest.raises(DataError, match="cannot be trusted: .*download them with: orebody fetch NEM"):
        desk.cache.load("NEM")


def test_the_end_of_the_calendar_is_no_end(desk: Desk) -> None:
    newest = desk.evening(200)
    for end in ("9999-12-31", "9999-12-31 23:59:59-05:00"):
        assert desk.cache.load("NEM", as_of=end).vintage == newest.vintage
    with pytest.raises(FileNotFoundError, match="there is no vintage of NEM as of 0001-01-01"):
        desk.cache.load("NEM", as_of="0001-01-01 00:00+14:00")
    assert str(moment("2026-05-01")) == "2026-05-01 23:59:59.999000+00:00"


def test_a_cache_that_cannot_be_written_is_named(desk: Desk) -> None:
    desk.cache.folder.mkdir(parents=True)
    (desk.cache.folder / "NEM").symlink_to("NEM")  # a loop: no folder can be made there, whoever asks
    with pytest.raises(OutputError, match=r"cannot write to the cache in .*; name another folder in OREBODY_CACHE, or take"):
        desk.evening(200)
    with pytest.raises(ParameterError, match="there is no such home folder"):
        Cache("~nobody-of-that-name/cache")
