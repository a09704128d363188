"""Regenerate docs/facts.md: published figures about gold and its miners beside ours.

    python benchmarks/facts.py prices/

`prices/` holds GLD.csv, GDX.csv, GDXJ.csv and SLV.csv from 2006-05-22 (GDXJ from 2009-11-11) to 2026-05-01, with a column ``Adj Close``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import orebody as ob
from orebody.indicators import drawdown_from_high
from orebody.metrics import drawdowns, yearly_returns
from orebody.research.gearing.periods import returns_of
from orebody.roles import log_ratio
from orebody.sources.sample import YEAR_RETURNS
from orebody.strategies import BuyAndHold, DollarCostAverage

PAGE = Path(__file__).parents[1] / "docs" / "facts.md"
FIRST, LAST = "2006-05-22", "2026-05-01"
MONTHS = 12
OPENING = """# Facts that prices decide

What has been published about gold and its miners, beside what this library makes of prices today. A fact that does not hold is shown
as failing. GLD and GDX, adjusted for distributions; `market` is the two over the period of the row. The page is made by
`python benchmarks/facts.py FOLDER`, and wherever the prices are, tests hold it to them.

| fact | source | period | published | ours | holds | how | why it differs |
|---|---|---|---|---|---|---|---|
"""
CLOSING = """
Read it with care:

- A row holds up to the last digit published, or within what it says. Prices adjusted for distributions change a little with every
  distribution that follows, so that nobody gets the weekly mean of 2016 today.
- "Own, earlier" was computed apart from this library, from the same prices. A dash: nobody has published it.
- Betas of simple and of log returns differ in the second digit; `returns=` says which. The rolling range above is of simple ones; of log
  returns it goes from {log_low:.2f} to {log_high:.2f}.
- That slope and capture disagree about rises and falls is a mistake in neither: the first is the slope among the metal's rises, the second
  an average, which contains what the miners lost whatever gold did.
- Windows that overlap are not independent: 147 starts in thirteen years are some twelve years to average over, not 147 trials.
- Chan's pair of GLD and GDX, and how it failed later, is in [strategies.md](strategies.md).

On the command line most of it is

```sh
orebody gearing --metal GLD --miners GDX --source prices/ --start 2006-05-22 --frequency week --returns simple --html gearing.html
```
"""


@dataclass(frozen=True)
class Fact:
    """A published figure and ours; it holds when each of ours is within `within` of the published one, or, with `above`, above it.

    `said` is what was published where that is no figure.
    """

    what: str
    source: str
    period: str
    published: tuple[float, ...]
    ours: tuple[float, ...]
    within: float | tuple[float, ...]
    form: str
    how: str
    why: str = ""
    above: bool = False
    said: str = ""

    @property
    def holds(self) -> bool | None:
        """None where nothing was published."""
        if not self.published:
            return None
        if self.above:
            return all(ours > one for one, ours in zip(self.published, self.ours, strict=True))
        bounds = self.within if isinstance(self.within, tuple) else (self.within,) * len(self.ours)
        return all(abs(one - ours) <= bound for one, ours, bound in zip(self.published, self.ours, bounds, strict=True))

    @property
    def row(self) -> str:
        published, ours = (" / ".join(self.form.format(value) for value in values) or "–" for values in (self.published, self.ours))
        verdict = {True: "yes", False: "**no**", None: "–"}[self.holds]
        cells = (
            self.what,
            self.source,
            self.period,
            self.said or published,
            ours,
            verdict,
            f"`{self.how}`",
            self.why,
        )
        return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page, and print it."""
    text = page(Path(sys.argv[1]))
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def page(folder: Path) -> str:
    """Return the page."""
    rolled = ob.gearing(gold(folder)).rolling["GDX", "all"].loc[:"2019-12-31"]  # type: ignore[misc]
    rows = "\n".join(fact.row for fact in facts(folder))
    return OPENING + rows + "\n" + CLOSING.format(log_low=rolled.min(), log_high=rolled.max())


