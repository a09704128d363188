"""Lump sum against averaging in over twelve months, by running both strategies on every window."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import orebody as ob
from orebody.strategies import BuyAndHold, DollarCostAverage
from replications.figure import Figure, Near
from replications.prices import gold
from replications.study import Study

__all__ = ["STUDY", "lump_wins"]

MONTHS = 12


def figures(folder: Path) -> list[Figure]:
    ends, begins = (lump_wins(folder, at) for at in ("last", "first"))
    how = "ob.backtest(DollarCostAverage(installments=12), …) against BuyAndHold"
    found = [
        Figure(
            f"lump sum ahead with {fund}, % of {count} starts at a month's end",
            Near((66.7,), 5.0),
            (100 * wins / count,),
            "{:.1f}",
            how,
            "5: about two thirds, and 147 overlapping starts, cannot be told apart more finely" if fund == "GLD" else "the same",
            "about two thirds",
        )
        for fund, (wins, count) in zip(("GLD", "GDX"), ends, strict=True)
    ]
    return [
        *found,
        Figure(
            "the same from each month's first session, GLD / GDX, %",
            None,
            tuple(100 * wins / count for wins, count in begins),
            "{:.1f}",
            how,
            "a few days move the count, not the finding",
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
            lump, parts = (ob.backtest(one, window, account, engine="compiled", start=start, check_lookahead=False) for one in both)
            ended.append(lump.equity.iloc[-1] > parts.equity.iloc[-1])
        wins.append((int(sum(ended)), len(ended)))
    return wins


STUDY = Study(
    name="lump_sum",
    title="Lump sum or averaging in",
    source='A. Shtekhman, C. Tasopoulos, B. Wimmer (Vanguard, 2012), "Dollar-cost averaging just means taking risk later"; its summary',
    claim="Put in at once, money ended ahead of the same money put in over twelve months about two thirds of the time, in portfolios "
    "of stocks and bonds in three countries, because stocks and bonds returned more than cash.",
    period="1926 to 2011 (United States)",
    prices="GLD and GDX, adjusted closes, 2006-05 to 2019-07: monthly starts, valued twelve months on, idle cash at 0 %",
    why="""They value after ten years and we after twelve months, which decides alike: once all money is in, both hold the same. Their
markets beat cash in most years. Gold rose in somewhat more than half of these windows and its miners, which fell by 80 % in the
middle of them, in fewer than half: what falls was better bought late. It is the premium that decides, not the method. The
windows overlap: 147 starts in thirteen years are some twelve years to average over, not 147 trials, and another thirteen years
can say something else.""",
    figures=figures,
)
