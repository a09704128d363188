"""What the loopback Yahoo serves: one ticker's history, as Yahoo would hold it, and the ways in which Yahoo changes a history later."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from orebody.sources.sample import sample

PRICES = ("Open", "High", "Low", "Close")


@dataclass
class Series:
    """One ticker as Yahoo holds it: raw prices, split-adjusted; actions by date; what the metadata says.

    `sessions` are local days without a zone. Adjusted closes are worked out from the dividends when they are served, unless
    `adjusted` gives them. `open_at` and `close_at` are local times of the exchange.
    """

    bars: pd.DataFrame
    dividends: dict[str, float] = field(default_factory=dict)
    splits: dict[str, tuple[int, int]] = field(default_factory=dict)
    gains: dict[str, float] = field(default_factory=dict)
    adjusted: pd.Series | None = None
    dividend_currency: str = ""
    currency: str | None = "USD"
    exchange: str = "PCX"
    zone: str = "America/New_York"
    kind: str = "ETF"
    name: str = "A fund of the sample"
    open_at: str = "09:30"
    close_at: str = "16:00"

    def moment(self, day: object, at: str) -> int:
        """Return the Unix time of a local time of day."""
        hour, minute = map(int, at.split(":"))
        when = pd.Timestamp(day)  # type: ignore[arg-type]
        return int(dt.datetime(when.year, when.month, when.day, hour, minute, tzinfo=ZoneInfo(self.zone)).timestamp())

    def adjusted_closes(self) -> np.ndarray:
        """Return closes times the product of 1 - D / C(t-1) over all later ex-dates: a plain loop, on purpose."""
        if self.adjusted is not None:
            return self.adjusted.reindex(self.bars.index).to_numpy(dtype=float)
        close = self.bars["Close"].to_numpy(dtype=float)
        paid = np.zeros(len(close))
        for days in (self.dividends, self.gains):
            for day, amount in days.items():
                at = int(self.bars.index.searchsorted(pd.Timestamp(day)))
                if at < len(paid):
                    paid[at] += amount
        out, factor, after = np.empty(len(close)), 1.0, 0
        for at in range(len(close) - 1, -1, -1):
            out[at] = close[at] * factor
            after = at - 1
            if paid[at] and after >= 0:
                factor *= 1 - paid[at] / close[after]
        return out

    # ---- how a history changes behind a user's back ----

    def with_dividend(self, day: str, amount: float) -> Series:
        """Return it with one more dividend: every Adj Close before `day` changes (a late re-adjustment)."""
        return replace(self, dividends={**self.dividends, day: amount}, adjusted=None)

    def resplit(self, day: str, new: int = 2, old: int = 1) -> Series:
        """Return it after a split on `day`: all prices and dividends before it are divided by new / old, and a split appears."""
        ratio = new / old
        bars = self.bars.copy()
        before = bars.index < pd.Timestamp(day)
        bars.loc[before, list(PRICES)] /= ratio
        bars.loc[before, "Volume"] *= ratio
        paid = {at: amount / (ratio if at < day else 1) for at, amount in self.dividends.items()}
        return replace(self, bars=bars, dividends=paid, splits={**self.splits, day: (new, old)}, adjusted=None)

    def until(self, day: str) -> Series:
        """Return it as it was at the end of `day`: no later bars or actions."""
        kept = {name: {at: value for at, value in getattr(self, name).items() if at <= day} for name in ("dividends", "splits", "gains")}
        return replace(self, bars=self.bars[: pd.Timestamp(day)], **kept)


def bars(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a sample's or a file's table as bars with a volume."""
    out = frame.reindex(columns=[*PRICES, "Volume"]).astype(float)
    out["Volume"] = out["Volume"].fillna(100_000)
    return out


def flat(values: pd.Series) -> pd.DataFrame:
    """Return bars whose four prices are one series' values, without volume."""
    return pd.DataFrame({**{name: values.astype(float) for name in PRICES}, "Volume": 0.0}).dropna()


