"""Adjustment for distributions: by hand, against a plain loop, and against what a provider says of eight real funds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_provider import made
from real_data import FOLDER, needs_real_prices

from orebody.errors import DataError
from orebody.sources.adjustment import adjust

DAYS = pd.bdate_range("2024-01-01", periods=4)


def test_by_hand() -> None:
    """Close 100, 50, 40, 44; 5 paid on the third day, so 45/50 = 0.9; 10 on the fourth, so 30/40 = 0.75."""
    close = pd.Series([100.0, 50.0, 40.0, 44.0], index=DAYS)
    bars = pd.DataFrame({"Open": close + 1, "High": close + 2, "Low": close - 2, "Close": close, "Dividends": [0.0, 0.0, 5.0, 10.0]})
    got = adjust(bars)
    assert got["Close"].tolist() == pytest.approx([67.5, 33.75, 30.0, 44.0], rel=1e-15)
    assert got["Open"].tolist() == pytest.approx([101 * 0.675, 51 * 0.675, 41 * 0.75, 45.0], rel=1e-15)
    assert got["High"].tolist() == pytest.approx([102 * 0.675, 52 * 0.675, 42 * 0.75, 46.0], rel=1e-15)
    assert got["Low"].tolist() == pytest.approx([98 * 0.675, 48 * 0.675, 38 * 0.75, 42.0], rel=1e-15)
    assert list(got.columns) == ["Open", "High", "Low", "Close"]
    assert got.index.equals(bars.index)


def test_the_distribution_buys_at_the_close_before_less_itself() -> None:
    """5 paid on 50: the 5 buy 5/45 of a share, so that one share at 50 becomes 1 + 1/9 shares at 40: 40/45 - 1."""
    bars = pd.DataFrame({"Close": [50.0, 40.0], "Dividends": [0.0, 5.0]}, index=DAYS[:2])
    assert adjust(bars)["Close"].pct_change().iloc[1] == pytest.approx((1 + 5 / 45) * 40 / 50 - 1, rel=1e-14)


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        ("2024-01-06", [100 * 0.98, 50 * 0.98, 40 * 0.98, 50 * 0.98, 44]),  # a Saturday: on the Monday after it
        ("2024-01-05", [100 * 0.975, 50 * 0.975, 40 * 0.975, 50, 44]),
        ("2024-01-01", [100, 50, 40, 50, 44]),  # who held it the day before is not in the table
        ("2023-12-01", [100, 50, 40, 50, 44]),
        ("2024-02-01", [100, 50, 40, 50, 44]),  # has not gone ex
    ],
)
def test_days_without_a_bar(day: str, closes: list[float]) -> None:
    bars = pd.DataFrame(
        {"Close": [100.0, 50.0, 40.0, 50.0, 44.0]},
        index=pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05", "2024-01-08"]),
    )
    assert adjust(bars, pd.Series([1.0], index=pd.DatetimeIndex([day])))["Close"].tolist() == pytest.approx(closes, rel=1e-15)


def test_two_that_count_on_one_bar_are_added() -> None:
    bars = pd.DataFrame({"Close": [100.0, 95.0]}, index=pd.DatetimeIndex(["2024-01-05", "2024-01-08"]))
    paid = pd.Series([2.0, 3.0], index=pd.DatetimeIndex(["2024-01-06", "2024-01-08"]))
    assert adjust(bars, paid)["Close"].tolist() == pytest.approx([95.0, 95.0], rel=1e-15)


@pytest.mark.parametrize(
    ("paid", "message"),
    [
        (50.0, "the distribution of 2024-01-02 is 50, not less than the close before it, 50"),
        (60.0, "not less than the close before it"),
        (-1.0, "it must be a number and not negative"),
        (np.nan, "it must be a number and not negative"),
        (np.inf, "it must be a number and not negative"),
    ],
)
def test_what_is_refused(paid: float, message: str) -> None:
    bars = pd.DataFrame({"Close": [50.0, 40.0], "Dividends": [0.0, paid]}, index=DAYS[:2])
    with pytest.raises(DataError, match=message):
        adjust(bars, ticker="NEM")


def test_distributions_without_dates_are_refused() -> None:
    with pytest.raises(DataError, match="give the series a DatetimeIndex"):
        adjust(pd.DataFrame({"Close": [50.0, 40.0]}, index=DAYS[:2]), pd.Series([1.0]))


@given(st.lists(st.tuples(st.floats(1, 1000), st.sampled_from([0.0, 0.0, 0.1, 0.9])), min_size=2, max_size=40))
def test_against_a_plain_loop(days: list[tuple[float, float]]) -> None:
    series = made([close for close, _ in days])
    index = series.bars.index
    series.dividends = {str(index[at].date()): share * days[at - 1][0] for at, (_, share) in enumerate(days) if at and share}
    paid = pd.Series(list(series.dividends.values()), index=pd.DatetimeIndex(list(series.dividends)), dtype=float)
    assert adjust(series.bars, paid)["Close"].to_numpy() == pytest.approx(series.adjusted_closes(), rel=1e-12)


@needs_real_prices
@pytest.mark.parametrize("ticker", ["BIL", "COPX", "GDX", "GDXJ", "IEF", "LIT", "SPY", "TLT"])
def test_agrees_with_the_providers_own_on_every_day(ticker: str) -> None:
    table = pd.read_csv(FOLDER / f"{ticker}.csv", index_col="Date", parse_dates=["Date"])
    paid = pd.read_csv(FOLDER.parent / "dividends.csv", index_col="Date", parse_dates=["Date"])
    paid = paid.loc[paid["Ticker"] == ticker, "Dividend"]
    assert len(paid) > 10
    ours, theirs = adjust(table, paid)["Close"].pct_change(), table["Adj Close"].pct_change()
    assert (ours - theirs).abs().max() < 1e-5
