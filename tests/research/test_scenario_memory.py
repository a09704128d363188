"""How much of history a strategy is shown before each path: never so little that it decides otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DecisionError
from orebody.research.scenarios import replay
from orebody.strategies import (
    BetaMatched,
    BuyWeakness,
    CoreSatellite,
    DryPowderAveraging,
    MomentumRotation,
    RatioRotation,
    RegimeFilter,
    SpreadTrade,
    TrimStretch,
    VolatilityTarget,
)
from orebody.testing import random_market

MARKET = random_market(9, bars=900, start="2016-01-01", cash_rate=0.01)
ACCOUNT = ob.Account(cash=10_000, contribution=100)


CALM, WILD = ob.Scenario("calm"), ob.Scenario("wild", drift=-0.3, volatility=2.0)


def apart(
    strategy: ob.Strategy,
    market: ob.Market,
    paths: int = 60,
    horizon: int = 60,
    seed: int = 0,
    asked: tuple[ob.Scenario, ...] = (CALM, WILD),
) -> tuple[float, ob.Scenarios]:
    """Return how far the simulation is from a backtest, at most, over all paths of some scenarios."""
    drawn = {"horizon": horizon, "paths": paths, "seed": seed, "block": 10}
    result = ob.scenarios({"it": strategy}, market, ACCOUNT, scenarios=asked, check_lookahead=False, **drawn)  # type: ignore[arg-type]
    worst = 0.0
    for name in (one.name for one in asked):
        for number in range(paths):
            one = ob.backtest(strategy, result.path(name, number), ACCOUNT, engine="compiled", check_lookahead=False)
            worst = max(worst, abs(result.wealth(name).loc[number, "it"] / one.equity.iloc[-1] - 1))
    return worst, result


@dataclass(frozen=True)
class Exponential(ob.Strategy):
    """The metal above its exponential mean of all bars, else miners: it forgets slowly, and says nothing of it."""

    @property
    def bars_needed(self) -> int:
        return 20

    def decide(self, market: ob.Market) -> ob.Decisions:
        metal = pd.Series(market.close[:, 0])
        above = (metal > metal.ewm(span=20, adjust=False).mean()).to_numpy()
        rows = np.flatnonzero(np.diff(above, prepend=~above[:1]))
        return ob.Decisions(weights=np.where(above[rows, None], [[1.0, 0.0]], [[0.0, 1.0]]), rows=rows)


@dataclass(frozen=True)
class Nervous(RatioRotation):
    """Gives up at a move that no path has, and that lies between the end of one path and the beginning of the next."""

    limit: float = ob.parameter(9.0, "of a bar's log return", low=0.0)

    def decide(self, market: ob.Market) -> ob.Decisions:
        if np.abs(np.diff(np.log(market.close[:, 0]))).max() > self.limit:
            raise ValueError("a jump: wrong prices?")
        return super().decide(market)


def test_one_that_says_nothing_is_shown_everything() -> None:
    far, result = apart(Exponential(), MARKET)
    assert far < 1e-9
    assert result.job.ways[2].bars == len(MARKET)


SEED = 3  # of paths whose widest seam is not among the eight that are tried


def test_what_it_raises_at_a_seam_is_not_its_answer() -> None:
    calm, result = apart(Nervous(window=60), MARKET, horizon=120, seed=SEED)
    way = result.job.ways[2]
    assert calm < 1e-9
    assert way.joined
    begin = np.log(MARKET.close[-way.bars, 0])
    seams = np.array([[abs(np.log(result.path(name, at).close[-1, 0]) - begin) for at in range(50)] for name in ("calm", "wild")])
    limit = float(seams[:, :8].max()) + 1e-6  # the paths tried have no such jump, a later one has
    assert seams.max() > limit
    nervous, again = apart(Nervous(window=60, limit=limit), MARKET, horizon=120, seed=SEED)
    assert again.job.ways[2].joined
    assert nervous < 1e-9


GAUGED = replace(MARKET, gauges={"dollar": 100 * MARKET.close[:, 0] / MARKET.close[0, 0]})


@pytest.mark.parametrize(
    "strategy",
    [
        RatioRotation(window=60, exit=0.3),
        TrimStretch(window=60),
        MomentumRotation(lookback=40),
        BetaMatched(window=40),
        BuyWeakness(lookback=60),
        DryPowderAveraging(lookback=60),
        CoreSatellite(),
        SpreadTrade(window=40, entry=1.0, exit=0.2, stop=2.5),
        SpreadTrade(window=40, hedge="fixed"),
        VolatilityTarget(inner=MomentumRotation(lookback=40), window=20),
        RegimeFilter(inner=MomentumRotation(lookback=40), window=40),
        RegimeFilter(inner=BuyWeakness(lookback=40), window=40),
        VolatilityTarget(inner=RegimeFilter(inner=RatioRotation(window=60), window=40)),
    ],
    ids=repr,
)
def test_every_strategy_decides_as_after_all_of_history(strategy: ob.Strategy) -> None:
    assert apart(strategy, GAUGED, paths=20)[0] < 1e-9


@dataclass(frozen=True)
class Grudge(RatioRotation):
    """Brings half and half back `wait` bars after the metal last fell by `fall` in a bar: how long it has waited shows nowhere."""

    fall: float = ob.parameter(0.01, "log return", low=0.0)
    wait: int = ob.parameter(30, "bars", low=1)

    def waited(self, market: ob.Market) -> np.ndarray:
        fell, bars = np.log(market.close[:, 0] / market.open[:, 0]) <= -self.fall, np.arange(len(market))
        return np.minimum(bars - np.maximum.accumulate(np.where(fell, bars, -self.wait)), self.wait)

    def carries(self, market: ob.Market, bars: np.ndarray) -> np.ndarray:
        return self.waited(market)[bars, None]

    def decide(self, market: ob.Market) -> ob.Decisions:
        waited = self.waited(market)
        rows = np.flatnonzero((np.diff(waited, prepend=-1) > 0) & (waited == self.wait))  # the first bar is one
        weights = np.full((len(rows), 2), 0.5)
        return ob.Decisions(weights=weights, contribution_split=weights, rows=rows)


@pytest.mark.parametrize("wait", [10, 90, 400])
def test_a_state_that_shows_nowhere_is_told(wait: int) -> None:
    far, result = apart(Grudge(window=20, wait=wait), MARKET)
    assert far < 1e-9
    assert result.job.ways[2].joined


def test_a_path_that_begins_in_another_state_is_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one market with others, a path whose predecessor fell at its very end would begin still waiting."""
    strategy, again, truly = Grudge(window=20, fall=0.015, wait=100), list[int](), replay._decide

    def counted(way: replay.ReplayMode, shown: replay.PathMarkets, paths: range) -> replay.PathDecisions:
        again.extend(paths if len(paths) == 1 else ())
        return truly(way, shown, paths)

    monkeypatch.setattr(replay, "_decide", counted)
    far, result = apart(strategy, MARKET, horizon=200, seed=4, asked=(CALM,))
    way = result.job.ways[2]
    assert way.joined
    assert way.bars < strategy.wait
    assert again == [24, 48]  # none of those that were tried
    assert far < 1e-9


