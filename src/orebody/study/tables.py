"""Tables of a study besides strategies and research: prices, period, account and output."""

from __future__ import annotations

from dataclasses import dataclass

from orebody.account import Account, Costs
from orebody.market.bar_spacing import FREQUENCIES
from orebody.strategy.base import parameter
from orebody.study.fields import Keys, of_fields

__all__ = ["ACCOUNT", "COPIED", "COSTS", "OUTPUT", "PERIOD", "PRICES", "Output", "Period", "Prices", "ReportCopy"]

Date = str  # as TOML has it or as a text


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Where prices come from; those that only Yahoo has are None elsewhere."""

    source: str = parameter("yahoo", "yahoo, sample (embedded and simulated), or a folder with one <TICKER>.csv each")
    fill: str = parameter("open", "fill at the next open, or at the next close", choices=("open", "close"))
    repair: str | None = parameter(None, "take out prices that are wrong instead of refusing them", choices=("drop", "mask"))
    frequency: str | None = parameter(None, "make longer bars of finer ones", choices=FREQUENCIES)
    currency: str | None = parameter(None, "of the market, such as USD; the universe's or the metal's own by default")
    rates: str | None = parameter(None, "exchange rates before those of the source: GBPUSD=X.csv, or a folder of such files")
    cash_rate: str | None = parameter(None, "series of the source that the cash rate is made of, such as IRX, DFF or BIL")
    cache: str | None = parameter(None, "with Yahoo: the folder of the cache")
    offline: bool = parameter(False, "with Yahoo: take what is cached and ask nobody")
    max_age: float | None = parameter(None, "with Yahoo: hours after which what is cached is asked for again; 12 by default", low=0.0)
    as_of: Date | None = parameter(None, "with Yahoo: what was cached at the end of that day, or at that moment")
    statements: bool = parameter(False, "with Yahoo: ask for statements too, which are not point in time")


@dataclass(frozen=True, kw_only=True)
class Period:
    """Which days."""

    start: Date | None = parameter(None, "first day of the prices")
    end: Date | None = parameter(None, "last day of the prices")
    account_start: Date | None = parameter(None, "open the accounts on this day; earlier prices only warm up")


@dataclass(frozen=True, kw_only=True)
class Output:
    """What is written, and where."""

    folder: str = parameter("report", "where the report goes; an earlier report there is replaced")
    tearsheets: bool = parameter(True, "write a tearsheet for each strategy")
    table: str | None = parameter(None, "also write the equity of each strategy by date, as .csv or .parquet")


@dataclass(frozen=True, kw_only=True)
class ReportCopy:
    """What the copy of a study in a report says at its end, so that it gives the same numbers from where it is."""

    folder: str = parameter(".", "to which the paths of the study are relative")
    source: str | None = parameter(None, "instead of the study's")
    offline: bool | None = parameter(None, "instead of the study's")
    as_of: Date | None = parameter(None, "when the prices were taken from Yahoo, or what was asked for instead")
    prices: str | None = parameter(None, "hash of the prices that the report was computed from")


PRICES: Keys = of_fields(Prices)
PERIOD: Keys = of_fields(Period)
OUTPUT: Keys = of_fields(Output)
COPIED: Keys = of_fields(ReportCopy)
COSTS: Keys = of_fields(Costs)
ACCOUNT: Keys = of_fields(Account, leave_out=("costs",), kinds={"cash_rate": "float"})
"""Without the costs, which are a table of their own, or one for each ticker."""
