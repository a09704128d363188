"""Dates that a count of nanoseconds cannot hold, numbers of other types, and what is masked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orebody import Account, Costs, Decisions, Market, OrebodyError, Universe, backtest, load_market
from orebody.errors import DataError, DecisionError, ParameterError
from orebody.sources.csv.folder import read_gauges
from orebody.sources.currency import convert
from orebody.strategies import BuyAndHold

DAYS = pd.bdate_range("2020-01-01", periods=30)
FAR = ["2300-01-01", "9999-12-31", "2262-04-12", "1600-01-01", "0001-01-01"]


def prices() -> dict[str, pd.DataFrame]:
    closes = np.linspace(100.0, 129.0, 30)
    return {name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), closes), index=DAYS) for name in ("METAL", "A", "B")}


def dated(*days: str, unit: str = "us") -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.array(days, dtype=f"datetime64[{unit}]"))


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("what", ["gauges", "cash_rate"])
def test_a_series_dated_beyond_nanoseconds_is_refused_with_its_row(far: str, unit: str, what: str) -> None:
    rows = ["2010-01-04", far] if far > "2010" else [far, "2010-01-04"]
    given = pd.Series([0.01, 0.05], index=dated(*rows, unit=unit))
    asked: dict[str, Any] = {what: {"dollar": given} if what == "gauges" else given}
    row = rows.index(far) + 1
    with pytest.raises(DataError, match=rf"row {row}: the date is {far}: it must lie between 1700 and 2200"):
        Market.from_frames(prices(), **asked)


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("column", ["period_end", "published"])
@pytest.mark.parametrize("kind", ["text", "datetime", "datetime64"])
def test_fundamentals_dated_beyond_nanoseconds_are_refused_with_their_row(far: str, column: str, kind: str) -> None:
    rows = {"ticker": ["A", "A"], "period_end": ["2015-12-31", "2016-12-31"], "published": ["2016-02-01", "2017-02-01"]}
    rows[column] = [rows[column][0], far]
    table = pd.DataFrame({**rows, "unit": "USD/oz", "aisc": 1000.0, "net_debt_ebitda": 1.0, "mines": 2, "countries": 1})
    if kind == "datetime":
        table[column] = pd.Series([dt.datetime.fromisoformat(day) for day in table[column]], dtype=object)
    elif kind == "datetime64":
        table[column] = dated(*table[column], unit="s")
    with pytest.raises(DataError, match=r"row 2 .A.: .*(between 1700 and 2200|before its period ended)"):
        Market.from_frames(prices(), fundamentals=table)


@pytest.mark.parametrize("far", FAR)
def test_ratings_membership_prices_and_exchange_rates_are_bounded_alike(far: str) -> None:
    table = pd.DataFrame({"date": dated("2019-01-01", far), "ticker": "A", "bullish": 3, "neutral": 1, "bearish": 0})
    with pytest.raises(DataError, match=r"row 2 .A.: .*between 1700 and 2200"):
        Market.from_frames(prices(), ratings=table)
    for when in (far, dt.date.fromisoformat(far), dt.datetime.fromisoformat(far)):
        for what in ("since", "until"):
            with pytest.raises(ParameterError, match=rf"{what} of A is {far}: it must lie between 1700 and 2200"):
                Universe("ours", "METAL", ("A", "B"), **{what: {"A": when}})
    frames = prices()
    index = [*DAYS.as_unit("s")]
    index[0 if far < "2000" else -1] = pd.Timestamp(far)
    frames["A"].index = pd.DatetimeIndex(index)
    row = 1 if far < "2000" else 30
    with pytest.raises(DataError, match=rf"A, row {row}: the date is {far}: it must lie between 1700 and 2200"):
        Market.from_frames(frames)
    rates = pd.Series([1.2, 1.3], index=dated(*sorted(["2010-01-04", far])))
    with pytest.raises(DataError, match=rf"GBPUSD=X, row .: the date is {far}"):
        convert(prices()["A"], "GBP", rates=rates)


@pytest.mark.parametrize(
    "when", ["9999-12-31", dt.date(9999, 12, 31), dt.datetime(9999, 12, 31, 23, 59), np.datetime64("9999-12-31"), "1600-01-01"]
)
def test_a_period_is_bounded_too(when: Any) -> None:
    with pytest.raises(ParameterError, match="must lie between 1700 and 2200"):
        load_market("gold", source="sample", end=when)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_resolution_within_the_bounds_is_read_alike(unit: str) -> None:
    frames = {name: frame.set_axis(frame.index.as_unit(unit)) for name, frame in prices().items()}
    gauge = pd.Series([1.0, 2.0], index=dated("2020-01-01", "2020-01-10", unit=unit))
    market = Market.from_frames(frames, gauges={"dollar": gauge})
    assert market.gauges["dollar"].tolist() == [1.0] * 7 + [2.0] * 23  # 1 to 9 January 2020 has seven weekdays


def test_what_is_masked_is_never_invested() -> None:
    market = Market.from_frames(prices())
    values = np.full((30, 3), 0.3)
    masked = np.ma.array(values, mask=np.tile([False, True, False], (30, 1)))
    for name in ("weights", "deploy", "contribution_split"):
        plan = Decisions(**{name: masked}).on(market)
        assert np.isnan(getattr(plan, name)[:, 1]).all()
        assert (getattr(plan, name)[:, [0, 2]] == 0.3).all()
    whole = np.ma.array(np.full((30, 3), 1), mask=np.tile([True, True, False], (30, 1)))  # integers have no NaN to stand for it
    assert np.isnan(Decisions(weights=whole).on(market).weights[:, :2]).all()
    with pytest.raises(DecisionError, match="rows are masked"):
        Decisions(weights=values[:2], rows=np.ma.array([1, 2], mask=[True, False])).on(market)


def test_masked_prices_are_refused_or_bars_that_are_not_there() -> None:
    frames = prices()
    frames["A"] = pd.DataFrame(
        np.ma.array(frames["A"].to_numpy(), mask=np.eye(30, 4, -3)), index=DAYS, columns=["Open", "High", "Low", "Close"]
    )
    with pytest.raises(DataError, match="A: open is nan on 2020-01-06"):
        Market.from_frames(frames)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.int32, np.uint32, np.uint64, np.int64, ">i4"])
def test_rows_of_any_whole_type_become_one(kind: Any) -> None:
    market = Market.from_frames(prices())
    plan = Decisions(weights=np.full((3, 3), 0.2), rows=np.array([2, 5, 29], dtype=kind)).on(market)
    assert (plan.rows.dtype, plan.rows.tolist()) == (np.int64, [2, 5, 29])
    with pytest.raises(DecisionError, match="ascending bar numbers"):
        Decisions(weights=np.full((2, 3), 0.2), rows=np.array([5, 2], dtype=kind)).on(market)  # 2 - 5 of uint8 is 253


def test_rows_beyond_whole_numbers_of_64_bits_are_refused() -> None:
    market = Market.from_frames(prices())
    with pytest.raises(DecisionError, match="ascending bar numbers"):
        Decisions(weights=np.full((2, 3), 0.2), rows=np.array([5, 2**63 + 5], dtype=np.uint64)).on(market)


def test_no_kernel_is_compiled_for_another_type_of_number() -> None:
    from orebody.engine import kernel
    from orebody.strategy import decision_checks

    kernels = [one for module in (kernel, decision_checks) for one in vars(module).values() if hasattr(one, "signatures")]
    market = Market.from_frames(prices(), cash_rate=0.02)
    backtest(BuyAndHold(), market, Account(contribution=10.0, cash_rate=0.01, costs=Costs(fixed_fee=1.0)))
    Decisions(weights=np.full((30, 3), 0.3)).on(market)
    before = [len(one.signatures) for one in kernels]
    assert sum(before)
    for kind in (np.float32, np.float16, np.longdouble):
        costs = Costs(commission=kind(0.001), fixed_fee=kind(1.0))
        account = Account(
            cash=kind(1000), contribution=kind(10), cash_rate=kind(0.01), leverage=kind(1), maintenance_margin=kind(0.25), costs=costs
        )
        backtest(BuyAndHold(), market, account)
        Decisions(weights=np.full((30, 3), 0.25, dtype=kind), band=kind(0.125)).on(market)
    for whole in (np.uint8, np.int32, np.uint64):
        backtest(BuyAndHold(), market, Account(cash=whole(100), contribution=whole(10), leverage=whole(1)))
        Decisions(weights=np.full((2, 3), 0.25), rows=np.array([2, 5], dtype=whole)).on(market)
    assert [len(one.signatures) for one in kernels] == before


@pytest.mark.parametrize("name", ["cash", "contribution", "leverage", "maintenance_margin", "cash_rate"])
def test_integers_of_hundreds_of_digits_are_refused(name: str) -> None:
    for digits in (400, 5000):
        with pytest.raises(OrebodyError, match=f"{name} is"):
            Account(**{name: 10**digits})
    with pytest.raises(OrebodyError, match="commission"):
        Costs(commission=10**400)


@pytest.mark.parametrize("kind", ["a file", "a broken link", "a folder that cannot be listed"])
def test_gauges_that_cannot_be_looked_at_are_not_taken_for_none(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gauges"
    if kind == "a file":
        folder.touch()
    elif kind == "a broken link":
        folder.symlink_to(tmp_path / "none")
    else:
        folder.mkdir()

        def closed(_: Path) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "iterdir", closed)
    with pytest.raises(DataError, match="gauges (is no folder|cannot be listed .Permission denied)"):
        read_gauges(tmp_path)
