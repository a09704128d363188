"""What the code of one strategy, or of one point of a grid, raises loses none of the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import orebody as ob
from orebody.errors import DecisionError, ParameterError
from orebody.strategies import BuyAndHold
from orebody.testing import random_market


@dataclass(frozen=True)
class Fails(ob.Strategy):
    """Divides by what it is given, and looks up what it is given."""

    divisor: float = 0.0
    key: str = "a"
    late: bool = False

    @property
    def bars_needed(self) -> int:
        return {"a": 1, "b": 2}[self.key] if not self.late else 1

    def decide(self, market: ob.Market) -> ob.Decisions:
        decisions = ob.Decisions.empty(market)
        decisions.weights[0, 0] = {"a": 1.0 / self.divisor}["a"]
        return decisions


def test_a_strategy_that_raises_is_left_out_of_a_comparison(tmp_path: Path) -> None:
    market = random_market(1)
    strategies = {"half": BuyAndHold(split={"metal": 0.5}), "zero": Fails(), "no key": Fails(1.0, key="c"), "well": Fails(2.0)}
    made = ob.compare(strategies, market)
    assert made.failed == {"no key": "its code raises KeyError('c')", "zero": "its code raises ZeroDivisionError('float division by zero')"}
    assert set(made.results) - set(made.benchmarks) == set(made.strategies) == {"half", "well"}
    alone = ob.compare({"half": strategies["half"]}, market)
    assert np.array_equal(made.results["half"].equity, alone.results["half"].equity)
    assert "Left out: zero: its code raises ZeroDivisionError" in repr(made)
    page = made.report(tmp_path / "report", tearsheets=False).read_text(encoding="utf-8")
    assert "ZeroDivisionError" in page
    assert "KeyError" in page


@pytest.mark.parametrize("strategies", [{"zero": Fails()}, {"no key": Fails(key="c")}, {"zero": Fails(), "no key": Fails(key="c")}])
def test_where_all_raise_nothing_is_left(strategies: dict[str, Fails]) -> None:
    with pytest.raises(DecisionError, match="no strategy could be run; .*: its code raises") as refused:
        ob.compare(strategies, random_market(1))
    assert isinstance(refused.value.__cause__, ZeroDivisionError | KeyError)


def test_a_point_that_raises_is_a_row_of_a_sweep() -> None:
    market = random_market(1)
    table = ob.sweep(Fails, {"divisor": [1.0, 0.0, 2.0], "key": ["a", "c"]}, market, ob.Account()).table
    assert table["status"].tolist() == [
        "",
        "its code raises KeyError('c')",
        "its code raises ZeroDivisionError('float division by zero')",
        "its code raises KeyError('c')",
        "",
        "its code raises KeyError('c')",
    ]
    assert table["final_equity"].notna().tolist() == [True, False, False, False, True, False]
    with pytest.raises(ParameterError, match="every point of the grid fails; the first: its code raises ZeroDivisionError"):
        ob.sweep(Fails, {"divisor": [0.0]}, market, ob.Account())


def test_a_point_that_raises_is_a_status_of_a_walk_forward() -> None:
    market = random_market(1)
    walked = ob.walk_forward(Fails, {"divisor": [0.0, 2.0]}, market, ob.Account(), train=15, test=10)
    assert (walked.windows["divisor"] == 2.0).all()
