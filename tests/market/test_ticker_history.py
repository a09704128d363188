"""Tickers that changed hands, by name and by date."""

from __future__ import annotations

import os
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError
from orebody.market.ticker_history import HELD, check_identity, identity_notes
from orebody.sources.csv import read

DATA = Path(os.environ.get("OREBODY_DATA", ""))
OLD, NOW = date(1990, 1, 2), date(2026, 5, 1)


def test_the_table_is_in_order() -> None:
    for ticker, held in HELD.items():
        assert all(tenure.until is None or tenure.since is None or tenure.since <= tenure.until for tenure in held), ticker
        for before, after in pairwise(held):
            assert before.until is not None
            assert after.since is not None
            assert before.until < after.since, ticker
        assert all(bool(tenure.now) == (tenure.until is not None) for tenure in held), ticker


@pytest.mark.parametrize(
    ("ticker", "name", "expected", "says"),
    [
        (
            "GOLD",
            "Gold.com, Inc.",
            "",
            r"GOLD is Gold\.com, Inc\., but GOLD was .*Barrick 2019-01-02\.\.2025-05-08 .now B., is Gold\.com since",
        ),
        ("GOLD", "Gold.com, Inc.", "Barrick", r"GOLD is Gold\.com, Inc\., not Barrick: tickers are reused, and Barrick is B since it left"),
        (
            "B",
            "Barnes Group Inc.",
            "",
            "B is Barnes Group Inc., but B was Barnes until 2025-01-27 .now private., is Barrick since 2025-05-09",
        ),
        ("ABX", "Abacus Global Management, Inc.", "", "ABX was Barrick until 2019-01-01 .now B.: ask for the ticker"),
        ("GG", "Something Else plc", "", "GG was Goldcorp until 2019-04-18 .now part of Newmont, NEM."),
        ("NEM", "Nemetschek SE", "Newmont", "NEM is Nemetschek SE, not Newmont: tickers are reused; mend the ticker"),
        ("B", "Evil\x1b[31m", "Barrick", r"B is Evil\?\[31m, not Barrick"),
    ],
)
def test_a_name_that_is_another_companys_is_refused(ticker: str, name: str, expected: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        check_identity(ticker, OLD, NOW, name, expected=expected)


@pytest.mark.parametrize(
    ("ticker", "name", "expected"),
    [
        ("B", "Barrick Mining Corporation", ""),
        ("B", "Barrick Mining Corporation", "barrick"),
        ("GOLD", "Gold.com, Inc.", "Gold.com"),  # whoever says so means it
        ("FNV", "Franco-Nevada Corporation", "Franco Nevada"),
        ("NEM", "Newmont Corporation", ""),
        ("NEM", "", "Newmont"),
    ],
)
def test_a_name_that_is_the_companys_own_needs_no_word(ticker: str, name: str, expected: str) -> None:
    assert check_identity(ticker, OLD, NOW, name, expected=expected) is None


def test_prices_of_then_under_the_ticker_of_then_are_noted() -> None:
    note = check_identity("GOLD", OLD, date(2024, 6, 28), "Barrick Gold Corporation")
    assert note is not None
    assert note.startswith("Barrick Gold Corporation, under its ticker of then: GOLD was Randgold")


@pytest.mark.parametrize(
    ("ticker", "first", "last", "says"),
    [
        ("GOLD", date(2014, 3, 17), NOW, "begins on 2014-03-17, as the prices of Gold.com do"),
        ("GOLD", OLD, date(2020, 12, 11), "ends on 2020-12-11, and GOLD was Randgold"),
        ("GOLD", OLD, NOW, "ends on 2026-05-01, and GOLD was"),
        ("ABX", OLD, date(2018, 12, 31), "ends on 2018-12-31, and ABX was Barrick until 2019-01-01 (now B)"),
        ("B", OLD, date(2020, 12, 11), "ends on 2020-12-11, and B was Barnes until 2025-01-27 (now private), is Barrick since"),
        ("B", OLD, date(2025, 3, 3), "ends on 2025-03-03"),
        ("SLW", OLD, date(2017, 5, 1), "SLW was Silver Wheaton until 2017-05-15 (now WPM)"),
        ("NCM.AX", OLD, date(2023, 10, 26), "NCM.AX was Newcrest"),
    ],
)
def test_a_folder_is_told_where_dates_leave_it_open(ticker: str, first: date, last: date, says: str) -> None:
    note = check_identity(ticker, first, last)
    assert note is not None
    assert says in note


@pytest.mark.parametrize(("ticker", "last"), [("B", NOW), ("B", date(2025, 5, 9)), ("NEM", NOW), ("ABX.TO", NOW)])
def test_a_folder_is_not_told_where_there_is_nothing_to_say(ticker: str, last: date) -> None:
    assert check_identity(ticker, OLD, last) is None


def test_notes_of_a_universe_stand_by_ticker() -> None:
    days = pd.DatetimeIndex(["2024-06-28", "2024-06-27"])
    frame = pd.DataFrame({"Close": 1.0}, index=days)
    universe = ob.Universe("u", "GLD", ("GOLD", "NEM"), names={"NEM": "Newmont"})
    frames = dict.fromkeys(universe.tickers, frame)
    ((what, text),) = identity_notes(universe, frames)
    assert (what, text[:38]) == ("identity", "GOLD: ends on 2024-06-28, and GOLD was")
    with pytest.raises(DataError, match="NEM is Somebody, not Newmont"):
        identity_notes(universe, frames, {"NEM": "Somebody", "GLD": "SPDR Gold Shares"})
    assert identity_notes(universe, frames | {"GOLD": frame.reset_index(drop=True)}) == ()


@pytest.mark.skipif("OREBODY_DATA" not in os.environ or not (DATA / "adjclose").is_dir(), reason="real prices: set OREBODY_DATA")
def test_the_real_history_of_barrick_is_fine() -> None:
    index = read(DATA / "adjclose" / "B.csv").index
    assert check_identity("B", index[0].date(), index[-1].date()) is None
    for path in sorted((DATA / "adjclose").glob("*.csv")):
        index = read(path).index
        assert check_identity(path.stem, index[0].date(), index[-1].date()) is None, path.stem
