"""Amounts and closes on another scale than Adj Close, the price or the other amounts: each right figure is the holder's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from distributing_tables import ROWS, paying, split_at, total
from test_distribution_amounts import counted, mended, recorded, wrong

import orebody as ob
from orebody.quality import inspect
from orebody.sources.preparation import PreparedMarket, prepare
from orebody.sources.raw_market import RawMarket

QUARTERS = dict.fromkeys(range(40, ROWS, 63), 0.02)
VARIED = dict(zip(range(20, ROWS, 36), np.exp(np.random.default_rng(4).normal(np.log(0.006), 0.6, 17)).tolist(), strict=False))


def by_record(frame: pd.DataFrame) -> PreparedMarket:
    """Return what is made of a table whose distributions are counted by their record, as those of Yahoo are."""
    metal = paying(total(3), {}).assign(**{"Stock Splits": 0.0})
    tables = {"METAL": metal, "MINER": frame.assign(**{"Stock Splits": frame.get("Stock Splits", 0.0)})}
    return prepare(RawMarket(ob.Universe("u", "METAL", ("MINER",)), tables, "test", by_distributions=True), None, None)


def earned(ready: PreparedMarket) -> float:
    close = ready.frames["MINER"]["Close"]
    return float(close.iloc[-1] / close.iloc[0])


def doubts(frame: pd.DataFrame) -> list[str]:
    return [finding.what for finding in inspect("X", frame) if not finding.wrong]


@pytest.mark.parametrize("ratio", [2.0, 1.5, 10.0, 0.25, 1 / 15, 1.37])
@pytest.mark.parametrize("known", [True, False], ids=["recorded", "unrecorded"])
@pytest.mark.parametrize("names", [("Open", "High", "Low", "Close"), ("Open", "High", "Low", "Close", "Dividends")], ids=["prices", "all"])
def test_a_step_of_closes_that_adj_close_has_not_is_no_loss(ratio: float, known: bool, names: tuple[str, ...]) -> None:
    holder = total(11, 0.01)["Close"]
    smooth = counted(paying(total(11, 0.01), QUARTERS))
    raw = split_at(smooth, 300, ratio)
    stepped = smooth.assign(**{name: raw[name] for name in names})
    if known:
        stepped["Stock Splits"] = np.where(np.arange(ROWS) == 300, ratio, 0.0)
    ready = by_record(stepped)
    assert earned(ready) == pytest.approx(holder.iloc[-1] / holder.iloc[0], rel=1e-9)
    said = [text for what, text in ready.notes if what == "doubtful"]
    assert len(said) == 1
    assert f"they are multiplied by {1 / ratio:.6g}" in said[0]


@pytest.mark.parametrize("ratio", [1.1, 0.9])
def test_a_small_recorded_split_is_in_the_prices_or_it_is_not(ratio: float) -> None:
    carried = counted(paying(total(11, 0.006), QUARTERS)).assign(**{"Stock Splits": np.where(np.arange(ROWS) == 300, ratio, 0.0)})
    assert inspect("X", carried) == ()
    step = split_at(carried, 300, ratio)
    assert [(finding.kind, finding.wrong) for finding in inspect("X", counted(step))] == [("split", True)]
    twice = carried.assign(**{"Adj Close": np.where(np.arange(ROWS) < 300, carried["Adj Close"] / ratio, carried["Adj Close"])})
    assert [finding for finding in inspect("X", twice) if finding.kind in ("dividend", "adjustment")]  # Adj Close steps, the close does not


def test_a_small_split_on_a_day_that_might_have_moved_as_much_is_a_doubt() -> None:
    carried = counted(paying(total(11, 0.03), QUARTERS)).assign(**{"Stock Splits": np.where(np.arange(ROWS) == 300, 1.1, 0.0)})
    found = inspect("X", counted(split_at(carried, 300, 1.1)))
    assert [(finding.kind, finding.wrong) for finding in found] == [("split", False)]
    assert "may not carry it" in found[0].what


@pytest.mark.parametrize("days", [6, 7])
def test_one_payment_recorded_again_after_the_holidays_is_one(days: int) -> None:
    right = counted(paying(total(11, 0.008), QUARTERS))
    assert (right.index[292 + days] - right.index[292]).days > 7
    twice = recorded(right, {292 + days: right["Dividends"].iloc[292]})
    pd.testing.assert_frame_equal(mended(twice), right, rtol=1e-9)


def test_one_payment_recorded_on_its_day_of_payment_as_well_is_a_doubt() -> None:
    right = counted(paying(total(11, 0.008), QUARTERS))
    twice = recorded(right, {292 + 15: right["Dividends"].iloc[292]})
    assert wrong(twice) == []
    assert [finding.count for finding in inspect("X", twice) if "one payment or two" in finding.what] == [1]
    assert not doubts(right)


def test_one_payment_recorded_on_three_days_is_one() -> None:
    right = counted(paying(total(11, 0.008), QUARTERS))
    paid = right["Dividends"].iloc[292]
    pd.testing.assert_frame_equal(mended(recorded(right, {293: 1.05 * paid, 295: paid})), right, rtol=1e-9)


@pytest.mark.parametrize("place", [0, 5, 16])
@pytest.mark.parametrize("times", [0.01, 0.001])
def test_an_amount_far_too_small_among_varied_ones_is_a_doubt(place: int, times: float) -> None:
    right = counted(paying(total(11, 0.02), VARIED))
    assert doubts(right) == []
    row = list(VARIED)[place]
    said = doubts(recorded(right, {row: times * right["Dividends"].iloc[row]}))
    assert len(said) == 1
    assert "1 of 17 distributions is" in said[0]
    assert "smaller than" in said[0]
    assert str(right.index[row].date()) in said[0]


@pytest.mark.parametrize("odd", [3, 12])
def test_amounts_of_varied_size_are_put_right_where_the_price_tells(odd: int) -> None:
    right = counted(paying(total(11, 0.004), {row: 3 * share for row, share in VARIED.items()}))
    rows = list(VARIED)[:odd]
    off = recorded(right, {row: 0.01 * right["Dividends"].iloc[row] for row in rows})
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_all_amounts_a_hundred_times_too_large_are_divided_and_not_taken_out() -> None:
    right = counted(paying(total(11, 0.008), dict.fromkeys(QUARTERS, 0.004)))
    off = recorded(right, {row: 100 * right["Dividends"].iloc[row] for row in QUARTERS})
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_one_amount_a_hundred_times_too_large_does_not_accuse_the_others() -> None:
    shares = dict(zip(QUARTERS, np.linspace(0.009, 0.004, len(QUARTERS)).tolist(), strict=True))
    right = counted(paying(total(11, 0.008), shares))
    row = list(shares)[-1]
    off = recorded(right, {row: 100 * right["Dividends"].iloc[row]})
    assert [finding.first for finding in wrong(off)] == [right.index[row]]
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_an_amount_above_the_price_is_divided_though_adj_close_is_negative() -> None:
    right = counted(paying(total(11, 0.008), QUARTERS))
    off = recorded(right, {292: 100 * right["Dividends"].iloc[292]})
    assert (off["Adj Close"] < 0).any()
    found = wrong(off)
    assert [finding.kind for finding in found] == ["dividend"]  # and no advice to drop the rows before
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_an_amount_above_the_price_that_nothing_explains_is_one_refusal() -> None:
    right = counted(paying(total(11, 0.008), {292: 0.02}))
    found = wrong(recorded(right, {292: 300 * right["Dividends"].iloc[292]}))
    assert [(finding.kind, finding.fix) for finding in found] == [("dividend", None)]


@pytest.mark.parametrize("ratio", [3.0, 0.25])
def test_amounts_per_share_of_before_a_split_are_put_on_the_scale_of_the_prices(ratio: float) -> None:
    splits = {"Stock Splits": np.where(np.arange(ROWS) == 400, ratio, 0.0)}
    right = counted(paying(total(11, 0.006), QUARTERS)).assign(**splits)
    assert inspect("X", right) == ()
    off = recorded(right, {row: ratio * right["Dividends"].iloc[row] for row in QUARTERS if row < 400})
    found = wrong(off)
    assert len(found) == sum(row < 400 for row in QUARTERS)
    assert all(f"before the split of {ratio:g}" in finding.what for finding in found)
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)
