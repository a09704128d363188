"""Random cases for ledgers to agree on: markets with gaps, late listings, pauses, ends and crashes; every kind of account and decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from small_markets import Told

import orebody as ob
from orebody.errors import DataError
from orebody.strategy.decisions import Plan

NAN = np.nan
TICKERS = "ABCDEFGH"


@dataclass(frozen=True)
class Case:
    """A market, an account, and decisions as dense tables."""

    market: ob.Market
    account: ob.Account
    tables: dict[str, np.ndarray]
    band: float

    @property
    def decisions(self) -> ob.Decisions:
        return ob.Decisions(**self.tables, band=self.band)  # type: ignore[arg-type]

    @property
    def plan(self) -> Plan:
        return self.decisions.on(self.market)

    def result(self, engine: str = "backtrader") -> ob.Result:
        return ob.backtest(Told(self.decisions), self.market, self.account, engine=engine, start=self.market.opening, check_lookahead=False)


def drawn(seed: int, *, plain: bool = False) -> Case:
    """Return a small case; a `plain` one is long-only without debt, and all instruments have all bars."""
    draw = np.random.RandomState(seed)
    bars, instruments = draw.randint(2, 45), draw.randint(2, 5)
    dates = pd.DatetimeIndex(np.datetime64("2023-12-20") + np.cumsum(draw.choice([1, 1, 1, 3, 4, 11], size=bars)).astype("timedelta64[D]"))
    jumps = np.where(draw.rand(bars, instruments) < 0.02, draw.choice([-1.5, 1.0], size=(bars, instruments)), 0.0)
    steps = draw.standard_normal((bars, instruments)) * draw.choice([0.0, 0.01, 0.05]) + jumps
    closes = 10.0 ** draw.uniform(-4, 6, size=instruments) * np.exp(np.cumsum(steps, axis=0))
    opens = closes * np.exp(draw.standard_normal((bars, instruments)) * draw.choice([0.0, 0.02]))
    there = np.ones((bars, instruments), dtype=bool) if plain else _there(draw, bars, instruments)
    frames = {}
    for i in range(instruments):
        table = {
            "Open": opens[:, i],
            "High": np.maximum(opens, closes)[:, i],
            "Low": np.minimum(opens, closes)[:, i],
            "Close": closes[:, i],
        }
        frames[TICKERS[i]] = pd.DataFrame(table, index=dates)[there[:, i]]
    try:
        market = ob.Market.from_frames(frames, cash_rate=float(draw.choice([0.0, 0.03, 0.2])))
    except DataError as error:
        if "do not belong together in time" not in str(error):
            raise
        return drawn((seed + 1) % 2**32, plain=plain)  # one case in some 3,000: the few bars left of one lie a month apart
    leverage = 1.0 if plain else float(draw.choice([1.0, 1.0, 0.7, 2.0, 3.0]))
    account = ob.Account(
        cash=float(draw.choice([0.0, 100.0, 12_345.67, 1e7])),
        contribution=float(draw.choice([50.0, 777.7])) if seed % 3 else 10.0,
        every=str(draw.choice(["week", "month", "quarter", "year"])),
        costs=_costs(draw, TICKERS[:instruments]),
        leverage=leverage,
        maintenance_margin=float(draw.choice([0.0, 0.25, 0.3])),
        whole_shares=not plain and bool(draw.rand() < 0.3),
    )
    tables = _tables(draw, len(market), instruments, leverage, plain=plain)
    return Case(market, account, tables, float(draw.choice([0.0, 0.0, 0.02, 0.1])))


def _there(draw: np.random.RandomState, bars: int, instruments: int) -> np.ndarray:
    """Return which bars exist: some list late, some end early, some pause; the metal has all of them."""
    there = np.ones((bars, instruments), dtype=bool)
    for i in range(1, instruments):
        if draw.rand() < 0.3:
            there[: draw.randint(0, bars), i] = False
        if draw.rand() < 0.3:
            there[draw.randint(1, bars) :, i] = False
        if draw.rand() < 0.3:
            there[draw.rand(bars) < 0.3, i] = False
        if not there[:, i].any():
            there[draw.randint(bars), i] = True
    return there


def _costs(draw: np.random.RandomState, tickers: str) -> ob.Costs | dict[str, ob.Costs]:
    financing_spread = float(draw.choice([0.0, 0.015, 0.1]))

    def one() -> ob.Costs:
        return ob.Costs(
            commission=float(draw.choice([0.0, 0.001, 0.03])),
            slippage=float(draw.choice([0.0, 0.0005, 0.02])),
            fixed_fee=float(draw.choice([0.0, 0.0, 1.5, 40.0])),
            borrow_rate=float(draw.choice([0.0, 0.01, 0.3])),
            financing_spread=financing_spread,
        )

    return {ticker: one() for ticker in tickers} if draw.rand() < 0.3 else one()


def _tables(draw: np.random.RandomState, bars: int, instruments: int, leverage: float, *, plain: bool) -> dict[str, np.ndarray]:
    weights, deploy, contribution_split = (np.full((bars, instruments), NAN) for _ in range(3))
    often = draw.choice([0.05, 0.3, 1.0])
    contribution_split[0] = draw.dirichlet(np.ones(instruments + 1))[:-1]
    shorts = not plain and draw.rand() < 0.5
    for bar in range(bars):
        if draw.rand() >= often:
            continue
        kind = draw.rand(instruments)
        share = draw.dirichlet(np.ones(instruments + 1))[:-1]
        if draw.rand() < 0.3:
            share = np.eye(instruments)[draw.randint(instruments)]
        signs = draw.choice([-1.0, 1.0], size=instruments) if shorts else np.ones(instruments)
        uses = draw.choice(["weights", "deploy", "mixed"])
        if uses != "deploy":
            weights[bar] = np.where(kind < 0.7, share * signs * leverage, NAN)
        if uses != "weights":
            free = np.isnan(weights[bar])
            sold = draw.choice([-1.0, -0.5, -0.1, 0.0], size=instruments)
            deploy[bar] = np.where(free, np.where(draw.rand(instruments) < 0.5, sold, share), NAN)
        if draw.rand() < 0.3:
            contribution_split[bar] = draw.dirichlet(np.ones(instruments + 1))[:-1]
    return {"weights": weights, "deploy": deploy, "contribution_split": contribution_split}


def richer(account: ob.Account, factor: float) -> ob.Account:
    """Return the account with every amount of money times `factor`."""
    costs = account.costs
    scaled = (
        replace(costs, fixed_fee=costs.fixed_fee * factor)
        if isinstance(costs, ob.Costs)
        else {ticker: replace(one, fixed_fee=one.fixed_fee * factor) for ticker, one in costs.items()}
    )
    return replace(account, cash=account.cash * factor, contribution=account.contribution * factor, costs=scaled)
