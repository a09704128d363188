"""What no market is made of, and what each refusal says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError, ParameterError, UnknownNameError


def table(days: pd.DatetimeIndex | None = None, **changes: object) -> pd.DataFrame:
    days = pd.bdate_range("2020-01-01", periods=5) if days is None else days
    frame = pd.DataFrame({"Open": 10.0, "High": 12.0, "Low": 9.0, "Close": 11.0}, index=days)
    for column, value in changes.items():
        frame[column] = value
    return frame


def put(frame: pd.DataFrame, column: str, value: float) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[frame.index[2], column] = value
    return frame


GOOD = table()
DAYS = GOOD.index


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (GOOD.iloc[:0], "GDX: the table of prices is empty"),
        (GOOD.drop(columns="Close"), "GDX: no column Close among Open, High, Low"),
        (GOOD[["Close"]], "no column Open, High, Low among Close .a source without opens"),
        (put(GOOD, "Close", np.nan), "GDX: close is nan on 2020-01-03 .1 such"),
        (put(GOOD, "Open", 0.0), "GDX: open is 0 on 2020-01-03"),
        (put(GOOD, "Low", -1.0), "GDX: low is -1 on 2020-01-03"),
        (put(GOOD, "High", np.inf), "GDX: high is inf on 2020-01-03"),
        (put(GOOD, "High", 8.0), "GDX: the high is below the low on 2020-01-03 .open 10, high 8, low 9, close 11"),
        (put(GOOD, "Open", 13.0), "GDX: the open lies outside low..high on 2020-01-03"),
        (put(GOOD, "Close", 8.0), "GDX: the close lies outside low..high on 2020-01-03"),
        (GOOD.set_axis(DAYS[[0, 1, 1, 2, 3]]), "GDX: 2020-01-02 stands more than once .1 repeated"),
        (GOOD.set_axis(DAYS[[0, 2, 1, 3, 4]]), "GDX: the dates neither ascend nor descend: 2020-01-02 follows 2020-01-03"),
        (GOOD.set_axis(DAYS.tz_localize("UTC")), "GDX: the dates carry the time zone UTC"),
        (GOOD.set_axis(DAYS.where(DAYS != DAYS[1])), "GDX: row 2 has no date"),
        (GOOD.reset_index(drop=True), "labelled by RangeIndex, not by dates"),
        (GOOD.assign(open=1.0), "two columns are both called"),
        (GOOD.astype(str).replace("11.0", "n/a"), "GDX: a price column holds something that is not a number"),
        (pd.concat({"A": GOOD, "B": GOOD}, axis=1), "GDX: the table holds A, B: give the table of GDX under its own name"),
        (pd.concat({"x": pd.concat({"A": GOOD}, axis=1)}, axis=1), "GDX has 3 rows of column names"),
    ],
)
def test_bad_tables_are_refused_with_ticker_and_date(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says):
        ob.Market.from_frames({"GLD": GOOD, "GDX": frame})


def test_a_descending_table_is_put_in_order() -> None:
    falling = table(Close=[9.1, 9.2, 9.3, 9.4, 9.5]).iloc[::-1]
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": falling})
    assert market.close[:, 1].tolist() == [9.1, 9.2, 9.3, 9.4, 9.5]


def test_prices_are_adjusted_by_the_adjusted_close() -> None:
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD.assign(**{"Adj Close": 5.5})})
    assert market.open[0].tolist() == [10.0, 5.0]
    assert market.high[0].tolist() == [12.0, 6.0]
    assert market.close[0].tolist() == [11.0, 5.5]


@pytest.mark.parametrize(
    ("days", "first", "ends", "missing"),
    [(DAYS[1:], 1, -1, [0]), (DAYS[:4], 0, 3, [4]), (DAYS.delete(2), 0, -1, [2])],
    ids=["lists late", "ends early", "pauses"],
)
def test_instruments_need_not_trade_throughout(days: pd.DatetimeIndex, first: int, ends: int, missing: list[int]) -> None:
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": table(days)})
    assert market.dates.equals(DAYS)
    assert np.flatnonzero(~market.tradable[:, 1]).tolist() == missing
    assert np.isnan(market.close[missing, 1]).all()
    assert market.first.tolist() == [0, first]
    assert market.ends.tolist() == [-1, ends]
    assert market.listed == first
    assert market.marks[4, 1] == 11.0


def test_a_source_of_closes_only_fills_at_the_next_close() -> None:
    closes = GOOD[["Close"]].rename(columns={"Close": "Adj Close"})
    with pytest.raises(DataError, match="fill='close' fills at the next close"):
        ob.Market.from_frames({"GLD": GOOD, "GDX": closes})
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": closes}, fill="close")
    assert market.fills[:, 1].tolist() == [11.0] * 5
    assert np.isnan(market.open[:, 1]).all()
    with pytest.raises(ParameterError, match="fill is 'noon'"):
        ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD}, fill="noon")


def test_series_that_never_traded_together_are_refused() -> None:
    with pytest.raises(DataError, match="GDX begins on 2021-01-01, after GLD ended on 2020-01-07: they do not overlap"):
        ob.Market.from_frames({"GLD": GOOD, "GDX": table(pd.bdate_range("2021-01-01", periods=5))})


def test_one_bar_is_no_history() -> None:
    with pytest.raises(DataError, match="1 bar is too short"):
        ob.Market.from_frames({"GLD": GOOD.iloc[:1], "GDX": GOOD.iloc[:1]})


def test_a_ticker_without_prices_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown ticker 'GDXX'; did you mean 'GDX'"):
        ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD}, universe=ob.Universe("gold", "GLD", ("GDXX",)))


@pytest.mark.parametrize(
    ("rate", "says"),
    [
        (float("nan"), "the cash rate is nan: give a finite number"),
        ("2 %", "the cash rate is '2 %': give a number or a Series"),
        (pd.Series([0.01], index=[DAYS[1]]), "the cash rate begins on 2020-01-02, after the first bar of 2020-01-01"),
        (pd.Series([0.01, np.inf], index=DAYS[:2]), "the cash rate is inf on 2020-01-02"),
        (pd.Series([0.01, 0.02], index=DAYS[[1, 0]]), "the dates of the cash rate must ascend"),
        (pd.Series([0.01, 0.02]), "on a RangeIndex: give at least one row, on a DatetimeIndex"),
        (pd.Series([0.01], index=DAYS[:1].tz_localize("UTC")), "the dates of the cash rate carry the time zone UTC"),
        (pd.Series(["high"], index=DAYS[:1]), "the cash rate holds values that are not numbers"),
    ],
)
def test_a_bad_cash_rate_is_refused(rate: float | pd.Series, says: str) -> None:
    with pytest.raises(DataError, match=says):
        ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD}, cash_rate=rate)


def test_side_series_are_known_from_their_dates_on() -> None:
    gauge = pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2020-01-02", "2020-01-04"]))
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD}, gauges={"dollar": gauge})
    np.testing.assert_array_equal(market.gauge("dollar"), [np.nan, 1.0, 1.0, 2.0, 2.0])
    with pytest.raises(UnknownNameError, match="did you mean 'dollar'"):
        market.gauge("dolar")


def test_a_market_is_immutable_and_a_cut_is_a_view() -> None:
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD}, cash_rate=0.01)
    for values in (market.open, market.close, market.cash_rate, market.tradable, market.ends, market.days):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
    cut = market.cut(3)
    assert len(cut) == 3
    assert cut.close.base is not None
    assert np.shares_memory(cut.close, market.close)
    assert cut.dates.equals(DAYS[:3])
    with pytest.raises(ParameterError, match="cannot cut a market of 5 bars at 6"):
        market.cut(6)


def test_the_frames_given_are_left_alone() -> None:
    frame = GOOD.copy()
    ob.Market.from_frames({"GLD": frame, "GDX": frame})
    pd.testing.assert_frame_equal(frame, GOOD)


def test_the_digest_tells_markets_apart_and_nothing_else() -> None:
    one = ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD})
    same = ob.Market.from_frames({"GLD": GOOD.copy(), "GDX": GOOD}, source="elsewhere")
    other = ob.Market.from_frames({"GLD": GOOD, "GDX": put(GOOD, "Close", 11.000001)})
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (pd.bdate_range("2000-01-03", periods=1000), 252.0),
        (pd.date_range("2000-01-03", periods=1000, freq="D"), 365.0),
        (pd.date_range("2000-01-03", periods=200, freq="7D"), 52.0),
        (pd.date_range("2000-01-31", periods=100, freq="ME"), 12.0),
        (pd.date_range("2000-01-03", periods=200, freq="14D"), pytest.approx(26.0893, abs=1e-4)),
        (pd.bdate_range("2000-01-03", periods=2), 252.0),
        (pd.bdate_range("2024-01-01", periods=3), 252.0),
        (pd.bdate_range("2024-01-01", periods=10), 252.0),
        (pd.bdate_range("2024-01-01", periods=65), 252.0),
    ],
)
def test_bars_per_year_are_told_from_the_dates(days: pd.DatetimeIndex, expected: float) -> None:
    assert ob.Market.from_frames({"GLD": table(days), "GDX": table(days)}).periods_per_year == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"metal": "GLD", "miners": ()}, "no miners"),
        ({"metal": "GLD", "miners": ("GLD",)}, "names a ticker twice"),
        ({"metal": "../../GLD", "miners": ("GDX",)}, "is not a ticker"),
        ({"metal": "GLD", "miners": ("G\x1b[31m",)}, r"'G\\x1b\[31m' is not a ticker"),
        ({"metal": "GLD", "miners": ("G" * 300,)}, "is not a ticker"),
    ],
)
def test_universes_that_cannot_be(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        ob.Universe("u", **arguments)  # type: ignore[arg-type]


def test_one_miner_may_be_given_as_a_string() -> None:
    assert ob.Universe("gold", metal="GLD", miners="GDX").tickers == ("GLD", "GDX")  # type: ignore[arg-type]


def test_an_account_opens_on_a_bar_of_the_market() -> None:
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": GOOD})
    assert market.opened("2020-01-04").opening == 3
    with pytest.raises(ParameterError, match="accounts cannot open at 2030-01-01: the market's 5 bars span 2020-01-01..2020-01-07"):
        market.opened("2030-01-01")
    with pytest.raises(ParameterError, match="start is 'soon', not a date"):
        market.opened("soon")


def test_a_bar_whose_close_lies_a_little_outside_is_widened_and_said() -> None:
    frame = GOOD.assign(Open=10.0, High=10.1, Low=9.9, Close=[10.2, *[10.0] * (len(GOOD) - 1)])
    market = ob.Market.from_frames({"GLD": GOOD, "GDX": frame})
    assert (market.high[0, 1], market.low[0, 1]) == (10.2, 9.9)
    (doubt,) = market.doubts
    assert doubt.startswith(f"GDX: the open or close lies outside low..high on 1 of {len(GOOD)} rows, by 0.99% at most")
    assert ob.Market.from_frames({"GLD": GOOD, "GDX": frame.assign(High=10.2)}).doubts == ()
    with pytest.raises(DataError, match=r"GDX: the close lies outside low..high on .* 1 such in all"):
        ob.Market.from_frames({"GLD": GOOD, "GDX": frame.assign(High=9.99, Open=9.95, Close=[10.2, *[9.95] * (len(GOOD) - 1)])})
