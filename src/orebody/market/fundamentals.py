"""Fundamentals and ratings of miners: what their tables must be, and what of them was known on each bar.

Fundamentals
    A row for each ``ticker`` and ``period_end``, with the day it was ``published``, ``aisc`` (all-in sustaining cost) in a ``unit`` such
    as USD/oz, ``net_debt_ebitda``, ``mines`` and ``countries``. It is known on days strictly after its publication, or, where that is
    empty, more than 120 days after the period's end. Of the rows of a ticker that are known, the one of the latest period is in force,
    and of those the latest published. An empty number is unknown.
Ratings
    A row for each ``date`` and ``ticker`` with how many analysts are ``bullish``, ``neutral`` and ``bearish``. The last one dated at or
    before a bar is in force.

Columns are matched by name without regard to case, in any order; others are ignored, and so are rows of tickers that are not in the
universe.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError, unknown_name
from orebody.market.point_in_time import day, ticks
from orebody.market.validation import price_column
from orebody.market.years import YEARS

__all__ = ["FUNDAMENTALS", "RATINGS", "fundamentals", "named_table", "ratings", "refuse_price_as_spot"]

FUNDAMENTALS = ("aisc", "net_debt_ebitda", "mines", "countries")
RATINGS = ("bullish", "neutral", "bearish")
PUBLISHED_AFTER = pd.Timedelta(days=120)
"""How long after its period's end a row without a day of publication is taken to be published."""

_DAY = pd.Timedelta(days=1)
_SAME, _NEARLY_ALL = 1e-9, 0.98


def fundamentals(table: pd.DataFrame | None, dates: pd.DatetimeIndex, tickers: tuple[str, ...]) -> tuple[dict[str, np.ndarray], str]:
    """Return the fundamentals known on each bar, ``(T, N)`` each, and the unit of the costs; nothing where no row is of these tickers.

    Parameters
    ----------
    table
        See above.
    dates, tickers
        Of the market, the metal first.

    Raises
    ------
    DataError
        For missing columns, dates that cannot be read, a row published before its period ended, a row of the metal, numbers that are
        none or are negative (net debt may be), two rows for the same ticker, period and publication, or costs in more than one unit.
    """
    rows = _rows(table, "fundamentals", ("ticker", "period_end", "published", "unit", *FUNDAMENTALS), tickers)
    if rows is None:
        return {}, ""
    ended, published = _days(rows, "period_end"), _days(rows, "published", may_be_empty=True)
    early = (published < ended).to_numpy()
    if early.any():
        at = int(early.argmax())
        raise DataError(
            f"{_row(rows, at)}: published on {published.iloc[at].date()}, before its period ended on {ended.iloc[at].date()}: "
            "mend the dates"
        )
    published = published.fillna(ended + PUBLISHED_AFTER)
    _refuse_twice(rows, ended, published, "period_end and published (an empty one means 120 days after the period's end)")
    values = {name: _numbers(rows, name, negative=name == "net_debt_ebitda", may_be_empty=True) for name in FUNDAMENTALS}
    unit = _unit(rows, values["aisc"])
    rank = np.empty(len(rows), dtype=np.int64)
    rank[np.lexsort((_ticks(published), _ticks(ended)))] = np.arange(len(rows))
    return _on_bars(rows, _ticks(published.dt.normalize() + _DAY), rank, values, dates, tickers), unit


