"""The windows of a walk-forward: in bars, by the calendar, in words; and which cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_markets import market
from walk_forward_fixture import ACCOUNT, GRID, MARKET, days

import orebody as ob
from orebody.errors import DataError, ParameterError, UnknownNameError
from orebody.research.walk_forward import analysis as walking
from orebody.research.walk_forward.windows import Length, length, windows
from orebody.strategies import RatioRotation


def spans(bars: ob.Market, train: object, test: object, purge: int = 0, anchored: bool = False) -> list[tuple[int, int, int, int]]:
    found = windows(bars, length(train, "train"), length(test, "test"), purge, anchored)
    return [(one.train, one.trained, one.test, one.tested) for one in found]


def test_windows_in_bars() -> None:
    assert spans(days(20), 6, 5) == [(0, 6, 6, 11), (5, 11, 11, 16), (10, 16, 16, 20)]
    assert spans(days(20), 6, 5, purge=2) == [(0, 6, 8, 13), (5, 11, 13, 18), (10, 16, 18, 20)]
    assert spans(days(20), 6, 5, purge=2, anchored=True) == [(0, 6, 8, 13), (0, 11, 13, 18), (0, 16, 18, 20)]
    assert spans(days(20).opened(4), 6, 8) == [(4, 10, 10, 18), (12, 18, 18, 20)]


def test_windows_in_periods_keep_to_the_calendar() -> None:
    bars = days(1_500)  # 1 January 2015 to 30 September 2020
    dates = bars.dates

    def dated(found: list[tuple[int, int, int, int]]) -> list[list[str]]:
        return [[str(dates[at].date()) for at in (a, b - 1, c, d - 1)] for a, b, c, d in found]

    assert dated(spans(bars, "3 years", "1 year")) == [
        ["2015-01-01", "2017-12-29", "2018-01-01", "2018-12-31"],
        ["2016-01-01", "2018-12-31", "2019-01-01", "2019-12-31"],
        ["2017-01-02", "2019-12-31", "2020-01-01", "2020-09-30"],
    ]
    late = dated(spans(bars.opened(30), "3 years", "year"))  # warm-up takes the first years's beginning away
    assert late[0] == ["2016-01-01", "2018-12-31", "2019-01-01", "2019-12-31"]
    assert dated(spans(bars, "24 months", "6 months", purge=5, anchored=True))[1] == [
        "2015-01-01",
        "2017-06-23",
        "2017-07-03",
        "2017-12-29",
    ]
    first = spans(bars, 300, "quarter")[0]
    assert (first[1] - first[0], str(dates[first[2]].date())) == (300, "2016-04-01")
    weeks = dated(spans(bars, "2 quarters", "26 weeks"))[0]
    assert weeks == ["2015-01-01", "2015-06-26", "2015-06-29", "2015-12-25"]  # from Monday 29 December on, three days before the first bar
    two = dated(spans(bars, "2 years", 250))[0]  # two years from 1 January 2015 end on a Sunday; two years before Monday is the 2nd
    assert two[:3] == ["2015-01-02", "2016-12-30", "2017-01-02"]


def test_years_begin_with_their_first_bar_also_in_monthly_prices() -> None:
    bars = market(pd.date_range("2010-01-31", periods=60, freq="ME"), np.ones((60, 2)))
    assert spans(bars, "2 years", "1 year") == [(0, 24, 24, 36), (12, 36, 36, 48), (24, 48, 48, 60)]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        (
            {"train": 641, "test": 100},
            DataError,
            "a training of 641 bars and a test of 100 bars need more bars than the 641 from 2015-03-25",
        ),
        ({"train": "5 years", "test": "1 year"}, DataError, "a training of 5 years and a test of 1 year need more bars"),
        ({"purge": -1}, ParameterError, "purge is -1: it must be a number of bars, 0 for no gap"),
        ({"purge": 0.5}, ParameterError, "purge is 0.5"),
        ({"train": "2 weeks", "test": "1 week", "purge": 9}, ParameterError, r"leaves 1 bars: at least 3 are needed to choose on"),
        ({"train": 2}, ParameterError, "leaves 2 bars: at least 3"),
        ({"train": 0}, ParameterError, "train is 0: give a number of bars"),
        ({"test": "1 fortnight"}, ParameterError, "test is '1 fortnight': give a number of bars, at least 1, or periods such as"),
        ({"test": True}, ParameterError, "test is True"),
        ({"anchored": 1}, ParameterError, "anchored is 1"),
        ({"metric": "shrap"}, UnknownNameError, "did you mean 'sharpe'"),
        ({"engine": "compield"}, UnknownNameError, "did you mean 'compiled'"),
        ({"metric": "cagr"}, ParameterError, "no point of the grid has a cagr on the training from .*cagr and calmar need a year"),
        ({"start": 30, "train": 10}, ParameterError, "the first: ratio-rotation needs 40 bars before it can decide, there are 31"),
    ],
)
def test_windows_that_cannot_be(options: dict[str, object], error: type[Exception], says: str) -> None:
    grid = {"window": [40, 50, 60]} if "start" in options else GRID
    with pytest.raises(error, match=says):
        ob.walk_forward(RatioRotation, grid, MARKET, ACCOUNT, **({"train": 200, "test": 100} | options))  # type: ignore[arg-type]


def test_a_test_without_a_bar_is_refused() -> None:
    dates = pd.bdate_range("2015-01-01", periods=900)
    gap = dates[(dates < "2016-05-01") | (dates >= "2016-07-01")]
    bars = market(gap, np.ones((len(gap), 2)))
    with pytest.raises(DataError, match="the test of 1 month from 2016-05-01 on has no bar before 2016-07-01: lengthen test"):
        spans(bars, "1 year", "1 month")


def test_lengths_in_words() -> None:
    assert [str(length(one, "train")) for one in (1, 756, "3 years", "Year", " 2 Quarters ")] == [
        "1 bar",
        "756 bars",
        "3 years",
        "1 year",
        "2 quarters",
    ]
    assert length(np.int64(5), "test") == Length(5, "bar")
    assert walking.COLUMNS[0] == "step"