def facts(folder: Path) -> list[Fact]:
    """Return all facts, computed from the prices in a folder."""
    parts: tuple[Callable[[Path], list[Fact]], ...] = (weekly, gearing, averaging, falls, years)
    return [fact for part in parts for fact in part(folder)]


def gold(folder: Path, end: str = LAST) -> ob.Market:
    """Return GLD with GDX."""
    return ob.load_market(ob.Universe("gold", metal="GLD", miners=("GDX",)), source=folder, start=FIRST, end=end)


def closes(folder: Path, ticker: str) -> pd.Series:
    """Return adjusted closes of one ticker."""
    start = "2009-11-11" if ticker == "GDXJ" else FIRST
    market = ob.load_market(
        ob.Universe("one", metal=ticker, miners=("GLD" if ticker != "GLD" else "GDX",)), source=folder, start=start, end=LAST
    )
    return pd.Series(market.close[:, 0], index=market.dates)


def weekly(folder: Path) -> list[Fact]:
    """CXO Advisory's figures from weekly returns."""
    market = gold(folder, "2016-05-31")
    returns = returns_of(market, "week", "simple")
    both = np.column_stack((returns.metal, returns.miners[:, 0]))
    row = ob.gearing(market, frequency="week", returns="simple").table.loc["GDX"]
    early = ob.gearing(gold(folder, "2015-09-30"), frequency="week", returns="simple").table.loc["GDX"]
    ratio = log_ratio(market)[np.append(returns.before[:1], returns.bars)]
    change = ratio[13:] - ratio[:-13]
    past, after = change[:-13], change[13:]
    apart = len(past) // 13  # windows that do not overlap
    period, source = "2006-05 to 2016-05", "CXO Advisory"
    how = 'returns_of(market, "week", "simple")'
    vintage = "weeks from close of Friday to close of Friday; prices adjusted for later distributions since; within 0.03"
    return [
        Fact(
            "weekly mean return of GLD / GDX, %", source, period, (0.17, 0.08), pair(100 * both.mean(axis=0)), 0.03, "{:.2f}", how, vintage
        ),
        Fact(
            "weekly standard deviation of GLD / GDX, %",
            source,
            period,
            (2.62, 5.55),
            pair(100 * both.std(axis=0, ddof=1)),
            0.05,
            "{:.2f}",
            how,
            "the same; within 0.05",
        ),
        Fact(
            "correlation of weekly returns",
            source,
            period,
            (0.80,),
            (float(row["correlation"]),),
            0.005,
            "{:.2f}",
            'ob.gearing(market, frequency="week", returns="simple").table',
        ),
        Fact(
            "weekly beta of GDX on GLD / R², %",
            source,
            "2006-05 to 2015-09",
            (1.62, 64.0),
            (float(early["beta"]), 100 * float(early["r2"])),
            (0.005, 0.5),
            "{:.3g}",
            'ob.gearing(market, frequency="week", returns="simple").table',
            "",
        ),
        Fact(
            "correlation of the ratio's change over 13 weeks with that over the next 13",
            source,
            period,
            (0.0,),
            (float(np.corrcoef(past, after)[0, 1]),),
            1.96 / apart**0.5,
            "{:.2f}",
            "log_ratio(market) at each week's last bar",
            f"a little reversion, no more than chance: within {1.96 / apart**0.5:.2f}, 95 % for the {apart} windows that do not overlap",
            said="no reversion",
        ),
    ]