def simulated() -> dict[str, Series]:
    """Return the sample under its own names and, for those who need the real ones, under a few of Yahoo's; nothing of it is real.

    ``GLD``, ``GDX`` (a dividend each December), ``GDXJ``, ``NEM`` (a dividend each quarter), ``FRES.L`` in pence, ``NST.AX``,
    the exchange rates, the bill, and a gauge for each that orebody takes from Yahoo.
    """
    data = sample()
    made = {ticker: Series(bars(frame), name=f"{ticker} (simulated)") for ticker, frame in data.frames.items()}
    gold, miners = made["SIM-GOLD"], made["SIM-MINERS"]
    days = miners.bars.index
    rated = days.union([days[0] - pd.offsets.BDay(1)])  # exchange rates of the day before are needed
    december = {_iso(days[days.year == year][-8]): 1.0 for year in range(2008, 2026)}
    quarters = {_iso(day): 0.25 for day in days[100::63]}
    london = {"zone": "Europe/London", "open_at": "08:00", "close_at": "16:30", "exchange": "LSE", "currency": "GBp", "kind": "EQUITY"}
    sydney = {"zone": "Australia/Sydney", "open_at": "10:00", "close_at": "16:00", "exchange": "ASX", "currency": "AUD", "kind": "EQUITY"}
    future = {"kind": "FUTURE", "exchange": "CMX", "open_at": "00:00", "close_at": "23:59"}
    index = {"kind": "INDEX", "exchange": "CGI"}
    rate = {"kind": "CURRENCY", "exchange": "CCY", "zone": "Europe/London", "open_at": "00:00", "close_at": "23:59"}
    made |= {
        "GLD": replace(gold, name="A gold fund (simulated)"),
        "GDX": replace(miners, dividends=december, name="A fund of miners (simulated)"),
        "GDXJ": replace(made["SIM-JUNIORS"], name="A fund of juniors (simulated)"),
        "NEM": replace(made["SIM-SENIOR"], dividends=quarters, kind="EQUITY", exchange="NYQ", name="A senior (simulated)"),
        "FRES.L": replace(made["SIM-LOWCOST"], name="A London producer (simulated)", **london),
        "NST.AX": replace(made["SIM-MIDTIER"], name="An Australian producer (simulated)", **sydney),
        "GBPUSD=X": Series(flat(1.30 + 0.1 * np.sin(pd.Series(np.arange(len(rated)) / 200, index=rated))), name="GBP/USD", **rate),
        "AUDUSD=X": Series(flat(0.75 + 0.1 * np.cos(pd.Series(np.arange(len(rated)) / 300, index=rated))), name="AUD/USD", **rate),
    }
    policy = data.cash_rate.reindex(days.union(data.cash_rate.index)).ffill().reindex(days)
    made["^IRX"] = Series(flat(100 * 360 * policy / (365 + 91 * policy)), name="13 week bill (simulated)", **index)
    for ticker, gauge in {"^VIX": "vix", "^TNX": "yield", "DX-Y.NYB": "dollar"}.items():
        made[ticker] = Series(flat(data.gauges[gauge]), name=f"{gauge} (simulated)", **index)
    for ticker, gauge in {"GC=F": "spot", "HG=F": "copper", "TIO=F": "iron_ore"}.items():
        made[ticker] = Series(flat(data.gauges[gauge]), name=f"{gauge} (simulated)", **future)
    return made


def real() -> dict[str, Series]:
    """Return the funds with raw and adjusted prices in the folder that ``OREBODY_DATA`` names, with distributions; empty without it."""
    folder = Path(os.environ.get("OREBODY_DATA", ""))
    if not os.environ.get("OREBODY_DATA") or not (folder / "dividends.csv").is_file():
        return {}
    paid = pd.read_csv(folder / "dividends.csv")
    found = {}
    for ticker in ("GLD", "SLV", "IAU", "GDX", "GDXJ", "COPX", "LIT", "SPY", "TLT", "IEF", "BIL"):
        table = pd.read_csv(folder / "daily" / f"{ticker}.csv", index_col="Date", parse_dates=["Date"])
        mine = paid[paid["Ticker"] == ticker]
        adjusted = table["Adj Close"] if "Adj Close" in table else table["Close"]
        dividends = dict(zip(mine["Date"], mine["Dividend"].astype(float), strict=True))
        found[ticker] = Series(bars(table), dividends=dividends, adjusted=adjusted.astype(float), name=ticker)
    return found


def _iso(day: pd.Timestamp) -> str:
    return str(day.date())
