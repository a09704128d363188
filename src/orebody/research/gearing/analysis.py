"""Gearing: by how much more miners move than their metal, as prices show it and as costs imply it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.backtesting.backtest import validate_market
from orebody.errors import DataError, ParameterError
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.presentation import Presentable, Section, write_page
from orebody.research.gearing.operating_leverage import operating_leverage
from orebody.research.gearing.period_returns import returns_of
from orebody.research.gearing.realised_beta import by_regime, cross_correlation, rolling, whole_period
from orebody.research.gearing.regimes import regimes_of
from orebody.research.gearing.regression import FEWEST

if TYPE_CHECKING:
    from orebody.research.gearing.decomposition import Decomposition

__all__ = ["Gearing", "gearing"]

WINDOWS = {"week": 52, "month": 36}


@dataclass(frozen=True, eq=False, repr=False)
class Gearing(Presentable):
    """Gearing of a market's miners. Made by `gearing`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row a series: ``miners``, all of them as one basket, where there are several, and each miner. ``beta``, the slope of the miners'
        returns on the metal's; ``se``, its standard error (Newey and West), and ``se_iid``, the classical one; ``r2``; ``correlation``;
        ``alpha``, a year, over the cash rate (Jensen; of simple returns), and ``alpha_se``; ``up_beta``, ``down_beta``, from the periods in
        which the metal rose, or fell, with ``up_se``, ``down_se``; ``up_capture``, ``down_capture`` (see
        `orebody.metrics.relative.capture`); ``dimson_beta``, the sum of the slopes on the metal's returns of the period, the one before
        and the one after, and ``dimson_se``; ``returns``, how many counted; ``lags``, autocorrelations allowed for.
    rolling : pandas.DataFrame
        By date, columns (series, ``"all"``, ``"up"`` or ``"down"``): the beta of the last `window` returns.
    lead_lag : pandas.DataFrame
        Correlation of each series with the metal's return ``metal_leads_by`` periods before, and ``bound``; see `cross_correlation`.
    regimes : pandas.DataFrame
        ``regime``, ``state``, ``series``, ``beta``, ``se``, ``r2``, ``returns``; the state is that at the close before each period.
    operating : pandas.DataFrame or None
        A row a miner. At the last bar that has both: ``spot``, ``aisc``, ``margin`` (of the spot price), ``elasticity``, P / (P - AISC),
        ``profit_change`` for a change of the spot price by `move`. Over the periods at whose beginning a cost was known: ``implied``, the
        elasticity then, averaged as a regression weighs the periods; ``realised``, the beta of the shares, its ``se``, and ``z``, their
        difference over it; ``slope``, that of the shares' returns on implied gearing times the metal's (1: the shares move as the costs
        say), and ``slope_se``; ``returns``. None without costs or spot price.
    quarters : pandas.DataFrame or None
        A row for each miner and quarter: the first five figures at its last bar; within it ``implied`` (plain mean), ``realised``, ``se``
        (classical) and ``returns``, NaN below 20 of them.
    market : Market
    frequency, returns : str
        Of what returns.
    window : int
        Returns in a rolling window.
    move : float
        Of the spot price, for ``profit_change``.
    notes : tuple of str
        What is left out, and why, a sentence each.
    """

    table: pd.DataFrame
    rolling: pd.DataFrame
    lead_lag: pd.DataFrame
    regimes: pd.DataFrame
    operating: pd.DataFrame | None
    quarters: pd.DataFrame | None
    market: Market
    frequency: str
    returns: str
    window: int
    move: float
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        names = ["beta", "se", "r2", "up_beta", "down_beta", "up_capture", "down_capture", "alpha", "dimson_beta"]
        head = caveats(self.market)
        text: str = self.table[names].rename_axis(None).to_string(float_format="{:.2f}".format)
        return head + text

    @property
    def sentences(self) -> list[str]:
        """What came out, in sentences, the most important first; what is left out, last."""
        from orebody.research.gearing.summary import summarise

        return summarise(self)

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.gearing.section import section

        return section(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.market, None

    def report(self, path: str | os.PathLike[str], apart: Decomposition | None = None, *, overwrite: bool = False) -> Path:
        """Write one page, an HTML file that needs nothing else, and return its path.

        Parameters
        ----------
        path, overwrite
            See `orebody.presentation.Presentable.report`.
        apart
            Returns taken apart, to stand below.
        """
        if apart is None:
            return super().report(path, overwrite=overwrite)
        return write_page(self.section().with_below(apart.section()), path, *apart._origin(), overwrite=overwrite)

    def to_frame(self) -> pd.DataFrame:
        """Return the rolling betas by date, columns ``beta_<series>``, ``up_beta_<series>`` and ``down_beta_<series>``."""
        names = {"all": "beta", "up": "up_beta", "down": "down_beta"}
        columns = {f"{names[side]}_{name}": self.rolling[name, side] for name, side in self.rolling.columns}
        return pd.DataFrame(columns, index=self.rolling.index).rename_axis(index="date")

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write `to_frame` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.to_frame(), path, self.market, overwrite=overwrite)


def gearing(
    market: Market,
    *,
    window: int | None = None,
    frequency: str = "day",
    returns: str = "log",
    regimes: Mapping[str, pd.Series] | None = None,
    move: float = 0.2,
) -> Gearing:
    """Measure by how much more the miners move than the metal, and what their costs say it should be.

    Parameters
    ----------
    market
        All its bars count, from the first on which the metal and a miner belong; when accounts open does not matter.
    window
        Returns in a rolling window; by default a year of them, or 36 months.
    frequency
        ``"day"``, each bar; ``"week"`` or ``"month"``, from the last bar of one to that of the next.
    returns
        ``"log"``, as everywhere in `orebody.indicators`, or ``"simple"``, as many publications have it. Capture is always of simple
        returns.
    regimes
        States of one's own by kind, Series on the market's dates; see `orebody.research.gearing.regimes`. An empty mapping: none.
    move
        The change of the spot price for which ``profit_change`` is told: 0.2 is a rise of 20 %.

    Raises
    ------
    ParameterError
        For a frequency, a kind of returns, a window, regimes or a move that cannot be.
    DataError
        When there are too few returns for any series.
    """
    if not _is_number(move) or not -1.0 < move <= 10.0 or move == 0:
        raise ParameterError(f"move is {move!r}: it must be a change of the price above -1 (all of it) and up to 10, such as 0.2 for 20 %")
    measured = returns_of(validate_market(market), frequency, returns)
    wanted = WINDOWS.get(frequency, round(market.periods_per_year)) if window is None else window
    window = _window(window, wanted, frequency, len(measured.metal))
    table = whole_period(measured)
    short = table.index[table["beta"].isna()]
    if len(short) == len(table):
        raise DataError(
            f"no series of miners has {FEWEST} returns by {frequency} beside a metal that moves ({measured.dates[0].date()}.."
            f"{measured.dates[-1].date()}): take more prices or a finer frequency"
        )
    costs = operating_leverage(market, measured, move)
    notes = [f"{name} has {table.loc[name, 'returns']} returns beside the metal's: at least {FEWEST} are needed" for name in short]
    notes += [
        f"{name} has {table.loc[name, 'returns']} returns: too few for a rolling window of {window}"
        for name in table.index
        if name not in short and table.loc[name, "returns"] < window
    ]
    if window < wanted:
        notes.append(f"the rolling window is {window} returns instead of {wanted}: there are no more")
    return Gearing(
        table=table,
        rolling=rolling(measured, window),
        lead_lag=cross_correlation(measured),
        regimes=by_regime(measured, regimes_of(market, regimes)),
        operating=costs.table,
        quarters=costs.quarters,
        market=market,
        frequency=frequency,
        returns=returns,
        window=window,
        move=float(move),
        notes=(*notes, *costs.notes),
    )


def _window(asked: int | None, wanted: int, frequency: str, has: int) -> int:
    if isinstance(wanted, bool) or not isinstance(wanted, int | np.integer) or wanted < 3:
        raise ParameterError(f"window is {wanted!r}: it must be a whole number of returns, 3 or more")
    if asked is not None and wanted > has:
        raise ParameterError(
            f"window is {wanted}, and the market has {has} returns by {frequency} since metal and miners both trade: "
            f"take {has} or less, or more prices"
        )
    return int(min(wanted, has))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool) and math.isfinite(value)
