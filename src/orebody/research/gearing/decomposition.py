"""What a strategy's return was made of: the metal, the gearing of the miners, the miners themselves, timing, cash and costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.benchmark import hold_both
from orebody.backtesting.comparison import Comparison
from orebody.backtesting.result import Result
from orebody.errors import EngineError, ParameterError
from orebody.export import save
from orebody.market.market import Market
from orebody.metrics.beating import beating
from orebody.metrics.performance import years_between
from orebody.metrics.relative import beta
from orebody.presentation import Presentable, Section

__all__ = ["PARTS", "Decomposition", "decompose"]

PARTS = ("metal", "gearing", "miners", "timing_metal", "timing_miners", "cash", "costs")
EXACT = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition(Presentable):
    """Returns taken apart. Made by `decompose`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row a strategy, in shares of the money there at the beginning, adding up to ``total``, the time-weighted return:

        - ``metal``: the average share in metal and miners, times the metal's return: what being invested brought
        - ``gearing``: the average share in miners times (beta - 1), times the metal's return: leverage, not skill
        - ``miners``: the average share in each miner times its return beyond beta times the metal's: costs, reserves, management
        - ``timing_metal``, ``timing_miners``: the same three, but for how far the shares (beta-weighted for the metal) were from their
          averages: what moving in and out, and whatever drifted, brought
        - ``cash``: interest less financing; ``costs``: commission, slippage and borrow
    annual : pandas.DataFrame
        The same by a year, logarithmic, adding up to ``total``, the logarithm of growth a year; NaN for a ruined account.
    bars : dict of str to pandas.DataFrame
        By strategy and date the parts of each bar's return, adding up to ``total``, its return.
    shares : pandas.DataFrame
        A row a strategy: average shares of ``metal`` and ``miners``, and ``beta``, their average exposure to the metal's moves.
    betas : pandas.Series
        Of each miner to the metal.
    results : dict of str to Result
    source : Result or Comparison
        What was taken apart.
    """

    table: pd.DataFrame
    annual: pd.DataFrame
    bars: dict[str, pd.DataFrame]
    shares: pd.DataFrame
    betas: pd.Series
    results: dict[str, Result]
    source: Result | Comparison

    def __repr__(self) -> str:
        head = "SIMULATED\n" if self._any.market.simulated else ""
        text: str = (self.table.round(3) + 0.0).rename_axis(None).to_string(float_format="{:.1%}".format)
        return head + text

    @property
    def _any(self) -> Result:
        return next(iter(self.results.values()))

    def cumulated(self, label: str) -> pd.DataFrame:
        """Return by date what each part of a strategy had brought by then, adding up to its return by then."""
        bars = self.bars[label]
        before = (1.0 + bars["total"]).cumprod().shift(fill_value=1.0)
        return bars.mul(before, axis=0).cumsum()

    @property
    def beating(self) -> str:
        """How many strategies beat holding the metal, and the miners, by Sharpe and by final equity, in words."""
        if isinstance(self.source, Comparison):
            return self.source.beating
        result = self.source
        held = hold_both(result.market, result.account, result.opening)
        rows = pd.DataFrame([one.metrics().to_series() for one in (result, *held.values())], index=[0, *held])
        return beating(rows.iloc[:1], rows.iloc[1:], result.market.universe.metal, "strategy")

    @property
    def sentences(self) -> list[str]:
        """What each strategy's return was made of, in sentences."""
        return [*(_describe(str(label), row) for label, row in self.table.iterrows()), f"{self.beating}."]

    def to_frame(self) -> pd.DataFrame:
        """Return `table`."""
        return self.table

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write `table` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.table, path, self._any.market, overwrite=overwrite)

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.gearing.decomposition_section import section

        return section(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self._any.market, self._any.account


def decompose(what: Result | Comparison) -> Decomposition:
    """Take the return of a run, or of each run of a comparison, apart.

    Holdings are those that the books had, bar by bar, in two steps: from the last close to the open, and from the open's fills to the
    close. In each step the return is the sum of shares times returns, and splits exactly. Each miner's beta is that of its simple returns,
    over the bars of the account: the split is made in hindsight, and says what happened.

    Bars are linked by what they earned on the money there by then, as shares of the money there at the beginning: part(t) x growth up to
    t - 1. So the parts add up to the return on every date, ruin included; Bacon, "Practical Portfolio Performance Measurement and
    Attribution" (2008), on linking. `annual` weighs each bar by log(1 + r) / r instead; Carino (1999), "Combining attribution effects
    over time".

    Parameters
    ----------
    what
        A `Result` or a `Comparison`.

    Raises
    ------
    ParameterError
        For anything else, or an account of a single bar.
    """
    if isinstance(what, Result):
        results = {what.label: what}
    elif isinstance(what, Comparison):
        results = dict(what.results)
    else:
        raise ParameterError(
            f"decompose takes a Result or a Comparison, not a {type(what).__name__}: give orebody.backtest(...) or compare(...)"
        )
    some = next(iter(results.values()))
    if len(some.dates) < 3:
        raise ParameterError(f"the account has {len(some.dates)} bars: at least 3 are needed to tell gearing from the rest")
    betas = _betas(some)
    totals, annual, bars, shares = {}, {}, {}, {}
    for label, result in results.items():
        steps, growth, share = _steps(result, betas.to_numpy())
        bars[label], totals[label], annual[label] = _link(result, steps, growth)
        shares[label] = share
    columns = [*PARTS, "total"]
    return Decomposition(
        table=pd.DataFrame.from_dict(totals, orient="index", columns=columns).rename_axis("strategy"),
        annual=pd.DataFrame.from_dict(annual, orient="index", columns=columns).rename_axis("strategy"),
        bars=bars,
        shares=pd.DataFrame.from_dict(shares, orient="index").rename_axis("strategy"),
        betas=betas,
        results=results,
        source=what,
    )


def _describe(label: str, row: pd.Series) -> str:
    skill = row["miners"] + row["timing_metal"] + row["timing_miners"]
    parts = (row["total"], row["metal"], row["gearing"], skill, row["cash"] + row["costs"])
    total, metal, geared, own, rest = (f"{round(part, 3) + 0.0:+.1%}" for part in parts)  # no minus before a zero
    return (
        f"{label}: {total} in all, of which the metal {metal}, gearing {geared}; what neither explains, the miners' own returns and "
        f"timing, {own}; cash and costs {rest}."
    )


def _betas(result: Result) -> pd.Series:
    """Return each miner's beta from closes where both have bars one after the other; 1 where it has too few to tell."""
    closes, market = result.closes, result.market
    there = market.tradable[market.opening :]
    betas = {}
    for column, ticker in enumerate(market.tickers[1:], start=1):
        pair = [0, column]
        both = (there[1:] & there[:-1])[:, pair].all(axis=1)
        moves = closes[1:, pair][both] / closes[:-1, pair][both] - 1.0
        found = beta(moves[:, 1], moves[:, 0])
        betas[ticker] = found if np.isfinite(found) and len(moves) > 2 else 1.0
    return pd.Series(betas, name="beta")


def _steps(result: Result, betas: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Return the parts of both steps of each bar, ``(T, 2, parts)``, the growth up to each step, ``(T, 2)``, and average shares."""
    record, opens, closes = result.record, result.opens, result.closes
    bars, width = record.units.shape
    held = record.units.copy()
    for fill in record.fills:
        if fill.reason == "ruined" and fill.price == closes[fill.bar, fill.instrument]:  # held until the close
            held[fill.bar, fill.instrument] -= fill.units
    last = np.vstack((closes[:1], closes[:-1]))
    before = np.vstack((np.zeros((1, width)), record.units[:-1]))
    equity = result.equity.to_numpy()
    base = np.concatenate(([result.account.cash], equity[:-1] + record.flows[1:]))
    charges = np.stack((record.borrow.sum(axis=1), record.commission + record.slippage), axis=1)
    parts = np.zeros((bars, 2, len(PARTS)))
    values = np.stack((before * last, held * opens), axis=1)
    moves = np.stack((_moves(opens, last), _moves(closes, opens)), axis=1)
    at_open = base + (values[:, 0] * moves[:, 0]).sum(axis=1) + record.interest - charges[:, 0]
    money = np.stack((base, at_open), axis=1)
    alive = money > 0
    shares = np.divide(values, money[:, :, None], out=np.zeros_like(values), where=alive[:, :, None])
    counts = alive.copy()
    counts[:1] = False
    counts[1:2, 0] = False  # nothing can be held before the second open
    mean = shares[counts].mean(axis=0) if counts.any() else np.zeros(width)
    metal, beyond = moves[:, :, 0], moves[:, :, 1:] - betas * moves[:, :, :1]
    exposure = np.concatenate(([1.0], betas))
    parts[:, :, 0] = mean.sum() * metal
    parts[:, :, 1] = (mean @ (exposure - 1.0)) * metal
    parts[:, :, 2] = beyond @ mean[1:]
    parts[:, :, 3] = ((shares - mean) @ exposure) * metal
    parts[:, :, 4] = ((shares - mean)[:, :, 1:] * beyond).sum(axis=2)
    parts[~counts] = 0.0
    parts[:, 0, 5] = np.divide(record.interest, base, out=np.zeros(bars), where=base > 0)
    parts[:, :, 6] = -np.divide(charges, money, out=np.zeros_like(money), where=alive)
    growth = np.cumprod(1.0 + parts.sum(axis=2).ravel())
    average = {"metal": float(mean[0]), "miners": float(mean[1:].sum()), "beta": float(mean @ exposure)}
    return parts, np.concatenate(([1.0], growth[:-1])).reshape(bars, 2), average


def _moves(now: np.ndarray, then: np.ndarray) -> np.ndarray:
    moves: np.ndarray = np.divide(now, then, out=np.ones_like(now), where=then > 0) - 1.0
    return moves


def _link(result: Result, steps: np.ndarray, growth: np.ndarray) -> tuple[pd.DataFrame, list[float], list[float]]:
    """Return the parts by bar, in total, and by a year."""
    inside = steps.sum(axis=2)
    of_bar = steps[:, 0] + steps[:, 1] * (1.0 + inside[:, :1])
    table = pd.DataFrame(of_bar, index=result.dates, columns=list(PARTS)).assign(total=of_bar.sum(axis=1))
    equity = result.equity.to_numpy()
    base = np.concatenate(([result.account.cash], equity[:-1] + result.record.flows[1:]))
    off = np.abs((table["total"] - result.returns).to_numpy() * base)  # in money: a share of an account that is all but gone has few digits
    if not (off <= EXACT * max(np.abs(equity).max(), result.account.cash)).all():
        raise EngineError(f"the parts of {result.label} do not add up to its returns: they are {off.max():g} off on one bar")
    linked = (steps * growth[:, :, None]).sum(axis=(0, 1))
    total = [*map(float, linked), float(linked.sum())]
    years = years_between(result.dates[0], result.dates[-1])
    if result.ruined is not None or years <= 0 or (inside <= -1.0).any():
        return table, total, [float("nan")] * len(total)
    weights = np.divide(np.log1p(inside), inside, out=np.ones_like(inside), where=np.abs(inside) > 1e-12)
    logarithmic: Any = (steps * weights[:, :, None]).sum(axis=(0, 1)) / years
    return table, total, [*map(float, logarithmic), float(logarithmic.sum())]
