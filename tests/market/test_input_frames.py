"""Frames as yfinance returns them go straight into a market; what does not say whose prices it holds is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError, ParameterError

DAYS = pd.bdate_range("2024-03-07", periods=4, name="Date")  # New York changes its clocks on the Sunday in between
GOLD = ob.Universe("gold", "GLD", ("GDX",))


def bars(close: float, days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    step = np.arange(len(days)) / 4
    return pd.DataFrame(
        {"Open": close + step, "High": close + step + 1, "Low": close + step - 1, "Close": close + step, "Volume": 100}, index=days
    )


def download(order: list[str], **tables: pd.DataFrame) -> pd.DataFrame:
    """Return the tables side by side as yfinance.download does: sorted by ticker, NaN where one has no bar."""
    whole = pd.concat(tables, axis=1, names=["Ticker", "Price"]).sort_index(axis=1)
    return whole.reorder_levels(order, axis=1).sort_index(axis=1)


@pytest.mark.parametrize("order", [["Price", "Ticker"], ["Ticker", "Price"]])
@pytest.mark.parametrize("named", [True, False])
def test_a_download_of_several_tickers_is_a_market(order: list[str], named: bool) -> None:
    whole = download(order, GLD=bars(180.0), GDX=bars(30.0, DAYS[1:]))
    assert whole["Close" if order[0] == "Price" else "GDX"].isna().any(axis=None)
    if not named:
        whole.columns.names = [None, None]
    market = ob.Market.from_frames(whole, universe=GOLD)
    assert market.tickers == ("GLD", "GDX")
    assert market.close[:, 0].tolist() == [180.0, 180.25, 180.5, 180.75]
    np.testing.assert_array_equal(market.close[:, 1], [np.nan, 30.0, 30.25, 30.5])
    assert market.tradable[:, 1].tolist() == [False, True, True, True]


def test_a_download_does_not_say_which_is_the_metal() -> None:
    with pytest.raises(ParameterError, match="does not say which is the metal: give universe="):
        ob.Market.from_frames(download(["Price", "Ticker"], GLD=bars(180.0), GDX=bars(30.0)))


def test_a_bar_that_lacks_a_price_is_still_refused_in_a_download() -> None:
    whole = download(["Price", "Ticker"], GLD=bars(180.0), GDX=bars(30.0))
    whole.loc[DAYS[2], ("Open", "GDX")] = np.nan
    with pytest.raises(DataError, match="GDX: open is nan on 2024-03-11"):
        ob.Market.from_frames(whole, universe=GOLD)


def test_downloads_of_one_ticker_each_stand_in_a_mapping() -> None:
    market = ob.Market.from_frames(
        {"GLD": download(["Price", "Ticker"], GLD=bars(180.0)), "GDX": download(["Price", "Ticker"], GDX=bars(30.0))}
    )
    assert market.close[0].tolist() == [180.0, 30.0]
    both = download(["Price", "Ticker"], GLD=bars(180.0), GDX=bars(30.0))
    assert ob.Market.from_frames({"GLD": both, "GDX": both}).close[0].tolist() == [180.0, 30.0]
    # a name of one's own is fine, as long as it is not another's
    assert ob.Market.from_frames({"METAL": download(["Price", "Ticker"], GLD=bars(180.0)), "GDX": bars(30.0)}).close[0, 0] == 180.0
    with pytest.raises(DataError, match="GLD: the table holds GDX: give the table of GLD under its own name"):
        ob.Market.from_frames({"GLD": download(["Price", "Ticker"], GDX=bars(30.0)), "GDX": bars(30.0)})


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        (bars(1.0), "one table with plain columns does not say whose prices they are"),
        (pd.DataFrame(), "one table with plain columns|is empty"),
        ({}, "no prices were given"),
        (None, "no prices were given"),
        (pd.concat({"x": bars(1.0).rename(columns=lambda name: f"{name} of mine")}, axis=1), "one must name prices"),
        (pd.concat({"Open": bars(1.0)}, axis=1), "one must name prices"),
        (pd.concat({"GLD": bars(1.0)}, axis=1).iloc[:0], "the table of prices is empty"),
    ],
)
def test_tables_that_do_not_say_whose_they_are(frames: object, says: str) -> None:
    with pytest.raises(DataError, match=says):
        ob.Market.from_frames(frames, universe=GOLD)  # type: ignore[arg-type]


def test_a_ticker_that_is_called_like_a_price_is_told_by_the_name_of_its_row() -> None:
    whole = download(["Price", "Ticker"], LOW=bars(180.0), OPEN=bars(30.0))
    assert ob.Market.from_frames(whole, universe=ob.Universe("u", "LOW", ("OPEN",))).close[0].tolist() == [180.0, 30.0]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Sydney", "-05:00"])
def test_midnights_of_a_zone_are_its_dates(zone: str) -> None:
    history = bars(180.0).tz_localize(zone)
    market = ob.Market.from_frames({"GLD": history, "GDX": bars(30.0)})
    assert market.dates.equals(DAYS)
    assert history.index.tz is not None


@pytest.mark.parametrize("index", [DAYS.tz_localize("UTC"), (DAYS + pd.Timedelta(hours=4)).tz_localize("America/New_York")])
def test_other_stamps_with_a_zone_are_refused(index: pd.DatetimeIndex) -> None:
    with pytest.raises(DataError, match="GLD: the dates carry the time zone .*: name sessions by their local date"):
        ob.Market.from_frames({"GLD": bars(180.0).set_axis(index), "GDX": bars(30.0)})


def closes(frame: pd.DataFrame) -> pd.Series:
    return frame["Close"]


RELABELLED = {
    "a column Date": lambda frame: frame.rename_axis("Date").reset_index(),
    "a column timestamp": lambda frame: frame.rename_axis("timestamp").reset_index(),
    "texts in a column": lambda frame: frame.assign(date=[str(day.date()) for day in frame.index]).reset_index(drop=True),
    "texts": lambda frame: frame.set_axis([str(day.date()) for day in frame.index]),
    "days of datetime": lambda frame: frame.set_axis([day.date() for day in frame.index]),
    "timestamps as objects": lambda frame: frame.set_axis(pd.Index(list(frame.index), dtype=object)),
    "periods": lambda frame: frame.set_axis(frame.index.to_period("D")),
}


@pytest.mark.parametrize("how", RELABELLED)
def test_dates_that_read_one_way_are_taken(how: str) -> None:
    frames = {"GLD": RELABELLED[how](bars(180.0)), "GDX": bars(30.0)}
    market = ob.Market.from_frames(frames)
    assert market.dates.equals(DAYS)
    assert market.close.tolist() == ob.Market.from_frames({"GLD": bars(180.0), "GDX": bars(30.0)}).close.tolist()


def test_months_as_periods_are_known_at_their_end() -> None:
    months = pd.period_range("2024-01", periods=3, freq="M")
    frame = bars(180.0).iloc[:1]
    frame = pd.concat([frame] * 3).set_axis(months)
    market = ob.Market.from_frames({"GLD": frame, "GDX": frame})
    assert [str(day.date()) for day in market.dates] == ["2024-01-31", "2024-02-29", "2024-03-31"]


def test_closes_as_series_and_as_one_wide_table() -> None:
    gold, miners = closes(bars(180.0)), closes(bars(30.0))
    wanted = [list(pair) for pair in zip(gold, miners, strict=True)]
    wide = pd.DataFrame({"GLD": gold, "GDX": miners})
    for frames in ({"GLD": gold, "GDX": miners}, wide, wide.rename_axis("Date").reset_index()):
        market = ob.Market.from_frames(frames, universe=GOLD, fill="close")
        assert market.close.tolist() == wanted
        assert market.dates.equals(DAYS)
        with pytest.raises(DataError, match="fill='close' fills at the next close"):
            ob.Market.from_frames(frames, universe=GOLD)
    later = wide.assign(GDX=wide["GDX"].where(wide.index > DAYS[0]))
    assert not ob.Market.from_frames(later, universe=GOLD, fill="close").tradable[0, 1]
    with pytest.raises(DataError, match="one Series does not say whose closes they are"):
        ob.Market.from_frames(gold)  # type: ignore[arg-type]


def test_labels_that_read_two_ways_stay_refused() -> None:
    frame = bars(180.0)
    american = frame.set_axis([day.strftime("%m/%d/%Y") for day in frame.index])
    with pytest.raises(DataError, match=r"GLD: the rows are labelled by Index, not by dates: .* pandas.to_datetime"):
        ob.Market.from_frames({"GLD": american, "GDX": frame})
    with pytest.raises(DataError, match="GLD: the prices are a list: give a table"):
        ob.Market.from_frames({"GLD": [1.0, 2.0], "GDX": frame})  # type: ignore[dict-item]


def test_all_tables_that_cannot_be_used_are_told_at_once() -> None:
    with pytest.raises(DataError) as error:
        ob.Market.from_frames({"GLD": bars(-1.0), "GDX": bars(30.0).drop(columns="Low")})
    head, first, second = str(error.value).split("\n")
    assert head == "2 tables of prices cannot be used:"
    assert first.startswith("  GLD: open is -1 on ")
    assert second.startswith("  GDX: no column Low among ")
