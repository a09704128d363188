"""Side series and dated members: what was known when, worked by hand, and what each refusal says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices
from side_tables import GOOD, RATED, built, nan, prices, same, table

import orebody as ob
from orebody.errors import DataError, UnknownNameError


def known(*rows: str, name: str = "aisc") -> list[float]:
    """Return what is known of A on the five days."""
    values: list[float] = built(fundamentals=table(*rows)).fundamental(name)[:, 1].tolist()
    return values


def test_a_row_is_unknown_on_the_day_it_is_published() -> None:
    same(known("A,2024-03-31,2024-05-02,1000,USD/oz,,,"), [nan, nan, 1000, 1000, 1000])


def test_a_row_published_on_a_weekend_is_known_on_the_next_bar() -> None:
    same(known("A,2024-03-31,2024-05-04,1000,USD/oz,,,"), [nan, nan, nan, 1000, 1000])


def test_the_hour_of_publication_does_not_make_it_known_that_day() -> None:
    hours = pd.DatetimeIndex(["2024-05-01 17:00", "2024-05-02 17:00", "2024-05-03 17:00"])
    market = ob.Market.from_frames(
        {"M": prices(hours), "A": prices(hours)}, fundamentals=table("A,2024-03-31,2024-05-02 08:00,1000,USD/oz,,,")
    )
    same(market.fundamental("aisc")[:, 1].tolist(), [nan, nan, 1000])


def test_an_empty_day_of_publication_is_120_days_after_the_period() -> None:
    # 2024-01-03 + 120 days = 2024-05-02
    same(known("A,2024-01-03,,1000,USD/oz,,,"), [nan, nan, 1000, 1000, 1000])


def test_a_restatement_holds_from_its_own_publication_on() -> None:
    rows = ("A,2024-03-31,2024-05-05,1100,USD/oz,,,", "A,2024-03-31,2024-04-30,1000,USD/oz,,,")
    same(known(*rows), [1000, 1000, 1000, 1100, 1100])


def test_a_late_row_on_an_earlier_period_changes_nothing() -> None:
    rows = ("A,2024-03-31,2024-05-01,1000,USD/oz,,,", "A,2023-12-31,2024-05-02,900,USD/oz,,,", "A,2023-09-30,2023-11-15,800,USD/oz,,,")
    same(known(*rows), [800, 1000, 1000, 1000, 1000])


def test_a_late_row_on_an_earlier_period_counts_until_the_later_one_comes() -> None:
    rows = ("A,2024-03-31,2024-05-06,1000,USD/oz,,,", "A,2023-12-31,2024-05-02,900,USD/oz,,,")
    same(known(*rows), [nan, nan, 900, 900, 1000])


def test_every_figure_has_its_place_and_the_metal_none() -> None:
    market = built(fundamentals=table("B,2024-03-31,2024-04-30,,,-0.4,3,2", "A,2024-03-31,2024-05-02,1000,USD/oz,,5,", "Z,nonsense,,x,,,,"))
    assert market.tickers == ("M", "A", "B")
    assert market.aisc_unit == "USD/oz"
    same(market.fundamental("aisc")[-1].tolist(), [nan, 1000, nan])
    same(market.fundamental("net_debt_ebitda")[-1].tolist(), [nan, nan, -0.4])
    same(market.fundamental("mines")[-1].tolist(), [nan, 5, 3])
    same(market.fundamental("countries")[-1].tolist(), [nan, nan, 2])
    assert not market.fundamental("aisc").flags.writeable


def test_columns_may_come_in_any_case_and_order_with_others_beside_and_dates_as_dates() -> None:
    rows = pd.DataFrame(
        {
            "Country": ["CA"],
            "AISC": [1000.0],
            " Unit": ["USD/oz"],
            "Countries": [2],
            "Mines": [3],
            "Net_Debt_EBITDA": [nan],
            "Published": [pd.NaT],
            "Period_End": [pd.Timestamp("2024-01-03")],
            "Ticker": ["A"],
        }
    )
    market = built(fundamentals=rows)
    same(market.fundamental("aisc")[:, 1].tolist(), [nan, nan, 1000, 1000, 1000])
    assert rows.columns[0] == "Country"
    assert len(rows.columns) == 9


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (table(GOOD).drop(columns=["aisc", "unit"]), "fundamentals have no column unit, aisc among ticker, period_end"),
        (table(GOOD).assign(AISC=1), "fundamentals have two columns called 'aisc'"),
        (table(GOOD, GOOD.replace("2024-03-31", "soon")), "row 2 .A.: period_end is 'soon', not a date: write it as 2006-05-22"),
        (table(GOOD.replace("2024-03-31", "2024")), "row 1 .A.: period_end is '2024', not a date"),
        (table(GOOD.replace("2024-03-31", "")), "row 1 .A.: period_end is empty"),
        (table(GOOD.replace("2024-04-30", "30/04/2024")), "row 1 .A.: published is '30/04/2024', not a date"),
        (table(GOOD.replace("2024-04-30", "9999-01-01")), "row 1 .A.: published is 9999-01-01: it must lie between 1700 and 2200"),
        (table(GOOD).assign(published=pd.Timestamp("2024-04-30", tz="UTC")), "published is Timestamp.*, not a plain date"),
        (table(GOOD).assign(published=pd.Timestamp("2300-04-30").as_unit("s")), "published is 2300-04-30: it must lie between"),
        (table(GOOD).assign(period_end=20240331), "row 1 .A.: period_end is 20240331, not a date"),
        (
            table(GOOD.replace("2024-04-30", "2024-03-30")),
            "row 1 .A.: published on 2024-03-30, before its period ended on 2024-03-31: mend the dates",
        ),
        (table(GOOD, "M" + GOOD[1:]), "fundamentals, row 2: M is the metal: fundamentals are those of miners"),
        (table(GOOD, GOOD[1:]), "fundamentals, row 2: has no ticker"),
        (table(GOOD, GOOD.replace("A", "B").replace("1000", "1k")), "row 2 .B.: aisc is '1k', not a number"),
        (table(GOOD.replace("1000", "inf")), "row 1 .A.: aisc is 'inf', not a number"),
        (table(GOOD.replace("1000", "-1")), "row 1 .A.: aisc is -1: it cannot be negative"),
        (table(GOOD[:-3] + "-2,3"), "row 1 .A.: mines is -2: it cannot be negative"),
        (table(GOOD[:-1] + "-3"), "row 1 .A.: countries is -3: it cannot be negative"),
        (table(GOOD, GOOD.replace("1000", "1001")), "row 2 .A. repeats an earlier row's period_end and published"),
        (table("A,2024-01-03,,1,USD/oz,,,", "A,2024-01-03,2024-05-02,2,USD/oz,,,"), "row 2 .A. repeats an earlier row's"),
        (table(GOOD, GOOD.replace("A", "B").replace("USD/oz", "USD/lb")), "the costs are in USD/lb and in USD/oz: costs of one market"),
        (table(GOOD.replace("USD/oz", "")), "row 1 .A.: aisc is 1000 without a unit"),
        ({"A": 1000}, "fundamentals are a dict: give a DataFrame with the columns ticker, period_end"),
    ],
)
def test_bad_fundamentals_are_refused_in_one_sentence(rows: pd.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says) as refused:
        built(fundamentals=rows)
    assert "\n" not in str(refused.value)


def test_the_last_rating_at_or_before_a_bar_is_in_force() -> None:
    market = built(ratings=table("2024-05-05,A,1,2,3", "2024-05-02,A,4,0,0", "2024-05-03,B,0,0,1", "2024-05-03,Z,,,", head=RATED))
    same(market.rating("bullish")[:, 1].tolist(), [nan, 4, 4, 1, 1])
    same(market.rating("neutral")[:, 1].tolist(), [nan, 0, 0, 2, 2])
    same(market.rating("bearish")[:, 2].tolist(), [nan, nan, 1, 1, 1])
    assert np.isnan(market.rating("bearish")[:, 0]).all()
    assert not market.rating("bullish").flags.writeable


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (table("2024-05-02,A,1,2", head="date,ticker,bullish,neutral"), "ratings have no column bearish among date, ticker, bullish"),
        (table("May,A,1,2,3", head=RATED), "ratings, row 1 .A.: date is 'May', not a date"),
        (table("2024-05-02,A,1,,3", head=RATED), "ratings, row 1 .A.: neutral is empty, not a number"),
        (table("2024-05-02,A,1,many,3", head=RATED), "ratings, row 1 .A.: neutral is 'many', not a number"),
        (table("2024-05-02,A,1,2,-3", head=RATED), "ratings, row 1 .A.: bearish is -3: it cannot be negative"),
        (table("2024-05-02,A,0,0,0", head=RATED), "ratings, row 1 .A.: bullish, neutral and bearish are all 0"),
        (table("2024-05-02,M,1,2,3", head=RATED), "ratings, row 1: M is the metal"),
        (table("2024-05-02,A,1,2,3", "2024-05-02,A,1,2,4", head=RATED), "ratings, row 2 .A. repeats an earlier row's date"),
    ],
)
def test_bad_ratings_are_refused_in_one_sentence(rows: pd.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says):
        built(ratings=rows)


def test_what_is_missing_says_how_to_get_it() -> None:
    market = built()
    with pytest.raises(
        DataError, match=r"has no fundamentals of its miners: give .*fundamentals=table.*fundamentals\.csv.*source='sample'"
    ):
        market.fundamental("aisc")
    with pytest.raises(DataError, match=r"has no ratings of its miners: give .*ratings=table.*ratings\.csv"):
        market.rating("bullish")
    with pytest.raises(
        UnknownNameError, match=r"the market has no gauge 'vix' .known: none.: give it as gauges=.'vix': series., or as .* gauges/vix\.csv"
    ):
        market.gauge("vix")
    with pytest.raises(UnknownNameError, match="unknown fundamental 'aics'; did you mean 'aisc'"):
        built(fundamentals=table(GOOD)).fundamental("aics")
    with pytest.raises(UnknownNameError, match="unknown rating 'bull'"):
        built(ratings=table("2024-05-02,A,1,2,3", head=RATED)).rating("bull")


def test_rows_of_other_miners_are_no_fundamentals_of_this_market() -> None:
    market = built(fundamentals=table("Z" + GOOD[1:]), ratings=table("2024-05-02,Z,1,2,3", head=RATED))
    assert not market.fundamentals
    assert not market.ratings
    assert market.digest == built().digest


@pytest.mark.parametrize("column", ["Close", "Adj Close"])
def test_a_funds_price_is_not_the_spot_price(column: str) -> None:
    fund = prices().assign(**{"Adj Close": prices()["Close"] * np.linspace(0.8, 1, 5)})
    frames = {"M": fund, "A": prices() * 3}
    with pytest.raises(
        DataError, match="gauge 'spot' is the price of M itself on 100% of the bars: spot is the metal's price in the unit of"
    ):
        ob.Market.from_frames(frames, gauges={"spot": fund[column].iloc[::2]})
    ob.Market.from_frames(frames, gauges={"spot": fund[column] * 10.4, "fund": fund[column]})
    ob.Market.from_frames(frames, gauges={"spot": 2_000.0})  # type: ignore[dict-item]


@needs_real_prices
def test_real_futures_are_a_spot_price_and_a_real_fund_is_none() -> None:
    gold = ob.load_market("gold", source=FOLDER)
    with pytest.raises(DataError, match="'spot' is the price of GLD itself"):
        ob.load_market("gold", source=FOLDER, gauges={"spot": pd.Series(gold.close[:, 0], index=gold.dates)})
    ob.load_market("gold", source=FOLDER, gauges={"spot": pd.Series(gold.close[:, 0] * 10.7, index=gold.dates)})