def gearing(folder: Path) -> list[Fact]:
    """Beta, its range, and rises against falls."""
    market = gold(folder)
    daily, simple = ob.gearing(market), ob.gearing(market, returns="simple")
    row = daily.table.loc["GDX"]
    rolled = simple.rolling["GDX", "all"].loc[:"2019-12-31"]  # type: ignore[misc]
    risk = pair(100 * 252**0.5 * np.diff(np.log(market.close), axis=0).std(axis=0, ddof=1))
    states = daily.regimes[daily.regimes["regime"] == "metal and its 200-bar mean"].set_index("state")["beta"]
    sides = pair(row[["up_beta", "down_beta"]].to_numpy()), pair(100 * row[["up_capture", "down_capture"]].to_numpy())
    period, how = "2006-05 to 2026-05", "ob.gearing(market).table"
    house = "own, earlier"
    return [
        Fact("annual volatility of log returns of GLD / GDX, %", house, period, (18.2, 41.2), risk, 0.05, "{:.1f}", "market.close"),
        Fact(
            "daily correlation / beta", house, period, (0.76, 1.72), (float(row["correlation"]), float(row["beta"])), 0.005, "{:.2f}", how
        ),
        Fact(
            "rolling one-year beta of GDX, lowest / highest",
            house,
            "2006 to 2019",
            (1.11, 2.80),
            (float(rolled.min()), float(rolled.max())),
            0.005,
            "{:.2f}",
            'ob.gearing(market, returns="simple").rolling',
        ),
        Fact(
            "a miner moves about 2 % for 1 % of gold",
            "Tufano (1998), single producers 1990-1994",
            period,
            (2.0,),
            (float(row["beta"]),),
            0.5,
            "{:.2f}",
            how,
            "a basket, and other years; within 0.5",
        ),
        Fact(
            "exposure falls as gold rises: beta below gold's 200-bar mean less beta above it",
            "Tufano (1998)",
            period,
            (0.0,),
            (float(states["below"] - states["above"]),),
            0.0,
            "{:.2f}",
            "ob.gearing(market).regimes",
            f"{states['below']:.2f} below, {states['above']:.2f} above; his is across prices, hedging and years",
            above=True,
            said="falls",
        ),
        Fact("up-beta / down-beta", "–", period, (), sides[0], 0.0, "{:.2f}", how, "the slope favours rises"),
        Fact(
            "up-capture / down-capture, %",
            "–",
            period,
            (),
            sides[1],
            0.0,
            "{:.0f}",
            how,
            "capture favours falls: they disagree",
        ),
    ]


def averaging(folder: Path) -> list[Fact]:
    """Lump sum against twelve monthly parts, by running both strategies on every window."""
    source = "Vanguard (2012): stocks and bonds, about two thirds"
    ends, begins = (lump_wins(folder, at) for at in ("last", "first"))
    shares = [tuple(100 * wins / count for wins, count in by_fund) for by_fund in (ends, begins)]
    count = ends[0][1]
    why = (
        f"{count} monthly starts at month-end, valued 12 months on, idle cash at 0 %; from each month's first bar "
        f"{shares[1][0]:.1f} / {shares[1][1]:.1f}. Within 5"
    )
    how = "ob.backtest(DollarCostAverage(), …) against BuyAndHold"
    return [
        Fact(
            "lump sum beats 12-month averaging, GLD, % of starts",
            source,
            "2006-05 to 2019-07",
            (66.7,),
            shares[0][:1],
            5.0,
            "{:.1f}",
            how,
            why,
        ),
        Fact(
            "the same, GDX",
            source,
            "2006-05 to 2019-07",
            (66.7,),
            shares[0][1:],
            5.0,
            "{:.1f}",
            how,
            "the same starts: what falls by 80 % was better bought late",
        ),
    ]


