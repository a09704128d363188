"""What happens once a period is refused on bars that lie farther apart: it could not happen that often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.cli.main import main
from orebody.errors import ParameterError
from orebody.strategies import BuyAndHold, DollarCostAverage, MomentumRotation, VolatilityTarget

MONTHS = pd.date_range("2015-01-31", "2024-12-31", freq="ME")


def market(index: pd.DatetimeIndex) -> ob.Market:
    close = 100 * np.exp(np.cumsum(np.random.RandomState(len(index)).standard_normal(len(index)) * 0.03))
    frame = pd.DataFrame({"Open": close, "High": close, "Low": close, "Close": close}, index=index)
    return ob.Market.from_frames({"METAL": frame, "MINER": frame * 2})


def account(every: str) -> ob.Account:
    return ob.Account(contribution=100.0, every=every)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["backtrader", "compiled"])
def test_money_of_weeks_does_not_come_on_months(engine: str) -> None:
    with pytest.raises(ParameterError, match="contributions come each week, and the market's bars lie 31 days apart: .*'month' or longer"):
        ob.backtest(BuyAndHold(), market(MONTHS), account("week"), engine=engine)
    arrived = ob.backtest(BuyAndHold(), market(MONTHS), account("month"), engine=engine).flows
    assert arrived.sum() == 100 * 119  # ten years of months, the first begins nothing


@pytest.mark.parametrize(
    ("index", "finest"),
    [
        (pd.bdate_range("2020-01-01", "2022-12-31"), "week"),
        (pd.date_range("2020-01-03", "2022-12-31", freq="W-FRI"), "week"),
        (pd.date_range("2020-01-03", "2022-12-31", freq="14D"), "month"),
        (MONTHS, "month"),
        (MONTHS.delete([4, 17, 60]), "month"),
        (pd.date_range("2000-03-31", "2024-12-31", freq="QE"), "quarter"),
        (pd.date_range("1990-12-31", "2024-12-31", freq="YE"), "year"),
    ],
)
def test_the_finest_rhythm_that_bars_carry(index: pd.DatetimeIndex, finest: str) -> None:
    periods = ["week", "month", "quarter", "year"]
    for every in periods:
        if periods.index(every) >= periods.index(finest):
            ob.backtest(BuyAndHold(), market(index), account(every), engine="compiled")
        else:
            with pytest.raises(ParameterError, match=f"contributions come each {every}"):
                ob.backtest(BuyAndHold(), market(index), account(every), engine="compiled")


def test_money_that_does_not_come_has_no_rhythm() -> None:
    ob.backtest(BuyAndHold(), market(MONTHS), ob.Account(every="week"), engine="compiled")  # type: ignore[arg-type]


def test_every_entry_refuses() -> None:
    months, weekly = market(MONTHS), account("week")
    grid = {"installments": [6, 12]}
    for run in (
        lambda: ob.compare({"it": BuyAndHold()}, months, weekly, engine="compiled"),
        lambda: ob.sweep(DollarCostAverage, grid, months, weekly),
        lambda: ob.walk_forward(DollarCostAverage, grid, months, weekly, train="4 years", test="1 year"),
        lambda: ob.scenarios({"it": BuyAndHold()}, months, weekly, paths=2, horizon=12),
    ):
        with pytest.raises(ParameterError, match="contributions come each week"):
            run()


def test_a_strategy_of_weeks_is_refused_on_months() -> None:
    says = "dollar-cost-average: every is 'week', and the market's bars lie 31 days apart"
    weekly = DollarCostAverage(every="week")
    with pytest.raises(ParameterError, match=says):
        ob.backtest(weekly, market(MONTHS))
    with pytest.raises(ParameterError, match=says):
        ob.sweep(weekly, {"installments": [6, 12]}, market(MONTHS))
    with pytest.raises(ParameterError, match=says):
        ob.scenarios({"it": weekly}, market(MONTHS), paths=2, horizon=12)
    table = ob.sweep(DollarCostAverage, {"every": ["week", "month"]}, market(MONTHS)).table
    assert says in table["status"][0]
    assert table["status"][1] == ""
    ob.backtest(DollarCostAverage(every="month"), market(MONTHS), engine="compiled")


def test_a_strategy_within_another_is_looked_at() -> None:
    inner = MomentumRotation(every="week", lookback=3)
    with pytest.raises(ParameterError, match="momentum-rotation: every is 'week'"):
        ob.backtest(VolatilityTarget(inner=inner), market(MONTHS))


def test_the_command_line_refuses_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    close = 100 + np.arange(len(MONTHS))
    for ticker in ("METAL", "MINER"):
        pd.DataFrame({"Open": close, "High": close, "Low": close, "Close": close}, index=MONTHS.rename("Date")).to_csv(
            tmp_path / f"{ticker}.csv"
        )
    out = tmp_path / "report"
    asked = ["compare", "--metal", "METAL", "--miners", "MINER", "--source", str(tmp_path), "--strategy", "dollar-cost-average"]
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--contribution", "100", "--contribution-every", "week", "--out", str(out), "--engine", "compiled"])
    assert ended.value.code == 2
    assert "contributions come each week" in capsys.readouterr().err
    assert not out.exists()
