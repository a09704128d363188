"""Cash rate, gauges, grades and statements from Yahoo: each by hand, and as Yahoo's own client brings them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from yahoo_faults import EMPTY, HTML, RATE_LIMITED, SERVER_ERROR, TRUNCATED, Fault, rate_limited
from yahoo_server import YahooServer

from orebody.errors import DataError, DownloadError, ParameterError, UnknownNameError
from orebody.market import fundamentals as market_side
from orebody.sources.quotes import Quotes
from orebody.sources.sample import sample
from orebody.sources.yahoo import client
from orebody.sources.yahoo.client import RetryPolicy
from orebody.sources.yahoo.rates_and_gauges import BILL, GAUGES, SPOT, cash_rate, gauge, spot_gauge
from orebody.sources.yahoo.ratings import GRADES, ratings
from orebody.sources.yahoo.statements import NOT_POINT_IN_TIME, net_debt_ebitda
from orebody.strategies import RegimeFilter


def closes(ticker: str, **values: float) -> Quotes:
    """Return quotes with these closes: ``d20200318=0.5`` is one on that day."""
    index = pd.DatetimeIndex([f"{day[1:5]}-{day[5:7]}-{day[7:]}" for day in values])
    return Quotes(ticker, pd.DataFrame({"Close": list(values.values())}, index=index))


# ---- cash rate and gauges ----


def test_a_bills_discount_becomes_a_rate() -> None:
    rate = cash_rate(closes("^IRX", d20200318=5.0, d20200319=0.0, d20200320=-0.1, d20200323=np.nan, d20200324=17.0))
    # 17 %: 62.05 / (360 - 15.47) = 62.05 / 344.53
    # 5 %: a bill costs 1 - 0.05 x 91/360 = 0.98736111, earns 0.01263889 / 0.98736111 in 91 days, times 365/91
    assert rate.tolist() == pytest.approx([0.05134336756, 0.0, -0.00101363258, 0.18010043], abs=1e-8)
    assert rate.iloc[0] == pytest.approx((1 / (1 - 0.05 * 91 / 360) - 1) * 365 / 91, rel=1e-14)
    assert str(rate.index[-1].date()) == "2020-03-24"
    assert len(rate) == 4


def test_what_is_no_discount_is_refused() -> None:
    with pytest.raises(DataError, match=r"\^IRX is 52.5 on 2020-03-19: a bill's discount lies between -5 and 25 per cent"):
        cash_rate(closes("^IRX", d20200318=5.0, d20200319=52.5))
    with pytest.raises(DataError, match=r"\^IRX has no close"):
        cash_rate(closes("^IRX", d20200318=np.nan))


def test_the_bill_comes_from_yahoo_and_turns_back_into_the_samples_rate(yahoo: YahooServer) -> None:
    rate = cash_rate(client.quotes(BILL))
    policy = sample().cash_rate.reindex(rate.index.union(sample().cash_rate.index)).ffill().reindex(rate.index)
    # the server writes the sample's rate r as the discount 360 r / (365 + 91 r)
    np.testing.assert_allclose(rate, policy, rtol=1e-12)


def test_gauges_are_called_as_strategies_call_them(yahoo: YahooServer) -> None:
    assert {*GAUGES, "spot"} == set(sample().gauges)
    for name in GAUGES:
        RegimeFilter(inner=RegimeFilter().inner, gauge=name)
    for row in (*GAUGES.values(), SPOT["gold"]):
        got = gauge(row.name, client.quotes(row.tickers[0]))
        np.testing.assert_array_equal(got, sample().gauges[row.name])
        assert got.name == row.name
        assert row.unit
        assert row.note
    assert GAUGES["dollar"].tickers == ("DX-Y.NYB", "UUP")
    assert spot_gauge("silver").tickers == ("SI=F",)
    with pytest.raises(UnknownNameError, match="did you mean 'gold'"):
        spot_gauge("golt")


def test_a_gauge_is_its_closes_as_they_are() -> None:
    got = gauge("copper", closes("HG=F", d20250711=5.5, d20250713=5.6, d20250714=np.nan, d20250715=5.4))  # a Sunday row is one, too
    assert got.tolist() == [5.5, 5.6, 5.4]
    with pytest.raises(DataError, match="gauge 'vix': \\^VIX has no close"):
        gauge("vix", closes("^VIX", d20250711=np.nan))


# ---- ratings ----


def graded(*rows: tuple[str, str, str]) -> pd.DataFrame:
    moments, firms, words = zip(*rows, strict=True)
    return pd.DataFrame({"graded": pd.DatetimeIndex(moments).as_unit("ns"), "firm": firms, "grade": words})


def test_each_firms_latest_grade_counts_from_the_day_after() -> None:
    rated = ratings(
        "NEM",
        graded(
            ("2020-05-04 12:30", "Alpha", "Buy"),
            ("2020-01-06 23:59", "Alpha", "Sell"),
            ("2020-01-06 08:00", "Beta", "Market Perform"),
            ("2020-03-02", "alpha ", "HOLD"),
            ("2020-06-01 09:00", "Beta", "Outperform"),
            ("2020-06-01 18:00", "Beta", "Underweight"),
        ),
    )
    # by hand: (day, bullish, neutral, bearish); Alpha's Buy lapses on 2021-05-05, Beta's Underweight on 2021-06-02
    assert [tuple(row) for row in rated.table[["date", "bullish", "neutral", "bearish"]].itertuples(index=False)] == [
        (pd.Timestamp("2020-01-07"), 0, 1, 1),
        (pd.Timestamp("2020-03-03"), 0, 2, 0),
        (pd.Timestamp("2020-05-05"), 1, 1, 0),
        (pd.Timestamp("2020-06-02"), 1, 0, 1),
        (pd.Timestamp("2021-05-05"), 0, 0, 1),
    ]
    assert set(rated.table["ticker"]) == {"NEM"}
    assert rated.lapsed == (pd.Timestamp("2021-06-02"),)
    assert rated.unknown == {}
    market_side.ratings(rated.table, pd.bdate_range("2020-01-01", "2021-12-31"), ("GLD", "NEM"))  # the market takes them


def test_a_grade_lasts_as_long_as_it_is_told_to() -> None:
    rows = graded(("2020-01-31", "Alpha", "Buy"), ("2020-02-20", "Beta", "Buy"))
    table = ratings("NEM", rows, months=1).table
    # 31 January counts from 1 February to 1 March; 20 February from the 21st to 21 March
    assert table[["date", "bullish"]].to_numpy().tolist() == [
        [pd.Timestamp("2020-02-01"), 1],
        [pd.Timestamp("2020-02-21"), 2],
        [pd.Timestamp("2020-03-01"), 1],
    ]
    with pytest.raises(ParameterError, match="months is 0"):
        ratings("NEM", rows, months=0)


def test_unknown_words_count_as_neither_and_are_told() -> None:
    rated = ratings(
        "NEM",
        graded(
            ("2020-01-06", "Alpha", "Strong-Buy"),
            ("2020-01-07", "Alpha", "Purple"),
            ("2020-01-07", "Beta", "Equal-weight"),
            ("2020-02-03", "Gamma", "Purple"),
            ("2020-02-03", "Beta", "Not  Rated"),
        ),
    )
    assert rated.table[["date", "bullish", "neutral", "bearish"]].to_numpy().tolist() == [
        [pd.Timestamp("2020-01-07"), 1, 0, 0],
        [pd.Timestamp("2020-01-08"), 0, 1, 0],
    ]
    assert rated.unknown == {"Purple": 2}
    assert rated.lapsed == (pd.Timestamp("2020-02-04"),)


@pytest.mark.parametrize("nothing", ["", "None", "nan"])
@pytest.mark.parametrize("action", ["main", "reit"])
def test_a_grade_that_is_maintained_without_a_word_goes_on(action: str, nothing: str) -> None:
    rows = graded(
        ("2020-01-06", "Alpha", "Buy"), ("2020-06-01", "Alpha", nothing), ("2020-01-06", "Beta", nothing), ("2020-07-01", "Beta", "")
    )
    rows = rows.assign(before=["", nothing, "Hold", ""], action=["init", action, action, "up"])
    rated = ratings("NEM", rows)
    # Alpha's Buy of 7 January is confirmed on 2 June and so lasts to 2 June 2021; Beta holds, and ends with a grade nobody knows
    assert rated.table[["date", "bullish", "neutral", "bearish"]].to_numpy().tolist() == [
        [pd.Timestamp("2020-01-07"), 1, 1, 0],
        [pd.Timestamp("2020-07-02"), 1, 0, 0],
    ]
    assert rated.lapsed == (pd.Timestamp("2021-06-02"),)
    assert rated.unknown == {"": 1}


def test_no_word_means_two_things() -> None:
    words = [word for of in GRADES.values() for word in of]
    assert len(words) == len(set(words))
    assert all(word == word.casefold() and "-" not in word for word in words)


def test_no_grades_are_an_empty_table() -> None:
    rated = ratings("GLD", pd.DataFrame(columns=["graded", "firm", "grade"]))
    assert list(rated.table.columns) == ["date", "ticker", "bullish", "neutral", "bearish"]
    assert rated.table.empty
    with pytest.raises(DataError, match="no column firm"):
        ratings("GLD", pd.DataFrame(columns=["graded", "grade"]))


GRADE = {"epochGradeDate": 1588595400, "firm": "Alpha", "toGrade": "Buy", "fromGrade": "Hold", "action": "up"}  # 2020-05-04 12:30 UTC


def test_grades_come_from_yahoo_oldest_first(yahoo: YahooServer) -> None:
    yahoo.grades["NEM"] = [GRADE, {**GRADE, "epochGradeDate": 1578268800, "toGrade": "Hold"}]  # 2020-01-06
    got = client.grades("NEM")
    assert got["graded"].tolist() == [pd.Timestamp("2020-01-06"), pd.Timestamp("2020-05-04 12:30")]
    assert got[["firm", "grade", "before", "action"]].iloc[1].tolist() == ["Alpha", "Buy", "Hold", "up"]
    assert ratings("NEM", got).table["date"].tolist() == [pd.Timestamp("2020-01-07"), pd.Timestamp("2020-05-05")]


@pytest.mark.parametrize("ticker", ["GLD", "NEM"])
def test_no_grades_at_yahoo_are_no_error(yahoo: YahooServer, ticker: str) -> None:
    yahoo.grades["NEM"] = []
    got = client.grades(ticker)
    assert got.empty
    assert ratings(ticker, got).table.empty
    assert yahoo.count(ticker, "summary") == 1


@pytest.mark.parametrize("fault", [RATE_LIMITED, rate_limited(3), SERVER_ERROR, HTML, Fault("status", 401)], ids=str)
def test_grades_are_tried_again(yahoo: YahooServer, fault: Fault) -> None:
    yahoo.grades["NEM"] = [GRADE]
    waits: list[float] = []
    yahoo.misbehave("NEM", fault, kind="summary")
    assert len(client.grades("NEM", sleep=waits.append)) == 1
    yahoo.misbehave("NEM", fault, kind="summary", always=True)
    with pytest.raises(DownloadError, match=r"^NEM could not be downloaded: .* after 2 tries in .* offline=True$"):
        client.grades("NEM", patience=RetryPolicy(attempts=2), sleep=waits.append)
    yahoo.behave()
    assert len(client.grades("NEM")) == 1


# ---- statements ----

ENDS = ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31")


def stated(**items: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"period_end": pd.DatetimeIndex(ENDS[: len(next(iter(items.values())))]), **items})


def test_net_debt_over_four_quarters_of_ebitda() -> None:
    table = net_debt_ebitda(
        "NEM",
        stated(TotalDebt=[10, 10, 10, 12, 8.0], CashAndCashEquivalents=[1, 1, 1, 2, 12.0], EBITDA=[1, 1, 1, 2, 4.0]),
    )
    # (12 - 2) / (1 + 1 + 1 + 2) = 2; (8 - 12) / (1 + 1 + 2 + 4) = -0.5
    assert table["net_debt_ebitda"].tolist() == pytest.approx([np.nan] * 3 + [2.0, -0.5], nan_ok=True)
    assert table["published"].isna().all()
    known, unit = market_side.fundamentals(table, pd.DatetimeIndex(["2025-04-30", "2025-05-01", "2025-07-30"]), ("GLD", "NEM"))
    # known strictly more than 120 days after 2024-12-31, which is 2025-04-30
    assert known["net_debt_ebitda"][:, 1].tolist() == pytest.approx([np.nan, 2.0, -0.5], nan_ok=True)
    assert np.isnan(known["aisc"]).all()
    assert unit == ""
    assert "not point in time" in NOT_POINT_IN_TIME


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({"TotalDebt": [5.0] * 4, "CashAndCashEquivalents": [1.0] * 4, "EBITDA": [1, 1, -3, 1.0]}, np.nan),  # no year's profit
        ({"TotalDebt": [5.0] * 4, "CashAndCashEquivalents": [1.0] * 4, "EBITDA": [1, np.nan, 1, 1.0]}, np.nan),  # three quarters
        ({"TotalDebt": [5.0] * 4, "CashAndCashEquivalents": [1.0] * 4}, np.nan),
        ({"TotalDebt": [5.0] * 4, "NetDebt": [2.0] * 4, "EBITDA": [1.0] * 4}, 0.5),  # Yahoo's own where cash is missing
        ({"TotalDebt": [5.0] * 4, "CashAndCashEquivalents": [1.0] * 4, "NormalizedEBITDA": [1.0] * 4}, 1.0),
        (
            {
                "TotalDebt": [5.0] * 4,
                "CashAndCashEquivalents": [1.0] * 4,
                "CashCashEquivalentsAndShortTermInvestments": [3.0] * 4,
                "EBITDA": [1.0] * 4,
            },
            0.5,
        ),
    ],
)
def test_what_is_not_stated_is_unknown(items: dict[str, Any], expected: float) -> None:
    assert net_debt_ebitda("NEM", stated(**items))["net_debt_ebitda"].iloc[3] == pytest.approx(expected, nan_ok=True)


def test_four_quarters_with_a_hole_are_no_year() -> None:
    table = stated(TotalDebt=[5.0] * 5, CashAndCashEquivalents=[1.0] * 5, EBITDA=[1.0] * 5).drop(index=1)
    assert net_debt_ebitda("NEM", table)["net_debt_ebitda"].isna().all()
    assert net_debt_ebitda("GLD", pd.DataFrame({"period_end": pd.DatetimeIndex([])})).empty


def test_statements_come_from_yahoo(yahoo: YahooServer) -> None:
    yahoo.statements["NEM"] = {
        "quarterlyTotalDebt": dict(zip(ENDS[:4], [10e9, 10e9, 10e9, 12e9], strict=True)),
        "quarterlyCashAndCashEquivalents": dict(zip(ENDS[:4], [1e9, 1e9, 1e9, 2e9], strict=True)),
        "quarterlyEBITDA": dict(zip(ENDS[:4], [1e9, 1e9, 1e9, 2e9], strict=True)),
    }
    got = client.statements("NEM")
    assert got["period_end"].tolist() == [pd.Timestamp(day) for day in ENDS[:4]]
    assert net_debt_ebitda("NEM", got)["net_debt_ebitda"].iloc[-1] == 2.0
    assert net_debt_ebitda("GLD", client.statements("GLD")).empty  # a fund has none


@pytest.mark.parametrize("fault", [RATE_LIMITED, SERVER_ERROR, TRUNCATED, HTML, EMPTY], ids=str)
def test_statements_are_tried_again(yahoo: YahooServer, waits_none: Callable[[float], None], fault: Fault) -> None:
    yahoo.statements["NEM"] = {"quarterlyTotalDebt": {"2024-03-31": 1.0}}
    yahoo.misbehave("NEM", fault, kind="statements", always=True)
    with pytest.raises(DownloadError, match=r"^NEM could not be downloaded: .* after 2 tries in .* offline=True$"):
        client.statements("NEM", patience=RetryPolicy(attempts=2), sleep=waits_none)
    yahoo.behave()
    assert client.statements("NEM")["TotalDebt"].tolist() == [1.0]


@pytest.fixture
def waits_none() -> Callable[[float], None]:
    return lambda seconds: None
