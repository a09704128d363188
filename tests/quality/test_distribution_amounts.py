"""Distributions against prices and each other: paid once and recorded twice, amounts 100 times off, gains inside dividends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distributing_tables import ROWS, paying, total
from yahoo_series import Series
from yahoo_server import YahooServer

import orebody as ob
from orebody.quality import Finding, inspect, repair_frame

QUARTERS = dict.fromkeys(range(40, ROWS, 63), 0.04)


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the frame the Adj Close that Yahoo makes of its record, whatever it says."""
    close, paid, factor = frame["Close"].to_numpy(), frame["Dividends"].to_numpy(), 1.0
    adjusted = np.empty(len(close))
    for row in range(len(close) - 1, -1, -1):
        adjusted[row] = close[row] * factor
        if paid[row]:
            factor *= 1 - paid[row] / close[row - 1]
    return frame.assign(**{"Adj Close": adjusted})


def recorded(frame: pd.DataFrame, amounts: dict[int, float]) -> pd.DataFrame:
    """Return the frame with other amounts on some rows, and the Adj Close that follows them."""
    paid = frame["Dividends"].to_numpy(copy=True)
    for row, amount in amounts.items():
        paid[row] = amount
    return counted(frame.assign(Dividends=paid))


def wrong(frame: pd.DataFrame) -> list[Finding]:
    return [finding for finding in inspect("X", frame) if finding.wrong]


def mended(frame: pd.DataFrame) -> pd.DataFrame:
    return repair_frame(frame, inspect("X", frame), "drop").frame


@pytest.mark.parametrize("days", [1, 2, 4])
@pytest.mark.parametrize("times", [1.0, 1.0776, 0.93])
@pytest.mark.parametrize("seed", [12, 13, 15])
def test_one_payment_on_two_days_is_one_though_adj_close_counts_both(days: int, times: float, seed: int) -> None:
    right = counted(paying(total(seed, 0.012), QUARTERS))
    paid = right["Dividends"].iloc[292]
    twice = recorded(right, {292 + days: times * paid})
    found = wrong(twice)
    assert [finding.kind for finding in found] == ["dividend"]
    assert str(right.index[292].date()) in found[0].what
    assert str(right.index[292 + days].date()) in found[0].what
    done = mended(twice)
    assert (done["Dividends"] > 0).sum() == len(QUARTERS)
    gross = (done["Adj Close"].iloc[-1] / done["Adj Close"].iloc[0]) / (right["Adj Close"].iloc[-1] / right["Adj Close"].iloc[0])
    assert gross == pytest.approx(1.0, abs=0.01)  # and not 4 % more


def test_a_second_payment_on_a_day_that_fell_as_much_by_itself_is_a_doubt() -> None:
    right = counted(paying(total(11, 0.012), QUARTERS))
    assert right["Close"].iloc[296] / right["Close"].iloc[295] < 0.99
    twice = recorded(right, {296: 1.0776 * right["Dividends"].iloc[292]})
    found = [finding for finding in inspect("X", twice) if finding.kind == "dividend"]
    assert [finding.wrong for finding in found] == [False]
    assert "does not tell whether that is one payment or two; both are counted" in found[0].what


def test_two_payments_that_the_price_shows_are_two() -> None:
    both = counted(paying(total(11, 0.008), {**QUARTERS, 294: 0.042}))
    assert wrong(both) == []


def test_what_pays_every_week_is_not_paid_twice() -> None:
    assert wrong(counted(paying(total(11, 0.012), dict.fromkeys(range(5, ROWS, 5), 0.006)))) == []


@pytest.mark.parametrize("times", [0.01, 100.0])
@pytest.mark.parametrize("rows", [[292], [166, 292], list(QUARTERS)[:7]], ids=["one", "two", "most"])
def test_amounts_a_hundred_times_off_are_found_and_mended(times: float, rows: list[int]) -> None:
    yields = 0.04 if times < 1 else 0.004
    right = counted(paying(total(11, 0.008), dict.fromkeys(QUARTERS, yields)))
    off = recorded(right, {row: times * right["Dividends"].iloc[row] for row in rows})
    found = wrong(off)
    assert [str(finding.first.date()) for finding in found] == [str(right.index[row].date()) for row in rows]
    assert all("100 times too" in finding.what for finding in found)
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_all_amounts_a_hundred_times_too_small_are_found_by_the_price_alone() -> None:
    right = counted(paying(total(11, 0.01), QUARTERS))
    off = recorded(right, {row: 0.01 * right["Dividends"].iloc[row] for row in QUARTERS})
    assert len(wrong(off)) == len(QUARTERS)
    pd.testing.assert_frame_equal(mended(off), right, rtol=1e-9)


