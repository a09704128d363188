"""Every strategy keeps the contract; a strategy's line is all it takes."""

from __future__ import annotations

import pytest
from small_markets import with_side_series

import orebody as ob
import orebody_strategies
from orebody.registry import strategies
from orebody.strategies import (
    BetaMatched,
    BuyAndHold,
    BuyWeakness,
    CoreSatellite,
    DollarCostAverage,
    DryPowderAveraging,
    MomentumRotation,
    QualityTilt,
    RatingsBreadth,
    RatioRotation,
    RegimeFilter,
    SpreadTrade,
    TrimStretch,
    VolatilityTarget,
)
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


class TestBuyWeakness(StrategyContract):
    valid = (BuyWeakness(), BuyWeakness(rungs=(0.03, 0.1), scale="price", lookback=60, into="metal"), BuyWeakness(lookback=2))
    invalid = (
        {"rungs": ()},
        {"rungs": (0.5, 0.5)},
        {"rungs": (0.0, 1.0)},
        {"rungs": (1.0, float("nan"))},
        {"rungs": (1.0, float("inf"))},
        {"rungs": 0.5},
        {"rungs": ("a",)},
        {"rungs": (0.5, 1.0), "scale": "price"},
        {"scale": "atr"},
        {"lookback": 1},
    )


class TestDryPowderAveraging(StrategyContract):
    valid = (DryPowderAveraging(), DryPowderAveraging(base=1.0, slope=0.0, every="week", into="metal", lookback=1))
    invalid = ({"base": 1.1}, {"base": -0.1}, {"slope": -1.0}, {"every": "day"}, {"lookback": 0})


class TestMomentumRotation(StrategyContract):
    valid = (MomentumRotation(), MomentumRotation(lookback=20, skip=5, every="week", absolute=False))
    invalid = ({"lookback": 0}, {"skip": -1}, {"every": "day"}, {"absolute": 1}, {"absolute": "yes"})


class TestCoreSatellite(StrategyContract):
    valid = (CoreSatellite(), CoreSatellite(core=0.5, band=0.0), CoreSatellite(core=1.0), CoreSatellite(core=0.0, band=0.2))
    invalid = ({"core": 1.1}, {"core": -0.1}, {"band": 1.5}, {"band": -0.1})


class TestBetaMatched(StrategyContract):
    valid = (BetaMatched(), BetaMatched(window=20, every="week"))
    invalid = ({"window": 1}, {"every": "day"})


class TestTrimStretch(StrategyContract):
    valid = (TrimStretch(window=100), TrimStretch(window=50, trim_at=0.7, restore_at=0.7, trim=1.0), TrimStretch(window=252, trim=0.0))
    invalid = ({"window": 0}, {"trim_at": 1.1}, {"trim_at": 0.4, "restore_at": 0.5}, {"trim": 1.5}, {"restore_at": -0.1})


class TestSpreadTrade(StrategyContract):
    valid = (
        SpreadTrade(),
        SpreadTrade(hedge="fixed", window=100, entry=1.5, exit=1.0, stop=None),
        SpreadTrade(window=40, entry=1.0, exit=0.0, stop=2.5, gross=0.5),
    )
    invalid = (
        {"hedge": "none"},
        {"window": 1},
        {"entry": 1.0, "exit": 1.5},
        {"stop": 2.0},
        {"stop": float("nan")},
        {"gross": -1.0},
    )


class TestVolatilityTarget(StrategyContract):
    valid = (
        VolatilityTarget(),
        VolatilityTarget(inner=CoreSatellite(), target=0.1, window=20),
        VolatilityTarget(inner=SpreadTrade(window=60), target=0.05, step=0.2),
    )
    invalid = (
        {"inner": BuyAndHold()},
        {"inner": DryPowderAveraging()},
        {"inner": RatioRotation},
        {"inner": None},
        {"target": -0.1},
        {"window": 1},
        {"step": 1.5},
    )


class TestRegimeFilter(StrategyContract):
    valid = (
        RegimeFilter(),
        RegimeFilter(inner=BuyWeakness(lookback=60), gauge="vix", window=50),
        RegimeFilter(inner=VolatilityTarget(inner=MomentumRotation(lookback=60)), gauge="dollar", off="metal", window=20, margin=0.0),
        RegimeFilter(inner=BuyAndHold(split={"metal": 0.5, "miners": 0.5}), gauge="spot", when="down", off="cash", window=20),
    )
    invalid = (
        {"inner": RatioRotation},
        {"gauge": "moon"},
        {"gauge": "moon", "off": "cash"},
        {"off": "miners"},
        {"when": "sideways"},
        {"window": 1},
        {"margin": -0.1},
    )

    def markets(self) -> list[ob.Market]:
        return [with_side_series(market) for market in super().markets()]


class TestQualityTilt(StrategyContract):
    valid = (QualityTilt(), QualityTilt(top=0.0, every="month"), QualityTilt(top=1.0))
    invalid = ({"top": 1.1}, {"top": -0.1}, {"every": "day"})

    def markets(self) -> list[ob.Market]:
        return [with_side_series(market) for market in super().markets()]


class TestRatingsBreadth(StrategyContract):
    valid = (RatingsBreadth(), RatingsBreadth(window=20, fall=0.02, cut=0.5), RatingsBreadth(window=1))
    invalid = ({"window": 0}, {"fall": -0.1}, {"fall": 1.1}, {"cut": 1.5})

    def markets(self) -> list[ob.Market]:
        return [with_side_series(market) for market in super().markets()]


@pytest.mark.parametrize("name", orebody_strategies.__all__)
def test_every_strategy_has_its_contract_test(name: str) -> None:
    tested = {type(strategy).__name__ for test in StrategyContract.__subclasses__() for strategy in test.valid}
    assert name in tested


def test_registry_lists_every_strategy_by_its_command_line_name() -> None:
    assert set(strategies()) == {getattr(orebody_strategies, name).name() for name in orebody_strategies.__all__}
    assert "buy-and-hold" in strategies()
    assert list(strategies()) == sorted(strategies())
