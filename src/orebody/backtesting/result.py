"""Result: the raw facts of a run, on dates and tickers, from which every figure is derived."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.account import Account
from orebody.engine.inputs import EngineInputs, build_inputs
from orebody.engine.run_record import Record
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market

if TYPE_CHECKING:
    from orebody.metrics import Metrics

__all__ = ["Result"]

IDLE = 0.5
"""Share of the contributions that may stay in cash to the end unsaid: dry powder is meant, most of it never used is not."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """One strategy's run on one market with one account. Made by `orebody.backtest`.

    Attributes
    ----------
    label : str
        What tables and reports call it.
    description : str
        The strategy as it can be pasted back.
    market : Market
        With `market.opening` the bar on which the account opened; everything below begins there.
    account : Account
    record : Record
        The engine's arrays.
    engine : str
        Which engine kept the books.
    checked : str
        What was checked for look-ahead, in words.
    opening : str
        When the account opened, and why then, in a sentence.
    waits : int
        The bar of `market` up to which its money waited, because the strategy could not decide; no later than the opening where none did.
    """

    label: str
    description: str
    market: Market
    account: Account
    record: Record
    engine: str
    checked: str
    opening: str = ""
    waits: int = 0

    def __repr__(self) -> str:
        span = f"{self.dates[0].date()}..{self.dates[-1].date()}"
        doubts = caveats(self.market) if self.market.doubts else ""
        return f"{doubts}<Result {self.label}: {span}, final equity {self.equity.iloc[-1]:,.2f}>"

    def _repr_html_(self) -> str:
        from orebody.report.notebook.nouns import of_result

        return of_result(self)

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The bars from the opening of the account on."""
        return self.market.dates[self.market.opening :]

    @cached_property
    def inputs(self) -> EngineInputs:
        """The market and the account as the engine saw them."""
        return build_inputs(self.market, self.account)

    @property
    def opens(self) -> np.ndarray:
        """The prices at which holdings are valued at each open, shape ``(T, N)``."""
        return self.inputs.opens

    @property
    def closes(self) -> np.ndarray:
        """The prices at which holdings are valued at each close, shape ``(T, N)``: the last one where there is no bar."""
        return self.inputs.closes

    @property
    def ruined(self) -> pd.Timestamp | None:
        """The date on which equity was gone, or None."""
        return self.dates[self.record.ruined] if self.record.ruined >= 0 else None

    @property
    def margin_calls(self) -> pd.DatetimeIndex:
        """The dates on which positions were cut because equity had fallen below `Account.maintenance` times gross exposure."""
        bars = sorted({fill.bar for fill in self.record.fills if fill.reason == "margin call" and fill.units})
        return self.dates[np.array(bars, dtype=int)]

    @property
    def flags(self) -> tuple[str, ...]:
        """What has to be said beside the figures wherever they are: money that waited, ruin, margin calls, no trade at all,
        and contributions more than half of which lay in cash to the end.
        """
        calls, said = self.margin_calls, []
        if self.waits > self.market.opening:
            said.append(f"money waited: {self.dates[0].date()} to {self.market.dates[min(self.waits, len(self.market) - 1)].date()}")
        if self.ruined is not None:
            said.append(f"RUINED on {self.ruined.date()}")
        if len(calls):
            said.append(f"{len(calls)} margin calls from {calls[0].date()}" if len(calls) > 1 else f"margin call on {calls[0].date()}")
        if self.ruined is None and not any(fill.units for fill in self.record.fills):
            said.append("never traded")
        elif (put_in := float(self.record.flows.sum())) > 0:
            idle = self.record.idle_contributions(self.closes)
            if idle > IDLE * put_in:
                said.append(f"contributions idle: {idle:,.0f} of {put_in:,.0f}")
        return tuple(said)

    @cached_property
    def equity(self) -> pd.Series:
        """Cash plus holdings at each close, in money."""
        return self._series(self.record.check(self.account.cash, self.opens, self.closes), "equity")

    @cached_property
    def returns(self) -> pd.Series:
        """Time-weighted return of each bar, the bar's contribution counted as there before it; the first is 0.

        r(t) = (equity(t) - b) / b with b = equity(t-1) + flow(t); 0 while there is no money at all.
        """
        equity = self.equity.to_numpy()
        base = equity[:-1] + self.record.flows[1:]
        gained = np.divide(equity[1:] - base, base, out=np.zeros_like(base), where=base > 0)
        return self._series(np.concatenate(([0.0], gained)), "returns")

    @property
    def flows(self) -> pd.Series:
        """Contributions on the bars on which they arrived, in money; the initial cash is not among them."""
        return self._series(self.record.flows, "flows")

    @property
    def cash(self) -> pd.Series:
        """Cash after each bar's fills, in money."""
        return self._series(self.record.cash, "cash")

    @property
    def interest(self) -> pd.Series:
        """Interest earned on cash less financing paid on debt on each bar, in money."""
        return self._series(self.record.interest, "interest")

    @property
    def borrow(self) -> pd.DataFrame:
        """Money paid for shorts on each bar, by ticker."""
        return pd.DataFrame(self.record.borrow, index=self.dates, columns=list(self.market.tickers))

    @property
    def costs(self) -> pd.Series:
        """Commission and slippage on each bar, in money."""
        return self._series(self.record.commission + self.record.slippage, "costs")

    @property
    def units(self) -> pd.DataFrame:
        """Units of each ticker held after each bar's fills."""
        return pd.DataFrame(self.record.units, index=self.dates, columns=list(self.market.tickers))

    @property
    def values(self) -> pd.DataFrame:
        """Value of each ticker's holding at each close, in money."""
        return self.units * self.closes

    @cached_property
    def fills(self) -> pd.DataFrame:
        """Every fill, and every order refused or dropped (units 0), with its reason.

        Columns: date, ticker, units (negative: sold), price (the open moved by slippage), cost (commission paid, in money), reason,
        slippage (units times the distance of price and open, in money; already inside the price).
        """
        fills = self.record.fills
        dates = self.dates[np.array([fill.bar for fill in fills], dtype=int)]
        columns: dict[str, object] = {"date": dates, "ticker": [self.market.tickers[fill.instrument] for fill in fills]}
        for name in ("units", "price", "cost", "reason", "slippage"):
            columns[name] = [getattr(fill, name) for fill in fills]
        return pd.DataFrame(columns).astype({"units": float, "price": float, "cost": float, "slippage": float})

    @property
    def profit(self) -> pd.Series:
        """Profit of each ticker, borrow and costs taken off, in money; with interest they sum to final equity less all money put in."""
        gains = self.record.gains(self.opens, self.closes).sum(axis=0) - self.record.borrow.sum(axis=0)
        for fill in self.record.fills:
            gains[fill.instrument] -= fill.cost + fill.slippage
        return pd.Series(gains, index=list(self.market.tickers), name="profit")

    @cached_property
    def benchmark(self) -> Result:
        """The metal, bought with the same cash flows in the same account: the benchmark of every comparison."""
        from orebody.backtesting.benchmark import hold

        return hold("metal", self.market, self.account, self.opening)

    def to_frame(self) -> pd.DataFrame:
        """Return the run by date, a column for each fact, as plain numbers for a spreadsheet or another program.

        Columns, all in money but for the second and the units:

        - ``equity``, ``returns`` (of the bar, time-weighted, a fraction), ``flows``, ``cash``, ``interest``: the properties of these names
        - ``borrow``: paid for shorts, all tickers together
        - ``commission``, ``slippage``, and ``costs``, their sum
        - ``units_<TICKER>`` and ``value_<TICKER>`` for each ticker: held after the bar's fills, and its value at the close

        On each bar ``equity`` is ``cash`` plus the values.
        """
        record = self.record
        columns: dict[str, object] = {name: getattr(self, name) for name in ("equity", "returns", "flows", "cash", "interest")}
        columns |= {"borrow": record.borrow.sum(axis=1), "commission": record.commission, "slippage": record.slippage, "costs": self.costs}
        for what, table in (("units", self.units), ("value", self.values)):
            columns |= {f"{what}_{ticker}": table[ticker] for ticker in self.market.tickers}
        return pd.DataFrame(columns, index=self.dates).rename_axis(index="date")

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write `to_frame` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.to_frame(), path, self.market, overwrite=overwrite)

    def metrics(self) -> Metrics:
        """Return every figure of the run; see `orebody.metrics`."""
        from orebody.metrics import measure

        return measure(self)

    def tearsheet(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the quantstats tearsheet, the metal with the same cash flows as benchmark, and return its path.

        An earlier file is replaced if orebody wrote it and nobody changed it since; with `overwrite` any is.
        """
        from orebody.report.tearsheet.document import write

        return write(self, path, overwrite=overwrite)

    def _series(self, values: np.ndarray, name: str) -> pd.Series:
        return pd.Series(values, index=self.dates, name=name)