def lump_wins(folder: Path, at: str) -> list[tuple[int, int]]:
    """Return for GLD and for GDX in how many windows the lump sum ended ahead, and of how many.

    The market has a bar a month, that of its first or last session, and orders fill at its close. Nothing trades on the bar on which an
    account opens, so that a window needs the month before; the first window gets one whose prices nothing uses.
    """
    market = gold(folder, "2019-07-31")
    months = pd.DataFrame(market.close, index=market.dates, columns=["GLD", "GDX"])
    table = getattr(months.groupby(market.dates.to_period("M")), at)()
    table.loc[table.index[0] - 1] = table.iloc[0]
    table = table.sort_index()
    table.index = table.index.to_timestamp()
    account = ob.Account(cash=1_000.0, costs=ob.Costs(slippage=0.0))
    wins = []
    for ticker in ("GLD", "GDX"):
        frames = {name: pd.DataFrame({"Close": table[fund]}) for name, fund in (("HELD", ticker), ("OTHER", "GLD"))}
        monthly = ob.Market.from_frames(frames, fill="close")
        ended = []
        for start in range(len(table) - 1 - MONTHS):
            window = monthly.cut(start + MONTHS + 2)  # the month before, twelve in which parts go in, and the one that values them
            both = (BuyAndHold(split={"metal": 1.0}), DollarCostAverage(installments=MONTHS, split={"metal": 1.0}))
            lump, parts = (ob.backtest(one, window, account, engine="compiled", start=start, check=False) for one in both)
            ended.append(lump.equity.iloc[-1] > parts.equity.iloc[-1])
        wins.append((int(sum(ended)), len(ended)))
    return wins


def falls(folder: Path) -> list[Fact]:
    """Maximum drawdowns, one session, and how deep gold stands below its high."""
    deepest = {ticker: drawdowns(closes(folder, ticker).pct_change().fillna(0.0)).iloc[0] for ticker in ("GDX", "GDXJ")}
    fall = deepest["GDX"]
    day = [100 * float(closes(folder, ticker).pct_change().loc["2026-01-30"]) for ticker in ("GLD", "SLV", "GDX")]
    depth = drawdown_from_high(closes(folder, "GLD").to_numpy(), 252)
    rare = 100 * float((depth[np.isfinite(depth)] >= 0.3).mean())
    dates = f"{fall['peak'].date()} to {fall['trough'].date()}"
    how = "orebody.metrics.drawdowns(returns)"
    return [
        Fact("maximum drawdown of GDX, %", "PortfoliosLab", dates, (-80.57,), (100 * fall["depth"],), 0.01, "{:.2f}", how),
        Fact(
            "maximum drawdown of GDXJ, %",
            "PortfoliosLab",
            "2009-11 to 2026-05",
            (-88.66,),
            (100 * deepest["GDXJ"]["depth"],),
            0.01,
            "{:.2f}",
            how,
        ),
        Fact(
            "GLD / SLV / GDX in one session, %",
            "the exchange's closes",
            "2026-01-30",
            (-10.3, -28.5, -12.8),
            tuple(day),
            0.05,
            "{:.1f}",
            "market.close",
        ),
        Fact(
            "days on which GLD stood 30 % below its 252-day high, %",
            "own, earlier",
            "2006-05 to 2026-05",
            (0.2,),
            (rare,),
            0.05,
            "{:.1f}",
            "drawdown_from_high(closes, 252)",
        ),
    ]


def years(folder: Path) -> list[Fact]:
    """Calendar years as the funds publish them."""
    ours = {name: 100 * yearly_returns(closes(folder, name).pct_change().fillna(0.0))["return"] for name in ("GLD", "GDX")}
    published = {"GLD": YEAR_RETURNS["SIM-GOLD"], "GDX": YEAR_RETURNS["SIM-MINERS"]}
    off = [max(abs(ours[name][year] - figure) for year, figure in published[name].items()) for name in ours]
    how, source = "orebody.metrics.yearly_returns(returns)", "the funds' own"
    return [
        Fact(
            "GDX in 2013 / 2025, %",
            source,
            "calendar years",
            (-54.02, 154.77),
            tuple(ours["GDX"][[2013, 2025]]),
            0.05,
            "{:.2f}",
            how,
            "market price here; within 0.05",
        ),
        Fact(
            "19 calendar years of GLD / GDX, largest difference, points",
            source,
            "2007 to 2025",
            (0.0, 0.0),
            pair(np.array(off)),
            0.05,
            "{:.2f}",
            how,
            "within 0.05",
            said="each year",
        ),
    ]


def pair(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


if __name__ == "__main__":
    main()
