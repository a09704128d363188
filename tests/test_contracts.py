"""Every strategy keeps the contract; a strategy's line is all it takes."""

from __future__ import annotations

import pytest

import orebody_strategies
from orebody.registry import strategies
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import StrategyContract


class TestBuyAndHold(StrategyContract):
    valid = (BuyAndHold(), BuyAndHold(split={"metal": 0.5, "miners": 0.3}))
    invalid = (
        {"split": {}},
        {"split": {"metal": 1.1}},
        {"split": {"metal": -0.1, "miners": 0.5}},
        {"split": {"metal": 0.6, "miners": 0.6}},
        {"split": "metal"},
        {"split": {"metal": float("nan")}},
        {"split": {"metal": True}},
    )


class TestDollarCostAverage(StrategyContract):
    valid = (
        DollarCostAverage(),
        DollarCostAverage(installments=3, every="week", split={"metal": 0.5, "miners": 0.5}),
        DollarCostAverage(installments=1),
    )
    invalid = ({"installments": 0}, {"installments": 2.5}, {"every": "fortnight"}, {"split": {"metal": 0.9}}, {"installments": True})


class TestRatioRotation(StrategyContract):
    valid = (RatioRotation(), RatioRotation(window=60, entry=1.5, exit=0.5), RatioRotation(window=20, entry=0.0))
    invalid = (
        {"window": 1},
        {"window": 20.5},
        {"entry": -0.1},
        {"entry": 1.0, "exit": 1.5},
        {"exit": -1.0},
        {"entry": float("nan")},
        {"entry": "1"},
    )


@pytest.mark.parametrize("name", orebody_strategies.__all__)
def test_every_strategy_has_its_contract_test(name: str) -> None:
    tested = {type(strategy).__name__ for test in StrategyContract.__subclasses__() for strategy in test.valid}
    assert name in tested


def test_registry_lists_every_strategy_by_its_command_line_name() -> None:
    assert list(strategies()) == ["buy-and-hold", "dollar-cost-average", "ratio-rotation"]