@dataclass(frozen=True)
class SinceOpening(ob.Strategy):
    """The metal while it stands no more than `fall` below its close where accounts open, which strategies share."""

    fall: float = ob.parameter(0.1, "share", low=0.0)

    def carries(self, market: ob.Market, bars: np.ndarray) -> tuple[()]:
        return ()

    def decide(self, market: ob.Market) -> ob.Decisions:
        def since() -> np.ndarray:
            grown = market.close[:, 0] / market.close[market.opening, 0]
            return np.where(np.arange(len(market)) < market.opening, 1.0, grown)

        held = market.memo("since opening", since) >= 1 - self.fall
        return ob.Decisions(weights=np.where(held[:, None], [[0.0, 1.0]], [[1.0, 0.0]]))


RARE = random_market(3, bars=700)
"""With paths on which what was wrong once shows, though not among those that are tried."""


def far_off(strategies: dict[str, ob.Strategy], market: ob.Market, seed: int, paths: int, asked: str | ob.Scenario) -> float:
    """Return how far the simulation is from a backtest, at most, over all paths of a scenario."""
    result = ob.scenarios(strategies, market, horizon=40, paths=paths, scenarios=[asked], seed=seed, block=5, check_lookahead=False)
    name, worst = result.job.scenarios[0].name, 0.0
    for number in range(paths):
        market = result.path(name, number)
        for label, strategy in strategies.items():
            one = ob.backtest(strategy, market, engine="compiled", check_lookahead=False)
            worst = max(worst, abs(result.wealth(name).loc[number, label] / one.equity.iloc[-1] - 1))
    return worst


def test_who_shares_what_knows_the_opening_is_asked_path_by_path() -> None:
    strategies: dict[str, ob.Strategy] = {f"{fall}": SinceOpening(fall) for fall in (0.2, 0.201, 0.19, 0.18, 0.17, 0.16, 0.15, 0.14, 0.13)}
    assert far_off(strategies, RARE, 3, 300, ob.Scenario("crash-prone", drift=0.0)) < 1e-9