def ratings(table: pd.DataFrame | None, dates: pd.DatetimeIndex, tickers: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the ratings in force on each bar, ``(T, N)`` each; nothing where no row is of these tickers.

    Raises
    ------
    DataError
        For missing columns, dates that cannot be read, a row of the metal, counts that are empty, no numbers, negative or all zero, or
        two rows for the same ticker and date.
    """
    rows = _rows(table, "ratings", ("date", "ticker", *RATINGS), tickers)
    if rows is None:
        return {}
    dated = _days(rows, "date")
    _refuse_twice(rows, dated, dated, "date")
    values = {name: _numbers(rows, name) for name in RATINGS}
    none = np.array(list(values.values())).sum(axis=0) == 0
    if none.any():
        raise DataError(f"{_row(rows, int(none.argmax()))}: bullish, neutral and bearish are all 0: drop rows that nobody rated")
    known = _ticks(dated)
    return _on_bars(rows, known, known, values, dates, tickers)


def named_table(tables: Mapping[str, np.ndarray], name: str, what: str, universe: str) -> np.ndarray:
    """Return one of a market's fundamentals or ratings by name, or say how to get them."""
    if not tables:
        raise DataError(
            f"the market {universe!r} has no {what} of its miners: give Market.from_frames({what}=table), put {what}.csv into the "
            "source folder, or take load_market('gold-producers', source='sample')"
        )
    if name not in tables:
        raise unknown_name({"fundamentals": "fundamental", "ratings": "rating"}[what], str(name), tables)
    return tables[name]


def refuse_price_as_spot(
    spot: float | pd.Series, dates: pd.DatetimeIndex, closes: np.ndarray, frames: Mapping[str, pd.DataFrame], tickers: tuple[str, ...]
) -> None:
    """Raise `DataError` when the gauge ``spot`` is an instrument's close, adjusted or not, on nearly all bars that it has a value on."""
    if not isinstance(spot, pd.Series):
        return
    values = spot.reindex(dates).to_numpy(dtype=float)
    for column, ticker in enumerate(tickers):
        raw = [frames[ticker][name] for name in frames[ticker].columns if price_column(name) == "close"]
        for prices in (closes[:, column], *(series.reindex(dates).to_numpy(dtype=float) for series in raw)):
            both = np.isfinite(values) & np.isfinite(prices)
            same = np.abs(values - prices)[both] <= _SAME * np.abs(prices[both])
            if len(same) > 1 and same.mean() >= _NEARLY_ALL:
                raise DataError(
                    f"gauge 'spot' is the price of {ticker} itself on {same.mean():.0%} of the bars: spot is the metal's price in the "
                    "unit of the costs (gold in USD/oz, say), never a fund's or a share's: give that series, or name this one otherwise"
                )


def _rows(table: pd.DataFrame | None, what: str, columns: tuple[str, ...], tickers: tuple[str, ...]) -> pd.DataFrame | None:
    """Return the rows of the universe's miners, with plain column names and a column ``at`` that says which row of the table each was."""
    if table is None:
        return None
    if not isinstance(table, pd.DataFrame):
        raise DataError(f"{what} are a {type(table).__name__}: give a DataFrame with the columns {', '.join(columns)}")
    names = [str(name).strip().lower() for name in table.columns]
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(
            f"{what} have no column {', '.join(missing)} among {', '.join(map(str, table.columns)) or 'none'}: "
            f"a row needs {', '.join(columns)}"
        )
    twice = [name for name in columns if names.count(name) > 1]
    if twice:
        raise DataError(f"{what} have two columns called {twice[0]!r}: which one is right cannot be told")
    rows = pd.DataFrame({name: table.iloc[:, names.index(name)].to_numpy() for name in columns})
    rows.attrs["what"] = what
    rows["at"] = np.arange(1, len(rows) + 1)
    rows = rows[rows[list(columns)].notna().any(axis=1)].copy()
    rows["ticker"] = [ticker.strip() if isinstance(ticker, str) else "" for ticker in rows["ticker"].tolist()]
    for wrong, why in (("", "has no ticker: name the miner"), (tickers[0], f"{tickers[0]} is the metal: {what} are those of miners")):
        of_it = (rows["ticker"] == wrong).to_numpy()
        if of_it.any():
            raise DataError(f"{what}, row {rows['at'].iloc[int(of_it.argmax())]}: {why}")
    rows = rows[rows["ticker"].isin(tickers)].reset_index(drop=True)
    return None if rows.empty else rows


def _row(rows: pd.DataFrame, at: int) -> str:
    return f"{rows.attrs['what']}, row {rows['at'].iloc[at]} ({rows['ticker'].iloc[at]})"


def _empty(cell: object) -> bool:
    return bool(pd.isna(cell)) or (isinstance(cell, str) and not cell.strip())


def _days(rows: pd.DataFrame, column: str, *, may_be_empty: bool = False) -> pd.Series:
    given = rows[column]
    plain = pd.api.types.is_datetime64_dtype(given)  # without a zone: what is below, at once
    if plain and (given.dt.year.between(*YEARS) | (may_be_empty & given.isna())).all():
        return given.astype("datetime64[ns]")
    read: list[pd.Timestamp] = []
    for at, cell in enumerate(rows[column]):
        if _empty(cell):
            if not may_be_empty:
                raise DataError(f"{_row(rows, at)}: {column} is empty: write the day as 2006-05-22")
            read.append(pd.NaT)
            continue
        try:
            when = day(cell.strip() if isinstance(cell, str) else cell, column)
        except ParameterError as error:
            raise DataError(f"{_row(rows, at)}: {error}") from None
        read.append(when)
    return pd.Series(pd.DatetimeIndex(read).as_unit("ns"), index=rows.index)


def _numbers(rows: pd.DataFrame, column: str, *, negative: bool = False, may_be_empty: bool = False) -> np.ndarray:
    cells = rows[column]
    empty = cells.isna().to_numpy() if pd.api.types.is_numeric_dtype(cells) else np.array([_empty(cell) for cell in cells])
    values: np.ndarray = pd.to_numeric(cells.where(~empty), errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(values) & ~(empty & may_be_empty)
    if bad.any():
        at = int(bad.argmax())
        came = "empty" if empty[at] else f"{cells.iloc[at]!r}"
        raise DataError(f"{_row(rows, at)}: {column} is {came}, not a number")
    if not negative and (values < 0).any():
        at = int((values < 0).argmax())
        raise DataError(f"{_row(rows, at)}: {column} is {values[at]:g}: it cannot be negative")
    return values


def _unit(rows: pd.DataFrame, costs: np.ndarray) -> str:
    units = ["" if _empty(unit) else str(unit).strip() for unit in rows["unit"]]
    for at in np.flatnonzero(np.isfinite(costs)):
        if not units[at]:
            raise DataError(f"{_row(rows, int(at))}: aisc is {costs[at]:g} without a unit: say in what, such as USD/oz")
    used = sorted({units[at] for at in np.flatnonzero(np.isfinite(costs))})
    if len(used) > 1:
        raise DataError(f"fundamentals: the costs are in {' and in '.join(used)}: costs of one market must be in one unit, so convert them")
    return used[0] if used else ""


def _refuse_twice(rows: pd.DataFrame, one: pd.Series, two: pd.Series, what: str) -> None:
    twice = pd.DataFrame({"ticker": rows["ticker"], "one": one, "two": two}).duplicated().to_numpy()
    if twice.any():
        raise DataError(f"{_row(rows, int(twice.argmax()))} repeats an earlier row's {what}: which one is right cannot be told")


def _ticks(when: pd.Series) -> np.ndarray:
    return ticks(pd.DatetimeIndex(when))


def _on_bars(
    rows: pd.DataFrame,
    known: np.ndarray,
    rank: np.ndarray,
    values: dict[str, np.ndarray],
    dates: pd.DatetimeIndex,
    tickers: tuple[str, ...],
) -> dict[str, np.ndarray]:
    """Return for each bar and ticker the values of the row of highest rank among those known by then, read-only."""
    tables = {name: np.full((len(dates), len(tickers)), np.nan) for name in values}
    for column, ticker in enumerate(tickers):
        mine = np.flatnonzero(rows["ticker"] == ticker)
        if not len(mine):
            continue
        mine = mine[np.argsort(known[mine], kind="stable")]
        best = np.maximum.accumulate(rank[mine])
        in_force = mine[np.argsort(rank[mine])][np.searchsorted(np.sort(rank[mine]), best)]
        at = known[mine].searchsorted(ticks(dates), side="right") - 1
        for name, table in tables.items():
            table[:, column] = np.where(at >= 0, values[name][in_force[np.maximum(at, 0)]], np.nan)
    for table in tables.values():
        table.flags.writeable = False
    return tables
