"""Decisions: what a strategy intends for every bar and instrument, and the checked form that engines carry out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from orebody.errors import DecisionError, unknown_name
from orebody.market.market import Market
from orebody.strategy.decision_checks import WHOLE, check_decisions, table

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Decisions", "Plan"]

_SLACK = 1e-12
_NOTHING: dict[int, np.ndarray] = {}  # tables without rows, by their width
Table: TypeAlias = np.ndarray | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Plan:
    """Decisions checked against a market: only the bars that say anything, as arrays.

    Attributes
    ----------
    rows : numpy.ndarray
        Shape ``(K,)``, int: the bars, ascending.
    weights, deploy, contribution_split : numpy.ndarray
        Shape ``(K, N)``, NaN where nothing is said.
    band : float
    bands : numpy.ndarray or None
        Shape ``(K,)``: where it is given, the band in force from each row on, in place of `band`.
    """

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    band: float
    bands: np.ndarray | None = None

    def before(self, bars: int) -> Plan:
        """Return what is decided on the first `bars` bars."""
        count = int(self.rows.searchsorted(bars))
        bands = None if self.bands is None else self.bands[:count]
        return Plan(self.rows[:count], self.weights[:count], self.deploy[:count], self.contribution_split[:count], self.band, bands)

    def opening_at(self, bar: int) -> Plan:
        """Return the plan of an account that opens on `bar`.

        Weights and the standing split stated before are carried to that bar, the newest for each instrument; deploy shares, which
        happen once, are not.
        """
        if not bar:
            return self
        _, *said = check_decisions(
            self.rows, self.weights, self.deploy, self.contribution_split, np.iinfo(np.int64).max, bar, math.inf, True
        )
        bands = None if self.bands is None else self.bands[self.rows.searchsorted(said[0], side="right") - 1]
        return Plan(said[0], said[1], said[2], said[3], self.band, bands)


@dataclass(frozen=True, eq=False)
class Decisions:
    """Intentions for every bar (row) and instrument (column, in the order of ``market.tickers``).

    Parameters
    ----------
    weights
        Target share of equity; NaN leaves the instrument alone.
    deploy
        Share of the cash then free to spend, costs included, or, where negative, share of the holding to sell; NaN or 0 is nothing.
    contribution_split
        Standing split of each arriving contribution; NaN leaves the standing share unchanged. Shares not given stay cash.
    band
        A weight trades only when the actual weight is further than this from its target; then it trades to the target.
    rows
        Leave out for dense ``(T, N)`` tables. Otherwise the ascending bar numbers that the ``(K, N)`` tables speak of.

    Tables are float arrays, or frames labelled by dates and tickers (which may then name only some of each).
    """

    weights: Table | None = None
    deploy: Table | None = None
    contribution_split: Table | None = None
    band: float = 0.0
    rows: np.ndarray | None = None

    @classmethod
    def empty(cls, market: Market) -> Self:
        """Return dense tables of NaN, which decide nothing, to be filled in place."""
        shape = market.close.shape
        return cls(weights=np.full(shape, np.nan), deploy=np.full(shape, np.nan), contribution_split=np.full(shape, np.nan))

    def on(self, market: Market) -> Plan:
        """Return these decisions checked against `market`.

        Raises
        ------
        DecisionError
            For tables of another shape, unknown labels, infinite values, shares out of range, a weight and a deploy share for one
            instrument on one bar, or a standing split above 1. The message names the date and the ticker.
        """
        plain = self.plain(market)
        if plain is not None:
            well, *said = check_decisions(*plain, len(market), 0, math.inf, True)
            if well:
                return Plan(said[0], said[1], said[2], said[3], float(self.band))
        return self._explained(market)

    def plain(self, market: Market) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        """Return rows, weights, deploy and contribution_split, unchecked, for `check_decisions`.

        None where they are not plain arrays of the right shape.

        A table that says nothing has no rows.
        """
        rows, band = np.arange(len(market)) if self.rows is None else self.rows, self.band
        if rows.__class__ is not np.ndarray or rows.ndim != 1 or rows.dtype != WHOLE:
            return None
        if (band.__class__ is not float and (band.__class__ is bool or not isinstance(band, int | float))) or not 0 <= band <= 1:
            return None
        width = len(market.tickers)
        shape, empty = (len(rows), width), _NOTHING.get(width)
        if empty is None:
            empty = _NOTHING[width] = np.empty((0, width))
        weights, deploy, contribution_split = self.weights, self.deploy, self.contribution_split
        for one in (weights, deploy, contribution_split):
            if one is not None and (one.__class__ is not np.ndarray or one.shape != shape or one.dtype.kind != "f"):
                return None
        return (
            table(rows, WHOLE),
            empty if weights is None else table(weights),
            empty if deploy is None else table(deploy),
            empty if contribution_split is None else table(contribution_split),
        )

    def _explained(self, market: Market) -> Plan:
        """Return the plan the slow way, or raise what is wrong with it."""
        if isinstance(self.band, bool) or not isinstance(self.band, int | float | np.integer | np.floating) or not 0 <= self.band <= 1:
            raise DecisionError(f"the band is {self.band!r}: it must be a share from 0 to 1")
        rows = self._checked_rows(market)
        weights, deploy, contribution_split = (
            _array(getattr(self, name), name, market, rows) for name in ("weights", "deploy", "contribution_split")
        )
        deploy[deploy == 0.0] = np.nan
        weights[np.abs(weights) < _SLACK] = 0.0
        says = ~(np.isnan(weights) & np.isnan(deploy) & np.isnan(contribution_split)).all(axis=1)
        plan = Plan(rows[says], weights[says], deploy[says], contribution_split[says], float(self.band))
        _check_ranges(plan, market)
        return plan

    def _checked_rows(self, market: Market) -> np.ndarray:
        if self.rows is None:
            return np.arange(len(market))
        if np.ma.is_masked(self.rows):
            raise DecisionError("rows are masked in part: give the bars that are meant, such as rows.compressed()")
        rows = np.asarray(self.rows)
        if not np.issubdtype(rows.dtype, np.integer):
            if rows.size:
                raise DecisionError(
                    f"rows are of the type {rows.dtype}: they must be whole bar numbers, "
                    "such as np.flatnonzero(mask) or market.dates.get_indexer(days)"
                )
            rows = rows.astype(np.int64)
        if rows.ndim != 1 or (len(rows) and (rows[0] < 0 or rows[-1] >= len(market) or (rows[1:] <= rows[:-1]).any())):
            raise DecisionError(f"rows must be ascending bar numbers from 0 to {len(market) - 1}")
        return rows.astype(np.int64)  # one type, so that nothing is compiled for another


def _array(table: Table | None, name: str, market: Market, rows: np.ndarray) -> np.ndarray:
    shape = (len(rows), len(market.tickers))
    if table is None:
        return np.full(shape, np.nan)
    if isinstance(table, pd.DataFrame):
        table = _from_frame(table, name, market, rows)
    try:
        values = np.ma.array(table) if np.ma.is_masked(table) else np.array(table)
        if values.dtype == object:
            values = values.astype(float)
        if values.dtype.kind not in "fiub":
            raise TypeError
        values = np.ma.filled(values.astype(float), np.nan)  # what is masked is not said
    except (TypeError, ValueError):
        raise DecisionError(f"{name} must be a table of numbers, of the shape {shape}") from None
    if values.shape != shape:
        raise DecisionError(
            f"{name} has the shape {values.shape}: it must be {shape}, a row a bar and a column for each of {', '.join(market.tickers)}"
        )
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise DecisionError(f"{name} is infinite on {_day(market, rows[row])} for {market.tickers[column]}")
    return values


def _from_frame(frame: pd.DataFrame, name: str, market: Market, rows: np.ndarray) -> np.ndarray:
    """Return a labelled table's values on the market's rows and columns; rows dated after the market's last bar are not there yet."""
    for ticker in frame.columns:
        if ticker not in market.tickers:
            raise DecisionError(str(unknown_name(f"column of {name}", str(ticker), market.tickers)))
    if frame.columns.has_duplicates:
        raise DecisionError(f"{name} has two columns of one ticker")
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.index.tz is not None:
        raise DecisionError(f"the rows of {name} are labelled by {frame.index.dtype}, not by dates without a time zone")
    known = market.dates[rows]
    if len(market):
        frame = frame[frame.index <= market.dates[-1]]
    strange = frame.index.difference(known)
    if len(strange) or frame.index.has_duplicates:
        raise DecisionError(
            f"the rows of {name} must be dates of the market, each once; {strange[0] if len(strange) else 'one is repeated'} is not"
        )
    try:
        values: np.ndarray = frame.reindex(index=known, columns=list(market.tickers)).to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise DecisionError(f"{name} holds something that is not a number") from None
    return values