@dataclass(frozen=True)
class ByDate(ob.Strategy):
    """The metal, and the miners after it fell in the last 14 days, looked up by date."""

    fall: float = ob.parameter(0.12, "share", low=0.0)

    @property
    def bars_needed(self) -> int:
        return 15

    def carries(self, market: ob.Market, bars: np.ndarray) -> tuple[()]:
        return ()

    def decide(self, market: ob.Market) -> ob.Decisions:
        close = market.close[:, 0]
        before = np.clip(market.dates.searchsorted(market.dates - pd.Timedelta(days=14), side="right") - 1, 0, None)
        fell = close < (1 - self.fall) * close[before]
        return ob.Decisions(weights=np.where(fell[:, None], [[0.0, 1.0]], [[1.0, 0.0]]))


@pytest.mark.parametrize(("fall", "seed"), [(0.25, 1), (0.2, 2)])
def test_who_looks_up_dates_finds_those_of_the_path(fall: float, seed: int) -> None:
    assert far_off({"it": ByDate(fall)}, RARE, seed, 100, ob.Scenario("crash-prone", drift=0.0)) < 1e-9


@dataclass(frozen=True)
class BandByPath(ob.Strategy):
    """Half of each, with a band or none by how the metal closed where accounts open."""

    def decide(self, market: ob.Market) -> ob.Decisions:
        at = market.opening
        rose = at > 0 and market.close[at, 0] > market.close[at - 1, 0]
        return ob.Decisions(weights=np.full((len(market), 2), 0.5), band=0.0 if rose else 0.05)


def test_each_path_has_its_own_band() -> None:
    assert apart(BandByPath(), MARKET)[0] < 1e-9


@pytest.mark.parametrize(
    ("strategy", "bars", "asked"),
    [(RatioRotation(window=36, entry=0.7), 598, "in between"), (RatioRotation(window=36, entry=0.7), 600, "in between")],
)
def test_baskets_are_formed_in_a_quarter_of_any_length(strategy: ob.Strategy, bars: int, asked: str) -> None:
    several = random_market(8, bars=598, miners=3) if bars == 598 else random_market(7, bars=600, miners=3).cut(598)
    assert far_off({"it": strategy}, replace(several, periods_per_year=100.0), 1, 150, asked) < 1e-9


@pytest.mark.parametrize(("said", "shown"), [(np.zeros(1), r"\(1,\)"), ([["waiting"]], r"\(1, 1\)"), (np.zeros((2, 1)), r"\(2, 1\)")])
def test_what_is_no_table_of_what_is_carried_is_refused(said: object, shown: str) -> None:
    class Confused(RatioRotation):
        def carries(self, market: ob.Market, bars: np.ndarray) -> object:  # type: ignore[override]
            return said

    with pytest.raises(DecisionError, match=f"confused.carries returned .* of the shape {shown} for 1 bars: it must be a table of numbers"):
        ob.scenarios([Confused(window=60)], MARKET, paths=2, check_lookahead=False)


class TestCarried:
    def test_a_wait_after_a_stop_is_carried_until_inside(self) -> None:
        trade = SpreadTrade(window=40, entry=1.0, exit=0.2, stop=2.5)
        z = trade.spread(MARKET)[0]
        stops = np.flatnonzero(np.abs(z) >= 2.5)
        stop = int(stops[stops > 45][0])
        inside = stop + int(np.flatnonzero(np.abs(z[stop:]) <= 0.2)[0])
        waits = trade.carries(MARKET, np.array([stop - 1, stop, inside - 1, inside]))
        np.testing.assert_array_equal(waits, [[False], [True], [True], [False]])
        assert SpreadTrade(stop=None).carries(MARKET, np.array([stop])) == ()

    def test_a_wrapper_carries_what_it_hides(self) -> None:
        inner = MomentumRotation(lookback=40)
        outer = RegimeFilter(inner=inner, window=40)
        off = outer.is_off(GAUGED)
        bars = np.array([np.flatnonzero(~off)[-1], np.flatnonzero(off)[-1]])
        bars.sort()
        found = outer.carries(GAUGED, bars)
        assert isinstance(found, np.ndarray)
        assert found[:, 0].tolist() == off[bars].tolist()
        for row, bar in zip(found, bars, strict=True):
            seen = GAUGED.cut(int(bar) + 1)
            np.testing.assert_array_equal(row[1:3], inner.decide(seen).on(seen).weights[-1])

    def test_what_spends_cash_or_never_forgets_says_so(self) -> None:
        assert RegimeFilter(inner=BuyWeakness()).carries(GAUGED, np.array([len(GAUGED) - 1])) is None
        assert SpreadTrade(hedge="fixed").carries(GAUGED, np.array([len(GAUGED) - 1])) is None
        assert Exponential().carries(GAUGED, np.array([len(GAUGED) - 1])) is None
