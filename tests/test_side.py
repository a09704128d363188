"""Side series and dated members: what was known when, worked by hand, and what each refusal says."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from markets import market as plain_market
from orebody.errors import DataError, LookAheadError, ParameterError, UnknownNameError
from orebody.indicators import miners_index
from orebody.market.universe import NAMED, SURVIVORS
from orebody.report.page import market_settings
from orebody.schedule import period_begins
from orebody.sources.sample import sample
from orebody.testing import assert_causal, random_market
from realdata import FOLDER, needs_real_prices

DAYS = pd.DatetimeIndex(["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-06", "2024-05-07"])
HEAD = "ticker,period_end,published,aisc,unit,net_debt_ebitda,mines,countries"
RATED = "date,ticker,bullish,neutral,bearish"
nan = np.nan


def prices(days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    close = 10.0 + np.arange(len(days)) / 7
    return pd.DataFrame({"Open": close, "High": close, "Low": close, "Close": close}, index=days)


def table(*rows: str, head: str = HEAD) -> pd.DataFrame:
    """Return a table of texts, as a file gives them: an empty cell is None."""
    cells = [[cell or None for cell in row.split(",")] for row in rows]
    return pd.DataFrame(cells, columns=head.split(","))


def built(**side: object) -> ob.Market:
    return ob.Market.from_frames({ticker: prices() for ticker in "MAB"}, **side)  # type: ignore[arg-type]


def known(*rows: str, name: str = "aisc") -> list[float]:
    """Return what is known of A on the five days."""
    values: list[float] = built(fundamentals=table(*rows)).fundamental(name)[:, 1].tolist()
    return values


def same(one: list[float], two: list[float]) -> None:
    np.testing.assert_array_equal(one, two)


def test_a_row_is_unknown_on_the_day_it_is_published() -> None:
    same(known("A,2024-03-31,2024-05-02,1000,USD/oz,,,"), [nan, nan, 1000, 1000, 1000])


def test_a_row_published_on_a_weekend_is_known_on_the_next_bar() -> None:
    same(known("A,2024-03-31,2024-05-04,1000,USD/oz,,,"), [nan, nan, nan, 1000, 1000])


def test_the_hour_of_publication_does_not_make_it_known_that_day() -> None:
    hours = pd.DatetimeIndex(["2024-05-02 09:00", "2024-05-02 17:00", "2024-05-03 09:00"])
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


GOOD = "A,2024-03-31,2024-04-30,1000,USD/oz,1,2,3"


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


def with_side(bars: int = 600) -> ob.Market:
    """Return a random market of three miners with quarterly fundamentals and monthly ratings that go up and down."""
    base = random_market(5, bars=bars, miners=3)
    draw = np.random.RandomState(3)
    frames = {
        ticker: pd.DataFrame({name: getattr(base, name)[:, i] for name in ("open", "high", "low", "close")}, index=base.dates)
        for i, ticker in enumerate(base.tickers)
    }
    ends, months = pd.date_range("2014-12-31", base.dates[-1], freq="QE"), pd.date_range("2015-01-05", base.dates[-1], freq="28D")
    costs = [
        {
            "ticker": ticker,
            "period_end": end,
            "published": end + pd.Timedelta(days=int(draw.randint(30, 60))),
            "aisc": draw.uniform(50, 90),
            "unit": "USD/oz",
            "net_debt_ebitda": draw.normal(1, 1),
            "mines": draw.randint(1, 9),
            "countries": draw.randint(1, 9),
        }
        for ticker in base.tickers[1:]
        for end in ends
    ]
    rated = [
        {"date": when, "ticker": ticker, "bullish": draw.randint(1, 9), "neutral": 2, "bearish": draw.randint(1, 9)}
        for ticker in base.tickers[1:]
        for when in months
    ]
    return ob.Market.from_frames(
        frames, fundamentals=pd.DataFrame(costs), ratings=pd.DataFrame(rated), gauges={"g": pd.Series(base.cash_rate, base.dates)}
    )


@dataclass(frozen=True)
class PicksHighest(ob.Strategy):
    """All in the miner with the highest figure; the metal where there is none."""

    read: Callable[[ob.Market], np.ndarray]

    def decide(self, market: ob.Market) -> ob.Decisions:
        figure = np.where(np.isnan(self.read(market)), -np.inf, self.read(market))
        best = figure.argmax(axis=1)
        rows = np.flatnonzero(np.diff(best, prepend=-1))
        return ob.Decisions(weights=np.eye(len(market.tickers))[best[rows]], rows=rows)


def later(values: np.ndarray) -> np.ndarray:
    return np.vstack((values[1:], values[-1:]))


@pytest.mark.parametrize("name", ["aisc", "net_debt_ebitda", "mines", "countries"])
def test_reading_a_later_row_of_fundamentals_is_caught(name: str) -> None:
    market = with_side()
    assert_causal(PicksHighest(lambda market: market.fundamental(name)), market)
    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.backtest(PicksHighest(lambda market: later(market.fundamental(name))), market)


@pytest.mark.parametrize("name", ["bullish", "bearish"])
def test_reading_a_later_rating_is_caught(name: str) -> None:
    market = with_side()
    assert_causal(PicksHighest(lambda market: market.rating(name)), market)
    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.backtest(PicksHighest(lambda market: later(market.rating(name))), market)


def test_a_peek_that_only_the_changed_future_shows_is_caught() -> None:
    market = with_side()
    full = {len(market): market.fundamental("aisc")}

    def peeks(market: ob.Market) -> np.ndarray:  # rank by what is reported next, where there is a next report
        return later(market.fundamental("aisc")) if len(market) in full else full[max(full)][1 : len(market) + 1]

    with pytest.raises(LookAheadError, match="when the future is changed"):
        ob.backtest(PicksHighest(peeks), market)


def test_a_market_with_side_series_is_cut_opened_pickled_and_told_apart() -> None:
    market = with_side(300)
    cut = market.cut(120)
    assert np.shares_memory(cut.fundamental("aisc"), market.fundamental("aisc"))
    for one, other in ((cut.fundamentals, market.fundamentals), (cut.ratings, market.ratings)):
        assert one.keys() == other.keys()
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name][:120])
    assert market.opened(50).ratings is market.ratings
    again = pickle.loads(pickle.dumps(market))
    assert again.digest == market.digest
    assert again.aisc_unit == "USD/oz"
    for other in (replace(market, ratings={}), replace(market, fundamentals={}), replace(market, aisc_unit="AUD/oz")):
        assert other.digest != market.digest


def test_a_market_without_side_series_has_the_digest_it_always_had() -> None:
    assert random_market(1, miners=3).digest == "f6a5d43d2e4465d3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for ticker in "MAB":
        prices().to_csv(tmp_path / f"{ticker}.csv", index_label="Date")
    (tmp_path / "gauges").mkdir()
    (tmp_path / "gauges" / "dollar.csv").write_text("date,VALUE,note\n2024-05-03,101,x\n2024-05-02,100,\n\n")
    (tmp_path / "fundamentals.csv").write_text(f"{HEAD}\n\nA,2024-03-31,2024-05-02,1000,USD/oz,,5,\n")
    (tmp_path / "ratings.csv").write_text(f"{RATED}\n2024-05-02,A,4,0,0\n")
    return tmp_path


OURS = ob.Universe("ours", "M", ("A", "B"))


def test_a_folder_brings_its_side_series(folder: Path) -> None:
    market = ob.load_market(OURS, source=folder)
    same(market.gauge("dollar").tolist(), [nan, 100, 101, 101, 101])
    same(market.fundamental("aisc")[:, 1].tolist(), [nan, nan, 1000, 1000, 1000])
    same(market.fundamental("mines")[-1].tolist(), [nan, 5, nan])
    same(market.rating("bullish")[:, 1].tolist(), [nan, 4, 4, 4, 4])


def test_what_is_given_comes_before_the_folders(folder: Path) -> None:
    (folder / "gauges" / "vix.csv").write_text("no header at all")
    given = {"vix": pd.Series([20.0], index=DAYS[:1])}
    rows, rated = table(GOOD.replace("1000", "900")), table("2024-05-01,B,1,1,1", head=RATED)
    market = ob.load_market(OURS, source=folder, gauges=given, fundamentals=rows, ratings=rated)
    assert sorted(market.gauges) == ["dollar", "vix"]
    assert market.fundamental("aisc")[0, 1] == 900
    same(market.rating("bullish")[0].tolist(), [nan, nan, 1])
    with pytest.raises(ParameterError, match="gauges must be a mapping"):
        ob.load_market(OURS, source=folder, gauges=["vix"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("gauges/dollar.csv", "Date,Level\n2024-05-02,1\n", "dollar.csv has no column Value among Date, Level"),
        ("gauges/dollar.csv", "Value\n1\n", "dollar.csv has no column Date among Value"),
        ("gauges/dollar.csv", "Date,Value\n2024-05-02,high\n", "dollar.csv, line 2 .2024-05-02.: Value is 'high', not a number"),
        ("gauges/dollar.csv", "Date,Value\n02.05.2024,1\n", "dollar.csv, line 2: '02.05.2024' is not a date"),
        ("gauges/dollar.csv", "Date,Value\n2024-05-02,\n", "gauge 'dollar' is nan on 2024-05-02"),
        ("gauges/dollar.csv", "", "dollar.csv is empty"),
        ("fundamentals.csv", "ticker\nA\n", "fundamentals have no column period_end, published"),
        ("fundamentals.csv", f"{HEAD}\n\nA,x,,,,,,\n", "fundamentals, row 2 .A.: period_end is 'x'"),
        ("ratings.csv", f"{RATED}\n", "ratings.csv has a header but no rows"),
    ],
)
def test_side_files_that_cannot_be_trusted_say_where(folder: Path, file: str, text: str, says: str) -> None:
    (folder / file).write_text(text)
    with pytest.raises(DataError, match=says):
        ob.load_market(OURS, source=folder)


def test_the_sample_carries_all_three() -> None:
    market = ob.load_market("gold-producers", source="sample")
    assert sorted(market.gauges) == ["copper", "dollar", "iron_ore", "spot", "vix", "yield"]
    assert market.aisc_unit == "USD/oz"
    bar = int(market.dates.searchsorted(pd.Timestamp("2013-12-02")))
    planted = sample().aisc.loc[:"2013-09-30"].iloc[-1]
    assert market.fundamental("aisc")[bar, 1:].tolist() == pytest.approx(planted.tolist())
    bullish = market.rating("bullish")[bar, 1:]
    assert ((bullish >= 0) & (bullish <= 20)).all()
    for universe in ("gold", "gold-juniors"):
        funds = ob.load_market(universe, source="sample")
        assert not funds.fundamentals
        assert np.isfinite(funds.rating("bearish")[10:, 1]).all()


# Universes with dates


def dated(**dates: object) -> ob.Universe:
    return ob.Universe("u", "A", ("B", "C"), **dates)  # type: ignore[arg-type]


def market_of(universe: ob.Universe, days: pd.DatetimeIndex, closes: list[list[float]]) -> ob.Market:
    return replace(plain_market(days, closes), universe=universe)


@pytest.mark.parametrize(
    ("dates", "error", "says"),
    [
        ({"since": {"D": "2020-01-01"}}, UnknownNameError, "unknown miner of universe 'u' in since 'D'"),
        ({"until": {"A": "2020-01-01"}}, UnknownNameError, "unknown miner of universe 'u' in until 'A'"),
        ({"since": {"B": "soon"}}, ParameterError, "universe 'u': since of B is 'soon', not a date: write it as '2006-05-22'"),
        ({"since": {"B": 2020}}, ParameterError, "since of B is 2020, not a date"),
        ({"until": {"B": pd.NaT}}, ParameterError, "until of B is NaT, not a date"),
        ({"since": "2020-01-01"}, ParameterError, "since is '2020-01-01': give a mapping of tickers to dates"),
        ({"since": {"B": "2020-01-02"}, "until": {"B": "2020-01-01"}}, ParameterError, "B belongs since 2020-01-02, after it left: until"),
    ],
)
def test_dates_of_members_that_cannot_be(dates: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        dated(**dates)


def test_a_universe_with_dates_can_be_pasted_back_compared_pickled_and_hashed() -> None:
    universe = dated(since={"B": pd.Timestamp("2020-01-02 00:00")}, until={"C": "2021-12-31"})
    assert eval(repr(universe), {"Universe": ob.Universe}) == universe != dated()
    assert universe.since == {"B": "2020-01-02"}
    assert pickle.loads(pickle.dumps(universe)) == universe
    assert hash(dated()) == hash(dated())
    assert repr(dated()) == "Universe(name='u', metal='A', miners=('B', 'C'))"


def test_members_belong_from_since_until_until_both_included() -> None:
    universe = dated(since={"B": "2024-05-02"}, until={"C": "2024-05-04"})
    market = market_of(universe, DAYS, [[1, 1, 1]] * 5)
    belongs = [market.belongs(bar).tolist() for bar in range(5)]
    assert belongs == [[True, False, True], [True, True, True], [True, True, True], [True, True, False], [True, True, False]]
    assert [market.shares({"miners": 1.0}, bar).tolist()[1:] for bar in range(5)] == [[0, 1], [0.5, 0.5], [0.5, 0.5], [1, 0], [1, 0]]
    assert market.shares({"A": 0.5, "B": 0.5}, 0).tolist() == [0.5, 0.0, 0.0]
    assert market.shares({"miners": 1.0}).tolist() == [0, 0.5, 0.5]
    assert market.held_from({"B": 1.0}) == 1
    assert market.listed == 0
    for bar in range(5):
        for cut in range(bar + 1, 5):
            assert market.cut(cut).belongs(bar).tolist() == belongs[bar]


def test_members_without_dates_belong_while_they_trade() -> None:
    closes = [[1, nan, 1], [1, 1, 1], [1, 1, 1], [1, 1, nan], [1, 1, nan]]
    market = plain_market(DAYS, closes)
    # on its last bar nobody knows yet that it was the last
    assert [market.belongs(bar).tolist()[1:] for bar in range(5)] == [
        [False, True],
        [True, True],
        [True, True],
        [True, False],
        [True, False],
    ]
    whole = plain_market(DAYS, [[1, 1, 1]] * 5)
    assert whole.static
    assert whole.belongs(0).all()


def test_choosing_on_the_last_bar_of_a_series_is_no_look_ahead() -> None:
    days = pd.bdate_range("2020-01-01", periods=300)
    frame = pd.DataFrame(1.0, index=days, columns=["Open", "High", "Low", "Close"])
    ends = np.flatnonzero(period_begins(days, "month"))[5]
    market = ob.Market.from_frames({"M": frame, "A": frame.iloc[: ends + 1], "B": frame})

    class Monthly(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            rows = np.flatnonzero(period_begins(market.dates, "month"))
            return ob.Decisions(weights=np.array([market.shares({"miners": 1.0}, int(row)) for row in rows]), rows=rows)

    ob.backtest(Monthly(), market)


def test_the_miners_index_takes_members_in_and_out_at_the_next_quarter() -> None:
    days = pd.DatetimeIndex(["2024-03-28", "2024-04-01", "2024-04-02", "2024-07-01", "2024-07-02", "2024-10-01", "2024-10-02"])
    closes = [[1, 1, 1], [1, 2, 5], [1, 4, 10], [1, 4, 10], [1, 8, 30], [1, 8, 30], [1, 16, 60]]
    market = market_of(dated(since={"C": "2024-04-02"}, until={"B": "2024-07-01", "C": "2024-08-01"}), days, closes)
    # B alone doubles twice; from July on B and C: (2 + 3) / 2; from October on nobody: it stands still
    assert miners_index(market).tolist() == pytest.approx([1, 2, 4, 4, 10, 10, 10])
    late = market_of(dated(since={"B": "2024-04-02", "C": "2024-07-01"}), days, closes)
    assert miners_index(late).tolist() == pytest.approx([nan, nan, 1, 1, 2.5, 2.5, 5], nan_ok=True)


def test_a_universe_to_which_nobody_belongs_is_refused() -> None:
    with pytest.raises(
        DataError, match="no miner of universe 'u' belongs to it on any bar of 2024-05-01..2024-05-07: mend its since and until"
    ):
        ob.Market.from_frames({t: prices() for t in "ABC"}, universe=dated(since={"B": "2025-01-01"}, until={"C": "2020-01-01"}))


def test_a_list_without_dates_says_that_it_holds_survivors_only() -> None:
    two = plain_market(DAYS, [[1, 1, 1]] * 5)
    assert two.universe.survivors_only
    assert SURVIVORS in repr(two)
    assert ("Members", "survivors only: the list of miners has no dates") in market_settings(two)
    told = replace(two, universe=replace(two.universe, since={"B": "2024-05-02"}, until={"C": "2024-05-04"}))
    assert not told.universe.survivors_only
    assert SURVIVORS not in repr(told)
    assert ("Members", "from..until: B 2024-05-02.., C ..2024-05-04") in market_settings(told)
    assert told.digest != two.digest
    one = plain_market(DAYS, [[1, 1]] * 5)
    assert SURVIVORS not in repr(one)
    assert "Members" not in dict(market_settings(one))


@needs_real_prices
@pytest.mark.parametrize("name", [name for name, universe in NAMED.items() if not any("." in ticker for ticker in universe.tickers)])
def test_every_named_universe_loads_from_real_files(name: str) -> None:
    market = ob.load_market(name, source=FOLDER, fill="close", repair="drop")  # CPER's false prints, and a distribution of VALE's
    assert market.universe.survivors_only == (len(market.universe.miners) > 1)
