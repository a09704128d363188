"""The cache: what a refresh asks for, what it keeps, what any date gives back, and what nothing can break."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cache_clock import Desk, same_figures
from memory_provider import identical

from orebody.sources.cache.store import OVERLAP


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


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
    assert after.notes == (f"whole history fetched again (the distribution of {desk.days[at - 3]} was 0, now 1.5)",)
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
    assert after.notes[0].startswith("whole history fetched again (the close of ")
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
    assert after.notes == (f"whole history fetched again (1 of the days that both span are in one only, the first {desk.days[at - 4]})",)
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