def _check_ranges(plan: Plan, market: Market) -> None:
    weights, deploy, contribution_split = plan.weights, plan.deploy, plan.contribution_split

    def refuse(bad: np.ndarray, message: str) -> None:
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise DecisionError(message.format(day=_day(market, plan.rows[row]), ticker=market.tickers[column]))

    refuse(~np.isnan(weights) & ~np.isnan(deploy), "both a weight and a deploy share for {ticker} on {day}: give one of them")
    refuse(np.abs(deploy) > 1 + _SLACK, "a deploy share of more than 1 for {ticker} on {day}: shares lie between -1 and 1")
    refuse((contribution_split < 0) | (contribution_split > 1 + _SLACK), "a contribution_split share outside 0..1 for {ticker} on {day}")
    spent = np.where(deploy > 0, deploy, 0.0).sum(axis=1, keepdims=True)
    refuse(spent > 1 + _SLACK, "deploy shares that sum to more than 1 on {day}: no more than the free cash can be spent")
    standing = np.nan_to_num(pd.DataFrame(contribution_split).ffill().to_numpy(), nan=0.0)
    refuse(standing.sum(axis=1, keepdims=True) > 1 + _SLACK, "a standing contribution_split that sums to more than 1 on {day}")


def _day(market: Market, row: int) -> str:
    return str(market.dates[row].date())
