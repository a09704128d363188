"""A cash rate made of a series of the source: yields in per cent, and funds of bills."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import call

import orebody as ob
from orebody.errors import DataError, MissingFileError, ParameterError

DAYS = pd.bdate_range("2020-01-01", periods=60, name="Date")
GOLD = ob.Universe("gold", "GLD", ("GDX",))


def write(folder: Path, name: str, **columns: list[float]) -> None:
    pd.DataFrame(columns, index=DAYS).to_csv(folder / f"{name}.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for ticker in GOLD.tickers:
        prices = [100.0 + at % 7 for at in range(60)]
        write(tmp_path, ticker, **dict.fromkeys(("Open", "High", "Low", "Close"), prices))
    return tmp_path


def rates(folder: Path, name: str, **options: object) -> ob.Market:
    return ob.load_market(GOLD, source=folder, cash_rate=name, **options)  # type: ignore[arg-type]


def test_a_bills_discount_becomes_a_simple_rate(folder: Path) -> None:
    write(folder, "IRX", Close=[4.0] * 59 + [5.0])
    market = rates(folder, "IRX")
    assert market.rate_known
    assert market.cash_rate[0] == pytest.approx(365 * 0.04 / (360 - 91 * 0.04))
    assert market.cash_rate[-1] == pytest.approx(365 * 0.05 / (360 - 91 * 0.05))
    assert any(what == "Cash rate" and text.startswith("IRX") for what, text in market.notes)


def test_federal_funds_are_on_360_days_in_a_file_of_fred(folder: Path) -> None:
    write(folder, "DFF", DFF=[3.6] * 60)
    assert rates(folder, "DFF").cash_rate == pytest.approx(0.0365)
    assert rates(folder, "DFF.csv").cash_rate == pytest.approx(0.0365)


def test_another_yield_is_taken_as_it_is(folder: Path) -> None:
    write(folder, "BANK", Rate=[2.0] * 60)
    assert rates(folder, "BANK").cash_rate == pytest.approx(0.02)


def test_a_fund_of_bills_is_its_total_return_a_year(folder: Path) -> None:
    days = (DAYS - DAYS[0]).days
    write(folder, "BIL", Close=[91.5] * 60, **{"Adj Close": [80 * (1 + 0.0365 * day / 365) for day in days]})
    market = rates(folder, "BIL", start=str(DAYS[21].date()))
    for bar in (0, 10, 38):  # the return of the 21 rows before, over their days, a year
        before, now = 1 + 0.0001 * days[bar], 1 + 0.0001 * days[bar + 21]
        assert market.cash_rate[bar] == pytest.approx((now / before - 1) * 365 / (days[bar + 21] - days[bar]))
    assert not market.doubts


def test_a_fund_by_its_closes_alone_is_doubtful(folder: Path) -> None:
    write(folder, "ACC", Close=[100 + 0.01 * at for at in range(60)])
    market = rates(folder, "ACC", start=str(DAYS[21].date()))
    assert any("what it distributed is not in them" in text for text in market.doubts)


def test_what_is_no_rate_is_one_sentence(folder: Path) -> None:
    with pytest.raises(MissingFileError, match=r"cash_rate is 'IRX', and there is no IRX\.csv in"):
        rates(folder, "IRX")
    write(folder, "IRX", Close=[4.0] * 60)
    write(folder, "^IRX", Close=[4.0] * 60)
    with pytest.raises(DataError, match=r"holds IRX\.csv and \^IRX\.csv: leave one of them there"):
        rates(folder, "IRX")
    write(folder, "FRACTION", Close=[0.04] * 60)
    with pytest.raises(DataError, match=r"whose values go from 0\.04 to 0\.04: give yields in per cent"):
        rates(folder, "FRACTION")
    with pytest.raises(DataError, match="whose values go from 100 to 106"):
        rates(folder, "GDX")
    with pytest.raises(ParameterError, match="the sample has its own rate"):
        ob.load_market("gold", source="sample", cash_rate="IRX")


def test_on_the_command_line_and_in_a_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "DFF", DFF=[3.6] * 60)
    asked = ["backtest", "buy-and-hold", "--metal", "GLD", "--miners", "GDX", "--source", str(folder), "--json", "--cash-rate"]
    for given, of, average in (("DFF", "market", 0.0365), ("0.02", "account", 0.02)):
        code, out, err = call(capsys, *asked, given)
        assert code == 0, err
        assert json.loads(out)["account"]["cash_rate"] == {"of": of, "average": pytest.approx(average), "known": True}
    code, out, err = call(capsys, *asked, "NONE")
    assert (code, out) == (2, "")
    assert "there is no NONE.csv" in err
    study = folder / "study.toml"
    text = f'[prices]\nsource = "{folder.as_posix()}"\ncash_rate = "DFF"\n[universe]\nname = "gold"\nmetal = "GLD"\nminers = ["GDX"]\n'
    study.write_text(text + '[strategies]\nheld = "buy-and-hold"\n', encoding="utf-8")
    assert ob.load_study(study).load().cash_rate == pytest.approx(0.0365)


@pytest.mark.skipif("OREBODY_DATA" not in os.environ, reason="OREBODY_DATA names no folder of real prices")
def test_real_series_agree_on_what_cash_earned() -> None:
    folder = Path(os.environ["OREBODY_DATA"]) / "daily"
    average = {}
    for name in ("IRX", "DFF", "BIL", "SHV"):
        market = ob.load_market(GOLD, source=folder, cash_rate=name, start="2008-01-02", end="2025-12-31")
        average[name] = float(market.cash_rate.mean())
        assert abs(market.cash_rate).max() < 0.1, name
    assert max(average.values()) - min(average.values()) < 0.003, average
