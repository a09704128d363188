"""Universes with dates: who belongs on which bar, and what each refusal says."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices
from side_tables import DAYS, nan, prices
from small_markets import market as plain_market

import orebody as ob
from orebody.errors import DataError, ParameterError, UnknownNameError
from orebody.indicators import miners_index
from orebody.market.schedule import period_begins
from orebody.market.universe import NAMED, SURVIVORS
from orebody.report.page import market_settings

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
