"""The vocabulary of decisions: what can be said, and what is refused with its date."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_markets import market

import orebody as ob
from orebody.errors import DecisionError, ParameterError

DAYS = pd.bdate_range("2024-01-01", periods=4)
M = market(DAYS, [[10, 5]] * 4)
NAN = np.nan


def dense(bar: int, *values: float) -> np.ndarray:
    table = np.full((4, 2), NAN)
    table[bar] = values
    return table


def test_dense_sparse_and_labelled_decisions_say_the_same() -> None:
    dense_plan = ob.Decisions(weights=dense(2, 0.25, 0.75)).on(M)
    sparse = ob.Decisions(weights=np.array([[0.25, 0.75]]), rows=np.array([2])).on(M)
    labelled = ob.Decisions(weights=pd.DataFrame({"B": [0.75], "A": [0.25]}, index=DAYS[[2]])).on(M)
    for plan in (dense_plan, sparse, labelled):
        assert plan.rows.tolist() == [2]
        assert plan.weights.tolist() == [[0.25, 0.75]]
        assert np.isnan(plan.deploy).all()


def test_empty_decisions_decide_nothing_and_can_be_filled_in() -> None:
    decisions = ob.Decisions.empty(M)
    assert len(decisions.on(M).rows) == 0
    assert isinstance(decisions.weights, np.ndarray)
    decisions.weights[1, 0] = 1.0
    assert decisions.on(M).rows.tolist() == [1]


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        (ob.Decisions(weights=np.zeros((3, 2))), r"weights has the shape \(3, 2\): it must be \(4, 2\)"),
        (ob.Decisions(weights=dense(1, np.inf, 0)), "weights is infinite on 2024-01-02 for A"),
        (ob.Decisions(weights=dense(1, 0.5, NAN), deploy=dense(1, 0.5, NAN)), "both a weight and a deploy share for A on 2024-01-02"),
        (ob.Decisions(deploy=dense(1, NAN, -1.1)), "a deploy share of more than 1 for B on 2024-01-02"),
        (ob.Decisions(deploy=dense(1, 0.6, 0.6)), "deploy shares that sum to more than 1 on 2024-01-02"),
        (ob.Decisions(contribution_split=dense(1, 0.6, 0.6)), "a standing contribution_split that sums to more than 1 on 2024-01-02"),
        (ob.Decisions(contribution_split=np.array([[0.6, NAN], [NAN, 0.6], [NAN, NAN], [NAN, NAN]])), "more than 1 on 2024-01-02"),
        (ob.Decisions(contribution_split=dense(1, -0.1, 0.6)), "a contribution_split share outside 0..1 for A on 2024-01-02"),
        (ob.Decisions(band=-0.1), "the band is -0.1: it must be a share from 0 to 1"),
        (ob.Decisions(weights=pd.DataFrame({"C": [1.0]}, index=DAYS[[0]])), "unknown column of weights 'C'"),
        (ob.Decisions(weights=pd.DataFrame({"A": [1.0]}, index=[pd.Timestamp("2020-01-01")])), "must be dates of the market"),
        (ob.Decisions(weights=pd.DataFrame({"A": [1.0]}, index=["2024-01-02"])), "not by dates without a time zone"),
        (ob.Decisions(weights=pd.DataFrame([[1.0, 0.0]], index=DAYS[[0]], columns=["A", "A"])), "two columns of one ticker"),
        (ob.Decisions(weights=np.zeros((1, 2)), rows=np.array([2.5])), "they must be whole bar numbers"),
        (ob.Decisions(weights=np.full((4, 2), 1j)), "must be a table of numbers"),
        (ob.Decisions(weights=[["a", "b"]] * 4), "must be a table of numbers"),
        (ob.Decisions(weights=np.zeros((2, 2)), rows=np.array([2, 1])), "rows must be ascending bar numbers from 0 to 3"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_date(decisions: ob.Decisions, says: str) -> None:
    with pytest.raises(DecisionError, match=says):
        decisions.on(M)


class Says(ob.Strategy):
    def __init__(self, what: object) -> None:
        self.what = what

    def decide(self, market: ob.Market) -> ob.Decisions:
        return self.what  # type: ignore[return-value]


def test_an_account_refuses_what_it_cannot_carry_with_the_date() -> None:
    with pytest.raises(DecisionError, match="the weights sum to 1.1 on 2024-01-03, above the leverage limit of 1"):
        ob.backtest(Says(ob.Decisions(weights=dense(2, 0.6, 0.5))), M, check_lookahead=False)
    with pytest.raises(DecisionError, match="a weight of -0.5 for B on 2024-01-03 is a short: the account has shorting=False"):
        ob.backtest(Says(ob.Decisions(weights=dense(2, 0.6, -0.5))), M, ob.Account(shorting=False), check_lookahead=False)
    with pytest.raises(DecisionError, match=r"decide returned a list: it must return orebody\.Decisions"):
        ob.backtest(Says([1, 2]), M)
    with pytest.raises(ParameterError, match=r"Says is a class: give an instance of it, Says\(\)"):
        ob.backtest(Says, M)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"cash": -1}, "cash is -1: it must not be negative"),
        ({"cash": float("nan")}, "cash is nan: it must be a finite number"),
        ({"cash": "1e5"}, "cash is '1e5': it must be a finite number"),
        ({"cash": 0}, "cash and contribution are both 0"),
        ({"contribution": -5}, "contribution is -5: it must not be negative"),
        ({"every": "day"}, "every is 'day': it must be one of week, month, quarter, year"),
        ({"costs": 0.001}, "costs is 0.001: give orebody.Costs"),
        ({"leverage": 0.0}, "leverage is 0: it must be positive"),
        ({"leverage": 5.0}, "maintenance_margin is 0.25: .* at most 1 / leverage .0.2"),
        ({"whole_shares": 1}, "whole_shares is 1: it must be True or False"),
        ({"cash_rate": 4}, "cash_rate is 4: give it as a fraction, 4 % is 0.04"),
        ({"cash_rate": True}, "cash_rate is True: it must be a finite number"),
        ({"maintenance_margin": 1.0}, "maintenance_margin is 1: it must be from 0 to below 1"),
    ],
)
def test_accounts_that_cannot_be(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ob.Account(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"commission": -0.1}, "costs.commission is -0.1"),
        ({"slippage": 1.0}, "costs.slippage is 1: it must be from 0 to below 1"),
        ({"fixed_fee": -1.0}, "costs.fixed_fee is -1: it must not be negative"),
        ({"commission": None}, "costs.commission is None: it must be a finite number"),
    ],
)
def test_costs_that_cannot_be(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        ob.Costs(**arguments)  # type: ignore[arg-type]
