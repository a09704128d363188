"""How long 20 tickers of 20 years take from the cache, beside the same from CSV files; both go through the door.

The bars are the embedded sample's, over and over, with a distribution each quarter, in 32-bit floats as providers serve them. The cache
is measured with one download, and after a year of daily ones.

    python benchmarks/cache.py
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from timing import medians

from orebody.market import validation
from orebody.sources import csv
from orebody.sources.adjustment import adjust, factors
from orebody.sources.cache.store import Cache
from orebody.sources.quotes import Quotes
from orebody.sources.sample import sample

TICKERS, YEARS, TURNS = 20, 20, 7
NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def quotes(ticker: str, frame: pd.DataFrame) -> Quotes:
    """Return a sample's bars as a provider would serve 20 years of them."""
    frames = [frame] * (1 + YEARS * 252 // len(frame))
    bars = pd.concat(frames).iloc[-YEARS * 252 :].astype(np.float32).astype(float)
    bars.index = pd.bdate_range(end="2026-01-02", periods=len(bars), name="Date")
    paid = np.where(np.arange(len(bars)) % 63 == 40, np.round(bars["Close"].to_numpy() * 0.004, 3), 0.0)
    adjust = factors(bars["Close"], pd.Series(paid, index=bars.index))
    volume = np.random.default_rng(1).integers(100_000, 90_000_000, len(bars)).astype(float)
    close = (bars["Close"] * adjust).astype(np.float32).astype(float)
    return Quotes(ticker, bars.assign(**{"Adj Close": close, "Volume": volume, "Dividends": paid, "Stock Splits": 0.0}), "USD", "PCX")


def daily(cache: Cache, all_of_it: Quotes, clock: list[dt.datetime]) -> None:
    """Refresh a ticker on each of its last 250 sessions."""
    for end in range(-250, 0):
        clock[0] = all_of_it.bars.index[end].to_pydatetime().replace(tzinfo=dt.UTC) + dt.timedelta(hours=22)
        known = all_of_it.bars.iloc[: end + 1 or None]
        known = known.assign(
            **{"Adj Close": (known["Close"] * factors(known["Close"], known["Dividends"])).astype(np.float32).astype(float)}
        )

        def fetch(ticker: str, *, since: dt.date | None = None, known: pd.DataFrame = known) -> Quotes:
            return Quotes(ticker, known if since is None else known.loc[pd.Timestamp(since) :], "USD", "PCX")

        cache.refresh(all_of_it.ticker, fetch, max_age=dt.timedelta(0))


def main() -> None:
    frame = sample().frames["SIM-MINERS"]
    every = [quotes(f"T{number}", frame) for number in range(TICKERS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once, used = Cache(folder / "once"), Cache(folder / "used", clock=lambda: clock[0])
        clock = [NOW]
        for one in every:
            one.bars.drop(columns=["Dividends", "Stock Splits"]).to_csv(folder / f"{one.ticker}.csv")
            once.refresh(one.ticker, lambda ticker, *, since=None, one=one: one)
        daily(used, every[0], clock)
        for one in every[1:]:
            (folder / "used" / one.ticker).symlink_to(folder / "used" / "T0")

        def from_csv() -> None:
            for one in every:
                validation.validate_table(csv.read(folder / f"{one.ticker}.csv"), one.ticker)

        def from_cache() -> None:
            for one in every:
                validation.validate_table(adjust(once.load(one.ticker).quotes.bars), one.ticker)

        def after_a_year() -> None:
            for _ in every:
                validation.validate_table(adjust(used.load("T0").quotes.bars), "T0")

        plain, cached, worn = medians(TURNS, from_csv, from_cache, after_a_year)
        sizes = [(folder / kind / "T0" / "quotes.parquet").stat().st_size for kind in ("once", "used")]
        print(f"{TICKERS} tickers x {len(every[0].bars):,} bars, loaded, adjusted and checked at the door:")
        print(f"CSV files                         {1e3 * plain:7.1f} ms, {(folder / 'T0.csv').stat().st_size / 1e3:5.0f} kB each")
        print(
            f"cache, one download               {1e3 * cached:7.1f} ms, {sizes[0] / 1e3:5.0f} kB each: 1/{plain / cached:.1f} (bound 1/5)"
        )
        print(f"cache, after 250 daily downloads  {1e3 * worn:7.1f} ms, {sizes[1] / 1e3:5.0f} kB each: 1/{plain / worn:.1f} (bound 1/5)")


if __name__ == "__main__":
    main()
