"""Prices in another currency: pence are not pounds, and no rate of tomorrow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError, MissingFileError, ParameterError, UnsupportedError
from orebody.sources.conversion import convert_to_one_currency, rates_in, stated_currencies
from orebody.sources.csv import read_folder
from orebody.sources.currency import convert, major, pair

DAYS = pd.DatetimeIndex(["2024-05-02", "2024-05-03", "2024-05-07", "2024-05-08"])  # 2024-05-06 is a bank holiday in London
FRES = pd.DataFrame(
    {
        "Open": [600.0, 610.0, 620.0, 640.0],
        "High": [620.0, 620.0, 640.0, 650.0],
        "Low": [600.0, 600.0, 620.0, 630.0],
        "Close": [610.0, 620.0, 640.0, 640.0],
        "Adj Close": [305.0, 310.0, 320.0, 320.0],
        "Volume": [1000.0, 2000.0, 3000.0, 4000.0],
        "Dividends": [0.0, 20.0, 0.0, 0.0],
        "Stock Splits": [0.0, 0.0, 2.0, 0.0],
    },
    index=DAYS,
)
RATES = pd.Series([1.25, 1.5, 1.125], index=pd.DatetimeIndex(["2024-05-01", "2024-05-03", "2024-05-08"]), name="GBPUSD=X")


@pytest.mark.parametrize(
    ("code", "expected"),
    [("USD", ("USD", 1)), ("GBP", ("GBP", 1)), ("GBp", ("GBP", 100)), ("GBX", ("GBP", 100)), ("ZAc", ("ZAR", 100)), ("ILA", ("ILS", 100))],
)
def test_minor_units_are_told_from_the_whole(code: str, expected: tuple[str, int]) -> None:
    assert major(code) == expected


@pytest.mark.parametrize("code", ["", "usd", "pence", "US$", "gbp", "A\x1b["])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(DataError, match="is not a currency: write three capital letters") as error:
        major(code)
    assert str(error.value).isprintable()


def test_pairs_are_called_as_the_provider_does() -> None:
    assert pair("GBp") == "GBPUSD=X"
    assert pair("AUD", "EUR") == "AUDEUR=X"
    with pytest.raises(DataError, match="GBp and GBP are the same currency"):
        pair("GBp", "GBP")


def test_a_bar_is_converted_by_the_last_rate_at_or_before_it() -> None:
    dollars = convert(FRES, "GBp", rates=RATES, ticker="FRES.L")
    # 600 p = 6 pounds, at 1.25, 1.5, 1.5 (that of the 3rd, on the 7th) and 1.125
    np.testing.assert_allclose(dollars["Open"], [7.5, 9.15, 9.3, 7.2], rtol=1e-15)
    np.testing.assert_allclose(dollars["High"], [7.75, 9.3, 9.6, 7.3125], rtol=1e-15)
    np.testing.assert_allclose(dollars["Low"], [7.5, 9.0, 9.3, 7.0875], rtol=1e-15)
    np.testing.assert_allclose(dollars["Close"], [7.625, 9.3, 9.6, 7.2], rtol=1e-15)
    np.testing.assert_allclose(dollars["Adj Close"], [3.8125, 4.65, 4.8, 3.6], rtol=1e-15)
    np.testing.assert_allclose(dollars["Dividends"], [0.0, 0.3, 0.0, 0.0], rtol=1e-15)
    assert dollars["Volume"].tolist() == FRES["Volume"].tolist()
    assert dollars["Stock Splits"].tolist() == FRES["Stock Splits"].tolist()
    assert dollars.index.equals(DAYS)
    assert FRES["Open"].iloc[0] == 600.0


def test_a_rate_of_a_later_day_changes_nothing_before() -> None:
    later = pd.concat([RATES, pd.Series([9.0], index=pd.DatetimeIndex(["2024-05-09"]))])
    pd.testing.assert_frame_equal(convert(FRES, "GBp", rates=later), convert(FRES, "GBp", rates=RATES))
    changed = RATES.copy()
    changed.iloc[-1] = 9.0
    pd.testing.assert_frame_equal(convert(FRES, "GBp", rates=changed).iloc[:3], convert(FRES, "GBp", rates=RATES).iloc[:3])


def test_pence_become_pounds_without_any_rate() -> None:
    assert convert(FRES, "GBX", to="GBP")["Close"].tolist() == [6.1, 6.2, 6.4, 6.4]
    pd.testing.assert_frame_equal(convert(FRES, "GBP", to="GBP"), FRES)
    falling = convert(FRES.iloc[::-1], "GBp", rates=RATES)
    np.testing.assert_allclose(falling["Close"], [7.2, 9.6, 9.3, 7.625], rtol=1e-15)


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        (None, "FRES.L: its prices need the exchange rate GBPUSD=X: give a Series"),
        (RATES.iloc[:0], "need the exchange rate GBPUSD=X"),
        (RATES.iloc[1:], "FRES.L: 1 bars from 2024-05-02 are before the first GBPUSD=X of 2024-05-03"),
        (RATES.iloc[::-1], "the dates of the exchange rate GBPUSD=X must ascend"),
        (RATES.iloc[[0, 0, 1]], "must ascend without repeats"),
        (RATES * 0, "the exchange rate GBPUSD=X is 0 on 2024-05-01: rates must be positive"),
        (RATES.where(RATES < 1.5), "the exchange rate GBPUSD=X is nan on 2024-05-03"),
        (RATES.tz_localize("UTC"), "must stand on dates without a time zone"),
        (
            RATES.iloc[:1].set_axis(pd.DatetimeIndex(["2024-04-25"])),
            "FRES.L: on 2024-05-03 the last GBPUSD=X is that of 2024-04-25, and 3 bars up to 2024-05-08 have one more than 7 days old",
        ),
    ],
)
def test_rates_that_cannot_be_are_refused(rates: pd.Series | None, says: str) -> None:
    with pytest.raises(DataError, match=says):
        convert(FRES, "GBp", rates=rates, ticker="FRES.L")


def test_prices_that_cannot_be_converted_are_refused() -> None:
    with pytest.raises(DataError, match="cannot be put into GBp, a minor unit: ask for GBP"):
        convert(FRES, "USD", to="GBp")
    with pytest.raises(DataError, match="FRES.L: Open holds something that is not a number"):
        convert(FRES.assign(Open="x"), "GBp", rates=RATES, ticker="FRES.L")
    with pytest.raises(DataError, match="the table: prices to be converted must stand on dates without a time zone"):
        convert(FRES.tz_localize("UTC"), "GBp", rates=RATES)


def test_holidays_on_both_sides_make_one_calendar_and_nothing_is_filled_into_a_trade() -> None:
    us = pd.DatetimeIndex(["2024-05-02", "2024-05-03", "2024-05-06", "2024-05-07"])  # and New York is closed on the 8th
    slv = pd.DataFrame({"Open": 24.0, "High": 25.0, "Low": 24.0, "Close": [24.0, 24.5, 25.0, 24.5]}, index=us)
    universe = ob.Universe("silver-london", "SLV", ("FRES.L",))
    frames, notes = convert_to_one_currency({"SLV": slv, "FRES.L": FRES}, universe, {"SLV": "USD", "FRES.L": "GBp"}, lambda _: RATES)
    market = ob.Market.from_frames(frames, universe=universe, notes=notes)
    assert [str(day.date()) for day in market.dates] == ["2024-05-02", "2024-05-03", "2024-05-06", "2024-05-07", "2024-05-08"]
    assert market.tradable.tolist() == [[True, True], [True, True], [True, False], [True, True], [False, True]]
    # half of each price, because Adj Close is half the Close
    np.testing.assert_allclose(market.open[:, 1], [3.75, 4.575, np.nan, 4.65, 3.6], rtol=1e-15)
    np.testing.assert_allclose(market.marks[:, 1], [3.8125, 4.65, 4.65, 4.8, 3.6], rtol=1e-15)
    assert market.notes == (("currency", "FRES.L from GBp to USD, each bar at the last GBPUSD=X at or before it"),)


def test_the_metals_own_currency_is_the_markets_unless_another_is_asked_for() -> None:
    universe = ob.Universe("u", "SGLN.L", ("FRES.L", "NST.AX"))
    frames = dict.fromkeys(universe.tickers, FRES)
    states = {"SGLN.L": "GBp", "FRES.L": "GBp", "NST.AX": "AUD"}
    asked: list[str] = []

    def rates(name: str) -> pd.Series:
        asked.append(name)
        return RATES

    out, notes = convert_to_one_currency(frames, universe, states, rates)
    assert asked == ["AUDGBP=X"]
    np.testing.assert_allclose(out["SGLN.L"]["Close"], [6.1, 6.2, 6.4, 6.4], rtol=1e-15)
    assert [text for _, text in notes] == [
        "SGLN.L from GBp to GBP",
        "FRES.L from GBp to GBP",
        "NST.AX from AUD to GBP, each bar at the last AUDGBP=X at or before it",
    ]
    asked.clear()
    out, _ = convert_to_one_currency(frames, universe, states, rates, to="USD")
    assert asked == ["GBPUSD=X", "AUDUSD=X"]
    np.testing.assert_allclose(out["NST.AX"]["Close"], [610 * 1.25, 620 * 1.5, 640 * 1.5, 640 * 1.125], rtol=1e-15)
    asked.clear()
    convert_to_one_currency(frames, ob.Universe("u", "SGLN.L", ("FRES.L", "NST.AX"), currency="AUD"), states, rates)
    assert asked == ["GBPAUD=X"]
    same = dict.fromkeys(universe.tickers, "USD")
    out, notes = convert_to_one_currency(frames, universe, same, rates)
    assert notes == ()
    assert out["FRES.L"] is FRES


def test_what_is_not_stated_is_not_guessed() -> None:
    london, plain = ob.Universe("u", "SLV", ("FRES.L",)), ob.Universe("u", "SLV", ("SIL",))
    with pytest.raises(UnsupportedError, match=r"SLV and FRES\.L trade on exchanges of different currencies, .*add currencies\.csv"):
        convert_to_one_currency({}, london, {}, lambda _: RATES)
    with pytest.raises(UnsupportedError, match="the market is to be in EUR, and the source does not state in what its prices are"):
        convert_to_one_currency({}, plain, {}, lambda _: RATES, to="EUR")
    with pytest.raises(ParameterError, match="currency is 'euros': give three capital letters"):
        convert_to_one_currency({}, plain, {}, lambda _: RATES, to="euros")
    with pytest.raises(DataError, match=r"the currency of SLV is not stated, while that of FRES\.L is: state all"):
        convert_to_one_currency({}, london, {"FRES.L": "GBp"}, lambda _: RATES)
    frames = {"SLV": FRES, "SIL": FRES}
    assert convert_to_one_currency(frames, plain, {}, lambda _: RATES) == (frames, ())


def test_a_folder_states_its_currencies_and_holds_its_rates(tmp_path: Path) -> None:
    universe = ob.Universe("silver-london", "SLV", ("FRES.L",))
    FRES.rename_axis("Date").to_csv(tmp_path / "FRES.L.csv")
    (FRES / 100).rename_axis("Date").to_csv(tmp_path / "SLV.csv")
    RATES[::-1].rename("Close").rename_axis("Date").to_csv(tmp_path / "GBPUSD=X.csv")
    (tmp_path / "currencies.csv").write_text("ticker, Currency\nFRES.L,GBp\nSLV,USD\nOTHER,nonsense\n")
    states = stated_currencies(tmp_path, universe.tickers)
    assert states == {"SLV": "USD", "FRES.L": "GBp"}
    frames, _ = convert_to_one_currency(read_folder(tmp_path, universe.tickers)[0], universe, states, lambda name: rates_in(tmp_path, name))
    np.testing.assert_allclose(frames["FRES.L"]["Close"], [7.625, 9.3, 9.6, 7.2], rtol=1e-15)
    (tmp_path / "GBPUSD=X.csv").unlink()
    with pytest.raises(MissingFileError, match=r"there is no GBPUSD=X\.csv in .*: prices in several currencies need that exchange rate"):
        rates_in(tmp_path, "GBPUSD=X")
    (tmp_path / "GBPUSD=X.csv").write_text("Date,Open\n2024-05-01,1.25\n")
    with pytest.raises(DataError, match=r"GBPUSD=X\.csv has no column Close"):
        rates_in(tmp_path, "GBPUSD=X")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Ticker,Money\nSLV,USD\n", "currencies.csv needs the columns Ticker and Currency"),
        ("Ticker,Currency\nSLV,USD\n", r"does not state the currency of FRES\.L: add a row"),
        ("Ticker,Currency\nSLV,USD\nSLV,GBP\nFRES.L,GBp\n", "states SLV twice"),
        ("Ticker,Currency\nSLV,dollars\nFRES.L,GBp\n", "currencies.csv, SLV: 'dollars' is not a currency"),
        ("Ticker,Currency\nSLV,\nFRES.L,GBp\n", "currencies.csv, SLV: '' is not a currency"),
    ],
)
def test_a_file_of_currencies_that_cannot_be_is_refused(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "currencies.csv").write_text(text)
    with pytest.raises(DataError, match=says):
        stated_currencies(tmp_path, ("SLV", "FRES.L"))


def test_a_folder_without_the_file_states_nothing(tmp_path: Path) -> None:
    assert stated_currencies(tmp_path, ("SLV",)) == {}
