"""What the charts draw: the arrays of every run, nothing thinned out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from orebody.metrics import drawdown_series
from orebody.metrics.relative import rolling_beta
from orebody.strategy.role_series import log_ratio

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.backtesting.result import Result
    from orebody.market.market import Market

__all__ = ["beta_window", "columns", "fills", "milliseconds", "of_runs", "ratio", "ratio_name"]

SHORTEST_WINDOW = 12


def beta_window(market: Market) -> int:
    """Return the bars in the window of the rolling beta: those of a year, at least twelve."""
    return max(SHORTEST_WINDOW, round(market.periods_per_year))


def columns(comparison: Comparison) -> dict[str, np.ndarray]:
    """Return the columns that the charts share, each of one value a bar from the opening on.

    ``date`` in milliseconds, ``ratio`` (see `ratio`), and for the run of rank i: ``e{i}`` equity in money, ``p{i}`` money put in so far,
    ``g{i}`` growth of 1 time-weighted, ``d{i}`` distance below the highest, ``b{i}`` rolling beta to the metal, ``m{i}`` and ``n{i}`` the
    share of equity in metal and in miners (NaN where there is no equity). Money is double precision, the others single: seven digits.
    """
    market = comparison.market
    window, metal = beta_window(market), comparison.results[comparison.benchmarks[0]].returns.to_numpy()[1:]
    found = {"date": milliseconds(comparison), "ratio": ratio(market)}
    for i, result in enumerate(comparison.results.values()):
        returns = result.returns
        beta = rolling_beta(returns.to_numpy()[1:], metal, window)
        found[f"e{i}"] = result.equity.to_numpy()
        found[f"p{i}"] = result.account.cash + np.cumsum(result.record.flows)
        singles = {
            "g": np.cumprod(1.0 + returns.to_numpy()),
            "d": drawdown_series(returns).to_numpy(),
            "b": np.concatenate(([np.nan], beta)),
            **dict(zip("mn", _shares(result), strict=True)),
        }
        found |= {f"{name}{i}": values.astype(np.float32) for name, values in singles.items()}
    return found


def of_runs(comparison: Comparison, labels: Iterable[str]) -> dict[str, np.ndarray]:
    """Return ``date``, and ``e{i}`` and ``d{i}`` as in `columns`, of some runs, i their place among the labels."""
    found = {"date": milliseconds(comparison)}
    for i, label in enumerate(labels):
        result = comparison.results[label]
        found[f"e{i}"] = result.equity.to_numpy()
        found[f"d{i}"] = drawdown_series(result.returns).to_numpy().astype(np.float32)
    return found


def milliseconds(comparison: Comparison) -> np.ndarray:
    """Return the dates of the bars in milliseconds since 1970, shape ``(T,)``."""
    dates = comparison.market.dates[comparison.market.opening :]
    stamps: np.ndarray = dates.to_numpy().astype("datetime64[ms]").astype(np.int64).astype(float)
    return stamps


def _shares(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of equity in metal and in miners at each close; shorts are negative."""
    equity, values = result.equity.to_numpy(), result.values.to_numpy()
    metal, miners = (
        np.divide(money, equity, out=np.full(len(equity), np.nan), where=equity > 0) for money in (values[:, 0], values[:, 1:].sum(axis=1))
    )
    return metal, miners


def ratio(market: Market) -> np.ndarray:
    """Return miners / metal at each close from the opening on, shape ``(T,)``: prices for one miner, else their basket from 1 on."""
    level = log_ratio(market)[market.opening :]
    known = level[~np.isnan(level)]
    if len(market.universe.miners) > 1 and len(known):
        level = level - known[0]
    return np.asarray(np.exp(level))


def ratio_name(market: Market) -> str:
    """Return what the ratio divides by what."""
    miners = market.universe.miners
    metal = market.universe.metal
    return f"{miners[0]} / {metal}" if len(miners) == 1 else f"basket of {len(miners)} miners / {metal}, from 1 on"


def fills(comparison: Comparison) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the fills of all runs that traded something, as columns, and the distinct reasons that they number.

    Columns ``run``, ``bar`` (from the opening on), ``ticker`` and ``reason`` are numbers of their lists; ``units`` (negative: sold) and
    ``price`` are single precision: the strategy's page has them whole.
    """
    done = [(run, fill) for run, result in enumerate(comparison.results.values()) for fill in result.record.fills if fill.units]
    reasons = sorted({fill.reason for _, fill in done})
    number = {reason: at for at, reason in enumerate(reasons)}
    return {
        "run": np.array([run for run, _ in done], dtype=np.uint16),
        "bar": np.array([fill.bar for _, fill in done], dtype=np.int32),
        "ticker": np.array([fill.instrument for _, fill in done], dtype=np.uint16),
        "units": np.array([fill.units for _, fill in done], dtype=np.float32),
        "price": np.array([fill.price for _, fill in done], dtype=np.float32),
        "reason": np.array([number[fill.reason] for _, fill in done], dtype=np.uint16),
    }, reasons
