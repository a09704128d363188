"""Regimes, point in time: the state of things at the close of each bar, told from that bar and earlier ones alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.errors import ParameterError
from orebody.indicators import rolling_mean, rolling_volatility
from orebody.market.market import Market
from orebody.strategy.role_series import role_prices

__all__ = ["regimes_of"]

MEAN, VOLATILITY = 200, 63  # bars
ENOUGH = 252  # bars of the past before "high" or "the upper third" means something
SPOT = "spot"  # the metal itself


def regimes_of(market: Market, given: Mapping[str, pd.Series] | None) -> dict[str, pd.Series]:
    """Return for each kind of regime the state at each bar, None where it cannot be told yet.

    By default: the metal above or below its 200-bar mean; its volatility over 63 bars above or below the median of its past; each gauge but
    ``spot`` in the low, middle or high third of its past. The past is all earlier bars, 252 at least.

    Parameters
    ----------
    market
        Whose bars.
    given
        States of one's own instead, Series on the market's dates by kind: known at the close of each bar; NaN or None is no state.

    Raises
    ------
    ParameterError
        For something else.
    """
    if given is not None:
        return {str(kind): _validate(str(kind), states, market) for kind, states in _mapping(given).items()}
    metal = role_prices(market, "metal")
    mean = rolling_mean(metal, MEAN)
    regimes = {f"metal and its {MEAN}-bar mean": _two(metal, mean, ("above", "below"), market)}
    restless = rolling_volatility(metal, VOLATILITY, market.periods_per_year)
    regimes[f"{VOLATILITY}-bar volatility of the metal"] = _two(restless, _past(restless, 0.5), ("high", "low"), market)
    for name, values in market.gauges.items():
        if name == SPOT:
            continue
        low, high = (_past(values, share) for share in (1 / 3, 2 / 3))
        states = np.select([~(np.isfinite(values) & np.isfinite(low)), values <= low, values >= high], ["", "low", "high"], "middle")
        regimes[f"gauge {name}"] = _states(states, market)
    return regimes


def _past(values: np.ndarray, share: float) -> np.ndarray:
    """Return that quantile of all values up to each bar."""
    quantile: np.ndarray = pd.Series(values).expanding(min_periods=ENOUGH).quantile(share).to_numpy()
    return quantile


def _two(values: np.ndarray, against: np.ndarray, names: tuple[str, str], market: Market) -> pd.Series:
    known = np.isfinite(values) & np.isfinite(against)
    return _states(np.select([~known, values > against], ["", names[0]], names[1]), market)


def _states(states: np.ndarray, market: Market) -> pd.Series:
    return pd.Series([state or None for state in states.tolist()], index=market.dates, dtype=object)


def _mapping(given: object) -> Mapping[object, object]:
    if not isinstance(given, Mapping):
        raise ParameterError(f"regimes is a {type(given).__name__}: give a mapping of names to Series of states on the market's dates")
    return given


def _validate(kind: str, states: object, market: Market) -> pd.Series:
    if not isinstance(states, pd.Series) or not _on(states.index, market.dates):
        raise ParameterError(
            f"the regime {kind!r} is not a Series on the market's {len(market)} dates: give a state for each bar, known at its close"
        )
    if states.nunique() > 20:
        raise ParameterError(f"the regime {kind!r} has {states.nunique()} states: 20 at most, so put its values into classes")
    return states.set_axis(market.dates).astype(object).where(states.notna().to_numpy(), None)


def _on(index: pd.Index, dates: pd.DatetimeIndex) -> bool:
    """Whether these are the dates, in whatever unit: pandas before 3 calls the same dates in other units unequal."""
    return isinstance(index, pd.DatetimeIndex) and bool(index.as_unit("ns").equals(dates.as_unit("ns")))