def test_a_small_payment_among_steady_ones_that_the_price_cannot_tell_is_a_doubt() -> None:
    steady = paying(total(11, 0.02), dict.fromkeys(QUARTERS, 0.001))
    frame = recorded(steady, {292: 0.01 * steady["Dividends"].iloc[292]})
    found = [finding for finding in inspect("X", frame) if finding.kind == "dividend"]
    assert [finding.wrong for finding in found] == [False]
    assert "about 100 times smaller than the others" in found[0].what


# ---- gains inside dividends, as Yahoo answers ----


def fund(before: float, after: float, dividends: dict[str, float], gains: dict[str, float]) -> Series:
    """Return a fund of small moves with one fall, from `before` to `after` on 2024-12-12."""
    days = pd.bdate_range("2024-06-03", "2025-05-30")
    row = days.get_loc(pd.Timestamp("2024-12-12"))
    swing = np.exp(0.008 * np.random.RandomState(4).standard_normal(len(days)).cumsum())
    close = np.where(np.arange(len(days)) < row, swing / swing[row - 1] * before, swing / swing[row] * after)
    frame = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), close), index=days).assign(Volume=1000.0)
    return Series(frame, dividends=dividends, gains=gains, kind="MUTUALFUND")


@pytest.mark.parametrize(
    ("dividend", "after", "earned"),
    [
        (7.857, 110.44, 110.44 / (120.10 - 7.857) - 1),  # newer: 7.857 = 1.437 + 6.42, -1.6 %
        (1.437, 110.44, 110.44 / (120.10 - 1.437 - 6.42) - 1),  # older: apart, the sum
        (7.857, 105.0, 105.0 / (120.10 - 7.857 - 6.42) - 1),  # the price fell by both
    ],
)
def test_a_gain_counts_once_as_the_fall_of_the_price_says(
    yahoo: YahooServer, tmp_path: Path, dividend: float, after: float, earned: float
) -> None:
    ex_day = "2024-12-12"
    yahoo.series["FUND"] = fund(120.10, after, {ex_day: dividend}, {ex_day: 6.42})
    universe = ob.Universe("own", "GLD", ("FUND",))
    for offline in (False, True):  # what the cache keeps says the same
        market = ob.load_market(universe, start="2024-06-03", end="2025-05-30", cache=tmp_path, offline=offline)
        at = market.dates.get_loc(pd.Timestamp(ex_day))
        assert market.close[at, 1] / market.close[at - 1, 1] - 1 == pytest.approx(earned, abs=1e-9)
        assert not [doubt for doubt in market.doubts if "FUND" in doubt and "gain" in doubt]


def test_a_gain_that_nothing_tells_is_a_doubt_in_the_market(yahoo: YahooServer, tmp_path: Path) -> None:
    yahoo.series["FUND"] = fund(100.0, 99.6, {"2024-12-12": 0.6}, {"2024-12-12": 0.4})
    universe = ob.Universe("own", "GLD", ("FUND",))
    market = ob.load_market(universe, start="2024-06-03", end="2025-05-30", cache=tmp_path)
    (doubt,) = [doubt for doubt in market.doubts if "FUND" in doubt and "gain" in doubt]
    assert "neither the price nor other dividends tell whether the dividend of 0.6 contains the capital gain of 0.4" in doubt


def test_dividends_of_other_days_tell_what_the_price_cannot() -> None:
    days = pd.bdate_range("2022-01-03", periods=ROWS)
    frame = total(11, 0.02).set_axis(days).assign(**{"Dividends": 0.0, "Capital Gains": 0.0})
    at = {60: 0.1, 123: 0.11, 186: 0.09, 249: 1.1}
    frame["Dividends"] = [at.get(row, 0.0) for row in range(ROWS)]
    frame["Capital Gains"] = [1.0 if row == 249 else 0.0 for row in range(ROWS)]  # 1.1 = 0.1 + 1.0
    assert not [finding for finding in inspect("X", frame) if "capital gain" in finding.what]
