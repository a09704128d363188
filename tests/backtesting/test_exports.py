"""Exports: what a file holds is what the run holds, to the last bit; a spreadsheet runs none of it; it is whole or not there."""

from __future__ import annotations

import csv
import errno
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from random_cases import drawn
from small_markets import FREE, Told, market, run

import orebody as ob
from orebody import export
from orebody.errors import OutputError, ParameterError, UnknownNameError
from orebody.io.owned_files import RECORD
from orebody.strategies import BuyAndHold, RatioRotation
from orebody.testing import random_market

ENDINGS = (".csv", ".parquet")
HOSTILE = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\tx", "\rx", "\nx", "＝1")


def two_funds() -> ob.Result:
    """100 shares of A at 10, 5 sold for B at 20 on the second bar's close decision; 1 % commission; 500 more in February."""
    prices = market(["2024-01-30", "2024-01-31", "2024-02-01"], [[10.0, 20.0], [10.0, 20.0], [12.0, 25.0]])
    account = ob.Account(cash=1_000.0, contribution=500.0, costs=ob.Costs(commission=0.0, slippage=0.0, fixed_fee=1.0))
    return run(prices, account, deploy=[[0.5, np.nan], [np.nan, 0.5], [np.nan, np.nan]])


def test_the_frame_of_a_run_worked_by_hand() -> None:
    frame = two_funds().to_frame()
    assert list(frame.columns) == [
        *("equity", "returns", "flows", "cash", "interest", "borrow", "commission", "slippage", "costs"),
        *("units_A", "units_B", "value_A", "value_B"),
    ]
    assert frame.index.name == "date"
    assert frame.index.tolist() == [pd.Timestamp(day) for day in ("2024-01-30", "2024-01-31", "2024-02-01")]
    # bar 1: half of 1,000, the fee included, buys 49.9 A at 10. bar 2: 500 arrive, half of 1,000, the fee included, buys 19.96 B at 25
    assert frame["flows"].tolist() == [0.0, 0.0, 500.0]
    np.testing.assert_allclose(frame["units_A"], [0.0, 49.9, 49.9], rtol=1e-12)
    np.testing.assert_allclose(frame["units_B"], [0.0, 0.0, 19.96], rtol=1e-12)
    np.testing.assert_allclose(frame["cash"], [1_000.0, 500.0, 500.0], rtol=1e-12)
    np.testing.assert_allclose(frame["value_A"], [0.0, 499.0, 598.8], rtol=1e-12)
    np.testing.assert_allclose(frame["value_B"], [0.0, 0.0, 499.0], rtol=1e-12)
    np.testing.assert_allclose(frame["equity"], [1_000.0, 999.0, 1_597.8], rtol=1e-12)
    np.testing.assert_allclose(frame["returns"], [0.0, -0.001, 1_597.8 / 1_499.0 - 1], rtol=1e-9)
    assert frame["costs"].tolist() == frame["commission"].tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("seed", range(12))
def test_on_each_bar_equity_is_cash_and_values(seed: int) -> None:
    frame = drawn(seed).result("compiled").to_frame()
    values = frame[[name for name in frame if name.startswith("value_")]].sum(axis=1)
    np.testing.assert_allclose(frame["equity"], frame["cash"] + values, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(frame["costs"], frame["commission"] + frame["slippage"], rtol=1e-12)


def test_the_frames_of_a_comparison() -> None:
    prices = random_market(3, bars=60)
    compared = ob.compare({"b": BuyAndHold(), "a": BuyAndHold(split={"metal": 0.5})}, prices)
    for what in ("equity", "returns"):
        frame = compared.to_frame(what)
        assert list(frame.columns) == list(compared.results)
        for label, result in compared.results.items():
            assert frame[label].tolist() == getattr(result, what).tolist()
    pd.testing.assert_frame_equal(compared.to_frame(), compared.to_frame("equity"))
    pd.testing.assert_frame_equal(compared.to_frame("ranking"), compared.table)
    with pytest.raises(UnknownNameError, match="did you mean 'returns'"):
        compared.to_frame("return")


def test_the_metal_with_the_same_flows_is_one_run_for_all() -> None:
    prices, account = random_market(3, bars=60), ob.Account(contribution=10)
    compared = ob.compare([BuyAndHold(split={"miners": 1.0})], prices, account)
    for label, result in compared.results.items():
        alone = ob.Result(label, "", result.market, account, result.record, "", "")
        assert result.benchmark.equity.tolist() == alone.benchmark.equity.tolist()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("seed", range(6))
def test_numbers_come_back_to_the_last_bit(tmp_path: Path, ending: str, seed: int) -> None:
    result = drawn(seed).result("compiled")
    path = result.save(tmp_path / f"run{ending}")
    frame = result.to_frame()
    assert path == tmp_path / f"run{ending}"
    if ending == ".parquet":
        again = pd.read_parquet(path).drop(columns="prices")
        assert (again.index == frame.index).all()
        pd.testing.assert_frame_equal(again, frame.set_index(again.index), check_exact=True)
        return
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert head == ["date", *frame.columns, "prices"]
    assert [row[0] for row in rows] == [str(day.date()) for day in frame.index]
    assert np.array_equal(np.array([[float(cell) for cell in row[1:-1]] for row in rows]), frame.to_numpy())


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_file_says_what_its_prices_are(tmp_path: Path, ending: str) -> None:
    sample = ob.load_market("gold", source="sample", start="2024-01-01")
    for prices, mark in ((sample, "SIMULATED"), (market(["2024-01-01", "2024-01-02"], [[1.0, 2.0]] * 2), None)):
        compared = ob.compare([BuyAndHold()], prices)
        sweep = ob.sweep(BuyAndHold, [{"split": {"metal": 0.5}}, {"split": {"metal": 1.0}}], prices)
        paths = [
            compared.save(tmp_path / f"c{ending}"),
            compared.save(tmp_path / f"r{ending}", "ranking"),
            sweep.save(tmp_path / f"s{ending}"),
        ]
        for path in (*paths, compared.results["buy-and-hold"].save(tmp_path / f"x{ending}")):
            table = pd.read_parquet(path) if ending == ".parquet" else pd.read_csv(path)
            assert set(table["prices"].astype(str)) == {mark or prices.digest}, path.name


def test_a_sweep_comes_back(tmp_path: Path) -> None:
    swept = ob.sweep(RatioRotation, {"window": [1, 20, 30], "exit": [None, 0.25]}, random_market(5, bars=90))
    table = pd.read_parquet(swept.save(tmp_path / "s.parquet"))
    for name in swept.table.columns.drop(["exit", "status"]):
        assert np.array_equal(table[name].to_numpy(float), swept.table[name].to_numpy(float), equal_nan=True), name
    assert table["status"].tolist() == swept.table["status"].tolist()
    with swept.save(tmp_path / "s.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row, value in zip(rows, swept.table["sharpe"], strict=True):
        assert row["sharpe"] == ("" if math.isnan(value) else repr(float(value)))
    assert [row["exit"] for row in rows] == ["", "0.25"] * 3


@dataclass(frozen=True)
class Odd(ob.Strategy):
    """Takes anything."""

    thing: object = ob.parameter("x", "anything")

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions()


@pytest.mark.parametrize("ending", ENDINGS)
def test_parameters_of_mixed_kinds_are_written_as_text(tmp_path: Path, ending: str) -> None:
    swept = ob.sweep(Odd, {"thing": ["=1+1", 2, (3, 4)]}, random_market(5, bars=20), check_lookahead=False)
    path = swept.save(tmp_path / f"s{ending}")
    if ending == ".parquet":
        assert pd.read_parquet(path)["thing"].tolist() == ["=1+1", "2", "(3, 4)"]
    else:
        assert [row["thing"] for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))] == ["'=1+1", "2", "(3, 4)"]


