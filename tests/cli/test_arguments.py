"""Arguments in the wrong place, of the wrong kind, or under a name that does not exist: one sentence with what to give instead."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import backtrader as bt
import pandas as pd
import pytest

import orebody as ob
from orebody.cli.main import main
from orebody.errors import ParameterError, UnknownNameError, UnknownParameterError, UnsupportedError
from orebody.strategies import BuyAndHold, RatioRotation

DAYS = pd.bdate_range("2024-01-01", periods=40)
PRICES = pd.DataFrame({name: [10.0 + at % 5 for at in range(40)] for name in ("Open", "High", "Low", "Close")}, index=DAYS)
MARKET = ob.Market.from_frames({"M": PRICES, "N": PRICES * 2})
HOLD = BuyAndHold()


class Twice(bt.Strategy):  # type: ignore[misc]
    """Buys one unit on every bar."""

    params = (("size", 1),)

    def next(self) -> None:
        self.buy(data=self.datas[0], size=self.params.size)


@dataclass(frozen=True)
class Needs(ob.Strategy):
    window: int
    other: int = 1

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions.empty(market)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a strategy's": (lambda: RatioRotation(windw=1), r"unknown parameter of RatioRotation 'windw'; did you mean 'window'\?"),
    "an account's": (lambda: ob.Account(csh=1), r"unknown parameter of Account 'csh'; did you mean 'cash'\?"),
    "of costs": (lambda: ob.Costs(comission=0.1), r"unknown parameter of Costs 'comission'; did you mean 'commission'\?"),
    "by position": (lambda: ob.Costs(0.1), r"Costs was given 1 values without a name, it takes none: give them by name, as commission="),
    "too many": (lambda: Needs(1, 2, 3), r"Needs was given 3 values without a name, it takes 2 \(window, other\)"),
    "twice": (lambda: Needs(1, window=2), "Needs was given window twice"),
    "too few": (lambda: Needs(other=2), r"Needs needs window: give window=\.\.\."),
}


@pytest.mark.parametrize("make", WRONG)
def test_parameters_that_are_not_there(make: str) -> None:
    call, says = WRONG[make]
    with pytest.raises(UnknownParameterError, match=says) as error:
        call()
    assert isinstance(error.value, ParameterError | UnknownNameError)
    assert isinstance(error.value, TypeError)  # as Python has it


def test_what_is_made_right_is_copied_and_pickled_as_ever() -> None:
    one = Needs(3, other=2)
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(ob.Account(cash=5.0)).cash == 5.0


SWAPPED: dict[str, tuple[tuple[Any, ...], str]] = {
    "account first": ((HOLD, ob.Account(), MARKET), "market is an Account: the market comes before the account"),
    "two markets": ((HOLD, [MARKET, MARKET]), "market is 2 markets: give one, and call this once for each"),
    "markets by name": ((HOLD, {"a": MARKET, "b": MARKET}), "market is 2 markets"),
    "a name": ((HOLD, "gold"), r"market is 'gold': give what orebody.load_market\('gold'\) returns"),
    "frames": ((HOLD, {"M": PRICES}), r"market is tables of prices: give orebody.Market.from_frames"),
    "a frame": ((HOLD, PRICES), r"market is a table: give orebody.Market.from_frames"),
    "market first": ((MARKET, HOLD), "a Market is not a strategy: the strategy comes first|market is a strategy"),
    "nothing": ((HOLD, None), "market is a NoneType: give orebody.load_market"),
    "a market for an account": ((HOLD, MARKET, MARKET), "account is a Market: the market comes before the account"),
    "money for an account": ((HOLD, MARKET, 5000), r"account is 5000: give orebody.Account\(cash=5000\)"),
    "a class": ((RatioRotation, MARKET), r"RatioRotation is a class: give an instance of it, RatioRotation\(\)"),
    "a name for a strategy": (("buy-and-hold", MARKET), "'buy-and-hold' is a name, not a strategy"),
    "another class": ((dict, MARKET), "the class dict is not a strategy: derive it from orebody.Strategy"),
}  # fmt: skip


@pytest.mark.parametrize("call", [ob.backtest, ob.compare, ob.scenarios, ob.stress], ids=lambda call: call.__name__)
@pytest.mark.parametrize("how", SWAPPED)
def test_arguments_that_changed_places(how: str, call: Callable[..., Any]) -> None:
    arguments, says = SWAPPED[how]
    if call is ob.stress and how == "nothing":
        says = "strategies need a market to be run on"
    with pytest.raises(ParameterError, match=says):
        call(*arguments)


@pytest.mark.parametrize("how", ["account first", "two markets", "a name"])
def test_sweeps_say_the_same(how: str) -> None:
    arguments, says = SWAPPED[how]
    with pytest.raises(ParameterError, match=says):
        ob.sweep(RatioRotation, {"window": [5]}, *arguments[1:])
    with pytest.raises(ParameterError, match=says):
        ob.walk_forward(RatioRotation, {"window": [5]}, arguments[1], ob.Account(), train=20, test=5)
    with pytest.raises(ParameterError, match=says):
        ob.gearing(arguments[1])


def test_compare_takes_a_class_of_backtraders() -> None:
    alone = ob.backtest(Twice, MARKET)
    comparison = ob.compare({"twice": Twice, "held": HOLD}, MARKET)
    assert comparison.results["twice"].equity.tolist() == alone.equity.tolist()
    assert comparison.results["twice"].checked == "look-ahead unchecked"
    assert list(comparison.strategies) == ["held"]
    assert list(ob.compare([Twice], MARKET).classes) == ["Twice"]
    with pytest.raises(UnsupportedError, match="only engine='backtrader' can"):
        ob.compare([Twice], MARKET, engine="compiled")
    with pytest.raises(ParameterError, match="Twice is a class of backtrader's, which backtest and compare run"):
        ob.scenarios([Twice], MARKET)


def test_a_report_with_a_class_of_backtraders(tmp_path: Any) -> None:
    index = ob.compare([Twice, HOLD], MARKET).report(tmp_path / "report", tearsheets=False)
    text = index.read_text()
    assert "look-ahead unchecked" in text or "not checked" in text
    assert "Buys one unit on every bar." in "".join(page.read_text() for page in index.parent.glob("*.html"))


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("xirr", "'xirr' is no figure of a sweep: all points have the same cash flows, so that 'final_equity'"),
        ("up_capture", "'up_capture' is no figure of a sweep: the metrics of a single run have it"),
        ("sharp", "unknown metric 'sharp'; did you mean 'sharpe'"),
    ],
)
def test_metrics_that_sweeps_have_not(metric: str, says: str) -> None:
    with pytest.raises(UnknownNameError, match=says):
        ob.sweep(RatioRotation, {"window": [5]}, MARKET, metric=metric)
    with pytest.raises(UnknownNameError, match=says):
        ob.walk_forward(RatioRotation, {"window": [5]}, MARKET, ob.Account(), train=20, test=5, metric=metric)


def test_what_is_not_installed_is_said_before_prices_are_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arch", None)
    for command in (["significance"], ["compare", "--include", "significance"]):
        with pytest.raises(SystemExit):
            main([*command, "gold", "--source", "no such folder"])
        assert "significance needs arch for its bootstraps: pip install 'orebody[research]'" in capsys.readouterr().err
