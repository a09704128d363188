"""Gold above 5,000, the session that ended it, and how seldom gold stands far below its high."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from orebody.indicators import drawdown_from_high
from replications.figure import Above, Figure, Near
from replications.prices import FIRST, closes
from replications.study import Study

__all__ = ["STUDY"]

DAY = "2026-01-30"


def figures(folder: Path) -> list[Figure]:
    future = pd.read_csv(folder / "daily" / "GC_F.csv", index_col="Date", parse_dates=True)["Close"]
    high = future.loc["2026-01-26":"2026-01-29"]  # type: ignore[misc]
    session = tuple(100 * float(closes(folder, ticker).pct_change().loc[DAY]) for ticker in ("GLD", "SLV", "GDX"))
    depth = drawdown_from_high(closes(folder, "GLD").loc[FIRST:].to_numpy(), 252)
    rare = 100 * float((depth[np.isfinite(depth)] >= 0.3).mean())
    return [
        Figure(
            "lowest close of the front future from 26 to 29 January 2026, USD/oz",
            Above((5000.0,)),
            (float(high.min()),),
            "{:,.0f}",
            how="closes of the file",
            said="above 5,000",
            why=f"{len(high)} sessions",
        ),
        Figure("GLD / SLV / GDX on 30 January 2026, %", Near((-10.3, -28.5, -12.8), 0.05), session, "{:.1f}", "market.close"),
        Figure(
            "days on which GLD stood 30 % below its 252-day high, %",
            Near((0.2,), 0.05),
            (rare,),
            "{:.1f}",
            "drawdown_from_high(closes, 252)",
        ),
    ]


STUDY = Study(
    name="january_2026",
    title="January 2026",
    source="A market article of 28 January 2026; the exchange's closes; the last figure computed for this project's design, apart from "
    "this library",
    claim="Gold stood above 5,000 dollars for four sessions; on the next GLD lost 10.3 %, SLV 28.5 % and GDX 12.8 %. Falls of 30 % "
    "from a year's high are so rare in gold that rungs fixed in per cent of price never fire.",
    period="2006-05 to 2026-05",
    prices="GLD, SLV and GDX, adjusted closes; the front future of gold",
    why="""Nothing differs. The session is in the prices that pass the door: a filter that takes it for a false print would delete the
event that an account must survive. That 0.2 % of days is why `buy-weakness` has rungs in units of volatility.""",
    figures=figures,
)
