"""The cache's vintages: every date gives back what it had, and tables have vintages too."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cache_clock import NOW, Desk, same_figures
from memory_provider import identical

from orebody.errors import DataError, MissingFileError, ParameterError


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


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
