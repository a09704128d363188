"""Side series in a folder beside the prices, and those of the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from side_tables import DAYS, GOOD, HEAD, RATED, nan, prices, same, table

import orebody as ob
from orebody.errors import DataError, ParameterError
from orebody.sources.sample import sample


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
