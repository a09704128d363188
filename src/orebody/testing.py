"""What a quant runs against an own strategy: the look-ahead check, random markets, and the contract every strategy keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from orebody.account import Account, Costs
from orebody.backtesting.backtest import ENGINES, backtest, check_strategy, decisions_of
from orebody.engine.run_record import Fill
from orebody.errors import EngineError, OrebodyError
from orebody.market.market import Market
from orebody.registry import strategies
from orebody.strategy import lookahead
from orebody.strategy.base import Strategy
from orebody.strategy.opening import decides_from

__all__ = ["StrategyContract", "assert_causal", "assert_engines_agree", "random_market"]

AGREE = 1e-9


def assert_causal(strategy: Strategy, market: Market, *, cuts: int = 48) -> None:
    """Raise `LookAheadError` when a decision of `strategy` on `market` depends on later bars.

    Parameters
    ----------
    strategy, market
        What to try. `backtest` tries eight cuts on every run; this tries more.
    cuts
        How many cuts at most; half of them just after bars on which decisions change.
    """
    check_strategy(strategy)
    plan = decisions_of(strategy, market).on(market)
    tried = lookahead.chosen_cuts(plan, market, decides_from(strategy, market) + 1, edges=cuts // 2, random=cuts - cuts // 2)
    lookahead.check(strategy, market, plan, tried)


def assert_engines_agree(strategy: Strategy, market: Market, account: Account | None = None, *, check_lookahead: bool = False) -> None:
    """Raise `EngineError` unless both engines keep the same books: equity, cash, units and fills at every bar, to 1e-9.

    Parameters
    ----------
    strategy, market, account
        As in `backtest`.
    check_lookahead
        Also try for look-ahead.
    """
    one, two = (
        backtest(strategy, market, account, engine=engine, start=market.opening, check_lookahead=check_lookahead) for engine in ENGINES
    )
    equity = one.equity.to_numpy()
    scale = AGREE * max(1.0, float(np.abs(equity).max()), float(np.abs(one.values.to_numpy()).max()))
    marks = one.closes
    for what, mine, other in (
        ("equity", equity, two.equity.to_numpy()),
        ("cash", one.record.cash, two.record.cash),
        ("interest", one.record.interest, two.record.interest),
        ("flows", one.record.flows, two.record.flows),
        ("borrow", one.record.borrow, two.record.borrow),
        ("commission", one.record.commission, two.record.commission),
        ("slippage", one.record.slippage, two.record.slippage),
        ("units times close", one.record.units * marks, two.record.units * marks),
    ):
        off = np.abs(mine - other) > scale + AGREE * np.abs(mine)
        if off.any():
            bar = int(np.argwhere(off)[0][0])
            raise EngineError(
                f"the engines disagree on {what} on {one.dates[bar].date()}: {ENGINES[0]} {mine[bar]}, {ENGINES[1]} {other[bar]}"
            )
    fills, others = one.record.fills, two.record.fills
    for mine, other in zip_longest(fills, others):
        if mine is None or other is None or not _same_fill(mine, other, scale):
            raise EngineError(f"the engines disagree on a fill: {ENGINES[0]} has {mine}, {ENGINES[1]} {other}")
    if one.record.ruined != two.record.ruined:
        raise EngineError(f"the engines disagree on ruin: {ENGINES[0]} on bar {one.record.ruined}, {ENGINES[1]} on {two.record.ruined}")


def _same_fill(one: Fill, two: Fill, scale: float) -> bool:
    if (one.bar, one.instrument, one.reason) != (two.bar, two.instrument, two.reason):
        return False
    if not one.units:
        return not two.units
    worth = (one.units * one.price, two.units * two.price), (one.cost, two.cost), (one.slippage, two.slippage)
    close = all(abs(mine - other) <= scale + AGREE * abs(mine) for mine, other in worth)
    return close and abs(one.price - two.price) <= AGREE * one.price


def random_market(seed: int, *, bars: int = 600, miners: int = 1, cash_rate: float = 0.02, start: str = "2015-01-01") -> Market:
    """Return a market of correlated random walks on weekdays, with gaps between close and open; the same for the same arguments.

    Parameters
    ----------
    seed
        Of the random numbers.
    bars, miners
        Its size; the tickers are ``SIM-METAL``, ``SIM-MINER1`` …
    cash_rate
        Annual rate.
    start
        First possible day.
    """
    draw = np.random.RandomState(seed)
    shape = (bars, 1 + miners)
    metal = draw.standard_normal((bars, 1)) * 0.011
    steps = np.hstack((metal, 1.6 * metal + draw.standard_normal((bars, miners)) * 0.017)) + 0.0002
    close = 100 * np.exp(np.cumsum(steps, axis=0))
    opens = close * np.exp(-0.6 * steps + draw.standard_normal(shape) * 0.003)
    high = np.maximum(opens, close) * (1 + draw.uniform(0, 0.01, shape))
    low = np.minimum(opens, close) * (1 - draw.uniform(0, 0.01, shape))
    dates = pd.bdate_range(start, periods=bars)
    tickers = ["SIM-METAL", *(f"SIM-MINER{i + 1}" for i in range(miners))]
    frames = {
        ticker: pd.DataFrame({"Open": opens[:, i], "High": high[:, i], "Low": low[:, i], "Close": close[:, i]}, index=dates)
        for i, ticker in enumerate(tickers)
    }
    return Market.from_frames(frames, cash_rate=cash_rate, source=f"random walks, seed {seed}")


class StrategyContract:
    """What holds for every strategy; derive a test class from it, name the strategies, and pytest does the rest.

    >>> from orebody.strategies import BuyAndHold
    >>> class TestBuyAndHold(StrategyContract):
    ...     valid = (BuyAndHold(), BuyAndHold(split={"miners": 1.0}))
    ...     invalid = ({"split": {"metal": 2.0}},)

    Attributes
    ----------
    valid
        Instances to try, the default among them.
    invalid
        Parameters that must be refused with a `ParameterError`.
    """

    valid: ClassVar[tuple[Strategy, ...]] = ()
    invalid: ClassVar[tuple[dict[str, Any], ...]] = ()

    def markets(self) -> list[Market]:
        """Return the markets to try on; one and several miners, opening at once and after a warm-up."""
        return [random_market(1), random_market(2, miners=3), random_market(3, bars=900).opened(320)]

    def test_names_something(self) -> None:
        """There is something to try, and it is a frozen dataclass."""
        assert self.valid
        for strategy in self.valid:
            assert dataclasses.is_dataclass(strategy)
            assert type(strategy).__dataclass_params__.frozen

    def test_documents_every_parameter(self) -> None:
        """The class has a docstring, and each parameter a meaning."""
        for strategy in self.valid:
            assert type(strategy).__doc__
            assert all(field.metadata.get("about") for field in dataclasses.fields(strategy))  # type: ignore[arg-type]

    def test_refuses_bad_parameters(self) -> None:
        """What is out of bounds is refused on construction, naming the strategy."""
        for parameters in self.invalid:
            message = _refusal(type(self.valid[0]), parameters)
            assert self.valid[0].name() in message, message

    def test_refuses_unknown_parameters(self) -> None:
        """A parameter it does not have is an unknown name."""
        assert "no_such_parameter" in _refusal(type(self.valid[0]).build, {"no_such_parameter": 1})

    def test_repr_can_be_pasted_back(self) -> None:
        """Evaluating the repr gives an equal strategy."""
        for strategy in self.valid:
            named = {one.__name__: one for one in (type(strategy), *strategies().values())}
            assert eval(repr(strategy), named) == strategy

    def test_decides_the_same_twice(self) -> None:
        """The same market gives the same decisions, to the bit."""
        for market in self.markets():
            for strategy in self.valid:
                one, two = (again.decide(market).on(market) for again in (strategy, dataclasses.replace(strategy)))  # type: ignore[type-var]
                for table in ("rows", "weights", "deploy", "contribution_split"):
                    np.testing.assert_array_equal(getattr(one, table), getattr(two, table))

    def test_never_looks_ahead(self) -> None:
        """Neither removing nor changing the future changes the past."""
        for market in self.markets():
            for strategy in self.valid:
                assert_causal(strategy, market)

    def test_engines_agree(self) -> None:
        """Both engines keep the same books, costs, contributions and debt included."""
        account = Account(contribution=700, leverage=1.5, costs=Costs(commission=0.002, fixed_fee=1.0))
        for market in self.markets():
            for strategy in self.valid:
                assert_engines_agree(strategy, market, account)

    def test_leaves_the_market_alone(self) -> None:
        """Deciding changes no price."""
        for market in self.markets():
            before = market.close.tobytes()
            for strategy in self.valid:
                strategy.decide(market)
            assert market.close.tobytes() == before

    def test_decides_within_bounds(self) -> None:
        """Decisions pass their checks; something is decided, and nothing before enough bars were seen."""
        for market in self.markets():
            for strategy in self.valid:
                plan = strategy.decide(market).on(market)
                assert len(plan.rows)
                assert plan.rows[0] >= strategy.bars_needed - 1

    def test_runs_with_contributions_interest_and_costs(self) -> None:
        """A whole account can carry it out, and its books balance."""
        account = Account(cash=10_000, contribution=500, costs=Costs(commission=0.001, slippage=0.0005, fixed_fee=1.0))
        for market in self.markets():
            for strategy in self.valid:
                result = backtest(strategy, market, account)
                assert (result.cash >= 0).all()
                assert (result.equity > 0).all()


def _refusal(make: Callable[..., object], parameters: dict[str, Any]) -> str:
    """Return the message with which `make` refuses the parameters."""
    try:
        make(**parameters)
    except OrebodyError as error:
        return str(error)
    raise AssertionError(f"{parameters} was accepted")