def test_text_that_a_spreadsheet_would_run_is_inert_everywhere() -> None:
    frame = pd.DataFrame({"reason": HOSTILE, "units": [-1.5] * len(HOSTILE)}, index=pd.Index(HOSTILE, name="=label"))
    safe = export.escape_formulas(frame.rename(columns={"units": "@units"}))
    assert safe["reason"].tolist() == [f"'{text}" for text in HOSTILE]
    assert safe.index.tolist() == [f"'{text}" for text in HOSTILE]
    assert (safe.index.name, list(safe.columns)) == ("'=label", ["reason", "'@units"])
    assert safe["'@units"].tolist() == [-1.5] * len(HOSTILE)
    assert frame["reason"].tolist() == list(HOSTILE), "the frame itself is as it was"
    plain = pd.DataFrame({"a": ["hold", "a=b", None], "when": pd.to_datetime(["2024-01-01", None, None]), "yes": [True, False, True]})
    pd.testing.assert_frame_equal(export.escape_formulas(plain), plain, check_dtype=False)


@pytest.mark.parametrize("what", ["equity", "ranking"])
def test_no_cell_of_a_file_begins_like_a_formula(tmp_path: Path, what: str) -> None:
    compared = ob.compare({label: BuyAndHold(split={"metal": 0.5}) for label in HOSTILE}, random_market(4, bars=30))
    with compared.save(tmp_path / "x.csv", what).open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert sum(cell.startswith("'") for cell in cells) >= len(HOSTILE)
    for cell in cells:
        if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝")):
            float(cell)  # a number, and no text


def test_what_is_refused_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    result = two_funds()
    for name in ("run.xlsx", "run", ".csv.gz"):
        with pytest.raises(ParameterError, match=r"tables end in \.csv or \.parquet"):
            result.save(tmp_path / name)
    compared = ob.compare({"prices": Told(ob.Decisions())}, result.market, ob.Account(costs=FREE), check_lookahead=False)
    with pytest.raises(ParameterError, match="two columns would be called 'prices'; give the strategies other labels"):
        compared.save(tmp_path / "run.csv")
    with pytest.raises(OutputError, match="the folder that should hold it is not there"):
        result.save(tmp_path / "nowhere" / "run.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, code: int) -> None:
    result, path = two_funds(), tmp_path / f"run{ending}"
    before = result.save(path).read_bytes()
    compared = ob.compare([BuyAndHold()], result.market)

    class Full(io.FileIO):
        def write(self, data: object) -> int:
            super().write(b"half")
            raise OSError(code, "the device says no")

    opened = Path.open

    def full(self: Path, mode: str = "r", *more: object, **options: object) -> object:
        return opened(self, mode, *more, **options) if "r" in mode else Full(str(self), mode.replace("b", ""))  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(Path, "open", full)
    for save in (lambda: result.save(path), lambda: compared.save(path), lambda: compared.save(path, "ranking")):
        with pytest.raises(OutputError, match=rf"cannot write .*run\{ending}: the device says no") as refused:
            save()
        assert isinstance(refused.value, OSError)
    assert path.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {path.name, RECORD}
