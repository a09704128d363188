"""Realised gearing: what prices show, over the whole period, over rolling windows, with leads and lags, and by regime."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from orebody.indicators import rolling_beta
from orebody.metrics.relative import capture
from orebody.research.gearing.period_returns import PeriodReturns
from orebody.research.gearing.regression import FEWEST, regress

__all__ = ["LEADS", "by_regime", "cross_correlation", "rolling", "whole_period"]

LEADS = 5
"""Periods by which leads and lags go."""
ORDER = {"low": 1, "middle": 2, "high": 3, "above": 4, "below": 5}  # of states; others as they first came


def whole_period(returns: PeriodReturns) -> pd.DataFrame:
    """Return every figure of the whole period, a row a series of miners; the columns are described at `Gearing.table`."""
    return pd.DataFrame([_row(returns, column) for column in range(len(returns.names))], index=pd.Index(returns.names, name="series"))


def _row(returns: PeriodReturns, column: int) -> dict[str, Any]:
    mine, metal = returns.miners[:, column], returns.metal
    fit = regress(mine, metal)
    up, down = (regress(mine, metal, side) for side in (metal > 0, metal < 0))
    both = np.isfinite(mine) & np.isfinite(metal)
    simple, its = returns.simple(mine[both]), returns.simple(metal[both])
    up_capture, down_capture = (capture(simple, its, up=rose) if fit.count >= FEWEST else math.nan for rose in (True, False))
    alpha, alpha_se = _alpha(returns, column)
    dimson, dimson_se = _dimson(mine, metal, returns.metal_before)
    return {
        "beta": fit.coefficients[1],
        "se": fit.se[1],
        "se_iid": fit.iid[1],
        "r2": fit.r2,
        "correlation": math.copysign(math.sqrt(max(fit.r2, 0.0)), fit.coefficients[1]),
        "alpha": alpha * returns.per_year,
        "alpha_se": alpha_se * returns.per_year,
        "up_beta": up.coefficients[1],
        "up_se": up.se[1],
        "down_beta": down.coefficients[1],
        "down_se": down.se[1],
        "up_capture": up_capture,
        "down_capture": down_capture,
        "dimson_beta": dimson,
        "dimson_se": dimson_se,
        "returns": fit.count,
        "lags": fit.lags,
    }


def _alpha(returns: PeriodReturns, column: int) -> tuple[float, float]:
    """Return the mean return over cash beyond beta times the metal's over cash, and its error.

    The intercept of Jensen (1968): both sides are returns over cash, period by period, so that it
    is exact for any path of the cash rate. Of simple returns, whatever the kind: from logarithms
    the miners' own variance would come off it.
    """
    cash = returns.simple(returns.cash)
    mine, metal = returns.simple(returns.miners[:, column]) - cash, returns.simple(returns.metal) - cash
    return regress(mine, metal).combined(np.array([1.0, 0.0]))


def _dimson(mine: np.ndarray, metal: np.ndarray, before: float) -> tuple[float, float]:
    """Return the sum of the slopes on the metal's returns of the period, the one before and the one after; Dimson (1979).

    `before` is the metal's return of the period before the first, where its prices reach back so far: then no period but the last
    is without a neighbour.
    """
    lagged = _shift(metal, 1)
    lagged[:1] = before
    fit = regress(mine, np.column_stack((_shift(metal, -1), metal, lagged)))
    return fit.combined(np.array([0.0, 1.0, 1.0, 1.0]))


def _shift(values: np.ndarray, lag: int) -> np.ndarray:
    """Return the values `lag` periods earlier, NaN where there are none."""
    out = np.full(len(values), np.nan)
    if abs(lag) < len(values):
        out[max(0, lag) : len(values) + min(0, lag)] = values[max(0, -lag) : len(values) - max(0, lag)]
    return out


def rolling(returns: PeriodReturns, window: int) -> pd.DataFrame:
    """Return the rolling beta, up-beta and down-beta of each series, columns (series, side), by the last `window` returns there are."""
    columns: dict[tuple[str, str], np.ndarray] = {}
    for column, name in enumerate(returns.names):
        mine = returns.miners[:, column]
        both = np.flatnonzero(np.isfinite(mine) & np.isfinite(returns.metal))
        # the indicator takes prices: such that their log returns are these returns
        prices, metal = (np.exp(np.concatenate(([0.0], np.cumsum(values[both])))) for values in (mine, returns.metal))
        for side in (None, "up", "down"):
            beta = np.full(len(mine), np.nan)
            beta[both] = rolling_beta(prices, metal, window, side)[1:]
            columns[name, side or "all"] = beta
    return pd.DataFrame(columns, index=returns.dates)


def cross_correlation(returns: PeriodReturns) -> pd.DataFrame:
    """Return cross-correlations, a row a lead from -5 to 5, and `bound`.

    At lead k: of the miners' return with the metal's k periods before. `bound` is 1.96 / sqrt(n): beyond it a correlation is not chance
    (95 %), if the two are independent and at least one is white noise; Bartlett (1946).
    """
    leads = range(-LEADS, LEADS + 1)
    columns: dict[str, list[float]] = {name: [] for name in returns.names}
    fewest = len(returns.metal)
    for column, name in enumerate(returns.names):
        mine = returns.miners[:, column]
        both = np.isfinite(mine) & np.isfinite(returns.metal)
        fewest = min(fewest, int(both.sum())) if both.sum() >= FEWEST else fewest
        for lead in leads:
            columns[name].append(_correlation(mine, _shift(returns.metal, lead)) if both.sum() >= FEWEST else math.nan)
    table = pd.DataFrame(columns, index=pd.Index(leads, name="metal_leads_by"))
    return table.assign(bound=1.96 / math.sqrt(fewest))


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    both = np.isfinite(one) & np.isfinite(two)
    one, two = one[both] - one[both].mean(), two[both] - two[both].mean()
    scale = math.sqrt(float(one @ one) * float(two @ two))
    return float(one @ two) / scale if scale > 0 else math.nan


def by_regime(returns: PeriodReturns, regimes: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return beta by regime, a row for each kind of regime, state and series.

    Parameters
    ----------
    returns
        The returns.
    regimes
        For each kind the state known at each bar of the market, None where there is none; a period counts for the state at the close
        before it.
    """
    rows = []
    for kind, states in regimes.items():
        held = states.to_numpy(dtype=object)[returns.before]
        for state in sorted(states.dropna().unique(), key=lambda one: ORDER.get(one, 0)):
            used = held == state
            for column, name in enumerate(returns.names):
                fit = regress(returns.miners[:, column], returns.metal, used)
                figures = {"beta": fit.coefficients[1], "se": fit.se[1], "r2": fit.r2, "returns": fit.count}
                rows.append({"regime": kind, "state": state, "series": name, **figures})
    columns = ["regime", "state", "series", "beta", "se", "r2", "returns"]
    return pd.DataFrame(rows, columns=columns)
